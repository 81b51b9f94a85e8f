"""The files of the encrypting and the compressing provider, read in plain Python.

After the texts in `stdlib/wat/block_log.wat`, `seal.wat` and `pack.wat`. Raises ValueError for what
is not as they say.
"""

import struct
from collections.abc import Callable

import rfc8439

__all__ = ["Record", "decrypted", "records", "unlz4", "unpacked"]

HEADER, HEAD = 128, 48
CUT = 0xFFFF_FFFF
_FIELDS = struct.Struct("<5Q20s4x")  # generation, epoch, size, start, end, sum
_HEAD = struct.Struct("<QII32s")  # number, length, stored, the codec's

Record = tuple[int, int, bytes, bytes]  # number, length, the codec's, what is stored


def records(log: bytes) -> list[Record]:
    """The records of a log."""
    found, at = [], 0
    while at < len(log):
        number, length, stored, own = _HEAD.unpack_from(log, at)
        at += HEAD
        found.append((number, length, own, log[at : at + stored]))
        at += stored
    if at != len(log):
        raise ValueError("the last record is cut")
    return found


def _contents(log: bytes, size: int, block: int, decode: Callable[[Record], bytes]) -> bytes:
    """What the records of a log make, the later ones counting."""
    plain = bytearray()
    for record in records(log):
        number, length, _, _ = record
        if length == CUT:
            del plain[number:]
            continue
        text = decode(record)
        if len(text) != length:
            raise ValueError("a block of another length")
        end = number * block + length
        plain.extend(bytes(max(0, end - len(plain))))
        plain[number * block : end] = text
    plain.extend(bytes(max(0, size - len(plain))))
    return bytes(plain[:size])


def decrypted(raw: bytes, key: bytes) -> bytes:
    """An encrypted file's text."""
    header = raw[:HEADER]
    if raw[HEADER : 2 * HEADER] != header or header[:8] != b"wlcrypt1":
        raise ValueError("no header, twice")
    id, nonce, tag = header[8:24], header[24:36], header[36:52]
    file_key = rfc8439.hchacha20(key, id)
    opened = rfc8439.open_sealed(file_key, nonce, header[:24], header[64:], tag)
    _, _, size, start, end, sum = _FIELDS.unpack(opened)

    sum_key = rfc8439.hchacha20(file_key, b"\xff\xff\xff\xffwatloom sum\0")
    heads = b"".join(
        _HEAD.pack(n, k, len(data), own) for n, k, own, data in records(raw[start:end])
    )
    limbs = struct.unpack("<5I", sum)
    total = _number(limbs) % ((1 << 130) - 5)
    if total % (1 << 128) != int.from_bytes(
        rfc8439.poly1305(sum_key[:16] + bytes(16), heads), "little"
    ):
        raise ValueError("another sum of heads")

    def decode(record: Record) -> bytes:
        number, length, own, data = record
        more = id + struct.pack("<QII", number, length, len(data))
        return rfc8439.open_sealed(file_key, own[:12], more, data, own[16:])

    return _contents(raw[start:end], size, 4096, decode)


def _number(limbs: tuple[int, ...]) -> int:
    return sum(limb << 26 * i for i, limb in enumerate(limbs))


def unpacked(raw: bytes) -> bytes:
    """A compressed file's text; checksums are not looked at."""
    header = raw[:HEADER]
    if raw[HEADER : 2 * HEADER] != header or header[:8] != b"wlpacked":
        raise ValueError("no header, twice")
    _, _, size, start, end, _ = _FIELDS.unpack(header[64:])

    def decode(record: Record) -> bytes:
        _, length, _, data = record
        return data if len(data) == length else unlz4(data)

    return _contents(raw[start:end], size, 16384, decode)


def unlz4(data: bytes) -> bytes:
    """LZ4's block format, after its text."""
    out, at = bytearray(), 0

    def number(first: int) -> int:
        nonlocal at
        if first == 15:
            while True:
                at += 1
                first += data[at - 1]
                if data[at - 1] != 255:
                    break
        return first

    while True:
        token = data[at]
        at += 1
        count = number(token >> 4)
        out += data[at : at + count]
        at += count
        if at == len(data):
            return bytes(out)
        back = int.from_bytes(data[at : at + 2], "little")
        at += 2
        if not 0 < back <= len(out):
            raise ValueError("a match before the beginning")
        for _ in range(number(token & 15) + 4):
            out.append(out[-back])
