"""The sample's encrypted folders in three forms, function by function: they answer alike."""

import io
import shutil
from pathlib import Path

import pytest

import watloom
from rfc8439 import keystream
from watloom.interp.link.linker import Linker
from watloom.interp.link.load import load_file
from watloom.stdlib import confine, granted

HOME = Path(__file__).resolve().parents[2] / "samples" / "encrypted_editor"
KEY = b"demonstration key: not a secret!"
OTHER_KEY = bytes(32)
OWN = {
    "structs": "parent_structs.wat",
    "closures": "parent.wat",
    "tables": "parent_tables.wat",
}

in_both_tiers = pytest.mark.usefixtures("in_both_tiers")
pytestmark = pytest.mark.skipif(
    not confine.SUPPORTED, reason="no openat here: there are no folders of the host's"
)


def decrypted(stored: bytes) -> bytes:
    """What a form of the sample's wrote, by another implementation of the cipher."""
    stream = keystream(KEY, stored[:12], len(stored) - 12, first=0)
    plain = bytes(a ^ b for a, b in zip(stored[12:], stream, strict=True))
    assert plain[:8] == b"SEALED1\n"
    return plain[8:]


#: Put into a parent, these give Python a wrapped folder, number 0; what is opened next is 1, 2, …
PROBES = {
    "closures": """
      (table $fds 16 (ref null $fd)) (global $n (mut i32) (i32.const 1))
      (func (export "wrap") (param $key i32)
        (table.set $fds (i32.const 0)
          (call $wrap (ref.as_non_null (call $preopen (i32.const 0))) (call $random)
            (local.get $key))))
      (func (export "open") (param i32 i32 i32) (result i32) (local $fd (ref null $fd))
        (call_ref $open (i32.const 0x300) (local.get 1) (local.get 2)
          (struct.get $fd $open (table.get $fds (local.get 0))))
        (local.set $fd)
        (table.set $fds (global.get $n) (local.get $fd))
        (global.set $n (i32.add (global.get $n) (i32.const 1))))
      (func (export "read") (param i32 i32) (result i32)
        (call_ref $read (i32.const 0x300) (local.get 1)
          (struct.get $fd $read (table.get $fds (local.get 0)))))
      (func (export "write") (param i32 i32) (result i32)
        (call_ref $write (i32.const 0x300) (local.get 1)
          (struct.get $fd $write (table.get $fds (local.get 0)))))
      (func (export "close") (param i32) (result i32)
        (call_ref $close (struct.get $fd $close (table.get $fds (local.get 0))))))""",
    "tables": """
      (global $n (mut i32) (i32.const 1))
      (func $fd (param i32) (result i32)
        (i32.load offset=0x400 (i32.shl (local.get 0) (i32.const 2))))
      (func (export "wrap") (param $key i32)
        (i32.store (i32.const 0x400)
          (call $wrap (call $folder) (call $random) (local.get $key))))
      (func (export "open") (param i32 i32 i32) (result i32)
        (call (func $bind_open "call") (call $get (call $fd (local.get 0)) (i32.const 0))
          (i32.const 0x300) (local.get 1) (local.get 2)
          (i32.add (i32.const 0x400) (i32.shl (global.get $n) (i32.const 2))))
        (global.set $n (i32.add (global.get $n) (i32.const 1))))
      (func (export "read") (param i32 i32) (result i32)
        (call $call_io (call $get (call $fd (local.get 0)) (i32.const 1))
          (i32.const 0x300) (local.get 1)))
      (func (export "write") (param i32 i32) (result i32)
        (call $call_io (call $get (call $fd (local.get 0)) (i32.const 2))
          (i32.const 0x300) (local.get 1)))
      (func (export "close") (param i32) (result i32)
        (call (func $bind_close "call") (call $get (call $fd (local.get 0)) (i32.const 3)))))""",
}
PROBES["structs"] = (
    PROBES["closures"]
    .replace("(call $preopen (i32.const 0))", "(call $folder)")
    .replace("(call_ref $open", "(call_ref $open $SELF")
    .replace("(call_ref $read", "(call_ref $read $SELF")
    .replace("(call_ref $write", "(call_ref $write $SELF")
    .replace("(call_ref $close", "(call_ref $close $SELF")
    .replace("$SELF", "(ref.as_non_null (table.get $fds (local.get 0)))")
)


