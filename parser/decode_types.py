"""Reading types (https://webassembly.github.io/spec/core/binary/types.html)."""

from __future__ import annotations

from watloom.interp.core.features import WASM3, Features
from watloom.interp.core.instr import BlockType
from watloom.interp.core.module import (
    ExternDesc,
    FuncDesc,
    InstanceDesc,
    ModuleDesc,
    RecGroup,
    TagDesc,
)
from watloom.interp.core.types import (
    ArrayType,
    CompType,
    FieldType,
    FuncType,
    GlobalType,
    HeapType,
    Limits,
    MemType,
    NumType,
    RefType,
    StorageType,
    StructType,
    SubType,
    TableType,
    TypeIdx,
    ValType,
)
from watloom.parser import binary_messages as msg
from watloom.parser import type_codes as codes
from watloom.parser.decode_bytes import ByteReader

__all__ = ["TypeReader"]

_REF_TYPES = {code: RefType(True, heap) for code, heap in codes.HEAPS.items()}
_VAL_TYPES: dict[int, ValType] = {**codes.NUMS, **_REF_TYPES}
_REFS = (codes.REF, codes.REF_NULL)
_DESCRIPTORS = (0x4D, 0x4C)
_SHARED, _PAGE_SIZE = 2, 8  # flags of the limits of memories


