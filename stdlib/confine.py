"""What the host has below a granted folder, and nothing else.

Every path is walked (`walk.py`) by `openat`, never through a link: the host's own following would
leave the folder. What is done at its end is done to a name in a folder that is open, and does not
follow a link either. So nothing that others rename or replace meanwhile makes a difference.

Hard links and mounts cannot be told from what was always there: whoever makes them inside a
granted folder grants what they lead to.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.vnode import OpenFlags
from watloom.stdlib.walk import Place, walk

__all__ = ["SUPPORTED", "HostHandle", "kind_at", "open_at", "open_root", "walked"]

#: Whether this platform can do all of that. Where not, everything is refused: there is no
#: weaker form.
SUPPORTED = (
    hasattr(os, "O_NOFOLLOW")
    and hasattr(os, "O_DIRECTORY")
    and {os.open, os.stat, os.readlink, os.mkdir, os.rmdir, os.unlink, os.rename, os.symlink,
         os.link} <= os.supports_dir_fd
    and {os.stat, os.link} <= os.supports_follow_symlinks
    and os.listdir in os.supports_fd
)  # fmt: skip

_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_CLOEXEC: int = getattr(os, "O_CLOEXEC", 0)
_FOLDER: int = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOEXEC
# To go through a folder one need not be allowed to list it.
_THROUGH: int = _FOLDER | _NOFOLLOW | getattr(os, "O_PATH", 0)
# A FIFO that got in the way of a file must not make us wait, nor a terminal become ours.
_FILE: int = (
    _NOFOLLOW
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | _CLOEXEC
    | getattr(os, "O_BINARY", 0)
)


class HostHandle:
    """An open file or folder of the host, closed once: by `close`, or when nobody has it."""

    __slots__ = ("__weakref__", "is_folder", "number")

    def __init__(self, number: int, is_folder: bool) -> None:
        self.number = number
        self.is_folder = is_folder

    def close(self) -> None:
        """Close it; a second time does nothing. Raises OSError."""
        number, self.number = self.number, -1
        if number >= 0:
            os.close(number)

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            self.close()

    def __reduce__(self) -> tuple[object, ...]:
        """A copy is closed: two that close one number would close whatever has it next."""
        return HostHandle, (-1, self.is_folder)


def open_root(path: str) -> HostHandle:
    """A folder that is granted: the user's choice, so links are followed. Raises OSError."""
    if not SUPPORTED:
        raise Refused(Errno.NOTSUP)
    return HostHandle(os.open(path, _FOLDER), True)


class _Steps:
    """The steps of a walk, folders being the host's numbers."""

    def enter(self, folder: int, name: bytes) -> int | None:
        try:
            return os.open(name, _THROUGH, dir_fd=folder)
        except OSError:
            # Which error a link gives here depends on the system: ask what stands there.
            if kind_at(folder, name) == stat.S_IFLNK:
                return None
            raise

    def target(self, folder: int, name: bytes) -> bytes | None:
        if kind_at(folder, name) != stat.S_IFLNK:
            return None
        try:
            return os.readlink(name, dir_fd=folder)
        except OSError as error:  # something else stands there now
            if error.errno in (errno.EINVAL, errno.ENOENT):
                return None
            raise

    def leave(self, folder: int) -> None:
        os.close(folder)


_STEPS = _Steps()


@contextlib.contextmanager
def walked(root: HostHandle, path: bytes, follow: bool, slash: bool = True) -> Iterator[Place[int]]:
    """Where a path leads; `walk` with the host's folders. Raises OSError."""
    if not SUPPORTED:
        raise Refused(Errno.NOTSUP)
    with walk(_STEPS, root.number, path, follow, slash) as place:
        yield place


def kind_at(at: int, name: bytes) -> int | None:
    """What stands at a name, as S_IF…; None for nothing."""
    try:
        return stat.S_IFMT(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def open_at(place: Place[int], flags: OpenFlags) -> HostHandle:
    """The file or folder at a place, opened.

    Raises OSError, and Refused: ELOOP for a link, ENOTSUP for what is neither a file nor a folder.
    """
    if place.name is None:
        _check_folder(flags)
        return HostHandle(os.open(b".", _FOLDER, dir_fd=place.folder), True)
    if place.is_folder or flags & flags.DIRECTORY:
        return _open_folder(place.folder, place.name, flags)
    return _open_file(place.folder, place.name, flags)


def _open_folder(at: int, name: bytes, flags: OpenFlags) -> HostHandle:
    kind = kind_at(at, name)
    if kind == stat.S_IFLNK:
        raise Refused(Errno.LOOP)
    if kind not in (stat.S_IFDIR, None):
        raise Refused(Errno.NOTDIR)
    _check_folder(flags)
    try:
        return HostHandle(os.open(name, _FOLDER | _NOFOLLOW, dir_fd=at), True)
    except OSError:
        if kind_at(at, name) == stat.S_IFLNK:
            raise Refused(Errno.LOOP) from None
        raise


def _check_folder(flags: OpenFlags) -> None:
    """A folder can't be made or written to by opening it."""
    if flags & (flags.CREATE | flags.TRUNCATE | flags.WRITE):
        raise Refused(Errno.EXIST if flags & flags.EXCLUSIVE else Errno.ISDIR)


def _open_file(at: int, name: bytes, flags: OpenFlags) -> HostHandle:
    """A file, or a folder where one stands there."""
    kind = kind_at(at, name)
    if kind is not None and flags & flags.CREATE and flags & flags.EXCLUSIVE:
        raise Refused(Errno.EXIST)
    if kind == stat.S_IFDIR and not flags & flags.CREATE:
        return _open_folder(at, name, flags)
    _check_kind(kind)
    # Between that look and this another file may have come to stand there. A link is not followed;
    # all else is looked at again, and nothing is truncated until then.
    file = HostHandle(os.open(name, _host_flags(flags), 0o666, dir_fd=at), False)
    try:
        _check_kind(stat.S_IFMT(os.fstat(file.number).st_mode))
        if not flags & flags.NONBLOCK:
            os.set_blocking(file.number, True)
        if flags & flags.TRUNCATE:
            os.ftruncate(file.number, 0)
    except BaseException:
        file.close()
        raise
    return file


def _host_flags(flags: OpenFlags) -> int:
    access = os.O_RDONLY
    if flags & flags.WRITE:
        access = os.O_RDWR if flags & flags.READ else os.O_WRONLY
    pairs = {
        flags.CREATE: os.O_CREAT,
        flags.EXCLUSIVE: os.O_EXCL if flags & flags.CREATE else 0,
        flags.APPEND: os.O_APPEND,
        flags.DSYNC: getattr(os, "O_DSYNC", 0),
        flags.RSYNC: getattr(os, "O_RSYNC", 0),
        flags.SYNC: getattr(os, "O_SYNC", 0),
    }
    for flag, theirs in pairs.items():
        if flags & flag:
            access |= theirs
    return _FILE | access


def _check_kind(kind: int | None) -> None:
    """Only regular files, or nothing yet: opening a device can do things, and a FIFO can wait."""
    if kind == stat.S_IFLNK:
        raise Refused(Errno.LOOP)
    if kind == stat.S_IFDIR:
        raise Refused(Errno.ISDIR)
    if kind not in (stat.S_IFREG, None):
        raise Refused(Errno.NOTSUP)
