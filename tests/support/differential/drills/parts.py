"""What drills are made of: a module with one of everything, and functions that are called often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from differential.constants import as_i64
from differential.draw import Draw
from differential.program import Call, Program

__all__ = ["Function", "module", "see"]


@dataclass(frozen=True, slots=True)
class Function:
    """Text from the parameters on, and the arguments (bits) of its calls, one after the other.

    Without any it is not exported, and only called by functions behind it.
    """

    text: str
    calls: tuple[tuple[int, ...], ...]


def see(draw: Draw, t: str, value: str) -> str:
    """Mix a number into what is seen at the end."""
    turned = f"(i64.rotl (global.get $seen) (i64.const {draw.pick((1, 5, 9, 33))}))"
    return f"(global.set $seen (i64.xor {turned} {as_i64(t, value)}))"


_HEAD = r"""(module
  (type $pair (struct (field (mut i32)) (field (mut i64)) (field (mut i8)) (field (mut f64))
    (field (mut f32))))
  (type $row (array (mut i32)))
  (type $base (sub (struct (field (mut i32)))))
  (type $more (sub $base (struct (field (mut i32)) (field i32))))
  (type $firm (array (ref any)))
  (type $nullary (func (result i32)))
  (type $unary (func (param i32) (result i32)))
  (type $binary (func (param i32 i32) (result i32)))
  (type $ternary (func (param i32 i32 i32) (result i32)))
  (tag $e (param i32))
  (tag $n)
  (memory $m (export "m") 1 3)
  (data (i32.const 0) "\00\01\7f\80\ff\fe\55\aa\00\00\c0\7f\00\00\a0\7f\01\00\80\ff\00\00\00\80")
  (data (i32.const 24) "\01\00\00\00\00\00\f4\7f\00\00\00\00\00\00\f8\ff\ff\ff\ff\ff\ff\ff\ff\7f")
  (global $seen (export "seen") (mut i64) (i64.const 0))
  (global $g (export "g") (mut i32) (i32.const 7))
  (global $d (export "d") (mut f64) (f64.const 0.5))
  (table $t 4 8 funcref)
  (table $calls funcref (elem $inc $add $change $throws $nine $mix3))
  (elem declare func $inc $add $change $throws $nine $mix3)
  (func $nine (type $nullary) (i32.add (global.get $g) (i32.const 9)))
  (func $mix3 (type $ternary)
    (i32.sub (i32.mul (local.get 0) (i32.const 3)) (i32.xor (local.get 1) (local.get 2))))
  (func $pick (param $n i32) (result anyref)
    (block (block (block (block (block (br_table 0 1 2 3 4 (local.get $n)))
      (return (ref.null none))) (return (ref.i31 (i32.const -5))))
      (return (struct.new $base (i32.const 11))))
      (return (struct.new $more (i32.const 1) (i32.const 2))))
    (array.new_default $row (i32.const 3)))
  (func $base (param $n i32) (result (ref null $base))
    (if (i32.lt_u (local.get $n) (i32.const 2)) (then (return (ref.null $base))))
    (if (i32.eq (local.get $n) (i32.const 3)) (then (return (struct.new_default $base))))
    (struct.new $more (i32.const 21) (local.get $n)))
  (func $inc (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $half (type $unary) (i32.shr_u (local.get 0) (i32.const 1)))
  (func $add (type $binary) (i32.add (local.get 0) (i32.const 3)) (local.get 1) (i32.sub))
  (func $change (type $unary)
    (global.set $g (i32.add (i32.mul (global.get $g) (i32.const 5)) (local.get 0)))
    (i32.store offset=4 (i32.const 0) (global.get $g))
    (i32.div_u (i32.const 90) (local.get 0)))
  (func $throws (type $unary)
    (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0))))
    (if (i32.and (local.get 0) (i32.const 2)) (then (throw $n)))
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (local.get 0))
  (func $fold (param $v v128) (result i64) (i64.xor (i64x2.extract_lane 0 (local.get $v))
    (i64.rotl (i64x2.extract_lane 1 (local.get $v)) (i64.const 7))))
"""


def module(number: int, functions: Sequence[Function]) -> Program:
    """A program of the functions, each of whose calls are made."""
    lines = [
        f'  (func $f{i}{f"""(export "f{i}")""" * bool(f.calls)} {f.text})'
        for i, f in enumerate(functions)
    ]
    calls = [Call(f"f{i}", args) for i, f in enumerate(functions) for args in f.calls]
    return Program(number, _HEAD + "\n".join(lines) + ")\n", tuple(calls))
