"""The encrypting provider: what lies below, and what becomes of those who change it."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

import block_files
import rfc8439
import watloom
from disk import Disk, DiskFolder, flipped
from watloom.interp.core.errors import Trap
from watloom.interp.core.features import DEFAULT, WASM3, Features
from watloom.interp.host.errnos import Errno, errno_of
from watloom.interp.runtime.store import Store
from watloom.stdlib.fd import FdModule
from watloom.stdlib.providers.encrypt import encrypt
from watloom.stdlib.vnode import FdFlags, Filetype, FstFlags, OpenFlags, Vnode

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
R, W, RW = OpenFlags(0), OpenFlags.WRITE, OpenFlags.WRITE | OpenFlags.READ
CREATE, TRUNCATE, APPEND = OpenFlags.CREATE, OpenFlags.TRUNCATE, OpenFlags.APPEND
NAME, TEXT = b"letter.txt", b"Dear Ada,\n"


class Random:
    """As random as it has to be here, and each time the same; `left` bytes and no more."""

    def __init__(self, left: int = 1 << 30) -> None:
        self.count, self.left, self.given = 0, left, list[bytes]()

    def read(self, n: int) -> bytes:
        self.count += 1
        data = hashlib.sha256(b"%d" % self.count).digest()[: min(n, self.left)]
        self.left -= len(data)
        self.given.append(data)
        return data


def errno(call: Any, *args: Any) -> Errno | None:
    """The errno that a call gives."""
    try:
        call(*args)
    except OSError as error:
        return Errno(errno_of(error))
    return None


def written(text: bytes = TEXT, disk: Disk | None = None) -> tuple[Disk, Vnode]:
    """A disk with one encrypted file, and the folder that it was written through."""
    disk = disk or Disk()
    folder = encrypt(disk.root, KEY, Store())
    assert folder.open(NAME, CREATE | W).write(text) == len(text)
    return disk, folder


@pytest.mark.parametrize("size", [0, 1, 15, 16, 191, 192, 193, 4095, 4096, 4097, 9000])
def test_what_is_on_the_disk_decrypts_by_another_implementation(size: int) -> None:
    text = hashlib.shake_128(b"%d" % size).digest(size)
    disk, _ = written(text)
    assert block_files.decrypted(disk.files[NAME], KEY) == text
    assert text[:8] not in disk.files[NAME] or size < 8


@pytest.mark.usefixtures("in_both_tiers")
def test_a_history_decrypts_by_another_implementation() -> None:
    disk, folder = written(b"a" * 5000)
    file = folder.open(NAME, RW)
    file.pwrite(b"b" * 10, 4090)
    file.set_size(4093)
    file.set_size(4095)
    file.pwrite(b"c", 8200)
    expected = b"a" * 4090 + b"bbb" + bytes(8200 - 4093) + b"c"
    assert file.pread(10000, 0) == expected
    assert block_files.decrypted(disk.files[NAME], KEY) == expected
    assert folder.stat_at(NAME, False).size == 8201


def test_nothing_of_it_can_be_read_on_the_disk() -> None:
    disk, _ = written(TEXT * 1000)
    assert b"Ada" not in disk.files[NAME]


def test_every_block_and_every_header_has_a_nonce_of_its_own() -> None:
    disk, random = Disk(), Random()
    folder = encrypt(disk.root, KEY, Store(), random=random)
    file = folder.open(NAME, CREATE | W)
    for _ in range(50):
        file.pwrite(TEXT, 0)
    sealed = [data for _, data in disk.writes]
    headers = {data[24:36] for data in sealed if data[:8] == b"wlcrypt1"}
    blocks = [data[16:28] for offset, data in disk.writes if offset >= 256 and len(data) == 58]
    assert len(headers) >= 51  # one for the empty file; each is written twice
    # Only where the log was made shorter a record was written again, as it was.
    moved = len(blocks) - len(set(blocks))
    assert len(set(blocks)) == 50 and moved <= 10
    assert headers | set(blocks) == {data for data in random.given if len(data) == 12}
    assert not headers & set(blocks)


def test_equal_blocks_look_different() -> None:
    disk, _ = written(bytes(8192))
    (_, _, _, first), (_, _, _, second) = block_files.records(bytes(disk.files[NAME][256:]))
    assert len(first) == len(second) == 4096 and first != second


# ---------------------------------------------------------------------- keys


@pytest.mark.usefixtures("in_both_tiers")
def test_a_wrong_key_is_noticed_and_changes_nothing() -> None:
    disk, _ = written()
    before = disk.saved()
    wrong = encrypt(disk.root, OTHER_KEY, Store())
    for flags in (R, W, RW, W | APPEND, W | TRUNCATE, CREATE | W | TRUNCATE):
        assert errno(wrong.open, NAME, flags) == Errno.ACCES
    assert errno(wrong.stat_at, NAME, False) == Errno.ACCES
    assert disk.files == before


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes, and not 31"):
        encrypt(Disk().root, bytes(31), Store())


def test_without_random_bytes_nothing_is_written() -> None:
    disk = Disk()
    folder = encrypt(disk.root, KEY, Store(), random=Random(left=100))
    file = folder.open(NAME, CREATE | W)  # 16 for the id, 12 for its header
    assert file.write(TEXT) == 10  # 24
    assert file.write(TEXT) == 10
    assert file.write(TEXT) == 10
    assert errno(file.write, TEXT) == Errno.IO
    assert block_files.decrypted(disk.files[NAME], KEY) == TEXT * 3


def test_who_is_called_below_sees_neither_keys_nor_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider may look at all of its caller's memory 0; so it is asked what is in there."""
    from watloom.stdlib import vnode_struct

    seen: dict[int, list[bytes]] = {}

    class Snooping(vnode_struct.Window):
        def __init__(self, caller: Any, address: int, length: int) -> None:
            super().__init__(caller, address, length)
            if caller.memory.data is not None:
                seen.setdefault(len(caller.memory.data), []).append(bytes(caller.memory.data))

    monkeypatch.setattr(vnode_struct, "Window", Snooping)
    disk, folder = written(TEXT * 2000)
    file = folder.open(NAME, RW)
    file.pwrite(b"more " + TEXT, 5000)
    assert file.read(5000) == (TEXT * 2000)[:5000]
    file.set_size(4097)
    folder.stat_at(NAME, False)
    file.sync(True)
    file_key = rfc8439.hchacha20(KEY, bytes(disk.files[NAME][8:24]))
    assert list(seen) == [3 * 65536] and len(seen[3 * 65536]) > 10
    for memory in seen[3 * 65536]:
        assert KEY[:16] not in memory and file_key[:16] not in memory and b"Ada" not in memory


