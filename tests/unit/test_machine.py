"""The reference machine: stepping, copying, snapshots, limits, call stacks."""

import subprocess
import sys
from pathlib import Path

import pytest

import watloom
from watloom import ExhaustionError, Probe, Store, Trap
from watloom.interp.core.instr import Instr
from watloom.interp.machine import Machine
from watloom.interp.machine.snapshot import SnapshotError, restore, snapshot

FACTORIAL = """(module $maths
  (func $fac (export "fac") (param $n i64) (result i64)
    (if (result i64) (i64.eqz (local.get $n))
      (then (i64.const 1))
      (else (i64.mul (local.get $n)
                     (call $fac (i64.sub (local.get $n) (i64.const 1))))))))"""

SUM = """(module
  (type $node (struct (field i32) (field (ref null 0))))
  (memory (export "memory") 1)
  (global $total (mut i32) (i32.const 0))
  (func (export "run") (param $n i32) (result i32)
    (local $list (ref null $node))
    (loop $again
      (local.set $list (struct.new $node (local.get $n) (local.get $list)))
      (i32.store (i32.shl (local.get $n) (i32.const 2)) (local.get $n))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (loop $walk
      (global.set $total
        (i32.add (global.get $total) (struct.get $node 0 (local.get $list))))
      (br_if $walk (i32.eqz (ref.is_null
        (local.tee $list (struct.get $node 1 (local.get $list)))))))
    (global.get $total)))"""


def test_one_step_at_a_time() -> None:
    machine = watloom.instantiate(FACTORIAL).start("fac", 2)
    assert not machine.done and machine.stack == [2]
    machine.step()  # enters the function
    assert [f.name for f in machine.frames] == ["fac"] and machine.locals == [2]
    machine.step()
    assert machine.stack == [2] and repr(machine.instr) == "i64.eqz"
    machine.run(until=lambda m: len(m.frames) == 3)
    assert [f.name for f in machine.frames] == ["fac", "fac", "fac"]
    assert machine.run()
    assert machine.results == (2,)


@pytest.mark.parametrize("stop", [1, 57, 300, 905])
def test_a_copy_goes_its_own_way_to_the_same_end(stop: int) -> None:
    machine = watloom.instantiate(SUM).start("run", 20)
    machine.run(until=lambda m: m.steps >= stop)
    copied = machine.copy()
    assert copied.store is not machine.store
    machine.run()
    assert machine.results == (210,)
    copied.run()
    assert copied.results == (210,)


def test_snapshots_of_the_same_state_are_the_same_bytes() -> None:
    instance = watloom.instantiate(SUM)
    machine = instance.start("run", 9)
    machine.run(until=lambda m: m.steps >= 100)
    before = snapshot(machine)
    again = machine.copy()
    machine.run()
    assert snapshot(machine) != before
    assert snapshot(again) == before
    assert snapshot(restore(before)) == before


def test_a_snapshot_is_restored_in_another_process(tmp_path: Path) -> None:
    machine = watloom.instantiate(SUM).start("run", 30)
    machine.run(until=lambda m: m.steps >= 333)
    (tmp_path / "state").write_bytes(snapshot(machine))
    program = (
        "import sys; from watloom.interp.machine.snapshot import restore\n"
        "machine = restore(open(sys.argv[1], 'rb').read()); machine.run(); print(*machine.results)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "state")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "465\n"


def test_a_long_list_does_not_recurse() -> None:
    machine = watloom.instantiate(SUM).start("run", 12_000)
    machine.run(until=lambda m: m.steps >= 200_000)
    restored = restore(snapshot(machine))
    restored.run()
    assert restored.results == (12_000 * 12_001 // 2,)


def test_host_functions_are_found_again_by_name() -> None:
    text = """(module (import "host" "next" (func $next (result i32)))
      (func (export "run") (result i32) (i32.add (call $next) (call $next))))"""
    machine = watloom.instantiate(text, {"host": {"next": lambda: 1}}).start("run")
    machine.run(until=lambda m: m.stack == [1])
    data = snapshot(machine)
    restored = restore(data, {"host": {"next": lambda: 41}})
    restored.run()
    assert restored.results == (42,)
    with pytest.raises(SnapshotError, match="not among the imports"):
        restore(data)


def test_no_snapshot_while_a_host_function_is_on_the_stack() -> None:
    caught: list[SnapshotError] = []

    def host() -> None:
        for attempt in (machine.copy, lambda: snapshot(machine)):
            with pytest.raises(SnapshotError, match="host function is on the stack") as error:
                attempt()
            caught.append(error.value)

    text = '(module (import "h" "f" (func $f)) (func (export "run") (call $f)))'
    machine = watloom.instantiate(text, {"h": {"f": host}}).start("run")
    machine.run()
    assert len(caught) == 2


# ------------------------------------------------------------------ how it ends badly


def test_a_trap_says_where_and_through_whom() -> None:
    source = """(module
  (func $inner (param i32) (result i32)
    (i32.div_u (i32.const 1) (local.get 0)))
  (func $outer (export "run") (result i32)
    (call $inner (i32.const 0))))"""
    with pytest.raises(Trap) as caught:
        watloom.instantiate(watloom.Module(source, name="bad.wat")).exports.run()
    trap = caught.value
    assert trap.code == "integer divide by zero"
    assert [entry.name for entry in trap.stack] == ["inner", "outer"]
    assert trap.render().splitlines() == [
        "bad.wat:3:6: trap: integer divide by zero",
        "  3 |     (i32.div_u (i32.const 1) (local.get 0)))",
        "    |      ^^^^^^^^^",
        "  in inner at bad.wat:3:6",
        "  in outer at bad.wat:5:6",
    ]


def test_an_instance_is_usable_after_a_trap() -> None:
    instance = watloom.instantiate(
        """(module (func (export "trap") unreachable)
             (func (export "ok") (result i32) (i32.const 1)))"""
    )
    with pytest.raises(Trap, match="unreachable"):
        instance.exports.trap()
    assert instance.exports.ok() == 1


ENDLESS = '(module (func $f (export "run") (call $f)) (func (export "spin") (loop (br 0))))'


def test_runaway_recursion_is_exhaustion_and_its_stack_is_shortened() -> None:
    with pytest.raises(ExhaustionError, match="call stack exhausted") as caught:
        watloom.instantiate(ENDLESS).exports.run()
    assert len(caught.value.render().splitlines()) < 30


def test_a_probe_sees_calls_writes_and_traps() -> None:
    class Journal(Probe):
        def __init__(self) -> None:
            self.lines: list[str] = []

        def before_step(self, machine: Machine, instr: Instr | None) -> None:
            if instr is not None:
                self.lines.append(repr(instr))

        def entered(self, machine: Machine, func: object, args: list[object]) -> None:
            self.lines.append(f"enter {args}")

        def returned(self, machine: Machine, func: object, results: list[object]) -> None:
            self.lines.append(f"return {results}")

        def memory_written(self, machine: Machine, memory: object, start: int, data: bytes) -> None:
            self.lines.append(f"write {start} {data.hex()}")

    store = Store()
    instance = watloom.instantiate(
        """(module (memory 1)
             (func (export "run") (param i32) (result i32)
               (i32.store16 (i32.const 4) (local.get 0)) (i32.const 9)))""",
        store=store,
    )
    journal = Journal()
    store.probes.append(journal)
    assert instance.exports.run(258) == 9
    assert journal.lines == [
        "enter [258]",
        "i32.const 4",
        "local.get 0",
        "i32.store16 MemArg(mem=0, offset=0, align=1)",
        "write 4 0201",
        "i32.const 9",
        "return [9]",
    ]
