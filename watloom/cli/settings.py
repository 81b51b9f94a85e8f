"""What the options that commands share say, as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.features import DEFAULT, Features

if TYPE_CHECKING:
    from watloom.interp.runtime.limits import Limits
    from watloom.interp.runtime.store import Store

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """The shared options of one command line."""

    features: Features = DEFAULT
    search: tuple[str, ...] = ()
    tier: Literal["fast", "reference"] = "fast"
    fuel: int | None = None
    memory: int | None = None
    seconds: float | None = None
    cached: bool = True
    """Whether compiled modules may be kept on disk, by a command that does so."""

    @property
    def limits(self) -> Limits:
        """The limits of the store."""
        from watloom.interp.runtime.limits import Limits

        return Limits(fuel=self.fuel, memory=self.memory, seconds=self.seconds)

    def store(self) -> Store:
        """A new store."""
        from watloom.interp.runtime.store import Store

        return Store(
            self.features, "reference" if self.tier == "reference" else "fast", self.limits
        )
