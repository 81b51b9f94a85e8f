"""Asynchronous host functions and `instance.call_async`, in both tiers."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

import pytest

import watloom
from watloom import (
    ExhaustionError,
    LimitError,
    Limits,
    Linker,
    Store,
    Trap,
    WasmException,
    WatloomError,
)
from watloom.host import I32, Caller, Errno, HostModule, Ptr, String, export, logged
from watloom.interp.debug.probes import Probe
from watloom.interp.machine import Machine

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


@pytest.fixture(params=["fast", "reference"])
def store(request: pytest.FixtureRequest) -> Store:
    return Store(tier=request.param)


class Net(HostModule, name="net"):
    """Answers after a while."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.gate = asyncio.Event()
        self.outcome: BaseException | None = None
        self.next = "double"
        self.ticks = 0

    @export
    async def fetch(self, url: String, out: Ptr[I32]) -> I32 | Errno:
        self.log.append(f"begin {url}")
        try:
            await asyncio.sleep(0)
            await self.gate.wait()
        finally:
            self.log.append(f"end {url}")
        if self.outcome:
            raise self.outcome
        out.value = len(url)
        return 40 + out.value

    @export
    async def back(self, caller: Caller, n: I32) -> I32:
        await asyncio.sleep(0)
        assert caller.instance is not None
        return 1 + caller.instance.exports["double"](n)  # type: ignore[no-any-return]

    @export
    async def again(self, caller: Caller, n: I32) -> I32:
        assert caller.instance is not None
        return 1 + await caller.instance.call_async(self.next, n)  # type: ignore[no-any-return]

    @export
    def plain(self, caller: Caller) -> I32:
        assert caller.instance is not None
        return caller.instance.exports["fetch"]()[0]  # type: ignore[no-any-return]

    @export(raw="i32 -> i32")
    async def raw(self, caller: Caller, n: int) -> int:
        await asyncio.sleep(0)
        return n + 1

    @export
    async def tick(self, caller: Caller) -> I32:
        self.ticks -= 1
        if self.ticks:
            assert caller.instance is not None
            self.later = asyncio.create_task(caller.instance.call_async("tick"))
        else:
            self.gate.set()
        return self.ticks + 1

    @export
    async def open(self) -> I32:
        self.gate.set()
        return 1

    @export
    async def who(self) -> I32:
        return len(WHO.get())


GUEST = """(module
  (import "net" "fetch" (func $fetch (param i32 i32 i32) (result i32 i32)))
  (import "net" "back" (func $back (param i32) (result i32)))
  (import "net" "again" (func $again (param i32) (result i32)))
  (import "net" "plain" (func $plain (result i32)))
  (import "net" "raw" (func $raw (param i32) (result i32)))
  (import "net" "who" (func $who (result i32)))
  (import "net" "tick" (func $tick (result i32)))
  (import "net" "open" (func $open (result i32)))
  (memory (export "memory") 1) (data (i32.const 16) "ab")
  (func (export "fetch") (result i32 i32)
    (call $fetch (i32.const 16) (i32.const 2) (i32.const 64)))
  (func (export "tail") (result i32 i32)
    (return_call $fetch (i32.const 16) (i32.const 2) (i32.const 64)))
  (func (export "outside") (result i32 i32)
    (call $fetch (i32.const -1) (i32.const 2) (i32.const 64)))
  (func (export "caught") (result i32)
    (block $caught
      (try_table (catch_all $caught)
        (call $fetch (i32.const 16) (i32.const 2) (i32.const 64)) (drop) (return)))
    (i32.const -1))
  (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func (export "back") (param i32) (result i32) (call $back (local.get 0)))
  (func (export "again") (param i32) (result i32) (call $again (local.get 0)))
  (func (export "plain") (result i32) (call $plain))
  (func (export "raw") (result i32) (i32.add (call $raw (i32.const 1)) (call $raw (i32.const 5))))
  (func (export "who") (result i32) (call $who))
  (func (export "tick") (result i32) (call $tick))
  (func (export "open") (result i32) (call $open))
  (func (export "spin") (loop (br 0)))
  (func (export "count") (param i32) (result i32)
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0)))"""


def run(store: Store, story: Callable[[watloom.Instance, Net], Coroutine[Any, Any, None]]) -> None:
    """Run a story with a guest and its host module, for half a minute at most."""

    async def told() -> None:
        net = Net()
        linker = Linker(store)
        linker.add(net)
        await asyncio.wait_for(story(linker.instantiate(GUEST), net), 30)

    asyncio.run(told())


