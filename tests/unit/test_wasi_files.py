"""WASI preview 1 over folders, natively and through every provider: what programs do all day."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

import wasiguest as w
from below import PROVIDERS
from wasiguest import (
    ALL,
    BADF,
    CREAT,
    DIRECTORY,
    EXCL,
    EXIST,
    FILE,
    INVAL,
    ISDIR,
    NOENT,
    NOTCAPABLE,
    NOTDIR,
    NOTEMPTY,
    OUT,
    READ,
    TRUNC,
    WRITE,
    WasiGuest,
)  # fmt: skip
from watloom.stdlib import confine
from watloom.stdlib.native import HostFolder
from watloom.stdlib.providers.readonly import readonly
from watloom.stdlib.wasi import Wasi

pytestmark = [
    pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused"),
    pytest.mark.usefixtures("in_both_tiers"),
]


@pytest.fixture(params=PROVIDERS)
def guest(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WasiGuest]:
    """A program with an empty folder."""
    with WasiGuest(Wasi(mounts={"/": PROVIDERS[request.param](tmp_path).mount})) as guest:
        yield guest


def written(guest: WasiGuest, path: str, data: bytes) -> None:
    """A file with this in it."""
    fd = guest.opened(path, oflags=CREAT | TRUNC, rights=FILE)
    while data:
        data = data[guest.write(fd, data) :]
    assert guest("fd_close", fd) == 0


def content(guest: WasiGuest, path: str) -> bytes:
    """All that is in a file."""
    fd = guest.opened(path)
    found = b"".join(iter(lambda: bytes(guest.read(fd)), b""))  # type: ignore[arg-type]
    assert guest("fd_close", fd) == 0
    return found


def test_write_seek_and_read(guest: WasiGuest) -> None:
    fd = guest.opened("f", oflags=CREAT, rights=FILE)
    assert guest.write(fd, b"0123456789") == 10
    for offset, whence, position in (2, 0, 2), (3, 1, 5), (-1, 2, 9), (-9, 1, 0), (20, 0, 20):
        assert guest("fd_seek", fd, offset, whence, OUT) == 0
        assert guest.u64() == position
        assert guest("fd_tell", fd, OUT) == 0
        assert guest.u64() == position
    assert guest("fd_seek", fd, -1, 0, OUT) == guest("fd_seek", fd, 0, 3, OUT) == INVAL
    assert guest.read(fd) == b""
    guest("fd_seek", fd, 4, 0, OUT)
    assert guest.write(fd, b"xy") == 2
    assert guest.read(fd) == b"6789"
    assert content(guest, "f") == b"0123xy6789"


def test_reading_and_writing_elsewhere(guest: WasiGuest) -> None:
    written(guest, "f", b"0123456789")
    fd = guest.opened("f", rights=FILE)
    guest.memory[0:16] = struct.pack("<4I", 0x5000, 3, 0x6000, 3)
    assert guest("fd_pread", fd, 0, 2, 3, OUT) == 0
    assert guest.u32() == 6
    assert guest.memory[0x5000:0x5003] + guest.memory[0x6000:0x6003] == b"345678"
    assert guest("fd_pwrite", fd, 0, 2, 8, OUT) == 0
    assert guest("fd_pread", fd, 0, 1, -1, OUT) == guest("fd_pwrite", fd, 0, 1, -5, OUT) == INVAL
    assert guest.read(fd) == b"01234567345678"


def test_appending(guest: WasiGuest) -> None:
    written(guest, "f", b"one ")
    fd = guest.opened("f", rights=FILE, fdflags=1)
    guest("fd_seek", fd, 0, 0, OUT)
    assert guest.write(fd, b"two") == 3
    assert guest("fd_fdstat_get", fd, OUT) == 0
    assert guest.memory[OUT + 2] == 1
    assert content(guest, "f") == b"one two"


def test_sizes(guest: WasiGuest) -> None:
    written(guest, "f", b"0123456789")
    fd = guest.opened("f", rights=FILE)
    assert guest("fd_filestat_set_size", fd, 4) == 0
    assert content(guest, "f") == b"0123"
    assert guest("fd_filestat_set_size", fd, 6) == 0
    assert content(guest, "f") == b"0123\0\0"
    assert guest("fd_filestat_set_size", fd, -1) == INVAL
    stat = guest.stat("f")
    assert isinstance(stat, tuple) and (stat[2], stat[4]) == (4, 6)
    written(guest, "f", b"")
    assert content(guest, "f") == b""


def test_opening(guest: WasiGuest) -> None:
    assert guest.open("f")[0] == NOENT
    assert guest.open("f", oflags=CREAT | EXCL, rights=FILE)[0] == 0
    assert guest.open("f", oflags=CREAT | EXCL, rights=FILE)[0] == EXIST
    assert guest.open("f", oflags=CREAT)[0] == 0
    assert guest.open("f", oflags=DIRECTORY)[0] == NOTDIR
    assert guest("path_create_directory", 3, "d") == 0
    assert guest.open("d", rights=WRITE)[0] == ISDIR
    assert guest.open("d", oflags=CREAT, rights=FILE)[0] == ISDIR
    assert guest.open("d", oflags=DIRECTORY)[0] == guest.open("d/.")[0] == 0
    assert guest.open("f", oflags=16)[0] == guest.open("f", fdflags=32)[0] == INVAL
    assert guest.filetype(guest.opened("f")) == 4 and guest.filetype(guest.opened("d")) == 3


def test_rights_of_programs_that_only_read(guest: WasiGuest) -> None:
    """Some ask for all that does not write bytes, sizes among it: folders open, too."""
    written(guest, "f", b"text")
    assert guest("path_create_directory", 3, "d") == 0
    resize = 1 << 22
    assert guest.read(guest.opened("f", rights=READ | resize)) == b"text"
    folder = guest.opened("d", rights=READ | 1 << 14 | resize)
    assert guest.names(folder) == [b".", b".."]
    assert guest.open("d", rights=READ | WRITE | resize)[0] == ISDIR
    assert guest("fd_filestat_set_size", guest.opened("f", rights=resize), 2) == 0
    assert content(guest, "f") == b"te"


def test_what_rights_allow(guest: WasiGuest) -> None:
    written(guest, "f", b"text")
    reading, writing = guest.opened("f", rights=READ), guest.opened("f", rights=WRITE)
    assert guest.rights(reading) == (READ, 0)
    assert -guest.write(reading, b"x") == guest.read(writing) == NOTCAPABLE
    assert guest("fd_seek", reading, 0, 0, OUT) == NOTCAPABLE
    assert guest("fd_filestat_get", reading, OUT) == NOTCAPABLE
    assert guest("fd_fdstat_set_rights", reading, READ | WRITE, 0) == NOTCAPABLE
    assert guest("fd_fdstat_set_rights", reading, 0, 0) == 0
    assert guest.read(reading) == NOTCAPABLE
    narrow = guest.opened(".", oflags=DIRECTORY, rights=1 << 13, inheriting=READ)
    assert guest.open("f", at=narrow, rights=READ)[0] == 0
    assert guest.open("f", at=narrow, rights=WRITE)[0] == NOTCAPABLE
    assert guest.open("f", at=narrow, rights=READ, inheriting=WRITE)[0] == NOTCAPABLE
    assert guest.open("g", at=narrow, oflags=CREAT)[0] == NOTCAPABLE
    assert guest.open("f", at=narrow, oflags=TRUNC)[0] == NOTCAPABLE
    assert guest("path_create_directory", narrow, "d") == NOTCAPABLE
    assert guest("path_unlink_file", narrow, "f") == NOTCAPABLE
    assert content(guest, "f") == b"text"


def test_folders(guest: WasiGuest) -> None:
    assert guest("path_create_directory", 3, "d") == guest("path_create_directory", 3, "d/e/") == 0
    assert guest("path_create_directory", 3, "d") == EXIST
    assert guest("path_create_directory", 3, "x/y") == NOENT
    assert guest("path_remove_directory", 3, "d") == NOTEMPTY
    written(guest, "d/e/f", b"text")
    assert guest("path_rename", 3, "d/e", 3, "e") == 0
    assert content(guest, "e/f") == b"text"
    assert guest("path_unlink_file", 3, "e") == ISDIR
    assert guest("path_remove_directory", 3, "e/f") == NOTDIR
    assert guest("path_remove_directory", 3, "d") == 0
    assert guest("path_unlink_file", 3, "e/f") == guest("path_remove_directory", 3, "e") == 0
    assert guest.names(3) == [b".", b".."] or guest.names(guest.folder(".")) == [b".", b".."]


def test_names_in_pieces(guest: WasiGuest) -> None:
    """However small the buffer, each name comes once."""
    wanted = {b".", b"..", *(b"file-%d" % i * (i + 1) for i in range(24))}
    for name in wanted - {b".", b".."}:
        guest.opened(name, oflags=CREAT, rights=FILE)
        guest("fd_close", guest.opened(name))
    folder = guest.folder(".")
    for size in (4096, 300, 256):
        found = guest.names(folder, size)
        assert found[:2] == [b".", b".."] and len(found) == 26 and set(found) == wanted, size


def test_a_cookie_from_before(guest: WasiGuest) -> None:
    """What a cookie says holds while the folder changes: nothing comes twice."""
    for name in "abc":
        written(guest, name, b"")
    folder = guest.folder(".")
    assert guest("fd_readdir", folder, 0x8000, 4096, 0, OUT) == 0
    cookie = struct.unpack("<Q", guest.memory[0x8000 + 25 : 0x8000 + 25 + 8])[0]  # after `..`
    assert guest("path_unlink_file", 3, "a") == 0
    assert guest("fd_readdir", folder, 0x8000, 4096, cookie, OUT) == 0
    left = guest.memory[0x8000 : 0x8000 + guest.u32()]
    assert len(left) == 50 and left[24:25] + left[49:50] in (b"bc", b"cb")


def test_links(guest: WasiGuest) -> None:
    written(guest, "f", b"text")
    assert guest("path_symlink", "f", 3, "l") == 0
    assert guest("path_symlink", "f", 3, "l") == EXIST
    assert guest("path_readlink", 3, "l", 0x9000, 10, OUT) == 0
    assert guest.memory[0x9000 : 0x9000 + guest.u32()] == b"f"
    assert guest("path_readlink", 3, "f", 0x9000, 10, OUT) == INVAL
    assert guest("path_symlink", "long/path", 3, "m") == 0
    assert guest("path_readlink", 3, "m", 0x9000, 4, OUT) == 0
    assert (guest.u32(), guest.memory[0x9000:0x9004]) == (4, b"long")
    assert guest.open("l")[0] == w.LOOP
    assert guest.read(guest.opened("l", follow=1)) == b"text"
    plain, followed = guest.stat("l"), guest.stat("l", follow=1)
    assert isinstance(plain, tuple) and isinstance(followed, tuple)
    assert (plain[2], followed[2], followed[4]) == (7, 4, 4)
    assert guest("path_link", 3, 0, "f", 3, "g") == 0
    assert content(guest, "g") == b"text"
    assert guest("path_link", 3, 0, "f", 3, "g") == EXIST


def test_times(guest: WasiGuest, request: pytest.FixtureRequest) -> None:
    """A provider that has to read a file to know its size lets the host note that it was read."""
    kind = request.node.callspec.params["guest"]
    reads = "encrypt" in kind or "compress" in kind

    def times() -> tuple[int, int]:
        stat = guest.stat("f")
        assert isinstance(stat, tuple)
        return 0 if reads else stat[5], stat[6]

    first = 0 if reads else 10**18
    written(guest, "f", b"text")
    assert guest("path_filestat_set_times", 3, 0, "f", 10**18, 2 * 10**18, 5) == 0
    assert times() == (first, 2 * 10**18)
    fd = guest.opened("f", rights=FILE)
    assert guest("fd_filestat_set_times", fd, 0, 3 * 10**18, 4) == 0
    assert times() == (first, 3 * 10**18)
    assert guest("fd_filestat_set_times", fd, 0, 0, 2) == 0
    assert times()[0] > first or reads
    assert times()[1] == 3 * 10**18
    for flags in 3, 12, 16:
        assert guest("fd_filestat_set_times", fd, 0, 0, flags) == INVAL
        assert guest("path_filestat_set_times", 3, 0, "f", 0, 0, flags) == INVAL


def test_what_was_opened_before(guest: WasiGuest) -> None:
    assert guest("fd_prestat_get", 3, OUT) == 0
    assert (guest.memory[OUT], guest.u32(OUT + 4)) == (0, 1)
    assert guest("fd_prestat_dir_name", 3, OUT, 1) == 0
    assert guest.memory[OUT : OUT + 1] == b"/"
    assert guest("fd_prestat_dir_name", 3, OUT, 0) == 37
    assert guest("fd_prestat_get", 4, OUT) == guest("fd_prestat_get", 0, OUT) == BADF


def test_advice_and_room(guest: WasiGuest) -> None:
    fd = guest.opened("f", oflags=CREAT, rights=FILE)
    assert guest("fd_advise", fd, 0, 10, 3) == 0
    assert guest("fd_advise", fd, 0, 0, 6) == guest("fd_advise", fd, -1, 0, 0) == INVAL
    assert guest("fd_allocate", fd, 0, 100) == 0
    stat = guest.stat("f")
    assert isinstance(stat, tuple) and stat[4] == 100
    assert guest("fd_allocate", fd, 0, 0) == guest("fd_allocate", fd, -1, 5) == INVAL
    assert guest("fd_sync", guest.opened("f", rights=ALL & ~(1 << 28))) == 0


def test_files_are_always_ready(guest: WasiGuest) -> None:
    written(guest, "f", b"text")
    fd = guest.opened("f", rights=READ | 1 << 27)
    asked = struct.pack("<QB7xI28x", 7, 1, fd)
    guest.memory[0 : len(asked)] = asked
    assert guest("poll_oneoff", 0, 0x1000, 1, OUT) == 0
    event = struct.unpack("<QHB5xQH6x", guest.memory[0x1000:0x1020])
    assert event == (7, 0, 1, 4, 0)


def test_what_lies_on_the_disk(tmp_path: Path) -> None:
    """What the program did is what others see, and it has no more rights than it needs."""
    with WasiGuest(Wasi(mounts={"/": tmp_path})) as guest:
        written(guest, "f", b"text")
        guest("path_create_directory", 3, "d")
        guest("path_symlink", "f", 3, "l")
    assert (tmp_path / "f").read_bytes() == b"text"
    assert os.readlink(tmp_path / "l") == "f" and (tmp_path / "d").is_dir()
    assert (tmp_path / "f").stat().st_mode & 0o111 == 0


def test_nothing_is_changed_where_one_only_reads(tmp_path: Path) -> None:
    """Each call that would change something: through a folder, its files, into it and out of it."""
    only, free = tmp_path / "only", tmp_path / "free"
    (only / "folder").mkdir(parents=True)
    free.mkdir()
    (only / "file").write_bytes(b"text")
    (free / "mine").write_bytes(b"mine")

    def known() -> list[tuple[str, int, int, int]]:
        found = [(path, path.lstat()) for path in sorted([only, *only.rglob("*")])]
        return [(str(p), s.st_mtime_ns, s.st_size, s.st_nlink) for p, s in found]

    before = known()
    given = readonly(HostFolder(confine.open_root(str(only))))
    with WasiGuest(Wasi(mounts={"/": lambda _: given, "/free": free})) as guest:
        for name in "file", "new":
            for how in ({"rights": w.WRITE}, {"oflags": w.TRUNC}, {"fdflags": 1},
                        {"oflags": w.CREAT, "rights": FILE}):  # fmt: skip
                assert guest.open(name, **how)[0] == w.ROFS, (name, how)
        assert guest.open("new", oflags=w.CREAT)[0] == w.ROFS
        resizing, allocating, touching = 1 << 22, 1 << 8, 1 << 23
        file = guest.opened("file", rights=w.READ | resizing | allocating | touching)
        folder = guest.folder("folder")
        for call in (
            ("fd_filestat_set_size", file, 0), ("fd_allocate", file, 0, 100),
            ("fd_filestat_set_times", file, 1, 1, 5), ("fd_filestat_set_times", 3, 1, 1, 5),
            ("path_filestat_set_times", 3, 0, "file", 1, 1, 5),
            ("path_create_directory", folder, "new"), ("path_remove_directory", 3, "folder"),
            ("path_unlink_file", 3, "file"), ("path_symlink", "file", 3, "new"),
            ("path_rename", 3, "file", 3, "new"), ("path_rename", 3, "file", 4, "new"),
            ("path_link", 3, 0, "file", folder, "new"), ("path_link", 3, 0, "file", 4, "new"),
        ):  # fmt: skip
            assert guest(*call) == w.ROFS, call
        for into in 3, folder:
            assert guest("path_rename", 4, "mine", into, "file") == w.XDEV
            assert guest("path_link", 4, 0, "mine", into, "new") == w.XDEV
        assert guest.read(file) == b"text"
    assert known() == before
    assert [path.name for path in free.iterdir()] == ["mine"]
