"""`wasi_file`: two functions over three streams, with fds that are numbers.

    read  (fd, pointer, length) → how many bytes, 0 at the end, or a negative errno
    write (fd, pointer, length) → how many bytes, or a negative errno

fd 0 can be read, 1 and 2 can be written. The pointer is into memory 0 of the instance that calls.
"""

from __future__ import annotations

from watloom.interp.core.types import I32, functype
from watloom.interp.host.errnos import Errno, errno_of
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Caller, Extern, HostFunc, InstanceInst
from watloom.stdlib.fd_kinds import CHUNK
from watloom.stdlib.streams import Input, Output, Sink, Source
from watloom.stdlib.window import Window

__all__ = ["WasiFile"]


class WasiFile:
    """Grants streams, given as for `FdModule`; a store's instance is made by `instantiate`."""

    name = "wasi_file"

    def __init__(self, stdin: Source = None, stdout: Sink = None, stderr: Sink = None) -> None:
        self.stdin = Input.of(stdin)
        self.outputs = {1: Output.of(stdout), 2: Output.of(stderr)}

    def instantiate(self, store: Store) -> InstanceInst:
        """The instance in a store."""
        type = functype([I32, I32, I32], [I32])
        exports: dict[str, Extern] = {}
        for name, fn in ("read", self._read), ("write", self._write):
            exports[name] = func = HostFunc(
                type, fn, store=store, name=f"wasi_file.{name}", access_caller=True
            )
            func.key = ("wasi_file", name)
        return InstanceInst(exports, store)

    def _read(self, caller: Caller, fd: int, buf: int, length: int) -> int:
        window = Window(caller, buf, length)
        if fd != 0:
            return -Errno.BADF
        try:
            return window.write(self.stdin.read(min(window.length, CHUNK)))
        except OSError as error:
            return -errno_of(error)

    def _write(self, caller: Caller, fd: int, buf: int, length: int) -> int:
        window = Window(caller, buf, length)
        if fd not in self.outputs:
            return -Errno.BADF
        try:
            return self.outputs[fd].write(window.read(CHUNK))
        except OSError as error:
            return -errno_of(error)
