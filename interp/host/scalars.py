"""Numbers: integers of all widths, floats, truth values, durations.

A narrow integer travels as an i32: of a parameter the low bits count, as in C, and a result is
extended by its sign.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import timedelta
from operator import index
from typing import Annotated, Any, TypeAlias

from watloom.interp.core import types
from watloom.interp.core.errors import HostValueError
from watloom.interp.core.numerics.bits import f32_round
from watloom.interp.core.types import NumType
from watloom.interp.host.codec import Codec, Writer
from watloom.interp.runtime.convert import to_wasm
from watloom.interp.runtime.memory import Memory

__all__ = [
    "BOOL", "DURATION", "F32", "F64", "FLOATS", "I8", "I16", "I32", "I64", "INTEGERS", "U8", "U16",
    "U32", "U64", "Bool", "Duration",
]  # fmt: skip


#: What CPython has in one digit.
_SMALL = 0x3FFF_FFFF


class _Scalar(Codec):
    """What fits in one slot, and in memory as `struct` has it."""

    def __init__(self, name: str, slot: NumType, char: str, python: str = "int") -> None:
        super().__init__(name)
        self.slots = (slot,)
        self.char = char
        self.python = python
        self.packer = struct.Struct("<" + char)
        self.size = self.align = self.packer.size

    def load(self, memory: Memory, address: int) -> Any:
        return self.packer.unpack_from(memory.data, address)[0]

    def store(self, memory: Memory, address: int, value: Any) -> None:
        self.packer.pack_into(memory.data, address, self.fit(value, "a value in memory"))

    def fit(self, value: Any, what: str) -> Any:
        """The value as plain number in range. Raises HostValueError."""
        raise NotImplementedError

    def dtype(self) -> Any:
        import numpy

        return numpy.dtype("<" + self.char)

    @property
    def has_dtype(self) -> bool:
        return True

    def give(self, room: Any, value: Any) -> list[Any]:
        return [to_wasm(self.fit(value, "the argument"), self.slots[0])]


class Integer(_Scalar):
    """An integer of some width."""

    def __init__(self, name: str, char: str) -> None:
        super().__init__(name, types.I64 if char in "qQ" else types.I32, char)
        bits = 8 * self.size
        self.signed = char.islower()
        self.lowest = -(1 << (bits - 1)) if self.signed else 0
        self.highest = (1 << (bits - self.signed)) - 1

    def fit(self, value: Any, what: str) -> int:
        try:
            number = index(value)
        except TypeError:
            raise HostValueError(
                f"{what}: an int is wanted for {self}, not {value!r:.60}"
            ) from None
        if not self.lowest <= number <= self.highest:
            raise HostValueError(
                f"{what}: {number} does not fit in {self}, {self.lowest} to {self.highest}"
            )
        return number

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        (n,), bits = names, 8 * self.size
        if bits < 32:
            low = f"{n} & {(1 << bits) - 1:#x}"
            return f"({low} ^ {1 << (bits - 1):#x}) - {1 << (bits - 1):#x}" if self.signed else low
        if not self.signed:
            return n
        # small ones first: CPython compares them faster
        rest = f"{n} if {n} < {1 << (bits - 1):#x} else {n} - {1 << bits:#x}"
        return f"({n} if {n} <= {_SMALL:#x} else {rest})"

    def encode(self, w: Writer, value: str, what: str) -> tuple[str, ...]:
        w.name("int", int)
        kind, most = f"{value}.__class__ is not _int", min(self.highest, _SMALL)
        w.line(f"if {kind} or not 0 <= {value} <= {most:#x}:")
        w.line(f"    if {kind} or not {self.lowest:#x} <= {value} <= {self.highest:#x}:")
        w.line(f"        {value} = {w.name(f'fit_{self.name}', self.fit)}({value}, {what!r})")
        if self.signed:
            mask = 0xFFFF_FFFF if self.slots == (types.I32,) else 0xFFFF_FFFF_FFFF_FFFF
            w.line(f"    {value} &= {mask:#x}")
        return (value,)


class Float(_Scalar):
    """A float; NaN bits are kept but in memory, where `struct` may quiet a signalling f32."""

    def __init__(self, name: str, char: str) -> None:
        super().__init__(name, types.F64 if char == "d" else types.F32, char, "float")

    def fit(self, value: Any, what: str) -> float:
        try:
            number: float = to_wasm(value, self.slots[0])
        except HostValueError as error:
            raise HostValueError(f"{what}: {error.message}") from None
        return number

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        return names[0]

    def encode(self, w: Writer, value: str, what: str) -> tuple[str, ...]:
        w.name("float", float)
        narrow = "" if self.char == "d" else f" or {value} != {value}"
        w.line(f"if {value}.__class__ is not _float{narrow}:")
        w.line(f"    {value} = {w.name(f'fit_{self.name}', self.fit)}({value}, {what!r})")
        if self.char == "f":
            w.line("else:")
            w.line(f"    {value} = {w.name('f32_round', f32_round)}({value})")
        return (value,)


class Truth(_Scalar):
    """A truth value: 0 is false, all else is true; given back as 0 or 1."""

    def __init__(self) -> None:
        super().__init__("Bool", types.I32, "?", "bool")

    def fit(self, value: Any, what: str) -> bool:
        return bool(value)

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        return f"{names[0]} != 0"

    def encode(self, w: Writer, value: str, what: str) -> tuple[str, ...]:
        return (f"(1 if {value} else 0)",)


class Span(_Scalar):
    """A duration: an i64 of nanoseconds; Python's timedelta rounds them to microseconds."""

    def __init__(self) -> None:
        super().__init__("Duration", types.I64, "q", "timedelta")
        self.char = ""  # struct alone doesn't make a timedelta

    def fit(self, value: Any, what: str) -> int:
        if not isinstance(value, timedelta):
            raise HostValueError(f"{what}: a timedelta is wanted for {self}, not {value!r:.60}")
        number = (value.days * 86_400 + value.seconds) * 10**9 + value.microseconds * 1000
        if not -(1 << 63) <= number < 1 << 63:
            raise HostValueError(f"{what}: {value} does not fit in {self}, 64 bits of nanoseconds")
        return number

    def load(self, memory: Memory, address: int) -> timedelta:
        return _duration(super().load(memory, address))

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        (n,) = names
        signed = f"{n} if {n} < 0x8000000000000000 else {n} - 0x10000000000000000"
        return f"{w.name('duration', _duration)}({signed})"

    def encode(self, w: Writer, value: str, what: str) -> tuple[str, ...]:
        w.line(f"{value} = {w.name('fit_Duration', self.fit)}({value}, {what!r})")
        return (f"{value} & 0xffffffffffffffff",)

    def dtype(self) -> Any:
        import numpy

        return numpy.dtype("<m8[ns]")


