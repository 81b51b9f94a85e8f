"""The compiled tier: what its source looks like, and that it is right."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

import watloom
from tiers import both
from watloom import Store, Trap
from watloom.interp.compile.emit import compile_function
from watloom.interp.compile.listing import listing
from watloom.interp.core.features import Features

BENCH = Path(__file__).parents[1] / "bench"
PROGRAMS = json.loads((BENCH / "expected.json").read_text())
SMALLER = {"fib": 12, "sieve": 300, "matmul": 5, "nbody": 3, "mandel": 6, "sha256": 2, "vm": 200}


def body(text: str) -> str:
    """The Python of a module's first function, without its first line."""
    module = watloom.Module(text)
    return compile_function(module.valid, module.valid.funcs[0]).source.split("\n", 1)[1]


# ------------------------------------------------------------------ the source


def test_plain_instructions_are_plain_python() -> None:
    source = body(
        """(module (memory 1) (func (param $p i32) (param $q i32) (result i32)
             (if (i32.lt_u (local.get $p) (local.get $q))
               (then (i32.store8 (local.get $p) (i32.add (local.get $q) (i32.const 1)))))
             (i32.load8_u offset=4 (local.get $q))))"""
    )
    assert source == ("    if p_ < q_:\n        m0[p_] = q_ + 1 & 255\n    return m0[q_ + 4]\n")


def test_wraps_are_made_late() -> None:
    source = body(
        """(module (func (param $a i32) (param $b i32) (result i32)
             (i32.and (i32.add (i32.mul (local.get $a) (i32.const 3)) (local.get $b))
                      (i32.const 0xff))))"""
    )
    assert source == "    return a_ * 3 + b_ & 255\n"


def test_wide_sums_carry_in_a_python_integer() -> None:
    features = Features(frozenset({"wide-arithmetic"}))
    module = watloom.Module(
        """(module (func (param $a i64) (param $b i64) (param $c i64) (param $d i64)
             (result i64 i64)
             (i64.add128 (local.get $a) (local.get $b) (local.get $c) (local.get $d))))""",
        features=features,
    )
    source = compile_function(module.valid, module.valid.funcs[0]).source.split("\n", 1)[1]
    assert source == (
        "    t0 = a_ + c_\n"
        "    return (t0 & 0xffffffffffffffff, b_ + d_ + (t0 >> 64) & 0xffffffffffffffff)\n"
    )


def test_wide_operands_trap_in_their_order() -> None:
    text = """(module (memory 1) (func (export "f") (param i64) (result i64 i64)
                (i64.add128 (i64.const 1) (i64.div_u (i64.const 1) (local.get 0))
                            (i64.load (i32.const -1)) (i64.const 2))))"""
    store = Store(features=Features(frozenset({"wide-arithmetic"})))
    instance = watloom.instantiate(watloom.Module(text, features=store.features), store=store)
    with pytest.raises(Trap, match="integer divide by zero"):
        instance.exports.f(0)
    with pytest.raises(Trap, match="out of bounds memory access"):
        instance.exports.f(1)


def test_loops_and_exits_are_while_and_break() -> None:
    source = body(
        """(module (func (param $n i32) (result i32) (local $s i32)
             (block $done (loop $more
               (br_if $done (i32.eqz (local.get $n)))
               (local.set $s (i32.add (local.get $s) (local.get $n)))
               (local.set $n (i32.sub (local.get $n) (i32.const 1)))
               (br $more)))
             (local.get $s)))"""
    )
    assert source.splitlines() == [
        "    s_ = 0",
        "    while True:",
        "        if not n_:",
        "            break",
        "        s_ += n_",
        "        if s_ > 0xffffffff: s_ -= 0x100000000",
        "        n_ -= 1",
        "        if n_ < 0: n_ += 0x100000000",
        "    return s_",
    ]


