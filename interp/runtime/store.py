"""A store: what its values have in common, and the limits they live under."""

from __future__ import annotations

import threading
import time
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

from watloom.interp.core.features import DEFAULT, Features
from watloom.interp.runtime.limits import Limits, Metering
from watloom.interp.runtime.tally import Tally

if TYPE_CHECKING:
    from watloom.interp.runtime.memory import Memory
    from watloom.interp.runtime.table import Table
    from watloom.interp.runtime.values import ArrayInst

__all__ = [
    "LARGE_ARRAY", "MAX_DEPTH", "MAX_ELEMENTS", "MAX_NESTING", "MAX_SLOTS", "MAX_TABLE",
    "MAX_TABLES", "Store",
]  # fmt: skip

#: Calls that may be open at once where no limit is given.
MAX_DEPTH = 20_000
#: Variables and operands of all open calls together; beyond it the call stack is exhausted.
MAX_SLOTS = 5_000_000
#: Entries that a table may have where no limit is given.
MAX_TABLE = 10_000_000
#: Entries that all tables of a store may have together where no limit is given.
MAX_TABLES = 20_000_000
#: Elements that an array may have, and all those of a store together that have LARGE_ARRAY.
MAX_ELEMENTS = 100_000_000
LARGE_ARRAY = 4096
#: Times that guest and host code may have called each other in turn: each takes Python stack.
MAX_NESTING = 50

_Aside = tuple[list[Any], int, int, float | None]

Tier = Literal["fast", "reference"]


class Store:
    """Keeps the values of one program family together; values of two stores do not mix.

    Calls into one store are made one at a time: `lock` is held while one runs, also while it waits
    (`memory.atomic.wait32`). A call from another thread begins when that has ended, without a word:
    threads that wait for one another have a store each, and share a memory.
    """

    def __init__(
        self, features: Features = DEFAULT, tier: Tier = "fast", limits: Limits | None = None
    ) -> None:
        self.features = features
        self.tier = tier
        self.limits = limits or Limits()
        self.metering = Metering.of(self.limits)
        self.fuel = self.limits.fuel
        """What is left of the fuel, where `limits.fuel` is given; it may be set between calls."""
        self.open_calls = 0
        """Calls that are open outside of the run at hand, where depth is counted."""
        self.deadline: float | None = None
        """When the call from the host that is running has to end (`time.monotonic`)."""
        self._make_tallies()
        self.slots = 0
        """Variables of the open calls of large compiled functions."""
        self.lock = threading.RLock()
        self.machines: list[Any] = []
        """The machines that are running, the outermost first: more than one when a host function
        called back."""
        self.probes: list[Any] = []

    def _make_tallies(self) -> None:
        self.memories: Tally[Memory] = Tally(attrgetter("charged"))
        self.tables: Tally[Table] = Tally(len)
        self.arrays: Tally[ArrayInst] = Tally(len)
        """Those that are large: of small ones one cannot make many at once."""

    @property
    def memory_bytes(self) -> int:
        """The bytes of all memories together."""
        return self.memories.total()

    @property
    def most_entries(self) -> int:
        """The entries that all tables may have together."""
        limits = self.limits
        return max(MAX_TABLES, limits.table or 0) if limits.tables is None else limits.tables

    def begin(self) -> None:
        """A call from the host begins: where time is limited, it runs from now on."""
        if not self.machines:
            self.open_calls = self.slots = 0
            if self.limits.seconds is not None:
                self.deadline = time.monotonic() + self.limits.seconds

    def set_aside(self) -> _Aside:
        """What belongs to the calls that are open: they wait, and others may begin."""
        aside = self.machines, self.open_calls, self.slots, self.deadline
        self.machines, self.open_calls, self.slots, self.deadline = [], 0, 0, None
        return aside

    def take_up(self, aside: _Aside) -> None:
        """The calls that were set aside go on, whoever else may wait."""
        self.machines, self.open_calls, self.slots, self.deadline = aside

    def __getstate__(self) -> dict[str, Any]:
        state = {**self.__dict__, "machines": [], "probes": [], "open_calls": 0, "deadline": None}
        for name in ("lock", "memories", "tables", "arrays"):
            del state[name]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = threading.RLock()
        if not hasattr(self, "memories"):
            self._make_tallies()
        for tally in (self.memories, self.tables, self.arrays):
            tally.forget()

    def __repr__(self) -> str:
        return f"<Store {id(self):#x}>"
