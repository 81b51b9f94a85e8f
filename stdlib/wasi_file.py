"""`wasi_file`: two functions over three streams, with fds that are numbers.

    read  (fd, pointer, length) → how many bytes, 0 at the end, or a negative errno
    write (fd, pointer, length) → how many bytes, or a negative errno

fd 0 can be read, 1 and 2 can be written. The pointer is into memory 0 of the instance that calls.
"""

from __future__ import annotations

from watloom.interp.host.errnos import Errno, errno_of
from watloom.interp.host.module import HostModule, export
from watloom.interp.host.scalars import I32
from watloom.stdlib.streams import Input, Output, Sink, Source
from watloom.stdlib.vnode import CHUNK
from watloom.stdlib.window import Window

__all__ = ["WasiFile"]


class WasiFile(HostModule, name="wasi_file"):
    """Grants streams, given as for `FdModule`."""

    def __init__(self, stdin: Source = None, stdout: Sink = None, stderr: Sink = None) -> None:
        self.stdin = Input.of(stdin)
        self.outputs = {1: Output.of(stdout), 2: Output.of(stderr)}

    @export
    def read(self, fd: I32, window: Window) -> I32:
        if fd != 0:
            return -Errno.BADF
        try:
            return window.write(self.stdin.read(min(window.length, CHUNK)))
        except OSError as error:
            return -errno_of(error)

    @export
    def write(self, fd: I32, window: Window) -> I32:
        if fd not in self.outputs:
            return -Errno.BADF
        try:
            return self.outputs[fd].write(window.read(CHUNK))
        except OSError as error:
            return -errno_of(error)
