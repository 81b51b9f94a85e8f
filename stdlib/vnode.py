"""`Vnode`: what is behind an fd, in Python. A file system is a class of these.

    class Shouting(Vnode):
        def __init__(self, inner: Vnode) -> None:
            self.inner = inner

        def read(self, most: int) -> bytes:
            return self.inner.read(most).upper()

Methods take and give Python values and raise OSError (`Refused` for WASI's own numbers); guests get
them as a struct of functions (`vnode_struct.struct_of`), whose meanings are in `wat/fd.wat`. What a
class does not override refuses as POSIX does: a file where a folder is wanted with ENOTDIR.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

from watloom.interp.core.dataclass import dataclass
from watloom.interp.host.errnos import Errno, Refused

if TYPE_CHECKING:
    from watloom.stdlib.scope import Scope

__all__ = [
    "CHUNK", "FDFLAGS", "Entry", "FdFlags", "Filetype", "FstFlags", "OpenFlags", "Stat", "Vnode",
]  # fmt: skip

#: What one read or write moves at most: the host's memory is not the guest's to ask for.
CHUNK = 1 << 20


class OpenFlags(IntFlag):
    """The flags of `open`."""

    CREATE = 1
    TRUNCATE = 2
    WRITE = 4
    DIRECTORY = 8
    READ = 16
    APPEND = 32
    EXCLUSIVE = 64
    FOLLOW = 128
    NONBLOCK = 256
    DSYNC = 512
    RSYNC = 1024
    SYNC = 2048

    @property
    def reads(self) -> bool:
        """Whether what is opened can be read."""
        return bool(self & self.READ) or not self & self.WRITE

    @property
    def fdflags(self) -> FdFlags:
        """Those of them that are fdflags."""
        found = FdFlags(0)
        for name in FdFlags.__members__:
            if self & OpenFlags[name]:
                found |= FdFlags[name]
        return found

    @classmethod
    def checked(cls, flags: int) -> OpenFlags:
        """The flags that a guest gives. Raises Refused (EINVAL) for what makes no sense.

        >>> OpenFlags.checked(5)
        <OpenFlags.CREATE|WRITE: 5>
        """
        if flags & ~0xFFF or (flags & cls.TRUNCATE and not flags & cls.WRITE):
            raise Refused(Errno.INVAL)
        return cls(flags)


class FdFlags(IntFlag):
    """How an fd reads and writes (preview 1's fdflags)."""

    APPEND = 1
    DSYNC = 2
    NONBLOCK = 4
    RSYNC = 8
    SYNC = 16


#: All of them.
FDFLAGS = 0x1F


class FstFlags(IntFlag):
    """Which times are to be set (preview 1's fstflags)."""

    ATIM = 1
    ATIM_NOW = 2
    MTIM = 4
    MTIM_NOW = 8

    @classmethod
    def checked(cls, flags: int) -> FstFlags:
        """The flags that a guest gives. Raises Refused (EINVAL) for what makes no sense."""
        if flags & ~0xF or flags & 3 == 3 or flags & 12 == 12:
            raise Refused(Errno.INVAL)
        return cls(flags)

    def times(self, atim: int, mtim: int, was: Stat, now: int) -> tuple[int, int]:
        """The times that they ask for, where they were those of `was`; all in nanoseconds."""
        return (
            now if self & self.ATIM_NOW else atim if self & self.ATIM else was.atim,
            now if self & self.MTIM_NOW else mtim if self & self.MTIM else was.mtim,
        )


class Filetype(IntEnum):
    """What something is (preview 1's filetype)."""

    UNKNOWN = 0
    BLOCK_DEVICE = 1
    CHARACTER_DEVICE = 2
    DIRECTORY = 3
    REGULAR_FILE = 4
    SOCKET_DGRAM = 5
    SOCKET_STREAM = 6
    SYMBOLIC_LINK = 7


@dataclass(frozen=True, slots=True)
class Stat:
    """What is known of a file; sizes in bytes, times in nanoseconds since 1970."""

    filetype: Filetype = Filetype.UNKNOWN
    size: int = 0
    dev: int = 0
    ino: int = 0
    nlink: int = 1
    atim: int = 0
    mtim: int = 0
    ctim: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a folder. `next` is the cookie to go on after it; never 0."""

    next: int
    name: bytes
    filetype: Filetype = Filetype.UNKNOWN
    ino: int = 0


class Vnode:
    """A file, a folder or a stream that is open. Paths are bytes, as a guest gave them: unchecked.

    A folder overrides `filetype` and what takes a path; `walk.py` helps to follow one.
    """

    filetype: Filetype = Filetype.UNKNOWN
    """What it is; what refuses below depends on it."""

    closed: bool = False
    """Set by `shut`; what is called after that answers EBADF."""

    scope: Scope | None = None
    """With whom it is closed. Set for what a guest has opened."""

    def shut(self) -> None:
        """Close it. Raises Refused (EBADF) a second time, OSError as `close` does."""
        self.check_open()
        self.closed = True
        self.close()

    def check_open(self) -> None:
        """Raises Refused (EBADF) once it, or all that it belongs to, is closed."""
        if self.closed or (self.scope is not None and self.scope.closed):
            raise Refused(Errno.BADF)

    def fileno(self) -> int | None:
        """The host's descriptor to wait for, where there is one."""
        return None

    def _no_folder(self) -> Refused:
        """The answer to what takes a path."""
        is_folder = self.filetype is Filetype.DIRECTORY
        return Refused(Errno.NOTSUP if is_folder else Errno.NOTDIR)

    def _no_file(self, otherwise: Errno) -> Refused:
        """The answer to what only files do."""
        return Refused(Errno.ISDIR if self.filetype is Filetype.DIRECTORY else otherwise)

    # ------------------------------------------------------------------ of every fd

    def close(self) -> None:
        """Give back what is held for it; called once."""

    def stat(self) -> Stat:
        """What is known of it."""
        return Stat(self.filetype)

    def flags(self) -> FdFlags:
        """How it reads and writes."""
        return FdFlags(0)

    def set_flags(self, flags: FdFlags) -> None:
        """Change that, as far as it can be changed."""
        if flags != self.flags():
            raise Refused(Errno.NOTSUP)

    def sync(self, data_only: bool) -> None:
        """Write through what was written."""

    def set_times(self, atim: int, mtim: int, flags: FstFlags) -> None:
        """Set when it was read and written."""
        raise Refused(Errno.NOTSUP)

    # ------------------------------------------------------------------ of files and streams

    def read(self, most: int) -> bytes:
        """Up to `most` bytes, none at the end."""
        raise self._no_file(Errno.BADF)

    def write(self, data: bytes) -> int:
        """How many of the bytes were taken."""
        raise self._no_file(Errno.BADF)

    def poll(self, for_writing: bool) -> int:
        """How many bytes can be moved without waiting. Raises BlockingIOError (EAGAIN) for none."""
        return 1

    def pread(self, most: int, offset: int) -> bytes:
        """Up to `most` bytes from an offset on."""
        raise self._no_file(Errno.SPIPE)

    def pwrite(self, data: bytes, offset: int) -> int:
        """How many of the bytes were written at an offset."""
        raise self._no_file(Errno.SPIPE)

    def seek(self, offset: int, whence: int) -> int:
        """Go elsewhere (whence 0: from the beginning, 1: from here, 2: from the end); where to."""
        raise self._no_file(Errno.SPIPE)

    def set_size(self, size: int) -> None:
        """Cut it, or fill it up with zeros."""
        raise self._no_file(Errno.INVAL)

    def allocate(self, offset: int, length: int) -> None:
        """Make sure that there is room; what ends before it is filled up with zeros."""
        raise self._no_file(Errno.SPIPE)

    # ------------------------------------------------------------------ of folders

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        """What stands at a path, opened."""
        raise self._no_folder()

    def readdir(self, cookie: int) -> Iterable[Entry]:
        """The entries after the one with this cookie; 0 stands for the beginning."""
        raise self._no_folder()

    def stat_at(self, path: bytes, follow: bool) -> Stat:
        """What is known of what stands at a path."""
        raise self._no_folder()

    def set_times_at(
        self, path: bytes, follow: bool, atim: int, mtim: int, flags: FstFlags
    ) -> None:
        """Set when that was read and written."""
        raise self._no_folder()

    def mkdir(self, path: bytes) -> None:
        """Make a folder."""
        raise self._no_folder()

    def rmdir(self, path: bytes) -> None:
        """Remove an empty folder."""
        raise self._no_folder()

    def unlink(self, path: bytes) -> None:
        """Remove anything else."""
        raise self._no_folder()

    def rename(self, path: bytes, to: Vnode, new: bytes) -> None:
        """Move what stands at a path to another in the folder `to`."""
        raise self._no_folder()

    def link(self, path: bytes, follow: bool, to: Vnode, new: bytes) -> None:
        """Give a file one name more, in the folder `to`."""
        raise self._no_folder()

    def symlink(self, target: bytes, path: bytes) -> None:
        """Make a link at a path."""
        raise self._no_folder()

    def readlink(self, path: bytes) -> bytes:
        """What a link says."""
        raise self._no_folder()
