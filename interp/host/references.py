"""Values of any core type, converted as at every other boundary; and users' own types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watloom.interp.core.errors import HostValueError
from watloom.interp.core.types import DefType, NumType, RefType, ValType
from watloom.interp.host.codec import Codec, Unfit, Writer
from watloom.interp.isa.proposal import parse_signature
from watloom.interp.runtime.convert import to_python, to_wasm
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.values import Caller

__all__ = ["CoreValue", "ObjectOf", "ParamOf", "core_types", "wasm_type"]


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
        t, convert = w.name("type", self.type), w.name("to_wasm", to_wasm)
        return (f"{convert}({value}, {t}, {store})",)

    def give(self, room: Any, value: Any) -> list[Any]:
        return [to_wasm(value, self.type, room.store)]


def wasm_type(type: ValType) -> CoreValue:
    """Any core type as an annotation: `Annotated[Any, wasm_type(RefType(True, AbsHeap.ANY))]`."""
    return CoreValue(type)


# ------------------------------------------------------------------ users' own types


class ParamOf(Codec):
    """A user's type that is a parameter, a result, or both (`watloom.host.Param`, `Result`)."""

    def __init__(self, cls: Any, slots: tuple[ValType, ...]) -> None:
        super().__init__(cls.__name__)
        self.cls = cls
        self.slots = slots

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        if not hasattr(self.cls, "from_wasm"):
            return super().decode(w, names, what)
        caller = f"{w.name('Caller', Caller)}({w.instance()})"
        cls = w.name(self.name, self.cls)
        return f"{cls}.from_wasm({', '.join([caller, *names])})"

    def encode(self, w: Writer, value: str, what: str) -> tuple[str, ...]:
        if not hasattr(self.cls, "to_wasm"):
            return super().encode(w, value, what)
        w.line(f"{value} = {w.name('slots', self.raw)}({value}, {what!r})")
        return tuple(f"{value}[{i}]" for i in range(len(self.slots)))

    def raw(self, value: Any, what: str) -> tuple[Any, ...]:
        """The slots of a result, checked. Raises HostValueError."""
        if not isinstance(value, self.cls):
            raise HostValueError(f"{what}: a {self} is wanted, not {value!r:.60}")
        given = value.to_wasm()
        slots = given if isinstance(given, tuple) else (given,)
        if len(slots) != len(self.slots):
            raise HostValueError(
                f"{what}: {self}.to_wasm must give {len(self.slots)} values, not {given!r:.60}"
            )
        return tuple(to_wasm(s, t) for s, t in zip(slots, self.slots, strict=True))

    def give(self, room: Any, value: Any) -> list[Any]:
        return list(self.raw(value, "the argument"))


class ObjectOf(Codec):
    """A user's type that has a form in memory (`watloom.host.Object`)."""

    def __init__(self, cls: Any) -> None:
        super().__init__(cls.__name__)
        self.cls = cls
        self.size = int(cls.wasm_size)
        self.align = getattr(cls, "wasm_align", 1)
        if self.size < 1:
            raise Unfit(
                f"`{self.name}.wasm_size` is {self.size!r}: a form in memory has at least one byte",
                "set it to the bytes that `load` reads",
            )

    def load(self, memory: Memory, address: int) -> Any:
        return self.cls.load(memory, address)

    def store(self, memory: Memory, address: int, value: Any) -> None:
        if not isinstance(value, self.cls):
            raise HostValueError(f"a {self} is wanted, not {value!r:.60}")
        value.store(memory, address)


def core_types(text: Any, where: str) -> tuple[ValType, ...]:
    """The types in "i32 f64". Raises Unfit."""
    try:
        types, _ = parse_signature(f"{text} ->")
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Unfit(
            f"{where} is {text!r}, which are not core types",
            f'write some of {", ".join(map(str, NumType))}: "i32 i32", say',
        ) from None
    return types
