"""Types and indices as text."""

from __future__ import annotations

from collections.abc import Sequence

from watloom.interp.core.instr import BlockType
from watloom.interp.core.module import Names
from watloom.interp.core.types import (
    CompType,
    FieldType,
    FuncType,
    HeapType,
    PackType,
    RefType,
    StructType,
    SubType,
    TypeIdx,
    ValType,
)
from watloom.parser.arity import Arities
from watloom.parser.print_words import Words

__all__ = ["TypePrinter"]


class TypePrinter:
    """Prints with the names of one module; `arities` knows its types."""

    def __init__(self, names: Names, arities: Arities) -> None:
        self.names = names
        self.arities = arities
        self.spaces = {kind.value: Words(found) for kind, found in names.spaces.items()}
        self.spaces["elem"] = Words(names.elems)
        self.spaces["data"] = Words(names.datas)
        self.fields = {index: Words(found) for index, found in names.fields.items()}

    def space(self, name: str) -> Words:
        """How the indices of a space are written."""
        return self.spaces.get(name) or self.spaces.setdefault(name, Words())

    # -------------------------------------------------------------- types

    def heap(self, heap: HeapType) -> str:
        """A heap type."""
        return self.space("type")(heap.index) if isinstance(heap, TypeIdx) else str(heap)

    def val(self, t: ValType | PackType) -> str:
        """A value type, or a packed one."""
        if isinstance(t, RefType) and isinstance(t.heap, TypeIdx):
            return f"(ref {'null ' if t.nullable else ''}{self.heap(t.heap)})"
        return str(t)

    def vals(self, keyword: str, types: Sequence[ValType]) -> str:
        """` (param …)` or ` (result …)`, or nothing."""
        return f" ({keyword} {' '.join(map(self.val, types))})" if types else ""

    def signature(self, t: FuncType, names: Words | None = None) -> str:
        """The parameters, with their names, and results of a function type."""
        if names is None or not any(index in names.names for index in range(len(t.params))):
            return self.vals("param", t.params) + self.vals("result", t.results)
        params = "".join(
            f" (param{names.binding(i)} {self.val(p)})" for i, p in enumerate(t.params)
        )
        return params + self.vals("result", t.results)

    def subtype(self, sub: SubType, index: int) -> str:
        """What stands in a type definition."""
        comp = self._comp(sub.comp, index)
        if sub.final and not sub.supers:
            return comp
        supers = "".join(f" {self.heap(s)}" for s in sub.supers)
        return f"(sub{' final' if sub.final else ''}{supers} {comp})"

    def _comp(self, comp: CompType, index: int) -> str:
        if isinstance(comp, FuncType):
            return f"(func{self.signature(comp)})"
        if isinstance(comp, StructType):
            words = self.fields.get(index, Words())
            fields = (
                f" (field{words.binding(i)} {self.field(f)})" for i, f in enumerate(comp.fields)
            )
            return f"(struct{''.join(fields)})"
        return f"(array {self.field(comp.field)})"

    def field(self, t: FieldType) -> str:
        """The type of a field."""
        return f"(mut {self.val(t.storage)})" if t.mutable else self.val(t.storage)

    def typeuse(self, index: int, names: Words | None = None) -> str:
        """`(type $t)` with the parameters and results, where they are known."""
        use = f" (type {self.space('type')(index)})"
        functype = self.functype(index)
        return use + self.signature(functype, names) if functype else use

    def functype(self, index: int) -> FuncType | None:
        """The function type at a typeidx."""
        comp = self.arities.comps.get(index)
        return comp if isinstance(comp, FuncType) else None

    def blocktype(self, t: BlockType) -> str:
        """A block type, with a space in front, or nothing."""
        if t is None:
            return ""
        return self.typeuse(t) if isinstance(t, int) else f" (result {self.val(t)})"
