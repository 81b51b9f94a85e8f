"""Integer operations (https://webassembly.github.io/spec/core/exec/numerics.html#integer-operations).

`n` is the width in bits, 32 or 64; operands and results are unsigned.
"""

from __future__ import annotations

__all__ = [
    "NumericError", "clz", "ctz", "div_s", "div_u", "extend_s", "rem_s", "rem_u", "rotl", "rotr",
    "shr_s", "signed",
]  # fmt: skip


class NumericError(ArithmeticError):
    """An operation without a result; the text is the spec's trap message."""


def signed(n: int, i: int) -> int:
    """The signed reading of an unsigned integer (signed_N).

    >>> signed(32, 0xffffffff)
    -1
    """
    return i - ((i >> (n - 1)) << n)


def div_u(n: int, a: int, b: int) -> int:
    """Unsigned quotient (idiv_N with sx = U)."""
    if b == 0:
        raise NumericError("integer divide by zero")
    return a // b


def div_s(n: int, a: int, b: int) -> int:
    """Signed quotient, truncated towards zero (idiv_N with sx = S)."""
    if b == 0:
        raise NumericError("integer divide by zero")
    x, y = signed(n, a), signed(n, b)
    quotient = abs(x) // abs(y)
    if (x < 0) != (y < 0):
        quotient = -quotient
    if quotient == 1 << (n - 1):
        raise NumericError("integer overflow")
    return quotient & ((1 << n) - 1)


def rem_u(n: int, a: int, b: int) -> int:
    """Unsigned remainder (irem_N with sx = U)."""
    if b == 0:
        raise NumericError("integer divide by zero")
    return a % b


def rem_s(n: int, a: int, b: int) -> int:
    """Signed remainder with the sign of the dividend (irem_N with sx = S)."""
    if b == 0:
        raise NumericError("integer divide by zero")
    x, y = signed(n, a), signed(n, b)
    remainder = abs(x) % abs(y)
    return (-remainder if x < 0 else remainder) & ((1 << n) - 1)


def shr_s(n: int, a: int, k: int) -> int:
    """Arithmetic shift to the right (ishr_N with sx = S)."""
    return signed(n, a) >> (k % n) & ((1 << n) - 1)


def rotl(n: int, a: int, k: int) -> int:
    """Rotation to the left (irotl_N).

    >>> hex(rotl(32, 0x80000001, 4))
    '0x18'
    """
    k %= n
    return (a << k | a >> (n - k)) & ((1 << n) - 1)


def rotr(n: int, a: int, k: int) -> int:
    """Rotation to the right (irotr_N)."""
    return rotl(n, a, n - k % n)


def clz(n: int, a: int) -> int:
    """Leading zeros (iclz_N)."""
    return n - a.bit_length()


def ctz(n: int, a: int) -> int:
    """Trailing zeros (ictz_N)."""
    return n if a == 0 else (a & -a).bit_length() - 1


def extend_s(m: int, n: int, a: int) -> int:
    """The low m bits read as signed, as an N-bit integer (iextend_s)."""
    return signed(m, a & ((1 << m) - 1)) & ((1 << n) - 1)
