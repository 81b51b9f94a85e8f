"""Printing: what is printed is read back to the same module, and printed the same again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meaning import meaning
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.module import Kind, Module
from watloom.interp.core.numerics.bits import f32_from_bits, f32_to_bits, f64_from_bits, f64_to_bits
from watloom.interp.core.source import Source
from watloom.parser.numbers import parse_f32, parse_f64
from watloom.parser.print_words import show_f32, show_f64
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module


def parse(text):
    return parse_module(Source("t.wat", text), DEFAULT)


def round_trip(module: Module, folded: bool = False) -> str:
    """The text of a module; in either form, it must mean the same module."""
    texts = {form: print_module(module, form) for form in (False, True)}
    for form, text in texts.items():
        again = parse(text)
        assert print_module(again, form) == text
        assert meaning(again) == meaning(module)
    return texts[folded]


def test_how_it_looks():
    text = """\
(module $m
  (type $pair (struct (field $a i32) (field (mut (ref null $pair)))))
  (type (func (param i32) (result i32)))
  (import "env" "log" (func $log (type 1)))
  (func $f (type 1) (param $x i32) (result i32)
    (local $y i64)
    block $out (result i32)
      local.get $x
      if $then
        i32.const -1
        br $out
      else
        i32.const 5
        drop
      end
      i32.const 0
      i32.load offset=4 align=1
    end
    call $log)
  (table $t 1 2 funcref)
  (memory 1)
  (global $g (mut f32) (f32.const 0.5))
  (export "f" (func $f))
  (start 0)
  (elem $e (i32.const 0) func $f $log)
  (data (i32.const 8) "a\\00\\ff"))
""".replace("(start 0)", "(start $log)")
    assert round_trip(parse(text)) == text


def test_how_folded_code_looks():
    text = """\
(module
  (type (func (param i32) (result i32)))
  (type (func (result i32 i32)))
  (func $f (type 0) (param $x i32) (result i32)
    (block $out
      (br_if $out (i32.eqz (local.get $x)))
      (if (i32.lt_s (local.get $x) (i32.const 5))
        (then (drop (call $f (i32.add (local.get $x) (i32.const 1)))))
        (else
          (loop $again
            (br_if $again
              (i32.and
                (i32.gt_u (local.tee $x (i32.sub (local.get $x) (i32.const 1))) (i32.const 100))
                (i32.const 1)))))))
    (local.get $x))
  (func $two (type 1) (result i32 i32)
    (i32.sub (call $two))
    (i32.const 3)
    (nop)
    (i32.mul (i32.const 5))
    (block (type 0) (param i32) (result i32) (i32.clz)))
  (table 1 (ref null 0) (ref.null 0))
  (global i32 (i32.add (i32.const 1) (i32.const 2)))
  (elem (offset (i32.const 0) (nop)) funcref (ref.func $f) (item (nop) (ref.null func)))
  (data (i32.sub (i32.const 2) (i32.const 1)) ""))
