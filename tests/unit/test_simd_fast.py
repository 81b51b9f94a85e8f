"""The fast forms of vector instructions give what their declarations give."""

import random
from collections.abc import Iterator

import pytest

from watloom.interp.compile.support import NAMES, VECTOR_PREFIXES
from watloom.interp.compile.support_vectors import VECTOR_NAMES
from watloom.interp.core.features import WASM3
from watloom.interp.core.instr import Op
from watloom.interp.core.numerics.simd import pack
from watloom.interp.core.numerics.simd_fast import BYTES, MASKS, WORDS
from watloom.interp.isa import op_table

#: Lanes where mistakes live, beside zero, the extremes and their neighbours: floats, NaNs.
LANES = {
    8: [127, 128, 15, 16],
    16: [0x80, 0xFF80, 0x7F, 0x100],
    32: [
        1065353216,
        3204448256,
        2139095040,
        4286578688,
        1325400064,
        2139095039,
        4288675841,
        2143289344,
        2139095041,
        1078530011,
        1333788672,
        1056964608,
        1,
        2147483649,
    ],
    64: [
        4607182418800017408,
        9218868437227405312,
        18442240474082181121,
        4746794007246405632,
        4746794007248502784,
        13826050856027422720,
        9221120237041090560,
        5183643170835005440,
        1,
    ],
}


def vectors(count: int, seed: int) -> Iterator[tuple[int, ...]]:
    """Operands: random ones, and lanes of corners."""
    draw = random.Random(seed)

    def vector() -> int:
        n = draw.choice((8, 16, 32, 64, 128))
        if n == 128:
            return draw.getrandbits(128)
        half, mask = 1 << (n - 1), (1 << n) - 1
        corners = [0, 1, mask, half, half - 1, half + 1, draw.getrandbits(n), *LANES[n]]
        return pack(n, [draw.choice(corners) for _ in range(128 // n)])

    for _ in range(300):
        yield tuple(vector() for _ in range(count))


def op_named(name: str) -> Op:
    (op,) = op_table(WASM3).by_mnemonic[name.replace("_", ".", 1)]
    return op


def arity(op: Op) -> int:
    return op.signature.split("->")[0].count("v128")


@pytest.mark.parametrize("name", sorted(WORDS))
def test_all_lanes_at_once(name: str) -> None:
    op = op_named(name)
    assert op.pure is not None
    takes_count = "i32" in op.signature.split("->")[0]
    for i, operands in enumerate(vectors(arity(op), seed=1)):
        given = (*operands, i % 150) if takes_count else operands
        assert WORDS[name](*given) == op.pure(*given), [hex(v) for v in given]


@pytest.mark.parametrize("name", sorted(BYTES.keys() | MASKS.keys()))
def test_lane_by_lane_on_bytes(name: str) -> None:
    op = op_named(name)
    assert op.pure is not None
    for operands in vectors(arity(op), seed=2):
        found = (BYTES | MASKS)[name](*[v.to_bytes(16, "little") for v in operands])
        number = int.from_bytes(found, "little") if name in BYTES else found
        assert number == op.pure(*operands), [hex(v) for v in operands]


def test_no_name_means_two_things() -> None:
    assert not (WORDS.keys() & BYTES.keys()) | (WORDS.keys() & MASKS.keys())
    assert not VECTOR_NAMES.keys() & NAMES.keys()
    assert all(name.startswith(VECTOR_PREFIXES) for name in VECTOR_NAMES)
    assert not any(name.startswith(VECTOR_PREFIXES) for name in NAMES)
    assert all(VECTOR_NAMES[name] is made for name, made in (WORDS | BYTES | MASKS).items())
