"""Long chains of nested blocks and loops, with branches over many levels."""

from __future__ import annotations

from differential.body import Body
from differential.rule import statement

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
    kinds = [b.draw.pick(("block", "block", "loop")) for _ in range(depth)]
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
