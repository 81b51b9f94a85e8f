"""Making the plan of a module: types, memories, tables, globals, segments, function signatures."""

from __future__ import annotations

from dataclasses import replace

from differential.constants import FLOATS, NUMBERS
from differential.consts import constant_expression
from differential.draw import Draw
from differential.plan import (
    ArrayType,
    Data,
    Elem,
    Field,
    Function,
    FuncType,
    Global,
    Memory,
    Plan,
    StructType,
    Table,
    Tag,
)
from differential.types import Ref, Type, is_number

__all__ = ["make_plan"]

_RISKS = (0.0, 0.02, 0.05, 0.15)


def make_plan(draw: Draw, families: frozenset[str]) -> Plan:
    """A plan for a program of these families; its functions have no bodies yet."""
    without = set() if "float" in families else set(FLOATS)
    without |= set() if "simd" in families else {"v128"}
    numbers = tuple(t for t in NUMBERS if t not in without)
    risk = draw.pick(_RISKS) if "traps" in families else 0.0
    plan = Plan(families, risk, numbers, grouped=draw.chance(0.3))
    _make_aggregates(draw, plan)
    plan.index_heaps()
    plan.refs = _references(draw, plan)
    _make_functypes(draw, plan)
    plan.index_heaps()
    _make_functions(draw, plan)
    _make_memories(draw, plan)
    _make_tables(draw, plan)
    _make_globals(draw, plan)
    _make_segments(draw, plan)
    _make_tags(draw, plan)
    return plan


# ------------------------------------------------------------------ types


def _storage(draw: Draw, plan: Plan, itself: str) -> Type:
    if draw.chance(0.25):
        return draw.pick(("i8", "i16"))
    if draw.chance(0.6):
        return draw.pick(plan.numbers)
    heaps = ["any", "eq", itself, *plan.structs, *plan.arrays]
    return Ref(True, draw.pick(heaps))


def _field(draw: Draw, plan: Plan, itself: str) -> Field:
    return Field(_storage(draw, plan, itself), draw.chance(0.75))


def _make_aggregates(draw: Draw, plan: Plan) -> None:
    """Structs in a small hierarchy, arrays; all fields have defaults."""
    if plan.has("struct"):
        for i in range(draw.between(1, 3)):
            name = f"$s{i}"
            sup = draw.pick(list(plan.structs)) if plan.structs and draw.chance(0.6) else None
            fields = plan.structs[sup].fields if sup else ()
            added = tuple(_field(draw, plan, name) for _ in range(draw.between(not sup, 3)))
            plan.structs[name] = StructType(name, sup, fields + added)
        if draw.chance(0.2):  # in a group of its own it is the same type as its twin
            twin = draw.pick(list(plan.structs.values()))
            plan.structs["$s9"] = StructType("$s9", twin.sup, twin.fields)
    if plan.has("array"):
        for i in range(draw.between(1, 3)):
            plan.arrays[f"$a{i}"] = ArrayType(f"$a{i}", _field(draw, plan, f"$a{i}"))


def _references(draw: Draw, plan: Plan) -> list[Ref]:
    """The reference types that are used, in the any and extern hierarchies."""
    heaps = list(plan.below("any"))
    if not heaps:
        return []
    heaps += ["any", "eq"]
    heaps += ["struct"] * bool(plan.structs) + ["array"] * bool(plan.arrays)
    heaps += ["extern"] * plan.has("extern")
    return [Ref(null, heap) for heap in heaps for null in (True, False) if null or draw.chance(0.5)]


def _types(draw: Draw, plan: Plan, most: int) -> tuple[Type, ...]:
    return tuple(
        draw.pick(plan.refs) if plan.refs and draw.chance(0.35) else draw.pick(plan.numbers)
        for _ in range(draw.between(0, most))
    )


def _make_functypes(draw: Draw, plan: Plan) -> None:
    results = 3 if plan.has("multi-value") else 1
    for i in range(draw.between(2, 3)):
        params = tuple(draw.pick(plan.numbers) for _ in range(draw.between(i == 0, 3)))
        given = tuple(draw.pick(plan.numbers) for _ in range(draw.between(i == 0, results)))
        plan.functypes[f"$t{i}"] = FuncType(f"$t{i}", None, params, given)
    if plan.has("reference"):
        plan.refs += [Ref(draw.chance(0.6), "$t0"), Ref(True, "func"), Ref(True, "$t1")]
    if plan.refs:
        plan.functypes["$t3"] = FuncType(
            "$t3", None, _types(draw, plan, 3), _types(draw, plan, results)
        )
        base = plan.functypes["$t3"]
        narrowed = tuple(_narrower(draw, plan, t) for t in base.results)
        plan.functypes["$t4"] = FuncType("$t4", "$t3", base.params, narrowed)


