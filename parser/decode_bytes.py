"""Reading the values of the binary format: bytes, integers, names, vectors
(https://webassembly.github.io/spec/core/binary/values.html).

As in the reference decoder, sizes that a file declares are compared with what was read *after*
reading, and nothing is read beyond the end of the module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from watloom.interp.core.errors import MalformedError
from watloom.parser import binary_messages as msg
from watloom.parser.leb128 import read_signed, read_unsigned

__all__ = ["ByteReader", "plural", "shown"]

T = TypeVar("T")


def shown(data: bytes) -> str:
    """Bytes as a message shows them.

    >>> shown(b"\\0as")
    '00 61 73'
    """
    return data.hex(" ") or "nothing"


def plural(count: int, thing: str, things: str = "") -> str:
    """A count with its noun.

    >>> plural(1, "byte"), plural(0, "body", "bodies")
    ('1 byte', '0 bodies')
    """
    return f"{count} {thing if count == 1 else things or f'{thing}s'}"


class ByteReader:
    """A position in the bytes of a module that ends at `end`."""

    __slots__ = ("data", "end", "pos")

    def __init__(self, data: bytes, pos: int, end: int) -> None:
        self.data = data
        self.pos = pos
        self.end = end

    # -------------------------------------------------------------- bytes

    def byte(self) -> int:
        """The next byte."""
        pos = self.pos
        if pos >= self.end:
            raise self.ended("a byte")
        self.pos = pos + 1
        return self.data[pos]

    def peek(self) -> int:
        """The next byte, which is not consumed; -1 at the end."""
        return self.data[self.pos] if self.pos < self.end else -1

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        pos = self.pos
        if count > self.end - pos:
            raise self.ended(plural(count, "byte"))
        self.pos = pos + count
        return self.data[pos : pos + count]

    def zero(self, meaning: str) -> None:
        """A byte that is always 0 today."""
        found = self.byte()
        if found:
            raise msg.zero_byte_expected(self.pos - 1, found=f"{found:02x}", meaning=meaning)

    def ended(self, wanted: str) -> MalformedError:
        """The error of bytes that end too early."""
        left = self.end - self.pos
        have = f"only {left} {'is' if left == 1 else 'are'} left" if left > 0 else "nothing is left"
        return msg.unexpected_end(self.end, wanted=wanted, left=have)

    # -------------------------------------------------------------- integers

    def u32(self) -> int:
        """An unsigned integer of 32 bits."""
        pos = self.pos
        if pos < self.end:  # most are one byte
            value = self.data[pos]
            if value < 0x80:
                self.pos = pos + 1
                return value
        value, self.pos = read_unsigned(self.data, pos, self.end, 32)
        return value

    def u64(self) -> int:
        """An unsigned integer of 64 bits."""
        value, self.pos = read_unsigned(self.data, self.pos, self.end, 64)
        return value

    def s32(self) -> int:
        """A signed integer of 32 bits."""
        value, self.pos = read_signed(self.data, self.pos, self.end, 32)
        return value

    def s33(self) -> int:
        """A signed integer of 33 bits."""
        value, self.pos = read_signed(self.data, self.pos, self.end, 33)
        return value

    def s64(self) -> int:
        """A signed integer of 64 bits."""
        value, self.pos = read_signed(self.data, self.pos, self.end, 64)
        return value

    # -------------------------------------------------------------- vectors and names

    def count(self, things: str) -> int:
        """A count of bytes, or of things that take at least a byte each.

        One that cannot be true is refused at once. As in the reference decoder, the bytes of the
        count itself are not deducted: one that is wrong by these is found in reading on.
        """
        at = self.pos
        count = self.u32()
        if count > self.end - at:
            left = self.end - self.pos
            raise msg.length_out_of_bounds(at, count=count, things=things, left=left)
        return count

    def vec(self, item: Callable[[], T], things: str) -> list[T]:
        """A vector."""
        return [item() for _ in range(self.count(things))]

    def name(self) -> str:
        """A name: a vector of bytes in UTF-8."""
        at = self.pos
        data = self.bytes(self.count("bytes of a name"))
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            shortened = shown(data) if len(data) <= 16 else f"{shown(data[:16])} …"
            raise msg.malformed_utf8(at, reason=error.reason, name=shortened) from None
