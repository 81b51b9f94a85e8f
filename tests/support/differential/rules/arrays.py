"""Arrays: new in all its forms, get, set, len, fill, copy, init; four elements at least in each."""

from __future__ import annotations

from differential.body import Body
from differential.plan import ArrayType, Plan
from differential.rule import expression, of, statement
from differential.types import Ref, Type, is_number

__all__: list[str] = []

_SIZES = {"i8": 1, "i16": 2, "i32": 4, "i64": 8, "f32": 4, "f64": 8, "v128": 16}


def _below(plan: Plan, t: Type) -> list[ArrayType]:
    """The arrays that are of a reference type."""
    if not isinstance(t, Ref):
        return []
    return [array for name, array in plan.arrays.items() if t.heap in plan.supers[name]]


def _size(b: Body) -> str:
    if b.risky():
        return b.draw.pick(
            ("(i32.const 0)", "(i32.const 1)", f"(i32.and {b.expr('i32')} (i32.const 7))")
        )
    if b.draw.chance(0.5):
        return f"(i32.const {b.draw.between(4, 9)})"
    return f"(i32.add (i32.and {b.expr('i32')} (i32.const 7)) (i32.const 4))"


@expression("array", 3, lambda plan, t: bool(_below(plan, t)))
def _new(b: Body, t: Type) -> str:
    array = b.draw.pick(_below(b.plan, t))
    name, item = array.name, array.field.type
    roll = b.draw.below(8)
    if roll < 2:
        return f"(array.new {name} {b.expr(item)} {_size(b)})"
    if roll < 4:
        count = b.draw.between(4, 6)
        return f"(array.new_fixed {name} {count} {b.exprs([item] * count)})"
    if roll < 6:
        segment = _segment(b, array)
        if segment is not None:
            kind, source = segment
            return f"(array.new_{kind} {name} {source} {_start(b)} {_fitting(b, array)})"
    return f"(array.new_default {name} {_size(b)})"


def _segment(b: Body, array: ArrayType) -> tuple[str, str] | None:
    """ "data" or "elem", and a segment that an array can be made of."""
    if is_number(array.field.storage):
        datas = b.plan.datas[: 1 + b.daring()]
        return ("data", b.draw.pick(datas).name) if datas else None
    fits = [
        e.name
        for e in b.plan.elems
        if b.plan.matches(e.elem, array.field.type) and (e.kept or b.daring())
    ]
    return ("elem", b.draw.pick(fits)) if fits else None


def _start(b: Body) -> str:
    if b.risky():
        return b.expr("i32")
    return f"(i32.and {b.expr('i32')} (i32.const {b.draw.pick((1, 3))}))"


def _fitting(b: Body, array: ArrayType) -> str:
    """A number of elements that a kept segment has: 64 bytes, or eight references."""
    if b.risky():
        return b.draw.pick((b.expr("i32"), "(i32.const 9)", "(i32.const 65)"))
    storage = array.field.storage
    # four at least, as every array here has; with a start up to three they still fit
    most = 60 // _SIZES[storage] if isinstance(storage, str) else 5
    return f"(i32.const {b.draw.between(4, max(4, min(most, 9)))})"


# ------------------------------------------------------------------ reading and writing


def _operand(b: Body, array: ArrayType) -> str:
    return b.object(array.name)


def _index(b: Body, mask: int = 3, *, sure: bool = False) -> str:
    if not sure and b.risky():
        return b.draw.pick((b.expr("i32"), f"(i32.and {b.expr('i32')} (i32.const 15))"))
    if b.draw.chance(0.4):
        return f"(i32.const {b.draw.below(mask + 1)})"
    return f"(i32.and {b.expr('i32')} (i32.const {mask}))"


def _readable(plan: Plan, t: Type) -> list[ArrayType]:
    return [array for array in plan.arrays.values() if plan.matches(array.field.type, t)]


@expression("array", 3, lambda plan, t: bool(_readable(plan, t)))
def _get(b: Body, t: Type) -> str:
    array = b.draw.pick(_readable(b.plan, t))
    suffix = f"_{b.draw.pick('su')}" if array.field.packed else ""
    return f"(array.get{suffix} {array.name} {_operand(b, array)} {_index(b)})"


@expression("array", 1, of("i32"))
def _len(b: Body, t: Type) -> str | None:
    if not b.plan.arrays:
        return None
    return f"(array.len {b.expr(Ref(b.risky(), b.draw.pick(('array', *b.plan.arrays))))})"


def _open(plan: Plan) -> list[ArrayType]:
    return [array for array in plan.arrays.values() if array.field.mutable]


def _some_open(plan: Plan) -> bool:
    return bool(_open(plan))


@statement("array", 3, _some_open)
def _set(b: Body) -> str:
    array = b.draw.pick(_open(b.plan))
    return f"(array.set {array.name} {_operand(b, array)} {_index(b)} {b.expr(array.field.type)})"


@statement("array", 1, _some_open)
def _fill(b: Body) -> str:
    array = b.draw.pick(_open(b.plan))
    where = f"{_operand(b, array)} {_index(b, 1)}"
    return f"(array.fill {array.name} {where} {b.expr(array.field.type)} {_index(b)})"


@statement("array", 1.5, _some_open)
def _copy(b: Body) -> str | None:
    """Between two arrays, or within one: then the two may overlap."""
    to = b.draw.pick(_open(b.plan))
    sources = [
        array
        for array in b.plan.arrays.values()
        if array.field.packed == to.field.packed
        and (array.field.storage == to.field.storage if to.field.packed else True)
        and b.plan.matches(array.field.storage, to.field.storage)
    ]
    source = b.draw.pick(sources)
    # null or out of bounds, not both: engines look in different orders, and either is a trap
    null = b.risky()
    target, origin = b.expr(Ref(null, to.name)), b.expr(Ref(null, source.name))
    known = b.readable_as(Ref(True, to.name))
    if known and null and b.draw.chance(0.3):
        target = origin = f"(local.get {b.draw.pick(known)})"
        source = to
    return (
        f"(array.copy {to.name} {source.name} {target} {_index(b, 1, sure=null)}"
        f" {origin} {_index(b, 1, sure=null)} {_index(b, sure=null)})"
    )


@statement("array", 1.5, _some_open)
def _init(b: Body) -> str | None:
    array = b.draw.pick(_open(b.plan))
    segment = _segment(b, array)
    if segment is None:
        return None
    kind, source = segment
    where = f"{_operand(b, array)} {_index(b, 1)}"
    return f"(array.init_{kind} {array.name} {source} {where} {_start(b)} {_index(b)})"
