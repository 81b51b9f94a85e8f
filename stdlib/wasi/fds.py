"""Preview 1: the fds themselves: fd_close, fd_renumber, fd_fdstat_…, fd_prestat_…"""

from __future__ import annotations

from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.host.module import export
from watloom.interp.host.pointers import Ptr
from watloom.interp.host.scalars import I64, U8, U16, U32, U64
from watloom.interp.host.structs import wasm_struct
from watloom.interp.runtime.values import Caller
from watloom.stdlib.vnode import FDFLAGS, FstFlags
from watloom.stdlib.wasi.base import Chapter
from watloom.stdlib.wasi.rights import Rights
from watloom.stdlib.window import Window

__all__ = ["Fds", "Fdstat", "Prestat"]


@wasm_struct
class Fdstat:
    """What an fd is and what may be done with it."""

    filetype: U8
    flags: U16
    rights_base: U64
    rights_inheriting: U64


@wasm_struct
class Prestat:
    """What was opened for the program before it began: 0 stands for a folder."""

    tag: U8
    name_len: U32


class Fds(Chapter):
    """Numbers, and what they stand for."""

    @export
    def fd_close(self, caller: Caller, fd: U32) -> Errno:
        self.table.pop(fd).close(caller)
        return Errno.SUCCESS

    @export
    def fd_renumber(self, caller: Caller, fd: U32, to: U32) -> Errno:
        self.table.move(fd, to, caller)
        return Errno.SUCCESS

    @export
    def fd_fdstat_get(self, caller: Caller, fd: U32, stat: Ptr[Fdstat]) -> Errno:
        found = self.table.get(fd)
        flags = found.count(caller, "flags") if found.is_vnode else 0
        stat.value = Fdstat(found.filetype, flags & 0x1F, found.base, found.inheriting)
        return Errno.SUCCESS

    @export
    def fd_fdstat_set_flags(self, caller: Caller, fd: U32, flags: U32) -> Errno:
        found = self.table.get(fd, Rights.FD_FDSTAT_SET_FLAGS)
        if flags & ~FDFLAGS:
            raise Refused(Errno.INVAL)
        found.do(caller, "set_flags", flags)
        return Errno.SUCCESS

    @export
    def fd_fdstat_set_rights(self, fd: U32, base: U64, inheriting: U64) -> Errno:
        """Rights only shrink."""
        found = self.table.get(fd)
        if base & ~found.base or inheriting & ~found.inheriting:
            raise Refused(Errno.NOTCAPABLE)
        found.base, found.inheriting = base, inheriting
        return Errno.SUCCESS

    @export
    def fd_filestat_get(self, caller: Caller, fd: U32, buf: U32) -> Errno:
        self.table.get(fd, Rights.FD_FILESTAT_GET).do(caller, "stat", buf)
        return Errno.SUCCESS

    @export
    def fd_filestat_set_size(self, caller: Caller, fd: U32, size: I64) -> Errno:
        self.table.get(fd, Rights.FD_FILESTAT_SET_SIZE).do(caller, "set_size", size)
        return Errno.SUCCESS

    @export
    def fd_filestat_set_times(
        self, caller: Caller, fd: U32, atim: U64, mtim: U64, fst_flags: U32
    ) -> Errno:
        found = self.table.get(fd, Rights.FD_FILESTAT_SET_TIMES)
        FstFlags.checked(fst_flags)
        found.do(caller, "set_times", atim, mtim, fst_flags)
        return Errno.SUCCESS

    @export
    def fd_prestat_get(self, fd: U32, prestat: Ptr[Prestat]) -> Errno:
        prestat.value = Prestat(0, len(self._preopened(fd)))
        return Errno.SUCCESS

    @export
    def fd_prestat_dir_name(self, fd: U32, path: Window) -> Errno:
        name = self._preopened(fd)
        if path.length < len(name):
            raise Refused(Errno.NAMETOOLONG)
        path.write(name)
        return Errno.SUCCESS

    def _preopened(self, fd: int) -> bytes:
        name = self.table.get(fd).name
        if name is None:
            raise Refused(Errno.BADF)
        return name
