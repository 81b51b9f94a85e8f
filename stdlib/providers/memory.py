"""A folder in memory, gone when nobody has it any more.

    from watloom.stdlib.providers.memory import memory

    wasi = Wasi(mounts={"/": "data", "/tmp": memory()})
    folder = memory(files={"letter.txt": b"Dear Ada", "drafts/": b""})

It does what the host's folders do, with their errnos; reading sets no times. A file that is removed
while it is open stays until it is closed. Cookies of `readdir` are given to names, once each, so a
listing goes on where it was, whatever comes and goes meanwhile.
"""

from __future__ import annotations

import itertools
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter

from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.providers.content import Content, Room
from watloom.stdlib.providers.tree import TreeFolder
from watloom.stdlib.vnode import Entry, FdFlags, Filetype, FstFlags, OpenFlags, Stat, Vnode

__all__ = ["MOST", "MemoryFolder", "memory"]

#: The bytes that all files may have together, where nothing else is said.
MOST = 64 << 20
#: What a name takes of them besides its own bytes.
_NAME = 512
_MOST_TIME = 1 << 63

_devices = itertools.count(1)


def memory(
    most: int | None = MOST,
    files: Mapping[str, bytes] | None = None,
    *,
    clock: Callable[[], int] = time.time_ns,
    device: int | None = None,
) -> Vnode:
    """A folder in memory with some files in it, by their paths; a path that ends in a slash is a
    folder.

    `most` is how many bytes fit, 512 for each name included: beyond them all is refused with
    ENOSPC. None is for as many as there are. `clock` gives nanoseconds since 1970. `device` tells
    this file system from others, and is another number for each unless it is given.
    """
    system = _System(most, clock, next(_devices) if device is None else device)
    folder = MemoryFolder(system, _Folder(system))
    for path, data in (files or {}).items():
        _fill(folder, path.encode("utf-8", "surrogateescape"), data)
    return folder


def _fill(folder: MemoryFolder, path: bytes, data: bytes) -> None:
    """Make a file, and the folders on the way to it."""
    *names, last = path.split(b"/")
    for i in range(len(names)):
        try:
            folder.mkdir(b"/".join(names[: i + 1]))
        except Refused as error:
            if error.number != Errno.EXIST:
                raise
    if last:
        file = folder.open(path, OpenFlags.CREATE | OpenFlags.WRITE | OpenFlags.TRUNCATE)
        if file.write(data) < len(data):
            raise Refused(Errno.NOSPC)


class _System:
    """What all files of a file system have in common."""

    def __init__(self, most: int | None, clock: Callable[[], int], device: int) -> None:
        self.room = Room(most)
        self.clock = clock
        self.device = device
        self.numbers = itertools.count(1)


class _Inode:
    """A file, a folder or a link, whatever its names are."""

    filetype = Filetype.REGULAR_FILE

    def __init__(self, system: _System) -> None:
        self.number = next(system.numbers)
        self.device = system.device
        self.nlink = 0
        self.atim = self.mtim = self.ctim = system.clock()

    @property
    def size(self) -> int:
        return 0

    def stat(self) -> Stat:
        return Stat(
            self.filetype, self.size, self.device, self.number, self.nlink,
            self.atim, self.mtim, self.ctim,
        )  # fmt: skip

    def touch(self, atim: int, mtim: int, flags: FstFlags, now: int) -> None:
        times = flags.times(atim, mtim, self.stat(), now)
        if max(times) >= _MOST_TIME:
            raise Refused(Errno.INVAL)
        self.atim, self.mtim = times
        self.ctim = now


class _File(_Inode):
    """A file; also what a link is made of, which has what it says as its content."""

    def __init__(self, system: _System, filetype: Filetype = Filetype.REGULAR_FILE) -> None:
        super().__init__(system)
        self.filetype = filetype
        self.content = Content(system.room)

    @property
    def size(self) -> int:
        return self.content.size


class _Name:
    """What stands at a name, with the cookie to go on after it."""

    __slots__ = ("cookie", "inode")

    def __init__(self, cookie: int, inode: _Inode) -> None:
        self.cookie = cookie
        self.inode = inode


