"""`Through`: a vnode that does what another does, to be changed in what a provider is about.

    class Shouting(Through):
        def read(self, most: int) -> bytes:
            return self.inner.read(most).upper()

What is opened through one is wrapped alike. A folder of somebody else's given to `rename` or `link`
is another file system: EXDEV.
"""

from __future__ import annotations

from collections.abc import Iterable

from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.vnode import Entry, FdFlags, Filetype, FstFlags, OpenFlags, Stat, Vnode

__all__ = ["Through"]


class Through(Vnode):
    """A vnode over `inner`, which is closed with it."""

    def __init__(self, inner: Vnode) -> None:
        self.inner = inner

    def like(self, node: Vnode) -> Vnode:
        """What was opened below, wrapped as this is."""
        return type(self)(node)

    def knows(self, to: Vnode) -> Vnode:
        """What is below another folder of the same provider. Raises Refused (EXDEV)."""
        if type(to) is not type(self):
            raise Refused(Errno.XDEV)
        return to.inner

    @property
    def filetype(self) -> Filetype:  # type: ignore[override]
        """What the inner one is."""
        return self.inner.filetype

    def fileno(self) -> int | None:
        return self.inner.fileno()

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} over {self.inner!r}>"

    # ------------------------------------------------------------------ of every fd

    def close(self) -> None:
        self.inner.shut()

    def stat(self) -> Stat:
        return self.inner.stat()

    def flags(self) -> FdFlags:
        return self.inner.flags()

    def set_flags(self, flags: FdFlags) -> None:
        self.inner.set_flags(flags)

    def sync(self, data_only: bool) -> None:
        self.inner.sync(data_only)

    def set_times(self, atim: int, mtim: int, flags: FstFlags) -> None:
        self.inner.set_times(atim, mtim, flags)

    # ------------------------------------------------------------------ of files and streams

    def read(self, most: int) -> bytes:
        return self.inner.read(most)

    def write(self, data: bytes) -> int:
        return self.inner.write(data)

    def poll(self, for_writing: bool) -> int:
        return self.inner.poll(for_writing)

    def pread(self, most: int, offset: int) -> bytes:
        return self.inner.pread(most, offset)

    def pwrite(self, data: bytes, offset: int) -> int:
        return self.inner.pwrite(data, offset)

    def seek(self, offset: int, whence: int) -> int:
        return self.inner.seek(offset, whence)

    def set_size(self, size: int) -> None:
        self.inner.set_size(size)

    def allocate(self, offset: int, length: int) -> None:
        self.inner.allocate(offset, length)

    # ------------------------------------------------------------------ of folders

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        return self.like(self.inner.open(path, flags))

    def readdir(self, cookie: int) -> Iterable[Entry]:
        return self.inner.readdir(cookie)

    def stat_at(self, path: bytes, follow: bool) -> Stat:
        return self.inner.stat_at(path, follow)

    def set_times_at(
        self, path: bytes, follow: bool, atim: int, mtim: int, flags: FstFlags
    ) -> None:
        self.inner.set_times_at(path, follow, atim, mtim, flags)

    def mkdir(self, path: bytes) -> None:
        self.inner.mkdir(path)

    def rmdir(self, path: bytes) -> None:
        self.inner.rmdir(path)

    def unlink(self, path: bytes) -> None:
        self.inner.unlink(path)

    def rename(self, path: bytes, to: Vnode, new: bytes) -> None:
        self.inner.rename(path, self.knows(to), new)

    def link(self, path: bytes, follow: bool, to: Vnode, new: bytes) -> None:
        self.inner.link(path, follow, self.knows(to), new)

    def symlink(self, target: bytes, path: bytes) -> None:
        self.inner.symlink(target, path)

    def readlink(self, path: bytes) -> bytes:
        return self.inner.readlink(path)
