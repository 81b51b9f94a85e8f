"""Tests and casts: ref.test, ref.cast, br_on_cast, br_on_cast_fail."""

from __future__ import annotations

from differential.body import Body, Label
from differential.plan import Plan
from differential.rule import any_ref, expression, statement
from differential.rules.corners import see
from differential.types import Ref, Type, text

__all__: list[str] = []


def _wider(b: Body, t: Ref) -> Ref:
    """A type that the value may be known by, at or above it."""
    return Ref(t.null or b.draw.chance(0.6), b.draw.pick(b.plan.supers[t.heap]))


def _targets(plan: Plan) -> list[Ref]:
    heaps = [*plan.below("any"), *plan.functypes] if plan.refs else []
    return [Ref(null, heap) for heap in heaps for null in (False, True)]


@expression("cast", 1.5, lambda plan, t: t == "i32" and bool(_targets(plan)))
def _test(b: Body, t: Type) -> str:
    asked = b.draw.pick(_targets(b.plan))
    top = b.plan.top(asked.heap)
    return f"(ref.test {text(asked)} {b.expr(Ref(True, top))})"


@expression("cast", 1.5, any_ref)
def _cast(b: Body, t: Type) -> str | None:
    """A risky cast of anything, or of what is of the type but known by a wider one."""
    assert isinstance(t, Ref)
    if t.heap in ("extern", "exn"):
        return None
    wide = _wider(b, t)
    if b.risky():
        return f"(ref.cast {text(t)} {b.expr(wide)})"
    name = b.fresh("b")
    with b.label(Label(name, (wide,))):
        value = b.expr(t)
    return f"(ref.cast {text(t)} (block {name} (result {text(wide)}) {value}))"


@expression("cast", 2, any_ref)
def _br_on_cast(b: Body, t: Type) -> str | None:
    """Branch out with the value if it is of the type, else go on to another one."""
    assert isinstance(t, Ref)
    if t.heap in ("extern", "exn"):
        return None
    wide = _wider(b, t)
    name = b.fresh("b")
    left = Ref(wide.null and not t.null, wide.heap)
    if b.draw.chance(0.6):
        with b.label(Label(name, (t,))):
            value, other = b.expr(wide), b.expr(t)
        branch = f"(br_on_cast {name} {text(wide)} {text(t)} {value}) {b.consume((left,))}"
        return f"(block {name} (result {text(t)}) {branch} {other})"
    failed = b.fresh("b")
    with b.label(Label(name, (t,))):
        with b.label(Label(failed, (left,))):
            value = b.expr(wide)
        other = b.expr(t)
    inner = (
        f"(block {failed} (result {text(left)})"
        f" (br {name} (br_on_cast_fail {failed} {text(wide)} {text(t)} {value})))"
    )
    return f"(block {name} (result {text(t)}) {inner} {b.consume((left,))} {other})"


@statement("cast", 1.5, lambda plan: bool(plan.below("any")))
def _used_at_once(b: Body) -> str | None:
    """What a branch leaves is used as what it is then known to be, without a block between."""
    asked = Ref(False, b.draw.pick(b.plan.below("any")))
    wide = _wider(b, asked)
    left = Ref(wide.null, wide.heap)
    b.size += 3
    name, kept = b.fresh("b"), b.declare("i32")
    use = "(array.len)" if asked.heap in b.plan.arrays else "(ref.is_null)"
    if asked.heap == "i31":
        use = f"(i31.get_{b.draw.pick('su')})"
    fields = b.plan.structs[asked.heap].fields if asked.heap in b.plan.structs else ()
    for i, field in enumerate(fields):
        if field.type == "i32":
            use = f"(struct.get{'_s' * field.packed} {asked.heap} {i})"
    branch = f"(br_on_cast_fail {name} {text(wide)} {text(asked)} {b.leaf(wide)})"
    inner = f"{branch} {use} (local.set {kept}) {b.leaf(left)}"
    held = f"(block {name} (result {text(left)}) {inner}) (drop)"
    return f"{held} {see(b, 'i32', f'(local.get {kept})')}"


@statement("cast", 1, lambda plan: bool(_targets(plan)))
def _br_on_cast_outwards(b: Body) -> str | None:
    """To a label that is open already and takes values before the reference."""
    labels = [label for label in b.targets() if label.types and isinstance(label.types[-1], Ref)]
    if not labels:
        return None
    label = b.draw.pick(labels)
    *first, last = label.types
    assert isinstance(last, Ref)
    if b.plan.top(last.heap) == "extern":
        return None
    source = _wider(b, Ref(True, last.heap))
    fits = [t for t in _targets(b.plan) if b.plan.matches(t, last) and b.plan.matches(t, source)]
    if not fits:
        return None
    asked = b.draw.pick(fits)
    left = Ref(source.null and not asked.null, source.heap)
    operands = f"{b.exprs(first)} {b.expr(source)}"
    branch = f"(br_on_cast {label.name} {text(source)} {text(asked)} {operands})"
    return f"{branch} {b.consume((*first, left))}"
