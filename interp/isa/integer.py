"""Integer instructions: arithmetic, bits, comparisons, sign extension.

Spec: https://webassembly.github.io/spec/core/syntax/instructions.html#numeric-instructions.
Each is declared once for both widths; `n` is the width in bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from watloom.interp.core.numerics import integers
from watloom.interp.core.numerics.integers import signed
from watloom.interp.isa.immediates import I32CONST, I64CONST
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("integer")

Meaning = Callable[..., int]


def both(
    name: str, opcode32: int, opcode64: int, signature: str, *, constant: bool = False
) -> Callable[[Meaning], Meaning]:
    """Declare `i32.name` and `i64.name`; "n" is the width, in the signature too."""

    def declare(meaning: Meaning) -> Meaning:
        for n, opcode in ((32, opcode32), (64, opcode64)):
            PROPOSAL.pure(
                f"i{n}.{name}",
                opcode,
                signature.replace("n", f"i{n}"),
                constant=constant,
                doc=meaning.__doc__ or "",
            )(partial(meaning, n))
        return meaning

    return declare


@PROPOSAL.op("i32.const", 0x41, I32CONST, constant=True, signature="-> i32")
class I32Const:
    """Push a constant."""

    def step(m: Machine, value: int) -> None:
        m.push(value)


@PROPOSAL.op("i64.const", 0x42, I64CONST, constant=True, signature="-> i64")
class I64Const:
    """Push a constant."""

    def step(m: Machine, value: int) -> None:
        m.push(value)


# ------------------------------------------------------------------ comparisons


@both("eqz", 0x45, 0x50, "n -> i32")
def eqz(n: int, a: int) -> int:
    """1 where the operand is zero."""
    return int(a == 0)


@both("eq", 0x46, 0x51, "n n -> i32")
def eq(n: int, a: int, b: int) -> int:
    """1 where both are equal."""
    return int(a == b)


@both("ne", 0x47, 0x52, "n n -> i32")
def ne(n: int, a: int, b: int) -> int:
    """1 where they differ."""
    return int(a != b)


@both("lt_s", 0x48, 0x53, "n n -> i32")
def lt_s(n: int, a: int, b: int) -> int:
    """Signed less than."""
    return int(signed(n, a) < signed(n, b))


@both("lt_u", 0x49, 0x54, "n n -> i32")
def lt_u(n: int, a: int, b: int) -> int:
    """Unsigned less than."""
    return int(a < b)


@both("gt_s", 0x4A, 0x55, "n n -> i32")
def gt_s(n: int, a: int, b: int) -> int:
    """Signed greater than."""
    return int(signed(n, a) > signed(n, b))


@both("gt_u", 0x4B, 0x56, "n n -> i32")
def gt_u(n: int, a: int, b: int) -> int:
    """Unsigned greater than."""
    return int(a > b)


@both("le_s", 0x4C, 0x57, "n n -> i32")
def le_s(n: int, a: int, b: int) -> int:
    """Signed less than or equal."""
    return int(signed(n, a) <= signed(n, b))


@both("le_u", 0x4D, 0x58, "n n -> i32")
def le_u(n: int, a: int, b: int) -> int:
    """Unsigned less than or equal."""
    return int(a <= b)


@both("ge_s", 0x4E, 0x59, "n n -> i32")
def ge_s(n: int, a: int, b: int) -> int:
    """Signed greater than or equal."""
    return int(signed(n, a) >= signed(n, b))


@both("ge_u", 0x4F, 0x5A, "n n -> i32")
def ge_u(n: int, a: int, b: int) -> int:
    """Unsigned greater than or equal."""
    return int(a >= b)


# ------------------------------------------------------------------ arithmetic


@both("clz", 0x67, 0x79, "n -> n")
def clz(n: int, a: int) -> int:
    """Count leading zero bits."""
    return integers.clz(n, a)


@both("ctz", 0x68, 0x7A, "n -> n")
def ctz(n: int, a: int) -> int:
    """Count trailing zero bits."""
    return integers.ctz(n, a)


@both("popcnt", 0x69, 0x7B, "n -> n")
def popcnt(n: int, a: int) -> int:
    """Count one bits."""
    return a.bit_count()


@both("add", 0x6A, 0x7C, "n n -> n", constant=True)
def add(n: int, a: int, b: int) -> int:
    """Sum modulo 2^N."""
    return (a + b) & ((1 << n) - 1)


@both("sub", 0x6B, 0x7D, "n n -> n", constant=True)
def sub(n: int, a: int, b: int) -> int:
    """Difference modulo 2^N."""
    return (a - b) & ((1 << n) - 1)


@both("mul", 0x6C, 0x7E, "n n -> n", constant=True)
def mul(n: int, a: int, b: int) -> int:
    """Product modulo 2^N."""
    return (a * b) & ((1 << n) - 1)


@both("div_s", 0x6D, 0x7F, "n n -> n")
def div_s(n: int, a: int, b: int) -> int:
    """Signed quotient, truncated; traps on zero and on overflow."""
    return integers.div_s(n, a, b)


@both("div_u", 0x6E, 0x80, "n n -> n")
def div_u(n: int, a: int, b: int) -> int:
    """Unsigned quotient; traps on zero."""
    return integers.div_u(n, a, b)


@both("rem_s", 0x6F, 0x81, "n n -> n")
def rem_s(n: int, a: int, b: int) -> int:
    """Signed remainder with the dividend's sign; traps on zero."""
    return integers.rem_s(n, a, b)


