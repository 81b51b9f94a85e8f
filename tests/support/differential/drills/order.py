"""What traps first: each instruction that may trap, behind another one that may, in every context.

    (i32.load …bit 0 of $x…)  (drop (i32.div_u 7 …bit 1…))  …

Each call sets none of the bits, one, or several; what each trap is called says which one it was.
"""

from __future__ import annotations

from differential.constants import corner
from differential.draw import Draw
from differential.drills.parts import Function, see
from differential.drills.stacks import HEAD, Script

__all__ = ["functions"]

_DEEP = 500
_FILLED = (0, 1, 2, 65535, 65536, 65537, 0x7FFF_FFFF, 0xFFFF_FFFF)


def functions(draw: Draw, number: int) -> list[Function]:
    """Each context twice, and what fills and copies at the end of a memory."""
    made = []
    for _ in range(2):
        for make in (_operands, _references, _left, _leaving):
            for body in make(draw):
                ys = [corner(draw, "i32") for _ in range(8)]
                text = f"{HEAD} {body} {see(draw, 'i32', '(local.get $c)')} (global.get $seen)"
                made.append(Function(text, tuple(zip(range(8), ys, strict=True))))
    return [*made, *_bulk()]


def _traps(draw: Draw) -> list[str]:
    """Three things that trap by a bit each."""
    script = Script(draw, trap=-1)
    return [draw.pick(script.traps()) for _ in range(3)]


def _operands(draw: Draw) -> list[str]:
    """What takes an operand, with another one waiting."""
    a, b, c = _traps(draw)
    script = Script(draw, trap=0)
    bit = script.bit()
    far = f"(i32.mul {bit} (i32.const -4))"
    deep = b
    for i in range(_DEEP):
        deep = f"(i32.{('sub', 'xor')[i % 2]} (local.get $y) {deep})"
    single = f"(f32.load {far})"
    rounded = draw.pick((
        f"(f32.add {single} (f32.const 1.5))", f"(f32.sqrt {single})",
        f"(f32.mul {single} {single})",
        f"(f32.demote_f64 (f64.load {far}))", f"(f32.convert_i32_s {b})",
        f"(f32.div {single} {single})",
    ))  # fmt: skip
    near = f"(i32.and {a} (i32.const 7))"
    size = draw.pick(("8", "16", ""))
    lanes = draw.pick((8, 16, 32, 64))
    kept = (
        deep, f"(drop {b}) (i32.const 3)", f"(i32.gt_s (i32.trunc_f32_s {rounded}) (i32.const 0))",
        f"(f32.lt {rounded} (f32.const 1))", f"(select {b} (local.get $y) {c})",
        f"(call $mix3 {b} (global.get $g) {c})", f"(global.set $g {b}) (i32.const 3)",
        f"(local.set $a {b}) (local.get $a)",
        f"(array.len (array.new $row {b} (i32.and {c} (i32.const 7))))",
        f"(struct.get $base 0 (struct.new $base {b}))",
        f"(call_indirect $calls (type $unary) {b} (i32.and {c} (i32.const 0)))",
        f"(call_indirect $calls (type $binary) {b} {b} (i32.sub (i32.const 1) (i32.eqz {c})))",
        f"(call_ref $unary {b} (ref.as_non_null (select (result (ref null $unary))"
        f" (ref.null $unary) (ref.func $inc) {bit})))",
    )  # fmt: skip
    done = (
        f"(i32.store{size} {near} {b})", f"(i32.store{size} {far} {c})",
        f"(i32.store8 {near} {b})", f"(f32.store {near} (f32.convert_i32_u {b}))",
        f"(i32.store{size} (i32.mul (i32.and {a} (i32.const 7)) (i32.const 4)) {b})",
        f"(drop (v128.load{lanes}_lane 0 {near} (i32x4.splat {b})))",
        f"(drop (v128.load{lanes}_lane 0 {far} (i32x4.splat {c})))",
        f"(v128.store{lanes}_lane 0 {near} (i32x4.splat {b}))",
        f"(memory.fill {near} {b} (i32.and {c} (i32.const 7)))",
        f"(struct.set $pair 0 (local.get $o) {b})",
        f"(array.set $row (local.get $r) (i32.and {a} (i32.const 3)) {b})",
    )  # fmt: skip
    made = [f"{a} {text} (i32.{draw.pick(('sub', 'xor', 'lt_s'))}) (local.set $c)" for text in kept]
    return made + list(done)


