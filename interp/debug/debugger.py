"""Stepping through a call, forwards and back, without any input or output of its own.

    session = Session(instance.start("factorial", 3))
    session.step(4)
    session.breakpoints.add(session.target("12"))
    session.resume().reason      # Reason.BREAKPOINT
    session.back(2)

A position is the number of steps since the outermost function was entered; going back to one gives
the very same state. What host functions did outside (a file written, a line printed) stays done.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.errors import WatloomError
from watloom.interp.debug.history import History
from watloom.interp.debug.places import Breakpoints, Target, functions, parse_target
from watloom.interp.debug.probes import Probe
from watloom.interp.machine import Frame, Machine
from watloom.interp.machine.snapshot import SnapshotError
from watloom.interp.runtime.values import BoundFunc, HostFunc, WasmFunc
from watloom.interp.validate import ValidFunc

__all__ = ["Reason", "Session", "Stop"]


class Reason(Enum):
    """Why the machine stands."""

    STEPPED = "stepped"
    BREAKPOINT = "breakpoint"
    DONE = "done"
    RAISED = "raised"
    OLDEST = "oldest"
    """Going back ends here: nothing before it is remembered."""
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Stop:
    """The reason, and the number of the breakpoint if it is one."""

    reason: Reason
    breakpoint: int | None = None


class _HostCalls(Probe):
    """Notices that a step called a host function."""

    def __init__(self) -> None:
        self.called = False

    def called_host(
        self, machine: Machine, func: HostFunc, args: list[Any], results: list[Any]
    ) -> None:
        self.called = True


class Session:
    """One call under a person's hand.

    `error` is what the program raised, if it did: its state can still be looked at, and gone back
    from. `interval` and `budget` are those of `History`.
    """

    def __init__(self, machine: Machine, interval: int = 1000, budget: int = 256 << 20) -> None:
        self.machine = machine
        self.position = 0
        self.error: Exception | None = None
        self.breakpoints = Breakpoints()
        self.no_history: SnapshotError | None = None
        """Why there is no going back, where there is none."""
        self._undone = False
        self._host_calls = _HostCalls()
        machine.attach(self._host_calls)
        func = machine.pending
        while isinstance(func, BoundFunc):
            func = func.target
        self._roots = [func.module] if isinstance(func, WasmFunc) else []
        if isinstance(func, WasmFunc):
            try:
                machine.step()
            except WatloomError as error:
                self.error = error
        self._history: History | None = None
        try:
            self._history = History(machine, interval, budget=budget)
        except SnapshotError as error:
            self.no_history = error

    @property
    def ended(self) -> bool:
        """Whether the program has come to its end, in one way or the other."""
        return self.error is not None or self.machine.done

    @property
    def oldest(self) -> int:
        """The first position that `back` can reach."""
        return self._history.oldest if self._history else self.position

    def pc(self, frame: Frame) -> int:
        """Where a frame stands: what comes next, in callers the call, after a trap what trapped."""
        innermost = frame is self.machine.frames[-1]
        waiting = innermost and (self.error is None or self._undone)
        return frame.pc if waiting else max(frame.pc - 1, 0)

    def functions(self) -> list[ValidFunc]:
        """All functions that may come to run, as far as they are known."""
        return functions(self.machine, *self._roots)

    def target(self, text: str) -> Target:
        """The place that `LINE`, `FILE:LINE` or `FUNC` names; raises PlaceError."""
        frames = self.machine.frames
        module = frames[-1].module if frames else next(iter(self._roots), None)
        return parse_target(text, self.functions(), module.valid.module.source if module else None)

    # ------------------------------------------------------------------ forwards

    def step(self, count: int = 1) -> Stop:
        """That many instructions, into calls."""
        end = self.position + count
        return self._advance(lambda: self.position >= end)

    def over(self) -> Stop:
        """One instruction; a call with all that happens in it."""
        depth = len(self.machine.frames)
        return self._advance(lambda: len(self.machine.frames) <= depth)

    def out(self) -> Stop:
        """To behind the call that the innermost frame came from."""
        depth = len(self.machine.frames)
        return self._advance(lambda: len(self.machine.frames) < depth)

    def until(self, target: Target) -> Stop:
        """To a line or to the entry of a function, as to a breakpoint."""
        return self._advance(lambda: False, target)

    def resume(self) -> Stop:
        """To the next breakpoint or the end."""
        return self._advance(lambda: False)

    def _advance(self, arrived: Callable[[], bool], target: Target | None = None) -> Stop:
        if self.ended:
            return self._end()
        machine = self.machine
        watched = bool(self.breakpoints) or target is not None
        try:
            while True:
                before = machine.frames[-1] if machine.frames else None
                if not self._next():
                    return self._end()
                if watched:
                    frame = machine.frame
                    entered = frame is not before and frame.pc == 0
                    number = self.breakpoints.at(frame, entered)
                    if number is not None:
                        return Stop(Reason.BREAKPOINT, number)
                    if target is not None and target.reached(frame, entered):
                        return Stop(Reason.STEPPED)
                if arrived():
                    return Stop(Reason.STEPPED)
        except KeyboardInterrupt:
            self._seek(self.position)  # a step may have been broken off in its middle
            return Stop(Reason.INTERRUPTED)

    def _next(self) -> bool:
        """One step, after which the program may be over; what it raises is kept in `error`."""
        steps = self.machine.steps
        try:
            self.machine.step()
        except Exception as error:  # a host function's own, too
            self._undone = self.machine.steps == steps
            self.error = error
        self.position += 1
        called, self._host_calls.called = self._host_calls.called, False
        if self.error is None and self._history is not None:
            try:
                self._history.passed(self.position, called)
            except SnapshotError as error:
                self._history, self.no_history = None, error
        return not self.ended

    def _end(self) -> Stop:
        return Stop(Reason.DONE if self.error is None else Reason.RAISED)

    # ------------------------------------------------------------------ back

    def back(self, count: int = 1) -> Stop:
        """To the state of that many steps ago, or the oldest one that is remembered.

        Raises SnapshotError where there is no going back.
        """
        if self.no_history is not None:
            raise self.no_history
        wanted = self.position - count
        self._seek(max(wanted, self.oldest))
        return Stop(Reason.STEPPED if wanted >= self.oldest else Reason.OLDEST)

    def _seek(self, position: int) -> None:
        """Put the machine into the state of a position that it has been at."""
        if self._history is None:
            return
        machine: Any = self.machine  # observed since __init__
        at = self._history.restore(position)
        self.error, self._undone = None, False
        probes, machine.probes = machine.probes, []
        try:
            for _ in range(position - at):
                self.machine.step()
        finally:
            machine.probes = probes
        self._host_calls.called = False
        self.position = position
