"""How many operands instructions take and give: asked of their typing rules by one that counts."""

import pytest

from watloom.interp.core.features import PROPOSALS, Features
from watloom.interp.core.instr import Immediate, Instr, MemArg, Op
from watloom.interp.core.types import (
    ANYREF,
    I32,
    I64,
    AbsHeap,
    ArrayType,
    FieldType,
    FuncType,
    PackType,
    RefType,
    StructType,
)
from watloom.interp.isa import op_table
from watloom.interp.isa.control import DELIMITERS
from watloom.interp.isa.immediates import (
    BLOCKTYPE,
    CASTLABEL,
    CASTTYPE,
    HEAPTYPE,
    LABELS,
    LANES,
    MEMARG,
    TYPEIDX,
    VALTYPES,
)
from watloom.interp.isa.proposal import parse_signature
from watloom.parser.arity import Arities, Counter

OPS = op_table(Features(frozenset(PROPOSALS))).by_opcode.values()
PLAIN = [op for op in OPS if BLOCKTYPE not in op.immediates and op.mnemonic not in DELIMITERS]

FUNC, STRUCT, PACKED_STRUCT, ARRAY, PACKED_ARRAY, REFS = range(6)
ARITIES = Arities(
    {
        FUNC: FuncType((I32, I32), (ANYREF,)),
        STRUCT: StructType((FieldType(I32, True), FieldType(I64, True), FieldType(I64, True))),
        PACKED_STRUCT: StructType((FieldType(PackType.I8, True),)),
        ARRAY: ArrayType(FieldType(I32, True)),
        PACKED_ARRAY: ArrayType(FieldType(PackType.I8, True)),
        REFS: ArrayType(FieldType(ANYREF, True)),
    },
    funcs=[FUNC],
    tags=[FUNC],
)


def typeidx(mnemonic: str) -> int:
    """A type of the kind that an instruction wants."""
    packed = mnemonic.endswith(("_s", "_u"))
    if mnemonic.startswith("struct"):
        return PACKED_STRUCT if packed else STRUCT
    if mnemonic.startswith("array"):
        return PACKED_ARRAY if packed else REFS if "elem" in mnemonic else ARRAY
    return FUNC


def argument(op: Op, kind: Immediate) -> object:
    if kind is TYPEIDX:
        return typeidx(op.mnemonic)
    if kind is MEMARG:
        return MemArg(align=op.data["access"].size.bit_length() - 1)
    if kind in (HEAPTYPE, CASTTYPE):
        return AbsHeap.ANY
    if kind is CASTLABEL:
        return 0, ANYREF, RefType(False, AbsHeap.I31)
    return {LABELS: (0,), VALTYPES: (I32,), LANES: (0,) * 16}.get(kind, 0)


def instr(op: Op) -> Instr:
    return Instr(op, tuple(argument(op, kind) for kind in op.immediates))


@pytest.mark.parametrize("op", PLAIN, ids=lambda op: op.mnemonic)
def test_a_rule_is_counted_to_its_end(op: Op) -> None:
    """A rule that the counter cannot follow would leave its instruction unfolded."""
    counter = Counter(ARITIES, [1], results=1)
    op.check(counter, *instr(op).args)
    if op.signature:
        params, results = parse_signature(op.signature)
        assert (counter.taken, counter.given) == (len(params), len(results))


@pytest.mark.parametrize(
    ("mnemonic", "arity"),
    [
        ("call", (2, 1)),
        ("call_indirect", (3, 1)),
        ("call_ref", (3, 1)),
        ("return_call", (2, 0)),
        ("throw", (2, 0)),
        ("br", (1, 0)),
        ("br_if", (2, 1)),
        ("br_table", (2, 0)),
        ("return", (1, 0)),
        ("local.tee", (1, 1)),
        ("select", (3, 1)),
        ("struct.new", (3, 1)),
        ("struct.set", (2, 0)),
        ("array.new_fixed", (0, 1)),
        ("array.copy", (5, 0)),
        ("memory.copy", (3, 0)),
        ("v128.store8_lane", (2, 0)),
        ("i32.atomic.rmw.cmpxchg", (3, 1)),
        ("i64.add128", (4, 2)),
    ],
)
def test_arities(mnemonic: str, arity: tuple[int, int]) -> None:
    op = next(op for op in PLAIN if op.mnemonic == mnemonic)
    assert ARITIES.of_instr(instr(op), [1], 1) == arity