def _references(draw: Draw) -> list[str]:
    """Branches by what a reference is, with a number below that may trap."""
    a, _, c = _traps(draw)
    bit = Script(draw, trap=0).bit()
    a = draw.pick((a, a, "(local.get $y)", "(i32.add (call $inc (local.get $y)) (i32.const 5))"))
    null = f"(select (result (ref null $pair)) (ref.null $pair) (local.get $o) {bit})"
    looked = f"(ref.as_non_null {null})"
    entry = f"(table.get $t (i32.mul {bit} (i32.const -1)))"
    use = draw.pick((
        "(local.set $c)", f"{c} (i32.sub) (local.set $c)",
        "(local.set $a) (local.set $c (i32.const 3))",
    ))  # fmt: skip
    own = "(ref.as_non_null (local.get $o))"
    return [
        f"(block $l {a} {looked} (br_on_null $l) (drop) {use})",
        f"(block $l {a} {entry} (br_on_null $l) (drop) {use})",
        f"(block $l {a} {null} (br_on_null $l) (drop) {use})",
        f"(block $l (result (ref func)) {a} {entry} (br_on_non_null $l) {use} (ref.func $inc))"
        " (drop)",
        f"(block $l (result (ref $pair)) {a} {null} (br_on_non_null $l) {use} {own}) (drop)",
        f"(block $l (result (ref $pair)) {a} {looked} (br_on_cast $l (ref struct) (ref $pair))"
        f" (drop) {use} {own}) (drop)",
        f"(block $l (result (ref struct)) {a} {looked}"
        f" (br_on_cast_fail $l (ref struct) (ref $pair)) (drop) {use} {own}) (drop)",
    ]


def _left(draw: Draw) -> list[str]:
    """What an arm leaves on the stack when it goes elsewhere: the other arm must not see it."""
    a, b, _ = _traps(draw)
    script = Script(draw, trap=1)
    asked = script.bit()
    called = "(i32.add (call $inc (local.get $y)) (i32.const 1))"
    made = []
    for left in (called, a, "(i32.add (local.get $a) (global.get $g))"):
        for go in ("(br $o)", "(return)", "(br_table $o $o (local.get $y))", "(unreachable)"):
            carried = draw.pick(("(i32.const 4)", called, a))
            if go == "(return)":
                carried = f"(i64.extend_i32_u {carried})"
            other = (
                f"(local.set $a (i32.const 9)) (block (local.set $b {b})) (global.set $g {b})"
                f" (i32.sub {b} (global.get $g))"
            )
            arms = f"(then {left} {carried} {go}) (else {other})"
            if draw.chance(0.3):
                arms = f"(then {other}) (else {left} {carried} {go})"
            inner = f"(if (result i32) {asked} {arms}) {b} (i32.add)"
            made.append(f"(block $o (result i32) {inner}) (local.set $c)")
    return made


def _leaving(draw: Draw) -> list[str]:
    """Branches that carry one number past another one."""
    a, b, c = _traps(draw)
    return [
        f"(block $l (result i32) {a} {b} (br $l)) (local.set $c)",
        f"(block $l (result i32) {a} {b} {c} (br_if $l) (i32.sub)) (local.set $c)",
        f"(block $l (result i32) {a} {b} {c} (br_table $l $l)) (local.set $c)",
        f"{a} (i64.extend_i32_u {b}) (return)",
        f"(block $l {a} {b} (br_if $l) (local.set $c))",
        f"{a} (if (result i32) {b} (then {c}) (else (i32.const 1))) (i32.sub) (local.set $c)",
        f"{a} (loop (result i32) {b} (local.set $c) {c}) (i32.sub) (local.set $c)",
        f"(block $l (result i32) (try_table (catch $e $l) {a} {b} (throw $e)) (i32.const 2))"
        " (local.set $c)",
    ]


def _bulk() -> list[Function]:
    """Filling and copying, up to the end and beyond."""
    head = "(param $a i32) (param $b i32) (param $n i32)"
    operands = "(local.get $a) (local.get $b) (local.get $n)"
    filled = [(a, 7, n) for a in _FILLED for n in _FILLED]
    copied = [(a, b, n) for a in _FILLED for b in _FILLED[2:6] for n in _FILLED[:5]]
    return [
        Function(f"{head} (memory.fill {operands})", tuple(filled)),
        Function(f"{head} (memory.copy {operands})", tuple(copied)),
        Function(f"{head} (table.copy $t $calls {operands})", tuple(copied[:40])),
    ]
