"""Operands that wait while what they were read from changes, and traps among effects.

    (local.get $x) (if … (then (local.set $x …))) (i32.const 1) (i32.sub)

What comes first in the code must have happened first.
"""

from __future__ import annotations

from collections.abc import Iterator

from differential.body import Body
from differential.constants import bits_for, const
from differential.rule import statement
from differential.rules.corners import see
from differential.types import Ref

__all__: list[str] = []


@statement("waiting", 6)
def _waiting(b: Body) -> str | None:
    """One to three readings, a change of one of them on some way, and all of it looked at."""
    if b.times > 6:
        return None
    t = b.draw.pick(("i32", "i32", "i64"))
    pairs = list(_states(b, t))
    if not pairs:
        return None
    b.size += 5
    b.spend(40)
    read = [b.draw.pick(pairs) for _ in range(b.draw.between(1, 3))]
    changes = " ".join(change for _, change in read[: b.draw.between(1, 2)])
    first = " ".join(_used(b, t, reading) for reading, _ in read)
    last = f"{_on_some_way(b, t, changes)} {_used(b, t, read[0][0])}"
    names = ("sub", "xor", "add", "rotl", "shr_s", "shl", *(("lt_s",) * (t == "i32")))
    ops = " ".join(f"({t}.{b.draw.pick(names)})" for _ in read)
    kept = b.declare(t)
    # one operand is left of what _on_some_way gives: it goes into the sum
    return f"{first} {last} ({t}.sub) {ops} (local.set {kept}) {see(b, t, f'(local.get {kept})')}"


def _used(b: Body, t: str, reading: str) -> str:
    """The reading, or something computed of it."""
    roll = b.draw.below(4)
    if roll == 0:
        return f"({t}.add {reading} ({t}.const {b.draw.between(-2, 9)}))"
    if roll == 2:
        known = b.readable_as(t)
        other = f"(local.get {b.draw.pick(known)})" if known else b.leaf(t)
        return f"({t}.xor {' '.join(b.draw.shuffled((reading, other)))})"
    if roll == 1:
        return f"({t}.shl {reading} ({t}.const {b.draw.below(9)}))"
    return reading


def _states(b: Body, t: str) -> Iterator[tuple[str, str]]:
    """What can be read as a number of the type, each with a statement that changes it."""
    plan, draw = b.plan, b.draw
    for name in draw.some(b.writable_of(t), 0.5):
        yield f"(local.get {name})", f"(local.set {name} {_new(b, t)})"
    for g in plan.globals:
        if g.mutable and g.type == t:
            yield f"(global.get {g.name})", f"(global.set {g.name} {_new(b, t)})"
    yield from _memory(b, t)
    yield from _objects(b, t)
    for table in plan.tables:
        if not table.calls and t == "i32":
            i = f"({table.addr}.const {draw.below(4)})"
            read = f"(ref.is_null (table.get {table.name} {i}))"
            yield read, f"(table.set {table.name} {i} {b.leaf(table.elem)})"
        if not table.calls and t == table.addr:
            grow = f"(table.grow {table.name} {b.leaf(table.elem)} ({t}.const 1))"
            yield f"(table.size {table.name})", f"(drop {grow})"


def _new(b: Body, t: str) -> str:
    return const(t, bits_for(b.draw, t))


def _memory(b: Body, t: str) -> Iterator[tuple[str, str]]:
    plan, draw = b.plan, b.draw
    for memory in plan.memories:
        if not memory.pages:
            continue
        where = f"({memory.addr}.const {draw.below(32)})"
        read = f"({t}.load{draw.pick(('', '8_s', '16_u'))} {memory.name} {where})"
        yield read, f"({t}.store {memory.name} {where} {_new(b, t)})"
        if plan.has("bulk-memory"):
            count = f"({memory.addr}.const 8)"
            yield read, f"(memory.fill {memory.name} {where} {_new(b, 'i32')} {count})"
        if t == memory.addr:
            read = f"(memory.size {memory.name})"
            yield read, f"(drop (memory.grow {memory.name} ({t}.const 1)))"


def _objects(b: Body, t: str) -> Iterator[tuple[str, str]]:
    """Fields of the objects that locals hold."""
    for struct in b.plan.structs.values():
        for name in b.readable_as(Ref(False, struct.name))[:1]:
            held = f"(local.get {name})"
            for i, field in enumerate(struct.fields):
                if field.type == t and field.mutable:
                    sign = f"_{b.draw.pick('su')}" if field.packed else ""
                    read = f"(struct.get{sign} {struct.name} {i} {held})"
                    yield read, f"(struct.set {struct.name} {i} {held} {_new(b, t)})"
    for array in b.plan.arrays.values():
        for name in b.readable_as(Ref(False, array.name))[:1]:
            if array.field.type == t and array.field.mutable:
                at = f"(local.get {name}) (i32.const {b.draw.below(4)})"
                sign = f"_{b.draw.pick('su')}" if array.field.packed else ""
                read = f"(array.get{sign} {array.name} {at})"
                yield read, f"(array.set {array.name} {at} {_new(b, t)})"


def _on_some_way(b: Body, t: str, change: str) -> str:
    """The change, always or seldom, in one of the forms of control; leaves a number."""
    name, value = b.fresh("w"), _new(b, t)
    condition = b.leaf("i32")
    match b.draw.below(14):
        case 8:  # what lies on the stack at the end of dead code goes
            given = f"{_new(b, t)} (block {name} (param {t}) (result {t})"
            return f"{given} {change} {_new(b, t)} (br {name} {value}))"
        case 9:
            arms = f"(then {change} (br {name} {value})) (else (drop) {_new(b, t)})"
            given = f"{_new(b, t)} {condition}"
            return f"{given} (if {name} (param {t}) (result {t}) {arms})"
        case 10:
            arms = f"(then (drop) {change} {value})"
            return f"{_new(b, t)} {condition} (if (param {t}) (result {t}) {arms})"
        case 0 | 11 | 12 | 13:
            return f"{change} {value}"
        case 1:
            return f"(block {name} (result {t}) {change} {value})"
        case 2:
            return f"(if (result {t}) {condition} (then {change} {value}) (else {_new(b, t)}))"
        case 3:
            return f"(if {condition} (then {change})) {value}"
        case 4:
            leave = f"(br_if {name} {value} {condition}) (drop)"
            return f"(block {name} (result {t}) {leave} {change} {_new(b, t)})"
        case 5:
            return (
                f"(block {name} (result {t}) {change} (br_table {name} {name} {value} {condition}))"
            )
    counter = b.declare("i32", prefix="c")
    again = f"(br_if {name} {b.tick(counter)})"
    start = f"(local.set {counter} (i32.const {b.draw.between(1, 3)}))"
    if b.draw.chance(0.5):
        return f"{start} (loop {name} (result {t}) {change} {again} {value})"
    return f"{value} {start} (loop {name} (param {t}) (result {t}) {change} {again})"
