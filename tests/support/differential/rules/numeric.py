"""Pure instructions, locals, globals, select."""

from __future__ import annotations

from differential.body import Body
from differential.constants import constant
from differential.families import PureOp
from differential.rule import any_number, expression, statement
from differential.types import Type, is_number, text

__all__: list[str] = []


def _tame(b: Body, op: PureOp, operands: list[str]) -> None:
    """Change operands so that the instruction seldom traps."""
    name = op.mnemonic
    if ".div_" in name or ".rem_" in name:
        t = op.params[1]
        if t[0] == "i":
            operands[1] = f"({t}.or {operands[1]} ({t}.const {b.draw.pick((1, 1, 2, 16))}))"
    elif ".trunc_f" in name:
        t = op.params[0]
        small = f"(i32.and {b.expr('i32')} (i32.const {b.draw.pick((255, 65535, 0x7FFFFFF))}))"
        scale = b.draw.pick(("0.5", "1.0", "0.25", "1.5"))
        operands[0] = f"({t}.mul ({t}.convert_i32_u {small}) ({t}.const {scale}))"


def _pure(b: Body, t: Type) -> str | None:
    assert isinstance(t, str)
    ops = b.plan.pure_ops(t)
    if not ops:
        return None
    op = b.draw.pick(ops)
    operands = [b.expr(p) for p in op.params]
    if not b.risky():
        _tame(b, op, operands)
    return f"({op.mnemonic} {' '.join(operands)})"


expression("integer", 12, any_number)(_pure)  # always on: other families' ops come this way too


@expression("integer", 2, any_number)
def _constant(b: Body, t: Type) -> str:
    assert isinstance(t, str)
    return constant(b.draw, t)


@expression("integer", 6)
def _local_get(b: Body, t: Type) -> str | None:
    known = b.readable_as(t)
    return f"(local.get {b.draw.pick(known)})" if known else None


@expression("variable", 2)
def _local_tee(b: Body, t: Type) -> str | None:
    """The local's own type is what results, so it has to be this one."""
    places = [name for name, have in b.writable if have == t]
    return f"(local.tee {b.draw.pick(places)} {b.expr(t)})" if places else None


@expression("variable", 3, lambda plan, t: any(plan.matches(g.type, t) for g in plan.globals))
def _global_get(b: Body, t: Type) -> str:
    fits = [g.name for g in b.plan.globals if b.plan.matches(g.type, t)]
    return f"(global.get {b.draw.pick(fits)})"


@expression("select", 1.5)
def _select(b: Body, t: Type) -> str:
    typed = "" if is_number(t) and b.draw.chance(0.7) else f" (result {text(t)})"
    return f"(select{typed} {b.expr(t)} {b.expr(t)} {b.expr('i32')})"


@statement("integer", 8)
def _local_set(b: Body) -> str | None:
    if not b.writable:
        return None
    name, t = b.draw.pick(b.writable)
    return f"(local.set {name} {b.expr(t)})"


@statement("variable", 4, lambda plan: any(g.mutable for g in plan.globals))
def _global_set(b: Body) -> str:
    place = b.draw.pick([g for g in b.plan.globals if g.mutable])
    return f"(global.set {place.name} {b.expr(place.type)})"


@statement("integer", 1)
def _drop(b: Body) -> str:
    return f"(drop {b.expr(b.draw.pick(b.plan.numbers))})"
