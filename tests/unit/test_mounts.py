"""`--mount GUEST=WHAT`: what is read, what is refused, and that programs see it."""

import re
from pathlib import Path

import pytest

import wasiguest as w
from commandline import CommandLine, cli
from wasiguest import WasiGuest
from watloom.stdlib import confine
from watloom.stdlib.mounts import MountError, mount, size
from watloom.stdlib.wasi import Wasi

pytestmark = pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")

__all__ = ["cli"]

KEY = "00112233445566778899aabbccddeeff" * 2


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with `data/letter.txt`, and folders with names of all kinds."""
    for name in ("data", "a,b (c)", "mem"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "letter.txt").write_bytes(b"dear reader")
    (tmp_path / "a,b (c)" / "odd.txt").write_bytes(b"odd")
    (tmp_path / "mem" / "on-disk.txt").write_bytes(b"disk")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def guest(text: str) -> WasiGuest:
    name, make = mount(text, {"KEY": KEY})
    return WasiGuest(Wasi(mounts={name: make}))


def content(guest: WasiGuest, path: str) -> bytes | int:
    """What a program reads at a path, or the errno."""
    errno, fd = guest.open(path, follow=w.FOLLOW)
    return errno or guest.read(fd)


def put(guest: WasiGuest, path: str, data: bytes) -> int:
    """Write a new file: 0 or the errno."""
    errno, fd = guest.open(path, oflags=w.CREAT | w.TRUNC, rights=w.FILE)
    if errno:
        return errno
    written = guest.write(fd, data)
    return guest("fd_close", fd) if written == len(data) else max(0, -written)


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ("/=data", "letter.txt", b"dear reader"),
        ("/=./data:ro", "letter.txt", b"dear reader"),
        ("/=data:rw", "letter.txt", b"dear reader"),
        ('/="a,b (c)"', "odd.txt", b"odd"),
        ('/=log( "a,b (c)" )', "odd.txt", b"odd"),
        ('/="mem"', "on-disk.txt", b"disk"),
        ("/=readonly(quota(data, 1MiB))", "letter.txt", b"dear reader"),
        ("/=overlay(data, mem)", "letter.txt", b"dear reader"),
        ("/=mem", "letter.txt", w.NOENT),
        ("/=fail(data, open, 1)", "letter.txt", w.IO),
        ("/=fail(data, open, 2)", "letter.txt", b"dear reader"),
        ("/=encrypt(data, KEY)", "letter.txt", w.IO),
        ("/=compress(data)", "letter.txt", w.IO),
    ],
)
def test_a_mount_is_seen(here: Path, text: str, path: str, found: bytes | int) -> None:
    with guest(text) as program:
        assert content(program, path) == found


@pytest.mark.parametrize(
    ("text", "answer", "on_disk"),
    [
        ("/=data", 0, b"hello"),
        ("/=data:ro", 69, None),
        ("/=mem", 0, None),
        ("/=overlay(data, mem)", 0, None),
        ("/=quota(data, 11)", 19, b""),
        ("/=encrypt(data, KEY)", 0, "ciphertext"),
        ("/=encrypt(compress(data), KEY)", 0, "ciphertext"),
    ],
)
def test_what_is_written(here: Path, text: str, answer: int, on_disk: object) -> None:
    with guest(text) as program:
        assert put(program, "new.txt", b"hello") == answer
        if not answer:
            assert content(program, "new.txt") == b"hello"
    new = here / "data" / "new.txt"
    stored = new.read_bytes() if new.exists() else None
    if on_disk == "ciphertext":
        assert stored is not None and len(stored) > 5 and b"hello" not in stored
    else:
        assert stored == on_disk


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data", "'data' is not of the form GUEST=WHAT"),
        ("/=", "'/=' is not of the form GUEST=WHAT"),
        ("/=nothing", "nothing' is not a folder"),
        ("/=data/letter.txt", "letter.txt' is not a folder"),
        ("/=zip(data)", "there is no provider 'zip'"),
        ("/=quota(data)", "quota takes 2, and not 1"),
        ("/=quota(data, lots)", "'lots' is not a size"),
        ("/=quota(data, mem(data))", "a word is wanted, and not mem(…)"),
        ("/=encrypt(data, NONE)", "there is no variable NONE with a key in it"),
        ("/=encrypt(data, SHORT)", "the variable SHORT holds no key"),
        ("/=encrypt(data, TEXT)", "the variable TEXT holds no key"),
        ("/=fail(data, fly, 1)", "no operation 'fly'"),
        ("/=fail(data, read, 0)", "'0' is not the number of a call"),
        ("/=log(data", "the end cannot stand here"),
        ("/=log(data))", "')' cannot stand here"),
        ("/=log(,)", "',' cannot stand here"),
        ("/=data,mem", "',' cannot stand here"),
        ('/="data', "a quote is not closed"),
    ],
)
def test_what_cannot_be_mounted(here: Path, text: str, message: str) -> None:
    with pytest.raises(MountError, match=re.escape(message)):
        mount(text, {"SHORT": "00", "TEXT": "word " * 13})


def test_so_many_on_each_other(here: Path) -> None:
    assert (
        content(guest("/=" + "readonly(" * 32 + "data" + ")" * 32), "letter.txt") == b"dear reader"
    )
    for count in 33, 5000:
        with pytest.raises(MountError, match="more than 32 providers"):
            mount("/=" + "readonly(" * count + "data" + ")" * count, {})


def test_sizes() -> None:
    assert [size(text) for text in ("7", "1k", "2M", "3GiB")] == [7, 1 << 10, 2 << 20, 3 << 30]


# ------------------------------------------------------------------ on the command line

# Tells whether the first folder's `letter.txt` opens: the errno is the exit code.
OPEN = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (data (i32.const 0x100) "letter.txt")
  (func (export "open") (call $exit (call $open (i32.const 3) (i32.const 1) (i32.const 0x100)
    (i32.const 10) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0))))
  (func (export "random") (call $exit (call $random (i32.const 0) (i32.const 4)))))"""


@pytest.mark.parametrize(
    ("options", "call", "status"),
    [
        (["--mount", "/=data:ro"], "open", 0),
        (["--mount", "/=mem"], "open", w.NOENT),
        ([], "open", w.BADF),
        (["--deny", "path", "--mount", "/=data"], "open", w.NOTCAPABLE),
        (["--deny", "clock,random"], "random", w.NOTCAPABLE),
        (["--deny", "clock"], "random", 0),
    ],
)
def test_mounts_and_denials_on_the_command_line(
    cli: CommandLine, here: Path, options: list[str], call: str, status: int
) -> None:
    (here / "open.wat").write_text(OPEN)
    assert cli("run", *options, "--invoke", call, "open.wat").status == status


def test_mistakes_on_the_command_line_are_told(cli: CommandLine, here: Path) -> None:
    (here / "open.wat").write_text(OPEN)
    found = cli("run", "--mount", "/=zip(data)", "open.wat")
    assert found.status == 2
    assert "there is no provider 'zip'; there are mem, compress, encrypt" in found.err
    found = cli("run", "--deny", "clok", "open.wat")
    assert found.status == 2
    assert "nothing to deny by the name of clok; such as clock, random" in found.err
    for twice in (
        ["--mount", "/=mem", "--mount", "/=data"],
        ["--dir", "data::/", "--mount", "/=mem"],
    ):
        found = cli("run", *twice, "open.wat")
        assert found.status == 2
        assert "two folders are granted by the name '/'" in found.err