@both("rem_u", 0x70, 0x82, "n n -> n")
def rem_u(n: int, a: int, b: int) -> int:
    """Unsigned remainder; traps on zero."""
    return integers.rem_u(n, a, b)


# ------------------------------------------------------------------ bits


@both("and", 0x71, 0x83, "n n -> n")
def and_(n: int, a: int, b: int) -> int:
    """Bitwise and."""
    return a & b


@both("or", 0x72, 0x84, "n n -> n")
def or_(n: int, a: int, b: int) -> int:
    """Bitwise or."""
    return a | b


@both("xor", 0x73, 0x85, "n n -> n")
def xor(n: int, a: int, b: int) -> int:
    """Bitwise exclusive or."""
    return a ^ b


@both("shl", 0x74, 0x86, "n n -> n")
def shl(n: int, a: int, k: int) -> int:
    """Shift to the left by k modulo N."""
    return a << (k % n) & ((1 << n) - 1)


@both("shr_s", 0x75, 0x87, "n n -> n")
def shr_s(n: int, a: int, k: int) -> int:
    """Shift to the right by k modulo N, keeping the sign."""
    return integers.shr_s(n, a, k)


@both("shr_u", 0x76, 0x88, "n n -> n")
def shr_u(n: int, a: int, k: int) -> int:
    """Shift to the right by k modulo N, filling with zeros."""
    return a >> (k % n)


@both("rotl", 0x77, 0x89, "n n -> n")
def rotl(n: int, a: int, k: int) -> int:
    """Rotate to the left by k modulo N."""
    return integers.rotl(n, a, k)


@both("rotr", 0x78, 0x8A, "n n -> n")
def rotr(n: int, a: int, k: int) -> int:
    """Rotate to the right by k modulo N."""
    return integers.rotr(n, a, k)


@both("extend8_s", 0xC0, 0xC2, "n -> n")
def extend8_s(n: int, a: int) -> int:
    """The low 8 bits, sign extended."""
    return integers.extend_s(8, n, a)


@both("extend16_s", 0xC1, 0xC3, "n -> n")
def extend16_s(n: int, a: int) -> int:
    """The low 16 bits, sign extended."""
    return integers.extend_s(16, n, a)


@PROPOSAL.pure("i64.extend32_s", 0xC4, "i64 -> i64")
def extend32_s(a: int) -> int:
    """The low 32 bits, sign extended."""
    return integers.extend_s(32, 64, a)
