"""Parameters of preview 1 that lie in the caller's memory: paths and lists of buffers."""

from __future__ import annotations

import struct
from typing import ClassVar

from watloom.interp.core.errors import Trap
from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.runtime.values import Caller
from watloom.stdlib.window import Window

__all__ = ["MAX_BUFFERS", "Iovecs", "Path"]

#: How many buffers one call may have.
MAX_BUFFERS = 1024

_IOVEC = struct.Struct("<II")


class Path(Window):
    """A path, as pointer and length: what is below gets both as they are."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(self.read(256).decode("utf-8", "backslashreplace"))


class Iovecs:
    """Buffers to be filled or emptied one after the other: iovec_array, ciovec_array.

    All of them lie in memory: else the call traps before it does anything. More than MAX_BUFFERS
    are refused (EINVAL), as other systems do.
    """

    __slots__ = ("_data", "memory", "parts", "size")

    wasm_params: ClassVar[str] = "i32 i32"

    def __init__(self, caller: Caller, address: int, count: int) -> None:
        self.memory = caller.memory
        data = self.memory.data
        end = address + count * _IOVEC.size
        if end > len(data):
            raise Trap("out of bounds memory access")
        if count > MAX_BUFFERS:
            raise Refused(Errno.INVAL)
        self.parts: list[tuple[int, int]] = []
        """Address and length of those that are not empty."""
        self.size = 0
        """The bytes of all together."""
        with memoryview(data)[address:end] as view:
            for start, length in _IOVEC.iter_unpack(view):
                if start + length > len(data):
                    raise Trap("out of bounds memory access")
                if length:
                    self.parts.append((start, length))
                    self.size += length

    @classmethod
    def from_wasm(cls, caller: Caller, address: int, count: int, /) -> Iovecs:
        """The buffers that a guest passes."""
        return cls(caller, address, count)

    def gather(self, most: int) -> bytes:
        """The first bytes, `most` at most."""
        data, found = self.memory.data, bytearray()
        for start, length in self.parts:
            if len(found) >= most:
                break
            found += memoryview(data)[start : start + min(length, most - len(found))]
        return bytes(found)

    def scatter(self, given: bytes) -> int:
        """Fill them with bytes; gives how many."""
        data, at = self.memory.data, 0
        for start, length in self.parts:
            piece = given[at : at + length]
            data[start : start + len(piece)] = piece
            at += len(piece)
            if at >= len(given):
                break
        return at

    def __repr__(self) -> str:
        return f"<{self.size} bytes in {len(self.parts)}>"
