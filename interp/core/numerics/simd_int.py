"""Integer operations on lanes, as the spec defines them lane by lane.

The functions up to `shr_s` take the width N and lanes, and give one lane; `simd.lanewise` makes
operations on vectors of them. The others take and give whole vectors, where widths change.
"""

from __future__ import annotations

from collections.abc import Callable

from watloom.interp.core.numerics.integers import signed
from watloom.interp.core.numerics.simd import lanes, pack, signed_lanes, wrap

__all__ = [
    "abs_", "add", "add_sat_s", "add_sat_u", "avgr_u", "comparison", "dot", "eq", "extadd_s",
    "extadd_u", "extend", "extmul", "ge_s", "ge_u", "gt_s", "gt_u", "le_s", "le_u", "lt_s", "lt_u",
    "max_s", "max_u", "min_s", "min_u", "mul", "narrow_s", "narrow_u", "ne", "neg", "popcnt",
    "q15mulr_sat_s", "relaxed_dot", "relaxed_dot_add", "shl", "shr_s", "shr_u", "sub", "sub_sat_s",
    "sub_sat_u",
]  # fmt: skip


def _mask(n: int) -> int:
    return (1 << n) - 1


def _sat_s(n: int, value: int) -> int:
    """The nearest signed N-bit integer, in unsigned form (sat_s)."""
    half = 1 << (n - 1)
    return max(-half, min(half - 1, value)) & _mask(n)


def _sat_u(n: int, value: int) -> int:
    """The nearest unsigned N-bit integer (sat_u)."""
    return max(0, min(_mask(n), value))


# ------------------------------------------------------------------ arithmetic


def add(n: int, a: int, b: int) -> int:
    """Sum modulo 2^N."""
    return (a + b) & _mask(n)


def sub(n: int, a: int, b: int) -> int:
    """Difference modulo 2^N."""
    return (a - b) & _mask(n)


def mul(n: int, a: int, b: int) -> int:
    """Product modulo 2^N."""
    return (a * b) & _mask(n)


def neg(n: int, a: int) -> int:
    """Negation modulo 2^N."""
    return -a & _mask(n)


def abs_(n: int, a: int) -> int:
    """Absolute value of the signed reading, modulo 2^N."""
    return abs(signed(n, a)) & _mask(n)


def popcnt(n: int, a: int) -> int:
    """Number of one bits."""
    return a.bit_count()


def add_sat_s(n: int, a: int, b: int) -> int:
    """Signed sum, clamped."""
    return _sat_s(n, signed(n, a) + signed(n, b))


def add_sat_u(n: int, a: int, b: int) -> int:
    """Unsigned sum, clamped."""
    return _sat_u(n, a + b)


def sub_sat_s(n: int, a: int, b: int) -> int:
    """Signed difference, clamped."""
    return _sat_s(n, signed(n, a) - signed(n, b))


def sub_sat_u(n: int, a: int, b: int) -> int:
    """Unsigned difference, clamped: 0 where it would be negative."""
    return _sat_u(n, a - b)


def min_s(n: int, a: int, b: int) -> int:
    """The smaller one, signed."""
    return a if signed(n, a) < signed(n, b) else b


def min_u(n: int, a: int, b: int) -> int:
    """The smaller one, unsigned."""
    return min(a, b)


def max_s(n: int, a: int, b: int) -> int:
    """The larger one, signed."""
    return a if signed(n, a) > signed(n, b) else b


def max_u(n: int, a: int, b: int) -> int:
    """The larger one, unsigned."""
    return max(a, b)


def avgr_u(n: int, a: int, b: int) -> int:
    """Unsigned average, a half rounded upwards."""
    return (a + b + 1) >> 1


def q15mulr_sat_s(n: int, a: int, b: int) -> int:
    """Product of Q15 fixed-point numbers, rounded and clamped."""
    return _sat_s(n, (signed(n, a) * signed(n, b) + (1 << 14)) >> 15)


# ------------------------------------------------------------------ comparisons


def comparison(test: Callable[[int, int], bool], *, sign: bool) -> Callable[[int, int, int], int]:
    """A lane of ones where the test holds, of zeros where not."""

    def compare(n: int, a: int, b: int) -> int:
        holds = test(signed(n, a), signed(n, b)) if sign else test(a, b)
        return _mask(n) if holds else 0

    return compare


def _documented(
    compare: Callable[[int, int, int], int], doc: str
) -> Callable[[int, int, int], int]:
    compare.__doc__ = doc
    return compare


