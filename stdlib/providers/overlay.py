"""A folder over another one: what is changed is changed in the upper, and the lower stays as it is.

    from watloom.stdlib.providers.overlay import overlay

    folder = overlay(HostFolder(confine.open_root("data")), memory())

Both are seen as one. A file is copied up when it is opened for writing, or its times, names or
links are changed; who has it open for reading goes on in the copy. What is removed is hidden. Both
may be any vnodes; nobody else should change them meanwhile.

    a folder that is in the lower one    is not renamed: EXDEV, as from disk to disk (programs copy
                                         it then)
    names that begin with ".wh."         are not seen, and cannot be made: EPERM
    names of more than 251 bytes         cannot be removed where they are in the lower one
    a file that is copied up             gets another inode number, and leaves its other names in
                                         the lower folder behind
    a file that was removed, but is      has times that can't be set: EROFS
    still open for reading
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn
from weakref import WeakSet

from watloom.interp.core.dataclass import replace
from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.providers.layers import RESERVED, Layers
from watloom.stdlib.providers.through import Through
from watloom.stdlib.providers.tree import TreeFolder
from watloom.stdlib.vnode import Entry, Filetype, FstFlags, OpenFlags, Stat, Vnode

__all__ = ["OverlayFolder", "overlay"]


def overlay(lower: Vnode, upper: Vnode) -> Vnode:
    """The folder `upper` over the folder `lower`, which is never changed.

    Closing it closes both, as soon as no folder below is open any more.
    """
    root = Layers(None, b"", upper, lower)
    return OverlayFolder(root, root, owner=True)


class OverlayFolder(TreeFolder[Layers]):
    """A folder of both, open. `root` is the topmost."""

    def __init__(self, root: Layers, here: Layers, owner: bool = False) -> None:
        super().__init__(here)
        self.root = root
        self._entries: list[Entry] = []
        self._owner = owner

    def close(self) -> None:
        if self._owner:
            self.root.owned = True  # closed with the last that needs it
        del self.here, self.root

    def sync(self, data_only: bool) -> None:
        self.check_open()
        if self.here.upper is not None:
            self.here.upper.sync(data_only)

    def readdir(self, cookie: int) -> Iterator[Entry]:
        self.check_open()
        fresh = cookie == 0 or not self._entries
        if fresh:
            ino = self.here.stat().ino
            found = [Entry(0, b".", Filetype.DIRECTORY, ino), Entry(0, b"..", Filetype.DIRECTORY)]
            self._entries = [
                replace(entry, next=i)
                for i, entry in enumerate([*found, *self.here.entries()], 1)
            ]  # fmt: skip
        for entry in self._entries[cookie:]:
            if fresh or entry.next <= 2 or self.here.look(entry.name) is not None:
                yield entry

    # ------------------------------------------------------------------ the steps

    def look(self, folder: Layers, name: bytes) -> Filetype | None:
        found = folder.look(name)
        return None if found is None else found.filetype

    def child(self, folder: Layers, name: bytes) -> Layers:
        return folder.child(name)

    def parent(self, folder: Layers) -> Layers | None:
        return None if folder.removed else folder.parent

    def is_empty(self, folder: Layers) -> bool:
        return not folder.entries()

    def check_new(self, folder: Layers, name: bytes) -> None:
        if folder.removed:
            raise Refused(Errno.NOENT)
        if name.startswith(RESERVED):
            raise Refused(Errno.PERM)

    def same(self, folder: Layers, name: bytes, other: Layers, new: bytes) -> bool:
        first, second = folder.above(name), other.above(new)
        if (first is None) is not (second is None):
            return False
        if first is None or second is None:
            first, second = folder.below(name), other.below(new)
        assert first is not None and second is not None
        return first.ino != 0 and (first.dev, first.ino) == (second.dev, second.ino)

    def opened(self, folder: Layers) -> Vnode:
        return OverlayFolder(self.root, folder)

    def open_file(self, folder: Layers, name: bytes, flags: OpenFlags, is_there: bool) -> Vnode:
        flags &= ~(flags.CREATE | flags.EXCLUSIVE | flags.DIRECTORY | flags.FOLLOW)
        if not is_there:
            return folder.made().open(name, flags | flags.CREATE)
        if flags & flags.WRITE:
            upper = folder.raised(name, empty=bool(flags & flags.TRUNCATE))
            return upper.open(name, flags)
        if folder.above(name) is not None:
            assert folder.upper is not None
            return folder.upper.open(name, flags)
        assert folder.lower is not None
        return _LowerFile(folder.lower.open(name, flags), folder, name, flags)

    def stat_of(self, folder: Layers, name: bytes | None) -> Stat:
        if name is None:
            return folder.stat()
        stat = folder.look(name)
        if stat is None:
            raise Refused(Errno.NOENT)
        if stat.filetype is Filetype.DIRECTORY:
            return folder.child(name).stat()
        if stat.filetype is Filetype.SYMBOLIC_LINK:
            return replace(stat, size=len(folder.says(name)))
        return stat

    def touch(self, folder: Layers, name: bytes | None, atim: int, mtim: int, flags: FstFlags
    ) -> None:  # fmt: skip
        if name is not None and self.look(folder, name) is not Filetype.DIRECTORY:
            folder.raised(name).set_times_at(name, False, atim, mtim, flags)
        else:
            here = folder if name is None else folder.child(name)
            here.made().set_times(atim, mtim, flags)

    def make(self, folder: Layers, name: bytes, target: bytes | None) -> None:
        if target is None:
            folder.made().mkdir(name)
        else:
            folder.link(target, name)

    def remove(self, folder: Layers, name: bytes) -> None:
        folder.remove(name)

    def move(self, folder: Layers, name: bytes, to: Layers, new: bytes) -> None:
        folder.move(name, to, new)

    def link_to(self, folder: Layers, name: bytes, to: Layers, new: bytes) -> None:
        folder.raised(name).link(name, False, to.made(), new)

    def says(self, folder: Layers, name: bytes) -> bytes:
        return folder.says(name)

    def other(self, to: Vnode) -> OverlayFolder:
        if isinstance(to, OverlayFolder):
            to.check_open()
            if to.root is self.root:
                return to
        raise Refused(Errno.XDEV)


class _LowerFile(Through):
    """A file of the lower folder, open for reading; after it was copied up, the copy."""

    def __init__(self, inner: Vnode, folder: Layers, name: bytes, flags: OpenFlags) -> None:
        super().__init__(inner)
        self._opened = flags
        self._place: tuple[Layers, bytes] | None = folder, name
        self._is_lower = True
        folder.readers.setdefault(name, WeakSet()).add(self)

    def raised(self, upper: Vnode | None, name: bytes) -> None:
        self._place = None
        if upper is None or self.closed:
            return
        copy = upper.open(name, self._opened)
        copy.seek(self.inner.seek(0, 1), 0)
        if copy.flags() != self.inner.flags():
            copy.set_flags(self.inner.flags())
        lower, self.inner = self.inner, copy
        self._is_lower = False
        lower.shut()

    def set_times(self, atim: int, mtim: int, flags: FstFlags) -> None:
        if self._place is not None:
            folder, name = self._place
            folder.raised(name)
        if self._is_lower:  # it was removed: there is nothing to be copied up
            raise Refused(Errno.ROFS)
        super().set_times(atim, mtim, flags)

    def sync(self, data_only: bool) -> None:
        if not self._is_lower:
            super().sync(data_only)

    # The lower folder is not relied on to refuse what the file was not opened for.

    def write(self, data: bytes) -> NoReturn:
        raise Refused(Errno.BADF)

    def pwrite(self, data: bytes, offset: int) -> NoReturn:
        raise Refused(Errno.INVAL if offset < 0 else Errno.BADF)

    def set_size(self, size: int) -> NoReturn:
        raise Refused(Errno.INVAL)

    def allocate(self, offset: int, length: int) -> NoReturn:
        raise Refused(Errno.INVAL if offset < 0 or length <= 0 else Errno.BADF)
