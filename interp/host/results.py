"""Results: nothing, one value, several, an errno, or a value and an errno.

    -> None           no result                    -> tuple[I32, F64]   two
    -> Errno          0, or what went wrong        -> I32 | Errno       the value, then the errno

With an Errno, an OSError that the method raises is the guest's errno; without one it passes
through, as every other exception does.
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.errors import HostValueError
from watloom.interp.core.types import I32, NumType, ValType
from watloom.interp.host.codec import Codec, Writer
from watloom.interp.host.errnos import Errno

__all__ = ["Result"]


class Result:
    """What a method gives back: the codecs of its values, and whether an errno follows."""

    def __init__(self, codecs: list[Codec], *, errno: bool = False, several: bool = False) -> None:
        self.codecs = codecs
        self.errno = errno
        self.several = several

    @property
    def slots(self) -> tuple[ValType, ...]:
        """The core types."""
        return sum((codec.slots for codec in self.codecs), ()) + (I32,) * self.errno

    @property
    def name(self) -> str:
        """As it is written in an annotation."""
        inner = ", ".join(map(str, self.codecs))
        shown = f"tuple[{inner}]" if self.several else inner
        return " | ".join([shown] * bool(self.codecs) + ["Errno"] * self.errno) or "None"

    def encode(self, w: Writer, what: str) -> None:
        """Give back the slots of `_result`, as lines of the adapter."""
        if self.errno and self.codecs:
            w.name("Errno", Errno)
            w.line("if _result.__class__ is _Errno:")
            w.line(f"    return {self.failure('_result')}")
        found: list[str] = []
        if not self.codecs:
            if self.errno:
                check = w.name("errno", checked_errno)
                found = [f"(0 if _result is None else {check}(_result, {what!r}))"]
            else:
                w.line("if _result is not None:")
                w.line(f"    {w.name('no_result', no_result)}(_result, {what!r})")
        elif self.several:
            names = [f"_result{i}" for i in range(len(self.codecs))]
            split = w.name("split", split_result)
            w.line(f"{', '.join(names)}{',' * (len(names) == 1)} = "
                   f"{split}(_result, {len(names)}, {what!r})")  # fmt: skip
            for name, codec in zip(names, self.codecs, strict=True):
                found += codec.encode(w, name, what)
        else:
            found += self.codecs[0].encode(w, "_result", what)
        if self.errno and self.codecs:
            found.append("0")
        if found:
            w.line(f"return {', '.join(found)}")

    def refusal(self, errno: int) -> Any:
        """The slots that tell of an errno, as values."""
        zeros = [None if not isinstance(t, NumType) else 0 if t in (NumType.I32, NumType.I64)
                 else 0.0 for codec in self.codecs for t in codec.slots]  # fmt: skip
        return (*zeros, errno) if zeros else errno

    def failure(self, errno: str) -> str:
        """The slots that tell of an errno."""
        zeros = ["0" if t in (NumType.I32, NumType.I64) else "0.0" if isinstance(t, NumType)
                 else "None" for codec in self.codecs for t in codec.slots]  # fmt: skip
        return ", ".join([*zeros, f"_int({errno})" if self.codecs else errno])


def checked_errno(value: Any, what: str) -> int:
    """An errno that a method gave back, as a slot."""
    if not isinstance(value, int) or not 0 <= value < 1 << 16:
        raise HostValueError(f"{what}: an Errno or None is wanted, not {value!r:.60}")
    return int(value)


def no_result(value: Any, what: str) -> None:
    """A method that should give back nothing gave back something."""
    raise HostValueError(f"{what}: there is no result, but it gave back {value!r:.60}")


def split_result(value: Any, count: int, what: str) -> tuple[Any, ...]:
    """The values of a method with several results."""
    if not isinstance(value, tuple) or len(value) != count:
        raise HostValueError(f"{what}: a tuple of {count} values is wanted, not {value!r:.60}")
    return value
