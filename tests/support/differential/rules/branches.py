"""Branches: br, br_if, br_table, return, and code behind them."""

from __future__ import annotations

from collections.abc import Sequence

from differential.body import Body, Label
from differential.rule import expression, statement
from differential.types import Ref, Type

__all__ = ["ending"]


def ending(b: Body, results: Sequence[Type]) -> str | None:
    """Instructions that never reach what follows, and what may stand behind them in a block."""
    leave = _leave(b)
    return leave if leave is None else f"{leave} {_dead(b, results)}"


def _leave(b: Body) -> str | None:
    from differential.rules.calls import tail_call
    from differential.rules.exceptions import throwing

    roll = b.draw.below(10)
    if roll < 1 and b.plan.has("tail-call"):
        made = tail_call(b)
        if made is not None:
            return made
    if roll < 3:
        return f"(return {b.exprs(b.results)})"
    if roll < 4 and b.risky():
        return "(unreachable)"
    if roll < 6 and b.trying and b.plan.has("exceptions"):
        return throwing(b)
    if roll < 7:
        made = _br_table(b)
        if made is not None:
            return made
    label = b.draw.pick(b.targets())
    return f"(br {label.name} {b.exprs(label.types)})"


def _br_table(b: Body) -> str | None:
    groups: dict[tuple[Type, ...], list[Label]] = {}
    for label in b.targets():
        groups.setdefault(label.types, []).append(label)
    group = b.draw.pick(list(groups.values()))
    names = [b.draw.pick(group).name for _ in range(b.draw.between(1, 6))]
    values = b.exprs(group[0].types)
    selector = b.expr("i32")
    if b.draw.chance(0.7):
        selector = f"(i32.and {selector} (i32.const {b.draw.pick((1, 3, 7))}))"
    return f"(br_table {' '.join(names)} {values} {selector})"


def _dead(b: Body, results: Sequence[Type]) -> str:
    """What follows is not reached, but has to be valid."""
    if not b.plan.has("dead-code"):
        return ""
    roll = b.draw.below(4)
    if roll == 0:
        return f"{b.statements(2)} {b.exprs(results)}"
    if roll == 1:  # operands come from nowhere
        t = b.draw.pick(b.plan.numbers)
        op = b.draw.pick(b.plan.pure_ops(t)) if b.plan.pure_ops(t) else None
        return f"({op.mnemonic}) (drop)" if op else "(drop)"
    if roll == 2 and b.writable:
        name, _ = b.draw.pick(b.writable)
        return f"(local.set {name}) (select) (drop) (block) (i32.eqz) (br_if 0) (nop)"
    return ""


@expression("dead-code", 0.15)
def _ending_expression(b: Body, t: Type) -> str | None:
    """A branch has any type."""
    return _leave(b)


@statement("control", 3)
def _br_if(b: Body) -> str:
    ticking = [label for label in b.labels if label.tick]
    if ticking and b.draw.chance(0.4):
        label = b.draw.pick(ticking)
        assert label.tick
        condition = b.tick(label.tick)
    else:
        label = b.draw.pick(b.targets())
        condition = b.expr("i32")
    values = b.exprs(label.types)
    return f"(br_if {label.name} {values} {condition}) {b.consume(label.types)}"


@statement("control", 2)
def _if_then_leave(b: Body) -> str | None:
    name = b.fresh("i")
    condition = b.expr("i32")
    with b.label(Label(name, ())):
        leave = ending(b, ())
    return leave and f"(if {name} {condition} (then {leave}))"


@statement("traps", 0.4)
def _assertion(b: Body) -> str | None:
    """Trap where a comparison holds: seldom in programs that are to run on."""
    if not b.risky():
        return None
    t = b.draw.pick(b.plan.numbers)
    operands = f"{b.expr(t)} {b.expr(t)}"
    holds = f"(i8x16.all_true (i8x16.eq {operands}))" if t == "v128" else f"({t}.eq {operands})"
    return f"(if {holds} (then (unreachable)))"


# ------------------------------------------------------------------ branches on null


@statement("reference", 1)
def _br_on_null(b: Body) -> str | None:
    if not b.plan.refs:
        return None
    label = b.draw.pick(b.targets())
    ref = b.draw.pick(b.plan.refs)
    values = b.exprs(label.types)
    left = (*label.types, Ref(False, ref.heap))
    return f"(br_on_null {label.name} {values} {b.expr(ref)}) {b.consume(left)}"


@statement("reference", 1)
def _br_on_non_null(b: Body) -> str | None:
    labels = [label for label in b.targets() if label.types and isinstance(label.types[-1], Ref)]
    if not labels:
        return None
    label = b.draw.pick(labels)
    *first, last = label.types
    assert isinstance(last, Ref)
    operand = b.expr(Ref(True, last.heap))
    return f"(br_on_non_null {label.name} {b.exprs(first)} {operand}) {b.consume(first)}"