"""
    assert round_trip(parse(text), folded=True) == text


def test_folding_takes_operands_only_from_right_before():
    module = parse("(func (result i32) i32.const 1 i32.const 2 nop i32.add)")
    assert "(i32.const 1)\n    (i32.const 2)\n    (nop)\n    (i32.add))" in round_trip(module, True)


def test_what_is_not_valid_is_folded_too():
    module = parse(
        "(func call 9 i32.add br 7 struct.new 3 throw 2 array.get 0 call_indirect (type 8) "
        "drop return_call 9 local.get 99 drop i32.store)"
    )
    assert "(drop (local.get 99))" in round_trip(module, True)


def test_deep_code_needs_no_recursion():
    depth = 20_000
    deep = "i32.const 1 " + "i32.eqz " * depth
    blocks = "block " * depth + "end " * depth
    text = round_trip(parse(f"(func (result i32) {blocks} {deep})"), folded=True)
    assert text.count("(i32.eqz") == text.count("(block") == depth
    assert len(text) < 300 * depth


def test_folding_takes_linear_time():
    """Values that wait, with much behind them that leaves none."""
    count = 20_000
    text = "i32.const 1 " * count + "nop " * count + "drop " * count
    round_trip(parse(f"(func {text})"), folded=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(module $m)",
        "(type (sub final 0 (func)))",
        "(rec)",
        "(rec (type $a (func)) (type (array (mut i8))))",
        "(func (type 7))",
        "(func (param $a i32) (param i32) (param $b i32))",
        "(func (param i32 i32) (local i32) (local $l f64))",
        "(func block $a block $a br 0 br 1 end end)",
        "(func block br 0 br 1 br 2 end)",
        "(func (local $x i32) (local.get 0) (local.get 5) drop drop)",
        "(func select select (result i32) select (result))",
        "(func (select (result i32 i64)))",
        (
            "(table 0 1 (ref null 0)) (type (func)) (table i64 1 externref) (table 1 funcref "
            "(ref.null func))"
        ),
        (
            "(memory i64 1) (memory 1 2) (func (i64.load32_u 1 offset=9 align=2)) (func "
            "memory.copy 1 0 memory.copy)"
        ),
        "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
        "(global i32)",
        '(func $"a b") (start $"a b")',
        (
            "(elem declare func) (elem externref (ref.null extern) (item ref.null extern "
            "ref.null extern))"
        ),
        (
            "(table 1 funcref) (table $u 1 funcref) (elem (table $u) (offset i32.const 1 "
            "i32.const 2 i32.add) func)"
        ),
        (
            "(func table.init 1 0 table.init 0 table.copy 1 0 memory.init 0 call_indirect 1 "
            "(type 0) call_indirect)"
        ),
        (
            "(type (func (param i32) (result i32))) (func (block (type 0)) (block (type 9)) "
            "(loop (result i32)))"
        ),
        "(func br_table 0 1 2 br_on_cast 0 anyref (ref i31) ref.test (ref null 0) ref.cast eqref)",
        (
            "(func f32.const nan f64.const -nan:0x1 f32.const -inf f64.const 1e300 i64.const -1 "
            "f32.const -0)"
        ),
        "(type $s (struct (field $a i32))) (func struct.get $s $a struct.get 0 7 struct.get 9 1)",
        "(func func.bind (type 0))",
        '(import "a" "b" (table $t i64 1 funcref)) (import "a" "" (global (mut i32)))',
        '(data "\\"\\\\é\\n")',
    ],
)
def test_round_trips(text):
    round_trip(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        (
            '(import "a" (func)) (import "b" "c" (memory 1)) (export (instance 0)) (export "x" '
            "(instance 0))"
        ),
        (
            '(module $P (type $T (func)) (module $m (func (type outer $P $T)) (export "e" (func '
            "0))) (instance (instantiate $m)))"
        ),
        (
            '(import "i" (instance $i (export "f" (func)))) (func (call (func $i "f"))) (export '
            '"m" (func $i "f"))'
        ),
        (
            '(type (module (import "a" (func)) (import "b" "c" (table 1 funcref)) (export "d" '
            "(module)) (type (instance))))"
        ),
        (
            '(type $I (instance (export "a" (global i32)))) (import "m" (module (export (type '
            "outer 0 $I))))"
        ),
        (
            '(module (module $a (module $b (module $c (export "c")))) (instance $x (instantiate '
            '$a (import "z" (module 0)))))'
        ),
        (
            "(type $T (func)) (module $in (type (func (param (ref (type outer 0 $T))))) (func "
            "(type 0) (local $x i32)))"
        ),
    ],
)
def test_round_trips_with_module_linking(text):
    round_trip(parse(text))


@given(st.integers(0, 0xFFFF_FFFF))
def test_every_f32_is_read_back(bits):
    assert f32_to_bits(parse_f32(show_f32(f32_from_bits(bits)))) == bits


@given(st.integers(0, (1 << 64) - 1))
def test_every_f64_is_read_back(bits):
    assert f64_to_bits(parse_f64(show_f64(f64_from_bits(bits)))) == bits


def test_an_instance_that_no_text_defines_is_a_number() -> None:
    """A two-level import makes one; a binary's name section may have a name for it."""
    module = parse('(module (import "m" "f" (func)) (alias 0 "g" (func)))')
    module.names.spaces[Kind.INSTANCE] = {0: "libc"}
    text = print_module(module)
    assert '(alias 0 "g" (func))' in text
    assert print_module(parse(text)) == text
