"""The compressing provider: what lies below, how it stacks, and what becomes of damaged files."""

import hashlib
import itertools
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import block_files
import watloom
from disk import Disk, flipped
from stacks import KEY, SECOND, STACKS
from watloom.interp.host.errnos import Errno, errno_of
from watloom.interp.runtime.store import Store
from watloom.stdlib.providers.compress import compress
from watloom.stdlib.providers.encrypt import encrypt
from watloom.stdlib.vnode import OpenFlags, Vnode

CREATE, R, W, RW = OpenFlags.CREATE, OpenFlags(0), OpenFlags.WRITE, OpenFlags.WRITE | OpenFlags.READ
NAME = b"letter.txt"
PROSE = b"".join(b"%d times the same, and %d times not. " % (i, i * i) for i in range(2000))
NOISE = hashlib.shake_128(b"noise").digest(40_000)


def contents(folder: Vnode, name: bytes = NAME) -> bytes | Errno:
    """What the file is, or the errno that one meets with on the way."""
    try:
        file = folder.open(name, R)
        text = b""
        while piece := file.read(50_000):
            text += piece
        return text
    except OSError as error:
        return Errno(errno_of(error))


@pytest.mark.usefixtures("in_both_tiers")
@pytest.mark.parametrize(
    ("text", "most"),
    [
        (b"", 256),
        (b"x", 400),
        (PROSE, len(PROSE) // 2),
        (bytes(100_000), 1500),
        (b"ab" * 50_000, 1500),
        (NOISE, len(NOISE) + 500),
        (PROSE[:20_000] + NOISE[:20_000] + PROSE[:3], 32_000),
    ],
)
def test_what_is_on_the_disk_unpacks_by_another_implementation(text: bytes, most: int) -> None:
    disk = Disk()
    folder = compress(disk.root, Store())
    assert folder.open(NAME, CREATE | W).write(text) == len(text)
    assert contents(folder) == text == block_files.unpacked(bytes(disk.files[NAME]))
    assert len(disk.files[NAME]) <= most


def test_any_change_of_a_byte_gives_eio() -> None:
    disk = Disk()
    folder = compress(disk.root, Store())
    folder.open(NAME, CREATE | W).write(PROSE[:300])
    good = disk.files[NAME]
    for at in range(len(good)):
        disk.files[NAME] = flipped(good, at)
        assert contents(folder) == (PROSE[:300] if at < 256 else Errno.IO), at
    disk.files[NAME] = flipped(flipped(good, 80), 128 + 80)
    assert contents(folder) == Errno.IO
    for size in range(len(good)):
        disk.files[NAME] = good[:size]
        assert contents(folder) == Errno.IO, size


def summed(data: bytes, sum: int) -> int:
    """The checksum of pack.wat."""
    for (word,) in struct.iter_unpack("<Q", data):
        sum = (sum ^ word) * 0x9E3779B97F4A7C15 & (1 << 64) - 1
        sum ^= sum >> 32
    return sum


def forged(number: int, length: int, stored: int, data: bytes, size: int = 100) -> bytearray:
    """A file of one record, all checksums right, whatever else is wrong with it."""
    head = struct.pack("<QII16x", number, length, stored)
    head += struct.pack("<QQ", summed(data + bytes(-len(data) % 8), summed(head[:16], 1)), 0)
    fields = 1, 1, size, 256, 256 + 48 + len(data), summed(head, 0)
    payload = struct.pack("<6Q16x", *fields)
    opening = b"wlpacked" + bytes(16)
    sum = summed(payload, summed(opening, 0))
    header = opening + bytes(12) + struct.pack("<Q20x", sum) + payload
    return bytearray(header * 2 + head + data)


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (forged(0, 100, 100, b"x" * 100), b"x" * 100),
        (forged(0, 100, 6, b"\x1fx\1\0\x50\0"), b"x" * 100),
        (forged(0, 100, 5, b"\x1fx\1\0\x50"), Errno.IO),  # ends without literals
        (forged(0, 100, 1, b"\0"), Errno.IO),  # no bytes, where there have to be 100
        (forged(0, 100_000, 100, b"x" * 100), Errno.IO),
        (forged(0, 100, 100_000, b"x" * 100_000), Errno.IO),
        (forged(0, 100, 0xFFFF_FFF0, b"x" * 100), Errno.IO),
        (forged(1 << 20, 100, 100, b"x" * 100), Errno.IO),
        (forged(0, 0xFFFF_FFFF, 100_000, b"x" * 100_000), Errno.IO),
        (forged(0, 0xFFFF_FFFF, 0, b""), bytes(100)),
    ],
)
def test_a_forged_file_gives_errnos_and_nothing_worse(
    file: bytearray, found: bytes | Errno
) -> None:
    """There is no secret in this format: a file may say anything."""
    disk = Disk()
    disk.files[NAME] = file
    assert contents(compress(disk.root, Store())) == found


