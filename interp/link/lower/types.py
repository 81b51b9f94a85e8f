"""The type section of the result: closed types get an index when somebody first asks."""

from __future__ import annotations

from watloom.interp.core.dataclass import replace
from watloom.interp.core.module import InstanceTypeDef, ModuleTypeDef, RecGroup
from watloom.interp.core.types import (
    ArrayType,
    CompType,
    DefType,
    FuncType,
    GlobalType,
    HeapType,
    PackType,
    RecIdx,
    RefType,
    SubType,
    TableType,
    TypeIdx,
    ValType,
)
from watloom.parser.remap import map_subtype, map_val

__all__ = ["TypePool", "heaps_of"]


class TypePool:
    """The types that are used, in an order in which each stands behind those that it names."""

    def __init__(self) -> None:
        self.definitions: list[RecGroup | ModuleTypeDef | InstanceTypeDef] = []
        self._index: dict[DefType, int] = {}
        self._count = 0

    def index(self, t: DefType) -> int:
        """The typeidx of a closed type."""
        work = [t]
        while work:
            top = work[-1]
            missing = [] if top in self._index else self._missing(top)
            if missing:
                work += missing
                continue
            work.pop()
            if top not in self._index:
                self._define(top)
        return self._index[t]

    def heap(self, heap: HeapType) -> HeapType:
        """A closed heap type with its index."""
        return TypeIdx(self.index(heap)) if isinstance(heap, DefType) else heap

    def val(self, t: ValType) -> ValType:
        """A closed value type with its index."""
        return map_val(t, self.heap)

    def ref(self, t: RefType) -> RefType:
        """A closed reference type with its index."""
        return RefType(t.nullable, self.heap(t.heap))

    def table(self, t: TableType) -> TableType:
        """A closed table type with its index."""
        return replace(t, elem=self.ref(t.elem))

    def global_(self, t: GlobalType) -> GlobalType:
        """A closed global type with its index."""
        return GlobalType(self.val(t.type), t.mutable)

    def append(self, definition: ModuleTypeDef | InstanceTypeDef) -> int:
        """Add the definition of a module or instance type; gives its typeidx."""
        self.definitions.append(definition)
        self._count += 1
        return self._count - 1

    def _missing(self, t: DefType) -> list[DefType]:
        named = [h for sub in t.group for h in (*heaps_of(sub.comp), *sub.supers)]
        return [h for h in named if isinstance(h, DefType) and h not in self._index]

    def _define(self, t: DefType) -> None:
        first = self._count

        def opened(heap: HeapType) -> HeapType:
            return TypeIdx(first + heap.index) if isinstance(heap, RecIdx) else self.heap(heap)

        for number, member in enumerate(t.whole.members):
            self._index[member] = first + number
        types: tuple[SubType, ...] = tuple(map_subtype(sub, opened) for sub in t.group)
        self.definitions.append(RecGroup(types, 0, (0,) * len(types)))
        self._count += len(types)


def heaps_of(comp: CompType) -> list[HeapType]:
    """The heap types that a composite type names."""
    if isinstance(comp, FuncType):
        vals: list[ValType | PackType] = [*comp.params, *comp.results]
    elif isinstance(comp, ArrayType):
        vals = [comp.field.storage]
    else:
        vals = [f.storage for f in comp.fields]
    return [t.heap for t in vals if isinstance(t, RefType)]
