"""Shared memories in several Python threads, each with a store of its own."""

import _thread
import gc
import pickle
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import watloom
from watloom import InvalidError, LimitError, Limits, LinkError, MalformedError, Store, Trap
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.types import I64, MemType
from watloom.interp.core.types import Limits as Pages

FEATURES = DEFAULT.with_(["+threads"])
TIERS = ["reference", "fast"]

COUNTER = """(module
  (import "env" "memory" (memory 1 4 shared))
  (func (export "add") (param $n i32)
    (loop $more
      (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"""

# The mutex of the proposal's overview: 0 is free, 1 taken. What it guards is not atomic.
MUTEX = """(module
  (import "env" "memory" (memory 1 4 shared))
  (func $lock (loop $again
    (if (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1))
      (then (drop (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const -1)))
            (br $again)))))
  (func $unlock
    (i32.atomic.store (i32.const 0) (i32.const 0))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
  (func (export "add") (param $n i32)
    (loop $more
      (call $lock)
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (call $unlock)
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"""

WAIT = """(module
  (import "env" "memory" (memory 1 4 shared))
  (func (export "wait") (param $expected i32) (param $timeout i64) (result i32)
    (memory.atomic.wait32 (i32.const 4) (local.get $expected) (local.get $timeout)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func (export "size") (result i32) (memory.size))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))"""


@pytest.fixture(autouse=True)
def switch_often() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def instance(text: str, memory: watloom.Memory, tier: str = "fast", **limits: float) -> object:
    store = Store(features=FEATURES, tier=tier, limits=Limits(**limits))
    module = watloom.Module(text, features=FEATURES)
    return watloom.instantiate(module, {"env": {"memory": memory}}, store=store)


def exports(text: str, memory: watloom.Memory, tier: str = "fast", **limits: float) -> object:
    return instance(text, memory, tier, **limits).exports


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("text", [COUNTER, MUTEX], ids=["atomic", "mutex"])
def test_no_increment_is_lost(text: str, tier: str) -> None:
    memory = watloom.Memory(1, 4, shared=True)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: exports(text, memory, tier).add(200), range(4)))
    assert memory[8:12] == (4 * 200).to_bytes(4, "little")


@pytest.mark.parametrize("tier", TIERS)
def test_what_is_expected_is_compared_as_it_is_in_memory(tier: str) -> None:
    text = """(module (import "env" "memory" (memory 1 4 shared))
      (func (export "f") (param i32) (result i32)
        (i32.atomic.rmw8.cmpxchg_u (i32.const 0) (local.get 0) (i32.const 5))))"""
    memory = watloom.Memory(1, 4, shared=True)
    assert exports(text, memory, tier).f(0xABCDEF00) == 0
    assert memory[0] == 5


@pytest.mark.parametrize("tier", TIERS)
def test_waiting(tier: str) -> None:
    memory = watloom.Memory(1, 4, shared=True)
    guest = exports(WAIT, memory, tier)
    assert guest.wait(7, -1) == 1  # something else is there
    assert guest.wait(0, 1_000_000) == 2  # a millisecond
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(guest.wait(0, -1)))
    thread.start()
    while not memory.notify(4):  # until it waits
        pass
    thread.join()
    assert results == [0]
    assert memory.notify(4) == 0


