"""Modules and instances in Python: given as imports, got as exports."""

import pytest

import watloom
from watloom import LinkError
from watloom.cli import main

COUNTER = """(module $counter
  (global $n (mut i32) (i32.const 0))
  (func (export "next") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (global.get $n)))"""
TAKES_MODULE = """(module
  (import "counter" (module $C (export "next" (func (result i32)))))
  (instance $a (instantiate $C))
  (instance $b (instantiate $C))
  (export "a" (instance $a))
  (func (export "run") (result i32 i32 i32)
    (call (func $a "next")) (call (func $a "next")) (call (func $b "next"))))"""
TAKES_INSTANCE = """(module
  (import "counter" (instance $c (export "next" (func (result i32)))))
  (func (export "run") (result i32) (call (func $c "next"))))"""


@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_a_module_as_an_import(tier):
    store = watloom.Store(tier=tier)
    instance = watloom.instantiate(TAKES_MODULE, {"counter": watloom.Module(COUNTER)}, store=store)
    assert instance.exports.run() == (1, 2, 1)
    assert instance.exports.a.exports["next"]() == 3


@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_an_instance_as_an_import(tier):
    store = watloom.Store(tier=tier)
    counter = watloom.instantiate(COUNTER, store=store)
    one = watloom.instantiate(TAKES_INSTANCE, {"counter": counter})
    two = watloom.instantiate(TAKES_INSTANCE, {"counter": counter})
    assert [one.exports.run(), two.exports.run(), one.exports.run()] == [1, 2, 3]


def test_a_mapping_as_an_instance():
    instance = watloom.instantiate(TAKES_INSTANCE, {"counter": {"next": lambda: 7}})
    assert instance.exports.run() == 7


def test_a_module_that_is_exported_is_instantiated_and_handed_on():
    outer = watloom.instantiate(f'(module {COUNTER} (export "counter" (module $counter)))')
    module = outer.exports.counter
    assert str(module.type) == '(module (export "next" (func (result i32))))'
    assert watloom.instantiate(module).exports["next"]() == 1
    assert watloom.instantiate(TAKES_MODULE, {"counter": module}).exports.run() == (1, 2, 1)


def test_an_instance_that_is_exported_is_the_instance():
    outer = watloom.instantiate(
        f'(module {COUNTER} (instance $i (instantiate $counter)) (export "i" (instance $i)))'
    )
    counter = outer.exports.i
    assert counter.exports["next"]() == 1
    assert watloom.instantiate(TAKES_INSTANCE, {"counter": counter}).exports.run() == 2
    assert str(counter.type) == '(instance (export "next" (func (result i32))))'


def test_a_module_of_the_wrong_type():
    with pytest.raises(LinkError, match="export `next` is missing"):
        watloom.instantiate(TAKES_MODULE, {"counter": watloom.Module("(module)")})


def test_a_nested_module_stays_in_its_store():
    outer = watloom.instantiate(f'(module {COUNTER} (export "counter" (module $counter)))')
    with pytest.raises(LinkError, match="belongs to another store"):
        watloom.instantiate(outer.exports.counter, store=watloom.Store())


@pytest.mark.parametrize(
    "text",
    [
        '(import "a" "f" (func)) (import "a" "f" (func))',
        '(import "a" (instance)) (import "a" (instance))',
        '(import "a" (func)) (import "a" "f" (func))',
    ],
)
def test_unique_imports(text):
    watloom.Module(f"(module {text})")
    unique = watloom.Features().with_(["+module-linking", "+unique-imports"])
    with pytest.raises(watloom.InvalidError, match="duplicate import"):
        watloom.Module(f"(module {text})", features=unique)


def test_a_cached_file_is_one_module(tmp_path):
    (tmp_path / "counter.wat").write_text(COUNTER)
    (tmp_path / "main.wat").write_text(
        """(module
          (import "counter" (module $C (export "next" (func (result i32)))))
          (import "./counter.wat" (module $D (export "next" (func (result i32)))))
          (export "C" (module $C)) (export "D" (module $D)))"""
    )
    main = watloom.instantiate(tmp_path / "main.wat")
    assert main.exports.C is main.exports.D


def test_a_zero_level_export_moves_the_tags_of_catch_clauses(tmp_path):
    """In a binary it is written as aliases, behind which the module's own tags move up."""
    text = """(module
      (module $M (tag (export "e") (param i64)) (func (export "f")))
      (instance $i (instantiate $M))
      (tag $own (param i32))
      (func (export "run") (result i32)
        (block $h (result i32)
          (try_table (catch $own $h) (throw $own (i32.const 5)))
          (i32.const 0)))
      (export $i))"""
    (tmp_path / "m.wat").write_text(text)
    out = tmp_path / "m.wasm"
    assert main(["parse", str(tmp_path / "m.wat"), "-o", str(out)]) == 0
    assert watloom.instantiate(out).exports.run() == 5
