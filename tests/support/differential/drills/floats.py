"""Floats that are given, computed and copied by turns, in every order, and all their bits watched.

A tier may leave open which NaN a local holds as long as nobody looks: it has to know of each local
where its values come from, by whatever way.
"""

from __future__ import annotations

from differential.constants import const, corner
from differential.draw import Draw
from differential.drills.parts import Function, see

__all__ = ["functions"]

_PARAMS = ("f32", "f32", "f64", "f64", "i32")
_HEAD = (
    "(param $s f32) (param $t f32) (param $u f64) (param $v f64) (param $x i32) (result i64)"
    " (local $a f32) (local $b f32) (local $c f32) (local $d f64) (local $e f64) (local $f f64)"
    " (local $g f64) (local $n i32) (local $o (ref $pair)) (local $w v128)"
    " (local.set $o (struct.new_default $pair))"
)
_NAMES = {"f32": ("$a", "$b", "$c"), "f64": ("$d", "$e", "$f", "$g")}
_GIVEN = {"f32": ("$s", "$t"), "f64": ("$u", "$v")}
_NANS = {"f32": (0x7FA00001, 0xFFC00001, 0x7FC00000), "f64": (0x7FF4 << 48 | 1, 0xFFF8 << 48 | 1)}
_INF = {"f32": 0x7F800000, "f64": 0x7FF0 << 48}
_ONE = ("neg", "abs", "sqrt", "ceil", "floor", "trunc", "nearest")
_TWO = ("add", "sub", "mul", "div", "min", "max", "copysign", "add", "sub", "mul")


def functions(draw: Draw, number: int) -> list[Function]:
    """Eight of them."""
    made = []
    for _ in range(8):
        lines = _steps(draw, draw.between(5, 10), 0)
        looks = [see(draw, t, f"(local.get {n})") for t in _NAMES for n in _NAMES[t]]
        calls = tuple(tuple(_argument(draw, t) for t in _PARAMS) for _ in range(5))
        text = f"{_HEAD} {lines} {' '.join(looks)} (global.get $seen)"
        made.append(Function(text, calls))
    return made


def _argument(draw: Draw, t: str) -> int:
    if t == "i32":
        return draw.below(8)
    return draw.pick(_NANS[t]) if draw.chance(0.3) else corner(draw, t)


def _steps(draw: Draw, count: int, depth: int) -> str:
    return " ".join(_step(draw, depth) for _ in range(count))


def _step(draw: Draw, depth: int) -> str:
    t = draw.pick(("f32", "f64"))
    name = draw.pick(_NAMES[t])
    roll = draw.below(16)
    bit = f"(i32.and (local.get $x) (i32.const {draw.pick((1, 2, 4))}))"
    if roll < 2:
        inf = const(t, _INF[t])
        step = f"({t}.{draw.pick(('add', 'sub'))} (local.get {name})"
        return f"(local.set {name} {step} {draw.pick((inf, _value(draw, t, 1)))}))"
    if roll < 7:
        return f"(local.set {name} {_value(draw, t, 1)})"
    if roll < 10:
        return f"(local.set {name} (local.get {draw.pick(_NAMES[t])}))"
    if roll == 10 and depth < 2:
        return f"(if {bit} (then {_steps(draw, draw.between(1, 3), depth + 1)}))"
    if roll == 11 and depth < 1:
        inner = _steps(draw, draw.between(2, 4), depth + 2)
        down = "(br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1))))"
        return f"(local.set $n (i32.const 3)) (loop {inner} {down})"
    value = _value(draw, t, 1)
    if roll == 12:
        test = (
            f"({t}.{draw.pick(('lt', 'eq', 'ne', 'ge', 'gt', 'le'))} {value} {_value(draw, t, 0)})"
        )
        return see(draw, "i32", test)
    if roll == 13:
        arms = f"(then {value}) (else {_value(draw, t, 1)})"
        return f"(local.set {name} (if (result {t}) {bit} {arms}))"
    if roll == 14 and t == "f64":
        test = f"(f64.lt (f64.abs {value}) (f64.const 0x1p31))"
        small = f"(i32.trunc_f64_s {value})"
        return f"(if {test} (then {see(draw, 'i32', small)}))"
    return see(draw, t, _kept(draw, t, value))


def _kept(draw: Draw, t: str, value: str) -> str:
    """Through something that keeps a float: its bits are what came in, or the canonical NaN's."""
    place = draw.pick(("(i32.const 40)", "(i32.const 41)", "(i32.shl (i32.and (local.get $x)"
                       " (i32.const 3)) (i32.const 3))"))  # fmt: skip
    field = 3 if t == "f64" else 4
    lane, shape = draw.below(2), "f64x2" if t == "f64" else "f32x4"
    pick = f"(i32.and (local.get $x) (i32.const {draw.pick((1, 2, 4))}))"
    match draw.below(7):
        case 0:
            return f"({t}.store {place} {value}) ({t}.load {place})"
        case 1:
            stored = f"(struct.set $pair {field} (local.get $o) {value})"
            return f"{stored} (struct.get $pair {field} (local.get $o))"
        case 2 if t == "f64":
            return f"(global.set $d {value}) (global.get $d)"
        case 3:
            return f"(select {value} {_value(draw, t, 1)} {pick})"
        case 4:
            return f"({shape}.extract_lane {lane} ({shape}.splat {value}))"
        case 5:
            back = f"({shape}.replace_lane {lane} (local.get $w) {value})"
            return f"({shape}.extract_lane {lane} {back})"
    return value


def _value(draw: Draw, t: str, depth: int) -> str:
    other = "f32" if t == "f64" else "f64"
    roll = draw.below(10 if depth else 5)
    if roll < 2:
        return f"(local.get {draw.pick(_NAMES[t])})"
    if roll == 2:
        return f"(local.get {draw.pick(_GIVEN[t])})"
    if roll == 3:
        return const(t, draw.pick((corner(draw, t), draw.pick(_NANS[t]), _INF[t])))
    if roll == 4:
        return f"({t}.load (i32.const {draw.pick((0, 8, 12, 16, 24, 32, 40, 9))}))"
    inner = [_value(draw, t, depth - 1) for _ in range(2)]
    if roll == 5:
        return f"({t}.{draw.pick(_ONE)} {inner[0]})"
    if roll == 6:
        change = "f64.promote_f32" if t == "f64" else "f32.demote_f64"
        return f"({change} {_value(draw, other, depth - 1)})"
    if roll == 7:
        inf = const(t, _INF[t])
        return draw.pick((f"({t}.sub {inf} {inf})", f"({t}.mul {inner[0]} ({t}.const 0))",
                          f"({t}.sub {inner[0]} {inner[0]})"))  # fmt: skip
    return f"({t}.{draw.pick(_TWO)} {' '.join(inner)})"
