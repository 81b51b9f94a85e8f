"""A folder in which things go wrong when they are told to: for tests of what stands above.

    folder = faulty(folder, Fault("write", Errno.NOSPC, after=3))     the fourth write, and no other
    folder = faulty(folder, Fault("read", short=1, times=None))       reads give one byte each
    folder = faulty(folder, Chance(0.01, seed=7))                     one call in a hundred: EIO

A fault is met by the calls of its operation, of what was opened there too, in the order in which
they are made. The same calls meet the same faults, so what was found can be found again.
"""

from __future__ import annotations

import random
from typing import Any, Protocol

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.fd_types import FIELDS
from watloom.stdlib.providers.observed import Call, Observed
from watloom.stdlib.vnode import Vnode

__all__ = ["Chance", "Fault", "Plan", "faulty"]

_MOVING = ("read", "write", "pread", "pwrite")


class Plan(Protocol):
    """Says what goes wrong."""

    def answer(self, call: Call) -> Errno | int | None:
        """An errno, a number of bytes that a read or write is cut to, or None: nothing."""


@dataclass(slots=True)
class Fault:
    """Calls of an operation that fail with an errno, or move at most `short` bytes.

    It is met `times` times (None: always), `after` so many calls; by any path, or by one.
    """

    operation: str
    errno: Errno = Errno.IO
    after: int = 0
    times: int | None = 1
    short: int | None = None
    path: bytes | None = None
    seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.operation not in FIELDS:
            raise ValueError(f"no operation {self.operation!r}; there are {', '.join(FIELDS)}")
        if self.short is not None and self.operation not in _MOVING:
            raise ValueError(f"{self.operation} moves no bytes; {', '.join(_MOVING)} do")

    def answer(self, call: Call) -> Errno | int | None:
        if call.operation != self.operation or self.path not in (None, call.path):
            return None
        self.seen += 1
        turn = self.seen - self.after
        if turn <= 0 or (self.times is not None and turn > self.times):
            return None
        return self.errno if self.short is None else self.short


class Chance:
    """Calls that fail by chance, at a rate from 0 to 1: always the same ones for a seed."""

    def __init__(self, rate: float, seed: int = 0, errno: Errno = Errno.IO) -> None:
        self.rate = rate
        self.errno = errno
        self._random = random.Random(seed)

    def answer(self, call: Call) -> Errno | int | None:
        return self.errno if self._random.random() < self.rate else None


def faulty(folder: Vnode, *plans: Plan) -> Vnode:
    """The folder, with what goes wrong in it. The first plan that has an answer gives it."""
    return Faulty(folder, plans)


class Faulty(Observed):
    """A folder, or what was opened in it."""

    def __init__(self, inner: Vnode, plans: tuple[Plan, ...]) -> None:
        super().__init__(inner)
        self.plans = plans

    def like(self, node: Vnode) -> Vnode:
        return Faulty(node, self.plans)

    def around(self, call: Call) -> Any:
        for plan in self.plans:
            answer = plan.answer(call)
            if isinstance(answer, Errno):
                raise Refused(answer)
            if answer is not None:
                return self._short(call, answer)
        return call.make()

    def _short(self, call: Call, most: int) -> Any:
        """Move so many bytes at most."""
        first, *rest = call.arguments
        first = first[:most] if isinstance(first, bytes) else min(first, most)
        return getattr(self.inner, call.operation)(first, *rest)
