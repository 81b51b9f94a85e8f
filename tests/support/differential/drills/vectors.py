"""Each vector instruction in turn, on vectors of every form, the result watched as a whole."""

from __future__ import annotations

from differential.constants import const, corner
from differential.draw import Draw
from differential.drills.parts import Function, see
from differential.families import PURE, PureOp

__all__ = ["functions"]

_HEAD = (
    "(param $x i32) (param $y i64) (param $z f64) (param $k f32) (result i64)"
    " (local $v v128) (local $w v128)"
    " (local.set $v (v128.load (i32.const 1)))"
    " (local.set $w (i32x4.splat (local.get $x)))"
)
_NAMES = {"i32": "$x", "i64": "$y", "f64": "$z", "f32": "$k"}
_LANES = (
    ("i8x16", 16, "i32"), ("i16x8", 8, "i32"), ("i32x4", 4, "i32"), ("i64x2", 2, "i64"),
    ("f32x4", 4, "f32"), ("f64x2", 2, "f64"),
)  # fmt: skip
_OPS = [op for op in PURE["simd"] if "v128" in (*op.params, op.result)]
_BITWISE = [op for op in _OPS if op.mnemonic.startswith("v128.")]
_PARTS = ("8x8_s", "8x8_u", "16x4_s", "16x4_u", "32x2_s", "32x2_u", "8_splat", "16_splat")
_PARTS += ("32_splat", "64_splat", "32_zero", "64_zero", "")


def functions(draw: Draw, number: int) -> list[Function]:
    """Four functions: twelve instructions each, and lanes."""
    made = []
    for i in range(4):
        first = (number * 4 + i) * 12
        lines = [_watched(draw, _OPS[(first + j) % len(_OPS)]) for j in range(12)]
        lines += [_watched(draw, draw.pick(_BITWISE)) for _ in range(4)]
        lines += [_masked(draw, op) for op in _BITWISE]
        lines += [_lane(draw) for _ in range(4)]
        text = f"{_HEAD} {' '.join(draw.shuffled(lines))} (global.get $seen)"
        calls = tuple(
            tuple(corner(draw, t) for t in ("i32", "i64", "f64", "f32")) for _ in range(4)
        )
        made.append(Function(text, calls))
        inner = f"{_PARAMETER} {' '.join(lines[:3])} (local.get $v) {_BACK}"
        made.append(Function(inner, ()))
        call = f"(call $f{len(made) - 1} {' '.join(_GIVEN)} {_operand(draw, 'v128', 1)})"
        made.append(Function(f"{_HEAD} {see(draw, 'v128', call)} (global.get $seen)", calls))
    return made


_GIVEN = ("(local.get $x)", "(local.get $y)", "(local.get $z)", "(local.get $k)")
_PARAMETER = (
    "(param $x i32) (param $y i64) (param $z f64) (param $k f32) (param $v v128) (result v128)"
    " (local $w v128)"
)
#: Used as bytes, and made of them.
_BACK = (
    "(local.set $v (f32x4.mul (local.get $v) (f32x4.abs (local.get $v))))"
    " (f64x2.add (local.get $v))"
)


def _watched(draw: Draw, op: PureOp) -> str:
    operands = [_operand(draw, t, 1) for t in op.params]
    made = f"({op.mnemonic} {' '.join(operands)})"
    if op.result == "v128" and draw.chance(0.3):
        name = draw.pick(("$v", "$w"))
        return f"(local.set {name} {made}) {see(draw, 'v128', f'(local.get {name})')}"
    if op.result == "v128" and draw.chance(0.2):
        place = f"(i32.const {draw.below(80)})"
        return f"(v128.store {place} {made}) {see(draw, 'v128', f'(v128.load {place})')}"
    return see(draw, op.result, made)


def _masked(draw: Draw, op: PureOp) -> str:
    """With a constant as the last operand."""
    operands = [_operand(draw, t, 1) for t in op.params[:-1]]
    made = f"({op.mnemonic} {' '.join(operands)} {const('v128', corner(draw, 'v128'))})"
    return see(draw, op.result, made)


def _operand(draw: Draw, t: str, depth: int) -> str:
    if t != "v128":
        if t == "i32" and draw.chance(0.5):
            return const(t, draw.pick((0, 1, 7, 8, 9, 15, 16, 31, 32, 33, 63, 64, 65, 200)))
        sum_ = f"(i32.add (local.get $x) {const('i32', corner(draw, 'i32'))})"
        return sum_ if t == "i32" and draw.chance(0.3) else f"(local.get {_NAMES[t]})"
    match draw.below(7 if depth else 5):
        case 0:
            return const("v128", corner(draw, "v128"))
        case 1:
            return f"(v128.load{draw.pick(_PARTS)} (i32.const {draw.below(40)}))"
        case 2 | 3:
            return f"(local.get {draw.pick(('$v', '$w'))})"
        case 4:
            shape, _, lane = draw.pick(_LANES)
            return f"({shape}.splat {_operand(draw, lane, 0)})"
    op = draw.pick([op for op in _OPS if op.result == "v128"])
    return f"({op.mnemonic} {' '.join(_operand(draw, t, depth - 1) for t in op.params)})"


def _lane(draw: Draw) -> str:
    """A lane taken out, put in, loaded or stored; a shuffle."""
    shape, count, t = draw.pick(_LANES)
    lane, v = draw.below(count), _operand(draw, "v128", 1)
    place = f"(i32.const {draw.below(60)})"
    width = 128 // count
    match draw.below(5):
        case 0:
            sign = f"_{draw.pick('su')}" if count > 4 else ""
            return see(draw, t, f"({shape}.extract_lane{sign} {lane} {v})")
        case 1:
            put = f"({shape}.replace_lane {lane} {v} {_operand(draw, t, 0)})"
            return see(draw, "v128", put)
        case 2:
            return see(draw, "v128", f"(v128.load{width}_lane {lane} {place} {v})")
        case 3:
            stored = f"(v128.store{width}_lane {lane} {place} {v})"
            return f"{stored} {see(draw, 'v128', f'(v128.load {place})')}"
    lanes = " ".join(str(draw.below(32)) for _ in range(16))
    return see(draw, "v128", f"(i8x16.shuffle {lanes} {v} {_operand(draw, 'v128', 1)})")
