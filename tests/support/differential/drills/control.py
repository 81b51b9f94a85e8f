"""Blocks, ifs, loops and handlers in one another, many deep, each place leaving its own mark.

Conditions are bits of a number that changes at every mark, so every call takes another way. Every
branch back costs a step, of which a call has a few.
"""

from __future__ import annotations

from dataclasses import dataclass

from differential.draw import Draw
from differential.drills.parts import Function

__all__ = ["functions"]

_HEAD = (
    "(param $s i32) (param $k i32) (result i32) (local $left i32) (local $r i32)"
    " (local.set $left (local.get $k))"
)


@dataclass(frozen=True, slots=True)
class _Label:
    """A label: of a loop, or of something that a branch leaves, with a number or none."""

    name: str
    loop: bool
    number: bool


def functions(draw: Draw, number: int) -> list[Function]:
    """Four skeletons."""
    made = []
    for _ in range(4):
        deepest = draw.pick((4, 7, 11, 16))
        skeleton = _Skeleton(draw, deepest, draw.pick((0.2, 0.5, 0.8)))
        body = skeleton.body(0, draw.between(2, 4))
        if draw.chance(0.3):
            body = draw.pick((skeleton.in_loops, skeleton.in_ifs))(body)
        if draw.chance(0.4):
            body = f"{body} {skeleton.row()}"
        calls = tuple((draw.bits(32), draw.pick((3, 6, 9))) for _ in range(12))
        made.append(Function(f"{_HEAD} {body} (local.get $s)", calls))
    return made


