"""Structs: new, get, set."""

from __future__ import annotations

from differential.body import Body
from differential.plan import Plan, StructType
from differential.rule import expression, statement
from differential.types import Ref, Type

__all__: list[str] = []


def _below(plan: Plan, t: Type) -> list[str]:
    """The structs that are of a reference type."""
    if not isinstance(t, Ref):
        return []
    return [name for name in plan.structs if t.heap in plan.supers[name]]


@expression("struct", 3, lambda plan, t: bool(_below(plan, t)))
def _new(b: Body, t: Type) -> str:
    name = b.draw.pick(_below(b.plan, t))
    if b.draw.chance(0.2):
        return f"(struct.new_default {name})"
    return f"(struct.new {name} {b.exprs([f.type for f in b.plan.structs[name].fields])})"


def _places(plan: Plan, t: Type) -> list[tuple[StructType, int]]:
    """The fields that can be read as a value of the type."""
    return [
        (struct, i)
        for struct in plan.structs.values()
        for i, field in enumerate(struct.fields)
        if plan.matches(field.type, t)
    ]


@expression("struct", 3, lambda plan, t: bool(_places(plan, t)))
def _get(b: Body, t: Type) -> str:
    struct, i = b.draw.pick(_places(b.plan, t))
    suffix = f"_{b.draw.pick('su')}" if struct.fields[i].packed else ""
    return f"(struct.get{suffix} {struct.name} {i} {b.object(struct.name)})"


@statement("struct", 3, lambda plan: bool(plan.structs))
def _set(b: Body) -> str | None:
    struct = b.draw.pick(list(b.plan.structs.values()))
    open_fields = [i for i, field in enumerate(struct.fields) if field.mutable]
    if not open_fields:
        return None
    i = b.draw.pick(open_fields)
    target = b.object(struct.name)
    return f"(struct.set {struct.name} {i} {target} {b.expr(struct.fields[i].type)})"