def _duration(nanoseconds: int) -> timedelta:
    """Rounded to even, as timedelta does; in integers, since a float has too few bits for it.

    >>> [_duration(n).microseconds for n in (1500, 2500, 9_145_440_000_000_001_000)]
    [2, 2, 1]
    """
    micro, rest = divmod(nanoseconds, 1000)
    return timedelta(microseconds=micro + (rest > 500 or (rest == 500 and micro & 1)))


INTEGERS = {
    name: Integer(name, char)
    for name, char in {"I8": "b", "I16": "h", "I32": "i", "I64": "q",
                       "U8": "B", "U16": "H", "U32": "I", "U64": "Q"}.items()
}  # fmt: skip
FLOATS = {"F32": Float("F32", "f"), "F64": Float("F64", "d")}
BOOL = Truth()
DURATION = Span()

# What users write. A type checker sees the Python type.
I8: TypeAlias = Annotated[int, INTEGERS["I8"]]
I16: TypeAlias = Annotated[int, INTEGERS["I16"]]
I32: TypeAlias = Annotated[int, INTEGERS["I32"]]
I64: TypeAlias = Annotated[int, INTEGERS["I64"]]
U8: TypeAlias = Annotated[int, INTEGERS["U8"]]
U16: TypeAlias = Annotated[int, INTEGERS["U16"]]
U32: TypeAlias = Annotated[int, INTEGERS["U32"]]
U64: TypeAlias = Annotated[int, INTEGERS["U64"]]
F32: TypeAlias = Annotated[float, FLOATS["F32"]]
F64: TypeAlias = Annotated[float, FLOATS["F64"]]
Bool: TypeAlias = Annotated[bool, BOOL]
Duration: TypeAlias = Annotated[timedelta, DURATION]