def test_a_loop_with_two_ways_to_one_place_is_a_while() -> None:
    source = body(
        """(module (memory 1) (func (param $i i32) (param $x i32) (result i32)
             (block $out (loop $l
               (br_if $out (i32.eq (i32.load8_u (local.get $i)) (local.get $x)))
               (br_if $l (i32.lt_u (local.tee $i (i32.shr_u (local.get $i) (i32.const 1)))
                 (i32.const 9)))))
             (local.get $i)))"""
    )
    assert source.splitlines() == [
        "    while True:",
        "        if m0[i_] == x_:",
        "            break",
        "        i_ = i_ >> 1",
        "        if i_ >= 9:",
        "            break",
        "    return i_",
    ]


def test_nothing_is_dispatched_by_instruction() -> None:
    for path in BENCH.glob("*.wat"):
        text = listing(watloom.Module.from_file(path).valid)
        assert not re.search(r"if pc <|step_\d+_\d+\((?!.*memory\.)", text), path.name


def test_the_same_module_gives_the_same_source() -> None:
    text = (BENCH / "vm.wat").read_text()
    assert listing(watloom.Module(text).valid) == listing(watloom.Module(text).valid)


# ------------------------------------------------------------------ right in both tiers


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_programs(name: str) -> None:
    argument, wanted = PROGRAMS[name]
    text = (BENCH / f"{name}.wat").read_text()
    fast, reference = both(text)
    assert fast.exports.run(argument) == wanted
    small = SMALLER.get(name, min(argument, 100))
    fresh = watloom.instantiate(text)
    assert reference.exports.run(small) == fresh.exports.run(small)


def nested_loops(n: int) -> str:
    code = "(local.set $x (i32.add (local.get $x) (i32.const 1)))"
    for k in range(n):
        again = f"(i32.lt_u (local.tee $l{k} (i32.add (local.get $l{k}) (i32.const 1)))"
        times = 2 if k < 3 else 1
        test = f"(br_if ${k} {again} (i32.const {times})))"
        code = f"(local.set $l{k} (i32.const 0)) (loop ${k} {code} {test})"
    locals = "".join(f"(local $l{k} i32)" for k in range(n))
    return (
        f'(module (func (export "f") (result i32) (local $x i32) {locals} {code} (local.get $x)))'
    )


