"""Calls: direct, through tables, through references, of the host, in tail position."""

from __future__ import annotations

from collections.abc import Sequence

from differential.body import INDIRECT_COST, Body
from differential.plan import Function, FuncType, Table
from differential.rule import expression, of, statement
from differential.rules.corners import see
from differential.types import Ref, Type

__all__ = ["any_call", "tail_call"]


def _callees(b: Body) -> list[Function]:
    """Functions that may be called by name: without fuel only those made before this one."""
    functions = b.plan.functions
    if b.function.guarded:
        return [f for f in functions if b.affords(f.cost + 20)]
    return [f for f in functions[: functions.index(b.function)] if b.affords(f.cost + 20)]


def _returning(b: Body, callees: Sequence[Function], t: Type) -> list[Function]:
    return [f for f in callees if f.type.results and b.plan.matches(f.type.results[0], t)]


def _call(b: Body, f: Function) -> str:
    b.spend(f.cost + 10)
    return f"(call {f.name} {b.exprs(f.type.params)})"


@expression("calls", 2.5)
def _call_expression(b: Body, t: Type) -> str | None:
    """Further results are taken off the stack."""
    fits = _returning(b, _callees(b), t)
    if not fits:
        return None
    f = b.draw.pick(fits)
    return f"{_call(b, f)} {b.consume(f.type.results[1:])}"


@statement("calls", 2.5)
def _call_statement(b: Body) -> str | None:
    fits = _callees(b)
    if not fits:
        return None
    f = b.draw.pick(fits)
    return f"{_call(b, f)} {b.consume(f.type.results)}"


@statement("calls", 1.5)
def _call_seen(b: Body) -> str | None:
    """Every result is looked at."""
    fits = [f for f in _callees(b) if f.type.results and f.public]
    if not fits:
        return None
    f = b.draw.pick(fits)
    kept = [(b.declare(t), t) for t in f.type.results if isinstance(t, str)]
    sets = " ".join(f"(local.set {name})" for name, _ in reversed(kept))
    looks = " ".join(see(b, t, f"(local.get {name})") for name, t in kept)
    return f"{_call(b, f)} {sets} {looks}"


@expression("host", 0.7, of("i64"))
def _host(b: Body, t: Type) -> str:
    return f"(call $note {b.expr('i64')})"


# ------------------------------------------------------------------ through tables


def _sound(b: Body, wanted: str) -> tuple[Table, int] | None:
    """A table and an index where a function of the type is."""
    tables = [t for t in b.plan.tables if t.calls]
    if not tables:
        return None
    table = tables[0]
    types = {f.name: f.type.name for f in b.plan.functions}
    fits = [i for i, f in enumerate(table.calls) if wanted in b.plan.supers[types[f]]]
    return (table, b.draw.pick(fits)) if fits else None


def _indirect(b: Body, t: FuncType, keyword: str = "call_indirect") -> str | None:
    """A call of a function of the type; a risky one finds null, another type, or no entry."""
    tables = [x for x in b.plan.tables if b.plan.matches(x.elem, Ref(True, "func"))]
    if b.risky():
        table = b.draw.pick(tables)
        slot = b.expr(table.addr)
        if b.draw.chance(0.8):
            slot = f"({table.addr}.and {slot} ({table.addr}.const 7))"
    else:
        found = _sound(b, t.name)
        if found is None:
            return None
        table, i = found
        slot = f"({table.addr}.const {i})"
        if b.draw.chance(0.3):
            zero = f"({table.addr}.and {b.expr(table.addr)} ({table.addr}.const 0))"
            slot = f"({table.addr}.or {zero} {slot})"
    b.spend(INDIRECT_COST)
    return f"({keyword} {table.name} (type {t.name}) {b.exprs(t.params)} {slot})"


def _may_call_anything(b: Body) -> bool:
    return b.function.guarded and b.affords(INDIRECT_COST)


