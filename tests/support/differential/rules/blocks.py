"""Blocks, ifs and loops, with parameters and results."""

from __future__ import annotations

from collections.abc import Sequence

from differential.body import Body, Label
from differential.rule import expression, statement
from differential.rules.branches import ending
from differential.types import Type

__all__ = ["extra", "sequence"]


def sequence(b: Body, results: Sequence[Type], leaving: float = 0.06) -> str:
    """Statements and then the results, or a branch to elsewhere in their place."""
    before = b.statements(3)
    if b.draw.chance(leaving):
        end = ending(b, results)
        if end is not None:
            return f"{before} {end}"
    return f"{before} {b.exprs(results)}"


def extra(b: Body, most: int = 2) -> tuple[Type, ...]:
    """Types of further values; only with several results."""
    if not b.plan.has("multi-value") or b.draw.chance(0.6):
        return ()
    types: list[Type] = [*b.plan.numbers, *b.plan.refs]
    return tuple(b.draw.pick(types) for _ in range(b.draw.between(1, most)))


def _block(b: Body, results: Sequence[Type]) -> str:
    params = extra(b)
    name = b.fresh("b")
    given = b.exprs(params)
    with b.label(Label(name, tuple(results))):
        inner = f"{b.consume(params)} {sequence(b, results)}"
    return f"{given} (block {name}{b.block_type(params, results)} {inner})"


def _if(b: Body, results: Sequence[Type]) -> str:
    params = extra(b, 1)
    name = b.fresh("i")
    given, condition = b.exprs(params), b.expr("i32")
    with b.label(Label(name, tuple(results))):
        arms = [f"{b.consume(params)} {sequence(b, results, 0.2)}"]
        if results or params or b.draw.chance(0.5):
            arms.append(f"{b.consume(params)} {sequence(b, results, 0.2)}")
    text = f"{given} (if {name}{b.block_type(params, results)} {condition} (then {arms[0]})"
    return f"{text} (else {arms[1]}))" if len(arms) == 2 else f"{text})"


# ------------------------------------------------------------------ loops


def _loop(b: Body, results: Sequence[Type]) -> str | None:
    times = b.draw.between(1, 6)
    if b.times * times > 60 or not b.affords(times * 8):
        return None
    counter = b.declare("i32", prefix="c")
    shape = b.draw.pick((_loop_asking_first, _loop_asking_last, _loop_with_ticks))
    with b.repeated(times):
        body = shape(b, results, counter)
    return f"(local.set {counter} (i32.const {times})) {body}"


def _loop_asking_first(b: Body, results: Sequence[Type], counter: str) -> str:
    """The counter is looked at where the loop begins, so any branch may go there."""
    params = extra(b)
    out, name = b.fresh("o"), b.fresh("l")
    with b.label(Label(out, tuple(results))):
        given = b.exprs(params)
    taken = b.consume(params)
    with b.label(Label(out, tuple(results))), b.hidden(2):  # not back from here: it counts nothing
        leave = f"(br {out} {b.exprs(results)})"
    with b.label(Label(out, tuple(results))), b.label(Label(name, params)):
        inner = b.statements(4)
        if b.draw.chance(0.7):
            inner += f" (br {name} {b.exprs(params)})"
        else:
            inner += f" {b.exprs(results)}"
    return (
        f"(block {out}{b.block_type((), results)} {given}"
        f" (loop {name}{b.block_type(params, results)} {taken}"
        f" (if (i32.eqz (local.get {counter})) (then {leave}))"
        f" (local.set {counter} (i32.sub (local.get {counter}) (i32.const 1))) {inner}))"
    )


def _loop_asking_last(b: Body, results: Sequence[Type], counter: str) -> str:
    """`do … while`: one branch back, at the end."""
    name = b.fresh("l")
    with b.label(Label(name, (), tick="")):
        inner = b.statements(4)
        after = sequence(b, results)
    down = f"(local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))"
    return f"(loop {name}{b.block_type((), results)} {inner} (br_if {name} {down}) {after})"


def _loop_with_ticks(b: Body, results: Sequence[Type], counter: str) -> str:
    """Several branches back, each counting down."""
    params = extra(b)
    name = b.fresh("l")
    given = b.exprs(params)
    with b.label(Label(name, params, tick=counter)):
        inner = f"{b.consume(params)} {b.statements(4)}"
        back = f"(br_if {name} {b.exprs(params)} {b.tick(counter)}) {b.consume(params)}"
        after = f"{b.statements(2)} {b.exprs(results)}"
    return f"{given} (loop {name}{b.block_type(params, results)} {inner} {back} {after})"


# ------------------------------------------------------------------ as expressions, as statements


@expression("control", 1.3)
def _block_expression(b: Body, t: Type) -> str:
    more = extra(b)
    return f"{_block(b, (t, *more))} {b.consume(more)}"


@expression("control", 1.3)
def _if_expression(b: Body, t: Type) -> str:
    more = extra(b)
    return f"{_if(b, (t, *more))} {b.consume(more)}"


@expression("control", 0.7)
def _loop_expression(b: Body, t: Type) -> str | None:
    more = extra(b)
    made = _loop(b, (t, *more))
    return made and f"{made} {b.consume(more)}"


@statement("control", 2)
def _block_statement(b: Body) -> str:
    more = extra(b)
    return f"{_block(b, more)} {b.consume(more)}"


@statement("control", 5)
def _if_statement(b: Body) -> str:
    more = extra(b)
    return f"{_if(b, more)} {b.consume(more)}"


@statement("control", 3)
def _loop_statement(b: Body) -> str | None:
    more = extra(b)
    made = _loop(b, more)
    return made and f"{made} {b.consume(more)}"
