"""What the values of one kind that a store has take together: bytes, entries, elements."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Tally"]

T = TypeVar("T")


class Tally(Generic[T]):
    """The sizes of values that are alive, together; `size` gives one's.

    Those that are gone are noticed only when a limit is reached: then all are counted anew.

    >>> held, tally = frozenset("abc"), Tally(len)
    >>> tally.add(held)
    >>> tally.fits(7, 10), tally.fits(8, 10)
    (True, False)
    """

    def __init__(self, size: Callable[[T], int]) -> None:
        self._size = size
        self._values: weakref.WeakSet[T] = weakref.WeakSet()
        self._counted = 0
        """What all take, or more."""

    def add(self, value: T, more: int | None = None) -> None:
        """Count a new value, or so much more of a known one."""
        self._values.add(value)
        self._counted += self._size(value) if more is None else more

    def forget(self) -> None:
        """Sizes were changed from outside: all are counted when it matters."""
        self._counted = sys.maxsize

    def fits(self, more: int, most: int | None, collect: bool = False) -> bool:
        """Whether there may be so much more, where `most` is the limit of all together.

        With `collect`, what is not used any more but hangs together in cycles is looked for first.
        """
        if most is None or self._counted + more <= most:
            return True
        if self.total() + more > most >= more and collect:
            gc.collect()
            self.total()
        return self._counted + more <= most

    def total(self) -> int:
        """What those that are alive take."""
        self._counted = sum(map(self._size, self._values))
        return self._counted
