"""The compiled tier: how it ends badly, which is as the reference tier does."""

import pytest

import watloom
from tiers import both
from watloom import ExhaustionError, Trap


def test_traps_have_their_place_and_their_stack() -> None:
    source = """(module (memory 1)
  (func $inner (param $a i32) (param $b i32) (result i32)
    (i32.add (i32.load (local.get $a))
      (i32.div_u (i32.const 1) (local.get $b))))
  (func $outer (export "run") (param i32 i32) (result i32)
    (i32.mul (i32.const 2)
      (call $inner (local.get 0) (local.get 1)))))"""
    fast, reference = both(source)
    for arguments, text, line in (
        ((0, 0), "integer divide by zero", 4),
        ((-8, 1), "out of bounds", 3),
    ):
        seen = []
        for instance in (fast, reference):
            with pytest.raises(Trap, match=text) as caught:
                instance.exports.run(*arguments)
            places = [
                e.source.position(e.span.start) for e in caught.value.stack if e.source and e.span
            ]
            seen.append(([e.name for e in caught.value.stack], places))
        assert seen[0] == seen[1]
        assert seen[0][0] == ["inner", "outer"]
        assert seen[0][1][0][0] == line and seen[0][1][1][0] == 7


RECURSIONS = {
    "direct": '(module (func $f (export "f") (call $f)))',
    "not in tail position": '(module (func $f (export "f") (result i32) '
    "(i32.add (i32.const 1) (call $f))))",
    "indirect": "(module (type $t (func)) (table funcref (elem $f)) "
    '(func $f (export "f") (call_indirect (type $t) (i32.const 0))))',
    "by reference": "(module (type $t (func)) (elem declare func $f) "
    '(func $f (export "f") (call_ref $t (ref.func $f))))',
    "through another": '(module (func $f (export "f") (call $g)) (func $g (call $f)))',
}


@pytest.mark.parametrize("shape", RECURSIONS)
def test_every_runaway_recursion_is_exhaustion(shape: str) -> None:
    for instance in both(RECURSIONS[shape]):
        for _ in range(2):  # and the instance is as usable as before
            with pytest.raises(ExhaustionError, match="call stack exhausted"):
                instance.exports.f()


def test_tail_calls_are_unbounded() -> None:
    text = """(module (type $t (func (param i32) (result i32))) (table funcref (elem $even $odd))
      (elem declare func $even)
      (func $even (export "even") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1))
            (i32.const 1)))
          (else (i32.const 1))))
      (func $odd (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (return_call_ref $t (i32.sub (local.get 0) (i32.const 1)) (ref.func $even)))
          (else (i32.const 0)))))"""
    assert watloom.instantiate(text).exports.even(100_001) == 0


def test_the_source_shows_in_tracebacks() -> None:
    import traceback

    instance = watloom.instantiate(
        """(module (import "h" "fail" (func $fail))
             (func $outer (export "run") (call $fail)))""",
        {"h": {"fail": lambda: 1 / 0}},
    )
    with pytest.raises(ZeroDivisionError) as caught:
        instance.exports.run()
    text = "".join(traceback.format_exception(caught.value))
    assert "in f1_outer" in text and "f0_fail()" in text


@pytest.mark.parametrize("after", [1, 2, 3, 10, 50, 200, 1000, 5000])
def test_an_interrupt_leaves_the_instance_usable(after: int) -> None:
    """KeyboardInterrupt out of a host function at many points of a run, and out of plain code."""
    calls = 0

    def tick() -> None:
        nonlocal calls
        calls += 1
        if calls == after:
            raise KeyboardInterrupt

    instance = watloom.instantiate(
        """(module (import "h" "tick" (func $tick)) (memory (export "memory") 1)
          (func $work (param i32) (call $tick)
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
            (if (local.get 0) (then (drop (memory.grow (i32.const 0)))
              (call $work (i32.sub (local.get 0) (i32.const 1))))))
          (func (export "run") (result i32) (loop (call $work (i32.const 7))
            (br_if 0 (i32.lt_u (i32.load (i32.const 0)) (i32.const 6000))))
            (i32.load (i32.const 0))))""",
        {"h": {"tick": tick}},
    )
    with pytest.raises(KeyboardInterrupt):
        instance.exports.run()
    assert int.from_bytes(instance.exports.memory[0:4], "little") == after - 1
    assert instance.store.machines == []
    instance.exports.memory[0:4] = bytes(4)
    assert instance.exports.run() >= 6000
