"""Wide arithmetic as expressions: Python's integers hold the carry.

i64.add128 a b c d    →    t = a + c ;  t & 0xffff…, b + d + (t >> 64) & 0xffff…
i64.mul_wide_u a b    →    t = a * b ;  t & 0xffff…, t >> 64
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from watloom.interp.compile.arith import exact, signed
from watloom.interp.compile.effects import kept
from watloom.interp.compile.ir import Expr, const, node
from watloom.interp.compile.rules import RULES, Rule
from watloom.interp.core.instr import Instr
from watloom.interp.core.types import I64

if TYPE_CHECKING:
    from watloom.interp.compile.build import Builder

__all__: list[str] = []


def _sum(op: str, a: Expr, b: Expr) -> Expr:
    bounds = (a.low + b.low, a.high + b.high) if op == "add" else (a.low - b.high, a.high - b.low)
    return node(op, (a, b), I64, bounds=bounds)


def _upper(e: Expr) -> Expr:
    """What lies above the low 64 bits: the high half, a carry, or -1 for a borrow."""
    return node("shr", (e, const(I64, 64)), I64, bounds=(e.low >> 64, e.high >> 64))


def _operands(b: Builder, count: int) -> list[Expr]:
    """The operands, computed now if one of them may trap: each is used at a place of its own."""
    found = [exact(e) for e in b.pop_many(count)]
    if any(e.traps for e in found):
        b.settle_traps()
        found = [b.keep(e) for e in found]
    return found


def _add(op: str) -> Rule:
    def rule(b: Builder, instr: Instr) -> None:
        low1, high1, low2, high2 = _operands(b, 4)
        low = kept(b, _sum(op, low1, low2))
        b.push(exact(low))
        b.push(exact(_sum("add", _sum(op, high1, high2), _upper(low))))

    return rule


def _multiply(form: Callable[[Expr], Expr]) -> Rule:
    def rule(b: Builder, instr: Instr) -> None:
        x, y = (form(e) for e in _operands(b, 2))
        corners = [p * q for p in (x.low, x.high) for q in (y.low, y.high)]
        product = kept(b, node("mul", (x, y), I64, bounds=(min(corners), max(corners))))
        b.push(exact(product))
        b.push(exact(_upper(product)))

    return rule


RULES["i64.add128"] = _add("add")
RULES["i64.sub128"] = _add("sub")
RULES["i64.mul_wide_s"] = _multiply(signed)
RULES["i64.mul_wide_u"] = _multiply(exact)
