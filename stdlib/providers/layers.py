"""`Layers`: a folder of two, of which the upper one hides what the lower one has.

A name that was removed lies in the upper folder as an empty file, `.wh.NAME` (a whiteout), and
hides the lower one's NAME whether or not the upper has another: so a folder that was removed and
made again is empty. All that begins with `.wh.` is the overlay's own. So does the text of a link in
the upper folder that could not be made there, as it begins with a slash (or with that).

Everything is done to a name in an open folder, and follows no link.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from weakref import WeakSet, WeakValueDictionary

from watloom.interp.core.dataclass import replace
from watloom.interp.core.errors import WatloomError
from watloom.interp.host.errnos import Errno, Refused, errno_of
from watloom.stdlib.vnode import CHUNK, Entry, Filetype, FstFlags, OpenFlags, Stat, Vnode

__all__ = ["MOST_FOLDERS", "RESERVED", "Layers", "Reading"]

#: Folders that may be in use at once: open ones, and those on the way to them. Each is two open
#: folders of the host's, and a program could go ever deeper with one fd.
MOST_FOLDERS = 256

#: What names begin with that are the overlay's own.
RESERVED = b".wh."
_COPY = RESERVED + b".wh.copy"  # a copy that is not complete
_MOST = 255 - len(RESERVED)
_BOTH = FstFlags.ATIM | FstFlags.MTIM
_HERE = (b".", b"..")


class Reading(Protocol):
    """A file of the lower folder that is open."""

    def raised(self, upper: Vnode | None, name: bytes) -> None:
        """From now on it is the upper folder's; or, for None, has lost this name."""


