"""Integer vector operations on all lanes of the int at once ("SIMD within a register").

The same results as `simd_int` lane by lane, in a few operations on 128 bits. What keeps lanes apart
is that their highest bits are dealt with on their own, so that no carry leaves a lane:

    a        0x01 0xff      a & 0x7f       0x01 0x7f
    b        0x01 0x01      b & 0x7f       0x01 0x01
                            their sum      0x02 0x80     the highest bits: a ^ b, added by xor
    add      0x02 0x00

Each function here takes a width N and makes the operation for it, whose constants are then at hand.
A set of lanes is kept as their highest bits; `_ones` says how it becomes a mask.
"""

from __future__ import annotations

from collections.abc import Callable

from watloom.interp.core.numerics.simd import FULL

__all__ = [
    "Binary", "Unary", "abs_", "add", "add_sat_s", "add_sat_u", "all_true", "avgr_u", "bitmask",
    "bitmask8", "compared", "eq", "extadd_s", "extadd_u", "larger", "lows", "mul64", "narrow_s",
    "narrow_u", "ne", "neg", "shl", "shr_s", "shr_u", "smaller", "sub", "sub_sat_s",
    "sub_sat_u",
]  # fmt: skip

Unary = Callable[[int], int]
Binary = Callable[[int, int], int]


def lows(n: int) -> int:
    """The lowest bit of every lane.

    >>> hex(lows(32))
    '0x1000000010000000100000001'
    """
    return sum(1 << i for i in range(0, 128, n))


def _parts(n: int) -> tuple[int, int, int]:
    """The highest bit of every lane, the other bits, and the distance from lowest to highest."""
    high = lows(n) << (n - 1)
    return high, FULL ^ high, n - 1


# A set of lanes, given by their highest bits t, becomes a mask of all their bits as 2^N of the lane
# minus 2^0 of it, which in the whole int is (t << 1) - (t >> (n - 1)).


# ------------------------------------------------------------------ arithmetic


def add(n: int) -> Binary:
    """Sum modulo 2^N.

    >>> hex(add(8)(0x01ff, 0x0101))
    '0x200'
    """
    high, rest, _ = _parts(n)
    return lambda a, b: ((a & rest) + (b & rest)) ^ ((a ^ b) & high)


def sub(n: int) -> Binary:
    """Difference modulo 2^N: with all highest bits set, no lane borrows from the next."""
    high, rest, _ = _parts(n)
    return lambda a, b: ((a | high) - (b & rest)) ^ (~(a ^ b) & high)


def neg(n: int) -> Unary:
    """Negation modulo 2^N."""
    high, rest, _ = _parts(n)
    return lambda a: (high - (a & rest)) ^ (a & high ^ high)


def abs_(n: int) -> Unary:
    """Absolute value modulo 2^N: where negative, flipped and one added."""
    high, _, top = _parts(n)

    def operation(a: int) -> int:
        t = a & high
        one = t >> top
        return (a ^ ((t << 1) - one)) + one

    return operation


def mul64(a: int, b: int) -> int:
    """Product of 64-bit lanes."""
    mask = 0xFFFF_FFFF_FFFF_FFFF
    return ((a & mask) * (b & mask) & mask) | ((a >> 64) * (b >> 64) & mask) << 64


def avgr_u(n: int) -> Binary:
    """Unsigned average, a half rounded upwards: what both have, and half of what they differ in."""
    even = FULL ^ lows(n)
    return lambda a, b: (a | b) - (((a ^ b) & even) >> 1)


def add_sat_u(n: int) -> Binary:
    """Unsigned sum, clamped: all ones where a carry left the lane."""
    high, rest, top = _parts(n)

    def operation(a: int, b: int) -> int:
        total = ((a & rest) + (b & rest)) ^ ((a ^ b) & high)
        t = (a & b | (a | b) & ~total) & high
        return total | ((t << 1) - (t >> top))

    return operation


def sub_sat_u(n: int) -> Binary:
    """Unsigned difference, clamped: zero where a borrow was needed."""
    high, rest, top = _parts(n)

    def operation(a: int, b: int) -> int:
        x = a ^ b
        low = (a | high) - (b & rest)
        t = (x & b | ~(x | low)) & high
        return (low ^ (~x & high)) & ~((t << 1) - (t >> top))

    return operation


