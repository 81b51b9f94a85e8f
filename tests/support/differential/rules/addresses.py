"""Addresses as compilers make them: sums of multiples, which may pass the end and come round.

(i64.load offset=8 (i32.add (i32.shl (i32.or x 0x20000000) 3) (i32.const -64)))

The address is wrapped to its width before the offset is added, which is not.
"""

from __future__ import annotations

from differential.body import Body
from differential.plan import Memory, Plan
from differential.rule import statement
from differential.rules.corners import see

__all__: list[str] = []

#: Loads and stores of numbers by the bytes that they move.
_FORMS = {
    0: (("i32", "8_s"), ("i64", "8_u"), ("i32", "8_u")),
    1: (("i32", "16_s"), ("i64", "16_u"), ("i32", "16_u")),
    2: (("i32", ""), ("i64", "32_s"), ("i64", "32_u"), ("f32", "")),
    3: (("i64", ""), ("f64", "")),
}


def _some(plan: Plan) -> bool:
    return bool(plan.memories) and plan.memories[0].pages > 0


@statement("memory", 2.5, _some)
def _addresses(b: Body) -> str | None:
    if b.times > 6:
        return None
    count = b.draw.between(1, 3)
    b.size += 2 * count
    b.spend(20 * count)
    memory = b.plan.memories[0]
    return " ".join(_access(b, memory) for _ in range(count))


def _access(b: Body, memory: Memory) -> str:
    shift = b.draw.below(4)
    t, form = b.draw.pick([f for f in _FORMS[shift] if f[0] in b.plan.numbers] or [("i32", "8_u")])
    offset = b.draw.pick((0, 0, 8, 64, 1 << shift, 3))
    at = f" offset={offset}" if offset else ""
    where = _sum(b, memory.addr, b.draw.pick((shift, shift, 3, 1)))
    if b.draw.chance(0.3):  # an address in a local, as in a loop
        place = b.declare(memory.addr)
        held, addr = f"(local.get {place})", memory.addr
        step = f"(local.set {place} ({addr}.add {held} ({addr}.const {8 << shift})))"
        first, second = (_use(b, t, form, at, held) for _ in range(2))
        return f"(local.set {place} {where}) {first} {step} {second}"
    return _use(b, t, form, at, where)


def _use(b: Body, t: str, form: str, at: str, where: str) -> str:
    if b.draw.chance(0.6):
        return see(b, t, f"({t}.load{form}{at} {where})")
    store = form.removesuffix("_s").removesuffix("_u")
    return f"({t}.store{store}{at} {where} {b.leaf(t)})"


def _sum(b: Body, addr: str, shift: int) -> str:
    """A sum that comes round to an address inside of the memory; seldom one that does not."""
    first = _multiple(b, addr, shift)
    roll = b.draw.below(6)
    if roll == 0:
        return f"({addr}.add {first} {_multiple(b, addr, shift)})"
    if roll == 1:
        return f"({addr}.add ({addr}.add {first} ({addr}.const -64)) ({addr}.const 64))"
    if roll == 2:
        return f"({addr}.sub ({addr}.const {b.draw.pick((1024, 4096))}) {first})"
    if roll == 3 and b.daring():
        return f"({addr}.sub {first} ({addr}.const {b.draw.pick((8, 64, 1 << shift))}))"
    if roll == 4:
        return f"({addr}.add {first} ({addr}.const {b.draw.pick((1 << shift, 128, 3))}))"
    return first


def _multiple(b: Body, addr: str, shift: int) -> str:
    """A small multiple of 2^shift, in some form; the high bits are lost on the way."""
    small = f"({addr}.and {b.leaf(addr)} ({addr}.const {b.draw.pick((1, 7, 15))}))"
    width = 32 if addr == "i32" else 64
    wide = f"({addr}.const {-(1 << (width - shift))})"  # what is shifted out
    match b.draw.below(5):
        case 1 if shift:
            return f"({addr}.shl ({addr}.or {small} {wide}) ({addr}.const {shift}))"
        case 2 if shift:
            return f"({addr}.mul ({addr}.add {small} {wide}) ({addr}.const {1 << shift}))"
        case 3:
            return f"({addr}.mul ({addr}.const {1 << shift}) {small})"
        case 4:
            return f"({addr}.and {b.leaf(addr)} ({addr}.const {15 << shift}))"
    return f"({addr}.shl {small} ({addr}.const {shift}))"
