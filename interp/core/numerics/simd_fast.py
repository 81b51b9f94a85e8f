"""The fast forms of vector instructions, by name with "_" for ".": `WORDS["i8x16_add"]`.

    WORDS   ints to an int     all lanes at once          `simd_swar`
    BYTES   bytes to bytes     lane by lane               `simd_bytes`
    MASKS   bytes to an int    comparisons of floats      `simd_bytes`

Which of the ways an instruction goes was measured: tests/bench/README.md. A test holds each against
the plain definition.
"""

from __future__ import annotations

from collections.abc import Callable

from watloom.interp.core.numerics import simd
from watloom.interp.core.numerics import simd_swar as swar
from watloom.interp.core.numerics.simd_bytes import BYTES, MASKS

__all__ = ["BYTES", "MASKS", "WORDS"]

WORDS: dict[str, Callable[..., int]] = {
    "i64x2_mul": swar.mul64,
    "i8x16_bitmask": swar.bitmask8,
    "v128_bitselect": simd.bitselect,
}

_SHAPES = {8: "i8x16", 16: "i16x8", 32: "i32x4", 64: "i64x2"}


def _comparisons(n: int, shape: str, letter: str) -> None:
    signed = letter == "s"
    for name, greater, orelse in (
        ("lt", False, False),
        ("gt", True, False),
        ("le", True, True),
        ("ge", False, True),
    ):
        made = swar.compared(n, signed=signed, greater=greater, orelse=orelse)
        WORDS[f"{shape}_{name}_{letter}"] = made
    if n < 64:
        WORDS[f"{shape}_min_{letter}"] = swar.smaller(n, signed=signed)
        WORDS[f"{shape}_max_{letter}"] = swar.larger(n, signed=signed)


for _n, _shape in _SHAPES.items():
    for _make in (swar.add, swar.sub, swar.eq, swar.ne, swar.shl, swar.shr_s, swar.shr_u):
        WORDS[f"{_shape}_{_make.__name__}"] = _make(_n)
    WORDS[f"{_shape}_neg"] = swar.neg(_n)
    WORDS[f"{_shape}_abs"] = swar.abs_(_n)
    WORDS[f"{_shape}_all_true"] = swar.all_true(_n)
    WORDS.setdefault(f"{_shape}_bitmask", swar.bitmask(_n))
    WORDS[f"{_shape}_relaxed_laneselect"] = simd.bitselect
    _comparisons(_n, _shape, "s")
    if _n < 64:
        _comparisons(_n, _shape, "u")
    if _n < 32:
        for _make in (swar.add_sat_s, swar.add_sat_u, swar.sub_sat_s, swar.sub_sat_u, swar.avgr_u):
            WORDS[f"{_shape}_{_make.__name__}"] = _make(_n)
        WORDS[f"{_SHAPES[2 * _n]}_extadd_pairwise_{_shape}_s"] = swar.extadd_s(_n)
        WORDS[f"{_SHAPES[2 * _n]}_extadd_pairwise_{_shape}_u"] = swar.extadd_u(_n)
        WORDS[f"{_shape}_narrow_{_SHAPES[2 * _n]}_s"] = swar.narrow_s(2 * _n)
        WORDS[f"{_shape}_narrow_{_SHAPES[2 * _n]}_u"] = swar.narrow_u(2 * _n)


def _picking(less: Callable[[bytes, bytes], int], *, swapped: bool) -> Callable[[int, int], int]:
    """pmin and pmax: the second where it is less or greater than the first, bit by bit."""

    def operation(a: int, b: int) -> int:
        x, y = a.to_bytes(16, "little"), b.to_bytes(16, "little")
        return a ^ ((a ^ b) & (less(y, x) if swapped else less(x, y)))

    return operation


for _shape in ("f32x4", "f64x2"):
    WORDS[f"{_shape}_pmin"] = _picking(MASKS[f"{_shape}_lt"], swapped=True)
    WORDS[f"{_shape}_pmax"] = _picking(MASKS[f"{_shape}_lt"], swapped=False)
