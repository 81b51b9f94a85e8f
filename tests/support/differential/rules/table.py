"""Tables: get, set, size, grow, fill, copy, init, elem.drop."""

from __future__ import annotations

from differential.body import Body, Label
from differential.plan import Plan, Table
from differential.rule import expression, of, statement
from differential.types import Ref, Type

__all__ = ["entry"]


def _open_tables(plan: Plan) -> list[Table]:
    """The tables that code may change."""
    return [t for t in plan.tables if not t.calls]


def _some_table(plan: Plan) -> bool:
    return bool(_open_tables(plan))


def entry(b: Body, table: Table, mask: int = 3) -> str:
    """An index, mostly inside of the table: each has four entries at least."""
    addr = table.addr
    if b.risky():
        return b.draw.pick((b.expr(addr), f"({addr}.const {table.size})", f"({addr}.const -1)"))
    if b.draw.chance(0.4):
        return f"({addr}.const {b.draw.below(mask + 1)})"
    return f"({addr}.and {b.expr(addr)} ({addr}.const {mask}))"


def _gives(plan: Plan, t: Type) -> bool:
    return any(plan.matches(table.elem, t) for table in _open_tables(plan))


@expression("tables", 2, _gives)
def _get(b: Body, t: Type) -> str:
    table = b.draw.pick([x for x in _open_tables(b.plan) if b.plan.matches(x.elem, t)])
    return f"(table.get {table.name} {entry(b, table)})"


@statement("tables", 2, _some_table)
def _set(b: Body) -> str:
    table = b.draw.pick(_open_tables(b.plan))
    if not table.elem.null and b.draw.chance(0.3):  # only what is left of a branch is not null
        name = b.fresh("b")
        with b.label(Label(name, ())):
            index = entry(b, table)
        maybe = f"(br_on_null {name} {b.leaf(Ref(True, table.elem.heap))})"
        return f"(block {name} (table.set {table.name} {index} {maybe}))"
    return f"(table.set {table.name} {entry(b, table)} {b.expr(table.elem)})"


@expression("tables", 0.7, of("i32", "i64"))
def _size(b: Body, t: Type) -> str | None:
    fits = [x for x in b.plan.tables if x.addr == t]
    return f"(table.size {b.draw.pick(fits).name})" if fits else None


@expression("tables", 0.7, of("i32", "i64"))
def _grow(b: Body, t: Type) -> str | None:
    fits = [x for x in _open_tables(b.plan) if x.addr == t]
    if not fits:
        return None
    table = b.draw.pick(fits)
    count = f"({t}.and {b.expr(t)} ({t}.const 3))"
    if b.draw.chance(0.1):
        count = f"({t}.const {b.draw.pick((-1, 1 << 31, 100))})"
    return f"(table.grow {table.name} {b.expr(table.elem)} {count})"


@statement("tables", 1, _some_table)
def _fill(b: Body) -> str:
    table = b.draw.pick(_open_tables(b.plan))
    where = entry(b, table, 1)
    return f"(table.fill {table.name} {where} {b.expr(table.elem)} {entry(b, table)})"


@statement("tables", 1, _some_table)
def _copy(b: Body) -> str | None:
    to = b.draw.pick(_open_tables(b.plan))
    source = b.draw.pick([t for t in b.plan.tables if b.plan.matches(t.elem, to.elem)])
    if source.size < 4:
        return None
    narrow = "i64" if to.addr == source.addr == "i64" else "i32"
    count = f"({narrow}.and {b.expr(narrow)} ({narrow}.const {b.draw.pick((1, 3))}))"
    operands = f"{entry(b, to, 1)} {entry(b, source, 1)} {count}"
    return f"(table.copy {to.name} {source.name} {operands})"


@statement("tables", 1, _some_table)
def _init(b: Body) -> str | None:
    table = b.draw.pick(_open_tables(b.plan))
    fits = [e for e in b.plan.elems if b.plan.matches(e.elem, table.elem) and _usable(b, e.kept)]
    if not fits:
        return None
    start = f"(i32.and {b.expr('i32')} (i32.const 3))"
    count = b.expr("i32") if b.risky() else f"(i32.and {b.expr('i32')} (i32.const 3))"
    return (
        f"(table.init {table.name} {b.draw.pick(fits).name} {entry(b, table, 1)} {start} {count})"
    )


def _usable(b: Body, kept: bool) -> bool:
    return kept or b.daring()


@statement("tables", 0.7, lambda plan: any(not e.kept for e in plan.elems))
def _drop(b: Body) -> str:
    return f"(elem.drop {b.draw.pick([e for e in b.plan.elems if not e.kept]).name})"


@expression("tables", 0.5, of("i32"))
def _is_null(b: Body, t: Type) -> str | None:
    tables = _open_tables(b.plan)
    if not tables:
        return None
    table = b.draw.pick(tables)
    return f"(ref.is_null (table.get {table.name} {entry(b, table)}))"
