"""A time limit for Python code that may never end; without signals (Windows) there is none."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["OutOfTime", "deadline"]


class OutOfTime(BaseException):
    """Raised where the time is over; no `except Exception` catches it on its way."""


def _raise(*_: object) -> None:
    raise OutOfTime


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise OutOfTime within the block once so many seconds have passed."""
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable:
        yield
        return
    before = signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
