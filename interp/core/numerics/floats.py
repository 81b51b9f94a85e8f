"""Float operations (https://webassembly.github.io/spec/core/exec/numerics.html#floating-point-operations).

Where the spec leaves a NaN's bits open, the result is the positive canonical NaN: the deterministic
profile (https://webassembly.github.io/spec/core/appendix/profiles.html). Sign operations keep the
payload. An operation on f32 works in f64 and rounds once, which is exact for add, sub, mul, div and
sqrt, an f64 having more than twice the f32's precision; `rounds` is `f32_round` or the identity.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from watloom.interp.core.numerics.bits import CANONICAL_NAN, f32_round
from watloom.interp.core.numerics.integers import NumericError

__all__ = [
    "Rounding", "add", "ceil", "copysign", "demote", "div", "f32_from_int", "fabs", "floor",
    "maximum", "minimum", "mul", "nearest", "neg", "promote", "sqrt", "sub", "trunc", "trunc_sat",
    "trunc_to_int",
]  # fmt: skip

Rounding = Callable[[float], float]


def add(rounds: Rounding, a: float, b: float) -> float:
    """Sum (fadd_N)."""
    x = a + b
    return rounds(x) if x == x else CANONICAL_NAN


def sub(rounds: Rounding, a: float, b: float) -> float:
    """Difference (fsub_N)."""
    x = a - b
    return rounds(x) if x == x else CANONICAL_NAN


def mul(rounds: Rounding, a: float, b: float) -> float:
    """Product (fmul_N)."""
    x = a * b
    return rounds(x) if x == x else CANONICAL_NAN


def div(rounds: Rounding, a: float, b: float) -> float:
    """Quotient (fdiv_N); dividing by zero gives an infinity, or a NaN for 0/0."""
    if b == 0:
        if a == 0 or a != a:
            return CANONICAL_NAN
        return math.copysign(math.inf, math.copysign(1.0, a) * math.copysign(1.0, b))
    x = a / b
    return rounds(x) if x == x else CANONICAL_NAN


def sqrt(rounds: Rounding, a: float) -> float:
    """Square root (fsqrt_N)."""
    if a != a or a < 0:
        return CANONICAL_NAN
    return rounds(math.sqrt(a))


def minimum(a: float, b: float) -> float:
    """The smaller one; any NaN gives a NaN, and -0 is smaller than 0 (fmin_N)."""
    if a != a or b != b:
        return CANONICAL_NAN
    if a == b:
        return a if math.copysign(1.0, a) < 0 else b
    return a if a < b else b


def maximum(a: float, b: float) -> float:
    """The larger one; any NaN gives a NaN, and 0 is larger than -0 (fmax_N)."""
    if a != a or b != b:
        return CANONICAL_NAN
    if a == b:
        return b if math.copysign(1.0, a) < 0 else a
    return a if a > b else b


def neg(a: float) -> float:
    """The sign flipped, also a NaN's (fneg_N)."""
    return -a


def fabs(a: float) -> float:
    """The sign cleared, also a NaN's (fabs_N)."""
    return math.fabs(a)


def copysign(a: float, b: float) -> float:
    """The first with the sign of the second, also of NaNs (fcopysign_N)."""
    return math.copysign(a, b)


def _whole(a: float, rounded: Callable[[float], int]) -> float:
    if a != a:
        return CANONICAL_NAN
    if a == 0 or math.isinf(a):
        return a
    return math.copysign(float(rounded(a)), a)  # -0.5 becomes -0


def ceil(a: float) -> float:
    """Rounded upwards (fceil_N)."""
    return _whole(a, math.ceil)


def floor(a: float) -> float:
    """Rounded downwards (ffloor_N)."""
    return _whole(a, math.floor)


def trunc(a: float) -> float:
    """Rounded towards zero (ftrunc_N)."""
    return _whole(a, math.trunc)


def nearest(a: float) -> float:
    """Rounded to the nearest integer, ties to even (fnearest_N)."""
    return _whole(a, round)


def promote(a: float) -> float:
    """f32 to f64 (promote)."""
    return a if a == a else CANONICAL_NAN


def demote(rounds: Rounding, a: float) -> float:
    """f64 to f32 (demote)."""
    return rounds(a) if a == a else CANONICAL_NAN


def trunc_to_int(low: int, high: int, a: float) -> int:
    """The integer part where it lies within low..high (trunc_u, trunc_s)."""
    if a != a:
        raise NumericError("invalid conversion to integer")
    if math.isinf(a) or not low <= (i := math.trunc(a)) <= high:
        raise NumericError("integer overflow")
    return i


def trunc_sat(low: int, high: int, a: float) -> int:
    """The integer part, clamped to low..high; 0 for a NaN (trunc_sat_u, trunc_sat_s)."""
    if a != a:
        return 0
    if math.isinf(a):
        return high if a > 0 else low
    return min(max(math.trunc(a), low), high)


def f32_from_int(i: int) -> float:
    """The f32 nearest to an integer (convert_u, convert_s to 32).

    Rounding to f64 first and to f32 afterwards would round twice; so the bits far below the
    significand are folded into one sticky bit, after which the f64 is exact.

    >>> f32_from_int(0x7fffff4000000001)
    9.223371487098962e+18
    """
    magnitude = abs(i)
    excess = magnitude.bit_length() - 26
    if excess > 0:
        low = magnitude & ((1 << excess) - 1)
        magnitude = magnitude >> excess << excess | (1 << excess if low else 0)
    return f32_round(float(-magnitude if i < 0 else magnitude))
