"""Short scripts on the operand stack: what waits while something changes, and what traps first.

    (global.get $g)  (i32.div_u 7 bit 0 of $x)  (global.set $g …)  (i32.load bit 1 of $x …)  …

Each thing that can trap does so by a bit of the parameter: the calls set no bit, one, or two.
"""

from __future__ import annotations

from differential.constants import corner
from differential.draw import Draw
from differential.drills.parts import Function, see

__all__ = ["HEAD", "Script", "functions"]

_BITS = 5
_COUNTERS = 4
_PATTERNS = (0, *(1 << i for i in range(_BITS)), 3, 5, 6, 9, 10, 12, 17, 24, 31)
HEAD = (
    "(param $x i32) (param $y i32) (result i64)"
    " (local $n0 i32) (local $n1 i32) (local $n2 i32) (local $n3 i32)"
    " (local $a i32) (local $b i32) (local $c i32) (local $q f64) (local $w i64)"
    " (local $o (ref null $pair)) (local $r (ref null $row)) (local $h (ref null func))"
    " (local.set $a (i32.const 3)) (local.set $b (local.get $y))"
    " (local.set $o (struct.new $pair (local.get $y) (i64.const 9) (i32.const 200)"
    " (f64.const 2.5) (f32.const 1.5)))"
    " (local.set $r (array.new $row (local.get $y) (i32.const 4)))"
    " (table.set $t (i32.const 1) (ref.func $inc))"
)
_BINARY = ("sub", "add", "xor", "or", "shl", "shr_u", "lt_s", "and", "ne", "mul", "rotl")


#: What is read, and what changes it.
_WAITING = (
    ("(memory.size)", "(drop (memory.grow (i32.const 1)))"),
    ("(table.size $t)", "(drop (table.grow $t (ref.null func) (i32.const 1)))"),
    ("(global.get $g)", "(global.set $g (i32.const 77))"),
    ("(global.get $g)", "(drop (call $change (i32.const 3)))"),
    ("(i32.load (i32.const 4))", "(drop (call $change (i32.const 2)))"),
    ("(i32.load (i32.const 4))", "(i32.store8 (i32.const 5) (i32.const 123))"),
    ("(i32.load (i32.const 4))", "(memory.fill (i32.const 6) (i32.const 9) (i32.const 2))"),
    ("(f32.lt (f32.load (i32.const 4)) (f32.const 0))", "(f32.store (i32.const 4) (f32.const -2))"),
    ("(i32x4.extract_lane 1 (v128.load (i32.const 0)))", "(i64.store (i32.const 1) (i64.const 7))"),
    ("(struct.get $pair 0 (local.get $o))", "(struct.set $pair 0 (local.get $o) (i32.const 5))"),
    ("(array.get $row (local.get $r) (i32.const 1))", "(array.set $row (local.get $r)"
     " (i32.const 1) (i32.const 50))"),
    ("(ref.is_null (table.get $t (i32.const 1)))", "(table.set $t (i32.const 1) (ref.null func))"),
    ("(f64.lt (global.get $d) (f64.const 1))", "(global.set $d (f64.const 9))"),
    ("(i32.sub (local.get $a) (local.get $b))", "(local.set $a (i32.const 31))"),
    ("(i32.sub (local.get $a) (local.get $b))", "(local.set $b (i32.const 32))"),
    ("(ref.is_null (local.get $h))", "(local.set $h (ref.func $inc))"),
)  # fmt: skip


def functions(draw: Draw, number: int) -> list[Function]:
    """Eight scripts."""
    return [_script(draw) for _ in range(8)]


def _script(draw: Draw) -> Function:
    script = Script(draw)
    script.steps(draw.between(5, 11))
    while script.height:
        script.look()
    text = f"{HEAD} {' '.join(script.out)} (global.get $seen)"
    ys = [corner(draw, "i32") for _ in _PATTERNS]
    return Function(text, tuple(zip(_PATTERNS, ys, strict=True)))


