"""`TreeFolder`: folders of a file system of which only the steps are written, each about one name.

The paths, and which errno answers what makes no sense, are the same for all such file systems, and
those of the host's folders (`native.py`): a provider brings along the methods below "the steps".
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.vnode import Filetype, FstFlags, OpenFlags, Stat, Vnode
from watloom.stdlib.walk import Place, check_target, walk

__all__ = ["Steps", "TreeFolder"]

F = TypeVar("F")


class TreeFolder(Vnode, Generic[F]):
    """An open folder; `here` is what the provider knows it by, `F` being its class for that."""

    filetype = Filetype.DIRECTORY

    def __init__(self, here: F) -> None:
        self.here = here

    # ------------------------------------------------------------------ the steps

    @abstractmethod
    def look(self, folder: F, name: bytes) -> Filetype | None:
        """What stands at a name; None for nothing."""

    @abstractmethod
    def child(self, folder: F, name: bytes) -> F:
        """The folder that stands at a name."""

    @abstractmethod
    def parent(self, folder: F) -> F | None:
        """The folder that one is in; None for the topmost."""

    @abstractmethod
    def is_empty(self, folder: F) -> bool:
        """Whether no name is in it."""

    @abstractmethod
    def check_new(self, folder: F, name: bytes) -> None:
        """Raises Refused where no such name can be made in it: ENOENT in a removed folder."""

    @abstractmethod
    def same(self, folder: F, name: bytes, other: F, new: bytes) -> bool:
        """Whether two names are those of one file."""

    @abstractmethod
    def opened(self, folder: F) -> Vnode:
        """A folder, open."""

    @abstractmethod
    def open_file(self, folder: F, name: bytes, flags: OpenFlags, is_there: bool) -> Vnode:
        """A regular file, open; made where it is not there."""

    @abstractmethod
    def stat_of(self, folder: F, name: bytes | None) -> Stat:
        """What is known of what stands at a name, or of the folder itself."""

    @abstractmethod
    def touch(self, folder: F, name: bytes | None, atim: int, mtim: int, flags: FstFlags) -> None:
        """Set the times of what stands at a name, or of the folder itself."""

    @abstractmethod
    def make(self, folder: F, name: bytes, target: bytes | None) -> None:
        """Make a link that says `target`, or a folder. The name is free."""

    @abstractmethod
    def remove(self, folder: F, name: bytes) -> None:
        """Remove what stands at a name: no folder that is not empty."""

    @abstractmethod
    def move(self, folder: F, name: bytes, to: F, new: bytes) -> None:
        """Move what stands at a name to another, in place of what may stand there."""

    @abstractmethod
    def link_to(self, folder: F, name: bytes, to: F, new: bytes) -> None:
        """Give a file, or a link, another name, which is free."""

    @abstractmethod
    def says(self, folder: F, name: bytes) -> bytes:
        """What a link says."""

    @abstractmethod
    def other(self, to: Vnode) -> TreeFolder[F]:
        """A folder as one of the same file system. Raises Refused (EXDEV) for another's."""

    # ------------------------------------------------------------------ paths

    def _walked(
        self, path: bytes, follow: bool, slash: bool = True
    ) -> AbstractContextManager[Place[F]]:
        self.check_open()
        return walk(Steps(self), self.here, path, follow, slash)

    def _kind(self, place: Place[F]) -> Filetype:
        """What stands at a place. Raises Refused: ENOENT, ENOTDIR where it has to be a folder."""
        if place.name is None:
            return Filetype.DIRECTORY
        kind = self.look(place.folder, place.name)
        if kind is None:
            raise Refused(Errno.NOENT)
        if place.is_folder and kind is not Filetype.DIRECTORY:
            raise Refused(Errno.NOTDIR)
        return kind

    def _new(self, place: Place[F], *, folder: bool = False) -> bytes:
        """A name for something new, which is not to be a folder unless that is said."""
        name = _name(place, Errno.EXIST)
        if place.is_folder and not folder:
            self._kind(place)
            raise Refused(Errno.EXIST)
        if self.look(place.folder, name) is not None:
            raise Refused(Errno.EXIST)
        self.check_new(place.folder, name)
        return name

    # ------------------------------------------------------------------ the vnode

    def stat(self) -> Stat:
        self.check_open()
        return self.stat_of(self.here, None)

    def set_times(self, atim: int, mtim: int, flags: FstFlags) -> None:
        self.check_open()
        self.touch(self.here, None, atim, mtim, flags)

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        exclusive = flags & flags.CREATE and flags & flags.EXCLUSIVE
        with self._walked(path, bool(flags & flags.FOLLOW) and not exclusive) as place:
            if place.name is None:
                _check_reads(flags)
                return self.opened(place.folder)
            kind = self.look(place.folder, place.name)
            wants_folder = place.is_folder or flags & flags.DIRECTORY
            if kind is not None and exclusive and not wants_folder:
                raise Refused(Errno.EXIST)
            if kind is Filetype.SYMBOLIC_LINK:
                raise Refused(Errno.LOOP)
            if kind is Filetype.DIRECTORY or wants_folder:
                return self._open_folder(place.folder, place.name, kind, flags)
            if kind is None:
                if not flags & flags.CREATE:
                    raise Refused(Errno.NOENT)
                self.check_new(place.folder, place.name)
            elif kind is not Filetype.REGULAR_FILE:
                raise Refused(Errno.NOTSUP)
            return self.open_file(place.folder, place.name, flags, kind is not None)

    def _open_folder(
        self, folder: F, name: bytes, kind: Filetype | None, flags: OpenFlags
    ) -> Vnode:
        if kind not in (Filetype.DIRECTORY, None):
            raise Refused(Errno.NOTDIR)
        _check_reads(flags)
        if kind is None:
            raise Refused(Errno.NOENT)
        return self.opened(self.child(folder, name))

    def stat_at(self, path: bytes, follow: bool) -> Stat:
        with self._walked(path, follow) as place:
            self._kind(place)
            return self.stat_of(place.folder, place.name)

    def set_times_at(
        self, path: bytes, follow: bool, atim: int, mtim: int, flags: FstFlags
    ) -> None:
        with self._walked(path, follow) as place:
            self._kind(place)
            self.touch(place.folder, place.name, atim, mtim, flags)

    def mkdir(self, path: bytes) -> None:
        with self._walked(path, False, False) as place:
            self.make(place.folder, self._new(place, folder=True), None)

    def symlink(self, target: bytes, path: bytes) -> None:
        self.check_open()
        check_target(target)
        with self._walked(path, False, False) as place:
            self.make(place.folder, self._new(place), target)

    def readlink(self, path: bytes) -> bytes:
        with self._walked(path, False, False) as place:
            name = _name(place, Errno.INVAL)
            kind = self.look(place.folder, name)
            if kind is not Filetype.SYMBOLIC_LINK:
                raise Refused(Errno.NOENT if kind is None else Errno.INVAL)
            return self.says(place.folder, name)

    def rmdir(self, path: bytes) -> None:
        with self._walked(path, False, False) as place:
            name = _name(place, Errno.INVAL)
            kind = self.look(place.folder, name)
            if kind is not Filetype.DIRECTORY:
                raise Refused(Errno.NOENT if kind is None else Errno.NOTDIR)
            if not self.is_empty(self.child(place.folder, name)):
                raise Refused(Errno.NOTEMPTY)
            self.remove(place.folder, name)

    def unlink(self, path: bytes) -> None:
        with self._walked(path, False, False) as place:
            name = _name(place, Errno.ISDIR)
            if self._kind(place) is Filetype.DIRECTORY:
                raise Refused(Errno.ISDIR)
            self.remove(place.folder, name)

    def link(self, path: bytes, follow: bool, to: Vnode, new: bytes) -> None:
        with (
            self._walked(path, follow) as source,
            self.other(to)._walked(new, False, False) as target,
        ):
            name = _name(source, Errno.PERM)
            if target.name is None or target.is_folder:
                self._new(target)
            kind = self._kind(source)
            found = target.folder, self._new(target)
            if kind is Filetype.DIRECTORY:
                raise Refused(Errno.PERM)
            self.link_to(source.folder, name, *found)

    def rename(self, path: bytes, to: Vnode, new: bytes) -> None:
        with (
            self._walked(path, False, False) as source,
            self.other(to)._walked(new, False, False) as target,
        ):
            names = _name(source, Errno.BUSY), _name(target, Errno.BUSY)
            kind = self._kind(source)
            if target.is_folder and kind is not Filetype.DIRECTORY:
                raise Refused(Errno.NOTDIR)
            if kind is Filetype.DIRECTORY:
                self._check_outside(self.child(source.folder, names[0]), target.folder)
            if self._check_replaced(kind, source, target):
                self.move(source.folder, names[0], target.folder, names[1])

    def _check_replaced(self, kind: Filetype, source: Place[F], target: Place[F]) -> bool:
        """Whether there is anything to be done. Raises Refused for what can't be replaced."""
        assert source.name is not None and target.name is not None
        replaced = self.look(target.folder, target.name)
        if replaced is None:
            self.check_new(target.folder, target.name)
            return True
        if source.folder is target.folder and source.name == target.name:
            return False
        if replaced is not Filetype.DIRECTORY:
            if kind is Filetype.DIRECTORY:
                raise Refused(Errno.NOTDIR)
            return not self.same(source.folder, source.name, target.folder, target.name)
        victim = self.child(target.folder, target.name)
        if self._is_in(source.folder, victim):
            raise Refused(Errno.NOTEMPTY)
        if kind is not Filetype.DIRECTORY:
            raise Refused(Errno.ISDIR)
        if not self.is_empty(victim):
            raise Refused(Errno.NOTEMPTY)
        return True

    def _check_outside(self, moved: F, into: F) -> None:
        """Raises Refused (EINVAL) where a folder would come to be inside itself."""
        if self._is_in(into, moved):
            raise Refused(Errno.INVAL)

    def _is_in(self, folder: F | None, above: F) -> bool:
        while folder is not None and folder is not above:
            folder = self.parent(folder)
        return folder is above


class Steps(Generic[F]):
    """The steps of a walk."""

    def __init__(self, tree: TreeFolder[F]) -> None:
        self.tree = tree

    def enter(self, folder: F, name: bytes) -> F | None:
        kind = self.tree.look(folder, name)
        if kind is Filetype.SYMBOLIC_LINK:
            return None
        if kind is not Filetype.DIRECTORY:
            raise Refused(Errno.NOENT if kind is None else Errno.NOTDIR)
        return self.tree.child(folder, name)

    def target(self, folder: F, name: bytes) -> bytes | None:
        if self.tree.look(folder, name) is not Filetype.SYMBOLIC_LINK:
            return None
        return self.tree.says(folder, name)

    def leave(self, folder: F) -> None:
        pass


def _check_reads(flags: OpenFlags) -> None:
    """A folder can't be made or written to by opening it."""
    if flags & (flags.CREATE | flags.TRUNCATE | flags.WRITE):
        raise Refused(Errno.EXIST if flags & flags.EXCLUSIVE else Errno.ISDIR)


def _name(place: Place[F], otherwise: Errno) -> bytes:
    """The name at a place; an errno where it is a folder itself."""
    if place.name is None:
        raise Refused(otherwise)
    return place.name
