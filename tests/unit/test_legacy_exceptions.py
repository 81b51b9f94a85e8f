"""Legacy exceptions: `try` with its handlers inside, in both tiers and both formats."""

from itertools import product

import pytest

import watloom
from watloom import InvalidError, MalformedError, Store, WasmException
from watloom.interp.compile.emit import compile_function
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.source import Source
from watloom.interp.machine.snapshot import restore, snapshot
from watloom.interp.runtime.store import Tier
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module

FEATURES = DEFAULT.with_(["+legacy-exceptions"])
TIERS: tuple[Tier, ...] = ("reference", "fast")


def make(fields: str, tier: Tier) -> watloom.Instance:
    module = watloom.Module(f"(module {fields})", features=FEATURES)
    return watloom.instantiate(module, store=Store(features=FEATURES, tier=tier))


FLAT = """(module
  (type (func (param i32)))
  (type (func (param i32) (result i32)))
  (func (type 1) (param i32) (result i32)
    (local i32)
    try $t (result i32)
      local.get 0
      throw $e
    catch $e
      local.tee 1
      if
        rethrow $t
      end
      i32.const 7
    catch_all
      try $u
        nop
      delegate $t
      i32.const 8
    end)
  (tag $e (type 0) (param i32))
  (export "run" (func 0)))
"""

FOLDED = """(module (tag $e (param i32))
  (func (export "run") (param i32) (result i32) (local i32)
    (try $t (result i32)
      (do (local.get 0) (throw $e))
      (catch $e (local.tee 1) (if (then (rethrow $t))) (i32.const 7))
      (catch_all (try $u (do nop) (delegate $t)) (i32.const 8)))))"""


def test_text_and_binary() -> None:
    for text in (FLAT, FOLDED):
        module = parse_module(Source("x.wat", text=text), FEATURES)
        assert print_module(module).split("(func", 3)[3] == FLAT.split("(func", 3)[3]
        again = decode_module(Source("x.wasm", data=encode_module(module)), FEATURES)
        assert print_module(again) == print_module(module)
    for tier in TIERS:
        module_ = watloom.Module(FLAT, features=FEATURES)
        run = watloom.instantiate(module_, store=Store(features=FEATURES, tier=tier)).exports.run
        assert run(0) == 7
        with pytest.raises(WasmException) as caught:
            run(5)
        assert caught.value.values == (5,)


@pytest.mark.parametrize(
    "body",
    ["05", "07 00", "19", "18 00", "06 40 19 07 00 0b", "06 40 19 19 0b", "06 40 07 00 18 00",
     "02 40 07 00 0b", "06 40 05 0b"],
)  # fmt: skip
def test_misplaced_parts_in_a_binary_are_malformed(body: str) -> None:
    code = bytes.fromhex("00" + body + "0b")
    data = bytes.fromhex("0061736d01000000 01040160 0000 03020100 0d03010000")
    data += bytes([10, len(code) + 2, 1, len(code)]) + code
    with pytest.raises(MalformedError, match="END opcode expected"):
        decode_module(Source("x.wasm", data=data), FEATURES)


@pytest.mark.parametrize(
    "body",
    ["try catch_all catch $e end", "try catch_all catch_all end", "catch $e",
     "try catch $e delegate 0", "(try (catch_all))", "(try (do) (catch_all) (catch $e))",
     "(delegate 0)", "block catch $e end"],
)  # fmt: skip
def test_misplaced_parts_in_a_text_are_malformed(body: str) -> None:
    with pytest.raises(MalformedError, match="unexpected token"):
        watloom.Module(f"(module (tag $e) (func {body}))", features=FEATURES)


def test_a_delegate_s_label_counts_outside_of_it() -> None:
    with pytest.raises(InvalidError, match="unknown label 1"):
        watloom.Module("(module (func (try (do) (delegate 1))))", features=FEATURES)


def test_without_the_proposal_it_is_named() -> None:
    with pytest.raises(MalformedError, match="legacy-exceptions, which is off"):
        watloom.Module("(module (func (try (do))))")
    data = bytes.fromhex("0061736d01000000 01040160 0000 03020100 0a07010500 0640 0b 0b")
    with pytest.raises(MalformedError, match="legacy-exceptions"):
        decode_module(Source("x.wasm", data=data), DEFAULT)


