"""Preview 1: sock_…: no fd of ours is a socket."""

from __future__ import annotations

from watloom.interp.host.errnos import Errno
from watloom.interp.host.module import export
from watloom.interp.host.scalars import U32
from watloom.stdlib.wasi.base import Chapter
from watloom.stdlib.wasi.buffers import Iovecs

__all__ = ["Sockets"]


class Sockets(Chapter):
    """Each answers EBADF for a number that is none, else ENOTSOCK."""

    def _no_socket(self, fd: int) -> Errno:
        self.table.get(fd)
        return Errno.NOTSOCK

    @export
    def sock_accept(self, fd: U32, flags: U32, opened: U32) -> Errno:
        return self._no_socket(fd)

    @export
    def sock_recv(
        self, fd: U32, buffers: Iovecs, flags: U32, received: U32, out_flags: U32
    ) -> Errno:
        return self._no_socket(fd)

    @export
    def sock_send(self, fd: U32, buffers: Iovecs, flags: U32, sent: U32) -> Errno:
        return self._no_socket(fd)

    @export
    def sock_shutdown(self, fd: U32, how: U32) -> Errno:
        return self._no_socket(fd)
