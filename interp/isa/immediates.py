"""The kinds of immediates: one object each, with its binary form.

Their text forms are the rules of `parser/wat.lark`; which rule an instruction takes follows from
the tuple of its immediates alone (`shape_of`), so that a new instruction with known immediates
needs no change of the grammar.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom.interp.core.instr import BlockType, Catch, Immediate, MemArg, Reader, Writer
from watloom.interp.core.numerics.bits import (
    f32_from_bits,
    f32_to_bits,
    f64_from_bits,
    f64_to_bits,
)
from watloom.interp.core.types import RefType

__all__ = [
    "BLOCKTYPE", "CASTLABEL", "CASTTYPE", "CATCHES", "DATAIDX", "ELEMIDX", "F32CONST", "F64CONST",
    "FIELDIDX", "FUNCIDX", "GLOBALIDX", "HEAPTYPE", "I32CONST", "I64CONST", "LABELIDX", "LABELS",
    "LANEIDX", "LANES", "LOCALIDX", "MEMARG", "MEMIDX", "OUTERLABEL", "SHAPES", "TABLEIDX",
    "TAGIDX", "TYPEIDX", "TYPEUSE", "U32", "V128CONST", "VALTYPES", "shape_of",
]  # fmt: skip


def _index(name: str, space: str, optional: bool = False) -> Immediate:
    return Immediate(
        name=name,
        space=space,
        optional=optional,
        read=lambda r: r.u32(),
        write=lambda w, i: w.u32(i),
    )


TYPEIDX = _index("typeidx", "type")
FUNCIDX = _index("funcidx", "func")
TABLEIDX = _index("tableidx", "table", optional=True)
MEMIDX = _index("memidx", "memory", optional=True)
GLOBALIDX = _index("globalidx", "global")
TAGIDX = _index("tagidx", "tag")
ELEMIDX = _index("elemidx", "elem")
DATAIDX = _index("dataidx", "data")
LOCALIDX = _index("localidx", "local")
LABELIDX = _index("labelidx", "label")
#: A label as it counts outside of the block that the instruction ends.
OUTERLABEL = _index("outer labelidx", "label")
FIELDIDX = _index("fieldidx", "field")
#: A typeidx that the text may write as `(type $t)` with parameters and results.
TYPEUSE = _index("typeuse", "type")
U32 = Immediate(name="u32", read=lambda r: r.u32(), write=lambda w, n: w.u32(n))

# Constants: integers are kept unsigned, floats as `numerics.bits` describes.
I32CONST = Immediate(
    name="i32",
    read=lambda r: r.s32() & 0xFFFF_FFFF,
    write=lambda w, n: w.s32(n - ((n & 0x8000_0000) << 1)),
)
I64CONST = Immediate(
    name="i64",
    read=lambda r: r.s64() & 0xFFFF_FFFF_FFFF_FFFF,
    write=lambda w, n: w.s64(n - ((n & (1 << 63)) << 1)),
)
F32CONST = Immediate(
    name="f32",
    read=lambda r: f32_from_bits(int.from_bytes(r.bytes(4), "little")),
    write=lambda w, x: w.bytes(f32_to_bits(x).to_bytes(4, "little")),
)
F64CONST = Immediate(
    name="f64",
    read=lambda r: f64_from_bits(int.from_bytes(r.bytes(8), "little")),
    write=lambda w, x: w.bytes(f64_to_bits(x).to_bytes(8, "little")),
)

HEAPTYPE = Immediate(name="heaptype", read=lambda r: r.heaptype(), write=lambda w, t: w.heaptype(t))
#: A reference type in text; in binary and IR a heap type, nullability being in the opcode:
#: two ops share the mnemonic, and `Op.data["null"]` tells them apart.
CASTTYPE = Immediate(name="reftype", read=lambda r: r.heaptype(), write=lambda w, t: w.heaptype(t))


def _vector(item: Callable[[Reader], Any]) -> Callable[[Reader], tuple[Any, ...]]:
    def read(r: Reader) -> tuple[Any, ...]:
        return tuple([item(r) for _ in range(r.u32())])  # the reader bounds itself by its input

    return read


def _write_labels(w: Writer, labels: tuple[int, ...]) -> None:
    w.u32(len(labels) - 1)
    for label in labels:
        w.u32(label)


#: The labels of br_table, the default one last.
LABELS = Immediate(
    name="labelidx*",
    space="label",
    read=lambda r: (*_vector(lambda r: r.u32())(r), r.u32()),
    write=_write_labels,
)


def _write_valtypes(w: Writer, types: tuple[Any, ...]) -> None:
    w.u32(len(types))
    for t in types:
        w.valtype(t)


#: The types of the second form of `select`.
VALTYPES = Immediate(name="valtype*", read=_vector(lambda r: r.valtype()), write=_write_valtypes)

_WIDE = 1 << 6  # the bit of the alignment that says "a memidx follows"


def _read_memarg(r: Reader) -> MemArg:
    align = r.u32()
    if align >= 2 * _WIDE:
        raise r.fail("malformed memop flags")
    mem = r.u32() if align & _WIDE else 0
    return MemArg(mem=mem, offset=r.u64(), align=align & ~_WIDE)


def _write_memarg(w: Writer, m: MemArg) -> None:
    w.u32(m.align | (_WIDE if m.mem else 0))
    if m.mem:
        w.u32(m.mem)
    w.u64(m.offset)


MEMARG = Immediate(name="memarg", space="memory", read=_read_memarg, write=_write_memarg)


def _read_blocktype(r: Reader) -> BlockType:
    return r.blocktype()


def _write_blocktype(w: Writer, t: BlockType) -> None:
    if t is None:
        w.byte(0x40)
    elif isinstance(t, int):
        w.s33(t)
    else:
        w.valtype(t)


BLOCKTYPE = Immediate(name="blocktype", read=_read_blocktype, write=_write_blocktype)


def _read_castlabel(r: Reader) -> tuple[int, RefType, RefType]:
    flags = r.byte()
    if flags > 3:
        raise r.fail("malformed br_on_cast flags")
    label = r.u32()
    source, target = r.heaptype(), r.heaptype()
    return label, RefType(bool(flags & 1), source), RefType(bool(flags & 2), target)


def _write_castlabel(w: Writer, value: tuple[int, RefType, RefType]) -> None:
    label, source, target = value
    w.byte(source.nullable | target.nullable << 1)
    w.u32(label)
    w.heaptype(source.heap)
    w.heaptype(target.heap)


#: `br_on_cast`: the label, the type that comes and the type asked for, in one.
CASTLABEL = Immediate(name="castlabel", space="label", read=_read_castlabel, write=_write_castlabel)


def _read_catch(r: Reader) -> Catch:
    kind = r.byte()
    if kind > 3:
        raise r.fail("malformed catch clause")
    tag = r.u32() if kind < 2 else None
    return Catch(tag, r.u32(), ref=bool(kind & 1))


def _write_catches(w: Writer, catches: tuple[Catch, ...]) -> None:
    w.u32(len(catches))
    for catch in catches:
        w.byte(catch.ref | (catch.tag is None) << 1)
        if catch.tag is not None:
            w.u32(catch.tag)
        w.u32(catch.label)


#: The catch clauses of `try_table`; their labels are those outside of it.
CATCHES = Immediate(name="catch*", read=_vector(_read_catch), write=_write_catches)

# Vectors: the number of a lane, sixteen such numbers, and the 128 bits of a constant as an int.
LANEIDX = Immediate(name="laneidx", read=lambda r: r.byte(), write=lambda w, i: w.byte(i))
LANES = Immediate(name="laneidx*", read=lambda r: r.bytes(16), write=lambda w, b: w.bytes(b))
V128CONST = Immediate(
    name="v128",
    read=lambda r: int.from_bytes(r.bytes(16), "little"),
    write=lambda w, v: w.bytes(v.to_bytes(16, "little")),
)

#: The grammar rule (a terminal of `wat.lark`) of each tuple of immediates.
SHAPES: dict[tuple[Immediate, ...], str] = {
    (): "OP",
    (LABELIDX,): "OP_IDX",
    (OUTERLABEL,): "DELEGATE",
    (LOCALIDX,): "OP_IDX",
    (DATAIDX,): "OP_IDX",
    (ELEMIDX,): "OP_IDX",
    (FUNCIDX,): "OP_FUNC",
    (GLOBALIDX,): "OP_GLOBAL",
    (TAGIDX,): "OP_TAG",
    (TYPEIDX,): "OP_TYPE",
    (TYPEUSE,): "OP_TYPEUSE",
    (TYPEIDX, TYPEIDX): "OP_TYPE_TYPE",
    (TYPEIDX, FIELDIDX): "OP_TYPE_IDX",
    (TYPEIDX, DATAIDX): "OP_TYPE_IDX",
    (TYPEIDX, ELEMIDX): "OP_TYPE_IDX",
    (TYPEIDX, U32): "OP_TYPE_IDX",
    (TABLEIDX,): "OP_TABLE",
    (TABLEIDX, TABLEIDX): "OP_TABLE_TABLE",
    (TYPEUSE, TABLEIDX): "OP_TABLE_TYPEUSE",
    (MEMIDX,): "OP_MEMORY",
    (MEMIDX, MEMIDX): "OP_MEMORY_MEMORY",
    (DATAIDX, MEMIDX): "OP_MEMORY_IDX",
    (ELEMIDX, TABLEIDX): "OP_TABLE_IDX",
    (MEMARG,): "OP_MEMARG",
    (I32CONST,): "OP_INT",
    (I64CONST,): "OP_INT",
    (MEMARG, LANEIDX): "OP_MEMARG_LANE",
    (LANEIDX,): "OP_LANE",
    (LANES,): "OP_LANES",
    (V128CONST,): "OP_VECTOR",
    (F32CONST,): "OP_FLOAT",
    (F64CONST,): "OP_FLOAT",
    (HEAPTYPE,): "OP_HEAPTYPE",
    (CASTTYPE,): "OP_REFTYPE",
    (LABELS,): "OP_LABELS",
    (CASTLABEL,): "OP_CASTLABEL",
    (VALTYPES,): "OP_RESULTS",
    (BLOCKTYPE,): "BLOCK",
    (BLOCKTYPE, CATCHES): "TRY_TABLE",
}


def shape_of(immediates: tuple[Immediate, ...]) -> str:
    """The grammar's terminal for an instruction with these immediates."""
    return SHAPES[immediates]
