"""The host files that one guest has open."""

from __future__ import annotations

import contextlib
import weakref

from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.runtime.store import Store
from watloom.stdlib.confine import HostFile

__all__ = ["OpenFiles"]


class OpenFiles:
    """Closes what is left, the newest first. A file that nobody has any more closes by itself."""

    def __init__(self, store: Store, most: int) -> None:
        self.store = store
        self.most = most
        self.closed = False
        self._roots: list[HostFile] = []
        self._opened: weakref.WeakValueDictionary[int, HostFile] = weakref.WeakValueDictionary()
        self._serial = 0

    def add_root(self, file: HostFile) -> HostFile:
        """A granted folder: open as long as this is."""
        self._roots.append(file)
        return file

    def add(self, file: HostFile) -> HostFile:
        """A file that a guest has opened."""
        self._serial += 1
        self._opened[self._serial] = file
        return file

    def check_room(self) -> None:
        """Raises Refused (EMFILE) where no more may be opened."""
        if sum(file.number >= 0 for file in self._opened.values()) >= self.most:
            raise Refused(Errno.MFILE)

    def close(self) -> None:
        """Close all; one that fails to close keeps no other from it."""
        self.closed = True
        opened = dict(self._opened)
        newest_first = [opened[serial] for serial in sorted(opened, reverse=True)]
        for file in [*newest_first, *reversed(self._roots)]:
            with contextlib.suppress(OSError):
                file.close()

    def __reduce__(self) -> tuple[object, ...]:
        """In a copy or a snapshot nothing is open: it stays the original's to use and to close."""
        return (_none_open, (self.most,))


def _none_open(most: int) -> OpenFiles:
    files = OpenFiles(Store(), most)
    files.closed = True
    return files