class _Skeleton:
    def __init__(self, draw: Draw, deepest: int, ifs: float) -> None:
        self.draw = draw
        self.deepest = deepest
        self.ifs = ifs
        self.labels: list[_Label] = []
        self.count = 0
        self.size = 0

    def mark(self) -> str:
        """A step of the number that tells the way."""
        self.count += 1
        return (
            "(local.set $s (i32.add (i32.mul (local.get $s) (i32.const 1664525))"
            f" (i32.const {self.count * 2 + 1})))"
        )

    def bit(self) -> str:
        """Zero or not, by the number as it is now."""
        shift, mask = self.draw.between(16, 27), self.draw.pick((1, 1, 1, 3))
        return f"(i32.and (i32.shr_u (local.get $s) (i32.const {shift})) (i32.const {mask}))"

    def body(self, depth: int, count: int) -> str:
        """Statements in a row."""
        parts = []
        if self.deepest > 11 and depth > 1 and self.draw.chance(0.8):
            count = 1
        for _ in range(count):
            parts.append(self.statement(depth))
            if self.draw.chance(0.6):
                parts.append(self.mark())
        return " ".join(parts)

    def statement(self, depth: int) -> str:
        self.size += 1
        draw = self.draw
        leaf = 0.05 if self.deepest > 11 else 0.15
        if depth >= self.deepest or self.size > 50 or draw.chance(leaf):
            return self.mark() if draw.chance(0.3) else self.branch()
        if draw.chance(self.ifs):
            return self.if_(depth)
        match draw.below(8):
            case 0 | 1 | 2:
                return self.within("block", depth)
            case 3 | 4:
                return self.loop(depth)
            case 5:
                return self.handler(depth)
            case 6:
                return self.number(depth)
        return self.branch()

    def name(self) -> str:
        self.count += 1
        return f"$l{self.count}"

    def within(self, kind: str, depth: int) -> str:
        label = _Label(self.name(), kind == "loop", False)
        self.labels.append(label)
        inner = self.body(depth + 1, self.draw.between(1, 4))
        self.labels.pop()
        return f"({kind} {label.name} {inner})"

    def loop(self, depth: int) -> str:
        made = self.within("loop", depth)
        if self.draw.chance(0.5):
            name = made.split()[1]
            made = f"{made[:-1]} {self.back(name, self.bit())})"
        return made

    def back(self, name: str, condition: str) -> str:
        """A branch to a loop, as long as there are steps left."""
        down = "(local.tee $left (i32.sub (local.get $left) (i32.const 1)))"
        return (
            f"(if {condition} (then (br_if {name} (i32.gt_s {down} (i32.const 0))) {self.mark()}))"
        )

    def in_loops(self, inner: str) -> str:
        """In more loops and handlers than Python can nest."""
        handlers = self.draw.pick((0.0, 0.3, 1.0))
        for _ in range(20):
            name = self.name()
            if self.draw.chance(handlers):
                tried = f"(try_table (catch_all {name}) {inner} (drop (call $throws {self.bit()})))"
                inner = f"(block {name} {tried} {self.mark()})"
            else:
                inner = f"(loop {name} {inner} {self.mark()} {self.back(name, self.bit())})"
        return inner

    def in_ifs(self, inner: str) -> str:
        """In many ifs, round which a loop goes."""
        name = self.name()
        inner = f"{inner} (br_if {name}_ {self.bit()}) {self.mark()}"
        for _ in range(self.draw.between(18, 40)):
            bit = f"(i32.and (i32.shr_u (local.get $s) (i32.const {self.draw.below(30)}))"
            other = self.draw.pick(("", "", f"(else {self.mark()})", f"(else (br {name}_))"))
            inner = f"(if {bit} (i32.const 7)) (then {inner}) {other})"
        back = self.back(name, "(i32.const 1)")
        return f"(loop {name} (block {name}_ {inner}) {self.mark()} {back})"

    def row(self) -> str:
        """A long row of branches to one label, round which a loop goes, or not."""
        name, out = self.name(), self.name()
        kind = self.draw.pick(("loop", "loop", "block"))
        parts = []
        for _ in range(self.draw.between(18, 30)):
            back = f"(br_if {name} {self.bit()})"
            if kind == "loop":
                down = "(local.tee $left (i32.sub (local.get $left) (i32.const 1)))"
                back = f"(br_if {name} (i32.and {self.bit()} (i32.gt_s {down} (i32.const 0))))"
            parts += [back, self.mark()]
            if self.draw.chance(0.1):
                parts.append(f"(if {self.bit()} (then {self.mark()} (br {out})))")
        made = f"({kind} {name} {' '.join(parts)})"
        if self.draw.chance(0.5):
            again = self.name()
            made = f"(loop {again} {made} {self.back(again, self.bit())})"
        return f"(block {out} {made} {self.mark()})"

    def if_(self, depth: int) -> str:
        draw = self.draw
        then = self.body(depth + 1, draw.between(1, 2))
        if draw.chance(0.4):
            return f"(if {self.bit()} (then {then}))"
        return f"(if {self.bit()} (then {then}) (else {self.body(depth + 1, draw.between(1, 2))}))"

    def number(self, depth: int) -> str:
        """A block with a result."""
        label = _Label(self.name(), False, True)
        self.labels.append(label)
        inner = self.body(depth + 1, self.draw.between(1, 3))
        self.labels.pop()
        made = f"(block {label.name} (result i32) {inner} (i32.const {self.draw.below(99)}))"
        return f"(local.set $s (i32.xor (local.get $s) {made}))"

    def handler(self, depth: int) -> str:
        """What throws inside goes to a label outside, or to the next handler."""
        outer, inner = _Label(self.name(), False, True), _Label(self.name(), False, False)
        self.labels += [outer, inner]
        body = self.body(depth + 1, self.draw.between(1, 3))
        call = f"(local.set $s (i32.add (local.get $s) (call $throws {self.bit()})))"
        self.labels = self.labels[:-2]
        catches = self.draw.pick((
            f"(catch $e {outer.name}) (catch_all {inner.name})", f"(catch $e {outer.name})",
            f"(catch $n {inner.name}) (catch $e {outer.name})", f"(catch_all {inner.name})",
        ))  # fmt: skip
        tried = f"(try_table {catches} {call if self.draw.chance(0.7) else ''} {body} {call})"
        after = f"(block {inner.name} {tried} {self.mark()}) {self.mark()} (i32.const 3)"
        caught = f"(block {outer.name} (result i32) {after})"
        return f"(local.set $s (i32.xor (local.get $s) {caught}))"

    def branch(self) -> str:
        """A branch to somewhere, always or by a bit, or a return."""
        draw = self.draw
        if not self.labels or draw.chance(0.06):
            return f"(if {self.bit()} (then (return (local.get $s))))"
        label = draw.pick(self.labels[-6:] if draw.chance(0.6) else self.labels)
        if label.loop:
            return self.back(label.name, self.bit())
        if label.number:
            kept = f"(br_if {label.name} (i32.const {draw.below(99)}) {self.bit()})"
            return f"(local.set $r {kept})"
        plain = [each.name for each in self.labels if not each.loop and not each.number]
        if draw.chance(0.3):
            chosen = " ".join(draw.pick(plain) for _ in range(draw.between(2, 5)))
            table = f"(br_table {chosen} {self.bit()})"
            return f"(if {self.bit()} (then {table}))" if draw.chance(0.6) else table
        if draw.chance(0.2):
            return f"(br {label.name})"
        return f"(br_if {label.name} {self.bit()})"