def add_sat_s(n: int) -> Binary:
    """Signed sum, clamped: it overflows where both have one sign and the sum has the other."""
    high, rest, top = _parts(n)

    def operation(a: int, b: int) -> int:
        x = a ^ b
        total = ((a & rest) + (b & rest)) ^ (x & high)
        t = (a ^ total) & ~x & high
        if not t:
            return total
        return total ^ ((total ^ (rest + ((a & high) >> top))) & ((t << 1) - (t >> top)))

    return operation


def sub_sat_s(n: int) -> Binary:
    """Signed difference, clamped: it overflows where the signs differ and the first's is lost."""
    high, rest, top = _parts(n)

    def operation(a: int, b: int) -> int:
        x = a ^ b
        total = ((a | high) - (b & rest)) ^ (~x & high)
        t = (a ^ total) & x & high
        if not t:
            return total
        return total ^ ((total ^ (rest + ((a & high) >> top))) & ((t << 1) - (t >> top)))

    return operation


# ------------------------------------------------------------------ comparisons


def eq(n: int) -> Binary:
    """All ones where both are equal: where adding all ones to the difference carries nowhere."""
    high, rest, top = _parts(n)

    def operation(a: int, b: int) -> int:
        x = a ^ b
        t = ((x & rest) + rest | x) & high
        return FULL ^ ((t << 1) - (t >> top))

    return operation


def ne(n: int) -> Binary:
    """All ones where they differ."""
    high, rest, top = _parts(n)

    def operation(a: int, b: int) -> int:
        x = a ^ b
        t = ((x & rest) + rest | x) & high
        return (t << 1) - (t >> top)

    return operation


def compared(n: int, *, signed: bool, greater: bool, orelse: bool) -> Binary:
    """All ones where the first is less or greater; `orelse` gives the opposite question.

    Where the highest bits differ they decide, else whether the rest of it needs a borrow. Read as
    signed, the highest bits decide the other way round.
    """
    high, rest, top = _parts(n)
    flip = high if signed else 0
    other = high if orelse else 0

    def less(a: int, b: int) -> int:
        x = a ^ b
        t = (x & (b ^ flip) | ~(x | (a | high) - (b & rest))) & high ^ other
        return (t << 1) - (t >> top)

    def more(a: int, b: int) -> int:
        x = a ^ b
        t = (x & (a ^ flip) | ~(x | (b | high) - (a & rest))) & high ^ other
        return (t << 1) - (t >> top)

    return more if greater else less


def smaller(n: int, *, signed: bool) -> Binary:
    """The smaller one: the second, with what differs taken back where the first is less."""
    high, rest, top = _parts(n)
    flip = high if signed else 0

    def operation(a: int, b: int) -> int:
        x = a ^ b
        t = (x & (b ^ flip) | ~(x | (a | high) - (b & rest))) & high
        return b ^ (x & ((t << 1) - (t >> top)))

    return operation


def larger(n: int, *, signed: bool) -> Binary:
    """The larger one."""
    high, rest, top = _parts(n)
    flip = high if signed else 0

    def operation(a: int, b: int) -> int:
        x = a ^ b
        t = (x & (b ^ flip) | ~(x | (a | high) - (b & rest))) & high
        return a ^ (x & ((t << 1) - (t >> top)))

    return operation


# ------------------------------------------------------------------ shifts


def shl(n: int) -> Binary:
    """Shift to the left by k modulo N: of the whole, and what entered a lane from below cleared."""
    kept = [lows(n) * ((1 << n) - (1 << k)) for k in range(n)]
    last = n - 1
    return lambda v, k: v << (k & last) & kept[k & last]


def shr_u(n: int) -> Binary:
    """Shift to the right by k modulo N, filling with zeros."""
    kept = [lows(n) * ((1 << (n - k)) - 1) for k in range(n)]
    last = n - 1
    return lambda v, k: v >> (k & last) & kept[k & last]


