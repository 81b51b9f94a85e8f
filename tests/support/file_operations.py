"""Random calls of vnodes, to be made on two file systems that have to answer the same.

An operation is a tuple: its name, and numbers that choose among the open folders and files.
`Player.play` makes it and gives what came of it: a value that does not depend on the file system,
or an errno.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from watloom.interp.host.errnos import errno_of
from watloom.stdlib.vnode import FdFlags, Filetype, FstFlags, OpenFlags, Stat, Vnode

__all__ = ["Player", "operations", "tree_of"]

_BAD = [b"", b"/a", b"a\0", b"\xff", b"x" * 256]
_PARTS = [b"a", b"b", b"c"] * 8 + [b".", b"..", b"..", b"new"]
_OFFSETS = [*range(-2, 40), 16383, 16384, 40000]
_FOR_FILES = [5, 5, 21, 21, 148, 13, 4, 53, 20, 37]


class _Choice:
    """Chooses what calls are about."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def which(self) -> int:
        return self.random.randrange(8)

    def bit(self) -> bool:
        return self.random.random() < 0.5

    def path(self) -> bytes:
        if self.random.random() < 0.04:
            return self.random.choice(_BAD)
        count = self.random.choice([1, 1, 1, 1, 2, 2, 3])
        path = b"/".join(self.random.choice(_PARTS) for _ in range(count))
        return path + b"/" * (self.random.random() < 0.08)

    def data(self) -> bytes:
        return self.random.randbytes(self.random.randrange(7))

    def count(self) -> int:
        return self.random.randrange(20)

    def offset(self) -> int:
        return self.random.choice(_OFFSETS)

    def whence(self) -> int:
        return self.random.randrange(3)

    def fdflags(self) -> int:
        return self.random.choice([0, 1, 5, 2])

    def flags(self) -> OpenFlags:
        if self.random.random() < 0.7:
            return OpenFlags(self.random.choice(_FOR_FILES))
        flags = OpenFlags(self.random.randrange(256))
        return flags | flags.WRITE if flags & flags.TRUNCATE else flags

    def time(self) -> int:
        return self.random.randrange(1 << 30)

    def times(self) -> int:
        return self.random.choice([1, 4, 5])


_FORMS = """open path flags|open path flags|open path flags|write data|write data|read count
pread count offset|pwrite data offset|seek offset whence|set_size offset|allocate offset count
set_flags fdflags|flags|stat_file|touch_file time time times|poll bit|close|close_folder|stat
readdir|stat_at path bit|set_times_at path bit time time times|mkdir path|mkdir path|rmdir path
unlink path|rename path which path|rename path which path|rename path which path
link path bit which path|link path bit which path|symlink path path|readlink path|same path path"""
_FORMS_OF_CALLS = [form.split() for form in _FORMS.replace("\n", "|").split("|")]


def operations(seed: int, count: int) -> Iterator[tuple[Any, ...]]:
    """Some calls, of anything that a vnode has."""
    choice = _Choice(Random(seed))
    for _ in range(count):
        name, *kinds = choice.random.choice(_FORMS_OF_CALLS)
        yield name, choice.which(), *(getattr(choice, kind)() for kind in kinds)


