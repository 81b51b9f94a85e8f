"""Numbers worth trying: the corners of each type, as bits, and the text of a constant.

A number type that has an entry in `CORNERS` takes part in generated programs.
"""

from __future__ import annotations

from collections.abc import Callable

from differential.draw import Draw
from watloom.interp.core.numerics.bits import f32_from_bits, f64_from_bits, f64_to_bits

__all__ = [
    "CORNERS",
    "FLOATS",
    "FOLD",
    "NUMBERS",
    "WIDTH",
    "as_i64",
    "bits_for",
    "const",
    "constant",
    "corner",
]

WIDTH = {"i32": 32, "i64": 64, "f32": 32, "f64": 64, "v128": 128}


def _around(*centres: int, width: int) -> tuple[int, ...]:
    """Each with its neighbours, as unsigned numbers of a width."""
    mask = (1 << width) - 1
    near = {centre + step & mask for centre in centres for step in (-1, 0, 1)}
    return tuple(sorted(near))


def _f64s(*values: float) -> tuple[int, ...]:
    """Bits of the values and of their negatives."""
    return tuple(f64_to_bits(sign * value) for value in values for sign in (1.0, -1.0))


#: The bits of the values where mistakes live.
CORNERS: dict[str, tuple[int, ...]] = {
    "i32": _around(
        0, 1 << 31, 0x80, 0x100, 0x8000, 0x10000, 1 << 24, 0x55555555, 0x7FFFFF80, width=32
    ),
    "i64": _around(
        0, 1 << 63, 1 << 31, 1 << 32, 0x80, 0x100, 0x8000, 0x10000, 1 << 53, 0x5555555555555555,
        0x7FFF_FFFF_FFFF_FC00, 0x7FFF_FF40_0000_0000, width=64,
    ),
    "f32": (
        0x00000000, 0x80000000, 0x3F800000, 0xBF800000, 0x3F000000, 0xBF000000, 0x3FC00000,
        0x40200000, 0xC0200000, 0x00000001, 0x80000001, 0x007FFFFF, 0x00800000, 0x7F7FFFFF,
        0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7FA00001, 0xFF800001,
        0x7FFFFFFF, 0x4AFFFFFF, 0x4B000001, 0x4B7FFFFF, 0x4B800001, 0x4EFFFFFF, 0x4F000000,
        0xCF000000, 0xCF000001, 0x4F7FFFFF, 0x4F800000, 0x5EFFFFFF, 0x5F000000, 0xDF000000,
        0xDF000001, 0x5F7FFFFF, 0x5F800000, 0x3EFFFFFF, 0x3F7FFFFF, 0xBF7FFFFF,
    ),
    "f64": (
        *_f64s(
            0.0, 1.0, 0.5, 1.5, 2.5, 0.49999999999999994, 0.9999999999999999, 5e-324,
            2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308, float("inf"),
            2147483647.0, 2147483647.5, 2147483648.0, 2147483648.9, 2147483649.0, 4294967295.0,
            4294967295.9, 4294967296.0, 4503599627370497.5, 9007199254740991.0, 9007199254740993.0,
            9.223372036854775e18, 9.223372036854776e18, 1.844674407370955e19, 1.8446744073709552e19,
            3.4028234663852886e38, 3.4028235677973366e38, 3.4028235677973362e38,
            1.1754943508222875e-38, 1.401298464324817e-45, 7.006492321624085e-46,
            7.006492321624086e-46, 1.0000000596046448, 1.0000001788139343, 16777217.0,
        ),
        0x7FF8000000000000, 0xFFF8000000000000, 0x7FF4000000000001, 0xFFF0000000000001,
        0x7FFFFFFFFFFFFFFF, 0x7FF8000020000000,
    ),
    "v128": (0, (1 << 128) - 1, 0x0F0E0D0C0B0A09080706050403020100, 0x80 << 120, 1 << 64),
}  # fmt: skip

#: The ones that matter most.
_EXTREMES: dict[str, tuple[int, ...]] = {
    "i32": (0, 1, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF),
    "i64": (0, 1, (1 << 64) - 1, 1 << 63, (1 << 63) - 1),
    "f32": (0, 0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFA00001, 0x7F7FFFFF),
    "f64": (
        *_f64s(0.0, float("inf"), 1.7976931348623157e308),
        0x7FF8000000000000, 0xFFF4000000000001,
    ),
}  # fmt: skip

#: The corners of lanes that are no numbers of their own.
_NARROW = {"i8": _around(0, 0x80, 0x10, width=8), "i16": _around(0, 1 << 15, 0x80, width=16)}

