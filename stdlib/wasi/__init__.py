"""WASI preview 1 (`wasi_snapshot_preview1`): one file a chapter, put together in `module.py`.

Its fds are a table of numbers → structs of functions (`stdlib/wat/fd.wat`), so that whatever can be
called may stand below a program that knows nothing of this.
https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
"""

from __future__ import annotations

from watloom.stdlib.wasi.clock import Clock, SteadyClock, SystemClock
from watloom.stdlib.wasi.module import Mount, Wasi

__all__ = ["Clock", "Mount", "SteadyClock", "SystemClock", "Wasi"]
