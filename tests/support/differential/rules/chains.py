"""Integer instructions in a row, looked at by one that sees every bit of what they make.

    (i64.extend_i32_u (i32.sub (i32.shl x 5) (i32.load8_s …)))

An engine that puts off wraps, or keeps ranges of values, has to know here when it may.
"""

from __future__ import annotations

from differential.body import Body
from differential.constants import FLOATS, WIDTH, const, corner
from differential.families import PureOp
from differential.rule import statement
from differential.rules.corners import see

__all__ = ["chain"]

_INNER = {
    "add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr",
    "div_u", "rem_u", "div_s", "rem_s",
    "eqz", "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u",
    "wrap_i64", "extend_i32_s", "extend_i32_u", "extend8_s", "extend16_s",
}  # fmt: skip
_MASKS = (1, 7, 31, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF)
_SHIFTS = (0, 1, 7, 8, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 56, 63, 64)


@statement("chains", 9)
def _chains(b: Body) -> str | None:
    """A few of them."""
    if b.times > 3:
        return None
    count = b.draw.between(2, 5)
    b.size += count // 2
    b.spend(count * 4)
    return " ".join(_observed(b) for _ in range(count))


def _observed(b: Body) -> str:
    draw = b.draw
    t = draw.pick(("i32", "i32", "i64"))
    value = chain(b, t, draw.below(5))
    roll = draw.below(20)
    if roll == 0:
        test = value if t == "i32" else f"(i64.ne {value} (i64.const 0))"
        return f"(if {test} (then {see(b, 'i32', '(i32.const 5)')}))"
    if roll == 1:
        other = chain(b, t, 1)
        return see(b, t, f"(select {value} {other} {chain(b, 'i32', 1)})")
    if roll == 2 or roll > 17:
        places = b.writable_of(t)
        if places:
            place = draw.pick(places)
            return f"(local.set {place} {value}) {see(b, t, f'(local.get {place})')}"
    if roll == 3:
        return _switch(b, chain(b, "i32", 2))
    if roll < 6 and b.plan.memories and b.plan.memories[0].pages:
        return _stored(b, t, value)
    ops = [op for op in b.plan.pure_ops(draw.pick(b.plan.numbers)) if _takes(op, t)]
    if not ops:
        return see(b, t, value)
    op = draw.pick(ops)
    return see(b, op.result, _apply(b, op, value, 2))


def _takes(op: PureOp, t: str) -> bool:
    return set(op.params) == {t}


def chain(b: Body, t: str, depth: int) -> str:
    """An integer of the type, by so many instructions on a local, a load or a constant."""
    if depth == 0:
        return _start(b, t)
    if b.draw.chance(0.08):
        first, second = chain(b, t, depth - 1), chain(b, t, 0)
        if b.draw.chance(0.5):
            first = f"(select {chain(b, t, 0)} {first} {chain(b, 'i32', 0)})"
        return f"(select {first} {second} {chain(b, 'i32', depth - 1)})"
    ops = [op for op in b.plan.pure_ops(t) if op.mnemonic.split(".")[1] in _INNER]
    ops = [op for op in ops if set(op.params) <= {"i32", "i64"}]
    if b.draw.chance(0.7):
        ops = [op for op in ops if op.result == op.params[0] and "eq" not in op.mnemonic] or ops
    op = b.draw.pick(ops)
    return _apply(b, op, chain(b, op.params[0], depth - 1), depth - 1)


def _apply(b: Body, op: PureOp, value: str, depth: int) -> str:
    """The instruction on a value, and another one where it wants two."""
    if len(op.params) == 1:
        return f"({op.mnemonic} {value})"
    t = op.params[1]
    name = op.mnemonic.split(".")[1]
    if name.startswith(("div", "rem")):
        other = const(t, b.draw.pick((1, 2, 3, 10, 0xFFFF, (1 << WIDTH[t]) - 2)))
        if b.draw.chance(0.4) and name.endswith("u"):
            other = f"({t}.or {_start(b, t)} ({t}.const 1))"
    elif b.draw.chance(0.5):
        other = const(t, _constant(b, t, name.startswith("sh")))
        if b.draw.chance(0.25):
            value, other = other, value
    elif b.draw.chance(0.2) and len(value) < 60 and t == op.params[0]:
        other = value
    else:
        other = chain(b, t, b.draw.below(depth + 1))
        if b.draw.chance(0.4):
            value, other = other, value
    return f"({op.mnemonic} {value} {other})"


