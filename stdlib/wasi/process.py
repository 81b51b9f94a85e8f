"""Preview 1: proc_…, sched_yield."""

from __future__ import annotations

import time

from watloom.interp.core.errors import WasiExit
from watloom.interp.host.errnos import Errno
from watloom.interp.host.module import export
from watloom.interp.host.scalars import U32
from watloom.stdlib.wasi.base import Chapter

__all__ = ["Process"]


class Process(Chapter):
    """How a program ends."""

    @export
    def proc_exit(self, code: U32) -> None:
        raise WasiExit(code)

    @export
    def proc_raise(self, signal: U32) -> Errno:
        """There is nobody to handle a signal; 0 is none."""
        return Errno.NOTSUP if signal else Errno.SUCCESS

    @export
    def sched_yield(self) -> Errno:
        time.sleep(0)
        return Errno.SUCCESS
