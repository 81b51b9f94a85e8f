"""What all chapters of preview 1 have: one program's arguments, fds, clock and so on."""

from __future__ import annotations

import struct
import time

from watloom.interp.core.errors import Trap
from watloom.interp.host.module import HostModule
from watloom.interp.runtime.limits import out_of_time
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Caller
from watloom.stdlib.scope import Scope
from watloom.stdlib.streams import Readable
from watloom.stdlib.wasi.clock import Clock, SystemClock
from watloom.stdlib.wasi.table import FdTable

__all__ = ["Chapter", "put", "time_left"]


def time_left(caller: Caller) -> float | None:
    """How many seconds the program may still run; None where nothing limits them.

    Raises LimitError where they are over.
    """
    store = caller.store
    if store is None or store.deadline is None:
        return None
    rest = store.deadline - time.monotonic()
    if rest <= 0:
        raise out_of_time(store.limits.seconds)
    return rest


class Chapter(HostModule, name="wasi_snapshot_preview1"):
    """The base of the chapters, which are put together in `module.py`."""

    args: list[bytes]
    env: list[bytes]
    clock: Clock
    entropy: Readable
    table: FdTable
    scope: Scope
    store: Store

    @property
    def clock_is_real(self) -> bool:
        """Whether to wait is to let time pass."""
        return isinstance(self.clock, SystemClock)


_FORMS = {size: struct.Struct(form) for size, form in ((2, "<H"), (4, "<I"), (8, "<Q"))}


def put(caller: Caller, address: int, number: int, size: int) -> None:
    """Put a number of some bytes into the caller's memory; a trap outside of it."""
    data = caller.memory.data
    if address + size > len(data):
        raise Trap("out of bounds memory access")
    _FORMS[size].pack_into(data, address, number)
