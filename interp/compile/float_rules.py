"""Float operators as expressions.

A sum or product may be any NaN of the machine's inside an expression; where it is kept or its bits
could be seen, `render` makes it the canonical one. An f32 result is rounded at once.
"""

from __future__ import annotations

from collections.abc import Callable

from watloom.interp.compile.arith import OPERATORS, Rule
from watloom.interp.compile.ir import Expr, node
from watloom.interp.core.types import F32, F64, I32

__all__: list[str] = []


def _arithmetic(op: str) -> None:
    """`f64.op`, and `f32.op` as the same with a rounding."""

    def wide(args: tuple[Expr, ...], at: int) -> Expr:
        return node(op, args, F64)

    def narrow(args: tuple[Expr, ...], at: int) -> Expr:
        return node("f32", (node(op, args, F64),), F32)

    OPERATORS[f"f64.{op[1:]}"] = wide
    OPERATORS[f"f32.{op[1:]}"] = narrow


for _op in ("fadd", "fsub", "fmul"):
    _arithmetic(_op)


def _comparison(op: str) -> Rule:
    return lambda args, at: node(op, args, I32, bounds=(0, 1))


def _simple(op: str, result: Callable[[Expr], Expr]) -> None:
    for width in ("f32", "f64"):
        OPERATORS[f"{width}.{op}"] = lambda args, at: result(args[0])


for _width in ("f32", "f64"):
    for _name, _symbol in (
        ("eq", "=="),
        ("ne", "!="),
        ("lt", "<"),
        ("gt", ">"),
        ("le", "<="),
        ("ge", ">="),
    ):
        OPERATORS[f"{_width}.{_name}"] = _comparison(_symbol)

_simple("neg", lambda a: node("neg", (a,), a.type))
_simple("abs", lambda a: node("fabs", (a,), a.type))

OPERATORS["f64.div"] = lambda args, at: node("fdiv", args, F64)
OPERATORS["f32.div"] = lambda args, at: node("f32", (node("fdiv", args, F64),), F32)
OPERATORS["f64.sqrt"] = lambda args, at: node("fsqrt", args, F64)
OPERATORS["f32.sqrt"] = lambda args, at: node("f32", (node("fsqrt", args, F64),), F32)
OPERATORS["f64.promote_f32"] = lambda args, at: node("promote", args, F64)
