"""Preview 1: path_…: each is a function of the folder's fd, with the same pointers."""

from __future__ import annotations

from watloom.interp.core.errors import Trap
from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.host.module import export
from watloom.interp.host.scalars import U32, U64
from watloom.interp.runtime.values import Caller
from watloom.stdlib.vnode import FDFLAGS, FdFlags, Filetype, FstFlags, OpenFlags
from watloom.stdlib.wasi.base import Chapter, put
from watloom.stdlib.wasi.buffers import Path
from watloom.stdlib.wasi.rights import ALL, FOLDER, RESIZING, Rights
from watloom.stdlib.wasi.table import Descriptor
from watloom.stdlib.window import Window

__all__ = ["Paths"]

_FOLLOW = 1
#: Where a file can't be written to; a program that only may change its size can still read.
_READ_ONLY = (Errno.ACCES, Errno.ISDIR, Errno.PERM, Errno.ROFS, Errno.TXTBSY)
_CREATE, _DIRECTORY, _EXCLUSIVE, _TRUNCATE = 1, 2, 4, 8


class Paths(Chapter):
    """What stands at a path in a folder."""

    @export
    def path_open(
        self, caller: Caller, fd: U32, dirflags: U32, path: Path, oflags: U32,
        rights_base: U64, rights_inheriting: U64, fdflags: U32, opened: U32,
    ) -> Errno:  # fmt: skip
        needed = Rights.PATH_OPEN
        if oflags & _CREATE:
            needed |= Rights.PATH_CREATE_FILE
        if oflags & _TRUNCATE:
            needed |= Rights.PATH_FILESTAT_SET_SIZE
        folder = self.table.get(fd, needed)
        if oflags & ~15 or fdflags & ~FDFLAGS:
            raise Refused(Errno.INVAL)
        if (rights_base | rights_inheriting) & ALL & ~folder.inheriting:
            raise Refused(Errno.NOTCAPABLE)
        if opened + 4 > len(caller.memory.data):
            raise Trap("out of bounds memory access")
        self.table.check_room()
        flags = _open_flags(dirflags, oflags, rights_base, fdflags)
        try:
            made = folder.open(caller, path.start, path.length, flags)
        except Refused as error:
            if (
                error.number not in _READ_ONLY
                or rights_base & Rights.FD_WRITE
                or oflags & _TRUNCATE
            ):
                raise
            flags &= ~int(OpenFlags.WRITE | OpenFlags.READ)
            made = folder.open(caller, path.start, path.length, flags)
        found = Descriptor(made, rights_base & ALL, rights_inheriting & ALL)
        number = self.table.add(found)  # first: whatever comes of what follows, it will be closed
        if found.filetype is Filetype.DIRECTORY:
            found.base &= FOLDER
        put(caller, opened, number, 4)
        return Errno.SUCCESS

    @export
    def path_filestat_get(self, caller: Caller, fd: U32, flags: U32, path: Path, buf: U32) -> Errno:
        folder = self.table.get(fd, Rights.PATH_FILESTAT_GET)
        folder.do(caller, "stat_at", flags & _FOLLOW, path.start, path.length, buf)
        return Errno.SUCCESS

    @export
    def path_filestat_set_times(
        self, caller: Caller, fd: U32, flags: U32, path: Path,
        atim: U64, mtim: U64, fst_flags: U32,
    ) -> Errno:  # fmt: skip
        folder = self.table.get(fd, Rights.PATH_FILESTAT_SET_TIMES)
        FstFlags.checked(fst_flags)
        where = flags & _FOLLOW, path.start, path.length
        folder.do(caller, "set_times_at", *where, atim, mtim, fst_flags)
        return Errno.SUCCESS

    @export
    def path_create_directory(self, caller: Caller, fd: U32, path: Path) -> Errno:
        folder = self.table.get(fd, Rights.PATH_CREATE_DIRECTORY)
        folder.do(caller, "mkdir", path.start, path.length)
        return Errno.SUCCESS

    @export
    def path_remove_directory(self, caller: Caller, fd: U32, path: Path) -> Errno:
        folder = self.table.get(fd, Rights.PATH_REMOVE_DIRECTORY)
        folder.do(caller, "rmdir", path.start, path.length)
        return Errno.SUCCESS

    @export
    def path_unlink_file(self, caller: Caller, fd: U32, path: Path) -> Errno:
        folder = self.table.get(fd, Rights.PATH_UNLINK_FILE)
        folder.do(caller, "unlink", path.start, path.length)
        return Errno.SUCCESS

    @export
    def path_rename(self, caller: Caller, fd: U32, old: Path, new_fd: U32, new: Path) -> Errno:
        folder = self.table.get(fd, Rights.PATH_RENAME_SOURCE)
        to = self.table.get(new_fd, Rights.PATH_RENAME_TARGET)
        folder.do(caller, "rename", old.start, old.length, to.fd, new.start, new.length)
        return Errno.SUCCESS

    @export
    def path_link(
        self, caller: Caller, old_fd: U32, flags: U32, old: Path, new_fd: U32, new: Path
    ) -> Errno:
        folder = self.table.get(old_fd, Rights.PATH_LINK_SOURCE)
        to = self.table.get(new_fd, Rights.PATH_LINK_TARGET)
        names = old.start, old.length, to.fd, new.start, new.length
        folder.do(caller, "link", flags & _FOLLOW, *names)
        return Errno.SUCCESS

    @export
    def path_symlink(self, caller: Caller, target: Path, fd: U32, path: Path) -> Errno:
        folder = self.table.get(fd, Rights.PATH_SYMLINK)
        folder.do(caller, "symlink", target.start, target.length, path.start, path.length)
        return Errno.SUCCESS

    @export
    def path_readlink(
        self, caller: Caller, fd: U32, path: Path, buf: Window, bufused: U32
    ) -> Errno:
        folder = self.table.get(fd, Rights.PATH_READLINK)
        where = path.start, path.length, buf.start, buf.length
        used = folder.count(caller, "readlink", *where)
        if used > buf.length:  # a provider that lies about it
            raise Refused(Errno.IO)
        put(caller, bufused, used, 4)
        return Errno.SUCCESS


def _open_flags(dirflags: int, oflags: int, rights: int, fdflags: int) -> int:
    """The flags of an fd's `open`: preview 1 says by rights what something is opened for."""
    writes = oflags & _TRUNCATE or rights & (Rights.FD_WRITE | RESIZING)
    reads = rights & (Rights.FD_READ | Rights.FD_READDIR) or not rights & Rights.FD_WRITE
    pairs = (
        (oflags & _CREATE, OpenFlags.CREATE),
        (oflags & _DIRECTORY, OpenFlags.DIRECTORY),
        (oflags & _EXCLUSIVE, OpenFlags.EXCLUSIVE),
        (oflags & _TRUNCATE, OpenFlags.TRUNCATE),
        (writes, OpenFlags.WRITE),
        (writes and reads, OpenFlags.READ),
        (dirflags & _FOLLOW, OpenFlags.FOLLOW),
        (fdflags & FdFlags.APPEND, OpenFlags.APPEND),
        (fdflags & FdFlags.NONBLOCK, OpenFlags.NONBLOCK),
        (fdflags & FdFlags.DSYNC, OpenFlags.DSYNC),
        (fdflags & FdFlags.RSYNC, OpenFlags.RSYNC),
        (fdflags & FdFlags.SYNC, OpenFlags.SYNC),
    )
    return sum(int(flag) for wanted, flag in pairs if wanted)