def _types_returning(b: Body, t: Type) -> list[FuncType]:
    types = b.plan.functypes.values()
    return [f for f in types if f.results and b.plan.matches(f.results[0], t)]


@expression("indirect", 2)
def _indirect_expression(b: Body, t: Type) -> str | None:
    fits = _types_returning(b, t)
    if not fits or not _may_call_anything(b):
        return None
    f = b.draw.pick(fits)
    made = _indirect(b, f)
    return made and f"{made} {b.consume(f.results[1:])}"


@statement("indirect", 2)
def _indirect_statement(b: Body) -> str | None:
    if not _may_call_anything(b):
        return None
    f = b.draw.pick(list(b.plan.functypes.values()))
    made = _indirect(b, f)
    return made and f"{made} {b.consume(f.results)}"


# ------------------------------------------------------------------ through references


def _by_reference(b: Body, t: FuncType, keyword: str = "call_ref") -> str:
    b.spend(INDIRECT_COST)
    callee = b.expr(Ref(b.risky(), t.name))
    return f"({keyword} {t.name} {b.exprs(t.params)} {callee})"


@expression("reference", 2)
def _ref_expression(b: Body, t: Type) -> str | None:
    fits = _types_returning(b, t)
    if not fits or not _may_call_anything(b):
        return None
    f = b.draw.pick(fits)
    return f"{_by_reference(b, f)} {b.consume(f.results[1:])}"


@statement("reference", 1.5)
def _ref_statement(b: Body) -> str | None:
    if not _may_call_anything(b):
        return None
    f = b.draw.pick(list(b.plan.functypes.values()))
    return f"{_by_reference(b, f)} {b.consume(f.results)}"


def any_call(b: Body) -> str | None:
    """A call in one of the forms, its results taken off the stack."""
    forms = [
        make
        for family, make in (
            ("calls", _call_statement),
            ("indirect", _indirect_statement),
            ("reference", _ref_statement),
        )
        if b.plan.has(family)
    ]
    return b.draw.pick(forms)(b) if forms else None


# ------------------------------------------------------------------ in tail position


def _fits_as_tail(b: Body, results: Sequence[Type]) -> bool:
    return len(results) == len(b.results) and all(map(b.plan.matches, results, b.results))


def tail_call(b: Body) -> str | None:
    """A return_call, in one of its forms."""
    roll = b.draw.below(3)
    if roll == 0:
        fits = [f for f in _callees(b) if _fits_as_tail(b, f.type.results)]
        if not fits:
            return None
        f = b.draw.pick(fits)
        b.spend(f.cost + 10)
        return f"(return_call {f.name} {b.exprs(f.type.params)})"
    types = [t for t in b.plan.functypes.values() if _fits_as_tail(b, t.results)]
    if not types or not _may_call_anything(b):
        return None
    t = b.draw.pick(types)
    if roll == 1 and b.plan.has("indirect"):
        return _indirect(b, t, "return_call_indirect")
    return _by_reference(b, t, "return_call_ref") if b.plan.has("reference") else None


@statement("tail-call", 2)
def _tail_call(b: Body) -> str | None:
    """Leave by a call, under a condition."""
    condition = b.expr("i32")
    with b.hidden():
        made = tail_call(b)
    return made and f"(if {condition} (then {made}))"


# ------------------------------------------------------------------ closures


@expression("func-bind", 3, lambda plan, t: isinstance(t, Ref) and t.heap in plan.functypes)
def _bind(b: Body, t: Type) -> str | None:
    """A function with its first parameters bound."""
    assert isinstance(t, Ref)
    want = b.plan.functypes[t.heap]
    fits = [
        (have, len(have.params) - len(want.params))
        for have in b.plan.functypes.values()
        if len(have.params) >= len(want.params)
        and have.params[len(have.params) - len(want.params) :] == want.params
        and have.results == want.results
    ]
    have, bound = b.draw.pick(fits)
    operands = b.exprs(have.params[:bound])
    return f"(func.bind (type {want.name}) {operands} {b.expr(Ref(b.risky(), have.name))})"