class _Folder(_Inode):
    """A folder. `parent` is None for the topmost, and for one that was removed."""

    filetype = Filetype.DIRECTORY

    def __init__(self, system: _System) -> None:
        super().__init__(system)
        self.nlink = 1
        self.parent: _Folder | None = None
        self.removed = False
        self.names: dict[bytes, _Name] = {}  # by their cookies
        self.cookies = itertools.count(3)

    def add(self, name: bytes, inode: _Inode, system: _System) -> None:
        """Put a name in that is not there. Raises Refused (ENOSPC)."""
        system.room.take(_NAME + len(name))
        self.names[name] = _Name(next(self.cookies), inode)
        self.mtim = self.ctim = inode.ctim = system.clock()
        if isinstance(inode, _Folder):
            inode.parent = self
        else:
            inode.nlink += 1

    def pop(self, name: bytes, system: _System) -> _Inode:
        """Take a name out; what stood there."""
        inode = self.names.pop(name).inode
        system.room.give(_NAME + len(name))
        self.mtim = self.ctim = inode.ctim = system.clock()
        if isinstance(inode, _Folder):
            inode.parent = None
        else:
            inode.nlink -= 1
        return inode


class MemoryFolder(TreeFolder[_Folder]):
    """A folder of such a file system, open."""

    def __init__(self, system: _System, here: _Folder) -> None:
        super().__init__(here)
        self._system = system

    def readdir(self, cookie: int) -> Iterator[Entry]:
        self.check_open()
        here = self.here
        if cookie < 1:
            yield Entry(1, b".", Filetype.DIRECTORY, here.number)
        if cookie < 2:
            yield Entry(2, b"..", Filetype.DIRECTORY)
        begin = bisect_right(list(here.names.values()), cookie, key=attrgetter("cookie"))
        for name, found in itertools.islice([*here.names.items()], begin, None):
            yield Entry(found.cookie, name, found.inode.filetype, found.inode.number)

    def sync(self, data_only: bool) -> None:
        self.check_open()

    # ------------------------------------------------------------------ the steps

    def look(self, folder: _Folder, name: bytes) -> Filetype | None:
        found = folder.names.get(name)
        return None if found is None else found.inode.filetype

    def child(self, folder: _Folder, name: bytes) -> _Folder:
        inode = folder.names[name].inode
        assert isinstance(inode, _Folder)
        return inode

    def parent(self, folder: _Folder) -> _Folder | None:
        return folder.parent

    def is_empty(self, folder: _Folder) -> bool:
        return not folder.names

    def check_new(self, folder: _Folder, name: bytes) -> None:
        if folder.removed:
            raise Refused(Errno.NOENT)

    def same(self, folder: _Folder, name: bytes, other: _Folder, new: bytes) -> bool:
        return folder.names[name].inode is other.names[new].inode

    def opened(self, folder: _Folder) -> Vnode:
        return MemoryFolder(self._system, folder)

    def open_file(self, folder: _Folder, name: bytes, flags: OpenFlags, is_there: bool) -> Vnode:
        if not is_there:
            folder.add(name, _File(self._system), self._system)
        file = folder.names[name].inode
        assert isinstance(file, _File)
        opened = MemoryFile(self._system, file, flags)
        if flags & flags.TRUNCATE:
            opened.set_size(0)
        return opened

    def stat_of(self, folder: _Folder, name: bytes | None) -> Stat:
        return self._inode(folder, name).stat()

    def touch(
        self, folder: _Folder, name: bytes | None, atim: int, mtim: int, flags: FstFlags
    ) -> None:
        self._inode(folder, name).touch(atim, mtim, flags, self._system.clock())

    def _inode(self, folder: _Folder, name: bytes | None) -> _Inode:
        return folder if name is None else folder.names[name].inode

    def make(self, folder: _Folder, name: bytes, target: bytes | None) -> None:
        made: _Inode
        if target is None:
            made = _Folder(self._system)
        else:
            made = link = _File(self._system, Filetype.SYMBOLIC_LINK)
            self._system.room.take(len(target))  # as a whole, or not at all
            self._system.room.give(len(target))
            link.content.write(target, 0)
        folder.add(name, made, self._system)

    def remove(self, folder: _Folder, name: bytes) -> None:
        inode = folder.pop(name, self._system)
        if isinstance(inode, _Folder):
            inode.removed = True
            inode.nlink = 0

    def move(self, folder: _Folder, name: bytes, to: _Folder, new: bytes) -> None:
        if new in to.names:
            self.remove(to, new)
        elif len(new) > len(name) + self._system.room.free:
            raise Refused(Errno.NOSPC)
        to.add(new, folder.pop(name, self._system), self._system)

    def link_to(self, folder: _Folder, name: bytes, to: _Folder, new: bytes) -> None:
        to.add(new, folder.names[name].inode, self._system)

    def says(self, folder: _Folder, name: bytes) -> bytes:
        link = folder.names[name].inode
        assert isinstance(link, _File)
        return link.content.read(link.size, 0)

    def other(self, to: Vnode) -> MemoryFolder:
        if isinstance(to, MemoryFolder) and to._system is self._system:
            return to
        raise Refused(Errno.XDEV)


