"""Writing the values of the binary format; the inverse of `decode_bytes`."""

from __future__ import annotations

from typing import TypeAlias

from watloom.parser.leb128 import signed, unsigned

__all__ = ["ByteWriter"]


Buffer: TypeAlias = "bytes | bytearray"


class ByteWriter:
    """Bytes that grow."""

    __slots__ = ("out",)

    def __init__(self) -> None:
        self.out = bytearray()

    def done(self) -> bytes:
        """What was written."""
        return bytes(self.out)

    def byte(self, value: int) -> None:
        """A byte."""
        self.out.append(value)

    def bytes(self, data: bytes) -> None:
        """Bytes as they are."""
        self.out += data

    def u32(self, value: int) -> None:
        """An unsigned integer."""
        if value < 0x80:
            self.out.append(value)
        else:
            self.out += unsigned(value)

    def u64(self, value: int) -> None:
        """An unsigned integer; its form doesn't depend on the width."""
        self.u32(value)

    def s32(self, value: int) -> None:
        """A signed integer."""
        self.out += signed(value)

    def s33(self, value: int) -> None:
        """A signed integer; its form doesn't depend on the width."""
        self.out += signed(value)

    def s64(self, value: int) -> None:
        """A signed integer; its form doesn't depend on the width."""
        self.out += signed(value)

    def sized(self, data: Buffer) -> None:
        """Bytes with their length before them."""
        self.u32(len(data))
        self.out += data

    def name(self, name: str) -> None:
        """A name in UTF-8."""
        self.sized(name.encode("utf-8"))
