"""Values of any core type, converted as at every other boundary; and users' own types."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from watloom.interp.core.errors import HostValueError
from watloom.interp.core.types import DefType, NumType, RefType, ValType
from watloom.interp.host.codec import Codec, Unfit, Writer
from watloom.interp.isa.proposal import parse_signature
from watloom.interp.runtime.convert import to_python, to_wasm
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.values import Caller

__all__ = ["CoreValue", "ObjectOf", "ParamOf", "wasm_type"]


class CoreValue(Codec):
    """One core value, by the conversion table of `runtime.convert`."""

    def __init__(self, type: ValType) -> None:
        shown = str(type)
        if isinstance(type, RefType) and isinstance(type.heap, DefType):
            shown = "(ref null …)" if type.nullable else "(ref …)"
        super().__init__(shown)
        self.type = type
        self.slots = (type,)

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        t = w.name("type", self.type)
        return f"{w.name('to_python', to_python)}({names[0]}, {t})"

    def encode(self, w: Writer, value: str, what: str) -> tuple[str, ...]:
        # a copied machine shares its host functions, and has a store of its own
        store = f"{w.instance()}.store if _instance else _store"
        t, convert = w.name("type", self.type), w.name("fitting", _fitting)
        return (f"{convert}({value}, {t}, {store}, {what!r})",)

    def give(self, room: Any, value: Any) -> list[Any]:
        return [to_wasm(value, self.type, room.store)]


def _fitting(value: Any, type: ValType, store: Any, what: str) -> Any:
    """A core value; the HostValueError says of what."""
    try:
        return to_wasm(value, type, store)
    except HostValueError as error:
        raise HostValueError(f"{what}: {error.message}") from None


def wasm_type(type: ValType) -> CoreValue:
    """Any core type as an annotation: `Annotated[Any, wasm_type(RefType(True, AbsHeap.ANY))]`."""
    return CoreValue(type)


# ------------------------------------------------------------------ users' own types


class ParamOf(Codec):
    """A user's type that is a parameter, a result, or both (`watloom.host.Param`, `Result`).

    The slots are those of the parameter, of `as_result` those of the result. Raises Unfit.
    """

    def __init__(self, cls: Any, *, is_result: bool = False) -> None:
        super().__init__(cls.__name__)
        self.cls = cls
        self.params = core_types(cls, "wasm_params")
        self.results = core_types(cls, "wasm_results")
        self.slots = (self.results if is_result else self.params) or ()

    def as_result(self) -> ParamOf:
        """The same type where a method gives it back."""
        return ParamOf(self.cls, is_result=True)

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        if self.params is None or self.params != self.slots:
            return super().decode(w, names, what)
        found = inspect.getattr_static(self.cls, "from_wasm", None)
        if found is None or inspect.isfunction(found):
            raise Unfit(
                f"`{self.name}` has wasm_params, but no classmethod `from_wasm`",
                "write `@classmethod` above `def from_wasm(cls, caller, *slots)`",
            )
        caller = f"{w.name('Caller', Caller)}({w.instance()})"
        cls = w.name(self.name, self.cls)
        return f"{cls}.from_wasm({', '.join([caller, *names])})"

    def encode(self, w: Writer, value: str, what: str) -> tuple[str, ...]:
        if self.results is None:
            return super().encode(w, value, what)
        if not hasattr(self.cls, "to_wasm"):
            raise Unfit(
                f"`{self.name}` has wasm_results, but no `to_wasm`",
                "write `def to_wasm(self)`, which gives the slots",
            )
        w.line(f"{value} = {w.name('slots', self.raw)}({value}, {what!r})")
        return tuple(f"{value}[{i}]" for i in range(len(self.slots)))

    def raw(self, value: Any, what: str) -> tuple[Any, ...]:
        """The slots of a result, checked. Raises HostValueError."""
        if not isinstance(value, self.cls):
            raise HostValueError(f"{what}: a {self} is wanted, not {value!r:.60}")
        given = value.to_wasm()
        slots = given if isinstance(given, tuple) else (given,) if self.slots else ()
        if len(slots) != len(self.slots):
            raise HostValueError(
                f"{what}: {self}.to_wasm must give {len(self.slots)} values, not {given!r:.60}"
            )
        return tuple(_fitting(s, t, None, what) for s, t in zip(slots, self.slots, strict=True))

    def give(self, room: Any, value: Any) -> list[Any]:
        if self.results == self.slots:
            return list(self.raw(value, "the argument"))
        slots = value if isinstance(value, tuple) else (value,) if self.slots else ()
        if len(slots) != len(self.slots):
            raise HostValueError(
                f"the argument: {self} has no to_wasm for it, so its {len(self.slots)} values are "
                f"wanted as a tuple, not {value!r:.60}"
            )
        return [to_wasm(s, t, room.store) for s, t in zip(slots, self.slots, strict=True)]


class ObjectOf(Codec):
    """A user's type that has a form in memory (`watloom.host.Object`)."""

    def __init__(self, cls: Any) -> None:
        super().__init__(cls.__name__)
        self.cls = cls
        size: Any = cls.wasm_size
        align: Any = getattr(cls, "wasm_align", 1)
        if not isinstance(size, int) or size < 1:
            raise Unfit(
                f"`{self.name}.wasm_size` is {size!r}: a form in memory has at least one byte",
                "set it to the bytes that `load` reads",
            )
        if not isinstance(align, int) or align < 1 or align & (align - 1):
            raise Unfit(
                f"`{self.name}.wasm_align` is {align!r}: an alignment is a power of two",
                "set it to 1, 2, 4 or 8, or leave it out",
            )
        self.size, self.align = size, align

    def load(self, memory: Memory, address: int) -> Any:
        return self.cls.load(memory, address)

    def store(self, memory: Memory, address: int, value: Any) -> None:
        if not isinstance(value, self.cls):
            raise HostValueError(f"a {self} is wanted, not {value!r:.60}")
        value.store(memory, address)


def core_types(cls: Any, attribute: str) -> tuple[ValType, ...] | None:
    """The types in a class's `wasm_params`, "i32 f64"; None where it has none. Raises Unfit."""
    text = getattr(cls, attribute, None)
    if text is None:
        return None
    try:
        types, _ = parse_signature(f"{text} ->")
    except (KeyError, ValueError):
        raise Unfit(
            f"`{cls.__name__}.{attribute}` is {text!r}, which are not core types",
            f'write some of {", ".join(map(str, NumType))}: "i32 i32", say',
        ) from None
    return types
