"""Where a program has the time from."""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "SteadyClock", "SystemClock", "make_clock"]


class Clock(Protocol):
    """A clock; all numbers are nanoseconds."""

    def realtime(self) -> int:
        """Since 1970."""

    def monotonic(self) -> int:
        """Since some moment; never less than before."""

    def cpu(self, thread: bool) -> int:
        """What the process or the thread has worked."""

    def resolution(self, which: int) -> int:
        """The smallest step of realtime (0), monotonic (1), and the two of `cpu` (2, 3)."""

    def sleep(self, nanoseconds: int) -> None:
        """Wait, so that `monotonic` is that much more."""


class SystemClock:
    """The host's."""

    def realtime(self) -> int:
        return time.time_ns()

    def monotonic(self) -> int:
        return time.monotonic_ns()

    def cpu(self, thread: bool) -> int:
        return time.thread_time_ns() if thread else time.process_time_ns()

    def resolution(self, which: int) -> int:
        found = (
            time.get_clock_info("time"),
            time.get_clock_info("monotonic"),
            time.get_clock_info("process_time"),
            time.get_clock_info("thread_time"),
        )[which]
        return max(1, round(found.resolution * 1e9))

    def sleep(self, nanoseconds: int) -> None:
        time.sleep(nanoseconds / 1e9)


class SteadyClock:
    """One that goes on by `step` each time that it is looked at, and by what is slept: a program
    that looks at nothing else does the same each time that it is run.

    >>> clock = SteadyClock(1000)
    >>> clock.realtime(), clock.sleep(5_000_000), clock.realtime()
    (1000, None, 6001000)
    """

    def __init__(self, start: int = 0, step: int = 1_000_000) -> None:
        self._start = start
        self._gone = 0
        self._step = step

    def realtime(self) -> int:
        return self._start + self.monotonic()

    def monotonic(self) -> int:
        now = self._gone
        self._gone += self._step
        return now

    def cpu(self, thread: bool) -> int:
        return self.monotonic()

    def resolution(self, which: int) -> int:
        return max(1, self._step)

    def sleep(self, nanoseconds: int) -> None:
        self._gone += max(0, nanoseconds)


def make_clock(given: Clock | int | None) -> Clock:
    """The system's for None; a steady one for the nanoseconds since 1970 that it begins at."""
    if given is None:
        return SystemClock()
    return SteadyClock(given) if isinstance(given, int) else given
