"""Conversions between number types (https://webassembly.github.io/spec/core/exec/numerics.html#conversions)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from watloom.interp.core.numerics import bits, floats
from watloom.interp.core.numerics.integers import extend_s, signed
from watloom.interp.isa.proposal import Proposal

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("conversion")


@PROPOSAL.pure("i32.wrap_i64", 0xA7, "i64 -> i32")
def wrap(a: int) -> int:
    """The low 32 bits."""
    return a & 0xFFFF_FFFF


@PROPOSAL.pure("i64.extend_i32_s", 0xAC, "i32 -> i64")
def extend_i32_s(a: int) -> int:
    """Sign extended."""
    return extend_s(32, 64, a)


@PROPOSAL.pure("i64.extend_i32_u", 0xAD, "i32 -> i64")
def extend_i32_u(a: int) -> int:
    """Zero extended."""
    return a


# ------------------------------------------------------------------ float to integer


def _truncations(n: int, m: int, sign: str, opcode: int, saturating: int) -> None:
    """Declare `iN.trunc_fM_sign` and its saturating twin."""
    low, high = (-(1 << (n - 1)), (1 << (n - 1)) - 1) if sign == "s" else (0, (1 << n) - 1)

    def wrapped(convert: Callable[[int, int, float], int], a: float) -> int:
        return convert(low, high, a) & ((1 << n) - 1)

    PROPOSAL.pure(
        f"i{n}.trunc_f{m}_{sign}",
        opcode,
        f"f{m} -> i{n}",
        doc="The integer part; traps on a NaN and outside of the range.",
    )(partial(wrapped, floats.trunc_to_int))
    PROPOSAL.pure(
        f"i{n}.trunc_sat_f{m}_{sign}",
        (0xFC, saturating),
        f"f{m} -> i{n}",
        doc="The integer part, clamped to the range; 0 for a NaN.",
    )(partial(wrapped, floats.trunc_sat))


_truncations(32, 32, "s", 0xA8, 0)
_truncations(32, 32, "u", 0xA9, 1)
_truncations(32, 64, "s", 0xAA, 2)
_truncations(32, 64, "u", 0xAB, 3)
_truncations(64, 32, "s", 0xAE, 4)
_truncations(64, 32, "u", 0xAF, 5)
_truncations(64, 64, "s", 0xB0, 6)
_truncations(64, 64, "u", 0xB1, 7)


# ------------------------------------------------------------------ integer to float


def _conversions(m: int, n: int, sign: str, opcode: int) -> None:
    """Declare `fM.convert_iN_sign`."""
    to_float = floats.f32_from_int if m == 32 else float

    def convert(a: int) -> float:
        return to_float(signed(n, a) if sign == "s" else a)

    PROPOSAL.pure(f"f{m}.convert_i{n}_{sign}", opcode, f"i{n} -> f{m}", doc="The nearest float.")(
        convert
    )


_conversions(32, 32, "s", 0xB2)
_conversions(32, 32, "u", 0xB3)
_conversions(32, 64, "s", 0xB4)
_conversions(32, 64, "u", 0xB5)
_conversions(64, 32, "s", 0xB7)
_conversions(64, 32, "u", 0xB8)
_conversions(64, 64, "s", 0xB9)
_conversions(64, 64, "u", 0xBA)


@PROPOSAL.pure("f32.demote_f64", 0xB6, "f64 -> f32")
def demote(a: float) -> float:
    """The nearest f32."""
    return floats.demote(bits.f32_round, a)


@PROPOSAL.pure("f64.promote_f32", 0xBB, "f32 -> f64")
def promote(a: float) -> float:
    """The same value as an f64."""
    return floats.promote(a)


# ------------------------------------------------------------------ the same bits

PROPOSAL.pure("i32.reinterpret_f32", 0xBC, "f32 -> i32")(bits.f32_to_bits)
PROPOSAL.pure("i64.reinterpret_f64", 0xBD, "f64 -> i64")(bits.f64_to_bits)
PROPOSAL.pure("f32.reinterpret_i32", 0xBE, "i32 -> f32")(bits.f32_from_bits)
PROPOSAL.pure("f64.reinterpret_i64", 0xBF, "i64 -> f64")(bits.f64_from_bits)
