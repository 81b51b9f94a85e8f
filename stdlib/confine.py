"""Opening files below a folder, and nowhere else.

A path is walked component by component, each opened relative to the folder found before it and
never through a symbolic link. So it makes no difference what others rename meanwhile: a folder
that is open stays the folder it is, and `..` goes back to the one that was open before.

    root ──open──► a ──open──► b      "a/b/../f": `..` gives back a, then f is opened in a

Hard links and mounts cannot be told from what was always there: whoever makes them inside a
granted folder grants what they lead to.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass

from watloom.interp.host.errnos import Errno, Refused

__all__ = ["MAX_PATH", "SUPPORTED", "Access", "HostFile", "open_below", "open_root"]

#: The longest path, the longest name in one, and the most folders that one may lead through.
MAX_PATH = 4096
MAX_NAME = 255
MAX_FOLDERS = 128

#: Whether this platform can do all of that. Where not, everything is refused: there is no
#: weaker form.
SUPPORTED = (
    hasattr(os, "O_NOFOLLOW")
    and hasattr(os, "O_DIRECTORY")
    and {os.open, os.stat} <= os.supports_dir_fd
    and os.stat in os.supports_follow_symlinks
)

_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_FOLDER: int = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
# A FIFO that got in the way of a file must not make us wait, nor a terminal become ours.
_FILE: int = (
    _NOFOLLOW
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class HostFile:
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


@dataclass(frozen=True, slots=True)
class Access:
    """What a file is opened for."""

    create: bool = False
    truncate: bool = False
    write: bool = False
    folder: bool = False


def open_root(path: str) -> HostFile:
    """A folder that is granted: the user's choice, so links are followed. Raises OSError."""
    if not SUPPORTED:
        raise Refused(Errno.NOTSUP)
    return HostFile(os.open(path, _FOLDER), True)


def open_below(root: HostFile, path: bytes, access: Access) -> HostFile:
    """The file or folder at a path below the root.

    Raises OSError, and Refused for what is not looked at in the first place: ENOTCAPABLE for an
    absolute path and for one that climbs above the root, ELOOP for a link, ENOTSUP for what is
    neither a file nor a folder.
    """
    if not SUPPORTED:
        raise Refused(Errno.NOTSUP)
    parts, wants_folder = _split(path)
    opened = [root.number]  # the folders from the root to where the walk stands
    try:
        last = parts.pop() if parts and parts[-1] != b".." else None
        for part in parts:
            _walk(opened, part)
        if last is None:
            return _open_folder_again(opened[-1], access)
        if wants_folder or access.folder:
            return _open_named_folder(opened[-1], last, access)
        return _open_named(opened[-1], last, access)
    finally:
        for number in reversed(opened[1:]):
            os.close(number)


def _split(path: bytes) -> tuple[list[bytes], bool]:
    """The components that lead somewhere, and whether the path can only mean a folder.

    >>> _split(b"./a//b/.")
    ([b'a', b'b'], True)
    """
    if not path:
        raise Refused(Errno.NOENT)
    if b"\0" in path:
        raise Refused(Errno.INVAL)
    if path.startswith(b"/"):
        raise Refused(Errno.NOTCAPABLE)
    names = path.split(b"/")
    if len(path) > MAX_PATH or any(len(name) > MAX_NAME for name in names):
        raise Refused(Errno.NAMETOOLONG)
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(Errno.ILSEQ) from None
    return [name for name in names if name not in (b"", b".")], names[-1] in (b"", b".", b"..")


def _walk(opened: list[int], part: bytes) -> None:
    """Go one component on, or back for `..`."""
    if part != b"..":
        if len(opened) > MAX_FOLDERS:
            raise Refused(Errno.NAMETOOLONG)
        opened.append(_open_folder(opened[-1], part))
    elif len(opened) > 1:
        os.close(opened.pop())
    else:
        raise Refused(Errno.NOTCAPABLE)


def _open_folder(at: int, name: bytes) -> int:
    """A folder in the folder `at`, never through a link."""
    try:
        return os.open(name, _FOLDER | _NOFOLLOW, dir_fd=at)
    except OSError:
        # Which error a link gives here depends on the system: ask what stands there.
        if _kind(at, name) == stat.S_IFLNK:
            raise Refused(Errno.LOOP) from None
        raise


def _kind(at: int, name: bytes) -> int | None:
    """What stands at a name, as S_IF…; None for nothing."""
    try:
        return stat.S_IFMT(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def _open_folder_again(at: int, access: Access) -> HostFile:
    """A folder that the walk has come to: `.`, `a/..`."""
    _check_folder_access(access)
    return HostFile(os.open(b".", _FOLDER, dir_fd=at), True)


def _open_named_folder(at: int, name: bytes, access: Access) -> HostFile:
    _check_folder_access(access)
    return HostFile(_open_folder(at, name), True)


def _check_folder_access(access: Access) -> None:
    """A folder can't be made or written to by opening it."""
    if access.create or access.truncate or access.write:
        raise Refused(Errno.ISDIR)


def _open_named(at: int, name: bytes, access: Access) -> HostFile:
    """A file, or a folder where one stands there."""
    kind = _kind(at, name)
    if kind == stat.S_IFDIR and not access.create:
        return _open_named_folder(at, name, access)
    _check_kind(kind)
    flags = _FILE | (os.O_WRONLY if access.write else os.O_RDONLY)
    if access.create:
        flags |= os.O_CREAT
    # Between that look and this another file may have come to stand there. A link is not followed;
    # all else is looked at again, and nothing is truncated until then.
    file = HostFile(os.open(name, flags, 0o666, dir_fd=at), False)
    try:
        _check_kind(stat.S_IFMT(os.fstat(file.number).st_mode))
        os.set_blocking(file.number, True)
        if access.truncate:
            os.ftruncate(file.number, 0)
    except BaseException:
        file.close()
        raise
    return file


def _check_kind(kind: int | None) -> None:
    """Only regular files, or nothing yet: opening a device can do things, and a FIFO can wait."""
    if kind == stat.S_IFLNK:
        raise Refused(Errno.LOOP)
    if kind == stat.S_IFDIR:
        raise Refused(Errno.ISDIR)
    if kind not in (stat.S_IFREG, None):
        raise Refused(Errno.NOTSUP)
