"""Where a machine has been: what makes stepping back possible.

Marks are kept on the way, at intervals and right after every host call. To go back to a step, the
machine is put into the state of the last mark before it, and the steps between are run again; they
are Wasm only, so they do the same again.

    steps    0 ──────── 1000 ──────── 2000 ── host call ──── 3000 ── now
    marks    *          *             *                 *    *

The marks are bounded. Those at intervals are thinned out, every second one, the interval doubling;
those after host calls can't be left out without losing what lies before them, so the oldest go,
and stepping back ends there.
"""

from __future__ import annotations

from bisect import bisect_right

from watloom.interp.core.dataclass import dataclass
from watloom.interp.machine import Machine
from watloom.interp.machine.checkpoint import Checkpoint

__all__ = ["History"]

#: A mark is paid for by so many steps for each object in it but the first, which take as long.
_STEPS_FOR_AN_OBJECT, _FREE = 4, 250


@dataclass(slots=True, eq=False)
class _Mark:
    position: int
    state: Checkpoint
    after_host: bool


class History:
    """The marks of one machine; positions are counted by whoever steps it.

    `interval` is the least distance of two marks; where there is much to be kept, it is larger.
    At most `most` marks of each of the two sorts, and about `budget` bytes, are kept.
    """

    def __init__(
        self, machine: Machine, interval: int = 1000, most: int = 100, budget: int = 256 << 20
    ) -> None:
        self.machine = machine
        self.interval = interval
        self.most = most
        self.budget = budget
        self._marks: list[_Mark] = []
        self.mark(0, after_host=True)

    @property
    def oldest(self) -> int:
        """The first position that can be gone back to."""
        return self._marks[0].position

    def passed(self, position: int, host_called: bool) -> None:
        """The machine has come to a position; marks it if that is called for.

        Raises SnapshotError where it cannot be marked.
        """
        last = self._marks[-1]
        distance = max(self.interval, _STEPS_FOR_AN_OBJECT * (last.state.count - _FREE))
        if host_called or position - last.position >= distance:
            self.mark(position, after_host=host_called)

    def mark(self, position: int, after_host: bool) -> None:
        """Mark the machine's state as that of a position."""
        earlier = self._marks[-1].state if self._marks else None
        self._marks.append(_Mark(position, Checkpoint(self.machine, earlier), after_host))
        self._thin()

    def restore(self, position: int) -> int:
        """Put the machine into the last marked state at or before a position; gives its position.

        What was marked later is forgotten. Raises LookupError where no mark is old enough.
        """
        at = bisect_right(self._marks, position, key=lambda mark: mark.position)
        if at == 0:
            raise LookupError(f"nothing is remembered from before step {self.oldest}")
        del self._marks[at:]
        self._marks[-1].state.restore()
        return self._marks[-1].position

    def _thin(self) -> None:
        if sum(not mark.after_host for mark in self._marks) > self.most:
            self._drop_every_second()
        while sum(mark.after_host for mark in self._marks) > self.most:
            del self._marks[0]
        while len(self._marks) > 1 and sum(m.state.size for m in self._marks) > self.budget:
            if not self._drop_every_second():
                del self._marks[0]

    def _drop_every_second(self) -> bool:
        """Of the marks at intervals but the newest; says whether there was one to drop."""
        dropped = [mark for mark in self._marks[:-1] if not mark.after_host][::2]
        self._marks = [mark for mark in self._marks if mark not in dropped]
        self.interval *= 2 if dropped else 1
        return bool(dropped)
