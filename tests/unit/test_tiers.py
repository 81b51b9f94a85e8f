"""What is right in one tier is right in the other: tests that run programs run in both."""

import subprocess
import sys
from pathlib import Path

import pytest

import watloom
from goldens import Golden
from watloom.interp.compile.compiled import SOURCES
from watloom.interp.runtime.store import Tier

HERE = Path(__file__).parent

#: Tests that have instances for something else than what their programs do.
OTHERS = {
    "test_debugger": "the debugger steps the reference machine",
    "test_machine": "is about the reference machine",
    "test_trace": "traces are the reference machine's",
}

RUNS = (".exports.", "run_file(", "run_text(", "run_script(")


def test_programs_run_in_both_tiers() -> None:
    """By `in_both_tiers`, or by naming tiers."""
    for path in sorted(HERE.glob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in RUNS) and path.stem not in OTHERS:
            assert "tier" in text, f"{path.name} runs programs in one tier only"
    assert all((HERE / f"{name}.py").is_file() for name in OTHERS)


ADD = '(module (func (export "f") (result i32) (i32.const 3)))'


def test_the_tier_is_what_was_asked_for(in_both_tiers: Tier, tmp_path: Path) -> None:
    """In this process and in those that a test starts, whatever they ask for."""
    instance = watloom.instantiate(ADD)
    assert instance.store.tier == watloom.Store(tier="fast").tier == in_both_tiers
    before = len(SOURCES)
    assert instance.exports.f() == 3
    assert (len(SOURCES) > before) == (in_both_tiers == "fast")
    (tmp_path / "add.wat").write_text(ADD)
    program = (
        "import watloom.cli, sys; watloom.cli.main(['run', '--invoke', 'f', 'add.wat']);"
        "print('watloom.interp.compile.link' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    out = subprocess.check_output(command, cwd=tmp_path, text=True)
    assert out == f"3\n{in_both_tiers == 'fast'}\n"


TRAPS = """(module $traps
  (type $none (func)) (type $unary (func (param i32) (result i32)))
  (type $s (struct (field (mut i32)))) (type $a (array (mut i32)))
  (import "host" "back" (func $back (param i32)))
  (memory (export "memory") 1) (data $d "abc")
  (table $t 4 funcref) (elem (i32.const 0) $never $id) (elem $e func $id) (elem declare func $bind)
  (global $g (mut i32) (i32.const 0))
  (func $never (export "unreachable") (unreachable))
  (func $id (type $unary) (local.get 0))
  (func $bind (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "div_s") (result i32) (i32.div_s (i32.const 1) (global.get $g)))
  (func (export "rem_u") (result i64) (i64.rem_u (i64.const 1) (i64.extend_i32_u (global.get $g))))
  (func (export "overflow") (result i32)
    (i32.div_s (i32.const 0x80000000) (i32.sub (global.get $g) (i32.const 1))))
  (func (export "trunc") (result i32) (i32.trunc_f64_s (f64.const 1e300)))
  (func (export "trunc nan") (result i64) (i64.trunc_f32_u (f32.const nan)))
  (func (export "load") (result i32) (i32.load offset=65533 (global.get $g)))
  (func (export "load8") (result i32) (i32.load8_s (i32.const -1)))
  (func (export "store") (i64.store (i32.const 65529) (i64.const 1)))
  (func (export "fill") (memory.fill (i32.const 65000) (i32.const 1) (i32.const 1000)))
  (func (export "copy") (memory.copy (i32.const 65000) (i32.const 0) (i32.const 1000)))
  (func (export "init") (memory.init $d (i32.const 0) (i32.const 2) (i32.const 2)))
  (func (export "table.get") (result funcref) (table.get $t (i32.const 4)))
  (func (export "table.set") (table.set $t (i32.const -1) (ref.null func)))
  (func (export "table.init") (table.init $t $e (i32.const 3) (i32.const 0) (i32.const 2)))
  (func (export "undefined element") (call_indirect $t (type $none) (i32.const 9)))
  (func (export "uninitialized") (call_indirect $t (type $none) (i32.const 2)))
  (func (export "mismatch") (call_indirect $t (type $none) (i32.const 1)))
  (func (export "null function") (call_ref $none (ref.null $none)))
  (func (export "as_non_null") (drop (ref.as_non_null (ref.null func))))
  (func (export "struct.get") (result i32) (struct.get $s 0 (ref.null $s)))
  (func (export "array.get") (result i32)
    (array.get $a (array.new $a (i32.const 1) (i32.const 3)) (i32.const 3)))
  (func (export "cast") (drop (ref.cast (ref $a) (struct.new $s (i32.const 1)))))
  (func $deeper (param i32)
    (if (local.get 0)
      (then (call $deeper (i32.sub (local.get 0) (i32.const 1))))
      (else (drop (i32.rem_s (i32.const 1) (i32.const 0))))))
  (func (export "deep") (call $deeper (i32.const 3)))
  (func $tail (param i32)
    (if (local.get 0) (then (return_call $tail (i32.sub (local.get 0) (i32.const 1)))))
    (unreachable))
  (func (export "after tail calls") (call $tail (i32.const 3)))
  (func (export "bound") (result i32)
    (call_ref $unary (i32.const 0) (func.bind $unary (i32.const 7) (ref.func $bind))))
  (func (export "again") (param i32)
    (if (local.get 0) (then (call $back (i32.sub (local.get 0) (i32.const 1))))
      (else (unreachable))))
  (func (export "endless") (call $endless)) (func $endless (drop (i32.const 1)) (call $endless)))"""


def ended(call: object, *arguments: int) -> str:
    try:
        call(*arguments)  # type: ignore[operator]
    except watloom.GuestError as error:
        return error.render()
    return "it came back"


@pytest.mark.parametrize("cached", [0, 1, 2], ids=["plain", "cold", "warm"])
def test_traps_are_told_alike(
    in_both_tiers: Tier, golden: Golden, tmp_path: Path, cached: int
) -> None:
    """Message, place, carets and call stack; with a cache, too, at the first and second time."""
    for _ in range(cached):
        with watloom.Cache(tmp_path) as cache:
            told = all_traps(cache)
    golden(told if cached else all_traps(None), "traps.txt")


def all_traps(cache: watloom.Cache | None) -> str:
    imports = {"host": {"back": lambda n: instance.exports.again(n)}}
    instance = watloom.instantiate(watloom.Module(TRAPS, name="traps.wat", cache=cache), imports)
    parts = []
    for name, func in instance.exports.items():
        if isinstance(func, watloom.Memory):
            continue
        arguments = [2] * len(func.type.func.params)
        ended(func, *arguments)  # and it is as usable as before
        parts.append(f"--- {name}\n{ended(func, *arguments)}\n")
    start = "(module $start (memory 1) (func $f (drop (i32.load (i32.const -1)))) (start $f))"
    parts.append(f"--- a start function\n{ended(watloom.instantiate, start)}\n")  # type: ignore[arg-type]
    segment = '(module $segment (memory 1) (data (i32.const 65535) "ab"))'
    parts.append(f"--- a segment\n{ended(watloom.instantiate, segment)}\n")  # type: ignore[arg-type]
    return "".join(parts)