def shr_s(n: int) -> Binary:
    """Shift to the right by k modulo N: ones enter where the lane was negative."""
    kept = [lows(n) * ((1 << (n - k)) - 1) for k in range(n)]
    high, _, last = _parts(n)

    def operation(v: int, k: int) -> int:
        k &= last
        t = v & high
        return v >> k & kept[k] | (t << 1) - (t >> k)

    return operation


# ------------------------------------------------------------------ questions, sums of neighbours


def all_true(n: int) -> Unary:
    """1 where no lane is zero."""
    high, rest, _ = _parts(n)
    return lambda v: int(((v & rest) + rest | v) & high == high)


def bitmask(n: int) -> Unary:
    """The highest bits of up to eight lanes, brought together by one product."""
    high, _, top = _parts(n)
    count = 128 // n
    gather = sum(1 << (n - 1) * i for i in range(count))
    place, mask = (n - 1) * (count - 1), (1 << count) - 1
    return lambda v: (v & high) * gather >> place + top & mask


_SIGNS = b"0" * 128 + b"1" * 128


def bitmask8(v: int) -> int:
    """The highest bits of sixteen lanes: too many for one product, so bytes become digits."""
    return int(v.to_bytes(16, "big").translate(_SIGNS), 2)


def extadd_u(n: int) -> Unary:
    """Sums of neighbouring unsigned lanes, each twice as wide."""
    even = lows(2 * n) * ((1 << n) - 1)
    return lambda v: (v & even) + (v >> n & even)


def extadd_s(n: int) -> Unary:
    """Sums of neighbouring signed lanes: as unsigned ones with 2^(N-1) added, taken away again."""
    high, _, _ = _parts(n)
    even = lows(2 * n) * ((1 << n) - 1)
    minus = sub(2 * n)
    bias = lows(2 * n) << n

    def operation(v: int) -> int:
        v ^= high
        return minus((v & even) + (v >> n & even), bias)

    return operation


# ------------------------------------------------------------------ narrowing


def _compressed(n: int) -> Unary:
    """The lower half of each N-bit lane of 256 bits, side by side."""
    if n == 16:
        return lambda v: int.from_bytes(v.to_bytes(32, "little")[::2], "little")
    steps = []
    width = n
    while width < 256:
        kept = sum(((1 << width) - 1) << i for i in range(0, 256, 2 * width))
        steps.append((width // 2, kept))
        width *= 2
    (one, kept1), (two, kept2), (three, kept3) = steps

    def operation(v: int) -> int:
        v = (v | v >> one) & kept1
        v = (v | v >> two) & kept2
        return (v | v >> three) & kept3

    return operation


def narrow_u(n: int) -> Binary:
    """Signed lanes clamped to unsigned ones half as wide: negative ones are cleared, and those with
    a bit in their upper half get all ones.
    """
    low = lows(n) | lows(n) << 128
    high = low << (n - 1)
    over = low * ((1 << (n - 1)) - (1 << (n // 2)))
    half, top = n // 2, n - 1
    compress = _compressed(n)
    lower = low * ((1 << half) - 1)

    def operation(a: int, b: int) -> int:
        v = a | b << 128
        t = v & high
        v &= ~((t << 1) - (t >> top))
        t = ((v & over) + over) & high
        return compress((v | (t >> half - 1) - (t >> top)) & lower)

    return operation


def narrow_s(n: int) -> Binary:
    """Signed lanes clamped to signed ones half as wide: too large if a bit above differs from the
    sign, and then the largest or the smallest.
    """
    low = lows(n) | lows(n) << 128
    half, top = n // 2, n - 1
    high = low << top
    over = low * ((1 << top) - (1 << (half - 1)))
    lower = low * ((1 << half) - 1)
    largest = low * ((1 << (half - 1)) - 1)
    compress = _compressed(n)

    def operation(a: int, b: int) -> int:
        v = a | b << 128
        t = v & high
        negative = (t << 1) - (t >> top)
        t = (((v ^ negative) & over) + over) & high
        clamped = (t >> half - 1) - (t >> top)
        return compress((v ^ ((v ^ largest ^ negative) & clamped)) & lower)

    return operation
