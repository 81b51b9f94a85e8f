"""References: null, functions, equality, conversions between the hierarchies."""

from __future__ import annotations

from differential.body import Body, Label
from differential.plan import Plan
from differential.rule import any_ref, expression, of, statement
from differential.types import BOTTOM, Ref, Type, text

__all__: list[str] = []


@expression("integer", 0.5, lambda plan, t: isinstance(t, Ref) and t.null)
def _null(b: Body, t: Type) -> str:
    assert isinstance(t, Ref)
    return f"(ref.null {b.draw.pick((t.heap, BOTTOM[b.plan.top(t.heap)]))})"


@expression("integer", 3, lambda plan, t: isinstance(t, Ref) and plan.top(t.heap) == "func")
def _ref_func(b: Body, t: Type) -> str | None:
    assert isinstance(t, Ref)
    fits = b.plan.functions_of(t.heap)
    return f"(ref.func {b.draw.pick(fits).name})" if fits else None


@expression("reference", 1, lambda plan, t: isinstance(t, Ref) and not t.null)
def _as_non_null(b: Body, t: Type) -> str | None:
    assert isinstance(t, Ref)
    if b.risky():
        return f"(ref.as_non_null {b.expr(Ref(True, t.heap))})"
    known = b.readable_as(Ref(True, t.heap))
    if not known:
        return None
    name = b.draw.pick(known)
    with b.hidden():
        other = b.expr(t)
    return (
        f"(if (result {text(t)}) (ref.is_null (local.get {name}))"
        f" (then {other}) (else (ref.as_non_null (local.get {name}))))"
    )


@expression("reference", 1, lambda plan, t: isinstance(t, Ref) and not t.null)
def _unless_null(b: Body, t: Type) -> str:
    """Branch with the reference where it is not null, else go on to another one."""
    assert isinstance(t, Ref)
    name = b.fresh("b")
    with b.label(Label(name, (t,))):
        maybe = b.expr(Ref(True, t.heap))
        other = b.expr(t)
    return f"(block {name} (result {text(t)}) (br_on_non_null {name} {maybe}) {other})"


@expression("reference", 0.7, any_ref)
def _or_else(b: Body, t: Type) -> str | None:
    """Branch where the reference is null: behind the block stands another one."""
    assert isinstance(t, Ref)
    done, null = b.fresh("b"), b.fresh("b")
    with b.label(Label(done, (t,))):
        with b.label(Label(null, ())):
            maybe = b.expr(Ref(True, t.heap))
        other = b.expr(t)
    branch = f"(block {null} (br {done} (br_on_null {null} {maybe})))"
    return f"(block {done} (result {text(t)}) {branch} {other})"


def _some_refs(plan: Plan, t: Type) -> bool:
    return t == "i32" and bool(plan.refs)


@expression("reference", 1, _some_refs)
def _is_null(b: Body, t: Type) -> str:
    return f"(ref.is_null {b.expr(b.draw.pick(b.plan.refs))})"


@expression("integer", 0.7, lambda plan, t: t == "i32" and bool(plan.below("eq")))
def _eq(b: Body, t: Type) -> str:
    """Two references that may be the same."""
    first = b.draw.pick(("eq", "eq", *b.plan.below("eq")))
    second = b.draw.pick(("eq", first))
    return f"(ref.eq {b.expr(Ref(True, first))} {b.expr(Ref(True, second))})"


@statement("reference", 0.5, lambda plan: bool(plan.refs))
def _drop(b: Body) -> str:
    return f"(drop {b.expr(b.draw.pick(b.plan.refs))})"


# ------------------------------------------------------------------ any and extern


def _has_values(plan: Plan) -> bool:
    return bool(plan.below("any"))


@expression("extern", 3, lambda plan, t: isinstance(t, Ref) and t.heap == "extern")
def _externalise(b: Body, t: Type) -> str:
    assert isinstance(t, Ref)
    return f"(extern.convert_any {b.expr(Ref(t.null, 'any'))})"


@expression("extern", 1.5, lambda plan, t: t == Ref(True, "any") and _has_values(plan))
def _internalise(b: Body, t: Type) -> str:
    return f"(any.convert_extern {b.expr(Ref(True, 'extern'))})"


# ------------------------------------------------------------------ i31


@expression("i31", 2, lambda plan, t: isinstance(t, Ref) and t.heap in ("i31", "eq", "any"))
def _i31(b: Body, t: Type) -> str:
    return f"(ref.i31 {b.expr('i32')})"


@expression("i31", 2, of("i32"))
def _i31_get(b: Body, t: Type) -> str:
    sign = b.draw.pick("su")
    return f"(i31.get_{sign} {b.expr(Ref(b.risky(), 'i31'))})"
