"""Asynchronous host functions: `async def` exports, and `await instance.call_async(…)`.

    reference tier   the machine stops at the call, the export is awaited in the same task, the
                     machine goes on with what it gave back. Any number of calls may wait at once.
    compiled tier    the guest runs in a thread of its own, which waits while the loop runs the
                     export. Meanwhile others may enter the store: one at a time computes, any
                     number wait.

Cancelling the task cancels the export that it waits for, and the guest's call ends there. Where
nothing is waited for, the reference tier stops at the next of its slices; compiled code runs on in
its thread until it calls an asynchronous export, or at once to the next look at the clock where
`Limits(seconds=…)` is set. Nothing else enters that store meanwhile.
"""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar, copy_context
from typing import Any

from watloom.interp.core.errors import ExhaustionError, HostValueError, WatloomError
from watloom.interp.host import messages
from watloom.interp.machine.machine import Machine, Suspended
from watloom.interp.runtime.convert import to_python_all, to_wasm_all
from watloom.interp.runtime.invoke import compiled_tier, invoke, is_fast
from watloom.interp.runtime.limits import out_of_time
from watloom.interp.runtime.store import MAX_NESTING, Store
from watloom.interp.runtime.values import FuncInst

__all__ = ["call_async", "suspend", "wait_in_thread"]

Waited = Coroutine[Any, Any, Any]
Listed = Callable[[Any], list[Any]]

#: Steps of the reference machine before the loop has its turn.
_SLICE = 5_000


async def call_async(func: FuncInst, args: Sequence[Any]) -> Any:
    """Call with Python values, as `func(…)` does, while the loop goes on.

    Raises ExhaustionError where too many calls wait for each other, besides what a call raises.
    """
    t = func.type.func
    if len(args) != len(t.params):
        raise HostValueError(f"{func.name} takes {len(t.params)} values, {len(args)} given: {t}")
    store = func.store or Store()
    values = to_wasm_all(args, t.params, store)
    run = _in_thread if is_fast(store) else _in_slices
    with _nested():
        return to_python_all(await run(store, func, values), t.results)


class _Call:
    """A `call_async`, for those that begin within it: in exports that it waits for, and in tasks
    that these have left behind, which may outlive it."""

    is_over = False


#: The calls around the task at hand.
_around: ContextVar[tuple[_Call, ...]] = ContextVar("_around", default=())


@contextmanager
def _nested() -> Iterator[None]:
    """A call that others may wait for: they are machines and threads, so not any number."""
    around = tuple(call for call in _around.get() if not call.is_over)
    if len(around) >= MAX_NESTING:
        raise ExhaustionError("call stack exhausted: guest and host call each other too deeply")
    call = _Call()
    token = _around.set((*around, call))
    try:
        yield
    finally:
        call.is_over = True
        _around.reset(token)


# ------------------------------------------------------------------ the reference machine


class _Suspended(Suspended):
    """By a call of an asynchronous export."""

    def __init__(self, waited: Waited, listed: Listed) -> None:
        self.waited = waited
        self.listed = listed


#: The machines that may stop and wait.
_awaited: weakref.WeakSet[Machine] = weakref.WeakSet()


def suspend(store: Store, waited: Waited, listed: Listed, name: str) -> None:
    """Stop the machine that runs, until an export has come back. Raises what stops it.

    `listed` makes the machine's results of what it gives back.
    """
    if not store.machines or store.machines[-1] not in _awaited:
        waited.close()
        nested = len(store.machines) > 1
        why = "a Python function stands between" if nested else "it does not wait"
        raise messages.not_awaited(name=name, why=why)
    raise _Suspended(waited, listed)


async def _in_slices(store: Store, func: FuncInst, values: list[Any]) -> list[Any]:
    machine = Machine.for_call(store, func, values)
    _awaited.add(machine)
    seconds = store.limits.seconds
    end = None if seconds is None else time.monotonic() + seconds
    while not machine.done:
        until = machine.steps + _SLICE
        try:
            machine.run(until=lambda m, until=until: m.steps >= until)  # type: ignore[misc]
        except _Suspended as stopped:
            await _answer(machine, stopped, end)
        else:
            await asyncio.sleep(0)
        if end is not None and time.monotonic() > end and not machine.done:
            machine.answer(out_of_time(seconds))
    return machine.stack


