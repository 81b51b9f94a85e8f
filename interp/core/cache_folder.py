"""Where things are kept on disk between runs: the parser's tables, compiled modules.

    file  =  "watloom" and a byte for the form  ·  SHA-256 of the data  ·  data

The folder and its files belong to the user alone: nobody else may have written there, and no link
is followed. So data whose digest is right is what one of the user's own processes wrote, and only
that is given out. A file is written under another name first and then renamed: whoever reads
meanwhile finds the old one or the new one, whole. Whatever goes wrong, the cache is without the
entry; nothing is raised.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["CacheFolder", "default_path", "digest"]

#: Bytes that all files together may take; the oldest go first.
MAX_SIZE = 256 << 20
#: Bytes of one file: a larger one would push out the rest.
MAX_ENTRY = MAX_SIZE // 4

_MAGIC = b"watloom\1"
_HEAD = len(_MAGIC) + 32
_NAME = r"[0-9a-f]{64}\.(?:tables|module)"
_OURS = re.compile(rf"{_NAME}|\.{_NAME}\.[0-9a-f]{{16}}")
_DAY = 86_400

#: Whether a folder can be held while its files are opened: then nobody can exchange it meanwhile.
_HELD = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd


def digest(data: bytes) -> bytes:
    """SHA-256; OpenSSL's, which `hashlib` looks for first, takes milliseconds to load."""
    try:
        from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            from hashlib import sha256
    found: bytes = sha256(data).digest()
    return found


def default_path() -> str | None:
    """`$WATLOOM_CACHE_DIR`, or `watloom` among the system's caches; None if there are none."""
    chosen = os.environ.get("WATLOOM_CACHE_DIR")
    if chosen:
        return os.path.abspath(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "watloom") if base and os.path.isabs(base) else None


class CacheFolder:
    """The files in a folder, by name: 64 hexadecimal digits and `.tables` or `.module`.

    `path` None stands for a folder that there is not.
    """

    def __init__(self, path: str | None) -> None:
        self.path = path

    def read(self, name: str) -> bytes | None:
        """The data of a file; None where there is none, or none that can be trusted."""
        try:
            with self._opened() as at:
                data, age = _read(at, name)
                if age > _DAY:  # so that what is used is not among the oldest
                    with suppress(OSError):
                        _utime(at, name)
        except (OSError, ValueError):
            return None
        body = data[_HEAD:]
        return body if data[:_HEAD] == _MAGIC + digest(body) else None

    def write(self, name: str, data: bytes) -> bool:
        """Keep the data under a name, in the place of what was there; whether that was possible."""
        if self.path is None or len(data) > MAX_ENTRY:
            return False
        try:
            os.makedirs(self.path, 0o700, exist_ok=True)
            with self._opened() as at:
                fresh = f".{name}.{os.urandom(8).hex()}"
                try:
                    _create(at, fresh, _MAGIC + digest(data) + data)
                    at.replace(fresh, name)
                except BaseException:
                    with suppress(OSError):
                        at.remove(fresh)
                    raise
                self._make_room(at)
        except (OSError, ValueError):
            return False
        return True

    def clear(self) -> int:
        """Remove all files of ours; gives their number. Raises OSError where it may not."""
        count = 0
        if self.path is None or not os.path.lexists(self.path):
            return count
        with self._opened() as at:
            for name in filter(_OURS.fullmatch, at.names()):
                at.remove(name)
                count += 1
        return count

    def sizes(self) -> dict[str, int]:
        """The size in bytes of each file of ours."""
        try:
            with self._opened() as at:
                return {n: at.stat(n).st_size for n in filter(_OURS.fullmatch, at.names())}
        except OSError:
            return {}

    def _make_room(self, at: _Folder) -> None:
        """Remove the oldest where all together are too large, and what was left unfinished."""
        found = []
        for name in filter(_OURS.fullmatch, at.names()):
            with suppress(OSError):
                known = at.stat(name)
                if name[0] == "." and known.st_mtime < time.time() - _DAY:
                    at.remove(name)
                else:
                    found.append((known.st_mtime, known.st_size, name))
        total = sum(size for _, size, _ in found)
        for _, size, name in sorted(found):
            if total <= MAX_SIZE:
                break
            with suppress(OSError):
                at.remove(name)
            total -= size

    @contextmanager
    def _opened(self) -> Iterator[_Folder]:
        """The folder, held. Raises OSError where it is not the user's alone."""
        if self.path is None:
            raise FileNotFoundError(errno.ENOENT, "there is no folder for caches")
        if not _HELD:
            _check(os.lstat(self.path), stat.S_ISDIR, self.path)
            yield _Folder(self.path, None)
            return
        fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            _check(os.fstat(fd), stat.S_ISDIR, self.path)
            yield _Folder(self.path, fd)
        finally:
            os.close(fd)


class _Folder:
    """An open folder: its files by name, never another folder's."""

    def __init__(self, path: str, fd: int | None) -> None:
        self.path = path
        self.fd = fd

    def at(self, name: str) -> str:
        return name if self.fd is not None else os.path.join(self.path, name)

    def open(self, name: str, flags: int) -> int:
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        flags |= getattr(os, "O_NONBLOCK", 0)  # what stands there may be a pipe
        return os.open(self.at(name), flags, 0o600, dir_fd=self.fd)

    def stat(self, name: str) -> os.stat_result:
        return os.stat(self.at(name), dir_fd=self.fd, follow_symlinks=False)

    def replace(self, old: str, new: str) -> None:
        os.replace(self.at(old), self.at(new), src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def remove(self, name: str) -> None:
        os.unlink(self.at(name), dir_fd=self.fd)

    def names(self) -> list[str]:
        return os.listdir(self.path if self.fd is None else self.fd)


def _check(found: os.stat_result, kind: Callable[[int], bool], path: str) -> None:
    """Raise PermissionError for what is not the user's, or what others may write to."""
    if not kind(found.st_mode):
        raise PermissionError(errno.EPERM, "the cache is not used: of another kind", path)
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o022):
        raise PermissionError(errno.EPERM, "the cache is not used: others may write to it", path)


def _read(at: _Folder, name: str) -> tuple[bytes, float]:
    fd = at.open(name, os.O_RDONLY)
    with open(fd, "rb", buffering=0) as file:
        found = os.fstat(fd)
        _check(found, stat.S_ISREG, name)
        if found.st_size > MAX_ENTRY + _HEAD:
            raise ValueError("too large")
        return file.readall(), time.time() - found.st_mtime


def _create(at: _Folder, name: str, data: bytes) -> None:
    fd = at.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with open(fd, "wb") as file:
        file.write(data)


def _utime(at: _Folder, name: str) -> None:
    os.utime(at.at(name), dir_fd=at.fd, follow_symlinks=False)
