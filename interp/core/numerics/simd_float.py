"""Float operations on lanes: `floats`, once for each lane.

Lanes become floats by their bits and back, so that what only moves a NaN keeps its payload;
arithmetic gives the positive canonical NaN, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from watloom.interp.core.numerics import floats
from watloom.interp.core.numerics.bits import (
    f32_from_bits,
    f32_round,
    f32_to_bits,
    f64_from_bits,
    f64_to_bits,
)
from watloom.interp.core.numerics.floats import Rounding
from watloom.interp.core.numerics.simd import lanes, pack, signed_lanes, wrap

__all__ = [
    "comparison", "convert", "convert_low", "demote_zero", "float_lanes", "lanewise", "madd",
    "nmadd", "pack_floats", "pmax", "pmin", "promote_low", "rounding", "trunc_sat",
    "trunc_sat_zero",
]  # fmt: skip

_FROM_BITS: dict[int, Callable[[int], float]] = {32: f32_from_bits, 64: f64_from_bits}
_TO_BITS: dict[int, Callable[[float], int]] = {32: f32_to_bits, 64: f64_to_bits}


def _as_it_is(x: float) -> float:
    return x


def rounding(n: int) -> Rounding:
    """What brings an f64 to N bits."""
    return f32_round if n == 32 else _as_it_is


def float_lanes(n: int, v: int) -> tuple[float, ...]:
    """The lanes of an f32x4 or f64x2, the lowest first.

    >>> float_lanes(64, pack_floats(64, (0.5, -1.0)))
    (0.5, -1.0)
    """
    return tuple(map(_FROM_BITS[n], lanes(n, v)))


def pack_floats(n: int, values: Iterable[float]) -> int:
    """The vector of these floats, which are of N bits already."""
    return pack(n, map(_TO_BITS[n], values))


def lanewise(n: int, meaning: Callable[..., float]) -> Callable[..., int]:
    """The operation on vectors that does the same to each lane."""

    def operation(*vectors: int) -> int:
        rows = zip(*[float_lanes(n, v) for v in vectors], strict=True)
        return pack_floats(n, [meaning(*row) for row in rows])

    return operation


def comparison(n: int, test: Callable[[float, float], bool]) -> Callable[[int, int], int]:
    """A lane of ones where the test holds, of zeros where not; a NaN equals nothing."""

    def compare(a: int, b: int) -> int:
        pairs = zip(float_lanes(n, a), float_lanes(n, b), strict=True)
        return wrap(n, [-test(x, y) for x, y in pairs])

    return compare


def pmin(a: float, b: float) -> float:
    """The second where it is less, else the first, bit by bit (fpmin_N)."""
    return b if b < a else a


def pmax(a: float, b: float) -> float:
    """The second where it is greater, else the first, bit by bit (fpmax_N)."""
    return b if a < b else a


def madd(rounds: Rounding, a: float, b: float, c: float) -> float:
    """Product and then sum, rounded twice: the deterministic choice (frelaxed_madd_N)."""
    return floats.add(rounds, floats.mul(rounds, a, b), c)


def nmadd(rounds: Rounding, a: float, b: float, c: float) -> float:
    """`madd` of the negated first operand (frelaxed_nmadd_N)."""
    return madd(rounds, -a, b, c)


# ------------------------------------------------------------------ conversions


def _bounds(sign: bool) -> tuple[int, int]:
    return (-(1 << 31), (1 << 31) - 1) if sign else (0, (1 << 32) - 1)


def trunc_sat(sign: bool, v: int) -> int:
    """The integer parts of an f32x4, clamped to 32 bits; 0 for a NaN (trunc_sat)."""
    low, high = _bounds(sign)
    return wrap(32, [floats.trunc_sat(low, high, x) for x in float_lanes(32, v)])


def trunc_sat_zero(sign: bool, v: int) -> int:
    """The integer parts of an f64x2 in the lower lanes, clamped to 32 bits; zeros above."""
    low, high = _bounds(sign)
    return wrap(32, [*(floats.trunc_sat(low, high, x) for x in float_lanes(64, v)), 0, 0])


def convert(sign: bool, v: int) -> int:
    """The 32-bit integers as an f32x4, rounded (convert)."""
    found = signed_lanes(32, v) if sign else lanes(32, v)
    return pack_floats(32, map(floats.f32_from_int, found))


def convert_low(sign: bool, v: int) -> int:
    """The lower two 32-bit integers as an f64x2 (convert)."""
    found = signed_lanes(32, v) if sign else lanes(32, v)
    return pack_floats(64, map(float, found[:2]))


def demote_zero(v: int) -> int:
    """An f64x2 in the lower lanes of an f32x4, zeros above (demote)."""
    return pack_floats(32, [*(floats.demote(f32_round, x) for x in float_lanes(64, v)), 0.0, 0.0])


def promote_low(v: int) -> int:
    """The lower two lanes of an f32x4 as an f64x2 (promote)."""
    return pack_floats(64, map(floats.promote, float_lanes(32, v)[:2]))
