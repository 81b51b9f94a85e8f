"""Traps among effects: what comes first in the code has happened, and nothing that comes later.

(i32.div_u 1 x) (global.set $g …) (drop)          the global is left as it was where x is 0
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from differential.body import Body
from differential.constants import bits_for, const
from differential.plan import Plan
from differential.rule import statement
from differential.rules.corners import see
from differential.types import Ref, Type, text

__all__: list[str] = []


def _risks(plan: Plan) -> bool:
    return plan.risk > 0


@statement("traps", 2, _risks)
def _trap_among_effects(b: Body) -> str | None:
    """What may trap waits while something else happens, which must not if it traps."""
    if not b.daring():
        return None
    b.size += 4
    b.spend(20)
    return b.draw.pick(_SHAPES)(b, b.draw.pick(("i32", "i64")))


@statement("traps", 0.8, _risks)
def _certain_trap(b: Body) -> str | None:
    """Where some number is zero, which it seldom is."""
    if not b.daring():
        return None
    b.size += 2
    number = b.leaf("i32")
    trap = b.draw.pick(list(_certain(b)))
    before = may_trap(b, "i32") if b.draw.chance(0.3) else "(i32.const 0)"
    return f"(if (i32.eqz {number}) (then {before} {trap} (unreachable)))"


# ------------------------------------------------------------------ numbers that may be traps


def may_trap(b: Body, t: str) -> str:
    """A number, or a trap: which of them depends on a local."""
    return b.draw.pick(list(_traps(b, t)))


def _traps(b: Body, t: str) -> Iterator[str]:
    plan, draw = b.plan, b.draw
    division = draw.pick(("div_u", "rem_u", "div_s", "rem_s"))
    yield f"({t}.{division} {const(t, bits_for(draw, t))} {b.leaf(t)})"
    yield f"({t}.{division} {b.leaf(t)} ({t}.const 0))"
    for m in plan.memories[:1]:
        below = f"({m.addr}.and {b.leaf(m.addr)} ({m.addr}.const 15))"
        form = draw.pick(("", "8_u", "16_s"))
        yield f"({t}.load{form} ({m.addr}.sub {below} ({m.addr}.const 8)))"
        mask = f"({m.addr}.const {draw.pick((0x1FFFF, 0x3FFFF, -1))})"
        yield f"({t}.load{draw.pick(('', '8_u', '16_s'))} ({m.addr}.and {b.leaf(m.addr)} {mask}))"
    if "f64" in plan.numbers and plan.has("conversion"):
        yield f"({t}.trunc_f64_s {b.leaf('f64')})"
    for null in _null_or_not(b):
        yield null if t == "i32" else f"(i64.extend_i32_u {null})"
    for struct in plan.structs.values():
        for i, field in enumerate(struct.fields[:2]):
            if field.type == t:
                sign = "_u" if field.packed else ""
                yield f"(struct.get{sign} {struct.name} {i} {b.leaf(Ref(True, struct.name))})"


def _null_or_not(b: Body) -> Iterator[str]:
    tables = [table for table in b.plan.tables if not table.calls]
    if tables:
        table = b.draw.pick(tables)
        at = f"({table.addr}.and {b.leaf(table.addr)} ({table.addr}.const 15))"
        yield f"(ref.is_null (table.get {table.name} {at}))"
    refs = [ref for ref in b.plan.refs if ref.null]
    if refs:
        yield f"(ref.is_null (ref.as_non_null {b.leaf(b.draw.pick(refs))}))"


# ------------------------------------------------------------------ shapes


def _mark(b: Body) -> str:
    return see(b, "i32", f"(i32.const {b.draw.below(99)})")


def _before_an_effect(b: Body, t: str) -> str:
    return f"{may_trap(b, t)} {_mark(b)} (drop)"


def _before_another(b: Body, t: str) -> str:
    """Two traps as operands of one instruction: the first one is it."""
    ops = [op for r in ("i32", "i64") for op in b.plan.pure_ops(r) if op.params == (t, t)]
    return f"(drop ({b.draw.pick(ops).mnemonic} {may_trap(b, t)} {may_trap(b, t)}))"


def _wide(b: Body, t: str) -> str | None:
    if not b.plan.has("wide-arithmetic"):
        return None
    op, count = b.draw.pick((("add128", 4), ("sub128", 4), ("mul_wide_s", 2), ("mul_wide_u", 2)))
    return f"(drop (drop (i64.{op} {' '.join(may_trap(b, 'i64') for _ in range(count))})))"


def _before_a_branch(b: Body, t: str) -> str:
    name, condition = b.fresh("w"), b.leaf("i32")
    branch = b.draw.pick((
        f"(br_if {name} {condition}) (drop)", f"(br {name})",
        f"(br_table {name} {name} {condition})",
    ))  # fmt: skip
    return f"(block {name} {may_trap(b, t)} {branch}) {_mark(b)}"


def _before_a_branch_on_null(b: Body, t: str) -> str | None:
    refs = [ref for ref in b.plan.refs if ref.null]
    if not refs:
        return None
    name = b.fresh("w")
    asked = f"(br_on_null {name} (ref.as_non_null {b.leaf(b.draw.pick(refs))}))"
    return f"(block {name} {may_trap(b, t)} {asked} (drop) (drop)) {_mark(b)}"


def _before_an_if(b: Body, t: str) -> str:
    return f"{may_trap(b, t)} (if {may_trap(b, 'i32')} (then {_mark(b)})) (drop)"


def _selected(b: Body, t: str) -> str:
    return f"(drop (select {may_trap(b, t)} {may_trap(b, t)} {may_trap(b, 'i32')}))"


def _stored(b: Body, t: str) -> str | None:
    if not b.plan.memories:
        return None
    form = b.draw.pick(("8", "16", "", *(("32",) * (t == "i64"))))
    return f"({t}.store{form} {may_trap(b, b.plan.memories[0].addr)} {may_trap(b, t)})"


def _stored_vector(b: Body, t: str) -> str | None:
    if not b.plan.memories or not b.plan.has("simd"):
        return None
    m = b.plan.memories[0]
    vector = f"(i64x2.splat {may_trap(b, 'i64')})"
    loaded = f"(v128.load {m.name} ({m.addr}.and {b.leaf(m.addr)} ({m.addr}.const 0x1FFFF)))"
    address = may_trap(b, m.addr)
    return b.draw.pick((
        f"(v128.store {m.name} {address} {b.draw.pick((vector, loaded))})",
        f"(v128.store16_lane {m.name} 3 {address} {b.draw.pick((vector, loaded))})",
        f"(drop (v128.load32_lane {m.name} 1 {address} {vector}))",
        f"(drop (i32x4.add {loaded} {vector}))",
    ))  # fmt: skip


def _stored_in_a_field(b: Body, t: str) -> str | None:
    for struct in b.draw.shuffled(b.plan.structs.values()):
        for i, field in enumerate(struct.fields):
            if field.mutable and field.type == t:
                held = f"(ref.as_non_null {b.leaf(Ref(True, struct.name))})"
                return f"(struct.set {struct.name} {i} {held} {may_trap(b, t)})"
    return None


def _assigned(b: Body, t: str) -> str | None:
    """A local or global is set to what may trap, while another trap waits."""
    places = [f"local.set {name}" for name in b.writable_of(t)]
    places += [f"global.set {g.name}" for g in b.plan.globals if g.mutable and g.type == t]
    if not places:
        return None
    return f"{may_trap(b, t)} ({b.draw.pick(places)} {may_trap(b, t)}) (drop)"


def _deciding_nothing(b: Body, t: str) -> str:
    condition = b.draw.pick((may_trap(b, "i32"), f"(i64.eqz {may_trap(b, 'i64')})"))
    name = b.fresh("w")
    return b.draw.pick((
        f"(if {condition} (then))", f"(block {name} (br_if {name} {condition}))",
        f"(drop {condition})",
    ))  # fmt: skip


def _arguments(b: Body, types: Sequence[Type]) -> str:
    return " ".join(
        may_trap(b, str(t)) if t in ("i32", "i64") and b.draw.chance(0.6) else b.leaf(t)
        for t in types
    )


def _called(b: Body, t: str) -> str | None:
    """A call of an earlier function, by name or through the table, whose arguments may trap."""
    earlier = b.plan.functions[: b.plan.functions.index(b.function)]
    fits = [f for f in earlier if f.public and f.type.params and b.affords(f.cost + 20)]
    if not fits:
        return None
    f = b.draw.pick(fits)
    b.spend(f.cost + 20)
    left = "(drop) " * (len(f.type.results) + 1)
    calls = [table for table in b.plan.tables if table.calls]
    args = f"{may_trap(b, t)} {_arguments(b, f.type.params)}"
    if not calls or b.draw.chance(0.5):
        return f"{args} (call {f.name}) {left}"
    table = calls[0]
    nothing = f"({table.addr}.and {may_trap(b, table.addr)} ({table.addr}.const 0))"
    slot = f"({table.addr}.or {nothing} ({table.addr}.const {table.calls.index(f.name)}))"
    return f"{args} (call_indirect {table.name} (type {f.type.name}) {slot}) {left}"


_SHAPES: tuple[Callable[[Body, str], str | None], ...] = (
    _before_an_effect, _wide, _before_another, _before_another, _before_another, _before_a_branch,
    _before_a_branch, _before_a_branch_on_null, _before_an_if, _selected, _selected, _stored,
    _stored, _stored_vector, _stored_vector, _stored_in_a_field, _assigned, _assigned,
    _deciding_nothing, _called, _called,
)  # fmt: skip


# ------------------------------------------------------------------ certain traps


def _certain(b: Body) -> Iterator[str]:
    """Instructions that always trap, with the operands for it; they may leave something."""
    plan, draw = b.plan, b.draw
    yield "(unreachable)"
    yield "(i32.div_s (i32.const -2147483648) (i32.const -1))"
    yield "(i64.rem_u (i64.const 5) (i64.const 0))"
    keywords = ["call", *(["return_call"] if plan.has("tail-call") else ())]
    for t in [t for t in plan.functypes.values() if _returned(b, t.results)]:
        args = _arguments(b, t.params)
        for keyword in keywords:
            if plan.has("reference"):
                yield f"({keyword}_ref {t.name} {args} (ref.null {t.name}))"
            yield from _through_tables(b, keyword, t.name, args)
    for struct in plan.structs.values():
        for i, field in enumerate(struct.fields[:2]):
            sign = "_s" if field.packed else ""
            yield f"(struct.get{sign} {struct.name} {i} (ref.null {struct.name}))"
            if field.mutable:
                null = f"(ref.null {struct.name})"
                yield f"(struct.set {struct.name} {i} {null} {b.leaf(field.type)})"
    for array in plan.arrays.values():
        sign = "_s" if array.field.packed else ""
        for held in (f"(ref.null {array.name})", b.leaf(Ref(True, array.name))):
            yield f"(array.get{sign} {array.name} {held} (i32.const {draw.pick((-1, 1000))}))"
        yield "(array.len (ref.null array))"
    if plan.has("i31"):
        yield "(i31.get_s (ref.null i31))"
    if plan.has("exceptions"):
        yield "(throw_ref (ref.null exn))"
    for ref in plan.refs:
        yield "(ref.as_non_null (ref.null none))"
        if plan.top(ref.heap) == "any":
            yield f"(ref.cast {text(Ref(False, ref.heap))} (ref.null none))"
    for m in plan.memories:
        end = f"({m.addr}.shl (memory.size {m.name}) ({m.addr}.const 16))"
        yield f"(i32.load16_s {m.name} ({m.addr}.sub {end} ({m.addr}.const 1)))"
        yield f"(i32.store8 {m.name} {end} (i32.const 1))"
        yield f"(f32.store {m.name} offset=3 ({m.addr}.sub {end} ({m.addr}.const 4)) (f32.const 1))"
    for table in plan.tables:
        at = f"({table.addr}.const {draw.pick((1000, -1))})"
        yield f"(table.get {table.name} {at})"


def _returned(b: Body, results: Sequence[Type]) -> bool:
    """Whether a tail call may give these back."""
    return tuple(results) == tuple(b.results)


def _through_tables(b: Body, keyword: str, name: str, args: str) -> Iterator[str]:
    for table in b.plan.tables:
        if b.plan.top(table.elem.heap) != "func":
            continue
        call = f"{keyword}_indirect {table.name} (type {name}) {args}"
        yield f"({call} ({table.addr}.const {b.draw.pick((1000, -1))}))"
        if not table.calls and table.elem.null:
            zero = f"({table.addr}.const 0)"
            yield f"(table.set {table.name} {zero} (ref.null nofunc)) ({call} {zero})"
        if table.calls:
            types = {f.name: f.type.name for f in b.plan.functions}
            for i, held in enumerate(table.calls):
                if name not in b.plan.supers[types[held]]:
                    yield f"({call} ({table.addr}.const {i}))"