class TypeReader(ByteReader):
    """A reader that knows types; it is the `Reader` that immediates are given."""

    __slots__ = ("features", "linking")

    def __init__(self, data: bytes, pos: int, end: int, features: Features = WASM3) -> None:
        super().__init__(data, pos, end)
        self.features = features
        self.linking = features.has("module-linking")

    def found(self, at: int) -> str:
        """The byte at `at` for a message."""
        return f"{self.data[at]:02x}"

    def found_type(self, at: int) -> str:
        """The byte at `at` for a message, with the type that it stands for."""
        code = self.data[at]
        known = _VAL_TYPES.get(code) or codes.PACKS.get(code)
        return f"{code:02x} ({known})" if known else f"{code:02x}"

    def code(self) -> int:
        """The byte of a type, which is a signed integer of 7 bits."""
        code = self.byte()
        if code >= 0x80:
            raise msg.integer_too_long(self.pos - 1, bits=7, limit="1 byte")
        return code

    # -------------------------------------------------------------- value types

    def valtype(self) -> ValType:
        """A value type."""
        at = self.pos
        code = self.code()
        found = _VAL_TYPES.get(code)
        if found is None:
            if code in _REFS:
                return RefType(code == codes.REF_NULL, self.heaptype())
            raise msg.malformed_value_type(at, found=self.found_type(at))
        return found

    def reftype(self) -> RefType:
        """A reference type."""
        at = self.pos
        code = self.code()
        if code in _REF_TYPES:
            return _REF_TYPES[code]
        if code in _REFS:
            return RefType(code == codes.REF_NULL, self.heaptype())
        raise msg.malformed_reference_type(at, found=self.found_type(at))

    def heaptype(self) -> HeapType:
        """A heap type: an abstract one, or a typeidx."""
        at = self.pos
        code = self.byte()
        if code in codes.HEAPS:
            return codes.HEAPS[code]
        if code == codes.EXACT:
            raise msg.not_built("custom-descriptors", at, "malformed heap type", "62 (exact)")
        self.pos = at
        index = self.s33()
        if index < 0:
            raise msg.malformed_heap_type(at, found=self.found_type(at))
        return TypeIdx(index)

    def blocktype(self) -> BlockType:
        """A block type: nothing, a value type, or a typeidx."""
        at = self.pos
        code = self.peek()
        if code == codes.EMPTY:
            self.pos += 1
            return None
        if code in _VAL_TYPES or code in _REFS:
            return self.valtype()
        index = self.s33()
        if index < 0:
            raise msg.malformed_block_type(at, found=self.found_type(at))
        return index

    # -------------------------------------------------------------- type definitions

    def mutability(self) -> bool:
        """Whether a global or a field is mutable."""
        found = self.byte()
        if found > 1:
            raise msg.malformed_mutability(self.pos - 1, found=self.found(self.pos - 1))
        return found == 1

    def storagetype(self) -> StorageType:
        """What a field holds."""
        at = self.pos
        code = self.code()
        if code in codes.PACKS:
            return codes.PACKS[code]
        if code not in _VAL_TYPES and code not in _REFS:
            raise msg.malformed_storage_type(at, found=self.found_type(at))
        self.pos = at
        return self.valtype()

    def fieldtype(self) -> FieldType:
        """A field of a struct, or the element of an array."""
        storage = self.storagetype()
        return FieldType(storage, self.mutability())

    def resulttype(self) -> tuple[ValType, ...]:
        """A vector of value types."""
        return tuple(self.vec(self.valtype, "value types"))

    def comptype(self) -> CompType:
        """A function, struct or array type."""
        at = self.pos
        code = self.code()
        if code == codes.FUNC:
            params = self.resulttype()
            return FuncType(params, self.resulttype())
        if code == codes.STRUCT:
            return StructType(tuple(self.vec(self.fieldtype, "fields")))
        if code == codes.ARRAY:
            return ArrayType(self.fieldtype())
        if code in _DESCRIPTORS:
            words = "malformed definition type"
            raise msg.not_built("custom-descriptors", at, words, self.found(at))
        raise msg.malformed_definition_type(at, found=self.found(at), help=self._type_help(code))

    def _type_help(self, code: int) -> str | None:
        if code in (codes.MODULE_TYPE, codes.INSTANCE_TYPE) and not self.linking:
            kind = "a module type" if code == codes.MODULE_TYPE else "an instance type"
            return f"with --proposal +module-linking it begins {kind}"
        return None

    def subtype(self) -> SubType:
        """A composite type with its supertypes."""
        code = self.peek()
        if code not in (codes.SUB, codes.SUB_FINAL):
            return SubType(self.comptype())
        self.pos += 1
        supers = tuple([TypeIdx(i) for i in self.vec(self.u32, "supertypes")])
        return SubType(self.comptype(), supers, code == codes.SUB_FINAL)

    def rectype(self) -> RecGroup:
        """A rec group, or a lone type."""
        at = self.pos
        if self.peek() != codes.REC:
            return RecGroup((self.subtype(),), at, (at,))
        self.pos += 1
        types: list[SubType] = []
        ats: list[int] = []
        for _ in range(self.count("types of a rec group")):
            ats.append(self.pos)
            types.append(self.subtype())
        return RecGroup(tuple(types), at, tuple(ats))

    # -------------------------------------------------------------- what modules pass

    def limits(self, at: int, flags: int, more_flags: int = 0) -> tuple[Limits, NumType]:
        """Limits and the type of addresses behind their flags, which stand at `at`."""
        if flags & ~(0b101 | more_flags):
            raise msg.malformed_limits_flags(at, found=self.found(at))
        least = self.u64()
        most = self.u64() if flags & 1 else None
        return Limits(least, most), NumType.I64 if flags & 4 else NumType.I32

    def memtype(self) -> MemType:
        """The type of a memory."""
        at = self.pos
        flags = self.byte()
        found = self.found(at)
        if flags & ~0b1111 == 0:
            if flags & _SHARED and not self.features.has("threads"):
                raise msg.off("threads", at, "malformed limits flags", f"{found} (shared)")
            if flags & _PAGE_SIZE and not self.features.has("custom-page-sizes"):
                words, found = "malformed limits flags", f"{found} (page size)"
                raise msg.off("custom-page-sizes", at, words, found)
        limits, addr = self.limits(at, flags, _SHARED | _PAGE_SIZE)
        page_bits = 16
        if flags & _PAGE_SIZE:
            at = self.pos
            page_bits = self.u32()
            if page_bits > 64:
                raise msg.malformed_page_size(at, bits=page_bits)
        return MemType(limits, addr, bool(flags & _SHARED), page_bits)

    def tabletype(self) -> TableType:
        """The type of a table."""
        elem = self.reftype()
        limits, addr = self.limits(self.pos, self.byte())
        return TableType(limits, elem, addr)

    def globaltype(self) -> GlobalType:
        """The type of a global."""
        t = self.valtype()
        return GlobalType(t, self.mutability())

    def tagtype(self) -> int:
        """The typeidx of a tag."""
        self.zero("the attribute of a tag")
        return self.u32()

    def externdesc(self) -> ExternDesc:
        """What is imported, or exported by a module or instance type."""
        at = self.pos
        kind = self.byte()
        if kind == 0:
            return FuncDesc(self.u32())
        if kind == 1:
            return self.tabletype()
        if kind == 2:
            return self.memtype()
        if kind == 3:
            return self.globaltype()
        if kind == 4:
            return TagDesc(self.tagtype())
        if kind == 5 and self.linking:
            return ModuleDesc(self.u32())
        if kind == 6 and self.linking:
            return InstanceDesc(self.u32())
        if kind == 0x20:
            found = "20 (an exact function)"
            raise msg.not_built("custom-descriptors", at, "malformed import kind", found)
        help = (
            "with --proposal +module-linking, 05 is a module, 06 an instance and ff a single name"
        )
        known = kind in (5, 6, 0xFF) and not self.linking
        raise msg.malformed_import_kind(at, found=self.found(at), help=help if known else None)
