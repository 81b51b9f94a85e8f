"""A store: what its values have in common, and the limits they live under."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Literal

from watloom.interp.core.features import DEFAULT, Features

__all__ = ["MAX_DEPTH", "MAX_NESTING", "MAX_TABLE", "Limits", "Store"]

#: Calls that may be open at once where no limit is given.
MAX_DEPTH = 20_000
#: Entries that a table may have where no limit is given.
MAX_TABLE = 10_000_000
#: Times that guest and host code may have called each other in turn: each takes Python stack.
MAX_NESTING = 50

Tier = Literal["fast", "reference"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a store's programs may use; None is no limit of the embedder's.

    `fuel` counts instructions, `memory` bytes of all memories together, `table` entries of one
    table, `depth` open calls, `seconds` the time of one call from the host.
    """

    fuel: int | None = None
    memory: int | None = None
    table: int | None = None
    depth: int | None = None
    seconds: float | None = None


class Store:
    """Keeps the values of one program family together; values of two stores do not mix.

    Calls into one store are made one at a time: `lock` is held while one runs.
    """

    def __init__(
        self, features: Features = DEFAULT, tier: Tier = "fast", limits: Limits | None = None
    ) -> None:
        self.features = features
        self.tier = tier
        self.limits = limits or Limits()
        self.fuel = self.limits.fuel
        """What is left of the fuel; None when it is not counted."""
        self.memory_bytes = 0
        self.lock = threading.RLock()
        self.machines: list[Any] = []
        """The machines that are running, the outermost first: more than one when a host function
        called back."""
        self.probes: list[Any] = []

    def __getstate__(self) -> dict[str, Any]:
        state = {**self.__dict__, "machines": [], "probes": []}
        del state["lock"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.lock = threading.RLock()

    def __repr__(self) -> str:
        return f"<Store {id(self):#x}>"