eq = _documented(comparison(lambda a, b: a == b, sign=False), "All ones where both are equal.")
ne = _documented(comparison(lambda a, b: a != b, sign=False), "All ones where they differ.")
lt_s = _documented(comparison(lambda a, b: a < b, sign=True), "All ones where less, signed.")
lt_u = _documented(comparison(lambda a, b: a < b, sign=False), "All ones where less, unsigned.")
gt_s = _documented(comparison(lambda a, b: a > b, sign=True), "All ones where greater, signed.")
gt_u = _documented(comparison(lambda a, b: a > b, sign=False), "All ones where greater, unsigned.")
le_s = _documented(
    comparison(lambda a, b: a <= b, sign=True), "All ones where less or equal, signed."
)
le_u = _documented(
    comparison(lambda a, b: a <= b, sign=False), "All ones where less or equal, unsigned."
)
ge_s = _documented(
    comparison(lambda a, b: a >= b, sign=True), "All ones where greater or equal, signed."
)
ge_u = _documented(
    comparison(lambda a, b: a >= b, sign=False), "All ones where greater or equal, unsigned."
)


# ------------------------------------------------------------------ shifts, all lanes by one i32


def shl(n: int, v: int, k: int) -> int:
    """Shift to the left by k modulo N."""
    return wrap(n, [lane << k % n for lane in lanes(n, v)])


def shr_u(n: int, v: int, k: int) -> int:
    """Shift to the right by k modulo N, filling with zeros."""
    return pack(n, [lane >> k % n for lane in lanes(n, v)])


def shr_s(n: int, v: int, k: int) -> int:
    """Shift to the right by k modulo N, keeping the sign."""
    return wrap(n, [lane >> k % n for lane in signed_lanes(n, v)])


# ------------------------------------------------------------------ between widths


def _half(n: int, v: int, high: bool, sign: bool) -> tuple[int, ...]:
    """The lower or the higher half of the N-bit lanes."""
    found = signed_lanes(n, v) if sign else lanes(n, v)
    return found[len(found) // 2 :] if high else found[: len(found) // 2]


def extend(n: int, high: bool, sign: bool, v: int) -> int:
    """Half of the N-bit lanes, each twice as wide (vcvtop extend)."""
    return wrap(2 * n, _half(n, v, high, sign))


def extmul(n: int, high: bool, sign: bool, a: int, b: int) -> int:
    """Products of half of the N-bit lanes, each twice as wide (vextbinop extmul)."""
    pairs = zip(_half(n, a, high, sign), _half(n, b, high, sign), strict=True)
    return wrap(2 * n, [x * y for x, y in pairs])


def extadd_s(n: int, v: int) -> int:
    """Sums of neighbouring signed N-bit lanes, each twice as wide (vextunop extadd_pairwise)."""
    found = signed_lanes(n, v)
    return wrap(2 * n, map(sum, zip(found[::2], found[1::2], strict=True)))


def extadd_u(n: int, v: int) -> int:
    """Sums of neighbouring unsigned N-bit lanes, each twice as wide (vextunop extadd_pairwise)."""
    found = lanes(n, v)
    return pack(2 * n, map(sum, zip(found[::2], found[1::2], strict=True)))


def narrow_s(n: int, a: int, b: int) -> int:
    """The signed N-bit lanes of both, clamped to signed lanes half as wide (vnarrow)."""
    return pack(n // 2, [_sat_s(n // 2, x) for v in (a, b) for x in signed_lanes(n, v)])


def narrow_u(n: int, a: int, b: int) -> int:
    """The signed N-bit lanes of both, clamped to unsigned lanes half as wide (vnarrow)."""
    return pack(n // 2, [_sat_u(n // 2, x) for v in (a, b) for x in signed_lanes(n, v)])


def _products(n: int, a: int, b: int) -> list[int]:
    """Sums of the products of neighbouring signed N-bit lanes."""
    products = [x * y for x, y in zip(signed_lanes(n, a), signed_lanes(n, b), strict=True)]
    return [x + y for x, y in zip(products[::2], products[1::2], strict=True)]


def dot(a: int, b: int) -> int:
    """Sums of the products of neighbouring signed 16-bit lanes, modulo 2^32 (vextbinop dot)."""
    return wrap(32, _products(16, a, b))


def relaxed_dot(a: int, b: int) -> int:
    """Sums of the products of neighbouring signed 8-bit lanes, clamped (vextbinop relaxed_dot)."""
    return pack(16, [_sat_s(16, x) for x in _products(8, a, b)])


def relaxed_dot_add(a: int, b: int, c: int) -> int:
    """`relaxed_dot`, its neighbours added, and added to 32-bit lanes (vextternop)."""
    sums = signed_lanes(32, extadd_s(16, relaxed_dot(a, b)))
    return wrap(32, [x + y for x, y in zip(sums, lanes(32, c), strict=True)])
