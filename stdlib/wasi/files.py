"""Preview 1: fd_read, fd_write and what else moves bytes, fd_seek, fd_sync, …"""

from __future__ import annotations

from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.host.module import export
from watloom.interp.host.scalars import I64, U32, U64
from watloom.interp.runtime.values import Caller
from watloom.stdlib.stream_nodes import InputStream
from watloom.stdlib.vnode import CHUNK, Filetype
from watloom.stdlib.wasi.base import Chapter, put, time_left
from watloom.stdlib.wasi.buffers import Iovecs
from watloom.stdlib.wasi.rights import Rights
from watloom.stdlib.wasi.table import Descriptor
from watloom.stdlib.window import Window

__all__ = ["Files"]


class Files(Chapter):
    """What is done to an open file, or to its entries where it is a folder."""

    @export
    def fd_read(self, caller: Caller, fd: U32, iovs: Iovecs, nread: U32) -> Errno:
        found = self.table.get(fd, Rights.FD_READ)
        put(caller, nread, _fill(found, caller, iovs, "read"), 4)
        return Errno.SUCCESS

    @export
    def fd_write(self, caller: Caller, fd: U32, iovs: Iovecs, nwritten: U32) -> Errno:
        found = self.table.get(fd, Rights.FD_WRITE)
        put(caller, nwritten, _drain(found, caller, iovs, "write"), 4)
        return Errno.SUCCESS

    @export
    def fd_pread(self, caller: Caller, fd: U32, iovs: Iovecs, offset: I64, nread: U32) -> Errno:
        found = self.table.get(fd, Rights.FD_READ | Rights.FD_SEEK)
        put(caller, nread, _fill(found, caller, iovs, "pread", _offset(offset)), 4)
        return Errno.SUCCESS

    @export
    def fd_pwrite(self, caller: Caller, fd: U32, iovs: Iovecs, offset: I64, nwritten: U32) -> Errno:
        found = self.table.get(fd, Rights.FD_WRITE | Rights.FD_SEEK)
        put(caller, nwritten, _drain(found, caller, iovs, "pwrite", _offset(offset)), 4)
        return Errno.SUCCESS

    @export
    def fd_seek(self, caller: Caller, fd: U32, offset: I64, whence: U32, position: U32) -> Errno:
        tells = offset == 0 and whence == 1
        found = self.table.get(fd, Rights.FD_TELL if tells else Rights.FD_SEEK)
        if whence > 2:
            raise Refused(Errno.INVAL)
        put(caller, position, found.count(caller, "seek", offset, whence), 8)
        return Errno.SUCCESS

    @export
    def fd_tell(self, caller: Caller, fd: U32, position: U32) -> Errno:
        found = self.table.get(fd, Rights.FD_TELL)
        put(caller, position, found.count(caller, "seek", 0, 1), 8)
        return Errno.SUCCESS

    @export
    def fd_sync(self, caller: Caller, fd: U32) -> Errno:
        self.table.get(fd, Rights.FD_SYNC).do(caller, "sync", 0)
        return Errno.SUCCESS

    @export
    def fd_datasync(self, caller: Caller, fd: U32) -> Errno:
        self.table.get(fd, Rights.FD_DATASYNC).do(caller, "sync", 1)
        return Errno.SUCCESS

    @export
    def fd_advise(self, fd: U32, offset: I64, length: I64, advice: U32) -> Errno:
        """Advice is taken note of; nothing follows from it."""
        found = self.table.get(fd, Rights.FD_ADVISE)
        if advice > 5 or offset < 0 or length < 0:
            raise Refused(Errno.INVAL)
        if found.filetype is Filetype.DIRECTORY:
            raise Refused(Errno.BADF)
        return Errno.SUCCESS

    @export
    def fd_allocate(self, caller: Caller, fd: U32, offset: I64, length: I64) -> Errno:
        found = self.table.get(fd, Rights.FD_ALLOCATE)
        if length <= 0 or offset < 0:
            raise Refused(Errno.INVAL)
        found.do(caller, "allocate", offset, length)
        return Errno.SUCCESS

    @export
    def fd_readdir(self, caller: Caller, fd: U32, buf: Window, cookie: U64, bufused: U32) -> Errno:
        found = self.table.get(fd, Rights.FD_READDIR)
        used = found.count(caller, "readdir", buf.start, buf.length, cookie)
        if used > buf.length:  # a provider that lies about it
            raise Refused(Errno.IO)
        put(caller, bufused, used, 4)
        return Errno.SUCCESS


def _offset(given: int) -> int:
    if given < 0:
        raise Refused(Errno.INVAL)
    return given


def _fill(found: Descriptor, caller: Caller, iovs: Iovecs, how: str, *offset: int) -> int:
    """Read (`how` is read or pread) into buffers; how many bytes."""
    if found.slots is not None:
        node = found.slots.node
        node.check_open()
        if isinstance(node, InputStream):
            _await(node, caller)
        most = min(iovs.size, CHUNK)
        return iovs.scatter(node.pread(most, *offset) if offset else node.read(most))
    return _one_by_one(found, caller, iovs, how, *offset)


def _await(stream: InputStream, caller: Caller) -> None:
    """Wait for a stream to have something, no longer than the program may run."""
    seconds = time_left(caller)
    while seconds is not None and not stream.wait(seconds):
        seconds = time_left(caller)


def _drain(found: Descriptor, caller: Caller, iovs: Iovecs, how: str, *offset: int) -> int:
    """Write (`how` is write or pwrite) what is in buffers; how many bytes."""
    if found.slots is not None:
        node = found.slots.node
        node.check_open()
        data = iovs.gather(CHUNK)
        return node.pwrite(data, *offset) if offset else node.write(data)
    return _one_by_one(found, caller, iovs, how, *offset)


def _one_by_one(found: Descriptor, caller: Caller, iovs: Iovecs, how: str, *offset: int) -> int:
    """A call for each buffer, as long as they are filled, or emptied, to the end.

    What was moved counts; an error after that comes at the next call. Of a stream only the first
    one is read: to wait for more, when something is there, would be wrong.
    """
    done = 0
    at = offset[0] if offset else 0
    for start, length in iovs.parts or [(0, 0)]:
        try:
            count = found.count(caller, how, start, length, *([at + done] if offset else []))
        except OSError:
            if done:
                break
            raise
        if count > length:
            raise Refused(Errno.IO)
        done += count
        if count < length or (how == "read" and found.filetype is not Filetype.REGULAR_FILE):
            break
    return done
