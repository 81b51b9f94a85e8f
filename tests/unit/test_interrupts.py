"""KeyboardInterrupt anywhere leaves instances usable and their store consistent."""

import gc
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

import watloom
from interrupts import Point, interrupted, points
from watloom import Limits, Store
from watloom.interp.runtime import recursion
from watloom.interp.runtime.store import Tier

ONE = watloom.Module("""(module $one
  (type $n (func (param i32) (result i32)))
  (type $tick (func (param i32) (result i32)))
  (import "host" "tick" (func $tick (type $tick)))
  (memory (export "memory") 1 40) (data $d "0123456789")
  (table $t (export "table") 6 60 funcref) (elem (i32.const 0) $one $tailing $bound)
  (elem $e func $one)
  (global $g (export "g") (mut i32) (i32.const 5))
  (tag $tag (param i32))
  (type $s (struct (field (mut i32))))
  (elem declare func $one)
  (func $one (type $n) (i32.add (local.get 0) (i32.const 1)))
  (func $bound (type $n) (i32.mul (local.get 0) (i32.const 2)))
  (func $tailing (type $n)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 20))
      (then (return_call $tailing (i32.add (local.get 0) (i32.const 3))))
      (else (local.get 0))))
  (func $deep (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "inner") (param i32) (result i32)
    (drop (memory.grow (i32.const 1)))
    (i32.store (i32.const 100) (local.get 0))
    (i32.load (i32.const 100)))
  (func (export "run") (result i32) (local $i i32) (local $sum i32) (local $s (ref null $s))
    (local.set $s (struct.new $s (i32.const 1)))
    (loop $again
      (drop (memory.grow (i32.const 1)))
      (drop (table.grow $t (ref.null func) (i32.const 1)))
      (i32.store (i32.const 4) (local.get $i))
      (memory.fill (i32.const 200) (local.get $i) (i32.const 100))
      (memory.copy (i32.const 301) (i32.const 200) (i32.const 100))
      (memory.init $d (i32.const 400) (i32.const 2) (i32.const 4))
      (table.fill $t (i32.const 4) (ref.func $one) (i32.const 2))
      (table.init $t $e (i32.const 5) (i32.const 0) (i32.const 1))
      (table.copy $t $t (i32.const 3) (i32.const 4) (i32.const 1))
      (local.set $sum (i32.add (local.get $sum) (call $tick (local.get $i))))
      (local.set $sum (i32.add (local.get $sum) (call $deep (i32.const 9))))
      (local.set $sum (i32.add (local.get $sum)
        (call_indirect $t (type $n) (i32.const 7) (local.get $i))))
      (local.set $sum (i32.add (local.get $sum)
        (call_indirect $t (type $n) (i32.const 7) (i32.const 5))))
      (local.set $sum (i32.add (local.get $sum) (call_ref $n (local.get $i) (ref.func $one))))
      (block $caught (result i32)
        (try_table (catch $tag $caught) (throw $tag (local.get $i)))
        (unreachable))
      (local.set $sum (i32.add (local.get $sum)))
      (struct.set $s 0 (local.get $s) (local.get $sum))
      (local.set $sum (i32.add (struct.get $s 0 (local.get $s)) (i32.load (i32.const 4))))
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.const 400))))
      (global.set $g (local.get $sum))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (i32.const 3))))
    (local.get $sum))
  (func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "tables") (result i32) (table.size $t)))""")

TWO = watloom.Module("""(module $two
  (import "one" "memory" (memory 1))
  (import "one" "table" (table 6 funcref))
  (import "one" "run" (func $run (result i32)))
  (import "one" "inner" (func $inner (param i32) (result i32)))
  (func (export "run") (result i32)
    (i32.store (i32.const 8) (call $run))
    (i32.sub (i32.load (i32.const 8)) (call $inner (i32.const 3))))
  (func $start (i32.store (i32.const 12) (call $inner (i32.const 6))))
  (start $start)
  (func (export "peek") (param i32) (result i32) (i32.load (local.get 0))))""")

RESULT = 377


class World:
    """Two instances in a store, one on the other, and a host function that calls back."""

    def __init__(self, tier: Tier, limits: Limits) -> None:
        self.store = Store(tier=tier, limits=limits)
        self.one: Any = None
        self.two: Any = None
        for module in (ONE, TWO):  # everything is compiled anew
            module.valid.compiled.clear()

    def tick(self, n: int) -> int:
        result = self.one.exports.inner(n + 40)
        self.one.exports.memory.grow(1)
        return int(result)

    def work(self) -> int:
        """Everything, from instantiation on; what was made before an interrupt is kept."""
        if self.one is None:
            imports = {"host": {"tick": self.tick}}
            self.one = watloom.instantiate(ONE, imports, store=self.store)
        if self.two is None:
            self.two = watloom.instantiate(TWO, {"one": self.one}, store=self.store)
        return int(self.two.exports.run())

    def check(self) -> None:
        """Nothing is left of the interrupt, and everything works."""
        store = self.store
        assert store.machines == [] and not store.lock._is_owned()  # type: ignore[attr-defined]
        assert not recursion._users and sys.getrecursionlimit() == LIMIT
        for again in range(2):
            assert self.work() == RESULT, again
        memory, table = self.one.exports.memory, self.one.exports.table
        end = len(memory) - 4
        self.one.exports.poke(end, 0x1234567)
        assert memory[end : end + 4] == b"\x67\x45\x23\x01"
        assert self.two.exports.peek(end) == 0x1234567
        assert self.one.exports.tables() == len(table)
        gc.collect()  # an instance that was not finished
        assert store.memory_bytes == len(memory)
        assert store.open_calls == 0 and store.slots == 0
        with pytest.raises(watloom.Trap, match="out of bounds"):
            self.one.exports.poke(end + 1, 0)


#: Set WATLOOM_EVERY_POINT for all of them: it takes minutes.
FULL = bool(os.environ.get("WATLOOM_EVERY_POINT"))
LIMIT = sys.getrecursionlimit()
LIMITS = {"no limits": Limits(), "limits": Limits(fuel=10**9, depth=500, seconds=1000)}

#: The files whose state outlives a call.
STATE = [
    "/interp/runtime/invoke.py", "/interp/runtime/memory.py", "/interp/runtime/table.py",
    "/interp/runtime/store.py", "/interp/runtime/recursion.py", "/interp/runtime/instantiate.py",
    "/interp/runtime/values.py", "/interp/compile/invoke.py", "/interp/compile/link.py",
    "/interp/compile/wrappers.py", "/interp/compile/support.py", "/interp/compile/emit.py",
    "/interp/machine/machine.py", "/interp/machine/operations.py", "/interp/link/linker.py",
    "/interp/link/hosts.py", "<",
]  # fmt: skip


def all_points(make: Callable[[], World], files: list[str], visits: int) -> list[Point]:
    make().work()  # what is done once in a process is done
    return points(make().work, files, visits)


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_an_interrupt_at_many_points(tier: Tier, limits: str) -> None:
    def make() -> World:
        return World(tier, LIMITS[limits])

    found = all_points(make, STATE, visits=1)
    assert len(found) > 300
    for point in found[:: 1 if FULL else 5]:
        world = make()
        assert interrupted(world.work, point), f"{point} was not reached"
        try:
            world.check()
        except AssertionError as error:
            raise AssertionError(f"interrupted at {point}: {error}") from None
