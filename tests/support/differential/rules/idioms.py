"""Loops as compilers write them: counted loops over memory, hashes, reductions, lists.

Random expressions seldom make these shapes, and they are what an optimising tier looks for.
"""

from __future__ import annotations

from differential.body import Body
from differential.plan import Plan
from differential.rule import statement
from differential.rules.memory import index

__all__: list[str] = []

_WIDTHS = {"i32": 2, "i64": 3, "f32": 2, "f64": 3, "v128": 4}


def _ready(b: Body, times: int) -> bool:
    if b.times * times > 60 or not b.affords(times * 12):
        return False
    b.spend(times * 12)
    b.size += 12
    return True


@statement("idioms", 2)
def _counted(b: Body) -> str | None:
    """`for (i = start; i < end; i += step)`, in all its senses, `i` used in the body."""
    times, step = b.draw.between(2, 8), b.draw.pick((1, 1, 1, 2, 4, -1, 3))
    if not _ready(b, times):
        return None
    t = b.draw.pick(("i32", "i32", "i64"))
    i = b.declare(t, prefix="i")
    safety = b.declare("i32", prefix="c")
    start = b.draw.pick((0, 0, 1, -4, (1 << 31) - 2, -1 << 31, times))
    end = start + times * step
    compare = b.draw.pick(("ne", "lt_s", "lt_u") if step > 0 else ("ne", "gt_s", "gt_u", "ge_s"))
    bound = f"({t}.const {_wrapped(t, end)})"
    if b.draw.chance(0.3):  # a bound that is not known
        with b.hidden(2):
            bound = f"({t}.and {b.expr(t)} ({t}.const 15))"
    name = b.fresh("l")
    with b.repeated(times), b.hidden(2):
        inner = f"{b.statements(2)} {_accumulate(b, i, t)}"
    if b.draw.chance(0.2):  # the body moves it as well
        inner += f" (local.set {i} ({t}.add (local.get {i}) ({t}.const {b.draw.between(-1, 2)})))"
    again = f"({t}.{compare} (local.tee {i} ({t}.add (local.get {i}) ({t}.const {step}))) {bound})"
    if b.draw.chance(0.5):
        again = f"(i32.and {again} {b.tick(safety)})"
        start_text = f"(local.set {safety} (i32.const {times + 2}))"
    else:
        start_text = f"(local.set {safety} (i32.const {times + 2}))"
        inner = f"(if (i32.eqz {b.tick(safety)}) (then (br {b_out(name)}))) {inner}"
    loop = f"(loop {name} {inner} (br_if {name} {again}))"
    first = f"(local.set {i} ({t}.const {_wrapped(t, start)}))"
    return f"{start_text} {first} (block {b_out(name)} {loop})"


def b_out(name: str) -> str:
    """The name of the block round a loop."""
    return f"{name}out"


def _wrapped(t: str, value: int) -> int:
    width = 32 if t == "i32" else 64
    value &= (1 << width) - 1
    return value - (value >> (width - 1) << width)


def _accumulate(b: Body, i: str, t: str) -> str:
    """Something with the loop's variable."""
    places = b.writable_of(t)
    if not places:
        return "(nop)"
    place = b.draw.pick(places)
    op = b.draw.pick(("add", "sub", "mul", "xor", "or", "shl", "shr_u", "shr_s", "rotl"))
    return f"(local.set {place} ({t}.{op} (local.get {place}) (local.get {i})))"


def _a_memory(plan: Plan) -> bool:
    return bool(plan.memories) and plan.memories[0].pages > 0


