"""Damage to binaries."""

import random
from collections.abc import Callable, Sequence

from watloom.parser.leb128 import unsigned

__all__ = ["damage_bytes"]

Damage = Callable[[bytearray, random.Random, Sequence[bytes]], bytes | bytearray]

_INTERESTING = bytes((0, 1, 2, 0x0B, 0x40, 0x60, 0x61, 0x7F, 0x80, 0xFB, 0xFC, 0xFD, 0xFF))
_HUGE = [unsigned(n) for n in (1 << 14, 1 << 16, (1 << 31) - 1, (1 << 32) - 1, (1 << 64) - 1)]


def damage_bytes(data: bytes, choose: random.Random, others: Sequence[bytes]) -> bytes:
    """A mutant of a binary; `others` lend it parts."""
    out = bytearray(data)
    for _ in range(choose.choice((1, 1, 1, 1, 2, 3))):
        damage = choose.choice(_INSIDE if choose.random() < 0.5 else _ANYWHERE)
        out = bytearray(damage(out, choose, others))
    return bytes(out)


# ------------------------------------------------------------------ anywhere


def _at(out: bytearray, choose: random.Random) -> int:
    return choose.randrange(8, len(out)) if len(out) > 8 else 0


def _byte(out: bytearray, choose: random.Random, _: Sequence[bytes]) -> bytearray:
    value = choose.choice(_INTERESTING) if choose.random() < 0.5 else choose.randrange(256)
    at = _at(out, choose)
    out[at : at + 1] = bytes((value,))
    return out


def _flip(out: bytearray, choose: random.Random, _: Sequence[bytes]) -> bytearray:
    if out:
        out[_at(out, choose)] ^= 1 << choose.randrange(8)
    return out


def _cut(out: bytearray, choose: random.Random, _: Sequence[bytes]) -> bytearray:
    at = _at(out, choose)
    del out[at : at + choose.choice((1, 2, 4, 40))]
    return out


def _insert(out: bytearray, choose: random.Random, _: Sequence[bytes]) -> bytearray:
    at = _at(out, choose)
    out[at:at] = choose.choice((b"\0", b"\x80\0", b"\x0b", out[at : at + 4], out[at : at + 50]))
    return out


def _truncate(out: bytearray, choose: random.Random, _: Sequence[bytes]) -> bytearray:
    return out[: choose.randrange(len(out) + 1)]


def _integer(out: bytearray, choose: random.Random, _: Sequence[bytes]) -> bytearray:
    """A small integer becomes huge, or is written in more bytes than it needs."""
    at = _at(out, choose)
    if at < len(out) and out[at] < 0x80:
        longer = bytes((out[at] | 0x80, *[0x80] * choose.randrange(10), 0))
        out[at : at + 1] = choose.choice((longer, *_HUGE))
    return out


def _splice(out: bytearray, choose: random.Random, others: Sequence[bytes]) -> bytearray:
    """A part of another binary is put in, or over what is there."""
    other = choose.choice(others)
    start = choose.randrange(len(other))
    part = other[start : start + choose.choice((1, 4, 16, 64))]
    at = _at(out, choose)
    out[at : at + choose.choice((0, len(part)))] = part
    return out


_ANYWHERE: list[Damage] = [_byte, _byte, _flip, _cut, _insert, _truncate, _integer, _splice]

# ------------------------------------------------------------------ by sections, their sizes right


def _sections(data: bytes | bytearray) -> list[tuple[int, bytes]]:
    """The sections as numbers and contents, as far as they can be told."""
    found: list[tuple[int, bytes]] = []
    pos = 8
    while pos < len(data):
        number, size, shift, pos = data[pos], 0, 0, pos + 1
        while pos < len(data):
            byte = data[pos]
            size |= (byte & 0x7F) << shift
            shift, pos = shift + 7, pos + 1
            if byte < 0x80 or shift > 32:
                break
        found.append((number, bytes(data[pos : pos + size])))
        pos += size
    return found


def _joined(sections: list[tuple[int, bytes]]) -> bytes:
    parts = [bytes((n,)) + unsigned(len(content)) + content for n, content in sections]
    return b"\0asm\1\0\0\0" + b"".join(parts)


def _within(out: bytearray, choose: random.Random, others: Sequence[bytes]) -> bytes:
    """Damage in one section, whose size is made right again."""
    sections = _sections(out)
    if not sections:
        return bytes(out)
    which = choose.randrange(len(sections))
    number, content = sections[which]
    inner = choose.choice(_ANYWHERE)(bytearray(bytes(8) + content), choose, others)
    sections[which] = (number, bytes(inner[8:]))
    return _joined(sections)


def _arrange(out: bytearray, choose: random.Random, others: Sequence[bytes]) -> bytes:
    """Sections dropped, doubled, swapped, numbered anew, or taken from another binary."""
    sections = _sections(out)
    if not sections:
        return bytes(out)
    which, other = choose.randrange(len(sections)), choose.randrange(len(sections))
    match choose.randrange(5):
        case 0:
            del sections[which]
        case 1:
            sections.insert(other, sections[which])
        case 2:
            sections[which], sections[other] = sections[other], sections[which]
        case 3:
            sections[which] = (choose.randrange(18), sections[which][1])
        case _:
            lent = [s for s in _sections(choose.choice(others)) if s[0] == sections[which][0]]
            sections[which : which + 1] = lent or [sections[which]]
    return _joined(sections)


def _lie(out: bytearray, choose: random.Random, _: Sequence[bytes]) -> bytes:
    """A section says that it is longer or shorter than it is."""
    sections = _sections(out)
    if not sections:
        return bytes(out)
    which = choose.randrange(len(sections))
    number, content = sections[which]
    size = choose.choice((0, max(len(content) - 1, 0), len(content) + 1, 1 << 31, (1 << 32) - 1))
    lying = bytes((number,)) + unsigned(size) + content
    return _joined(sections[:which]) + lying + _joined(sections[which + 1 :])[8:]


_INSIDE: list[Damage] = [_within, _within, _within, _within, _arrange, _lie]
