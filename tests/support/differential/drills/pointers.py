"""Addresses that are multiples of something, or nearly, in locals that go round in loops.

p = 16; loop: q = p; load at q; p = q + 8, sometimes + 1 …
"""

from __future__ import annotations

from differential.constants import corner
from differential.draw import Draw
from differential.drills.parts import Function, see

__all__ = ["functions"]

_HEAD = (
    "(param $x i32) (param $y i32) (result i64)"
    " (local $p i32) (local $q i32) (local $r i32) (local $n i32) (local $m i32) (local $k i64)"
)
_NAMES = ("$p", "$q", "$r")
_ACCESSES = (
    ("i32", "", 2), ("i32", "16_s", 1), ("i32", "16_u", 1), ("i32", "8_u", 0), ("i64", "", 3),
    ("i64", "32_s", 2), ("i64", "32_u", 2), ("f32", "", 2), ("f64", "", 3), ("v128", "", 4),
    ("i32", "", 2), ("i64", "", 3), ("f32", "", 2),
)  # fmt: skip


def functions(draw: Draw, number: int) -> list[Function]:
    """Eight of them."""
    made = []
    for _ in range(8):
        lines = " ".join(_step(draw, 0) for _ in range(draw.between(4, 8)))
        if draw.chance(0.3):
            lines = f"{lines} {_parameter(draw)}"
        looks = " ".join(see(draw, "i32", f"(local.get {name})") for name in _NAMES)
        calls = tuple((draw.below(8), corner(draw, "i32")) for _ in range(4))
        made.append(Function(f"{_HEAD} {lines} {looks} (global.get $seen)", calls))
    return made


def _parameter(draw: Draw) -> str:
    """A parameter that is set to multiples only: what it is given need not be one."""
    t, form, shift = draw.pick(_ACCESSES)
    look = see(draw, t, f"({t}.load{form} (local.get $x))")
    multiple = f"(i32.shl (i32.and (local.get $y) (i32.const 255)) (i32.const {shift}))"
    return f"{look} (local.set $x {multiple}) {look}"


def _step(draw: Draw, depth: int) -> str:
    roll = draw.below(12)
    if roll < 4:
        return f"(local.set {draw.pick(_NAMES)} {_pointer(draw, 1)})"
    if roll < 6 and depth < 2:
        inner = " ".join(_step(draw, depth + 1) for _ in range(draw.between(2, 5)))
        counter = ("$n", "$m")[depth]
        down = f"(br_if 0 (local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1))))"
        return f"(local.set {counter} (i32.const {draw.between(2, 4)})) (loop {inner} {down})"
    if roll == 6:
        bit = f"(i32.and (local.get $x) (i32.const {draw.pick((1, 2, 4))}))"
        return f"(if {bit} (then {_step(draw, 2)}))"
    return _access(draw)


def _access(draw: Draw) -> str:
    t, form, shift = draw.pick(_ACCESSES)
    where = _pointer(draw, 2)
    if draw.chance(0.95):  # the mask keeps what is known of the low bits
        where = f"(i32.and {where} (i32.const {draw.pick((0xFFFC, 0xFF8, 0xFFFF, 0xFF0, 0xFFE))}))"
    offset = draw.pick((0, 0, 0, 1 << shift, 8, 1, 2, 4, 60000))
    if draw.chance(0.02):
        offset = draw.pick((65535, 65536 - (1 << shift), 0xFFFFFFF8))
    at = f"offset={offset} " if offset else ""
    if draw.chance(0.6):
        return see(draw, t, f"({t}.load{form} {at}{where})")
    value = {"v128": "(v128.load (i32.const 2))", "f32": "(f32.load (i32.const 12))"}
    stored = value.get(t, f"({t}.load (i32.const {draw.below(20)}))")
    store = form.removesuffix("_s").removesuffix("_u")
    return f"({t}.store{store} {at}{where} {stored})"


def _pointer(draw: Draw, depth: int) -> str:
    name = f"(local.get {draw.pick(_NAMES)})"
    x = f"(local.get {draw.pick(('$x', '$y'))})"
    shift = draw.pick((0, 1, 2, 3, 4, 29))
    match draw.below(16 if depth else 3):
        case 0:
            return name
        case 1:
            return f"(i32.const {draw.pick((0, 8, 16, 24, 4, 12, 2, 1, 64, 65528, -8))})"
        case 2:
            return f"(i32.shl {x} (i32.const {shift}))"
        case 3 | 4:
            return f"(i32.add {_pointer(draw, depth - 1)} {_pointer(draw, depth - 1)})"
        case 5:
            return f"(i32.sub {_pointer(draw, depth - 1)} {_pointer(draw, depth - 1)})"
        case 6 | 14:
            return f"(i32.mul {x} (i32.const {draw.pick((4, 8, 12, 6, 24, 3))}))"
        case 7:
            mask = draw.pick((-4, -8, -2, -16, 0xFFF8, 7, 15))
            return f"(i32.and {_pointer(draw, depth - 1)} (i32.const {mask}))"
        case 8:
            return f"(i32.or {_pointer(draw, depth - 1)} (i32.const {draw.pick((4, 8, 1))}))"
        case 9:
            return f"(i32.xor {_pointer(draw, depth - 1)} (i32.const {draw.pick((8, 16, 2))}))"
        case 10:
            return f"(select {_pointer(draw, depth - 1)} {_pointer(draw, 0)} {x})"
        case 11:
            return f"(i32.shl {_pointer(draw, depth - 1)} (i32.const {shift}))"
        case 12:
            return f"(i32.wrap_i64 (i64.shl (i64.extend_i32_u {x}) (i64.const {shift + 1})))"
        case 13:
            return f"(i32.shr_u {_pointer(draw, depth - 1)} (i32.const {draw.pick((1, 2))}))"
    return f"(i32.add {name} (i32.const {draw.pick((1, 2, 4, 8, 8, 16, -4, 56))}))"