async def _answer(machine: Machine, stopped: _Suspended, end: float | None) -> None:
    """Go on with what an export gives back, or raises."""
    left = None if end is None else max(end - time.monotonic(), 0)
    task = asyncio.ensure_future(stopped.waited)
    try:
        done, _ = await asyncio.wait({task}, timeout=left)
    except asyncio.CancelledError:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
        raise
    if not done:
        task.cancel()
        machine.answer(out_of_time(machine.store.limits.seconds))
    try:
        results = stopped.listed(task.result())
    except WatloomError as error:
        machine.answer(error)
    else:
        machine.answer(results)


# ------------------------------------------------------------------ compiled code


_local = threading.local()


class _Worker:
    """A thread in which a guest runs, and may wait for what the loop does."""

    def __init__(self, store: Store, func: FuncInst, values: list[Any]) -> None:
        self.store, self.func, self.values = store, func, values
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[tuple[Any, BaseException | None]] = self.loop.create_future()
        self.lock = threading.Lock()
        """Held to look at or change what follows."""
        self.is_cancelled = False
        self.computes = False
        """Whether the store is this thread's, and its deadline the one of this call."""
        self.waits_for: Future[Any] | None = None

    def run(self) -> None:
        """The thread's work."""
        result, error = None, None
        _local.worker = self
        compiled_tier()  # or a call that is cancelled meanwhile would only then begin its time
        with self.store.lock:
            try:
                self._go_on()
                result = invoke(self.func, self.values)
            except BaseException as raised:
                error = raised
            finally:
                self._stop()
        with suppress(RuntimeError):  # the loop may be closed by now
            self.loop.call_soon_threadsafe(self._finish, result, error)

    def _finish(self, result: Any, error: BaseException | None) -> None:
        if not self.done.done():
            self.done.set_result((result, error))

    def _go_on(self) -> None:
        with self.lock:
            if self.is_cancelled:
                raise asyncio.CancelledError
            self.computes = True

    def _stop(self) -> None:
        with self.lock:
            self.computes = False

    def wait(self, waited: Waited, stores: Iterable[Store]) -> Any:
        """What a coroutine gives, run by the loop. Nobody is kept out of the stores meanwhile."""
        deadline = self.store.deadline if self.store.limits.seconds is not None else None
        left = None if deadline is None else max(deadline - time.monotonic(), 0)
        with self.lock:
            if self.is_cancelled:
                waited.close()
                raise asyncio.CancelledError
            self.computes = False
            self.waits_for = waits_for = asyncio.run_coroutine_threadsafe(waited, self.loop)
        try:
            with ExitStack() as left_to_others:
                for store in stores:
                    left_to_others.enter_context(_left_to_others(store))
                return self._result(waits_for, left)
        finally:
            self._go_on()

    def _result(self, waits_for: Future[Any], seconds: float | None) -> Any:
        try:
            return waits_for.result(seconds)
        except CancelledError:
            raise asyncio.CancelledError from None
        except TimeoutError:
            if waits_for.done():  # it is the export's own, or has come in the last moment
                return waits_for.result()
            waits_for.cancel()
            raise out_of_time(self.store.limits.seconds) from None

    def cancel(self) -> None:
        """End the guest's call as soon as that can be done."""
        with self.lock:
            self.is_cancelled = True
            if self.computes and self.store.limits.seconds is not None:
                self.store.deadline = 0.0
            waits_for = self.waits_for
        if waits_for is not None:
            waits_for.cancel()


@contextmanager
def _left_to_others(store: Store) -> Iterator[None]:
    """Let go of a store's lock, however often this thread has taken it."""
    aside = store.set_aside()
    count = 0
    with suppress(RuntimeError):
        while True:
            store.lock.release()
            count += 1
    try:
        yield
    finally:
        for _ in range(count):
            store.lock.acquire()
        store.take_up(aside)


async def _in_thread(store: Store, func: FuncInst, values: list[Any]) -> list[Any]:
    worker = _Worker(store, func, values)
    run = copy_context().run
    threading.Thread(target=run, args=(worker.run,), daemon=True, name=func.name).start()
    try:
        result, error = await worker.done
    except asyncio.CancelledError:
        worker.cancel()
        raise
    if error is not None:
        raise error
    found: list[Any] = result
    return found


def wait_in_thread(store: Store, waited: Waited, name: str) -> Any:
    """What an asynchronous export gives back to compiled code."""
    worker: _Worker | None = getattr(_local, "worker", None)
    if worker is None:
        waited.close()
        raise messages.not_awaited(name=name, why="it does not wait")
    return worker.wait(waited, {worker.store, store})