class Script:
    """Instructions, and how many i32 they leave on the stack."""

    def __init__(self, draw: Draw, trap: int = 0) -> None:
        self.draw = draw
        self.out: list[str] = []
        self.height = 0
        self.depth = 0
        self.trap = trap
        self.label = 0
        self.loops = 0

    def add(self, text: str, change: int) -> None:
        self.out.append(text)
        self.height += change

    def look(self) -> None:
        """Watch the topmost number."""
        self.add(f"(local.set $c) {see(self.draw, 'i32', '(local.get $c)')}", -1)

    def steps(self, count: int, least: int = 0) -> None:
        """So many steps; `least` numbers below stay as they are."""
        for _ in range(count):
            have, roll = self.height - least, self.draw.below(20)
            if roll < 4 or (have == 0 and roll < 9):
                self.add(self.draw.pick(self._readings()), 1)
            elif roll < 7:
                self.add(self.draw.pick(self.traps()), 1)
            elif roll == 7:  # which of the two is first?
                pair = f"{self.draw.pick(self.traps())} {self.draw.pick(self.traps())}"
                self.add(f"(i32.{self.draw.pick(_BINARY)} {pair})", 1)
            elif roll == 8:
                self.add(" ".join(self.draw.pick(_WAITING)), 1)
            elif roll < 12:
                self.add(self._change(), 0)
            elif roll < 16 and have:
                self._use(have)
            elif self.depth < 3:
                self._control(have)

    # ------------------------------------------------------------------ operands

    def _readings(self) -> tuple[str, ...]:
        """What something later may change."""
        draw = self.draw
        at = f"(i32.const {draw.below(12)})"
        return (
            "(local.get $a)", "(local.get $b)", "(local.get $c)", "(local.get $y)",
            "(i32.sub (local.get $b) (local.get $y))", "(i32.lt_s (local.get $a) (local.get $b))",
            "(i32.xor (local.get $y) (i32.add (local.get $a) (local.get $b)))",
            "(i32.load8_u (i32.and (i32.add (local.get $b) (local.get $a)) (i32.const 31)))",
            "(select (local.get $a) (local.get $b) (local.get $y))",
            "(i32.add (local.get $a) (i32.const 1))", "(i32.mul (local.get $b) (local.get $a))",
            "(global.get $g)", "(global.get $g)", "(i32.const 9)",
            f"(i32.load {at})", f"(i32.load8_s {at})",
            "(i32.load (i32.and (local.get $a) (i32.const 63)))",
            "(memory.size)", "(table.size $t)", "(ref.is_null (table.get $t (i32.const 1)))",
            "(struct.get $pair 0 (local.get $o))", "(struct.get_u $pair 2 (local.get $o))",
            "(array.get $row (local.get $r) (i32.const 1))", "(array.len (local.get $r))",
            "(i32.wrap_i64 (struct.get $pair 1 (local.get $o)))",
            "(i32.eqz (global.get $g))", "(f64.lt (global.get $d) (f64.const 1))",
            "(ref.is_null (local.get $o))",
            "(i32x4.extract_lane 1 (v128.load (i32.const 0)))",
            "(f32.eq (struct.get $pair 4 (local.get $o)) (f32.const 1.5))",
            f"(select (global.get $g) (local.get $a) {at})",
        )  # fmt: skip

    def bit(self) -> str:
        """The next of the parameter's bits."""
        self.trap = (self.trap + 1) % _BITS
        return f"(i32.and (i32.shr_u (local.get $x) (i32.const {self.trap})) (i32.const 1))"

    def traps(self) -> tuple[str, ...]:
        """What traps where its bit is set."""
        bit = self.bit()
        unless = f"(i32.xor {bit} (i32.const 1))"
        far = f"(i32.mul {bit} (i32.const {self.draw.pick((-4, -1, -65536, 0x7FFFFFF0))}))"
        null = f"(select (result (ref null $pair)) (ref.null $pair) (local.get $o) {bit})"
        row = f"(select (result (ref null $row)) (ref.null $row) (local.get $r) {bit})"
        infinite = f"(f64.div (f64.const 3) (f64.convert_i32_u {unless}))"
        called = f"(select (i32.const 9) (i32.const {self.draw.pick((0, 2))}) {bit})"
        return (
            f"(i32.div_u (i32.const 7) {unless})", f"(i32.rem_s (i32.const 7) {unless})",
            f"(i32.rem_u (local.get $y) {unless})",
            f"(i32.wrap_i64 (i64.div_s (i64.const -9) (i64.extend_i32_u {unless})))",
            f"(i32.load {far})", f"(i32.load8_s {far})", f"(i32.load16_u offset=4 {far})",
            f"(i32.wrap_i64 (i64.load offset=3 {far}))",
            f"(i32.trunc_f64_s {infinite})", f"(i32.trunc_f32_u (f32.demote_f64 {infinite}))",
            f"(struct.get $pair 0 {null})", f"(struct.get_s $pair 2 {null})",
            f"(ref.is_null (ref.as_non_null {null}))", f"(array.get $row {row} (i32.const 1))",
            f"(array.get $row (local.get $r) {far})", f"(array.len {row})",
            f"(ref.is_null (table.get $t {far}))", f"(call $change {unless})",
            f"(call_indirect $calls (type $unary) (i32.const 4) {called})",
            f"(call_ref $unary (i32.const 2) (select (result (ref null $unary)) (ref.null $unary)"
            f" (ref.func $inc) {bit}))",
            f"(f32.lt (f32.mul (f32.load {far}) (f32.const 2)) (f32.const 1))",
            f"(f32.gt (f32.add (f32.load {far}) (f32.load (i32.const 8))) (f32.const 1))",
            f"(i32x4.extract_lane 0 (v128.load {far}))",
            f"(f32.lt (f32.load {far}) (f32.const 1))", f"(f64.ge (f64.load {far}) (f64.const 1))",
            f"(i32.wrap_i64 (i64.extend_i32_s (i32.load8_u {far})))",
        )  # fmt: skip

    def operand(self) -> str:
        """One number."""
        roll = self.draw.below(6)
        if roll < 2:
            return self.draw.pick(self.traps())
        return self.draw.pick(self._readings()) if roll < 5 else "(i32.const 5)"

    # ------------------------------------------------------------------ statements

    def _change(self) -> str:
        """Something that changes what is read elsewhere; its operands may trap."""
        draw, value = self.draw, self.operand()
        at = draw.pick(
            (f"(i32.const {draw.below(12)})", f"(i32.and {self.operand()} (i32.const 7))")
        )
        trap, form = draw.pick(self.traps()), draw.pick(("", "8", "16"))
        null = f"(select (result (ref null $pair)) (ref.null $pair) (local.get $o) {self.bit()})"
        far = f"(i32.mul {self.bit()} (i32.const {draw.pick((-1, 65536, 70000, -9))}))"
        turned = "(i32.add (i32.or (local.get $y) (i32.const -8)) (i32.const 9))"
        wide = f"(i64.extend_i32_u {value})"
        return draw.pick((
            f"(local.set $a {value})", f"(local.set $b {value})", f"(local.set $a {value})",
            f"(local.set $b (i32.sub (local.get $b) {value}))", f"(local.set $y {value})",
            f"(global.set $g {value})", f"(global.set $g {value})",
            f"(i32.store{form} {at} {value})", f"(i32.store{form} {at} {self.operand()})",
            f"(i64.store {at} {wide})", f"(f32.store {at} (f32.convert_i32_s {value}))",
            f"(v128.store {at} (i32x4.splat {value}))",
            f"(v128.store16_lane 2 {at} (i32x4.splat {value}))",
            "(drop (memory.grow (i32.const 1)))",
            "(drop (table.grow $t (ref.null func) (i32.const 1)))",
            f"(memory.fill {at} {value} (i32.const 3))",
            f"(memory.copy {at} (i32.const 1) (i32.and {value} (i32.const 7)))",
            f"(memory.fill {turned} {value} {turned})", f"(memory.copy {turned} {at} {turned})",
            f"(memory.fill {far} {value} {draw.pick((at, far))})",
            f"(memory.copy {far} {at} {draw.pick(('(i32.const 3)', far))})",
            f"(memory.copy {at} {far} {draw.pick(('(i32.const 3)', turned))})",
            "(table.set $t (i32.const 1) (ref.null func))",
            "(table.set $t (i32.const 1) (ref.func $add))",
            f"(struct.set $pair 0 (local.get $o) {value})",
            f"(struct.set $pair 2 (ref.as_non_null (local.get $o)) {value})",
            f"(struct.set $pair 1 (local.get $o) {wide})",
            f"(array.set $row (local.get $r) (i32.const 1) {value})",
            "(local.set $o (struct.new_default $pair))", "(local.set $h (ref.func $inc))",
            f"(local.set $r (array.new $row {value} (i32.const 3)))",
            f"(global.set $d (f64.convert_i32_s {value}))", f"(drop {value})",
            f"(drop (call $change {value}))", f"(if {value} (then (global.set $g (i32.const 1))))",
            f"(if {self.bit()} (then (drop (i32.{draw.pick(('div_s', 'rem_s', 'div_u'))}"
            " (local.get $y) (i32.const 0)))))",
            f"(i32.store8 (i32.and {trap} (i32.const 7)) {draw.pick(self.traps())})",
            f"(drop (v128.load32_lane 0 (i32.and {trap} (i32.const 7)) (i32x4.splat"
            f" {draw.pick(self.traps())})))",
            f"(if {value} (then {trap} (return (i64.const 5))))", f"(block {trap} (br 0))",
            f"(block {trap} {value} (br_if 0) (drop))", f"(block {trap} {value} (br_table 0 0))",
            f"(block {trap} (br_on_null 0 (ref.as_non_null {null})) (drop) (drop))",
            f"(local.set $w (i64.sub {wide} (local.get $w)))",
            f"(if (i32.eqz {value}) (then (return {see(draw, 'i32', '(i32.const 1)')}"
            f" (i64.const 4))))",
        ))  # fmt: skip

    def _use(self, have: int) -> None:
        """An instruction on what is on the stack."""
        draw = self.draw
        one = ("(local.set $a)", "(local.set $b)", "(global.set $g)", "(drop)")
        same = (
            "(local.tee $a)",
            "(i32.eqz)",
            "(i32.const 63) (i32.and) (i32.load)",
            "(call $inc)",
            "(i32.const 1) (i32.or) (call $change)",
            "(i32.extend8_s)",
            "(local.tee $b) (local.tee $a)",
            "(i32x4.splat) (v128.load (i32.const 1)) (i32x4.add) (i32x4.extract_lane 0)",
            f"(i32.const 1) (i32.or) {draw.pick(self.traps())} (i32.rotl)",
            f"{draw.pick(self.traps())} (i32.sub)",
        )
        two = (
            "(call $add)", "(call_indirect $calls (type $binary) (i32.const 1))",
            "(i32.const 1) (call_indirect $calls (type $binary))",
            "(ref.func $add) (call_ref $binary)", *(f"(i32.{op})" for op in _BINARY),
            *(f"(i32.{op})" for op in _BINARY),
            f"{self.operand()} (select)",
        )  # fmt: skip
        if have >= 3 and draw.chance(0.3):
            self.add("(select)", -2)
        elif have >= 2 and draw.chance(0.2):
            store = f"(local.get $c) (i32.store{draw.pick(('', '8'))})"
            self.add(f"(local.set $c) (i32.const 63) (i32.and) {store}", -2)
        elif have >= 2 and draw.chance(0.7):
            self.add(draw.pick(two), -1)
        elif draw.chance(0.3):
            self.add(draw.pick(one), -1)
        else:
            self.add(draw.pick(same), 0)

    # ------------------------------------------------------------------ control

    def _control(self, have: int) -> None:
        """A block of some kind; it leaves one number more, or what it took as a parameter."""
        self.label += 1
        self.depth += 1
        name, kind = f"$l{self.label}", self.draw.below(10)
        if kind < 2 and have:
            self._with_parameter(name, "block" if kind else f"{self.operand()} if")
        elif kind < 4:
            base = self.height
            self.out.append(f"{self.operand()} if {name} (result i32)")
            self._inside(base, name)
            self.out.append("else")
            self.height = base
            self._inside(base, name)
            self.out.append("end")
        elif kind == 4 and self.loops < _COUNTERS:
            counter = f"$n{self.loops}"
            self.loops += 1
            self.out.append(f"(local.set {counter} (i32.const 3)) loop {name} (result i32)")
            self._inside(self.height, name, branches=False)
            down = f"(local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))"
            self.out.append(f"(br_if {name} {down}) end")
        elif kind == 5:
            out = f"$o{self.label}"
            self.out.append(
                f"block {out} (result i32) try_table {name} (result i32) (catch $e {out})"
            )
            self._inside(self.height, name)
            self.out.append("(call $throws) end end")
        elif kind == 6:
            asked = f"(br_on_null {name} (table.get $t (i32.const 1))) (drop)"
            self.out.append(f"block {name} {self.operand()} {asked} (local.set $a) end")
        elif kind == 7:
            asked = f"{self.operand()} {self.operand()} (br_if {name}) (local.set $b)"
            self.out.append(f"block {name} {asked} end")
        else:
            self.out.append(f"block {name} (result i32)")
            self._inside(self.height, name)
            self.out.append("end")
        self.depth -= 1

    def _with_parameter(self, name: str, begin: str) -> None:
        self.out.append(f"{begin} {name} (param i32) (result i32)")
        self._inside(self.height - 1, name)
        self.out.append("end")

    def _inside(self, floor: int, name: str, *, branches: bool = True) -> None:
        """Steps on what lies above the floor, which leave one number there."""
        self.steps(self.draw.between(1, 4), floor)
        while self.height > floor + 1:
            self.look()
        if self.height == floor:
            self.add(self.operand(), 1)
        if branches and self.draw.chance(0.5):
            condition = self.operand()
            self.out.append(self.draw.pick((
                f"{condition} (br_if {name})", f"(br {name})",
                f"{condition} (br_table {name} {name}) (i32.const 1)",
            )))  # fmt: skip