class Player:
    """A file system, with the folders and files of it that are open."""

    def __init__(self, root: Vnode) -> None:
        self.folders = [root]
        self.files: list[Vnode] = []

    def play(self, operation: tuple[Any, ...]) -> Any:
        """Make a call; what came of it."""
        name, which, *arguments = operation
        try:
            return getattr(self, f"_{name}")(which, *arguments)
        except OSError as error:
            return errno_of(error)

    def folder(self, which: int) -> Vnode:
        """One of the open folders."""
        return self.folders[which % len(self.folders)]

    def file(self, which: int) -> Vnode:
        """One of the open files, or folders where there are none."""
        return (self.files or self.folders)[which % len(self.files or self.folders)]

    def end(self) -> None:
        """Close all but the first folder."""
        for node in [*self.files, *self.folders[1:]]:
            node.shut()
        self.files, self.folders = [], self.folders[:1]

    # ------------------------------------------------------------------ operations

    def _open(self, which: int, path: bytes, flags: OpenFlags) -> object:
        node = self.folder(which).open(path, OpenFlags.checked(flags))
        (self.folders if node.filetype is Filetype.DIRECTORY else self.files).append(node)
        return node.filetype

    def _write(self, which: int, data: bytes) -> object:
        return self.file(which).write(data)

    def _read(self, which: int, most: int) -> object:
        return self.file(which).read(most)

    def _pread(self, which: int, most: int, offset: int) -> object:
        return self.file(which).pread(most, offset)

    def _pwrite(self, which: int, data: bytes, offset: int) -> object:
        return self.file(which).pwrite(data, offset)

    def _seek(self, which: int, offset: int, whence: int) -> object:
        return self.file(which).seek(offset, whence)

    def _set_size(self, which: int, size: int) -> None:
        self.file(which).set_size(size)

    def _allocate(self, which: int, offset: int, length: int) -> None:
        self.file(which).allocate(offset, length)

    def _set_flags(self, which: int, flags: int) -> object:
        self.file(which).set_flags(FdFlags(flags))
        return self.file(which).flags()

    def _flags(self, which: int) -> object:
        return self.file(which).flags()

    def _stat_file(self, which: int) -> object:
        found = self.file(which).stat()
        return found.filetype, found.filetype is Filetype.DIRECTORY or found.size

    def _touch_file(self, which: int, atim: int, mtim: int, flags: int) -> object:
        file = self.file(which)
        file.set_times(atim, mtim, FstFlags.checked(flags))
        return _times_of(file.stat(), flags)

    def _poll(self, which: int, for_writing: bool) -> object:
        return bool(self.files) and self.file(which).poll(for_writing)

    def _close(self, which: int) -> None:
        if self.files:
            self.files.pop(which % len(self.files)).shut()

    def _close_folder(self, which: int) -> None:
        if len(self.folders) > 1:
            self.folders.pop(1 + which % (len(self.folders) - 1)).shut()

    def _stat(self, which: int) -> object:
        return self.folder(which).stat().filetype

    def _readdir(self, which: int) -> object:
        return listed(self.folder(which))

    def _stat_at(self, which: int, path: bytes, follow: bool) -> object:
        return _seen(self.folder(which).stat_at(path, follow))

    def _set_times_at(
        self, which: int, path: bytes, follow: bool, atim: int, mtim: int, flags: int
    ) -> object:
        folder = self.folder(which)
        folder.set_times_at(path, follow, atim, mtim, FstFlags.checked(flags))
        return _times_of(folder.stat_at(path, follow), flags)

    def _mkdir(self, which: int, path: bytes) -> None:
        self.folder(which).mkdir(path)

    def _rmdir(self, which: int, path: bytes) -> None:
        self.folder(which).rmdir(path)

    def _unlink(self, which: int, path: bytes) -> None:
        self.folder(which).unlink(path)

    def _rename(self, which: int, path: bytes, to: int, new: bytes) -> None:
        self.folder(which).rename(path, self.folder(to), new)

    def _link(self, which: int, path: bytes, follow: bool, to: int, new: bytes) -> None:
        self.folder(which).link(path, follow, self.folder(to), new)

    def _symlink(self, which: int, target: bytes, path: bytes) -> None:
        self.folder(which).symlink(target, path)

    def _readlink(self, which: int, path: bytes) -> object:
        return self.folder(which).readlink(path)

    def _same(self, which: int, path: bytes, other: bytes) -> object:
        first, second = (self.folder(which).stat_at(p, False) for p in (path, other))
        return (first.dev, first.ino) == (second.dev, second.ino)


def _seen(stat: Stat) -> object:
    """What does not depend on the file system: folders have sizes and links as they like."""
    if stat.filetype is Filetype.DIRECTORY:
        return stat.filetype
    return stat.filetype, stat.size, stat.nlink


def _times_of(stat: Stat, flags: int) -> object:
    # when a file was read the host sets by itself, now and then
    return flags & 4 and stat.mtim


def listed(folder: Vnode) -> list[tuple[bytes, Filetype]]:
    """The names in a folder."""
    return sorted((entry.name, entry.filetype) for entry in folder.readdir(0))


def tree_of(root: Vnode) -> dict[bytes, object]:
    """All that is below a folder: what is in files, and what links say."""
    found: dict[bytes, object] = {}
    paths = [b"."]
    while paths:
        path = paths.pop()
        folder = root.open(path, OpenFlags.DIRECTORY)
        for name, filetype in listed(folder):
            below = path + b"/" + name
            if name in (b".", b".."):
                continue
            if filetype is Filetype.DIRECTORY:
                paths.append(below)
                found[below] = None
            elif filetype is Filetype.SYMBOLIC_LINK:
                found[below] = root.readlink(below), "link"
            else:
                file = root.open(below, OpenFlags.READ)
                found[below] = file.read(1 << 20), _seen(root.stat_at(below, False))
                file.shut()
        folder.shut()
    return found
