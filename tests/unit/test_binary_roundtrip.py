"""decode ∘ encode is the identity on modules (but for positions), and encode ∘ decode on bytes."""

import math

import pytest

from binary_samples import SOURCE, TYPES, everything, linked, op, plain
from watloom.interp.core.features import DEFAULT, WASM3
from watloom.interp.core.instr import Catch, Instr, MemArg
from watloom.interp.core.module import (
    Data,
    Func,
    FuncDesc,
    Import,
    Local,
    Module,
    Passive,
)
from watloom.interp.core.numerics.bits import f32_from_bits, f64_from_bits
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    ANYREF,
    FUNCREF,
    I32,
    I64,
    AbsHeap,
    RefType,
    TypeIdx,
)
from watloom.interp.isa import op_table
from watloom.interp.isa.immediates import (
    BLOCKTYPE,
    CASTLABEL,
    CASTTYPE,
    CATCHES,
    F32CONST,
    F64CONST,
    HEAPTYPE,
    I32CONST,
    I64CONST,
    LABELS,
    LANEIDX,
    LANES,
    MEMARG,
    V128CONST,
    VALTYPES,
)
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module


def check(module: Module, features=WASM3) -> bytes:
    """A module is read back as it was, and its bytes are written again as they were."""
    module.features = features
    data = encode_module(module)
    read = decode_module(Source("made.wasm", data=data), features)
    assert plain(read) == plain(module)
    assert encode_module(read) == data
    return data


def test_types():
    check(Module(SOURCE, definitions=list(TYPES)))


def test_the_module_of_nothing_is_its_header():
    assert encode_module(Module(SOURCE)) == b"\0asm\1\0\0\0"


def test_everything():
    check(everything())


VALUES = {
    BLOCKTYPE: [None, I32, RefType(True, TypeIdx(5)), 0, 63, 64, 5000],
    CASTLABEL: [
        (2, ANYREF, RefType(False, AbsHeap.STRUCT)),
        (0, RefType(False, TypeIdx(1)), ANYREF),
    ],
    CATCHES: [(), (Catch(0, 1), Catch(300, 0, ref=True), Catch(None, 0), Catch(None, 0, True))],
    CASTTYPE: [AbsHeap.I31, TypeIdx(700)],
    HEAPTYPE: [AbsHeap.NOEXTERN, TypeIdx(0)],
    I32CONST: [0, 1, 63, 64, (1 << 31) - 1, 1 << 31, (1 << 32) - 1],
    I64CONST: [0, (1 << 63) - 1, 1 << 63, (1 << 64) - 1],
    F32CONST: [0.0, -0.0, 1.5, math.inf, f32_from_bits(0x7FA0_0001), f32_from_bits(0xFFC0_0000)],
    F64CONST: [0.0, -0.0, 0.1, -math.inf, f64_from_bits(0x7FF0_0000_0000_0001)],
    LABELS: [(0,), (1, 2, 300)],
    MEMARG: [MemArg(), MemArg(1, 0, 0), MemArg(0, (1 << 64) - 1, 3), MemArg(200, 7, 63)],
    LANEIDX: [0, 15, 255],
    LANES: [bytes(range(16)), bytes([255] * 16)],
    V128CONST: [0, 1, (1 << 128) - 1],
    VALTYPES: [(), (I32,), (I64, FUNCREF)],
}


@pytest.mark.parametrize("each", op_table(DEFAULT).by_opcode.values(), ids=str)
def test_every_instruction(each):
    """Each op with each value of its immediates; indices small and large."""
    columns = [VALUES.get(immediate, [0, 127, 128, (1 << 32) - 1]) for immediate in each.immediates]
    longest = max(map(len, columns), default=1)
    uses = [
        Instr(each, tuple(column[i % len(column)] for column in columns)) for i in range(longest)
    ]
    if each.mnemonic == "end":
        code = [op("block", None), *uses]
    elif each.mnemonic == "else":
        code = [op("if", None), *uses, op("end")]
    else:
        code = uses + [op("end")] * len(uses) * (BLOCKTYPE in each.immediates)
    check(Module(SOURCE, definitions=[TYPES[0]], funcs=[Func(0, [], code)]), DEFAULT)


def test_module_linking():
    data = check(linked(), DEFAULT)
    assert data.count(b"\0asm") == 4


def test_types_come_before_imports_where_other_engines_want_them():
    imports = [Import("a", "b", FuncDesc(0)), Import("a", "c", FuncDesc(0))]
    mixed = Module(SOURCE, DEFAULT, definitions=[TYPES[0], imports[0], TYPES[1], imports[1]])
    data = encode_module(mixed)
    read = decode_module(Source("mixed.wasm", data=data), WASM3)
    assert plain(read.definitions) == plain([TYPES[0], TYPES[1], *imports])


def test_a_group_of_one_is_a_lone_type():
    assert b"\x4e" not in encode_module(Module(SOURCE, definitions=[TYPES[0]]))


def test_data_count_where_it_is_needed():
    drop = Func(0, [], [op("data.drop", 0)])
    with_drop = Module(SOURCE, definitions=[TYPES[0]], funcs=[drop], datas=[Data(b"", Passive())])
    assert decode_module(Source("x", data=encode_module(with_drop)), WASM3).data_count == 1
    without = Module(SOURCE, datas=[Data(b"", Passive())])
    assert decode_module(Source("x", data=encode_module(without)), WASM3).data_count is None


def test_positions_are_offsets():
    module = Module(
        SOURCE,
        definitions=[TYPES[0]],
        funcs=[Func(0, [Local(I32)], [op("block", None), op("end")])],
    )
    data = encode_module(module)
    func = decode_module(Source("x", data=data), WASM3).funcs[0]
    assert data[func.at :].startswith(b"\1\1\x7f\2")
    assert [data[instr.at] for instr in func.body] == [0x02, 0x0B]
    assert func.end == len(data) - 1
    assert data[func.locals[0].at] == 0x7F