@statement("idioms", 2, _a_memory)
def _array_loop(b: Body) -> str | None:
    """Read, change and write `a[i]` for `i` from 0 on, or down to 0."""
    times = b.draw.between(2, 8)
    if not _ready(b, times):
        return None
    memory = b.plan.memories[0]
    t = b.draw.pick(b.plan.numbers)
    i = b.declare("i32", prefix="i")
    name = b.fresh("l")
    shift, base = _WIDTHS[t], b.draw.pick((0, 64, 1024, 65))
    where = index(b, memory.addr, f"(i32.shl (local.get {i}) (i32.const {shift}))")
    ops = [op for op in b.plan.pure_ops(t) if op.params == (t, t)]
    ops = [op for op in ops if "div_" not in op.mnemonic and "rem_" not in op.mnemonic]
    op = b.draw.pick(ops) if ops else None
    with b.repeated(times), b.hidden():
        value = f"({t}.load offset={base} {where})"
        if op:
            value = f"({op.mnemonic} {value} {b.expr(t)})"
    write = f"({t}.store offset={base} {where} {value})"
    if b.draw.chance(0.5):
        up = f"(local.tee {i} (i32.add (local.get {i}) (i32.const 1)))"
        compare = b.draw.pick(("lt_u", "lt_s", "ne"))
        again = f"(i32.{compare} {up} (i32.const {times}))"
        return f"(local.set {i} (i32.const 0)) (loop {name} {write} (br_if {name} {again}))"
    down = f"(local.set {i} (i32.sub (local.get {i}) (i32.const 1)))"
    again = f"(br_if {name} (local.get {i}))"
    return f"(local.set {i} (i32.const {times})) (loop {name} {down} {write} {again})"


@statement("idioms", 1.5, _a_memory)
def _bytes_loop(b: Body) -> str | None:
    """A hash of bytes, or bytes copied, with pointers that move."""
    times = b.draw.between(3, 9)
    if not _ready(b, times):
        return None
    memory = b.plan.memories[0]
    a = memory.addr
    p, q, n, h = (b.declare(t, prefix="a") for t in (a, a, "i32", "i32"))
    name = b.fresh("l")
    load = b.draw.pick(("load8_u", "load8_s", "load16_u", "load"))
    byte = f"(i32.{load} (local.get {p}))"
    prime = b.draw.pick((16777619, 31, -1640531527, 5))
    mix = f"(i32.mul (i32.xor (local.get {h}) {byte}) (i32.const {prime}))"
    places = b.writable_of("i32")
    keep = f"(local.set {b.draw.pick(places)} (local.get {h}))" if places else ""
    start = f"({a}.const {b.draw.below(64)})"
    return (
        f"(local.set {p} {start}) (local.set {q} ({a}.const {b.draw.below(128)}))"
        f" (local.set {n} (i32.const {times})) (local.set {h} (i32.const -2128831035))"
        f" (loop {name} (local.set {h} {mix}) (i32.store8 (local.get {q}) (local.get {h}))"
        f" (local.set {p} ({a}.add (local.get {p}) ({a}.const 1)))"
        f" (local.set {q} ({a}.add (local.get {q}) ({a}.const {b.draw.pick((1, 2))})))"
        f" (br_if {name} (local.tee {n} (i32.sub (local.get {n}) (i32.const 1))))) {keep}"
    )


@statement("idioms", 1.5)
def _refined(b: Body) -> str | None:
    """A comparison, and in each arm arithmetic whose range it narrows."""
    t = b.draw.pick(("i32", "i64"))
    places = b.writable_of(t)
    known = b.readable_as(t)
    if not places or not known:
        return None
    b.size += 6
    x, place = b.draw.pick(known), b.draw.pick(places)
    limit = b.draw.pick(("10", "0", "-1", "255", "2147483647", "-2147483648", "65536"))
    compare = b.draw.pick(("lt_s", "lt_u", "gt_s", "gt_u", "le_u", "ge_s", "ge_u", "le_s", "eq"))
    arms = [_arith(b, t, x) for _ in range(2)]
    return (
        f"(if ({t}.{compare} (local.get {x}) ({t}.const {limit}))"
        f" (then (local.set {place} {arms[0]})) (else (local.set {place} {arms[1]})))"
    )


def _arith(b: Body, t: str, x: str) -> str:
    """Operations in a row on one variable, observed by one that cares for the high bits."""
    text = f"(local.get {x})"
    for _ in range(b.draw.between(1, 3)):
        op = b.draw.pick(("add", "sub", "mul", "shl", "and", "xor"))
        text = f"({t}.{op} {text} ({t}.const {b.draw.pick((1, -1, 3, 31, 255, 65537))}))"
    observer = b.draw.pick(("shr_u", "shr_s", "div_u", "rem_u", "rotr", "or", "div_s"))
    return f"({t}.{observer} {text} ({t}.const {b.draw.pick((1, 2, 7, 8))}))"