def _narrower(draw: Draw, plan: Plan, t: Type) -> Type:
    fits = [ref for ref in plan.refs if ref.heap in plan.supers and plan.matches(ref, t)]
    return draw.pick(fits) if fits else t


# ------------------------------------------------------------------ functions, memories, tables


def _make_functions(draw: Draw, plan: Plan) -> None:
    """A function of each type at least."""
    types = list(plan.functypes.values())
    types += [draw.pick(types) for _ in range(draw.below(2))]
    recursive = any(plan.has(f) for f in ("calls", "indirect", "reference", "tail-call"))
    for i, t in enumerate(draw.shuffled(types)):
        public = all(map(is_number, (*t.params, *t.results)))
        plan.functions.append(
            Function(f"$f{i}", t, guarded=recursive and draw.chance(0.6), public=public)
        )


def _make_memories(draw: Draw, plan: Plan) -> None:
    if not plan.has("memory"):
        return
    for i in range(1 + (plan.has("multi-memory") and draw.chance(0.5))):
        addr = "i64" if plan.has("memory64") and draw.chance(0.3) else "i32"
        pages = draw.pick((1, 1, 1, 2)) if i == 0 else draw.pick((1, 1, 1, 0))
        memory = Memory(f"$m{i}", addr, pages, pages + draw.between(0, 2))
        if plan.has("custom-page-sizes") and draw.chance(0.7):
            memory = replace(memory, pages=1, most=2, page_bits=0, odd=draw.below(12))
        plan.memories.append(memory)


def _make_tables(draw: Draw, plan: Plan) -> None:
    wide = plan.has("table64")
    if plan.has("indirect"):
        addr = "i64" if wide and draw.chance(0.2) else "i32"
        calls = tuple(f.name for f in draw.shuffled(plan.functions))
        plan.tables.append(
            Table("$calls", addr, len(calls), len(calls), Ref(True, "func"), calls=calls)
        )
    if plan.has("tables") or plan.has("indirect"):
        elems = [Ref(True, "func"), *draw.some(plan.refs, 0.25)]
        for i, elem in enumerate(elems[:3]):
            addr = "i64" if wide and draw.chance(0.3) else "i32"
            size = draw.between(4, 8)
            init = None
            if not elem.null or draw.chance(0.2):
                init = constant_expression(draw, plan, elem)
            plan.tables.append(Table(f"$tab{i}", addr, size, size + draw.between(0, 5), elem, init))


def _make_globals(draw: Draw, plan: Plan) -> None:
    if not plan.has("variable"):
        return
    types: list[Type] = [draw.pick(plan.numbers) for _ in range(draw.between(2, 4))]
    types += draw.some(plan.refs, 0.3)
    for i, t in enumerate(types):
        init = constant_expression(draw, plan, t)
        plan.globals.append(Global(f"$g{i}", t, draw.chance(0.75), init))


# ------------------------------------------------------------------ segments


def _make_segments(draw: Draw, plan: Plan) -> None:
    if plan.has("bulk-memory") or plan.arrays:
        for i, kept in enumerate((True, False)):
            data = bytes(draw.bits(8) for _ in range(draw.between(64, 80)))
            plan.datas.append(Data(f"$d{i}", data, kept))
    wanted = {t.elem for t in plan.tables if not t.calls} if plan.has("tables") else set()
    for array in plan.arrays.values():
        if isinstance(array.field.type, Ref):
            wanted.add(array.field.type)
    for i, elem in enumerate(sorted(wanted)):
        items = tuple(constant_expression(draw, plan, elem) for _ in range(8))
        plan.elems.append(Elem(f"$e{i}", elem, items, kept=draw.chance(0.6)))


# ------------------------------------------------------------------ tags


def _make_tags(draw: Draw, plan: Plan) -> None:
    if plan.has("exceptions") or plan.has("legacy-exceptions"):
        for i in range(draw.between(1, 4)):
            plan.tags.append(Tag(f"$e{i}", _types(draw, plan, 3)))