# ---------------------------------------------------------------------- those who change it


def contents(folder: Vnode) -> bytes | Errno:
    """What the file is, or the errno that one meets with on the way."""
    try:
        file = folder.open(NAME, R)
        text = b""
        while piece := file.read(5000):
            text += piece
        return text
    except OSError as error:
        return Errno(errno_of(error))


def test_no_byte_can_be_changed_unnoticed() -> None:
    disk, folder = written()
    good = disk.files[NAME]
    found = {}
    for at in range(len(good)):
        disk.files[NAME] = flipped(good, at)
        found[at] = contents(folder)
    # One copy of the header makes up for the other.
    assert {found[at] for at in range(256)} == {TEXT}
    assert {found[at] for at in range(256, len(good))} == {Errno.IO}
    both = flipped(flipped(good, 40), 128 + 40)
    disk.files[NAME] = both
    assert contents(folder) == Errno.ACCES


def test_a_record_cannot_be_replaced_by_an_older_one() -> None:
    disk, folder = written(b"old" * 2000)
    older = disk.files[NAME][256:]
    folder.open(NAME, CREATE | W | TRUNCATE).write(b"new" * 2000)
    newer = disk.files[NAME]
    assert len(newer) == 256 + len(older)
    for at, end in ((256, 256 + 4144), (256 + 4144, len(newer)), (256, len(newer))):
        disk.files[NAME] = newer[:at] + older[at - 256 : end - 256] + newer[end:]
        assert contents(folder) == Errno.IO


def test_records_cannot_change_places() -> None:
    disk, folder = written(bytes(8192))
    good = disk.files[NAME]
    disk.files[NAME] = good[:256] + good[4400:] + good[256:4400]
    assert contents(folder) == Errno.IO


def test_records_of_another_file_are_not_taken() -> None:
    disk, folder = written()
    folder.open(b"other", CREATE | W).write(TEXT)
    disk.files[NAME][256:] = disk.files[b"other"][256:]
    assert contents(folder) == Errno.IO


def test_a_file_cut_off_is_noticed() -> None:
    disk, folder = written()
    good = disk.files[NAME]
    for size in range(len(good)):
        disk.files[NAME] = good[:size]
        assert contents(folder) == Errno.IO, size


def test_what_comes_behind_the_end_is_not_looked_at() -> None:
    disk, folder = written()
    disk.files[NAME] += b"x" * 100
    assert contents(folder) == TEXT
    assert folder.open(NAME, W | APPEND).write(b"more") == 4
    assert contents(folder) == TEXT + b"more"


