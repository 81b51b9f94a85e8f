"""Variables: locals, globals, and the operands that are dropped or chosen.

    local.get $x  local.get $y  i32.add  local.set $x      →      Assign(x, exact(x + y))

A local's value on the operand stack is the variable itself, until something sets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watloom.interp.compile.arith import exact, loose, signed, truth
from watloom.interp.compile.ir import Assign, Do, Expr, bits_of, node
from watloom.interp.compile.rules import rule
from watloom.interp.compile.vectors import as_bytes
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
    name = b.names[x]
    b.settle_local(name)
    if e.traps:
        b.settle_traps()
    local = b.locals[x]
    if e.type not in (I32, I64):
        e = as_bytes(e) if name in b.facts.bytes else e
        b.do(Assign((name,), (e,), b.at))
        return
    overflow = _one_sided(loose(e), local)
    if overflow is not None:
        b.do(Assign((name,), (loose(e),), b.at))
        b.do(Do("wrap", (), (name, overflow, bits_of(e.type)), b.at))
    else:
        b.do(Assign((name,), (signed(e) if local.low < 0 else exact(e),), b.at))


def _one_sided(e: Expr, local: Expr) -> tuple[str, int] | None:
    """The test for a sum that has left the local's range on one side, by less than the range."""
    width = 1 << bits_of(e.type)
    half = width >> 1 if local.low < 0 else 0
    low, high = -half, width - half - 1
    if e.op not in ("add", "sub") or (e.low >= low and e.high <= high):
        return None
    if e.low >= low and e.high <= high + width:
        return ">", high
    if e.high <= high and e.low >= low - width:
        return "<", low
    return None


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
