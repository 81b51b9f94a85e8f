"""Writing types; the inverse of `decode_types`."""

from __future__ import annotations

from collections.abc import Sequence

from watloom.interp.core.errors import Bug
from watloom.interp.core.module import (
    ExternDesc,
    FuncDesc,
    ModuleDesc,
    RecGroup,
    TagDesc,
)
from watloom.interp.core.types import (
    AbsHeap,
    CompType,
    FieldType,
    FuncType,
    GlobalType,
    HeapType,
    Limits,
    MemType,
    NumType,
    PackType,
    RefType,
    StructType,
    SubType,
    TableType,
    TypeIdx,
    ValType,
)
from watloom.parser import type_codes as codes
from watloom.parser.encode_bytes import ByteWriter

__all__ = ["TypeWriter"]

_NUMS = {t: code for code, t in codes.NUMS.items()}
_PACKS = {t: code for code, t in codes.PACKS.items()}
_HEAPS = {t: code for code, t in codes.HEAPS.items()}


class TypeWriter(ByteWriter):
    """A writer that knows types; it is the `Writer` that immediates are given."""

    __slots__ = ()

    # -------------------------------------------------------------- value types

    def valtype(self, t: ValType) -> None:
        """A value type."""
        if isinstance(t, RefType):
            self.reftype(t)
        else:
            self.byte(_NUMS[t])

    def reftype(self, t: RefType) -> None:
        """A reference type, in its short form where there is one."""
        if not (t.nullable and isinstance(t.heap, AbsHeap)):
            self.byte(codes.REF_NULL if t.nullable else codes.REF)
        self.heaptype(t.heap)

    def heaptype(self, t: HeapType) -> None:
        """A heap type."""
        if isinstance(t, TypeIdx):
            self.s33(t.index)
        elif isinstance(t, AbsHeap):
            self.byte(_HEAPS[t])
        else:
            raise Bug(f"{t} stands in a module that is not validated")

    # -------------------------------------------------------------- type definitions

    def fieldtype(self, field: FieldType) -> None:
        """A field of a struct, or the element of an array."""
        if isinstance(field.storage, PackType):
            self.byte(_PACKS[field.storage])
        else:
            self.valtype(field.storage)
        self.byte(field.mutable)

    def resulttype(self, types: Sequence[ValType]) -> None:
        """A vector of value types."""
        self.u32(len(types))
        for t in types:
            self.valtype(t)

    def comptype(self, t: CompType) -> None:
        """A function, struct or array type."""
        if isinstance(t, FuncType):
            self.byte(codes.FUNC)
            self.resulttype(t.params)
            self.resulttype(t.results)
        elif isinstance(t, StructType):
            self.byte(codes.STRUCT)
            self.u32(len(t.fields))
            for field in t.fields:
                self.fieldtype(field)
        else:
            self.byte(codes.ARRAY)
            self.fieldtype(t.field)

    def subtype(self, t: SubType) -> None:
        """A composite type with its supertypes; the short form if it is final and has none."""
        if t.supers or not t.final:
            self.byte(codes.SUB_FINAL if t.final else codes.SUB)
            self.u32(len(t.supers))
            for above in t.supers:
                if not isinstance(above, TypeIdx):
                    raise Bug(f"{above} stands in a module that is not validated")
                self.u32(above.index)
        self.comptype(t.comp)

    def rectype(self, group: RecGroup) -> None:
        """A rec group; a group of one is written as its member."""
        if len(group.types) != 1:
            self.byte(codes.REC)
            self.u32(len(group.types))
        for t in group.types:
            self.subtype(t)

    # -------------------------------------------------------------- what modules pass

    def limits(self, limits: Limits, addr: NumType, flags: int = 0) -> None:
        """Limits with the flags that say what they are of."""
        self.byte((limits.max is not None) | (addr is NumType.I64) << 2 | flags)
        self.u64(limits.min)
        if limits.max is not None:
            self.u64(limits.max)

    def memtype(self, t: MemType) -> None:
        """The type of a memory."""
        own_pages = t.page_bits != 16
        self.limits(t.limits, t.addr, t.shared << 1 | own_pages << 3)
        if own_pages:
            self.u32(t.page_bits)

    def tabletype(self, t: TableType) -> None:
        """The type of a table."""
        self.reftype(t.elem)
        self.limits(t.limits, t.addr)

    def globaltype(self, t: GlobalType) -> None:
        """The type of a global."""
        self.valtype(t.type)
        self.byte(t.mutable)

    def tagtype(self, typeidx: int) -> None:
        """The typeidx of a tag."""
        self.byte(0)
        self.u32(typeidx)

    def externdesc(self, desc: ExternDesc) -> None:
        """What is imported, or exported by a module or instance type."""
        if isinstance(desc, FuncDesc):
            self.byte(0)
            self.u32(desc.typeidx)
        elif isinstance(desc, TableType):
            self.byte(1)
            self.tabletype(desc)
        elif isinstance(desc, MemType):
            self.byte(2)
            self.memtype(desc)
        elif isinstance(desc, GlobalType):
            self.byte(3)
            self.globaltype(desc)
        elif isinstance(desc, TagDesc):
            self.byte(4)
            self.tagtype(desc.typeidx)
        else:
            self.byte(5 if isinstance(desc, ModuleDesc) else 6)
            self.u32(desc.typeidx)