class MemoryFile(Vnode):
    """A file of such a file system, open."""

    filetype = Filetype.REGULAR_FILE

    def __init__(self, system: _System, file: _File, flags: OpenFlags) -> None:
        self._system = system
        self._inode: _File | None = file
        self._reads = flags.reads
        self._writes = bool(flags & flags.WRITE)
        self._flags = flags.fdflags
        self._at = 0

    @property
    def _file(self) -> _File:
        self.check_open()
        if self._inode is None:
            raise Refused(Errno.BADF)
        return self._inode

    def close(self) -> None:
        self._inode = None

    def stat(self) -> Stat:
        return self._file.stat()

    def set_times(self, atim: int, mtim: int, flags: FstFlags) -> None:
        self._file.touch(atim, mtim, flags, self._system.clock())

    def flags(self) -> FdFlags:
        return self._flags

    def set_flags(self, flags: FdFlags) -> None:
        if (flags ^ self._flags) & ~(flags.APPEND | flags.NONBLOCK):
            raise Refused(Errno.NOTSUP)  # as on the host
        self._flags = flags

    def sync(self, data_only: bool) -> None:
        self.check_open()

    def poll(self, for_writing: bool) -> int:
        return 1 if for_writing else max(0, self._file.size - self._at)

    def seek(self, offset: int, whence: int) -> int:
        start = (0, self._at, self._file.size)[whence]
        if not 0 <= start + offset < 1 << 63:
            raise Refused(Errno.INVAL)
        self._at = start + offset
        return self._at

    def read(self, most: int) -> bytes:
        data = self.pread(most, self._at)
        self._at += len(data)
        return data

    def pread(self, most: int, offset: int) -> bytes:
        if offset < 0:
            raise Refused(Errno.INVAL)
        if not self._reads:
            raise Refused(Errno.BADF)
        return self._file.content.read(most, offset)

    def write(self, data: bytes) -> int:
        if self._flags & FdFlags.APPEND and data and self._writes:
            self._at = self._file.size
        count = self.pwrite(data, self._at)
        self._at += count
        return count

    def pwrite(self, data: bytes, offset: int) -> int:
        file = self._file
        if offset < 0:
            raise Refused(Errno.INVAL)
        self._check_writes(Errno.BADF)
        if not data:
            return 0
        if self._flags & FdFlags.APPEND:  # as on Linux
            offset = file.size
        count = file.content.write(data, offset)
        file.mtim = file.ctim = self._system.clock()
        return count

    def set_size(self, size: int) -> None:
        self._check_writes(Errno.INVAL)
        if size < 0:
            raise Refused(Errno.INVAL)
        file = self._file
        file.content.resize(size)
        file.mtim = file.ctim = self._system.clock()

    def allocate(self, offset: int, length: int) -> None:
        if offset < 0 or length <= 0:
            raise Refused(Errno.INVAL)
        self._check_writes(Errno.BADF)
        self._file.content.reserve(offset, length)

    def _check_writes(self, otherwise: Errno) -> None:
        self.check_open()
        if not self._writes:
            raise Refused(otherwise)