def test_a_file_that_is_not_encrypted_gives_eio() -> None:
    disk, folder = written()
    for text in (b"", b"plain", b"plain" * 100):
        disk.files[NAME] = bytearray(text)
        assert contents(folder) == Errno.IO
        assert errno(folder.open, NAME, CREATE | RW) == Errno.IO
    disk.files[NAME] = bytearray(b"half a header")
    assert folder.open(NAME, W | TRUNCATE).write(TEXT) == 10  # truncating makes it
    assert contents(folder) == TEXT


# ---------------------------------------------------------------------- as any file


@pytest.mark.usefixtures("in_both_tiers")
def test_what_a_file_was_not_opened_for_gives_ebadf() -> None:
    _, folder = written()
    reader, writer = folder.open(NAME, R), folder.open(NAME, W)
    assert errno(reader.write, b"x") == errno(reader.pwrite, b"x", 0) == Errno.BADF
    assert errno(writer.read, 1) == errno(writer.pread, 1, 0) == Errno.BADF
    assert errno(reader.set_size, 0) == Errno.INVAL
    assert errno(reader.allocate, 0, 1) == Errno.BADF
    reader.shut()
    for call in (reader.stat, reader.shut, reader.flags):
        assert errno(call) == Errno.BADF
    for call2 in (reader.read, reader.set_size):
        assert errno(call2, 1) in (Errno.BADF, Errno.INVAL)
    assert errno(reader.seek, 0, 0) == Errno.BADF
    assert errno(writer.mkdir, b"x") == Errno.NOTDIR


def test_create_exclusive_and_truncate() -> None:
    disk, folder = written()
    assert errno(folder.open, b"none", R) == Errno.NOENT
    assert errno(folder.open, NAME, CREATE | W | OpenFlags.EXCLUSIVE) == Errno.EXIST
    assert errno(folder.open, NAME, TRUNCATE) == Errno.INVAL
    assert folder.open(NAME, CREATE | R).read(100) == TEXT
    assert folder.open(NAME, CREATE | RW | TRUNCATE).read(100) == b""
    assert len(disk.files[NAME]) == 256
    assert folder.open(b"made", CREATE | R).read(100) == b""
    assert folder.stat_at(b"made", False).size == 0


def test_appending_goes_to_the_end_that_is_now() -> None:
    _, folder = written()
    one, two = folder.open(NAME, RW | APPEND), folder.open(NAME, W | APPEND)
    assert one.flags() == FdFlags.APPEND
    one.write(b"1")
    two.write(b"2")
    one.seek(0, 0)
    one.write(b"3")
    assert one.pread(100, 0) == TEXT + b"123"
    one = folder.open(NAME, W)
    one.write(b"D")
    assert one.seek(0, 1) == 1 and one.seek(-1, 2) == 12
    assert errno(one.seek, -1, 0) == errno(one.seek, 0, 3) == Errno.INVAL


def test_what_was_cut_off_does_not_come_back() -> None:
    """Nor does it from a block that is still at hand."""
    _, folder = written()
    file = folder.open(NAME, RW)
    assert file.read(1) == b"D"
    file.set_size(4)
    file.set_size(10)
    assert file.pread(100, 0) == b"Dear" + bytes(6)
    file.set_size(2)
    file.pwrite(b"!", 5)
    assert file.pread(100, 0) == b"De" + bytes(3) + b"!"


def test_sizes_beyond_what_a_file_may_have() -> None:
    _, folder = written()
    file = folder.open(NAME, RW)
    most = 4096 << 20
    assert errno(file.set_size, most + 1) == errno(file.pwrite, b"x", most) == Errno.FBIG
    assert errno(file.allocate, most, 1) == Errno.FBIG
    file.set_size(most)
    assert file.pread(100, most - 3) == bytes(3)
    assert file.stat().size == most
    file.set_size(3)
    file.allocate(2, 4)
    assert file.pread(10, 0) == b"Dea" + bytes(3)


def test_an_error_below_leaves_the_old_text() -> None:
    disk, folder = written(b"old" * 3000)
    file = folder.open(NAME, RW)
    for number in range(3):  # two records, and the first copy of the header
        disk.fail_at = number
        assert errno(file.pwrite, b"new" * 2000, 0) == Errno.NOSPC
        disk.fail_at = None
        assert file.pread(9000, 0) == b"old" * 3000 == contents(folder)


# ---------------------------------------------------------------------- as any folder


def test_names_are_the_same_below() -> None:
    disk, folder = written()
    assert folder.filetype is Filetype.DIRECTORY
    assert [entry.name for entry in folder.readdir(0)] == [NAME]
    folder.rename(NAME, folder.open(b".", OpenFlags.DIRECTORY), b"new name")
    assert list(disk.files) == [b"new name"]
    assert folder.open(b"new name", R).read(100) == TEXT
    assert errno(folder.set_times_at, b"new name", False, 0, 0, FstFlags(1)) == Errno.NOTSUP
    folder.unlink(b"new name")
    assert not disk.files


