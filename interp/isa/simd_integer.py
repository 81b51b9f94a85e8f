"""Integer arithmetic on lanes
(https://webassembly.github.io/spec/core/syntax/instructions.html#vector-instructions).

The opcodes of a width's instructions stand together, 32 for each width: i8x16 from 96 on, i16x8
from 128, i32x4 from 160, i64x2 from 192. The tables say which instruction exists for which widths.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from watloom.interp.core.numerics import simd_int
from watloom.interp.core.numerics.simd import lanewise
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.simd import PREFIX, SHAPES

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("simd")

Meaning = Callable[..., int]

_BASE = {8: 96, 16: 128, 32: 160, 64: 192}
_EVERY = (8, 16, 32, 64)

#: Lane by lane: mnemonic, meaning, opcode from the width's base on, number of operands, widths.
_LANEWISE: tuple[tuple[str, Meaning, int, int, tuple[int, ...]], ...] = (
    ("abs", simd_int.abs_, 0, 1, _EVERY),
    ("neg", simd_int.neg, 1, 1, _EVERY),
    ("popcnt", simd_int.popcnt, 2, 1, (8,)),
    ("q15mulr_sat_s", simd_int.q15mulr_sat_s, 2, 2, (16,)),
    ("add", simd_int.add, 14, 2, _EVERY),
    ("add_sat_s", simd_int.add_sat_s, 15, 2, (8, 16)),
    ("add_sat_u", simd_int.add_sat_u, 16, 2, (8, 16)),
    ("sub", simd_int.sub, 17, 2, _EVERY),
    ("sub_sat_s", simd_int.sub_sat_s, 18, 2, (8, 16)),
    ("sub_sat_u", simd_int.sub_sat_u, 19, 2, (8, 16)),
    ("mul", simd_int.mul, 21, 2, (16, 32, 64)),
    ("min_s", simd_int.min_s, 22, 2, (8, 16, 32)),
    ("min_u", simd_int.min_u, 23, 2, (8, 16, 32)),
    ("max_s", simd_int.max_s, 24, 2, (8, 16, 32)),
    ("max_u", simd_int.max_u, 25, 2, (8, 16, 32)),
    ("avgr_u", simd_int.avgr_u, 27, 2, (8, 16)),
)

#: Comparisons: their opcodes follow one another from the width's first on.
_COMPARISONS: tuple[tuple[str, Meaning], ...] = (
    ("eq", simd_int.eq),
    ("ne", simd_int.ne),
    ("lt_s", simd_int.lt_s),
    ("lt_u", simd_int.lt_u),
    ("gt_s", simd_int.gt_s),
    ("gt_u", simd_int.gt_u),
    ("le_s", simd_int.le_s),
    ("le_u", simd_int.le_u),
    ("ge_s", simd_int.ge_s),
    ("ge_u", simd_int.ge_u),
)
_FIRST_COMPARISON = {8: 35, 16: 45, 32: 55, 64: 214}


def _declare(mnemonic: str, opcode: int, operands: str, meaning: Meaning, doc: str) -> None:
    PROPOSAL.pure(mnemonic, (PREFIX, opcode), f"{operands} -> v128", doc=doc)(meaning)


for _name, _meaning, _offset, _arity, _widths in _LANEWISE:
    for _n in _widths:
        _doc = f"{_meaning.__doc__} Lane by lane, N = {_n}."
        _operands = " ".join(["v128"] * _arity)
        _declare(
            f"{SHAPES[_n]}.{_name}", _BASE[_n] + _offset, _operands, lanewise(_n, _meaning), _doc
        )

for _n, _opcode in _FIRST_COMPARISON.items():
    for _name, _meaning in _COMPARISONS:
        if _n == 64 and _name.endswith("_u"):
            continue  # there are no unsigned ones of 64 bits
        _doc = f"{_meaning.__doc__} Lane by lane."
        _declare(f"{SHAPES[_n]}.{_name}", _opcode, "v128 v128", lanewise(_n, _meaning), _doc)
        _opcode += 1

for _n in _EVERY:
    for _name, _meaning, _offset in (
        ("shl", simd_int.shl, 11),
        ("shr_s", simd_int.shr_s, 12),
        ("shr_u", simd_int.shr_u, 13),
    ):
        _doc = f"{_meaning.__doc__} All lanes by the same k; N = {_n}."
        _declare(
            f"{SHAPES[_n]}.{_name}", _BASE[_n] + _offset, "v128 i32", partial(_meaning, _n), _doc
        )


# ------------------------------------------------------------------ between widths

for _n in (16, 32):
    for _name, _meaning, _offset in (
        ("s", simd_int.narrow_s, 5),
        ("u", simd_int.narrow_u, 6),
    ):
        _declare(
            f"{SHAPES[_n // 2]}.narrow_{SHAPES[_n]}_{_name}",
            _BASE[_n // 2] + _offset,
            "v128 v128",
            partial(_meaning, _n),
            f"The signed {_n}-bit lanes of both operands, clamped to "
            f"{'' if _name == 's' else 'un'}signed {_n // 2}-bit lanes.",
        )

for _n in (8, 16, 32):
    for _i, (_half, _sign) in enumerate((("low", "s"), ("high", "s"), ("low", "u"), ("high", "u"))):
        _where = "lower" if _half == "low" else "higher"
        _as = f"{_where} {_n}-bit lanes, read as {'' if _sign == 's' else 'un'}signed"
        _declare(
            f"{SHAPES[2 * _n]}.extend_{_half}_{SHAPES[_n]}_{_sign}",
            _BASE[2 * _n] + 7 + _i,
            "v128",
            partial(simd_int.extend, _n, _half == "high", _sign == "s"),
            f"The {_as}, each twice as wide.",
        )
        _declare(
            f"{SHAPES[2 * _n]}.extmul_{_half}_{SHAPES[_n]}_{_sign}",
            _BASE[2 * _n] + 28 + _i,
            "v128 v128",
            partial(simd_int.extmul, _n, _half == "high", _sign == "s"),
            f"Products of the {_as}, each twice as wide.",
        )

for _n, _opcode in ((8, 124), (16, 126)):
    for _i, (_sign, _meaning) in enumerate((("s", simd_int.extadd_s), ("u", simd_int.extadd_u))):
        _declare(
            f"{SHAPES[2 * _n]}.extadd_pairwise_{SHAPES[_n]}_{_sign}",
            _opcode + _i,
            "v128",
            partial(_meaning, _n),
            f"Sums of neighbouring {_n}-bit lanes, read as {'' if _sign == 's' else 'un'}signed, "
            "each twice as wide.",
        )

_declare(
    "i32x4.dot_i16x8_s",
    186,
    "v128 v128",
    simd_int.dot,
    "Sums of the products of neighbouring signed 16-bit lanes, modulo 2^32.",
)
