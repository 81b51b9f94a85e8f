"""What programs may use, and how it is counted.

Fuel is charged where a basic block is entered, for all its instructions at once
(`ValidExpr.prices`), by the reference machine and by compiled code alike: both stop in front of the
same block, with the same fuel left and the same memory. Depth counts open calls of Wasm functions.
The clock is looked at now and then: in compiled code where a function or a loop's next round
begins.
"""

from __future__ import annotations

from typing import NamedTuple

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.errors import LimitError

__all__ = ["UNMETERED", "Limits", "Metering", "out_of_fuel", "out_of_time"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a store's programs may use; None is no limit of the embedder's.

    `fuel` counts instructions (`block`, `loop`, `else` and `end` are free), `memory` bytes of all
    memories together, `table` entries of one table, `tables` those of all tables together, `depth`
    open calls, `seconds` the time of one call from the host. Without a limit of the embedder's a
    table may have 10,000,000 entries, and all together 20,000,000. Structs and small arrays are not
    counted; arrays of 4,096 elements or more have 100,000,000 together at most.
    """

    fuel: int | None = None
    memory: int | None = None
    table: int | None = None
    depth: int | None = None
    seconds: float | None = None
    tables: int | None = None


class Metering(NamedTuple):
    """What compiled code counts: what is off is not in the code."""

    fuel: bool = False
    clock: bool = False
    depth: bool = False

    @classmethod
    def of(cls, limits: Limits) -> Metering:
        """What these limits ask for."""
        return cls(limits.fuel is not None, limits.seconds is not None, limits.depth is not None)


UNMETERED = Metering()


def out_of_fuel() -> LimitError:
    """The next block costs more than is left."""
    return LimitError("out of fuel", help="give more with Limits(fuel=…) or --fuel")


def out_of_time(seconds: float | None) -> LimitError:
    """The call took too long."""
    return LimitError(
        f"out of time: {seconds} seconds are over",
        help="give more with Limits(seconds=…) or --timeout",
    )
