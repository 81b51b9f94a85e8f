"""LEB128 integers (https://webassembly.github.io/spec/core/binary/values.html#integers).

Reading takes the bytes, a position and the end, and gives the value and the position behind it;
writing gives the shortest form.
"""

from __future__ import annotations

from watloom.interp.core.errors import MalformedError
from watloom.parser.binary_messages import integer_too_large, integer_too_long, unexpected_end

__all__ = ["read_signed", "read_unsigned", "signed", "unsigned"]


def _beyond(data: bytes, pos: int, end: int, bits: int, start: int) -> MalformedError:
    """Why no byte can be read at `pos`."""
    limit = (bits + 6) // 7
    if pos - start >= limit:
        return integer_too_long(start, bits=bits, limit=f"{limit} bytes")
    return unexpected_end(end, wanted="the next byte of an integer", left="nothing is left")


def read_unsigned(data: bytes, pos: int, end: int, bits: int) -> tuple[int, int]:
    """An unsigned integer of `bits` bits and the position behind it.

    >>> read_unsigned(bytes([0xE5, 0x8E, 0x26]), 0, 3, 32)
    (624485, 3)

    Raises MalformedError: unexpected end, too long, too large.
    """
    start, value, shift = pos, 0, 0
    while True:
        if pos >= end or shift >= bits:
            raise _beyond(data, pos, end, bits, start)
        byte = data[pos]
        pos += 1
        if shift + 7 > bits and (byte & 0x7F) >> (bits - shift):
            raise integer_too_large(start, bits=bits)
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, pos
        shift += 7


def read_signed(data: bytes, pos: int, end: int, bits: int) -> tuple[int, int]:
    """A signed integer of `bits` bits and the position behind it.

    >>> read_signed(bytes([0xC0, 0xBB, 0x78]), 0, 3, 32)
    (-123456, 3)

    Raises MalformedError: unexpected end, too long, too large.
    """
    start, value, shift = pos, 0, 0
    while True:
        if pos >= end or shift >= bits:
            raise _beyond(data, pos, end, bits, start)
        byte = data[pos]
        pos += 1
        if shift + 7 > bits:  # the bits beyond must repeat the sign
            high = -1 << (bits - shift - 1) & 0x7F
            if byte & high not in (0, high):
                raise integer_too_large(start, bits=bits)
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value - ((byte & 0x40) << (shift - 6)), pos


def unsigned(value: int) -> bytes:
    """The shortest form of an integer that is not negative.

    >>> unsigned(624485).hex(" ")
    'e5 8e 26'
    """
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """The shortest form of a signed integer.

    >>> signed(-123456).hex(" ")
    'c0 bb 78'
    """
    out = bytearray()
    while not -0x40 <= value < 0x40:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)
