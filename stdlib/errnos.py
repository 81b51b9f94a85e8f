"""Errno numbers as guests see them: those of WASI preview 1.

https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno
They are the same on every host, whatever the host's own numbers are.
"""

from __future__ import annotations

import errno
import io
from enum import IntEnum

__all__ = ["Errno", "Refused", "errno_of"]

_TABLE = """
    SUCCESS 2BIG ACCES ADDRINUSE ADDRNOTAVAIL AFNOSUPPORT AGAIN ALREADY BADF BADMSG BUSY
    CANCELED CHILD CONNABORTED CONNREFUSED CONNRESET DEADLK DESTADDRREQ DOM DQUOT EXIST FAULT
    FBIG HOSTUNREACH IDRM ILSEQ INPROGRESS INTR INVAL IO ISCONN ISDIR LOOP MFILE MLINK MSGSIZE
    MULTIHOP NAMETOOLONG NETDOWN NETRESET NETUNREACH NFILE NOBUFS NODEV NOENT NOEXEC NOLCK
    NOLINK NOMEM NOMSG NOPROTOOPT NOSPC NOSYS NOTCONN NOTDIR NOTEMPTY NOTRECOVERABLE NOTSOCK
    NOTSUP NOTTY NXIO OVERFLOW OWNERDEAD PERM PIPE PROTO PROTONOSUPPORT PROTOTYPE RANGE ROFS
    SPIPE SRCH STALE TIMEDOUT TXTBSY XDEV NOTCAPABLE
"""
_NAMES = _TABLE.split()


class Errno(IntEnum):
    """The errnos that the standard library itself gives; others pass through from the host."""

    SUCCESS = 0
    ACCES = 2
    AGAIN = 6
    BADF = 8
    ILSEQ = 25
    INVAL = 28
    IO = 29
    ISDIR = 31
    LOOP = 32
    MFILE = 33
    NAMETOOLONG = 37
    NOENT = 44
    NOTDIR = 54
    NOTSUP = 58
    NOTCAPABLE = 76


#: The host's numbers → WASI's, by name.
_FROM_HOST = {
    getattr(errno, f"E{name}"): number
    for number, name in enumerate(_NAMES)
    if hasattr(errno, f"E{name}")
} | {errno.EOPNOTSUPP: int(Errno.NOTSUP), errno.EWOULDBLOCK: int(Errno.AGAIN)}


class Refused(OSError):
    """The standard library's own "no", with WASI's number: hosts lack some, ENOTCAPABLE first."""

    def __init__(self, number: Errno) -> None:
        super().__init__(f"refused: {number.name}")
        self.number = number


def errno_of(error: OSError) -> int:
    """WASI's number for what went wrong; EIO where there is none.

    >>> errno_of(FileNotFoundError(errno.ENOENT, "No such file")), errno_of(OSError())
    (44, 29)
    """
    if isinstance(error, Refused):
        return error.number
    if isinstance(error, io.UnsupportedOperation):  # reading what is for writing, or the reverse
        return int(Errno.BADF)
    return _FROM_HOST.get(error.errno or 0) or int(Errno.IO)
