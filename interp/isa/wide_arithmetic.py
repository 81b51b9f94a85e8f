"""Wide arithmetic: sums, differences and products of 128 bits, in two halves, the low one first.

https://github.com/WebAssembly/wide-arithmetic/blob/main/proposals/wide-arithmetic/Overview.md
"""

from __future__ import annotations

from watloom.interp.core.numerics.integers import signed
from watloom.interp.isa.proposal import Proposal

__all__ = ["PROPOSAL"]

URL = (
    "https://github.com/WebAssembly/wide-arithmetic/blob/main/proposals/wide-arithmetic/Overview.md"
)

PROPOSAL = Proposal("wide-arithmetic", url=URL)

_MASK = (1 << 64) - 1


def _halves(x: int) -> tuple[int, int]:
    """The low and the high half of 128 bits."""
    return x & _MASK, x >> 64 & _MASK


@PROPOSAL.pure("i64.add128", (0xFC, 19), "i64 i64 i64 i64 -> i64 i64")
def add128(low1: int, high1: int, low2: int, high2: int) -> tuple[int, int]:
    """Sum modulo 2^128."""
    return _halves((high1 << 64 | low1) + (high2 << 64 | low2))


@PROPOSAL.pure("i64.sub128", (0xFC, 20), "i64 i64 i64 i64 -> i64 i64")
def sub128(low1: int, high1: int, low2: int, high2: int) -> tuple[int, int]:
    """Difference modulo 2^128."""
    return _halves((high1 << 64 | low1) - (high2 << 64 | low2))


@PROPOSAL.pure("i64.mul_wide_s", (0xFC, 21), "i64 i64 -> i64 i64")
def mul_wide_s(a: int, b: int) -> tuple[int, int]:
    """The whole product of signed numbers."""
    return _halves(signed(64, a) * signed(64, b))


@PROPOSAL.pure("i64.mul_wide_u", (0xFC, 22), "i64 i64 -> i64 i64")
def mul_wide_u(a: int, b: int) -> tuple[int, int]:
    """The whole product of unsigned numbers."""
    return _halves(a * b)
