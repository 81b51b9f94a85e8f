"""A folder in memory that can be interrupted in the middle of any write, and remembers all of them.

disk = Disk()
disk.crash_at = 3, 10        # the third write (or cut) from now ends after ten bytes, by Crash
"""

import copy
from collections.abc import Iterable
from typing import Any

from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.vnode import Entry, Filetype, OpenFlags, Stat, Vnode

__all__ = ["Crash", "Disk", "DiskFile", "DiskFolder"]


class Crash(Exception):
    """The machine went down."""


class Disk:
    """`files` by name; there is one folder only."""

    def __init__(self) -> None:
        self.files: dict[bytes, bytearray] = {}
        self.writes: list[tuple[int, bytes]] = []
        self.crash_at: tuple[int, int] | None = None
        self.fail_at: int | None = None
        """The write from now on that gives ENOSPC, as all after it do."""

    @property
    def root(self) -> "DiskFolder":
        """The folder."""
        return DiskFolder(self)

    def saved(self) -> dict[bytes, bytearray]:
        """The files, to be put back later."""
        return copy.deepcopy(self.files)

    def allowed(self, size: int) -> int:
        """How much of a write gets done; what comes after is a crash, if that is less than all."""
        if self.fail_at is not None:
            self.fail_at -= 1
            if self.fail_at < 0:
                self.fail_at = 0
                raise Refused(Errno.NOSPC)
        if self.crash_at is None:
            return size
        number, most = self.crash_at
        self.crash_at = (number - 1, most) if number > 1 else None
        return min(size, most) if number == 1 else size


class DiskFolder(Vnode):
    filetype = Filetype.DIRECTORY

    def __init__(self, disk: Disk) -> None:
        self.disk = disk

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        files = self.disk.files
        if path == b".":
            return DiskFolder(self.disk)
        if path not in files:
            if not flags & flags.CREATE:
                raise Refused(Errno.NOENT)
            files[path] = bytearray()
        elif flags & flags.CREATE and flags & flags.EXCLUSIVE:
            raise Refused(Errno.EXIST)
        if flags & flags.TRUNCATE:
            files[path][:] = b""
        return DiskFile(self.disk, files[path], flags)

    def stat(self) -> Stat:
        return Stat(Filetype.DIRECTORY)

    def stat_at(self, path: bytes, follow: bool) -> Stat:
        return self.open(path, OpenFlags(0)).stat()

    def readdir(self, cookie: int) -> Iterable[Entry]:
        for i, name in enumerate(self.disk.files, 1):
            if i > cookie:
                yield Entry(i, name, Filetype.REGULAR_FILE)

    def rename(self, path: bytes, to: Vnode, new: bytes) -> None:
        if not isinstance(to, DiskFolder) or to.disk is not self.disk:
            raise Refused(Errno.XDEV)
        self.disk.files[new] = self.disk.files.pop(path)

    def unlink(self, path: bytes) -> None:
        del self.disk.files[path]


class DiskFile(Vnode):
    filetype = Filetype.REGULAR_FILE

    def __init__(self, disk: Disk, data: bytearray, flags: OpenFlags) -> None:
        self.disk, self.data, self.opened = disk, data, flags

    def stat(self) -> Stat:
        return Stat(Filetype.REGULAR_FILE, len(self.data))

    def pread(self, most: int, offset: int) -> bytes:
        if not self.opened.reads:
            raise Refused(Errno.BADF)
        return bytes(self.data[offset : offset + most])

    def pwrite(self, data: bytes, offset: int) -> int:
        if not self.opened & self.opened.WRITE:
            raise Refused(Errno.BADF)
        done = self.disk.allowed(len(data))
        self.disk.writes.append((offset, data[:done]))
        self.data.extend(bytes(max(0, offset - len(self.data))))
        self.data[offset : offset + done] = data[:done]
        if done < len(data):
            raise Crash
        return done

    def set_size(self, size: int) -> None:
        if self.disk.allowed(1) < 1:
            raise Crash
        self.data.extend(bytes(max(0, size - len(self.data))))
        del self.data[size:]


def flipped(data: Any, at: int, bits: int = 0x40) -> bytearray:
    """The same with one byte changed."""
    changed = bytearray(data)
    changed[at] ^= bits
    return changed
