"""Floats and their bits, exact for every NaN.

An f32 is held as the Python float (an f64) of the same value. A NaN keeps its sign and payload: the
23 payload bits of the f32 are the top 23 of the f64's 52, so a signalling f32 NaN is a signalling
f64 NaN. Converting through C's `float` would set the quiet bit; hence the detour for NaNs.

    >>> hex(f32_to_bits(f32_from_bits(0x7fa00001)))
    '0x7fa00001'
"""

from __future__ import annotations

import struct

__all__ = [
    "CANONICAL_NAN", "f32_from_bits", "f32_round", "f32_to_bits", "f64_from_bits", "f64_to_bits",
    "is_canonical_nan32", "is_canonical_nan64", "is_arithmetic_nan32", "is_arithmetic_nan64",
]  # fmt: skip

_F32 = struct.Struct("<f")
_F64 = struct.Struct("<d")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")

_SIGN32, _EXP32, _FRAC32 = 0x8000_0000, 0x7F80_0000, 0x007F_FFFF
_EXP64 = 0x7FF0_0000_0000_0000


def f64_from_bits(bits: int) -> float:
    """The f64 with these 64 bits."""
    x: float = _F64.unpack(_U64.pack(bits))[0]
    return x


def f64_to_bits(x: float) -> int:
    """The 64 bits of an f64."""
    bits: int = _U64.unpack(_F64.pack(x))[0]
    return bits


def f32_from_bits(bits: int) -> float:
    """The f32 with these 32 bits."""
    if bits & _EXP32 == _EXP32 and bits & _FRAC32:
        return f64_from_bits((bits & _SIGN32) << 32 | _EXP64 | (bits & _FRAC32) << 29)
    x: float = _F32.unpack(_U32.pack(bits))[0]
    return x


def f32_to_bits(x: float) -> int:
    """The 32 bits of an f32."""
    if x != x:
        bits = f64_to_bits(x)
        return bits >> 32 & _SIGN32 | _EXP32 | bits >> 29 & _FRAC32
    found: int = _U32.unpack(_F32.pack(x))[0]
    return found


def f32_round(x: float) -> float:
    """The f32 nearest to an f64 that is not a NaN, ties to even; too large becomes infinite.

    >>> f32_round(0.1)
    0.10000000149011612
    >>> f32_round(1e39)
    inf
    """
    try:
        y: float = _F32.unpack(_F32.pack(x))[0]
    except OverflowError:  # struct refuses what rounds to infinity
        return float("inf") if x > 0 else float("-inf")
    return y


#: The positive canonical NaN, as f64 and as f32.
CANONICAL_NAN = f64_from_bits(0x7FF8_0000_0000_0000)


def is_canonical_nan32(bits: int) -> bool:
    """`nan:canonical`: only the quiet bit of the payload is set."""
    return bits & 0x7FFF_FFFF == 0x7FC0_0000


def is_arithmetic_nan32(bits: int) -> bool:
    """`nan:arithmetic`: the quiet bit is set."""
    return bits & 0x7FC0_0000 == 0x7FC0_0000


def is_canonical_nan64(bits: int) -> bool:
    """`nan:canonical`: only the quiet bit of the payload is set."""
    return bits & 0x7FFF_FFFF_FFFF_FFFF == 0x7FF8_0000_0000_0000


def is_arithmetic_nan64(bits: int) -> bool:
    """`nan:arithmetic`: the quiet bit is set."""
    return bits & 0x7FF8_0000_0000_0000 == 0x7FF8_0000_0000_0000
