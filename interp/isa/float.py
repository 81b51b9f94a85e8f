"""Float instructions: arithmetic, rounding, comparisons.

Spec: https://webassembly.github.io/spec/core/syntax/instructions.html#numeric-instructions.
Each is declared once for both widths; `rounds` brings a result to the width's precision.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from watloom.interp.core.numerics import floats
from watloom.interp.core.numerics.bits import f32_round
from watloom.interp.core.numerics.floats import Rounding
from watloom.interp.isa.immediates import F32CONST, F64CONST
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("float")

Meaning = Callable[..., Any]


def _as_it_is(x: float) -> float:
    return x


def both(name: str, opcode32: int, opcode64: int, signature: str) -> Callable[[Meaning], Meaning]:
    """Declare `f32.name` and `f64.name`; "n" in the signature is the width."""

    def declare(meaning: Meaning) -> Meaning:
        for n, opcode, rounds in ((32, opcode32, f32_round), (64, opcode64, _as_it_is)):
            PROPOSAL.pure(
                f"f{n}.{name}", opcode, signature.replace("n", f"f{n}"), doc=meaning.__doc__ or ""
            )(partial(meaning, rounds))
        return meaning

    return declare


@PROPOSAL.op("f32.const", 0x43, F32CONST, constant=True, signature="-> f32")
class F32Const:
    """Push a constant."""

    def step(m: Machine, value: float) -> None:
        m.push(value)


@PROPOSAL.op("f64.const", 0x44, F64CONST, constant=True, signature="-> f64")
class F64Const:
    """Push a constant."""

    def step(m: Machine, value: float) -> None:
        m.push(value)


# ------------------------------------------------------------------ comparisons


@both("eq", 0x5B, 0x61, "n n -> i32")
def eq(rounds: Rounding, a: float, b: float) -> int:
    """1 where both are equal; a NaN equals nothing."""
    return int(a == b)


@both("ne", 0x5C, 0x62, "n n -> i32")
def ne(rounds: Rounding, a: float, b: float) -> int:
    """1 where they differ; a NaN differs from everything."""
    return int(a != b)


@both("lt", 0x5D, 0x63, "n n -> i32")
def lt(rounds: Rounding, a: float, b: float) -> int:
    """1 where the first is less."""
    return int(a < b)


@both("gt", 0x5E, 0x64, "n n -> i32")
def gt(rounds: Rounding, a: float, b: float) -> int:
    """1 where the first is greater."""
    return int(a > b)


@both("le", 0x5F, 0x65, "n n -> i32")
def le(rounds: Rounding, a: float, b: float) -> int:
    """1 where the first is less or equal."""
    return int(a <= b)


@both("ge", 0x60, 0x66, "n n -> i32")
def ge(rounds: Rounding, a: float, b: float) -> int:
    """1 where the first is greater or equal."""
    return int(a >= b)


# ------------------------------------------------------------------ one operand


@both("abs", 0x8B, 0x99, "n -> n")
def abs_(rounds: Rounding, a: float) -> float:
    """The sign cleared, also a NaN's."""
    return floats.fabs(a)


@both("neg", 0x8C, 0x9A, "n -> n")
def neg(rounds: Rounding, a: float) -> float:
    """The sign flipped, also a NaN's."""
    return floats.neg(a)


@both("ceil", 0x8D, 0x9B, "n -> n")
def ceil(rounds: Rounding, a: float) -> float:
    """Rounded upwards to an integer."""
    return floats.ceil(a)


@both("floor", 0x8E, 0x9C, "n -> n")
def floor(rounds: Rounding, a: float) -> float:
    """Rounded downwards to an integer."""
    return floats.floor(a)


@both("trunc", 0x8F, 0x9D, "n -> n")
def trunc(rounds: Rounding, a: float) -> float:
    """Rounded towards zero to an integer."""
    return floats.trunc(a)


@both("nearest", 0x90, 0x9E, "n -> n")
def nearest(rounds: Rounding, a: float) -> float:
    """Rounded to the nearest integer, ties to even."""
    return floats.nearest(a)


@both("sqrt", 0x91, 0x9F, "n -> n")
def sqrt(rounds: Rounding, a: float) -> float:
    """Square root."""
    return floats.sqrt(rounds, a)


# ------------------------------------------------------------------ two operands


@both("add", 0x92, 0xA0, "n n -> n")
def add(rounds: Rounding, a: float, b: float) -> float:
    """Sum."""
    return floats.add(rounds, a, b)


@both("sub", 0x93, 0xA1, "n n -> n")
def sub(rounds: Rounding, a: float, b: float) -> float:
    """Difference."""
    return floats.sub(rounds, a, b)


@both("mul", 0x94, 0xA2, "n n -> n")
def mul(rounds: Rounding, a: float, b: float) -> float:
    """Product."""
    return floats.mul(rounds, a, b)


@both("div", 0x95, 0xA3, "n n -> n")
def div(rounds: Rounding, a: float, b: float) -> float:
    """Quotient."""
    return floats.div(rounds, a, b)


@both("min", 0x96, 0xA4, "n n -> n")
def min_(rounds: Rounding, a: float, b: float) -> float:
    """The smaller one; a NaN wins."""
    return floats.minimum(a, b)


@both("max", 0x97, 0xA5, "n n -> n")
def max_(rounds: Rounding, a: float, b: float) -> float:
    """The larger one; a NaN wins."""
    return floats.maximum(a, b)


@both("copysign", 0x98, 0xA6, "n n -> n")
def copysign(rounds: Rounding, a: float, b: float) -> float:
    """The first with the sign of the second."""
    return floats.copysign(a, b)
