"""What may be done with an fd of preview 1: a bit for each kind of call.

An fd has rights of its own (base), and those that what is opened below it may have (inheriting).
Both can only shrink.
https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#rights
"""

from __future__ import annotations

__all__ = ["ALL", "FOLDER", "INPUT", "OUTPUT", "RESIZING", "Rights"]


class Rights:
    """Preview 1's rights: plain numbers, as they are looked at in every call."""

    FD_DATASYNC = 1 << 0
    FD_READ = 1 << 1
    FD_SEEK = 1 << 2
    FD_FDSTAT_SET_FLAGS = 1 << 3
    FD_SYNC = 1 << 4
    FD_TELL = 1 << 5
    FD_WRITE = 1 << 6
    FD_ADVISE = 1 << 7
    FD_ALLOCATE = 1 << 8
    PATH_CREATE_DIRECTORY = 1 << 9
    PATH_CREATE_FILE = 1 << 10
    PATH_LINK_SOURCE = 1 << 11
    PATH_LINK_TARGET = 1 << 12
    PATH_OPEN = 1 << 13
    FD_READDIR = 1 << 14
    PATH_READLINK = 1 << 15
    PATH_RENAME_SOURCE = 1 << 16
    PATH_RENAME_TARGET = 1 << 17
    PATH_FILESTAT_GET = 1 << 18
    PATH_FILESTAT_SET_SIZE = 1 << 19
    PATH_FILESTAT_SET_TIMES = 1 << 20
    FD_FILESTAT_GET = 1 << 21
    FD_FILESTAT_SET_SIZE = 1 << 22
    FD_FILESTAT_SET_TIMES = 1 << 23
    PATH_SYMLINK = 1 << 24
    PATH_REMOVE_DIRECTORY = 1 << 25
    PATH_UNLINK_FILE = 1 << 26
    POLL_FD_READWRITE = 1 << 27
    SOCK_SHUTDOWN = 1 << 28
    SOCK_ACCEPT = 1 << 29


_R = Rights
ALL = (1 << 30) - 1
_ANY = (
    _R.FD_FDSTAT_SET_FLAGS | _R.FD_FILESTAT_GET | _R.FD_SYNC | _R.FD_DATASYNC | _R.POLL_FD_READWRITE
)
#: What a stream's fd may do; a terminal is known by that it can't seek.
INPUT = _ANY | _R.FD_READ
OUTPUT = _ANY | _R.FD_WRITE
#: What makes sense for a folder.
FOLDER = (
    _R.FD_FDSTAT_SET_FLAGS | _R.FD_SYNC | _R.FD_DATASYNC | _R.FD_ADVISE | _R.FD_READDIR
    | _R.FD_FILESTAT_GET | _R.FD_FILESTAT_SET_TIMES | _R.POLL_FD_READWRITE
    | _R.PATH_CREATE_DIRECTORY | _R.PATH_CREATE_FILE | _R.PATH_LINK_SOURCE | _R.PATH_LINK_TARGET
    | _R.PATH_OPEN | _R.PATH_READLINK | _R.PATH_RENAME_SOURCE | _R.PATH_RENAME_TARGET
    | _R.PATH_FILESTAT_GET | _R.PATH_FILESTAT_SET_SIZE | _R.PATH_FILESTAT_SET_TIMES
    | _R.PATH_SYMLINK | _R.PATH_REMOVE_DIRECTORY | _R.PATH_UNLINK_FILE
)  # fmt: skip
#: What needs a file that is open for writing, but is asked for by programs that only read as well.
RESIZING = _R.FD_ALLOCATE | _R.FD_FILESTAT_SET_SIZE
