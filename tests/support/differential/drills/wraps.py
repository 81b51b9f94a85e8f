"""Sums that may be below zero or too large as they stand, given to all that takes a number.

(table.get $t (i32.sub (local.get $x) (i32.const 3)))      with 2: no entry, and not the last one
"""

from __future__ import annotations

from differential.draw import Draw
from differential.drills.parts import Function, see

__all__ = ["functions"]

_HEAD = (
    "(param $x i32) (param $u i64) (result i64) (local $c i32) (local $w i64) (local $v v128)"
    " (local $o (ref $pair)) (local $r (ref $row))"
    " (local.set $o (struct.new_default $pair)) (local.set $r (array.new $row (local.get $x)"
    " (i32.const 4)))"
)
_NUMBERS = (0, 1, 2, 3, 4, 5, 7, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
_SUMS = (
    "(i32.sub (local.get $x) (i32.const 3))", "(i32.add (local.get $x) (i32.const -3))",
    "(i32.add (i32.add (local.get $x) (i32.const 1)) (local.get $x))",
    "(i32.sub (i32.const 2) (local.get $x))",
)  # fmt: skip
_LONG = ("(i64.sub (local.get $u) (i64.const 3))", "(i64.sub (i64.const 2) (local.get $u))")


def functions(draw: Draw, number: int) -> list[Function]:
    """One for each thing that takes a number."""
    calls = tuple((x, x if x < 8 else x << 32) for x in _NUMBERS)
    bodies = [*_takers(draw, draw.pick(_SUMS)), *_long_takers(draw, draw.pick(_LONG))]
    return [Function(f"{_HEAD} {body} (global.get $seen)", calls) for body in bodies]


def _takers(draw: Draw, n: str) -> list[str]:
    """What takes an i32."""
    switch = f"(br_table 0 1 2 0 3 {n})"
    for i in range(4):
        switch = f"(block {switch}) {see(draw, 'i32', f'(i32.const {i})')}"
    numbers = (
        f"(ref.is_null (table.get $t {n}))", f"(i32.load8_u {n})", f"(i32.load offset=2 {n})",
        f"(call_indirect $calls (type $unary) (i32.const 6) {n})", f"(call $half {n})",
        f"(call $change {n})", f"(array.get $row (local.get $r) {n})", f"(i31.get_u (ref.i31 {n}))",
        f"(call_indirect $calls (type $unary) {n} (i32.const 0))", f"(local.tee $c {n})",
        f"(call_ref $unary {n} (ref.func $inc))", f"(struct.get $base 0 (struct.new $base {n}))",
        f"(array.get $row (array.new_fixed $row 2 {n} {n}) (i32.const 1))",
        f"(block (result i32) {n})", f"(if (result i32) {n} (then {n}) (else (i32.const 5)))",
        f"(select {n} (i32.const 3) {n})", f"(i32.clz {n})", f"(i32.popcnt {n})",
        f"(i32.rotl {n} {n})", f"(i32.div_s {n} (i32.const 2))", f"(i32.extend8_s {n})",
        f"(i32.reinterpret_f32 (f32.reinterpret_i32 {n}))", n,
        f"(block $e (result i32) (try_table (catch $e $e) (throw $e {n})) (i32.const 0))",
        f"(block $l (result i32) (br_if $l {n} {n}) (drop) (i32.const 8))",
    )  # fmt: skip
    vectors = (
        f"(i32x4.splat {n})", f"(i8x16.splat {n})", f"(i32x4.replace_lane 1 (local.get $v) {n})",
        f"(i16x8.replace_lane 1 (local.get $v) {n})", f"(i16x8.shl (i32x4.splat {n}) {n})",
        f"(i64x2.shr_s (i32x4.splat {n}) {n})", f"(v128.load {n})",
        f"(v128.load8_lane 1 {n} (local.get $v))",
    )  # fmt: skip
    done = (
        f"(global.set $g {n})", f"(struct.set $pair 0 (local.get $o) {n})", switch,
        f"(struct.set $pair 2 (local.get $o) {n})", f"(i32.store8 {n} (i32.const 5))",
        f"(array.set $row (local.get $r) {n} (i32.const 5))", f"(i32.store16 (i32.const 9) {n})",
        f"(array.set $row (local.get $r) (i32.const 0) {n})", f"(i32.store {n} {n})",
        f"(block (br_if 0 {n}) (global.set $g (i32.const 88)))",
        f"(memory.fill {n} {n} (i32.const 2))", f"(memory.copy {n} (i32.const 2) (i32.const 2))",
        f"(memory.fill (i32.const 2) (i32.const 2) {n})",
        f"(table.set $t {n} (ref.null func))", f"(return (i64.extend_i32_u {n}))",
    )  # fmt: skip
    turned = (f"(f64.convert_i32_u {n})", f"(f64.convert_i32_s {n})")
    return [
        *(see(draw, "i32", text) for text in numbers),
        *(see(draw, "v128", text) for text in vectors),
        *(see(draw, "f64", text) for text in turned),
        *done,
    ]


def _long_takers(draw: Draw, n: str) -> list[str]:
    """What takes an i64."""
    return [
        see(draw, "i64", text)
        for text in (
            n, f"(local.tee $w {n})", f"(i64.clz {n})", f"(i64.rotr {n} {n})",
            f"(i64.extend_i32_u (i64.eqz {n}))", f"(i64.extend_i32_u (i32.wrap_i64 {n}))",
            f"(i64.div_u {n} (i64.const 3))", f"(i64.div_s {n} (i64.const 3))",
            f"(i64.shr_u {n} (i64.const 1))", f"(i64.shr_s {n} {n})",
            f"(i64.reinterpret_f64 (f64.convert_i64_u {n}))",
            f"(i64x2.extract_lane 1 (i64x2.splat {n}))",
        )
    ]  # fmt: skip