def _constant(b: Body, t: str, shift: bool) -> int:
    roll = b.draw.below(4)
    if shift and roll:
        return b.draw.pick(_SHIFTS)
    if roll == 0:
        return b.draw.pick(_MASKS)
    if roll == 3:
        return 1 << b.draw.below(WIDTH[t])
    return corner(b.draw, t) if roll == 1 else b.draw.between(-40, 70) & ((1 << WIDTH[t]) - 1)


def _start(b: Body, t: str) -> str:
    """A number of a known range, or of none."""
    known = b.readable_as(t)
    roll = b.draw.below(10)
    if roll < 3 and b.plan.memories and b.plan.memories[0].pages:
        memory = b.plan.memories[0]
        form = b.draw.pick(("8_s", "8_u", "16_s", "16_u", "", *(("32_s", "32_u") * (t == "i64"))))
        return f"({t}.load{form} ({memory.addr}.const {b.draw.below(64)}))"
    if roll == 7:
        return _asked(b) if t == "i32" else f"(i64.extend_i32_u {_asked(b)})"
    if roll == 5 and t == "i64" and b.plan.has("wide-arithmetic"):
        kind = b.draw.pick(("mul_wide_s", "mul_wide_u"))
        operands = f"{b.leaf('i64')} {b.leaf('i64')}"
        return f"(i64.{b.draw.pick(('xor', 'sub'))} (i64.{kind} {operands}))"
    if roll == 6 and b.plan.has("simd"):
        if t == "i64":
            return f"(i64x2.extract_lane {b.draw.below(2)} {b.leaf('v128')})"
        shape = b.draw.pick(
            ("i32x4.extract_lane 3", "i8x16.extract_lane_s 1", "i16x8.extract_lane_u 7")
        )
        return f"({shape} {b.leaf('v128')})"
    if not known or roll == 9:
        return const(t, corner(b.draw, t))
    local = f"(local.get {b.draw.pick(known)})"
    if roll == 8:
        return f"({t}.and {local} ({t}.const {b.draw.pick(_MASKS)}))"
    return local


def _asked(b: Body) -> str:
    """0 or 1, of something that is no integer."""
    floats = [op for op in b.plan.pure_ops("i32") if op.params[0] in FLOATS and len(op.params) == 2]
    if floats and b.draw.chance(0.7):
        op = b.draw.pick(floats)
        return f"({op.mnemonic} {b.leaf(op.params[0])} {b.leaf(op.params[1])})"
    refs = [ref for ref in b.plan.refs if b.readable_as(ref)]
    if refs:
        return f"(ref.is_null (local.get {b.draw.pick(b.readable_as(b.draw.pick(refs)))}))"
    return f"(i32.eqz {b.leaf('i32')})"


def _stored(b: Body, t: str, value: str) -> str:
    """Through memory: the address a chain as well."""
    memory = b.plan.memories[0]
    form = b.draw.pick(("8", "16", "", *(("32",) * (t == "i64"))))
    where = f"({memory.addr}.and {chain(b, memory.addr, 2)} ({memory.addr}.const 63))"
    if b.draw.chance(0.4):
        where = f"({memory.addr}.const {b.draw.below(60)})"
    load = f"({t}.load ({memory.addr}.const {b.draw.below(60)}))"
    return f"({t}.store{form} {where} {value}) {see(b, t, load)}"


def _switch(b: Body, index: str) -> str:
    """Each target leaves a mark of its own."""
    names = [b.fresh("s") for _ in range(b.draw.between(2, 6))]
    inner = (
        f"(br_table {' '.join(b.draw.pick(names) for _ in range(b.draw.between(2, 9)))} {index})"
    )
    if b.draw.chance(0.7):
        inner = inner[:-1].removesuffix(index) + f"(i32.and {index} (i32.const 7)))"
    for i, name in enumerate(names):
        inner = f"(block {name} {inner}) {see(b, 'i32', f'(i32.const {i})')}"
    return inner
