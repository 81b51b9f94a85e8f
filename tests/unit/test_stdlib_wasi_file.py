"""`wasi_file`: read and write over the three streams, by itself and through an adapter."""

import io
from pathlib import Path

import pytest

import watloom
from watloom.interp.link.linker import Linker
from watloom.stdlib import granted
from watloom.stdlib.fd import FdModule
from watloom.stdlib.wasi_file import WasiFile

pytestmark = pytest.mark.usefixtures("in_both_tiers")

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
GUEST = """
(module
  (import "wasi_file" "read" (func $read (param i32 i32 i32) (result i32)))
  (import "wasi_file" "write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "read") (param i32 i32 i32) (result i32)
    (call $read (local.get 0) (local.get 1) (local.get 2)))
  (func (export "write") (param i32 i32 i32) (result i32)
    (call $write (local.get 0) (local.get 1) (local.get 2))))
"""
BADF = -8
OUTSIDE = [(65536, 1), (0, 65537), (-1, 2), (0, -1), (65537, 0)]


def test_three_streams() -> None:
    out, err = io.BytesIO(), io.BytesIO()
    guest = watloom.instantiate(GUEST, {"wasi_file": WasiFile(b"typed", out, err)}).exports
    assert [guest.read(0, 10, n) for n in (2, 0, 9, 9)] == [2, 0, 3, 0]
    assert guest.memory[10:13] == b"ped"
    assert (guest.write(1, 10, 3), guest.write(2, 10, 1), guest.write(1, 0, 0)) == (3, 1, 0)
    assert (out.getvalue(), err.getvalue()) == (b"ped", b"p")


@pytest.mark.parametrize("fd", [1, 2, 3, -1, 0x7FFF_FFFF])
def test_not_for_reading(fd: int) -> None:
    guest = watloom.instantiate(GUEST, {"wasi_file": WasiFile(b"typed")}).exports
    assert guest.read(fd, 0, 1) == BADF


@pytest.mark.parametrize("fd", [0, 3, -1, -2])
def test_not_for_writing(fd: int) -> None:
    guest = watloom.instantiate(GUEST, {"wasi_file": WasiFile()}).exports
    assert guest.write(fd, 0, 1) == BADF
    assert guest.write(1, 0, 1) == 1


@pytest.mark.parametrize(("start", "length"), OUTSIDE)
def test_pointers_outside_of_memory_trap(start: int, length: int) -> None:
    out = io.BytesIO()
    guest = watloom.instantiate(GUEST, {"wasi_file": WasiFile(b"x", out)}).exports
    for call, fd in (guest.read, 0), (guest.write, 1), (guest.read, 9):
        with pytest.raises(watloom.Trap, match="out of bounds memory access"):
            call(fd, start, length)
    assert (guest.read(0, 65535, 1), out.getvalue()) == (1, b"")


def test_errors_are_errnos() -> None:
    class Broken(io.RawIOBase):
        def write(self, data: object) -> int:
            raise BrokenPipeError(32, "broken pipe")

        def read(self, n: int = -1) -> bytes:
            raise ConnectionResetError(104, "reset")

    guest = watloom.instantiate(GUEST, {"wasi_file": WasiFile(Broken(), Broken())}).exports
    assert guest.write(1, 0, 1) == -64
    assert guest.read(0, 0, 1) < 0


def test_fd_and_wasi_file_share_the_streams() -> None:
    table = granted(stdin=b"ab", stdout=io.BytesIO())
    linker = Linker(library=table)
    instance = linker.instantiate(
        watloom.Module("""
        (module
          (rec
            (type $open (func (param i32 i32 i32) (result i32 (ref null $fd))))
            (type $read (func (param i32 i32) (result i32)))
            (type $write (func (param i32 i32) (result i32)))
            (type $close (func (result i32)))
            (type $fd (sub (struct
                (field (ref $open)) (field (ref $read))
                (field (ref $write)) (field (ref $close))))))
          (import "fd" "stdin" (func $stdin (result (ref $fd))))
          (import "wasi_file" "read" (func $read (param i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "f") (result i32 i32 i32)
            (call $read (i32.const 0) (i32.const 0) (i32.const 1))
            (call_ref $read (i32.const 1) (i32.const 1) (struct.get $fd 1 (call $stdin)))
            (call $read (i32.const 0) (i32.const 0) (i32.const 1))))
        """)
    )
    assert instance.exports.f() == (1, 1, 0)
    assert instance.exports.memory[0:2] == b"ab"


# ------------------------------------------------------------------ the samples


@pytest.mark.parametrize("name", ["parent", "bundle"])
@pytest.mark.parametrize(("typed", "count"), [(b"", 0), (b"*9=*9=*1=", 19), (b"plain", 5)])
def test_link_time_virtualization(name: str, typed: bytes, count: int) -> None:
    out = io.BytesIO()
    linker = watloom.Linker()
    linker.define("wasi_file", WasiFile(typed, out))
    linker.instantiate(SAMPLES / "link_time_virtualization" / f"{name}.wat").exports._start()
    lines = out.getvalue().decode().splitlines()
    assert lines[0] == "*9 *5 |\\"
    assert lines[-1] == f"Bytes read: {count}"


def test_encrypted_editor(tmp_path: Path) -> None:
    out = io.BytesIO()
    linker = watloom.Linker()
    nonce = io.BytesIO(b"twelve bytes")
    linker.define("fd", FdModule([tmp_path], stdout=out, random=nonce))
    with linker.instantiate(SAMPLES / "encrypted_editor" / "parent.wat") as instance:
        instance.exports._start()
    stored = (tmp_path / "letter.txt").read_bytes()
    assert out.getvalue().startswith(b"Dear Ada,\n")
    assert stored[:12] == b"twelve bytes"
    assert len(stored) == 12 + 8 + len(out.getvalue())
    assert not any(line in stored for line in out.getvalue().splitlines())


def test_encrypted_editor_without_a_folder() -> None:
    err = io.BytesIO()
    linker = watloom.Linker()
    linker.define("fd", FdModule(stderr=err))
    instance = linker.instantiate(SAMPLES / "encrypted_editor" / "parent.wat")
    with pytest.raises(watloom.Trap, match="unreachable"):
        instance.exports._start()
    assert err.getvalue() == b"no folder to write in: run with --dir DIR\n"