class Lz4:
    """lz4.wat with a memory."""

    def __init__(self) -> None:
        wat = Path(watloom.__file__).parent / "stdlib" / "wat" / "lz4.wat"
        memory = watloom.instantiate('(module (memory (export "memory") 3))')
        self.memory = memory.exports.memory
        imports = {"memory": memory.exports}
        self.call = watloom.instantiate(watloom.Module.from_file(wat), imports).exports

    def pack(self, text: bytes) -> bytes | None:
        self.memory[0 : len(text)] = text
        made = self.call.pack(0, len(text), 0x10000, 0x20000)
        assert made < max(len(text), 1)
        return bytes(self.memory[0x10000 : 0x10000 + made]) if made else None

    def unpack(self, data: bytes, size: int) -> bytes | None:
        self.memory[0:0x30000] = b"\xee" * 0x30000
        self.memory[0x100 : 0x100 + len(data)] = data
        good = self.call.unpack(0x100, len(data), 0x10000, size)
        assert self.memory[0x10000 + size : 0x10020 + size] == b"\xee" * 32
        assert self.memory[0xFFE0:0x10000] == b"\xee" * 32 or len(data) > 0xF000
        return bytes(self.memory[0x10000 : 0x10000 + size]) if good else None


LZ4 = Lz4()

TEXTS = st.lists(
    st.binary(max_size=40) | st.tuples(st.binary(min_size=1, max_size=5), st.integers(1, 400)).map(
        lambda pair: pair[0] * pair[1]
    )
    | st.integers(0, 30_000).map(lambda n: PROSE[n : n + 300]),
    max_size=12,
).map(b"".join)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_any_text_is_packed_and_unpacked(text: bytes) -> None:
    text = text[:16384]
    packed = LZ4.pack(text)
    if packed is not None:
        assert block_files.unlz4(packed) == text == LZ4.unpack(packed, len(text))
        assert LZ4.unpack(packed, len(text) + 1) is None
        assert LZ4.unpack(packed, len(text) - 1) is None


@settings(deadline=None, max_examples=300)
@given(TEXTS.filter(len) | st.binary(max_size=200), st.data())
def test_what_was_never_packed_is_refused_and_touches_nothing_else(
    text: bytes, data: st.DataObject
) -> None:
    packed = bytearray(LZ4.pack(text[:2000]) or text[:2000])
    if packed:
        packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    LZ4.unpack(bytes(packed), data.draw(st.integers(0, 3000)))


# ---------------------------------------------------------------------- stacks


@pytest.mark.usefixtures("in_both_tiers")
@pytest.mark.parametrize("name", STACKS)
def test_stacks_unwrap_in_the_same_order(name: str) -> None:
    disk = Disk()
    STACKS[name](disk.root, Store()).open(NAME, CREATE | W).write(PROSE)
    raw = bytes(disk.files[NAME])
    keys = iter([KEY, SECOND])
    for layer in reversed(name.split(" over ")):
        raw = (
            block_files.decrypted(raw, next(keys))
            if layer == "encrypt"
            else block_files.unpacked(raw)
        )
    assert raw == PROSE


@pytest.mark.parametrize(("made", "read"), list(itertools.permutations(STACKS, 2)))
def test_in_another_order_they_fail_cleanly(made: str, read: str) -> None:
    """A stack that ends too soon gives what the layer above would have unwrapped."""
    disk = Disk()
    STACKS[made](disk.root, Store()).open(NAME, CREATE | W).write(PROSE[:1000])
    before = disk.saved()
    found = contents(STACKS[read](disk.root, Store()))
    if made.endswith(f" over {read}"):
        assert isinstance(found, bytes) and found[:8] in (b"wlcrypt1", b"wlpacked")
    else:
        assert found in (Errno.IO, Errno.ACCES)
    assert disk.files == before


def test_compressing_saves_room_above_encryption_and_not_below_it() -> None:
    sizes = {}
    for name in ("encrypt over compress", "compress over encrypt"):
        disk = Disk()
        STACKS[name](disk.root, Store()).open(NAME, CREATE | W).write(PROSE)
        sizes[name] = len(disk.files[NAME])
    assert (
        sizes["compress over encrypt"]
        < len(PROSE) / 2
        < len(PROSE)
        < sizes["encrypt over compress"]
    )


@pytest.mark.usefixtures("in_both_tiers")
def test_two_keys_over_each_other() -> None:
    disk, store = Disk(), Store()
    twice = encrypt(encrypt(disk.root, KEY, store), SECOND, store)
    twice.open(NAME, CREATE | RW).write(b"secret")
    once = block_files.decrypted(bytes(disk.files[NAME]), KEY)
    assert block_files.decrypted(once, SECOND) == b"secret"
