"""Sums and products of 128 bits: on operands of known ranges, each half watched."""

from __future__ import annotations

from differential.constants import const, corner
from differential.draw import Draw
from differential.drills.numbers import value
from differential.drills.parts import Function, see

__all__ = ["functions"]

_HEAD = (
    "(param $x i32) (param $y i32) (param $u i64) (param $v i64) (param $z f64) (result i64)"
    " (local $s i32) (local $w i64) (local $o (ref null $pair))"
)
_OPS = (("add128", 4), ("sub128", 4), ("mul_wide_s", 2), ("mul_wide_u", 2))


def functions(draw: Draw, number: int) -> list[Function]:
    """Four functions, each with eight of them."""
    made = []
    for _ in range(4):
        lines = " ".join(_watched(draw, *_OPS[i % 4]) for i in range(8))
        calls = [
            (corner(draw, "i32"), corner(draw, "i32"), corner(draw, "i64"), corner(draw, "i64"), 0)
            for _ in range(6)
        ]
        made.append(Function(f"{_HEAD} {lines} (global.get $seen)", tuple(calls)))
    return made


def _watched(draw: Draw, op: str, count: int) -> str:
    """Of one half, or of both joined, a number that relies on its range."""
    made = f"(i64.{op} {' '.join(_operand(draw) for _ in range(count))})"
    looked = f"(local.set $w) {see(draw, 'i64', '(local.get $w)')}"
    moved = f"(i64.const {draw.pick((1, 3, -1))}) (i64.mul) {value(draw, 'i64', 0)} (i64.add)"
    moved += " (i64.const 1) (i64.shr_u)"
    match draw.below(3):
        case 0:
            return f"{made} (drop) {moved} {looked}"
        case 1:
            return f"{made} {moved} {looked} {looked}"
    return f"{made} (i64.{draw.pick(('sub', 'xor', 'add', 'shr_u'))}) {looked}"


def _operand(draw: Draw) -> str:
    roll = draw.below(4)
    if roll == 0:
        return const("i64", corner(draw, "i64"))
    return value(draw, "i64", 0) if roll < 3 else value(draw, "i64", 1)
