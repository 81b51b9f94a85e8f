"""The reference machine.

Its whole state is plain data: an operand stack, a list of frames (each with its locals, its open
labels and its place in the code), and the store that the instances in it live in. One `step` runs
one instruction's own rule (`Op.step`), which works on the machine through the methods here
(`isa.protocols.Machine`). A Wasm call pushes a frame and never recurses in Python.

    operand stack   [1 2]                       frames   main  pc 3  locals [7]  labels []
    step: i32.add   [3]                                  main  pc 4
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from watloom.interp.core.errors import (
    ExhaustionError,
    GuestError,
    LimitError,
    WasmException,
    WatloomError,
)
from watloom.interp.core.instr import Instr
from watloom.interp.core.types import ValType
from watloom.interp.machine.frames import Frame
from watloom.interp.machine.operations import Operations
from watloom.interp.runtime.convert import to_python
from watloom.interp.runtime.exceptions import received
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.limits import out_of_fuel, out_of_time
from watloom.interp.runtime.store import (
    MAX_DEPTH,
    MAX_NESTING,
    Store,
)
from watloom.interp.runtime.values import (
    FuncInst,
)
from watloom.interp.validate import ValidExpr

__all__ = ["Machine", "Suspended"]

#: Python frames for host functions that call the guest that calls host functions … (MAX_NESTING).
_HOST_FRAMES = 3_000
_CLOCK_EVERY = 1024  # steps between two looks at the clock


class Suspended(BaseException):
    """What a host function raises to leave the machine at its call, until `answer`."""


class Machine(Operations):
    """A call in progress. Made by `Machine.for_call`; finished when `frames` is empty."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.stack: list[Any] = []
        self.frames: list[Frame] = []
        self.steps = 0
        self.slots = 0
        self.depth_limit = MAX_DEPTH if store.limits.depth is None else store.limits.depth
        self.in_host = False
        self.pending: FuncInst | None = None
        self.traced: WatloomError | None = None
        self.failed: GuestError | None = None
        self.result_types: tuple[ValType, ...] = ()

    @classmethod
    def for_call(cls, store: Store, func: FuncInst, values: Sequence[Any]) -> Machine:
        """A machine about to run a call with Wasm values; it has not moved yet."""
        from watloom.interp.machine.observed import ObservedMachine

        machine = cls(store)
        if store.probes:
            machine = ObservedMachine(store)
            machine.probes = list(store.probes)
        machine.result_types = func.type.func.results
        machine.stack.extend(values)
        machine._start(func)
        return machine

    def _start(self, func: FuncInst) -> None:
        """Enter the outermost function; a host function is called when the machine first moves."""
        outer = self.store.machines
        if len(outer) >= MAX_NESTING:
            raise ExhaustionError("call stack exhausted: guest and host call each other too deeply")
        self.depth_limit -= self.store.open_calls
        self.pending = func

    # ------------------------------------------------------------------ running

    @property
    def done(self) -> bool:
        """Whether the call has returned."""
        return not self.frames and self.pending is None

    @property
    def results(self) -> tuple[Any, ...]:
        """The results as Python values, once done."""
        types = self.result_types if self.done else ()
        return tuple(to_python(value, t) for value, t in zip(self.stack, types, strict=False))

    def step(self) -> None:
        """Run one instruction; raises what it raises, and once it trapped the same again.

        Does nothing when the call is done.
        """
        if not self.done:
            self._move(self._step_metered)

    def _step_metered(self) -> None:
        self._charge()
        self._step()

    def _move(self, work: Callable[[], object]) -> None:
        """Run what moves this machine: meanwhile its store is its own, and knows it."""
        if self.failed is not None:
            raise self.failed
        if self.in_host:
            raise WatloomError("this machine waits for the host function that it called")
        with self.store.lock:
            self.store.begin()
            machines = self.store.machines
            outside = len(machines)
            try:
                machines.append(self)
                work()
            except WatloomError as error:
                if isinstance(error, GuestError) and not isinstance(error, LimitError):
                    self.failed = error
                raise self._with_stack(error) from error.__cause__
            finally:
                del machines[outside:]

    def _step(self) -> None:
        if self.pending is not None:
            func, self.pending = self.pending, None
            self.call(func)
            return
        frame = self.frames[-1]
        pc = frame.pc
        self.steps += 1
        if pc >= len(frame.code):
            self.return_()
            return
        instr = frame.code[pc]
        frame.pc = pc + 1
        instr.op.step(self, *instr.args)

    def run(self, until: Callable[[Machine], object] | None = None) -> bool:
        """Step until `until(machine)` is true or the call is done; says whether it is done."""
        if not self.done:
            self._move(lambda: self._run_metered(until))
        return self.done

    def run_to_end(self) -> list[Any]:
        """Run the whole call: its results."""
        metered = self.store.metering.fuel or self.store.metering.clock
        self._move(self._run_metered if metered else self._run_plain)
        return self.stack

    def _run_plain(self) -> None:
        """`_step` in a loop, written out: this is where the time goes."""
        self._step()  # enters the outermost function
        frames = self.frames
        while frames:
            frame = frames[-1]
            code = frame.code
            end = len(code)
            depth = len(frames)
            while True:  # as long as this frame is the innermost one
                pc = frame.pc
                self.steps += 1
                if pc >= end:
                    self.return_()
                    break
                instr = code[pc]
                frame.pc = pc + 1
                instr.op.step(self, *instr.args)
                if len(frames) != depth or frames[-1] is not frame:
                    break

    def _run_metered(self, until: Callable[[Machine], object] | None = None) -> None:
        """The same with fuel, the clock and somebody's condition looked at."""
        deadline = self.store.deadline
        while not self.done:
            self._charge()
            if (
                deadline is not None
                and self.steps % _CLOCK_EVERY == 0
                and time.monotonic() > deadline
            ):
                raise self._with_stack(out_of_time(self.store.limits.seconds), before=True)
            self._step()
            if until is not None and until(self):
                return

    def _charge(self) -> None:
        """Take the fuel of the basic block that begins here, where fuel is counted."""
        fuel = self.store.fuel
        if fuel is None or not self.frames or self.pending is not None:
            return
        frame = self.frames[-1]
        price = frame.body.prices.get(frame.pc, 0)
        if fuel < price:
            raise self._with_stack(out_of_fuel(), before=True)
        self.store.fuel = fuel - price

    # ------------------------------------------------------------------ what a person asks

    @property
    def instr(self) -> Instr | None:
        """The instruction that comes next."""
        return self.frames[-1].instr if self.frames else None

    def copy(self) -> Machine:
        """An independent copy, with copies of everything in the store that it can reach."""
        from watloom.interp.machine.snapshot import copy

        return copy(self)

    __copy__ = copy

    def __deepcopy__(self, _: dict[int, object]) -> Machine:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        from watloom.interp.machine.snapshot import restore, snapshot

        return restore, (snapshot(self),)

    def attach(self, probe: Any) -> None:
        """Let a probe (`debug.probes.Probe`) watch this machine from now on."""
        from watloom.interp.machine.observed import ObservedMachine

        if not isinstance(self, ObservedMachine):
            # the same state, watched: only then do the observed methods cost anything
            self.__class__ = ObservedMachine
        self.probes = [*getattr(self, "probes", ()), probe]

    def _with_stack(self, error: WatloomError, *, before: bool = False) -> WatloomError:
        """The error with the Wasm call stack and the place, as far as it has none.

        The place is the instruction that ran last, or the one that it was raised `before`.
        """
        if not isinstance(error, GuestError) or self.traced is error:
            return error
        self.traced = (
            error  # an error that passes a host function collects the frames of both sides
        )
        entries = [frame.entry(max(frame.pc - 1, 0)) for frame in reversed(self.frames)]
        if before:
            entries[0] = self.frames[-1].entry(self.frames[-1].pc)
        error.stack += entries
        if entries:
            error.located(entries[0].source, entries[0].span)
        return error

    # ------------------------------------------------------------------ from outside of code

    def answer(self, outcome: Any) -> None:
        """Go on from a host function that was left waiting: with its results, or an error."""
        self._move(lambda: self._take(outcome))

    def _take(self, outcome: Any) -> None:
        if isinstance(outcome, WasmException):
            self.throw(received(outcome, self.store), outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            self.stack.extend(outcome)

    def evaluate(self, module: ModuleInst, expr: ValidExpr) -> Any:
        """The value of a constant expression."""
        self.frames.append(Frame(None, module, expr, [], 1, 0))
        self.pending = None
        try:
            while self.frames:
                self._step()
        except WatloomError as error:
            raise self._with_stack(error) from error.__cause__
        return self.stack.pop()
