"""The host's folders and files as vnodes."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterable

from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.confine import HostHandle, open_at, walked
from watloom.stdlib.vnode import Entry, FdFlags, Filetype, FstFlags, OpenFlags, Stat, Vnode
from watloom.stdlib.walk import Place, check_target

__all__ = ["HostFile", "HostFolder", "host_stat"]

_KINDS = {
    stat.S_IFBLK: Filetype.BLOCK_DEVICE,
    stat.S_IFCHR: Filetype.CHARACTER_DEVICE,
    stat.S_IFDIR: Filetype.DIRECTORY,
    stat.S_IFREG: Filetype.REGULAR_FILE,
    stat.S_IFSOCK: Filetype.SOCKET_STREAM,
    stat.S_IFLNK: Filetype.SYMBOLIC_LINK,
}
_HERE = (b".", b"..")
_PLAIN = FdFlags(0)


def host_stat(found: os.stat_result) -> Stat:
    """The host's answer in WASI's terms."""
    return Stat(
        _KINDS.get(stat.S_IFMT(found.st_mode), Filetype.UNKNOWN),
        size=found.st_size,
        dev=found.st_dev,
        ino=found.st_ino,
        nlink=found.st_nlink,
        atim=found.st_atime_ns,
        mtim=found.st_mtime_ns,
        ctim=found.st_ctime_ns,
    )


class _Host(Vnode):
    """What files and folders have in common: a handle, which is None where nothing can be opened
    safely."""

    def __init__(self, handle: HostHandle | None) -> None:
        self.handle = handle

    @property
    def number(self) -> int:
        """The host's descriptor."""
        if self.handle is None:
            raise Refused(Errno.NOTSUP)
        return self.handle.number

    def close(self) -> None:
        if self.handle is not None:
            self.handle.close()

    def stat(self) -> Stat:
        return host_stat(os.fstat(self.number))

    def sync(self, data_only: bool) -> None:
        if data_only and hasattr(os, "fdatasync"):
            os.fdatasync(self.number)
        else:
            os.fsync(self.number)

    def set_times(self, atim: int, mtim: int, flags: FstFlags) -> None:
        times = flags.times(atim, mtim, self.stat(), time.time_ns())
        os.utime(self.number, ns=_checked(times))


class HostFile(_Host):
    """A file. What it was not opened for the host refuses with EBADF."""

    filetype = Filetype.REGULAR_FILE

    def __init__(self, handle: HostHandle, flags: FdFlags = _PLAIN) -> None:
        super().__init__(handle)
        self._flags = flags

    def fileno(self) -> int | None:
        return self.number

    def read(self, most: int) -> bytes:
        return os.read(self.number, most)

    def write(self, data: bytes) -> int:
        return os.write(self.number, data)

    def pread(self, most: int, offset: int) -> bytes:
        return os.pread(self.number, most, offset)

    def pwrite(self, data: bytes, offset: int) -> int:
        return os.pwrite(self.number, data, offset)

    def seek(self, offset: int, whence: int) -> int:
        return os.lseek(self.number, offset, whence)

    def set_size(self, size: int) -> None:
        os.ftruncate(self.number, size)

    def allocate(self, offset: int, length: int) -> None:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self.number, offset, length)
        else:
            raise Refused(Errno.NOTSUP)

    def poll(self, for_writing: bool) -> int:
        if for_writing:
            return 1
        return max(0, os.fstat(self.number).st_size - os.lseek(self.number, 0, os.SEEK_CUR))

    def flags(self) -> FdFlags:
        return self._flags

    def set_flags(self, flags: FdFlags) -> None:
        changed = flags ^ self._flags
        if changed & ~(flags.APPEND | flags.NONBLOCK):
            raise Refused(Errno.NOTSUP)  # the host can't either, once a file is open
        try:
            import fcntl
        except ImportError:
            raise Refused(Errno.NOTSUP) from None
        bits = {flags.APPEND: os.O_APPEND, flags.NONBLOCK: os.O_NONBLOCK}
        now = fcntl.fcntl(self.number, fcntl.F_GETFL)
        for flag, theirs in bits.items():
            now = now | theirs if flags & flag else now & ~theirs
        fcntl.fcntl(self.number, fcntl.F_SETFL, now)
        self._flags = flags


