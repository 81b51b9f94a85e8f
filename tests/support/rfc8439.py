"""ChaCha20-Poly1305 once more, in plain Python, after the text of RFC 8439 alone."""

import struct

__all__ = ["block", "hchacha20", "keystream", "open_sealed", "poly1305", "tag_of"]

_MASK = 0xFFFF_FFFF
_PRIME = (1 << 130) - 5


def _rotated(x: int, n: int) -> int:
    return (x << n | x >> 32 - n) & _MASK


def _rounds(state: list[int]) -> list[int]:
    x = list(state)

    def quarter(a: int, b: int, c: int, d: int) -> None:
        for into, of, at, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[into] = x[into] + x[of] & _MASK
            x[at] = _rotated(x[at] ^ x[into], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return x


def _state(key: bytes, last: bytes) -> list[int]:
    return list(struct.unpack("<16I", b"expand 32-byte k" + key + last))


def block(key: bytes, counter: int, nonce: bytes) -> bytes:
    """§2.3: 64 bytes of keystream."""
    state = _state(key, struct.pack("<I", counter) + nonce)
    return struct.pack(
        "<16I", *((a + b) & _MASK for a, b in zip(_rounds(state), state, strict=True))
    )


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    """draft-irtf-cfrg-xchacha-03, §2.2: 32 bytes from a key and 16 bytes."""
    stirred = _rounds(_state(key, nonce))
    return struct.pack("<8I", *stirred[:4], *stirred[12:])


def keystream(key: bytes, nonce: bytes, length: int, first: int = 1) -> bytes:
    """The keystream from block `first` on."""
    count = -(-length // 64)
    return b"".join(block(key, first + i, nonce) for i in range(count))[:length]


def poly1305(key: bytes, text: bytes) -> bytes:
    """§2.5."""
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC_0FFFFFFC_0FFFFFFC_0FFFFFFF
    total = 0
    for i in range(0, len(text), 16):
        total = (total + int.from_bytes(text[i : i + 16] + b"\1", "little")) * r % _PRIME
    return ((total + int.from_bytes(key[16:], "little")) % (1 << 128)).to_bytes(16, "little")


def _padded(text: bytes) -> bytes:
    return text + bytes(-len(text) % 16)


def tag_of(key: bytes, nonce: bytes, more: bytes, sealed: bytes) -> bytes:
    """§2.8: the tag of what is encrypted, with more data that is not."""
    lengths = struct.pack("<QQ", len(more), len(sealed))
    return poly1305(block(key, 0, nonce)[:32], _padded(more) + _padded(sealed) + lengths)


def open_sealed(key: bytes, nonce: bytes, more: bytes, sealed: bytes, tag: bytes) -> bytes:
    """§2.8: the text. Raises ValueError where the tag is another."""
    if tag_of(key, nonce, more, sealed) != tag:
        raise ValueError("the tag is wrong")
    stream = keystream(key, nonce, len(sealed))
    return bytes(a ^ b for a, b in zip(sealed, stream, strict=True))
