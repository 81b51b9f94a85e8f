"""Preview 1: clock_…, random_get, sched_yield."""

from __future__ import annotations

from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.host.module import export
from watloom.interp.host.scalars import U32, U64
from watloom.interp.runtime.values import Caller
from watloom.stdlib.vnode import CHUNK
from watloom.stdlib.wasi.base import Chapter, put
from watloom.stdlib.wasi.clock import Clock
from watloom.stdlib.window import Window

__all__ = ["MONOTONIC", "REALTIME", "Clocks", "now"]

REALTIME, MONOTONIC, PROCESS_CPU, THREAD_CPU = range(4)


class Clocks(Chapter):
    """The time, and chance."""

    @export
    def clock_res_get(self, caller: Caller, id: U32, resolution: U32) -> Errno:
        _check(id)
        put(caller, resolution, self.clock.resolution(id), 8)
        return Errno.SUCCESS

    @export
    def clock_time_get(self, caller: Caller, id: U32, precision: U64, time: U32) -> Errno:
        put(caller, time, now(self.clock, id), 8)
        return Errno.SUCCESS

    @export
    def random_get(self, caller: Caller, buf: Window) -> Errno:
        done = 0
        while done < buf.length:
            data = self.entropy.read(min(CHUNK, buf.length - done))
            if not data:
                raise Refused(Errno.IO)  # whoever gave the source gave too little
            Window(caller, buf.start + done, len(data)).write(data)
            done += len(data)
        return Errno.SUCCESS


def now(clock: Clock, which: int) -> int:
    """The time on one of the clocks, in nanoseconds. Raises Refused (EINVAL)."""
    _check(which)
    if which == REALTIME:
        return clock.realtime()
    return clock.monotonic() if which == MONOTONIC else clock.cpu(which == THREAD_CPU)


def _check(which: int) -> None:
    if which > THREAD_CPU:
        raise Refused(Errno.INVAL)