class HostFolder(_Host):
    """A folder, with all that is below it."""

    filetype = Filetype.DIRECTORY

    def __init__(self, handle: HostHandle | None, owned: bool = True) -> None:
        super().__init__(handle)
        self._owned = owned
        self._names: list[bytes] = []

    @property
    def _root(self) -> HostHandle:
        if self.handle is None:
            raise Refused(Errno.NOTSUP)
        return self.handle

    def lent(self) -> HostFolder:
        """The same folder for somebody whose closing it is not the end of it."""
        return HostFolder(self.handle, owned=False)

    def close(self) -> None:
        if self._owned:
            super().close()

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        exclusive = flags & flags.CREATE and flags & flags.EXCLUSIVE
        with walked(self._root, path, bool(flags & flags.FOLLOW) and not exclusive) as place:
            handle = open_at(place, flags)
        return HostFolder(handle) if handle.is_folder else HostFile(handle, flags.fdflags)

    def readdir(self, cookie: int) -> Iterable[Entry]:
        if cookie == 0 or not self._names:
            self._names = [*_HERE, *map(os.fsencode, os.listdir(self.number))]
        for i, name in enumerate(self._names[cookie:], cookie + 1):
            entry = self._entry(i, name)
            if entry is not None:
                yield entry

    def _entry(self, cookie: int, name: bytes) -> Entry | None:
        if name in _HERE:
            # What is above a folder is nobody's business.
            ino = os.fstat(self.number).st_ino if name == b"." else 0
            return Entry(cookie, name, Filetype.DIRECTORY, ino)
        try:
            found = host_stat(os.stat(name, dir_fd=self.number, follow_symlinks=False))
        except FileNotFoundError:  # removed meanwhile
            return None
        return Entry(cookie, name, found.filetype, found.ino)

    def stat_at(self, path: bytes, follow: bool) -> Stat:
        with walked(self._root, path, follow) as place:
            return host_stat(_look(place))

    def set_times_at(
        self, path: bytes, follow: bool, atim: int, mtim: int, flags: FstFlags
    ) -> None:
        with walked(self._root, path, follow) as place:
            was = host_stat(_look(place))
            times = _checked(flags.times(atim, mtim, was, time.time_ns()))
            name = place.name or b"."
            if os.utime in os.supports_follow_symlinks:
                os.utime(name, ns=times, dir_fd=place.folder, follow_symlinks=False)
            else:
                raise Refused(Errno.NOTSUP)

    def mkdir(self, path: bytes) -> None:
        with walked(self._root, path, False, False) as place:
            os.mkdir(_new_name(place, Errno.EXIST), dir_fd=place.folder)

    def rmdir(self, path: bytes) -> None:
        with walked(self._root, path, False, False) as place:
            os.rmdir(_name(place, Errno.INVAL), dir_fd=place.folder)

    def unlink(self, path: bytes) -> None:
        with walked(self._root, path, False, False) as place:
            name = _name(place, Errno.ISDIR)
            kind = stat.S_IFMT(_look(place).st_mode)
            if kind == stat.S_IFDIR:
                raise Refused(Errno.ISDIR)
            os.unlink(name, dir_fd=place.folder)

    def rename(self, path: bytes, to: Vnode, new: bytes) -> None:
        with (
            walked(self._root, path, False, False) as source,
            walked(_other(to), new, False, False) as target,
        ):
            names = _name(source, Errno.BUSY), _name(target, Errno.BUSY)
            if target.is_folder and not stat.S_ISDIR(_look(source).st_mode):
                raise Refused(Errno.NOTDIR)
            if source.is_folder:
                _look(source)
            os.rename(*names, src_dir_fd=source.folder, dst_dir_fd=target.folder)

    def link(self, path: bytes, follow: bool, to: Vnode, new: bytes) -> None:
        with (
            walked(self._root, path, follow) as source,
            walked(_other(to), new, False, False) as target,
        ):
            names = _name(source, Errno.PERM), _new_name(target, Errno.EXIST, Errno.NOENT)
            if source.is_folder:
                _look(source)
            os.link(*names, src_dir_fd=source.folder, dst_dir_fd=target.folder,
                    follow_symlinks=False)  # fmt: skip

    def symlink(self, target: bytes, path: bytes) -> None:
        check_target(target)
        with walked(self._root, path, False, False) as place:
            name = _new_name(place, Errno.EXIST, Errno.NOENT)
            os.symlink(target, name, dir_fd=place.folder)

    def readlink(self, path: bytes) -> bytes:
        with walked(self._root, path, False, False) as place:
            return os.readlink(_name(place, Errno.INVAL), dir_fd=place.folder)


def _other(to: Vnode) -> HostHandle:
    """The folder that something is moved to. Raises OSError: EXDEV for another provider's."""
    if isinstance(to, HostFolder):
        return to._root
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def _look(place: Place[int]) -> os.stat_result:
    """What stands at a place. Raises FileNotFoundError, NotADirectoryError."""
    found = os.stat(place.name or b".", dir_fd=place.folder, follow_symlinks=False)
    if place.is_folder and not stat.S_ISDIR(found.st_mode):
        raise Refused(Errno.NOTDIR)
    return found


def _name(place: Place[int], otherwise: Errno) -> bytes:
    """The name at a place; an errno where it is a folder itself."""
    if place.name is None:
        raise Refused(otherwise)
    return place.name


def _new_name(place: Place[int], taken: Errno, no_file: Errno | None = None) -> bytes:
    """A name for something new; `no_file` is the errno where that is no folder, but has to be."""
    name = _name(place, taken)
    if place.is_folder and no_file is not None:
        try:
            _look(place)
        except FileNotFoundError:
            raise Refused(no_file) from None
        raise Refused(taken)
    return name


def _checked(times: tuple[int, int]) -> tuple[int, int]:
    """Times that the host can be given. Raises Refused (EINVAL)."""
    if max(times) >= 1 << 63:
        raise Refused(Errno.INVAL)
    return times