class Layers:
    """A folder. There is one object for each, as long as anybody has it.

    `upper` and `lower` are the two, open; None for one that is not there, or is hidden.
    """

    def __init__(
        self, parent: Layers | None, name: bytes, upper: Vnode | None, lower: Vnode | None
    ) -> None:
        self.parent = parent
        self.name = name
        self.upper = upper
        self.lower = lower
        self.owned = parent is not None
        self.in_use: list[None] = [] if parent is None else parent.in_use
        self.removed = False
        self.children: WeakValueDictionary[bytes, Layers] = WeakValueDictionary()
        self.readers: dict[bytes, WeakSet[Reading]] = {}
        self.in_use.append(None)

    def __del__(self) -> None:
        self.in_use.pop()
        for node in (self.upper, self.lower) if self.owned else ():
            if node is not None:
                with contextlib.suppress(OSError, WatloomError):
                    node.shut()

    # ------------------------------------------------------------------ looking

    def above(self, name: bytes) -> Stat | None:
        """What the upper folder has at a name."""
        return _found(self.upper, name)

    def below(self, name: bytes) -> Stat | None:
        """What the lower folder has at a name, unless a whiteout hides it."""
        found = _found(self.lower, name)
        if found is not None and len(name) <= _MOST and self.above(RESERVED + name) is not None:
            return None
        return found

    def look(self, name: bytes) -> Stat | None:
        """What is seen at a name."""
        if self.removed or name.startswith(RESERVED):
            return None
        return self.above(name) or self.below(name)

    def child(self, name: bytes) -> Layers:
        """The folder at a name. Raises Refused: ENOENT, ENFILE for too many in use."""
        known = self.children.get(name)
        if known is not None:
            return known
        if len(self.in_use) >= MOST_FOLDERS:
            raise Refused(Errno.NFILE)
        above, upper, lower = self.above(name), None, None
        if _is_folder(above):
            upper = _entered(self.upper, name)
        if (above is None or upper is not None) and _is_folder(self.below(name)):
            lower = _entered(self.lower, name)
        if upper is None and lower is None:
            raise Refused(Errno.NOENT)
        self.children[name] = child = Layers(self, name, upper, lower)
        return child

    def stat(self) -> Stat:
        """What is known of the folder; it keeps the lower one's number."""
        first = self.upper or self.lower
        assert first is not None
        stat = first.stat()
        if self.upper is not None and self.lower is not None:
            lower = self.lower.stat()
            return replace(stat, dev=lower.dev, ino=lower.ino)
        return stat

    def entries(self) -> list[Entry]:
        """What is seen in it, without `.` and `..`."""
        upper = [] if self.upper is None or self.removed else list(self.upper.readdir(0))
        lower = [] if self.lower is None or self.removed else list(self.lower.readdir(0))
        names = {entry.name for entry in upper}
        found = {entry.name: entry for entry in upper if not _is_own(entry.name)}
        for entry in lower:
            name, first = entry.name, found.get(entry.name)
            if _is_own(name) or RESERVED + name in names:
                continue
            if first is None or first.filetype is entry.filetype is Filetype.DIRECTORY:
                found[name] = entry
        return list(found.values())

    def says(self, name: bytes) -> bytes:
        """What a link says."""
        if self.above(name) is not None:
            assert self.upper is not None
            return self.upper.readlink(name).removeprefix(RESERVED)
        assert self.lower is not None
        return self.lower.readlink(name)

    # ------------------------------------------------------------------ into the upper folder

    def made(self) -> Vnode:
        """The upper folder, made where there is none, with those it is in.

        Raises Refused (ENOENT) for a folder that was removed.
        """
        missing, here = [], self
        while here.upper is None:
            assert here.parent is not None
            missing.append(here)
            here = here.parent
        if self.removed:
            raise Refused(Errno.NOENT)
        for folder in reversed(missing):
            assert folder.parent is not None and folder.parent.upper is not None
            above = folder.parent.upper
            stat = folder.stat()
            with _unseen(above):
                above.mkdir(folder.name)
                folder.upper = _entered(above, folder.name)
            _keep_times(folder.upper, stat)
        assert self.upper is not None
        return self.upper

    def raised(self, name: bytes, empty: bool = False) -> Vnode:
        """The upper folder, with the file or link of this name in it, copied if need be.

        Who reads the lower one's file goes on in the copy. `empty`: nobody wants what is in it.
        """
        upper = self.made()
        if self.above(name) is not None:
            return upper
        assert self.lower is not None
        stat = self.lower.stat_at(name, False)
        with _unseen(upper):
            if stat.filetype is Filetype.REGULAR_FILE:
                self._copy(upper, name, stat, empty)
            elif stat.filetype is Filetype.SYMBOLIC_LINK:
                self.link(self.lower.readlink(name), name)
                with contextlib.suppress(OSError):
                    upper.set_times_at(name, False, stat.atim, stat.mtim, _BOTH)
            else:
                raise Refused(Errno.NOTSUP)
        for reader in self.readers.pop(name, ()):
            reader.raised(upper, name)
        return upper

    def link(self, text: bytes, name: bytes) -> None:
        """Make a link in the upper folder that says something."""
        prefix = RESERVED if text.startswith((b"/", RESERVED)) else b""
        self.made().symlink(prefix + text, name)

    def _copy(self, upper: Vnode, name: bytes, stat: Stat, empty: bool) -> None:
        """Copy a file; it is there as a whole, or not at all."""
        assert self.lower is not None
        flags = OpenFlags.CREATE | OpenFlags.WRITE | OpenFlags.TRUNCATE
        copy = upper.open(_COPY, flags)
        try:
            try:
                if not empty:
                    _copy_bytes(self.lower.open(name, OpenFlags.READ), copy)
                _keep_times(copy, stat)
            finally:
                copy.shut()
            upper.rename(_COPY, upper, name)
        except BaseException:
            with contextlib.suppress(OSError):
                upper.unlink(_COPY)
            raise

    # ------------------------------------------------------------------ changing names

    def hide(self, name: bytes) -> None:
        """Make sure that what the lower folder has at a name is not seen."""
        if self.below(name) is not None:
            self.made().open(RESERVED + name, OpenFlags.CREATE | OpenFlags.WRITE).shut()

    def remove(self, name: bytes) -> None:
        """Remove a file, or a folder in which nothing is seen."""
        self.hide(name)  # first: what is left of it in between is the upper one's
        above = self.above(name)
        if above is not None:
            assert self.upper is not None
            if _is_folder(above):
                self.child(name)._sweep()
                self.upper.rmdir(name)
            else:
                self.upper.unlink(name)
        self._forget(name)

    def move(self, name: bytes, to: Layers, new: bytes) -> None:
        """Move what stands at a name, in place of what may stand at another.

        Raises Refused (EXDEV) for a folder that is in the lower one.
        """
        child = self.child(name) if _is_folder(self.look(name)) else None
        if child is None:
            upper = self.raised(name)
        else:
            if child.lower is not None:
                raise Refused(Errno.XDEV)
            upper = self.made()
            to.hide(new)
            if to.above(new) is not None:
                to.child(new)._sweep()
        self.hide(name)
        upper.rename(name, to.made(), new)
        to._forget(new)
        if child is not None:
            self.children.pop(name, None)
            child.parent, child.name = to, new
            to.children[new] = child

    def _sweep(self) -> None:
        """Remove the whiteouts from the upper folder, in which there is nothing else."""
        if self.upper is not None:
            for entry in list(self.upper.readdir(0)):
                if entry.name.startswith(RESERVED):
                    self.upper.unlink(entry.name)

    def _forget(self, name: bytes) -> None:
        """What stood at a name is no longer there."""
        child = self.children.pop(name, None)
        if child is not None:
            child.removed = True
        for reader in self.readers.pop(name, ()):
            reader.raised(None, name)


def _found(folder: Vnode | None, name: bytes) -> Stat | None:
    """What a folder has at a name."""
    if folder is None:
        return None
    try:
        return folder.stat_at(name, False)
    except OSError as error:
        if errno_of(error) == Errno.NOENT:
            return None
        raise


def _is_folder(stat: Stat | None) -> bool:
    return stat is not None and stat.filetype is Filetype.DIRECTORY


def _is_own(name: bytes) -> bool:
    return name in _HERE or name.startswith(RESERVED)


def _entered(folder: Vnode | None, name: bytes) -> Vnode:
    assert folder is not None
    return folder.open(name, OpenFlags.DIRECTORY)


def _keep_times(node: Vnode, stat: Stat) -> None:
    """Give something the times that it had before, where that is possible."""
    with contextlib.suppress(OSError):
        node.set_times(stat.atim, stat.mtim, _BOTH)


@contextmanager
def _unseen(folder: Vnode) -> Iterator[None]:
    """What is made in a folder meanwhile was there before: its times stay."""
    stat = folder.stat()
    try:
        yield
    finally:
        _keep_times(folder, stat)


def _copy_bytes(source: Vnode, target: Vnode) -> None:
    """Copy all that is in a file, and close it."""
    try:
        while data := source.read(CHUNK):
            while data:
                count = target.write(data)
                if not count:
                    raise Refused(Errno.IO)
                data = data[count:]
    finally:
        source.shut()
