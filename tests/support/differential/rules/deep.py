"""Long chains of nested blocks and loops, with branches over many levels."""

from __future__ import annotations

from differential.body import Body
from differential.rule import statement
from differential.rules.corners import see

__all__: list[str] = []


def _step(b: Body, place: str) -> str:
    op = b.draw.pick(("add", "xor", "sub", "mul"))
    return f"(local.set {place} (i32.{op} (local.get {place}) (i32.const {b.draw.bits(16)})))"


@statement("deep", 0.6)
def _nest(b: Body) -> str | None:
    """Blocks and loops 15 to 45 deep; the loops share one counter."""
    depth = b.draw.between(15, 45)
    if b.times > 4 or not b.affords(depth * 8):
        return None
    b.spend(depth * 8)
    b.size += 40
    place = b.declare("i32", writable=True)
    counter = b.declare("i32", prefix="c")
    mix = b.draw.pick((("block", "block", "loop"), ("block", "loop", "loop", "loop")))
    kinds = [b.draw.pick(mix) for _ in range(depth)]
    names = [b.fresh("d") for _ in range(depth)]
    forward = [name for name, kind in zip(names, kinds, strict=True) if kind == "block"]
    text = ""
    if forward:
        chosen = " ".join(b.draw.pick(forward) for _ in range(b.draw.between(1, 12)))
        selector = f"(i32.and (local.get {place}) (i32.const 15))"
        text = f"(br_table {chosen} {selector})"
    for level in reversed(range(depth)):
        inside = [name for name in names[:level] if name in forward]
        if inside and b.draw.chance(0.3):
            condition = f"(i32.and (local.get {place}) (i32.const {b.draw.pick((1, 2, 4))}))"
            text += f" (br_if {b.draw.pick(inside)} {condition})"
        if kinds[level] == "loop":
            text += f" {_step(b, place)} (br_if {names[level]} {b.tick(counter)})"
        text = f"({kinds[level]} {names[level]} {text}) {_step(b, place)}"
    return f"(local.set {counter} (i32.const {b.draw.between(1, 8)})) {text}"


@statement("control", 2, lambda plan: plan.has("multi-value"))
def _ladder(b: Body) -> str | None:
    """Blocks and loops in one another, each with results of its own; branches from the inmost."""
    if b.times > 4 or not b.affords(120):
        return None
    b.spend(120)
    b.size += 8
    rungs = [_rung(b) for _ in range(b.draw.between(3, 6))]
    counter = b.declare("i32", prefix="c")
    text = _leaps(b, rungs, counter)
    for i in reversed(range(len(rungs))):
        kind, name, results = rungs[i]
        within = rungs[:i]
        inner = f"{text} {_constants(b, results)}"
        if kind == "loop":
            inner = f"(br_if {name} {b.tick(counter)}) {inner}"
        text = f"({kind} {name}{b.block_type((), results)} {_leaps(b, within, counter)} {inner})"
        text = f"{text} {_kept(b, results)}"
    return f"(local.set {counter} (i32.const {b.draw.between(2, 6)})) {text}"


Rung = tuple[str, str, tuple[str, ...]]


def _rung(b: Body) -> Rung:
    results = tuple(b.draw.pick(b.plan.numbers) for _ in range(b.draw.below(3)))
    return b.draw.pick(("block", "block", "loop")), b.fresh("d"), results


def _leaps(b: Body, rungs: list[Rung], counter: str) -> str:
    """Branches outwards: some with results, some back to a loop, which count down."""
    made = []
    for kind, name, results in b.draw.some(rungs, 0.3):
        if kind == "loop":
            made.append(f"(br_if {name} {b.tick(counter)})")
        else:
            values = _constants(b, results)
            made.append(f"{values} (br_if {name} {b.leaf('i32')}) {_kept(b, results)}")
    return " ".join(made)


def _constants(b: Body, types: tuple[str, ...]) -> str:
    return " ".join(map(b.leaf, types))


def _kept(b: Body, types: tuple[str, ...]) -> str:
    """Each result is looked at."""
    names = [b.declare(t) for t in types]
    sets = [f"(local.set {name})" for name in reversed(names)]
    looks = [see(b, t, f"(local.get {name})") for name, t in zip(names, types, strict=True)]
    return " ".join([*sets, *looks])