def blocks(n: int) -> str:
    code = "".join(
        f"(if (i32.eq (local.get 0) (i32.const {k})) "
        f"(then (local.set 1 (i32.add (local.get 1) (i32.const {k})))))"
        for k in range(n // 2)
    )
    return f'(module (func (export "f") (param i32) (result i32) (local i32) {code} (local.get 1)))'


def table_of_branches(n: int, case: str, last: str) -> str:
    opened = "".join(f"(block ${k} " for k in range(n))
    labels = " ".join(f"${k}" for k in range(n))
    cases = "".join(") " + case.format(k=k) for k in reversed(range(n)))
    return (
        '(module (func (export "f") (param i32) (result i32) (local i32) (block $default '
        f"{opened}(br_table {labels} $default (local.get 0)){cases}) {last}))"
    )


SHAPES = {
    "21 loops": (nested_loops(21), None, 8),
    "200 loops": (nested_loops(200), None, 8),
    "20,000 blocks": (blocks(20_000), 77, 77),
    "5,000 ways": (
        table_of_branches(5_000, "(return (i32.const {k}))", "(i32.const -1)"), 4_000, 4_000,
    ),
    "5,000 ways, falling through": (
        table_of_branches(
            5_000, "(local.set 1 (i32.add (local.get 1) (i32.const 1)))", "(local.get 1)"
        ), 1_000, 1_001,
    ),
    "a deep expression": (
        '(module (func (export "f") (param i32) (result i32) '
        + "(i32.xor (local.get 0) " * 50_000 + "(i32.const 7)" + ")" * 50_000 + "))", 5, 7,
    ),
    "ifs in ifs": (
        '(module (func (export "f") (param i32) (result i32) '
        + "(if (result i32) (local.get 0) (then " * 1_000 + "(i32.const 7)"
        + ") (else (i32.const 1)))" * 1_000 + "))", 5, 7,
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_python_cannot_nest(shape: str) -> None:
    text, argument, wanted = SHAPES[shape]
    arguments = () if argument is None else (argument,)
    assert watloom.instantiate(text).exports.f(*arguments) == wanted


def test_what_waits_on_the_stack_is_computed_in_order() -> None:
    text = """(module (memory 1) (global $g (mut i32) (i32.const 5))
      (func $change (result i32) (global.set $g (i32.const 9)) (i32.const 100))
      (func (export "globals") (result i32) (i32.add (global.get $g) (call $change)))
      (func (export "memory") (result i32)
        (i32.load (i32.const 0)) (i32.store (i32.const 0) (i32.const 3))
        (i32.sub (i32.load (i32.const 0))))
      (func (export "local") (param i32) (result i32)
        (local.get 0) (local.set 0 (i32.const 7)) (i32.sub (local.get 0)))
      (func (export "traps") (param i32) (result i32)
        (i32.div_u (i32.const 1) (local.get 0)) (unreachable)))"""
    for instance in both(text):
        assert instance.exports.globals() == 105
        assert instance.exports.memory() == -3
        assert instance.exports.local(1) == -6
        with pytest.raises(Trap, match="integer divide by zero"):
            instance.exports.traps(0)


_LOAD = "(i32.load (i32.const 65536))"  # traps
_DIVIDE = "(i32.div_u (i32.const 1) (i32.const 0))"  # traps in another way


@pytest.mark.parametrize(
    "code",
    [
        f"(i32.store8 {_LOAD} {_DIVIDE})",
        f"(i32.store {_LOAD} {_DIVIDE})",
        f"(drop (i32.add {_LOAD} {_DIVIDE}))",
        f"(drop (i32.add {_LOAD} (call_indirect (type $t) (i32.const 0) {_DIVIDE})))",
        f"(drop (call_indirect (type $t) {_LOAD} {_DIVIDE}))",
        f"(return_call_indirect (type $t) {_LOAD} {_DIVIDE})",
        f"(drop (call_ref $t {_LOAD} (table.get {_DIVIDE})))",
        f"(return_call_ref $t {_LOAD} (table.get {_DIVIDE}))",
    ],
)
def test_the_first_of_two_traps_is_the_one(code: str) -> None:
    text = f"""(module (memory 1) (type $t (func (param i32) (result i32)))
      (table 1 (ref null $t))
      (func (export "f") (result i32) {code} (i32.const 0)))"""
    for instance in both(text):
        with pytest.raises(Trap, match="out of bounds memory access"):
            instance.exports.f()


def test_a_trap_names_an_index_that_a_comparison_made() -> None:
    text = """(module (type $t (func)) (table 2 funcref)
      (func (export "f") (call_indirect (type $t) (i32.eqz (i32.const 0)))))"""
    for instance in both(text):
        with pytest.raises(Trap, match="uninitialized element 1"):
            instance.exports.f()


def test_memory_grows_under_compiled_code_and_views() -> None:
    text = """(module (memory (export "memory") 1)
      (func (export "f") (param i32) (result i32)
        (i32.store (i32.const 0) (i32.const 42))
        (drop (memory.grow (local.get 0)))
        (i32.store (i32.const 65536) (i32.const 8))
        (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 65536)))))"""
    instance = watloom.instantiate(text)
    view = instance.exports.memory.view()
    assert instance.exports.f(1) == 50
    assert len(view) == 65536 and view[0] == 42
    assert instance.exports.memory.size == 2


def ways_out(n: int) -> str:
    """Many branches out of one block."""
    ways = "(br_if 0 (local.get 0)) (local.set 0 (i32.sub (local.get 0) (i32.const 1)))" * n
    return f'(module (func (export "f") (param i32) (result i32) (block {ways}) (local.get 0)))'


def loops_in_a_row(n: int) -> str:
    loop = "(loop (br_if 0 (local.tee 0 (i32.shr_u (local.get 0) (i32.const 1)))))"
    return f'(module (func (export "f") (param i32) (result i32) {loop * n} (local.get 0)))'


@pytest.mark.parametrize("shape", [ways_out, loops_in_a_row])
def test_twice_the_code_takes_twice_the_steps(shape: Callable[[int], str]) -> None:
    """What is counted is the lines that Python runs to find out how the blocks are nested."""
    lines = 0

    def count(frame: FrameType, event: str, _: object) -> object:
        nonlocal lines
        if not frame.f_code.co_filename.endswith(("flow.py", "structure.py")):
            return None
        lines += event == "line"
        return count

    found = []
    for n in (100, 200, 400):
        valid = watloom.Module(shape(n)).valid
        lines, before = 0, sys.gettrace()
        sys.settrace(count)  # type: ignore[arg-type]
        try:
            compile_function(valid, valid.funcs[0])
        finally:
            sys.settrace(before)
        found.append(lines)
    small, middle, large = found
    assert large - middle < 2.3 * (middle - small), found


def test_many_ways_out_of_a_block_are_breaks() -> None:
    for instance in both(ways_out(300)):
        assert [instance.exports.f(x) for x in (0, 5, -5)] == [-1, 5, -5]
    source = body(ways_out(300))
    assert "break" in source and "pc = " not in source


def test_instances_round_each_for_themselves() -> None:
    """Threads of two stores run at the same time: between a rounding's two halves, too."""
    text = """(module (func (export "f") (param f32) (result f32)
      (f32.add (local.get 0) (f32.const 1))))"""
    one, other = watloom.instantiate(text), watloom.instantiate(text)
    assert one.exports.f(1) == other.exports.f(1) == 2
    used = [instance.compiled.names["F32"] for instance in (one, other)]
    assert used[0] is not used[1]


@pytest.mark.parametrize("function, local", [("x_", "f0_x"), ("_", "f0_")])
def test_a_local_does_not_hide_a_function(function: str, local: str) -> None:
    for instance in both(
        f"""(module (func ${function} (export "f") (param ${local} i32) (result i32)
          (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 3))
            (else (call ${function} (i32.sub (local.get 0) (i32.const 1)))))))"""
    ):
        assert instance.exports.f(2) == 3


@pytest.mark.parametrize("names", [("l1", "l1"), ("x", "x"), ("l1", "x"), ("l1_", "l1")])
def test_locals_whose_names_are_not_their_own(names: tuple[str, str]) -> None:
    """A name section may give two locals one name, or one the other's number."""
    named = b"".join(bytes([i, len(name)]) + name.encode() for i, name in enumerate(names))
    of_function = b"\x01\x00\x02" + named
    section = b"\x04name\x02" + bytes([len(of_function)]) + of_function
    code = bytes.fromhex(
        "0061736d 01000000 01 07 01 60 02 7f 7f 01 7f 03 02 01 00 07 05 01 01 66 00 00"
        "0a 09 01 07 00 20 00 20 01 6b 0b"
    )
    fast = watloom.instantiate(code + bytes([0, len(section)]) + section)
    assert fast.exports.f(9, 2) == 7


def test_the_bounds_of_a_shift_hold_for_each_distance() -> None:
    """1 >> k can be 0, so that 1 less is negative and has to be wrapped."""
    text = """(module (func (export "f") (param i64) (result i64)
      (i64.sub (i64.shr_s (i64.const 1) (local.get 0)) (i64.const 1))))"""
    fast, reference = both(text)
    assert [i.exports.f(k) for i in (fast, reference) for k in (0, 1, 63)] == [0, -1, -1] * 2
    source = body(text)
    assert "0xffffffffffffffff" in source
