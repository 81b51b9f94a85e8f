"""The process's recursion limit, raised while somebody needs it, and put back.

It is one number for all threads: the highest that is asked for counts, and when nobody asks any
longer, the one from before is there again.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["ask", "give_back", "recursion"]

_lock = threading.Lock()
_wanted: list[int] = []
_before = 0


def ask(frames: int) -> None:
    """Room for so many Python frames, until they are given back."""
    global _before
    with _lock:
        if not _wanted:
            _before = sys.getrecursionlimit()
        _wanted.append(frames)
        sys.setrecursionlimit(max(_before, *_wanted))


def give_back(frames: int) -> None:
    """They are no longer needed."""
    with _lock:
        _wanted.remove(frames)
        sys.setrecursionlimit(max([_before, *_wanted]))


@contextmanager
def recursion(frames: int) -> Iterator[None]:
    """Room for so many Python frames.

    >>> with recursion(123_456):
    ...     sys.getrecursionlimit()
    123456
    """
    ask(frames)
    try:
        yield
    finally:
        give_back(frames)
