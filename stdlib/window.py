"""A piece of the caller's memory, as a host function is given it: pointer and length."""

from __future__ import annotations

from typing import ClassVar

from watloom.interp.core.errors import Trap
from watloom.interp.runtime.values import Caller

__all__ = ["Window"]


class Window:
    """`length` bytes at `address` in memory 0 of the instance that called; a parameter type.

    Raises Trap where some of them lie outside of it, or where the caller has no memory.
    """

    __slots__ = ("_memory", "length", "start")

    wasm_params: ClassVar[str] = "i32 i32"

    def __init__(self, caller: Caller, address: int, length: int) -> None:
        self._memory = caller.memory
        self.start = address & 0xFFFF_FFFF  # Python sees an i32 signed; pointers are not
        self.length = length & 0xFFFF_FFFF
        if self.start + self.length > len(self._memory.data):
            raise Trap("out of bounds memory access")

    @classmethod
    def from_wasm(cls, caller: Caller, address: int, length: int, /) -> Window:
        """The window that a guest passes."""
        return cls(caller, address, length)

    def read(self, most: int) -> bytes:
        """The bytes, `most` of them at most."""
        end = self.start + min(self.length, most)
        return bytes(memoryview(self._memory.data)[self.start : end])

    def write(self, data: bytes) -> int:
        """Put bytes at the beginning of the window; gives how many."""
        assert len(data) <= self.length
        # `data` anew, as the memory may have grown (it never shrinks) while the bytes were awaited
        self._memory.data[self.start : self.start + len(data)] = data
        return len(data)
