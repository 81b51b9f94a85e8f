"""A folder that holds only so much: what would make its files larger than that answers EDQUOT.

    folder = quota(folder, 1 << 20)      # a mebibyte, with what is in it already

Counted are the sizes of the files, a file with several names once. A write that has room for a part
of its bytes writes that part. Room comes back when a file is cut or its last name is removed.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock

from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.providers.through import Through
from watloom.stdlib.vnode import FdFlags, Filetype, OpenFlags, Stat, Vnode

__all__ = ["Quota", "quota"]


class _Account:
    """What one folder's files take, and may take."""

    def __init__(self, most: int, used: int) -> None:
        self.most = most
        self.used = used
        self.lock = RLock()

    @property
    def room(self) -> int:
        return max(0, self.most - self.used)

    def take(self, growth: int) -> None:
        """Raises Refused (EDQUOT) where there is no room for so much more."""
        if growth > self.room:
            raise Refused(Errno.DQUOT)


def quota(folder: Vnode, most: int) -> Quota:
    """The folder, with at most so many bytes in its files.

    Raises ValueError for a negative number, OSError where the folder cannot be read.
    """
    if most < 0:
        raise ValueError(f"a quota is a number of bytes, and not {most}")
    return Quota(folder, _Account(most, _size_of(folder, set())))


def _size_of(folder: Vnode, seen: set[tuple[int, int]]) -> int:
    """The bytes of all files below a folder."""
    total = 0
    for entry in folder.readdir(0):
        if entry.name in (b".", b".."):
            continue
        stat = folder.stat_at(entry.name, False)
        if stat.filetype is Filetype.DIRECTORY:
            below = folder.open(entry.name, OpenFlags.DIRECTORY)
            try:
                total += _size_of(below, seen)
            finally:
                below.shut()
        elif stat.filetype is Filetype.REGULAR_FILE and (stat.dev, stat.ino) not in seen:
            if stat.nlink > 1:
                seen.add((stat.dev, stat.ino))
            total += stat.size
    return total


class Quota(Through):
    """A folder, or a file that was opened in it. `used` are the bytes of all of them."""

    def __init__(self, inner: Vnode, account: _Account) -> None:
        super().__init__(inner)
        self._account = account

    @property
    def used(self) -> int:
        """The bytes that are counted."""
        return self._account.used

    def like(self, node: Vnode) -> Vnode:
        return Quota(node, self._account)

    def knows(self, to: Vnode) -> Vnode:
        if not isinstance(to, Quota) or to._account is not self._account:
            raise Refused(Errno.XDEV)
        return to.inner

    # ------------------------------------------------------------------ files that grow

    def write(self, data: bytes) -> int:
        with self._account.lock:
            at = self._end() if self.inner.flags() & FdFlags.APPEND else self.inner.seek(0, 1)
            return self._grown(self._fitting(data, at), self.inner.write)

    def pwrite(self, data: bytes, offset: int) -> int:
        with self._account.lock:
            fitting = self._fitting(data, offset)
            return self._grown(fitting, lambda part: self.inner.pwrite(part, offset))

    def _end(self) -> int:
        return self.inner.stat().size

    def _fitting(self, data: bytes, at: int) -> bytes:
        """As many of the bytes as there is room for. Raises Refused where it is none."""
        end = self._end()
        most = max(end, at) + self._account.room - max(0, at - end) - at
        if data and most <= 0:
            raise Refused(Errno.DQUOT)
        return data[: max(0, most)]

    def _grown(self, data: bytes, write: Callable[[bytes], int]) -> int:
        before = self._end()
        try:
            return write(data)
        finally:
            self._account.used += self._end() - before

    def set_size(self, size: int) -> None:
        with self._account.lock:
            before = self._end()
            self._account.take(size - before)
            self.inner.set_size(size)
            self._account.used += self._end() - before

    def allocate(self, offset: int, length: int) -> None:
        with self._account.lock:
            before = self._end()
            self._account.take(offset + length - before)
            self.inner.allocate(offset, length)
            self._account.used += self._end() - before

    # ------------------------------------------------------------------ room that comes back

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        if not flags & flags.TRUNCATE:
            return super().open(path, flags)
        with self._account.lock:
            was = self._file_at(path, bool(flags & flags.FOLLOW))
            found = super().open(path, flags)
            self._account.used -= was.size if was else 0
            return found

    def unlink(self, path: bytes) -> None:
        with self._account.lock:
            was = self._file_at(path, False)
            self.inner.unlink(path)
            self._account.used -= was.size if was and was.nlink <= 1 else 0

    def rename(self, path: bytes, to: Vnode, new: bytes) -> None:
        with self._account.lock:
            below = self.knows(to)
            was, moved = _file_at(below, new, False), _file_at(self.inner, path, False)
            self.inner.rename(path, below, new)
            same = was and moved and (was.dev, was.ino) == (moved.dev, moved.ino)
            self._account.used -= was.size if was and not same and was.nlink <= 1 else 0

    def _file_at(self, path: bytes, follow: bool) -> Stat | None:
        return _file_at(self.inner, path, follow)


def _file_at(folder: Vnode, path: bytes, follow: bool) -> Stat | None:
    """What is known of the file at a path; None where there is none."""
    try:
        stat = folder.stat_at(path, follow)
    except OSError:
        return None
    return stat if stat.filetype is Filetype.REGULAR_FILE else None