def test_the_loop_goes_on_while_a_guest_waits(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        task = asyncio.create_task(guest.call_async("fetch"))
        while not net.log:
            await asyncio.sleep(0)
        assert net.log == ["begin ab"] and not task.done()
        net.gate.set()
        assert await task == (42, 0)
        assert guest.exports.memory[64] == 2

    run(store, story)


def test_a_call_that_waits_for_nothing(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        assert await guest.call_async("double", -4) == -8
        assert await guest.call_async("count", 20_000) == 0
        assert await guest.call_async("raw") == 8
        with pytest.raises(KeyError):
            await guest.call_async("nothing")
        with pytest.raises(watloom.HostValueError, match="takes 1 values, 0 given"):
            await guest.call_async("double")
        with pytest.raises(watloom.HostValueError, match="not a function"):
            await guest.call_async("memory")

    run(store, story)


def test_several_calls(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        net.gate.set()
        calls = [guest.call_async(name) for name in ("fetch", "tail", "fetch")]
        assert await asyncio.gather(*calls) == [(42, 0)] * 3

    run(store, story)


def test_several_machines_wait_at_once() -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        tasks = [asyncio.create_task(guest.call_async("fetch")) for _ in range(3)]
        while len(net.log) < 3:
            await asyncio.sleep(0)
        net.gate.set()
        assert await asyncio.gather(*tasks) == [(42, 0)] * 3

    run(Store(tier="reference"), story)


def test_callbacks_from_an_asynchronous_export(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        assert await guest.call_async("back", 20) == 41

    run(store, story)


def test_a_guest_waits_for_another_call_of_itself(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        assert await guest.call_async("again", 20) == 41
        assert await guest.call_async("double", 1) == 2

    run(store, story)


def test_calls_that_wait_for_each_other_without_end(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        net.next = "again"
        with pytest.raises(ExhaustionError, match="call each other too deeply"):
            await guest.call_async("again", 20)
        net.next = "double"
        assert await guest.call_async("again", 20) == 41

    run(store, story)


def test_calls_that_begin_each_other_and_do_not_wait(store: Store) -> None:
    """A timer that sets the next one: any number of them."""

    async def story(guest: watloom.Instance, net: Net) -> None:
        net.ticks = 200
        assert await guest.call_async("tick") == 200
        await net.gate.wait()
        assert net.ticks == 0

    run(store, story)


def test_two_calls_of_which_one_waits_for_the_other(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        first = asyncio.create_task(guest.call_async("fetch"))
        while not net.log:
            await asyncio.sleep(0)
        assert await guest.call_async("open") == 1
        assert await first == (42, 0)

    run(store, story)


def test_a_plain_call_cannot_wait(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        with pytest.raises(WatloomError, match=r"net\.fetch is asynchronous") as caught:
            guest.exports.fetch()
        assert caught.value.help == "call the guest with `await instance.call_async(…)`"
        assert net.log == []

    run(store, story)


def test_a_python_function_between(store: Store) -> None:
    """A thread can wait within it; a machine cannot be stopped within it."""

    async def story(guest: watloom.Instance, net: Net) -> None:
        net.gate.set()
        if store.tier == "fast":
            assert await guest.call_async("plain") == 42
        else:
            with pytest.raises(WatloomError, match="a Python function stands between"):
                await guest.call_async("plain")

    run(store, story)


@pytest.mark.parametrize(
    "make", [lambda: ValueError("x"), lambda: Trap("no more"), lambda: LimitError("enough")]
)
def test_exceptions_pass_through(store: Store, make: Callable[[], Exception]) -> None:
    error = make()

    async def story(guest: watloom.Instance, net: Net) -> None:
        net.gate.set()
        net.outcome = error
        with pytest.raises(type(error)) as caught:
            await guest.call_async("fetch")
        assert caught.value is error
        if isinstance(error, Trap):
            assert [frame.name for frame in error.stack] == ["fetch"]
        net.outcome = FileNotFoundError(2, "gone")
        assert await guest.call_async("fetch") == (0, Errno.NOENT)

    run(store, story)


def test_a_guest_catches_what_is_thrown_later(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        net.gate.set()
        net.outcome = WasmException(watloom.Tag(watloom.FuncType()), [])
        assert await guest.call_async("caught") == -1
        with pytest.raises(WasmException):
            await guest.call_async("fetch")

    run(store, story)


def test_a_pointer_outside_of_memory(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        with pytest.raises(Trap, match="out of bounds memory access") as caught:
            await guest.call_async("outside")
        assert [frame.name for frame in caught.value.stack] == ["outside"]

    run(store, story)


def test_cancelling_a_guest_that_waits(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        task = asyncio.create_task(guest.call_async("fetch"))
        while not net.log:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while len(net.log) < 2:
            await asyncio.sleep(0)
        assert net.log == ["begin ab", "end ab"]
        net.gate.set()
        assert await guest.call_async("fetch") == (42, 0)
        assert guest.exports.double(2) == 4

    run(store, story)


def test_cancelling_a_guest_that_computes() -> None:
    """The machine between two slices; compiled code where it looks at the clock."""

    async def story(guest: watloom.Instance, net: Net) -> None:
        task = asyncio.create_task(guest.call_async("spin"))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await guest.call_async("double", 2) == 4

    run(Store(tier="reference"), story)
    run(Store(limits=Limits(seconds=1000)), story)


def test_cancelling_one_call_leaves_the_others_their_time() -> None:
    """A call that waits for its turn is cancelled; the one that computes goes on."""

    async def story(guest: watloom.Instance, net: Net) -> None:
        assert await guest.call_async("double", 1) == 2  # all is imported now
        computing = asyncio.create_task(guest.call_async("spin"))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(guest.call_async("double", 2))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0.05)
        assert not computing.done()
        computing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await computing
        assert await guest.call_async("double", 2) == 4

    run(Store(limits=Limits(seconds=1000)), story)


def test_an_export_that_is_cancelled_by_itself(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        net.gate.set()
        net.outcome = asyncio.CancelledError()
        with pytest.raises(asyncio.CancelledError):
            await guest.call_async("fetch")
        assert await guest.call_async("double", 2) == 4

    run(store, story)


def test_a_limit_on_time_counts_what_is_waited_for(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        with pytest.raises(LimitError, match="out of time"):
            await guest.call_async("fetch")
        with pytest.raises(LimitError, match="out of time"):
            await guest.call_async("spin")

    run(Store(tier=store.tier, limits=Limits(seconds=0.05)), story)


def test_fuel_is_counted_as_ever(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        net.gate.set()
        assert await guest.call_async("fetch") == (42, 0)
        with pytest.raises(LimitError, match="out of fuel"):
            await guest.call_async("spin")

    run(Store(tier=store.tier, limits=Limits(fuel=1000)), story)


def test_context_variables_are_the_tasks(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        WHO.set("Ada")
        assert await guest.call_async("who") == 3

    run(store, story)


def test_a_log_is_told_when_it_comes_back(store: Store) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        net.gate.set()
        await guest.call_async("fetch")

    lines: list[str] = []
    method = Net.decorators
    try:
        logged(lines.append)(Net)
        run(store, story)
    finally:
        Net.decorators = method
    assert lines == ['net::fetch("ab", &0) → 42']


def test_no_thread_is_left(store: Store) -> None:
    before = threading.active_count()
    test_several_calls(store)
    for thread in threading.enumerate():
        if thread.name == "fetch":
            thread.join(10)
    assert threading.active_count() <= before + 1  # asyncio may keep one of its own


class Told(Probe):
    """What a probe hears about host functions."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.open = 0

    def before_step(self, machine: Machine, instr: Any) -> None:
        self.open += 1

    def after_step(self, machine: Machine, instr: Any) -> None:
        self.open -= 1

    def trapped(self, machine: Machine, error: WatloomError) -> None:
        self.open -= 1
        self.events.append(str(error))

    def called_host(self, machine: Machine, func: Any, args: list[Any], results: list[Any]) -> None:
        self.events.append((func.name, args, results))


@pytest.mark.parametrize("name", ["fetch", "tail"])
def test_a_probe_is_told_when_an_export_has_come_back(name: str) -> None:
    async def story(guest: watloom.Instance, net: Net) -> None:
        net.gate.set()
        assert await guest.call_async(name) == (42, 0)
        net.outcome = Trap("no more")
        with pytest.raises(Trap):
            await guest.call_async(name)

    told = Told()
    store = Store()
    store.probes.append(told)
    run(store, story)
    assert told.events == [("net.fetch", [16, 2, 64], [42, 0]), "no more"]
    assert told.open == 0
