"""Relaxed SIMD: instructions whose result the spec leaves to the implementation within bounds
(https://webassembly.github.io/spec/core/exec/numerics.html#relaxed-operations).

Here it never depends on the machine: the choice is always the one of the deterministic profile
(https://webassembly.github.io/spec/core/appendix/profiles.html#deterministic-profile), which is
the first that the spec lists. So most are the plain instruction under another name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from watloom.interp.core.numerics import floats, simd, simd_float, simd_int
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.simd import FLOAT_SHAPES, PREFIX, SHAPES

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("relaxed-simd")


def _declare(mnemonic: str, opcode: int, arity: int, meaning: Callable[..., int], doc: str) -> None:
    signature = f"{' '.join(['v128'] * arity)} -> v128"
    PROPOSAL.pure(mnemonic, (PREFIX, opcode), signature, doc=doc)(meaning)


_declare(
    "i8x16.relaxed_swizzle",
    0x100,
    2,
    simd.swizzle,
    "i8x16.swizzle; the spec lets indices from 16 to 127 wrap instead of giving 0.",
)

for _i, (_sign, _word) in enumerate(((True, "s"), (False, "u"))):
    _declare(
        f"i32x4.relaxed_trunc_f32x4_{_word}",
        0x101 + _i,
        1,
        partial(simd_float.trunc_sat, _sign),
        f"i32x4.trunc_sat_f32x4_{_word}; the spec leaves NaNs and what does not fit open.",
    )
    _declare(
        f"i32x4.relaxed_trunc_f64x2_{_word}_zero",
        0x103 + _i,
        1,
        partial(simd_float.trunc_sat_zero, _sign),
        f"i32x4.trunc_sat_f64x2_{_word}_zero; the spec leaves NaNs and what does not fit open.",
    )

for _i, (_n, _shape) in enumerate(FLOAT_SHAPES.items()):
    _rounds = simd_float.rounding(_n)
    _declare(
        f"{_shape}.relaxed_madd",
        0x105 + 2 * _i,
        3,
        simd_float.lanewise(_n, partial(simd_float.madd, _rounds)),
        "a·b + c, rounded after each step; the spec allows rounding only once.",
    )
    _declare(
        f"{_shape}.relaxed_nmadd",
        0x106 + 2 * _i,
        3,
        simd_float.lanewise(_n, partial(simd_float.nmadd, _rounds)),
        "-(a·b) + c, rounded after each step; the spec allows rounding only once.",
    )
    _declare(
        f"{_shape}.relaxed_min",
        0x10D + 2 * _i,
        2,
        simd_float.lanewise(_n, floats.minimum),
        f"{_shape}.min; the spec leaves NaNs and zeros of both signs open.",
    )
    _declare(
        f"{_shape}.relaxed_max",
        0x10E + 2 * _i,
        2,
        simd_float.lanewise(_n, floats.maximum),
        f"{_shape}.max; the spec leaves NaNs and zeros of both signs open.",
    )

for _i, _shape in enumerate(SHAPES.values()):
    _declare(
        f"{_shape}.relaxed_laneselect",
        0x109 + _i,
        3,
        simd.bitselect,
        "v128.bitselect; the spec lets the mask's highest bit in each lane decide for all of it.",
    )

_declare(
    "i16x8.relaxed_q15mulr_s",
    0x111,
    2,
    simd.lanewise(16, simd_int.q15mulr_sat_s),
    "i16x8.q15mulr_sat_s; the spec leaves the one overflowing product open.",
)
_declare(
    "i16x8.relaxed_dot_i8x16_i7x16_s",
    0x112,
    2,
    simd_int.relaxed_dot,
    "Sums of the products of neighbouring signed 8-bit lanes, clamped; "
    "the spec lets the second operand's lanes be unsigned.",
)
_declare(
    "i32x4.relaxed_dot_i8x16_i7x16_add_s",
    0x113,
    3,
    simd_int.relaxed_dot_add,
    "i16x8.relaxed_dot_i8x16_i7x16_s, its neighbouring lanes added, and the third operand added.",
)
