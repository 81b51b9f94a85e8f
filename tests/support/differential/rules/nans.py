"""NaNs on their way: made by arithmetic, carried through everything that keeps a float, bits seen.

    (local.set $x (f64.sub inf inf)) … (i64.reinterpret_f64 (local.get $x))

What a machine makes has some sign; the deterministic profile wants the canonical one. NaNs that
were given keep their bits where nothing computes with them.
"""

from __future__ import annotations

from collections.abc import Iterator

from differential.body import Body
from differential.constants import FLOATS, const
from differential.plan import Plan
from differential.rule import statement
from differential.rules.corners import see
from differential.types import Ref

__all__ = ["nan"]

_INF = {"f32": (0x7F800000, 0xFF800000), "f64": (0x7FF0 << 48, 0xFFF0 << 48)}
_ODD = {"f32": (0x7FA00001, 0xFFC00001), "f64": (0x7FF4 << 48 | 1, 0xFFF8 << 48 | 1)}


def _floats(plan: Plan) -> bool:
    return "f64" in plan.numbers and plan.has("float") and plan.has("conversion")


@statement("nans", 5, _floats)
def _nans(b: Body) -> str | None:
    if b.times > 6:
        return None
    b.size += 4
    b.spend(30)
    t = b.draw.pick(FLOATS)
    value = _wrapped(b, t, nan(b, t))
    return b.draw.pick(list(_ways(b, t, value)))


def nan(b: Body, t: str) -> str:
    """Mostly a NaN, in a way that nobody can compute beforehand."""
    draw = b.draw
    inf = const(t, draw.pick(_INF[t]))
    known = b.readable_as(t)
    x = f"(local.get {draw.pick(known)})" if known else const(t, draw.pick(_ODD[t]))
    endless = f"({t}.mul {x} {inf})"
    match draw.below(8):
        case 0:
            return f"({t}.sub {inf} {inf})"
        case 1:
            return f"({t}.sub {endless} {endless})"
        case 2:
            return f"({t}.sqrt {draw.pick((const(t, _INF[t][1]), x))})"
        case 3:
            return f"({t}.div ({t}.sub {x} {x}) ({t}.const 0))"
        case 4:
            return f"({t}.mul {inf} ({t}.sub {x} {x}))"
        case 5:
            return f"({t}.add {x} {const(t, draw.pick(_ODD[t]))})"
        case 6:
            return const(t, draw.pick(_ODD[t]))
    other = "f32" if t == "f64" else "f64"
    change = "f64.promote_f32" if t == "f64" else "f32.demote_f64"
    return f"({change} {const(other, draw.pick((*_ODD[other], *_INF[other])))})"


def _wrapped(b: Body, t: str, value: str) -> str:
    """Through an instruction that changes its sign at most, or none."""
    match b.draw.below(8):
        case 0:
            return f"({t}.neg {value})"
        case 1:
            return f"({t}.abs {value})"
        case 2:
            return f"({t}.copysign {value} {nan(b, t)})"
        case 3:
            return f"({t}.neg ({t}.neg {value}))"
        case 4:
            return (
                f"({t}.{b.draw.pick(('add', 'min', 'max', 'sub', 'mul', 'div'))} {value} {value})"
            )
        case 5:
            rounding = b.draw.pick(("ceil", "floor", "trunc", "nearest", "sqrt"))
            return f"({t}.{rounding} {value})"
    return value


def _ways(b: Body, t: str, value: str) -> Iterator[str]:
    """Statements that keep the value somewhere and look at its bits."""
    plan = b.plan
    kept = b.declare(t)
    looked = see(b, t, f"(local.get {kept})")
    yield see(b, t, value)
    yield f"(local.set {kept} {value}) {looked}"
    yield see(b, t, f"(local.tee {kept} {value})")
    condition, other = b.leaf("i32"), b.leaf(t)
    mixed = b.declare(t)  # given and computed by turns, and copied
    local = f"(local.get {b.draw.pick(b.readable_as(t))})"
    given = b.draw.pick((const(t, b.draw.pick(_ODD[t])), local))
    for memory in plan.memories[:1]:
        if memory.pages and b.draw.chance(0.4):
            given = f"({t}.load ({memory.addr}.const {b.draw.below(40)}))"
    yield (
        f"(local.set {mixed} {given}) (if {condition} (then (local.set {mixed} {value})))"
        f" (local.set {kept} (local.get {mixed})) {looked}"
    )
    first, second = b.draw.pick(((value, other), (other, value), (value, value)))
    yield see(b, t, f"(select {first} {second} {condition})")
    arms = f"(then {first}) (else {second})"
    yield f"(local.set {kept} (if (result {t}) {condition} {arms})) {looked}"
    name = b.fresh("n")
    yield (
        f"(local.set {kept} (block {name} (result {t})"
        f" (br_if {name} {value} {condition}) (drop) {other})) {looked}"
    )
    yield see(
        b, "i32", f"({t}.{b.draw.pick(('eq', 'ne', 'lt', 'ge', 'le', 'gt'))} {value} {other})"
    )
    if plan.has("multi-value"):
        pair = f"(block {name} (result {t} {t}) {value} {other})"
        yield f"{pair} (local.set {kept}) {looked} (local.set {kept}) {looked}"
    yield see(b, t, f"(local.get {b.draw.pick(b.readable_as(t))})")
    earlier = plan.functions[: plan.functions.index(b.function)]
    for f in b.draw.shuffled(earlier)[:1]:
        if t in f.type.params and f.public and b.affords(f.cost + 20):
            b.spend(f.cost + 20)
            args = " ".join(value if p == t else b.leaf(p) for p in f.type.params)
            yield f"(call {f.name} {args}) {'(drop) ' * len(f.type.results)}"
    for g in plan.globals:
        if g.mutable and g.type == t:
            yield f"(global.set {g.name} {value}) {see(b, t, f'(global.get {g.name})')}"
    for memory in plan.memories[:1]:
        if memory.pages:
            where = f"({memory.addr}.const {b.draw.below(40)})"
            yield f"({t}.store {where} {value}) {see(b, t, f'({t}.load {where})')}"
            yield f"({t}.store {where} {value}) (local.set {kept} ({t}.load {where})) {looked}"
    for struct in plan.structs.values():
        for i, field in enumerate(struct.fields):
            if field.type == t and all(isinstance(f.storage, str) for f in struct.fields):
                values = " ".join(
                    value if i == j else b.leaf(f.type) for j, f in enumerate(struct.fields)
                )
                yield see(
                    b, t, f"(struct.get {struct.name} {i} (struct.new {struct.name} {values}))"
                )
            for held in b.readable_as(Ref(False, struct.name))[:1] if field.mutable else ():
                if field.type == t:
                    place = f"{struct.name} {i} (local.get {held})"
                    yield f"(struct.set {place} {value}) {see(b, t, f'(struct.get {place})')}"
    for array in plan.arrays.values():
        if array.field.type == t:
            made = f"(array.new {array.name} {value} (i32.const 2))"
            yield see(b, t, f"(array.get {array.name} {made} (i32.const 1))")