#: The number types that programs use.
NUMBERS: tuple[str, ...] = tuple(CORNERS)
FLOATS = ("f32", "f64")


def corner(draw: Draw, t: str) -> int:
    """The bits of a corner, every other time an extreme one; a vector has them in its lanes."""
    if t == "v128" and draw.chance(0.9):
        lane, width = draw.pick((("i8", 8), ("i16", 16), *list(WIDTH.items())[:4]))
        lanes = [_lane_corner(draw, lane) for _ in range(128 // width)]
        return sum(bits << width * i for i, bits in enumerate(lanes))
    if t == "v128":
        return draw.pick(CORNERS[t])
    return draw.pick((_EXTREMES if draw.chance(0.5) else CORNERS)[t])


def _lane_corner(draw: Draw, t: str) -> int:
    return draw.pick(_NARROW[t]) if t in _NARROW else corner(draw, t)


def bits_for(draw: Draw, t: str) -> int:
    """The bits of a number of the type: small ones and corners above all."""
    if t == "v128":
        if draw.chance(0.7):
            return corner(draw, t)
        return sum(draw.bits(32) << 32 * i for i in range(4))
    width = WIDTH[t]
    roll = draw.below(20)
    if t in FLOATS:
        if roll < 9:
            return corner(draw, t)
        if roll < 17:  # a float that is easy to compute with
            value = draw.between(-64, 64) / draw.pick((1.0, 2.0, 4.0, 3.0, 10.0))
            return _round_to(t, value)
        return draw.bits(width)
    if roll < 9:
        return draw.between(-3, 12) & ((1 << width) - 1)
    if roll < 16:
        return corner(draw, t)
    if roll < 18:
        return ((1 << draw.below(width)) + draw.between(-1, 1)) & ((1 << width) - 1)
    return draw.bits(width)


def _round_to(t: str, value: float) -> int:
    from watloom.interp.core.numerics.bits import f32_round, f32_to_bits

    return f64_to_bits(value) if t == "f64" else f32_to_bits(f32_round(value))


def const(t: str, bits: int) -> str:
    """The instruction that pushes these bits.

    >>> const("i32", 0xffffffff), const("f32", 0x7fa00001), const("f64", 1 << 63)
    ('(i32.const -1)', '(f32.const nan:0x200001)', '(f64.const -0x0.0p+0)')
    """
    return f"({t}.const {_TEXT[t](bits)})"


def constant(draw: Draw, t: str) -> str:
    """An instruction that pushes a number; now and then written as a decimal fraction."""
    if t in FLOATS and draw.chance(0.1):
        digits = str(draw.bits(60))
        return f"({t}.const {draw.pick(('', '-'))}{digits[0]}.{digits[1:]}e{draw.between(-20, 20)})"
    return const(t, bits_for(draw, t))


_AS_I64 = {
    "i32": "(i64.extend_i32_u {})",
    "i64": "{}",
    "f32": "(i64.extend_i32_u (i32.reinterpret_f32 {}))",
    "f64": "(i64.reinterpret_f64 {})",
    "v128": "(call $fold {})",
}


def as_i64(t: str, value: str) -> str:
    """Instructions that turn a number into an i64 without losing a bit; a vector is folded."""
    return _AS_I64[t].format(value)


def _integer(width: int) -> Callable[[int], str]:
    return lambda bits: str(bits - (bits >> (width - 1) << width))


def _float(exponent: int, fraction: int, decode: Callable[[int], float]) -> Callable[[int], str]:
    inf, mask = ((1 << exponent) - 1) << fraction, (1 << fraction) - 1

    def text(bits: int) -> str:
        sign = "-" if bits >> (exponent + fraction) else ""
        if bits & inf != inf:
            return decode(bits).hex()
        payload = bits & mask
        if not payload:
            return f"{sign}inf"
        return f"{sign}nan" if payload == 1 << (fraction - 1) else f"{sign}nan:{payload:#x}"

    return text


_TEXT: dict[str, Callable[[int], str]] = {
    "i32": _integer(32),
    "i64": _integer(64),
    "f32": _float(8, 23, f32_from_bits),
    "f64": _float(11, 52, f64_from_bits),
    "v128": lambda bits: f"i32x4 {' '.join(hex(bits >> i & 0xFFFFFFFF) for i in (0, 32, 64, 96))}",
}

#: The function that folds a vector: the text format has no name for a value, to use it twice.
FOLD = (
    "(func $fold (param $v v128) (result i64) (i64.xor (i64x2.extract_lane 0 (local.get $v))"
    " (i64.rotl (i64x2.extract_lane 1 (local.get $v)) (i64.const 7))))"
)
