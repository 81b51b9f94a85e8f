"""Code and types with other indices: what every pass over the module IR needs that moves things.

Remap(lambda space, i: i + 1 if space == "func" else i, lambda heap: heap)
  turns   call 3   ref.func 0   into   call 4   ref.func 1
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom.interp.core.dataclass import dataclass, replace
from watloom.interp.core.instr import Expr, Immediate, Instr
from watloom.interp.core.types import (
    ArrayType,
    CompType,
    FieldType,
    FuncType,
    HeapType,
    PackType,
    RefType,
    StructType,
    SubType,
    ValType,
)
from watloom.interp.isa.immediates import (
    BLOCKTYPE,
    CASTLABEL,
    CASTTYPE,
    CATCHES,
    HEAPTYPE,
    MEMARG,
    VALTYPES,
)

__all__ = ["HeapMap", "Remap", "map_comp", "map_subtype", "map_val"]

#: What becomes of a heap type.
HeapMap = Callable[[HeapType], HeapType]

_SPACES = ("type", "func", "table", "memory", "global", "tag", "elem", "data")


def map_val(t: ValType, heap: HeapMap) -> ValType:
    """A value type with its heap type mapped."""
    return RefType(t.nullable, heap(t.heap)) if isinstance(t, RefType) else t


def map_comp(comp: CompType, heap: HeapMap) -> CompType:
    """A composite type with its heap types mapped."""

    def field(f: FieldType) -> FieldType:
        storage = f.storage if isinstance(f.storage, PackType) else map_val(f.storage, heap)
        return FieldType(storage, f.mutable)

    if isinstance(comp, FuncType):
        return FuncType(
            tuple(map_val(t, heap) for t in comp.params),
            tuple(map_val(t, heap) for t in comp.results),
        )
    if isinstance(comp, StructType):
        return StructType(tuple(map(field, comp.fields)))
    return ArrayType(field(comp.field))


def map_subtype(sub: SubType, heap: HeapMap) -> SubType:
    """A type definition with its heap types mapped."""
    return SubType(map_comp(sub.comp, heap), tuple(map(heap, sub.supers)), sub.final)


@dataclass(frozen=True)
class Remap:
    """How code changes: `index(space, i)` for indices of the module's spaces, `heap` for types.

    Indices of locals, labels and fields stay what they are.
    """

    index: Callable[[str, int], int]
    heap: HeapMap

    def expr(self, code: Expr) -> Expr:
        """All of the code."""
        return [self.instr(instr) for instr in code]

    def instr(self, instr: Instr) -> Instr:
        """One instruction."""
        if not instr.args:
            return instr
        args = zip(instr.op.immediates, instr.args, strict=True)
        return Instr(instr.op, tuple([self._arg(kind, arg) for kind, arg in args]), instr.at)

    def _arg(self, kind: Immediate, arg: Any) -> Any:
        rule = _RULES.get(kind)
        if rule is not None:
            return rule(self, arg)
        return self.index(kind.space, arg) if kind.space in _SPACES else arg

    def _block(self, block: Any) -> Any:
        if isinstance(block, int):
            return self.index("type", block)
        return block if block is None else map_val(block, self.heap)

    def _castlabel(self, arg: Any) -> Any:
        label, source, target = arg
        return label, map_val(source, self.heap), map_val(target, self.heap)

    def _catches(self, catches: Any) -> Any:
        return tuple(
            c if c.tag is None else c._replace(tag=self.index("tag", c.tag)) for c in catches
        )


_RULES: dict[Immediate, Callable[[Remap, Any], Any]] = {
    BLOCKTYPE: Remap._block,
    MEMARG: lambda self, arg: replace(arg, mem=self.index("memory", arg.mem)),
    HEAPTYPE: lambda self, arg: self.heap(arg),
    CASTTYPE: lambda self, arg: self.heap(arg),
    CASTLABEL: Remap._castlabel,
    VALTYPES: lambda self, arg: tuple(map_val(t, self.heap) for t in arg),
    CATCHES: Remap._catches,
}
