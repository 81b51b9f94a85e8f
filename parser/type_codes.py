"""The bytes that stand for types (https://webassembly.github.io/spec/core/appendix/index-types.html)
and for kinds of exports, for both directions.
"""

from __future__ import annotations

from typing import Final

from watloom.interp.core.module import Kind
from watloom.interp.core.types import AbsHeap, NumType, PackType

__all__ = [
    "ARRAY", "EMPTY", "EXACT", "FUNC", "HEAPS", "INSTANCE_TYPE", "KINDS", "MODULE_TYPE", "NUMS",
    "PACKS", "REC", "REF", "REF_NULL", "STRUCT", "SUB", "SUB_FINAL",
]  # fmt: skip

NUMS = {
    0x7F: NumType.I32, 0x7E: NumType.I64, 0x7D: NumType.F32, 0x7C: NumType.F64,
    0x7B: NumType.V128,
}  # fmt: skip
PACKS = {0x78: PackType.I8, 0x77: PackType.I16}
HEAPS = {
    0x74: AbsHeap.NOEXN, 0x73: AbsHeap.NOFUNC, 0x72: AbsHeap.NOEXTERN, 0x71: AbsHeap.NONE,
    0x70: AbsHeap.FUNC, 0x6F: AbsHeap.EXTERN, 0x6E: AbsHeap.ANY, 0x6D: AbsHeap.EQ,
    0x6C: AbsHeap.I31, 0x6B: AbsHeap.STRUCT, 0x6A: AbsHeap.ARRAY, 0x69: AbsHeap.EXN,
}  # fmt: skip

REF: Final = 0x64
REF_NULL: Final = 0x63
EXACT: Final = 0x62  # of custom descriptors, as a heap type
EMPTY: Final = 0x40  # the block type of nothing

FUNC: Final = 0x60
STRUCT: Final = 0x5F
ARRAY: Final = 0x5E
SUB: Final = 0x50
SUB_FINAL: Final = 0x4F
REC: Final = 0x4E
MODULE_TYPE: Final = 0x61
INSTANCE_TYPE: Final = 0x62

#: The kinds of exports, and of what instances are given.
KINDS = {
    0: Kind.FUNC, 1: Kind.TABLE, 2: Kind.MEMORY, 3: Kind.GLOBAL, 4: Kind.TAG, 5: Kind.MODULE,
    6: Kind.INSTANCE,
}  # fmt: skip