@pytest.mark.parametrize("tier", TIERS)
def test_a_waiting_main_thread_can_be_interrupted(tier: str) -> None:
    guest = exports(WAIT, watloom.Memory(1, 4, shared=True), tier)
    timer = threading.Timer(0.05, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        guest.wait(0, -1)
    timer.join()
    assert guest.wait(7, -1) == 1  # and it still works


@pytest.mark.parametrize("tier", TIERS)
def test_waiting_ends_with_the_time_of_the_call(tier: str) -> None:
    guest = exports(WAIT, watloom.Memory(1, 4, shared=True), tier, seconds=0.05)
    with pytest.raises(LimitError, match="out of time"):
        guest.wait(0, -1)


@pytest.mark.parametrize("tier", TIERS)
def test_all_see_that_a_memory_has_grown(tier: str) -> None:
    memory = watloom.Memory(1, 4, shared=True)
    one, other = exports(WAIT, memory, tier), exports(WAIT, memory, tier)
    view = memory.view()
    with pytest.raises(Trap, match="out of bounds"):
        other.load(65536)
    assert one.grow() == 1
    assert (other.size(), other.load(65536)) == (2, 0)
    memory[0:4] = b"\1\2\3\4"
    assert view[0:4] == b"\1\2\3\4"  # the bytes have not moved
    assert [one.grow() for _ in range(3)] == [2, 3, -1]


def test_a_memory_of_its_own_traps_instead_of_waiting() -> None:
    text = WAIT.replace('(import "env" "memory" (memory 1 4 shared))', "(memory 1)")
    store = Store(features=FEATURES)
    guest = watloom.instantiate(watloom.Module(text, features=FEATURES), store=store)
    with pytest.raises(Trap, match="expected shared memory"):
        guest.exports.wait(0, -1)


def test_the_maximum_is_reserved_and_what_cannot_be_had_is_said() -> None:
    assert len(watloom.Memory(0, 65536, shared=True)) == 0  # 4 GiB, none of them touched
    with pytest.raises(LimitError, match="a shared memory of at most 281474976710656 pages"):
        watloom.Memory(MemType(Pages(0, 1 << 48), I64, shared=True))
    with pytest.raises(LimitError, match="the store's limit is 1000000 bytes"):
        store = Store(features=FEATURES, limits=Limits(memory=1_000_000))
        module = watloom.Module("(module (memory 1 16 shared))", features=FEATURES)
        watloom.instantiate(module, store=store)
    with pytest.raises(ValueError, match="needs a maximum"):
        watloom.Memory(1, shared=True)


def test_a_store_gets_back_what_its_shared_memory_took() -> None:
    store = Store(features=FEATURES, limits=Limits(memory=2 << 20))
    module = watloom.Module("(module (memory 1 16 shared))", features=FEATURES)
    for _ in range(3):
        watloom.instantiate(module, store=store).close()
        gc.collect()
    assert store.memory_bytes <= 1 << 20


def test_only_shared_memories_pass_between_stores() -> None:
    text = '(module (memory (export "memory") 1 4 SHARED))'
    for shared in ("shared", ""):
        given = watloom.instantiate(
            watloom.Module(text.replace("SHARED", shared), features=FEATURES),
            store=Store(features=FEATURES),
        )
        other = COUNTER if shared else COUNTER.replace(" shared", "")
        if shared:
            exports(other, given.exports.memory).add(1)
        else:
            with pytest.raises(LinkError, match="another store"):
                exports(other, given.exports.memory)


def test_a_machine_with_a_shared_memory_has_no_snapshot() -> None:
    guest = instance(COUNTER, watloom.Memory(1, 4, shared=True), "reference")
    machine = guest.start("add", 2)
    machine.step()
    with pytest.raises(watloom.WatloomError, match="shared memory"):
        pickle.dumps(machine)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("(memory 1 shared)", InvalidError, "shared memory must have maximum"),
        (
            "(memory 1) (func (drop (i32.atomic.load align=2 (i32.const 0))))",
            InvalidError,
            "atomic alignment must be natural: 2, where 4 bytes are moved",
        ),
        ("(memory 1) (func (i32.atomic.load16_s (i32.const 0)))", MalformedError, "unknown operat"),
    ],
)
def test_what_is_wrong_is_said(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        watloom.Module(f"(module {text})", features=FEATURES)


def test_the_recursion_limit_is_put_back_when_all_threads_are_done() -> None:
    before = sys.getrecursionlimit()
    memory = watloom.Memory(1, 4, shared=True)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            list(pool.map(lambda _: exports(COUNTER, memory).add(3), range(4)))
    assert sys.getrecursionlimit() == before
