"""Vectors of 128 bits (https://webassembly.github.io/spec/core/exec/numerics.html#vector-operations).

A v128 is a Python int of its 128 bits, `0 <= v < 2**128`; lane 0 is the lowest. The *shape* of a
vector with N-bit lanes is given by N alone: 8 is i8x16, 16 is i16x8, 32 is i32x4, 64 is i64x2.
Lanes are unsigned integers unless a function says otherwise.

    >>> hex(pack(32, (1, 2, 3, 0xffffffff)))
    '0xffffffff000000030000000200000001'
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "FULL", "all_true", "and_", "andnot", "any_true", "bitmask", "bitselect", "extract_s",
    "extract_u", "lanes", "lanewise", "not_", "or_", "pack", "replace", "shown", "shuffle",
    "signed_lanes", "splat", "swizzle", "wrap", "xor",
]  # fmt: skip

#: All 128 bits set.
FULL = (1 << 128) - 1

_UNSIGNED = {8: struct.Struct("<16B"), 16: struct.Struct("<8H")} | {
    32: struct.Struct("<4I"), 64: struct.Struct("<2Q"),
}  # fmt: skip
_SIGNED = {8: struct.Struct("<16b"), 16: struct.Struct("<8h")} | {
    32: struct.Struct("<4i"), 64: struct.Struct("<2q"),
}  # fmt: skip


# ------------------------------------------------------------------ lanes


def lanes(n: int, v: int) -> tuple[int, ...]:
    """The N-bit lanes, unsigned, the lowest first (lanes_shape)."""
    return _UNSIGNED[n].unpack(v.to_bytes(16, "little"))


def signed_lanes(n: int, v: int) -> tuple[int, ...]:
    """The N-bit lanes, read as signed."""
    return _SIGNED[n].unpack(v.to_bytes(16, "little"))


def pack(n: int, values: Iterable[int]) -> int:
    """The vector of these unsigned N-bit lanes, the lowest first (lanes_shape^-1)."""
    return int.from_bytes(_UNSIGNED[n].pack(*values), "little")


def wrap(n: int, values: Iterable[int]) -> int:
    """The vector of these integers modulo 2^N.

    >>> wrap(64, (-1, 0)) == 2**64 - 1
    True
    """
    mask = (1 << n) - 1
    return pack(n, [value & mask for value in values])


def lanewise(n: int, meaning: Callable[..., int]) -> Callable[..., int]:
    """The operation on vectors that does the same to each lane: `meaning(n, lane, …)`."""

    def operation(*vectors: int) -> int:
        rows = zip(*[lanes(n, v) for v in vectors], strict=True)
        return pack(n, [meaning(n, *row) for row in rows])

    return operation


def splat(n: int, value: int) -> int:
    """A vector whose lanes all are the low N bits of a number (vsplat).

    >>> hex(splat(8, 0x1ff))
    '0xffffffffffffffffffffffffffffffff'
    """
    return pack(n, [value & ((1 << n) - 1)] * (128 // n))


def extract_u(n: int, lane: int, v: int) -> int:
    """One lane, unsigned (vextract_lane)."""
    return v >> n * lane & ((1 << n) - 1)


def extract_s(n: int, lane: int, v: int) -> int:
    """One lane read as signed, as an unsigned i32 (vextract_lane)."""
    return signed_lanes(n, v)[lane] & 0xFFFF_FFFF


def replace(n: int, lane: int, v: int, value: int) -> int:
    """The vector with one lane set to the low N bits of a number (vreplace_lane)."""
    mask = (1 << n) - 1
    return v & ~(mask << n * lane) | (value & mask) << n * lane


def shuffle(chosen: Sequence[int], a: int, b: int) -> int:
    """Sixteen bytes by number: 0 to 15 are those of `a`, 16 to 31 those of `b` (vshuffle)."""
    both = a.to_bytes(16, "little") + b.to_bytes(16, "little")
    return int.from_bytes(bytes([both[i] for i in chosen]), "little")


def swizzle(a: int, s: int) -> int:
    """The bytes of `a` chosen by the bytes of `s`; 0 for 16 and above (vswizzlop)."""
    table = a.to_bytes(16, "little")
    chosen = s.to_bytes(16, "little")
    return int.from_bytes(bytes([table[i] if i < 16 else 0 for i in chosen]), "little")


def shown(v: int) -> str:
    """The shape and lanes of the vector's literal: as i32x4, whatever it is used as.

    >>> shown(0x7fffffff_00000000_00000001_00000000)
    'i32x4 0x00000000 0x00000001 0x00000000 0x7fffffff'
    """
    return " ".join(["i32x4", *(f"{lane:#010x}" for lane in lanes(32, v))])


# ------------------------------------------------------------------ all bits at once


def not_(a: int) -> int:
    """Every bit flipped (inot_128)."""
    return a ^ FULL


def and_(a: int, b: int) -> int:
    """Bitwise and (iand_128)."""
    return a & b


def andnot(a: int, b: int) -> int:
    """The bits of the first that the second does not have (iandnot_128)."""
    return a & ~b


def or_(a: int, b: int) -> int:
    """Bitwise or (ior_128)."""
    return a | b


def xor(a: int, b: int) -> int:
    """Bitwise exclusive or (ixor_128)."""
    return a ^ b


def bitselect(a: int, b: int, mask: int) -> int:
    """Bits of the first where the mask is 1, of the second where it is 0 (ibitselect_128)."""
    return a & mask | b & ~mask


# ------------------------------------------------------------------ questions


def any_true(v: int) -> int:
    """1 where any bit is set (vvtestop any_true)."""
    return int(v != 0)


def all_true(n: int, v: int) -> int:
    """1 where no lane is zero (vtestop all_true)."""
    return int(all(lanes(n, v)))


def bitmask(n: int, v: int) -> int:
    """The highest bits of the lanes as a number, lane 0 in bit 0 (vbitmask).

    >>> bitmask(32, pack(32, (1 << 31, 0, 0, 1 << 31)))
    9
    """
    return sum((lane >> (n - 1)) << i for i, lane in enumerate(lanes(n, v)))
