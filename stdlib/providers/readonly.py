"""A folder that nothing can be changed in: whatever would change something answers EROFS.

from watloom.stdlib.providers.readonly import readonly

wasi = Wasi(mounts={"/": readonly(folder)})
"""

from __future__ import annotations

from typing import NoReturn

from watloom.interp.host.errnos import Errno, Refused, errno_of
from watloom.stdlib.providers.through import Through
from watloom.stdlib.vnode import FstFlags, OpenFlags, Vnode

__all__ = ["readonly"]


def readonly(folder: Vnode) -> Vnode:
    """The folder, for reading alone."""
    return ReadOnly(folder)


class ReadOnly(Through):
    """A folder, or a file that was opened in it."""

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        if flags & (flags.WRITE | flags.TRUNCATE | flags.APPEND):
            raise _refused()
        if flags & flags.CREATE:
            self._check_there(path, flags)
            flags &= ~(flags.CREATE | flags.EXCLUSIVE)
        return super().open(path, flags)

    def _check_there(self, path: bytes, flags: OpenFlags) -> None:
        """What is to be created where it is missing must not be missing."""
        exclusive = bool(flags & flags.EXCLUSIVE)
        try:
            self.inner.stat_at(path, bool(flags & flags.FOLLOW) and not exclusive)
        except OSError as error:
            if errno_of(error) == Errno.NOENT:
                raise _refused() from None
            raise
        if exclusive:
            raise Refused(Errno.EXIST)

    def write(self, data: bytes) -> NoReturn:
        raise _refused()

    def pwrite(self, data: bytes, offset: int) -> NoReturn:
        raise _refused()

    def set_size(self, size: int) -> NoReturn:
        raise _refused()

    def allocate(self, offset: int, length: int) -> NoReturn:
        raise _refused()

    def set_times(self, atim: int, mtim: int, flags: FstFlags) -> NoReturn:
        raise _refused()

    def set_times_at(
        self, path: bytes, follow: bool, atim: int, mtim: int, flags: FstFlags
    ) -> NoReturn:
        raise _refused()

    def mkdir(self, path: bytes) -> NoReturn:
        raise _refused()

    def rmdir(self, path: bytes) -> NoReturn:
        raise _refused()

    def unlink(self, path: bytes) -> NoReturn:
        raise _refused()

    def rename(self, path: bytes, to: Vnode, new: bytes) -> NoReturn:
        raise _refused()

    def link(self, path: bytes, follow: bool, to: Vnode, new: bytes) -> NoReturn:
        raise _refused()

    def symlink(self, target: bytes, path: bytes) -> NoReturn:
        raise _refused()


def _refused() -> Refused:
    return Refused(Errno.ROFS)
