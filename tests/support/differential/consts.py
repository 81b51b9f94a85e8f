"""Constant expressions, for globals, tables and element segments."""

from __future__ import annotations

from differential.constants import constant
from differential.draw import Draw
from differential.plan import Plan
from differential.types import BOTTOM, Ref, Type

__all__ = ["constant_expression"]


def constant_expression(draw: Draw, plan: Plan, t: Type, depth: int = 0) -> str:
    """A constant expression of the type; struct and array fields all have defaults."""
    if isinstance(t, Ref):
        return _reference(draw, plan, t, depth)
    known = [g.name for g in plan.globals if not g.mutable and g.type == t]
    if known and draw.chance(0.3):
        return f"(global.get {draw.pick(known)})"
    ops = [op for op in plan.pure_ops(t) if op.constant] if plan.has("extended-const") else []
    if ops and depth < 2 and draw.chance(0.4):
        op = draw.pick(ops)
        operands = " ".join(constant_expression(draw, plan, p, depth + 1) for p in op.params)
        return f"({op.mnemonic} {operands})"
    return constant(draw, t)


def _reference(draw: Draw, plan: Plan, t: Ref, depth: int) -> str:
    top = plan.top(t.heap)
    if t.null and draw.chance(0.75 if depth else 0.25):
        return f"(ref.null {draw.pick((t.heap, BOTTOM[top]))})"
    if top == "extern":
        inner = constant_expression(draw, plan, Ref(False, "any"), depth + 1)
        return f"(extern.convert_any {inner})"
    if top == "func":
        functions = plan.functions_of(t.heap)
        return f"(ref.func {draw.pick(functions).name})" if functions else "(ref.null nofunc)"
    heap = draw.pick(plan.below(t.heap))
    if heap == "i31":
        return f"(ref.i31 {constant_expression(draw, plan, 'i32', depth + 1)})"
    if heap in plan.structs:
        if depth or draw.chance(0.4):
            return f"(struct.new_default {heap})"
        fields = [
            constant_expression(draw, plan, f.type, depth + 1) for f in plan.structs[heap].fields
        ]
        return f"(struct.new {heap} {' '.join(fields)})"
    count = draw.between(4, 7)
    if depth or draw.chance(0.4):
        return f"(array.new_default {heap} (i32.const {count}))"
    item = plan.arrays[heap].field.type
    if draw.chance(0.4):
        value = constant_expression(draw, plan, item, depth + 1)
        return f"(array.new {heap} {value} (i32.const {count}))"
    items = [constant_expression(draw, plan, item, depth + 1) for _ in range(count)]
    return f"(array.new_fixed {heap} {count} {' '.join(items)})"
