"""Errno numbers as guests see them: those of WASI preview 1.

https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno
They are the same on every host, whatever the host's own numbers are.
"""

from __future__ import annotations

import errno
import io
from enum import IntEnum

__all__ = ["Errno", "Refused", "errno_of"]


class Errno(IntEnum):
    """An errno of WASI preview 1; 0 is success. (E2BIG is TOOBIG: no name begins with a digit.)"""

    SUCCESS = 0
    TOOBIG = 1
    ACCES = 2
    ADDRINUSE = 3
    ADDRNOTAVAIL = 4
    AFNOSUPPORT = 5
    AGAIN = 6
    ALREADY = 7
    BADF = 8
    BADMSG = 9
    BUSY = 10
    CANCELED = 11
    CHILD = 12
    CONNABORTED = 13
    CONNREFUSED = 14
    CONNRESET = 15
    DEADLK = 16
    DESTADDRREQ = 17
    DOM = 18
    DQUOT = 19
    EXIST = 20
    FAULT = 21
    FBIG = 22
    HOSTUNREACH = 23
    IDRM = 24
    ILSEQ = 25
    INPROGRESS = 26
    INTR = 27
    INVAL = 28
    IO = 29
    ISCONN = 30
    ISDIR = 31
    LOOP = 32
    MFILE = 33
    MLINK = 34
    MSGSIZE = 35
    MULTIHOP = 36
    NAMETOOLONG = 37
    NETDOWN = 38
    NETRESET = 39
    NETUNREACH = 40
    NFILE = 41
    NOBUFS = 42
    NODEV = 43
    NOENT = 44
    NOEXEC = 45
    NOLCK = 46
    NOLINK = 47
    NOMEM = 48
    NOMSG = 49
    NOPROTOOPT = 50
    NOSPC = 51
    NOSYS = 52
    NOTCONN = 53
    NOTDIR = 54
    NOTEMPTY = 55
    NOTRECOVERABLE = 56
    NOTSOCK = 57
    NOTSUP = 58
    NOTTY = 59
    NXIO = 60
    OVERFLOW = 61
    OWNERDEAD = 62
    PERM = 63
    PIPE = 64
    PROTO = 65
    PROTONOSUPPORT = 66
    PROTOTYPE = 67
    RANGE = 68
    ROFS = 69
    SPIPE = 70
    SRCH = 71
    STALE = 72
    TIMEDOUT = 73
    TXTBSY = 74
    XDEV = 75
    NOTCAPABLE = 76


_HOST_NAMES = {"E2BIG" if e is Errno.TOOBIG else f"E{e.name}": e for e in Errno}

#: The host's numbers → WASI's, by name.
_FROM_HOST = {
    getattr(errno, name): number for name, number in _HOST_NAMES.items() if hasattr(errno, name)
} | {errno.EOPNOTSUPP: Errno.NOTSUP, errno.EWOULDBLOCK: Errno.AGAIN}


#: For an exception that was made without a number: `raise FileNotFoundError(name)`.
_OF_CLASS: dict[type, Errno] = {
    BlockingIOError: Errno.AGAIN,
    BrokenPipeError: Errno.PIPE,
    ChildProcessError: Errno.CHILD,
    ConnectionAbortedError: Errno.CONNABORTED,
    ConnectionRefusedError: Errno.CONNREFUSED,
    ConnectionResetError: Errno.CONNRESET,
    FileExistsError: Errno.EXIST,
    FileNotFoundError: Errno.NOENT,
    InterruptedError: Errno.INTR,
    IsADirectoryError: Errno.ISDIR,
    NotADirectoryError: Errno.NOTDIR,
    PermissionError: Errno.ACCES,
    ProcessLookupError: Errno.SRCH,
    TimeoutError: Errno.TIMEDOUT,
    io.UnsupportedOperation: Errno.BADF,  # reading what is for writing, or the reverse
}


class Refused(OSError):
    """A "no" with WASI's number: hosts lack some of them, ENOTCAPABLE first."""

    def __init__(self, number: Errno) -> None:
        super().__init__(f"refused: {number.name}")
        self.number = number


def errno_of(error: OSError) -> int:
    """WASI's number for what went wrong: by its number, else by its class; else EIO.

    >>> errno_of(OSError(errno.ENOENT, "No such file")), errno_of(TimeoutError())
    (44, 73)
    >>> errno_of(OSError())
    29
    """
    if isinstance(error, Refused):
        return error.number
    if error.errno in _FROM_HOST:
        return int(_FROM_HOST[error.errno])
    return int(next((_OF_CLASS[c] for c in type(error).__mro__ if c in _OF_CLASS), Errno.IO))
