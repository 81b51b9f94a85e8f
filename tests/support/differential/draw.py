"""Random choices from a seed: the same seed makes the same choices on every Python."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

__all__ = ["Draw", "Weighted"]

T = TypeVar("T")


class Weighted(Generic[T]):
    """Things with weights, to be drawn from."""

    __slots__ = ("items", "sums")

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        chosen = [(item, weight) for item, weight in pairs if weight > 0]
        self.items = [item for item, _ in chosen]
        self.sums = list(accumulate(weight for _, weight in chosen))


class Draw:
    """Choices, all made from `Random.random`, whose sequence is the same in all versions."""

    __slots__ = ("_random",)

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return self._random() < probability

    def below(self, n: int) -> int:
        """An int, 0 ≤ i < n."""
        return int(self._random() * n)

    def between(self, low: int, high: int) -> int:
        """An int, low ≤ i ≤ high."""
        return low + int(self._random() * (high - low + 1))

    def bits(self, n: int) -> int:
        """n random bits."""
        return int(self._random() * (1 << 32)) << 32 >> (64 - n) | (
            int(self._random() * (1 << 32)) if n > 32 else 0
        )

    def pick(self, items: Sequence[T]) -> T:
        """One of them."""
        return items[int(self._random() * len(items))]

    def some(self, items: Iterable[T], probability: float) -> list[T]:
        """Each of them with that probability."""
        return [item for item in items if self._random() < probability]

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """All of them, in some order."""
        return sorted(items, key=lambda _: self._random())

    def weighted(self, choices: Weighted[T]) -> T:
        """One of them by weight."""
        sums = choices.sums
        return choices.items[bisect(sums, self._random() * sums[-1], 0, len(sums) - 1)]
