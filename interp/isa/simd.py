"""Vectors of 128 bits: constants, bits, lanes
(https://webassembly.github.io/spec/core/syntax/instructions.html#vector-instructions).

A v128 is an int of its bits (`core.numerics.simd`). `SHAPES` names the shape of each lane width.
Lane arithmetic stands in `simd_integer` and `simd_float`, loads and stores in `simd_memory`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from watloom.interp.core.numerics import simd
from watloom.interp.core.numerics.bits import (
    f32_from_bits,
    f32_to_bits,
    f64_from_bits,
    f64_to_bits,
)
from watloom.interp.isa.immediates import LANEIDX, LANES, V128CONST
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["FLOAT_SHAPES", "PREFIX", "PROPOSAL", "SHAPES", "check_lane"]

PROPOSAL = Proposal("simd")

#: The first byte of all vector instructions.
PREFIX = 0xFD

#: The integer shapes, and those of floats, by the width of their lanes.
SHAPES = {8: "i8x16", 16: "i16x8", 32: "i32x4", 64: "i64x2"}
FLOAT_SHAPES = {32: "f32x4", 64: "f64x2"}


def check_lane(c: Checker, lane: int, count: int) -> None:
    """Raise InvalidError for the index of a lane that a shape does not have."""
    if lane >= count:
        raise c.fail(
            f"invalid lane index: {lane}, where there are {count} lanes",
            f"lanes count from 0 to {count - 1}",
        )


def _lane_below(count: int) -> Callable[[Checker, int], None]:
    return lambda c, lane: check_lane(c, lane, count)


@PROPOSAL.op("v128.const", (PREFIX, 12), V128CONST, constant=True, signature="-> v128")
class V128Const:
    """Push a constant."""

    def step(m: Machine, value: int) -> None:
        m.push(value)


# ------------------------------------------------------------------ all bits at once

Meaning = Callable[..., int]
_BITS: tuple[tuple[str, int, str, Meaning, str], ...] = (
    ("not", 77, "v128 -> v128", simd.not_, "Every bit flipped."),
    ("and", 78, "v128 v128 -> v128", simd.and_, "Bitwise and."),
    ("andnot", 79, "v128 v128 -> v128", simd.andnot,
     "The bits of the first that the second does not have."),
    ("or", 80, "v128 v128 -> v128", simd.or_, "Bitwise or."),
    ("xor", 81, "v128 v128 -> v128", simd.xor, "Bitwise exclusive or."),
    ("bitselect", 82, "v128 v128 v128 -> v128", simd.bitselect,
     "Bits of the first where the third is 1, of the second where it is 0."),
    ("any_true", 83, "v128 -> i32", simd.any_true, "1 where any bit is set."),
)  # fmt: skip
for _name, _opcode, _signature, _meaning, _doc in _BITS:
    PROPOSAL.pure(f"v128.{_name}", (PREFIX, _opcode), _signature, doc=_doc)(_meaning)

for _i, (_n, _shape) in enumerate(SHAPES.items()):
    for _name, _opcode, _meaning, _doc in (
        ("all_true", 99, simd.all_true, "1 where no lane is zero."),
        ("bitmask", 100, simd.bitmask,
         "The highest bits of the lanes as a number, lane 0 in bit 0."),
    ):  # fmt: skip
        PROPOSAL.pure(f"{_shape}.{_name}", (PREFIX, _opcode + 32 * _i), "v128 -> i32", doc=_doc)(
            partial(_meaning, _n)
        )


# ------------------------------------------------------------------ lanes

PROPOSAL.pure(
    "i8x16.swizzle",
    (PREFIX, 14),
    "v128 v128 -> v128",
    doc="Bytes of the first, chosen by the bytes of the second; 0 for 16 and above.",
)(simd.swizzle)


def _check_shuffle(c: Checker, chosen: bytes) -> None:
    for lane in chosen:
        check_lane(c, lane, 32)


PROPOSAL.pure(
    "i8x16.shuffle",
    (PREFIX, 13),
    "v128 v128 -> v128",
    LANES,
    admit=_check_shuffle,
    doc="Sixteen bytes by number: 0 to 15 are those of the first, 16 to 31 those of the second.",
)(simd.shuffle)


def _lanes_of_integers(shape: str, n: int, splat: int, lane: int, scalar: str) -> None:
    """splat, extract_lane and replace_lane; narrow lanes are extracted as signed or unsigned."""
    admit = _lane_below(128 // n)
    PROPOSAL.pure(
        f"{shape}.splat", (PREFIX, splat), f"{scalar} -> v128", doc="A number in all lanes."
    )(partial(simd.splat, n))
    if n < 32:
        PROPOSAL.pure(
            f"{shape}.extract_lane_s",
            (PREFIX, lane),
            f"v128 -> {scalar}",
            LANEIDX,
            admit=admit,
            doc="One lane, read as signed.",
        )(partial(simd.extract_s, n))
    PROPOSAL.pure(
        f"{shape}.extract_lane{'_u' if n < 32 else ''}",
        (PREFIX, lane + (n < 32)),
        f"v128 -> {scalar}",
        LANEIDX,
        admit=admit,
        doc="One lane, read as unsigned." if n < 32 else "One lane.",
    )(partial(simd.extract_u, n))
    PROPOSAL.pure(
        f"{shape}.replace_lane",
        (PREFIX, lane + 1 + (n < 32)),
        f"v128 {scalar} -> v128",
        LANEIDX,
        admit=admit,
        doc="The vector with one lane set to a number.",
    )(partial(simd.replace, n))


def _lanes_of_floats(shape: str, n: int, splat: int, lane: int, scalar: str) -> None:
    """The same for floats, whose bits are kept."""
    admit = _lane_below(128 // n)
    to_bits = f32_to_bits if n == 32 else f64_to_bits
    from_bits = f32_from_bits if n == 32 else f64_from_bits

    @PROPOSAL.pure(
        f"{shape}.splat", (PREFIX, splat), f"{scalar} -> v128", doc="A number in all lanes."
    )
    def splat_float(x: float) -> int:
        return simd.splat(n, to_bits(x))

    @PROPOSAL.pure(
        f"{shape}.extract_lane",
        (PREFIX, lane),
        f"v128 -> {scalar}",
        LANEIDX,
        admit=admit,
        doc="One lane.",
    )
    def extract_float(i: int, v: int) -> float:
        return from_bits(simd.extract_u(n, i, v))

    @PROPOSAL.pure(
        f"{shape}.replace_lane",
        (PREFIX, lane + 1),
        f"v128 {scalar} -> v128",
        LANEIDX,
        admit=admit,
        doc="The vector with one lane set to a number.",
    )
    def replace_float(i: int, v: int, x: float) -> int:
        return simd.replace(n, i, v, to_bits(x))


_lanes_of_integers("i8x16", 8, 15, 21, "i32")
_lanes_of_integers("i16x8", 16, 16, 24, "i32")
_lanes_of_integers("i32x4", 32, 17, 27, "i32")
_lanes_of_integers("i64x2", 64, 18, 29, "i64")
_lanes_of_floats("f32x4", 32, 19, 31, "f32")
_lanes_of_floats("f64x2", 64, 20, 33, "f64")