@pytest.mark.parametrize("operation", ["rename", "link"])
def test_nothing_moves_to_a_folder_of_another_provider(operation: str) -> None:
    disk, folder = written()
    store = folder.store  # type: ignore[attr-defined]
    for other in (encrypt(disk.root, KEY, store), DiskFolder(disk), folder.open(NAME, R)):
        args = (NAME, other, b"x") if operation == "rename" else (NAME, False, other, b"x")
        assert errno(getattr(folder, operation), *args) == Errno.XDEV
    assert list(disk.files) == [NAME]


@pytest.mark.parametrize("features", [WASM3, DEFAULT.with_((), "legacy")])
def test_it_does_not_matter_what_features_a_store_has(features: Features) -> None:
    disk = Disk()
    file = encrypt(disk.root, KEY, Store(features=features)).open(NAME, CREATE | W)
    assert file.write(TEXT) == 10
    assert block_files.decrypted(disk.files[NAME], KEY) == TEXT


def test_an_instance_wraps_one_folder() -> None:
    from watloom.stdlib.providers.blocks import instance_of, struct_for

    store = Store()
    instance = instance_of("encrypt", store)
    inner = struct_for(Disk().root, store)
    random = inner  # not read before something is written
    assert instance.exports["wrap"](inner, random, 0, 0, 0, 0)[0] == 0
    assert instance.exports["wrap"](inner, random, 0, 0, 0, 0) == (Errno.BUSY, None)


def test_a_pointer_outside_of_memory_traps_before_anything_is_done() -> None:
    disk, folder = written()
    file = folder.open(NAME, RW)
    before = disk.saved()
    fields = file.fd.fields  # type: ignore[attr-defined]
    from watloom.interp.runtime.values import Caller
    from watloom.stdlib.caller import on_behalf
    from watloom.stdlib.foreign import _Client

    client = Caller(_Client(file.store))  # type: ignore[attr-defined,arg-type]
    for slot, args in ((1, (1 << 20, 1)), (2, (0xFFFF_FFFF, 2)), (10, ((1 << 20) - 63,))):
        with pytest.raises(Trap, match="out of bounds memory access"):
            on_behalf(client, fields[slot], args)
    assert disk.files == before
    assert file.read(100) == TEXT


# A program with a memory of its own that is its own master: it wraps a folder of the host's, and
# writes a file through it.
GUEST = """(module $GUEST
  %s
  (import "fd" "preopen" (func $preopen (param i32) (result (ref null $fd))))
  (import "fd" "random" (func $random (result (ref $fd))))
  (import "fd" "vnode" (func $vnode (param (ref null $fd)) (result (ref null $vnode))))
  (import "encrypt" "wrap" (func $wrap
    (param (ref $vnode) (ref $fd) i64 i64 i64 i64) (result i32 (ref null $vnode))))
  (memory (export "memory") 1)
  (data (i32.const 0) "letter.txt")
  (data (i32.const 100) "Dear Ada,\\n")
  (func (export "run") (result i32) (local $folder (ref null $fd)) (local $file (ref null $fd))
    (call $wrap
      (ref.as_non_null (call $vnode (call $preopen (i32.const 0)))) (call $random)
      (i64.const 0x0706050403020100) (i64.const 0x0f0e0d0c0b0a0908)
      (i64.const 0x1716151413121110) (i64.const 0x1f1e1d1c1b1a1918))
    (local.set $folder) (drop)
    (call_ref $open (i32.const 0) (i32.const 10) (i32.const 5)
      (struct.get $fd $open (local.get $folder)))
    (local.set $file) (drop)
    (call_ref $write (i32.const 100) (i32.const 10)
      (struct.get $fd $write (local.get $file)))))"""


@pytest.mark.usefixtures("in_both_tiers")
def test_a_program_can_wrap_a_folder_by_itself(tmp_path: Path) -> None:
    wat = Path(watloom.__file__).parent / "stdlib" / "wat"
    types = (wat / "fd.wat").read_text().partition("(module $fd")[2].partition("  ;; The errnos")[0]
    linker = watloom.Linker(search=[wat])
    linker.define("fd", {
        **FdModule(preopens=[tmp_path]).instantiate(linker.store).exports,
        **linker.instantiate(watloom.Module.from_file(wat / "fd.wat")).exports,
    })  # fmt: skip
    linker.define("encrypt", linker.instantiate(watloom.Module.from_file(wat / "encrypt.wat")))
    with linker.instantiate(watloom.Module(GUEST % types)) as instance:
        assert instance.exports.run() == 10
    assert block_files.decrypted((tmp_path / "letter.txt").read_bytes(), KEY) == TEXT