def nested(depth: int, delegate: int) -> str:
    """`depth` tries inside each other, each counting what it catches; the innermost delegates."""
    opened = "".join(f"(try $t{i} (result i32) (do " for i in range(depth))
    closed = "".join(
        f") (catch $e (i32.const {i}))" + (f" (catch $f (rethrow $t{i}))" if i % 2 else "") + ")"
        for i in reversed(range(depth))
    )
    inner = f"""(try (result i32)
      (do (if (local.get 0) (then (throw $f))) (throw $e)) (delegate {delegate}))"""
    return f"""(tag $e) (tag $f)
      (func (export "run") (param i32) (result i32) {opened} {inner} {closed})"""


@pytest.mark.parametrize(
    ("depth", "delegate"), [*product((4,), range(5)), (40, 0), (40, 7), (40, 40)]
)
def test_delegates_pass_by_what_lies_between(depth: int, delegate: int) -> None:
    for tier in TIERS:
        run = make(nested(depth, delegate), tier).exports.run
        if delegate == depth:
            with pytest.raises(WasmException):
                run(0)
        else:
            assert run(0) == depth - 1 - delegate
        with pytest.raises(WasmException, match="tag f"):
            run(1)


def test_delegates_inside_of_delegates() -> None:
    """The inner one's exceptions pass by the outer one, which has a nearer goal."""
    fields = """(tag $e)
      (func (export "run") (param $which i32) (result i32)
        (try $a (result i32)
          (do (try $b (result i32)
            (do (try $c (result i32)
              (do (try $d (result i32)
                (do
                  (try (result i32)
                    (do (if (i32.eqz (local.get $which)) (then (throw $e))) (i32.const 0))
                    (delegate $a))
                  (if (i32.eq (local.get $which) (i32.const 1)) (then (throw $e))))
                (delegate $b)))
              (catch_all (i32.const 30))))
            (catch_all (i32.const 20))))
          (catch_all (i32.const 10))))"""
    for tier in TIERS:
        run = make(fields, tier).exports.run
        assert [run(0), run(1), run(2)] == [10, 20, 0]


def test_a_loop_with_handlers_that_throw_and_branch() -> None:
    fields = """(tag $e (param i32)) (tag $f)
      (func (export "run") (param $n i32) (result i32) (local $sum i32)
        (block $out
          (loop $again
            (try
              (do
                (br_if $out (i32.eqz (local.get $n)))
                (local.set $n (i32.sub (local.get $n) (i32.const 1)))
                (br_if $again (i32.eq (local.get $n) (i32.const 3)))
                (try
                  (do (if (i32.and (local.get $n) (i32.const 1))
                        (then (throw $e (local.get $n))) (else (throw $f))))
                  (catch $e
                    (local.set $sum (i32.add (local.get $sum)))
                    (throw $f))))
              (catch_all
                (local.set $sum (i32.add (local.get $sum) (i32.const 100)))
                (br $again)))
            (unreachable)))
        (local.get $sum))"""
    for tier in TIERS:
        assert make(fields, tier).exports.run(10) == 900 + 9 + 7 + 5 + 1


def test_a_handler_is_in_a_snapshot() -> None:
    machine = make(FOLDED.split("(module", 1)[1].rsplit(")", 1)[0], "reference").start("run", 0)
    while not machine.done:
        again, copied = restore(snapshot(machine)), machine.copy()
        again.run()
        copied.run()
        assert again.results == copied.results == (7,)
        machine.step()


def test_the_compiled_form_marks_what_passes_by() -> None:
    module = watloom.Module(f"(module {nested(2, 1)})", features=FEATURES)
    source = compile_function(module.valid, module.valid.funcs[0]).source
    assert "thrown.to = 1\n" in source
    plain = watloom.Module(f"(module {nested(2, 0)})", features=FEATURES)
    assert "thrown.to" not in compile_function(plain.valid, plain.valid.funcs[0]).source
