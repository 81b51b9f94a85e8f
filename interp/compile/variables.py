"""Variables: locals, globals, and the operands that are dropped or chosen.

    local.get $x  local.get $y  i32.add  local.set $x      →      Assign(x, exact(x + y))

A local's value on the operand stack is the variable itself, until something sets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watloom.interp.compile.arith import exact, truth
from watloom.interp.compile.ir import Assign, Do, Expr, node
from watloom.interp.compile.rules import rule
from watloom.interp.core.instr import Instr
from watloom.interp.core.types import I32, I64

if TYPE_CHECKING:
    from watloom.interp.compile.build import Builder


@rule("local.get")
def local_get(b: Builder, instr: Instr) -> None:
    b.push(b.locals[instr.args[0]])


@rule("local.set")
def local_set(b: Builder, instr: Instr) -> None:
    _set(b, instr.args[0], b.pop())


@rule("local.tee")
def local_tee(b: Builder, instr: Instr) -> None:
    _set(b, instr.args[0], b.pop())
    b.push(b.locals[instr.args[0]])


def _set(b: Builder, x: int, e: Expr) -> None:
    name = str(b.locals[x].value)
    b.settle_local(name)
    if e.traps:
        b.settle_traps()
    b.do(Assign((name,), (exact(e),), b.at))


@rule("global.get")
def global_get(b: Builder, instr: Instr) -> None:
    t = b.valid.globals[instr.args[0]]
    b.push(node("global", (), t.type, value=instr.args[0], state=t.mutable))


@rule("global.set")
def global_set(b: Builder, instr: Instr) -> None:
    e = exact(b.pop())
    b.effect()
    b.do(Do("global_set", (e,), instr.args[0], instr.at))


@rule("drop")
def drop(b: Builder, _: Instr) -> None:
    e = b.pop()
    if e.traps:
        b.effect()
        b.do(Do("drop", (e,), at=b.at))


@rule("select")
def select(b: Builder, _: Instr) -> None:
    condition, second, first = b.pop(), b.pop(), b.pop()
    if first.traps or second.traps or condition.traps:
        b.effect()  # Python would look at the condition first
        first, second = b.keep(first), b.keep(second)
    first, second = exact(first), exact(second)
    bounds = None
    if first.type in (I32, I64):
        bounds = min(first.low, second.low), max(first.high, second.high)
    b.push(node("select", (first, truth(condition), second), first.type, bounds=bounds))


@rule("nop")
def nop(_: Builder, __: Instr) -> None:
    pass