class Probe:
    """A form's wrapped folder; paths and texts go through the shared memory."""

    def __init__(self, form: str, home: Path, folder: Path) -> None:
        shutil.copytree(HOME, home)
        path = home / OWN[form]
        text = path.read_text().rstrip().removesuffix(")") + PROBES[form]
        if form == "closures":
            text = text.replace(PROBES[form], '(export "memory" (memory $shared))' + PROBES[form])
        path.write_text(text)
        random = io.BytesIO(bytes(range(256)) * 8)
        linker = Linker(watloom.Store(), library=granted([(folder, "/")], random=random))
        self.calls = linker.instantiate(load_file(path)).exports
        self.wrap(KEY)

    def wrap(self, key: bytes) -> None:
        self.put(key)
        self.calls["wrap"](0x300)

    def put(self, data: bytes) -> int:
        self.calls["memory"].data[0x300 : 0x300 + len(data)] = data
        return len(data)

    def open(self, path: bytes, flags: int, fd: int = 0) -> int:
        return int(self.calls["open"](fd, self.put(path), flags))

    def write(self, fd: int, data: bytes) -> int:
        return int(self.calls["write"](fd, self.put(data)))

    def read(self, fd: int, most: int = 100) -> bytes | int:
        count = self.calls["read"](fd, most)
        return count if count < 0 else bytes(self.calls["memory"].data[0x300 : 0x300 + count])


@in_both_tiers
@pytest.mark.parametrize("form", OWN)
def test_the_providers_answer_alike(form: str, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    (folder / "sub").mkdir(parents=True)
    (folder / "plain").write_bytes(b"not encrypted, and long enough for a header")
    (folder / "short").write_bytes(b"short")
    probe = Probe(form, tmp_path / "sample", folder)
    acces, badf, inval, io_, isdir, noent, notdir, notsup = 2, 8, 28, 29, 31, 44, 54, 58
    assert probe.open(b"sub", 8) == 0  # 1
    assert probe.open(b"a", 5, fd=1) == 0  # 2: create, for writing
    assert probe.write(2, b"one") == 3
    assert probe.write(2, b"two") == 3
    assert probe.read(2) == -badf
    assert probe.open(b"b", 0, fd=2) == notdir  # 3
    assert probe.calls["close"](2) == 0
    stored = (folder / "sub" / "a").read_bytes()
    assert decrypted(stored) == b"onetwo"
    assert probe.open(b"sub/a", 0) == 0  # 4
    assert probe.read(4, 4) == b"onet"
    assert probe.read(4) == b"wo"
    assert probe.read(4) == b""
    assert probe.write(4, b"x") == -badf
    assert probe.calls["close"](4) == 0
    assert probe.read(0) == -isdir and probe.write(1, b"x") == -isdir
    assert probe.open(b"sub/a", 5) == notsup  # what is there is not written over
    assert probe.open(b"none", 0) == noent
    assert probe.open(b"none", 4) == noent
    assert probe.open(b"sub/a", 1) == inval
    assert probe.open(b"plain", 0) == acces
    assert probe.open(b"short", 0) == io_
    probe.wrap(OTHER_KEY)
    assert probe.open(b"sub/a", 0) == acces
    assert (folder / "sub" / "a").read_bytes() == stored
    assert probe.open(b"sub/a", 7) == 0  # 13: truncated, and the other key's from now on
    assert (folder / "sub" / "a").read_bytes()[:12] != stored[:12]


def test_handles_are_used_again(tmp_path: Path) -> None:
    """More files than there is room for in the tables, one after the other."""
    (tmp_path / "plain").write_bytes(b"not encrypted, and long enough for a header")
    probe = Probe("tables", tmp_path / "sample", tmp_path)
    for n in range(1, 301, 3):
        assert probe.open(b"plain", 0) == 2
        assert probe.open(b"x", 7) == 0
        assert probe.write(n + 1, b"text") == 4
        assert probe.calls["close"](n + 1) == 0
        assert probe.open(b"x", 0) == 0
        assert probe.read(n + 2) == b"text"
        assert probe.calls["close"](n + 2) == 0
    with pytest.raises(watloom.Trap, match="unreachable"):
        probe.read(300)
