"""Types and immediates as plain data, which `marshal` writes, and back.

i32                        "i32"
(ref null func)            (True, "func")
(ref $t)                   (False, 7): number 7 among the closed types that are written along
(func (param i32))         ("func", ("i32",), ())
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.instr import Catch, MemArg
from watloom.interp.core.module import (
    ExternDesc,
    FuncDesc,
    InstanceDesc,
    ModuleDesc,
    TagDesc,
)
from watloom.interp.core.types import (
    AbsHeap,
    ArrayType,
    CompType,
    DefType,
    ExternType,
    FieldType,
    FuncType,
    GlobalType,
    HeapType,
    InstanceType,
    Limits,
    MemType,
    ModuleType,
    NumType,
    PackType,
    RecIdx,
    RefType,
    StorageType,
    StructType,
    SubType,
    TableType,
    TagType,
    TypeIdx,
    define_rec_group,
)

__all__ = ["Reader", "Unkeepable", "Writer"]


class Unkeepable(Exception):
    """Something that has no plain form; it is not kept."""


class Writer:
    """Makes plain data; `groups` are the closed types that it refers to, to be written along."""

    def __init__(self) -> None:
        self.groups: list[Any] = []
        self._numbers: dict[DefType, int] = {}
        self._count = 0
        self._externs: dict[int, int] = {}
        self.externs: list[Any] = []
        self._kept: list[object] = []

    def deftype(self, t: DefType) -> int:
        """The number of a closed type; those that it is made of come first."""
        waiting = [t]
        while waiting:
            top = waiting[-1]
            if top in self._numbers:
                waiting.pop()
                continue
            missing = [d for d in _mentioned(top.group) if d not in self._numbers]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            for member in top.whole.members:
                self._numbers[member] = self._count
                self._count += 1
            self.groups.append([self._sub(sub) for sub in top.group])
        return self._numbers[t]

    def _sub(self, sub: SubType) -> Any:
        return self._comp(sub.comp), [self.heap(s) for s in sub.supers], sub.final

    def _comp(self, comp: CompType) -> Any:
        if isinstance(comp, FuncType):
            return "func", self.vals(comp.params), self.vals(comp.results)
        if isinstance(comp, StructType):
            return "struct", [(self.storage(f.storage), f.mutable) for f in comp.fields]
        return "array", self.storage(comp.field.storage), comp.field.mutable

    def heap(self, heap: HeapType) -> Any:
        if isinstance(heap, AbsHeap):
            return heap.value
        if isinstance(heap, DefType):
            return self.deftype(heap)
        return (type(heap) is TypeIdx, heap.index)

    def storage(self, t: StorageType) -> Any:
        return (t.nullable, self.heap(t.heap)) if isinstance(t, RefType) else t.value

    def vals(self, types: tuple[Any, ...]) -> Any:
        return tuple([self.storage(t) for t in types])

    def extern(self, t: ExternType) -> Any:
        """An external type; module and instance types, which share parts, by their number."""
        match t:
            case DefType():
                return self.deftype(t)
            case TagType(inner):
                return "tag", self.deftype(inner)
            case GlobalType(inner, mutable):
                return "global", self.storage(inner), mutable
            case TableType(limits, elem, addr):
                return "table", limits.min, limits.max, self.storage(elem), addr.value
            case MemType(limits, addr, shared, bits):
                return "memory", limits.min, limits.max, addr.value, shared, bits
        if id(t) not in self._externs:
            made: Any = self._names(t.exports)
            if isinstance(t, ModuleType):
                made = self._names(t.imports), made
            self._externs[id(t)] = len(self.externs)
            self._kept.append(t)
            self.externs.append(made)
        return "other", self._externs[id(t)]

    def _names(self, types: dict[str, ExternType]) -> dict[str, Any]:
        return {name: self.extern(t) for name, t in types.items()}

    def desc(self, desc: ExternDesc) -> Any:
        """What an import declares."""
        kind = _DESCS.get(type(desc))
        if kind is None:
            assert isinstance(desc, TableType | MemType | GlobalType)
            return self.extern(desc)
        return kind, desc.typeidx  # type: ignore[union-attr]

    def immediate(self, value: Any) -> Any:
        """An immediate of an instruction. Raises Unkeepable."""
        match value:
            case None | bool() | int() | float() | str() | bytes():
                return value
            case MemArg(mem, offset, align):
                return "memarg", (mem, offset, align)
            case Catch():
                return "catch", tuple(value)
            case NumType() | PackType() | RefType():
                return "type", self.storage(value)
            case AbsHeap() | TypeIdx() | RecIdx() | DefType():
                return "heap", self.heap(value)
            case list():
                return "list", [self.immediate(v) for v in value]
            case tuple():
                return "tuple", [self.immediate(v) for v in value]
        raise Unkeepable(repr(value))


def _mentioned(group: tuple[SubType, ...]) -> list[DefType]:
    """The closed types that a rec group is made of, apart from its own."""
    found: list[Any] = []
    for sub in group:
        found += sub.supers
        match sub.comp:
            case FuncType(params, results):
                storages: Any = (*params, *results)
            case StructType(fields):
                storages = [f.storage for f in fields]
            case ArrayType(field):
                storages = [field.storage]
        found += [t.heap for t in storages if isinstance(t, RefType)]
    return [heap for heap in found if isinstance(heap, DefType)]


_DESCS: dict[type, str] = {
    FuncDesc: "func of type", TagDesc: "tag of type", ModuleDesc: "module of type",
    InstanceDesc: "instance of type",
}  # fmt: skip
_OF_KIND: dict[str, Any] = {kind: desc for desc, kind in _DESCS.items()}
_STORAGE: dict[str, NumType | PackType] = {t.value: t for t in (*NumType, *PackType)}
_HEAPS: dict[str, AbsHeap] = {heap.value: heap for heap in AbsHeap}


class Reader:
    """Makes of plain data what a Writer was given, from the groups and externs it wrote along."""

    def __init__(self, groups: list[Any], externs: list[Any]) -> None:
        self.deftypes: list[DefType] = []
        for group in groups:
            members = [self._sub(*sub) for sub in group]
            self.deftypes += define_rec_group(members, lambda heap: heap, 0)
        self._externs: list[ModuleType | InstanceType] = []
        for made in externs:
            if isinstance(made, tuple):
                self._externs.append(ModuleType(self._names(made[0]), self._names(made[1])))
            else:
                self._externs.append(InstanceType(self._names(made)))

    def _sub(self, comp: Any, supers: list[Any], final: bool) -> SubType:
        return SubType(self._comp(*comp), tuple([self.heap(s) for s in supers]), final)

    def _comp(self, kind: str, first: Any, second: Any = ()) -> CompType:
        if kind == "func":
            return FuncType(self.vals(first), self.vals(second))
        if kind == "struct":
            return StructType(tuple([FieldType(self.storage(t), mut) for t, mut in first]))
        return ArrayType(FieldType(self.storage(first), second))

    def heap(self, plain: Any) -> HeapType:
        if isinstance(plain, str):
            return _HEAPS[plain]
        if isinstance(plain, int):
            return self.deftypes[plain]
        return TypeIdx(plain[1]) if plain[0] else RecIdx(plain[1])

    def storage(self, plain: Any) -> Any:
        if isinstance(plain, str):
            return _STORAGE[plain]
        return RefType(plain[0], self.heap(plain[1]))

    def vals(self, plain: Any) -> tuple[Any, ...]:
        return tuple([self.storage(t) for t in plain])

    def extern(self, plain: Any) -> Any:
        """An external type."""
        match plain:
            case int():
                return self.deftypes[plain]
            case ("tag", t):
                return TagType(self.deftypes[t])
            case ("global", t, mutable):
                return GlobalType(self.storage(t), mutable)
            case ("table", least, most, elem, addr):
                return TableType(Limits(least, most), self.storage(elem), NumType(addr))
            case ("memory", least, most, addr, shared, bits):
                return MemType(Limits(least, most), NumType(addr), shared, bits)
        return self._externs[plain[1]]

    def desc(self, plain: Any) -> ExternDesc:
        """What an import declares."""
        made = _OF_KIND.get(plain[0])
        found: ExternDesc = self.extern(plain) if made is None else made(plain[1])
        return found

    def _names(self, plain: dict[str, Any]) -> dict[str, ExternType]:
        return {name: self.extern(t) for name, t in plain.items()}

    def immediate(self, plain: Any) -> Any:
        """An immediate of an instruction."""
        match plain:
            case ("memarg", (mem, offset, align)):
                return MemArg(mem, offset, align)
            case ("catch", fields):
                return Catch(*fields)
            case ("type", t):
                return self.storage(t)
            case ("heap", heap):
                return self.heap(heap)
            case ("list", values):
                return [self.immediate(v) for v in values]
            case ("tuple", values):
                return tuple([self.immediate(v) for v in values])
        return plain
