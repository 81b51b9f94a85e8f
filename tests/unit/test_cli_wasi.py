"""`watloom run` of WASI programs: arguments, environment, folders, streams, status."""

from pathlib import Path

import pytest

from commandline import CommandLine, cli
from watloom.stdlib import confine

pytestmark = pytest.mark.usefixtures("in_both_tiers")

__all__ = ["cli"]

# Writes its arguments and its environment, NULs and all.
TELL = """(module
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get"
    (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $out (drop (call $write (i32.const 1) (i32.const 4) (i32.const 1) (i32.const 0))))
  (func (export "_start")
    (i32.store (i32.const 4) (i32.const 0x1000))
    (drop (call $args_sizes (i32.const 0) (i32.const 8)))
    (drop (call $args (i32.const 0x100) (i32.const 0x1000)))
    (call $out)
    (drop (call $env_sizes (i32.const 0) (i32.const 8)))
    (drop (call $env (i32.const 0x100) (i32.const 0x1000)))
    (call $out)))"""

# Copies the file `a` in the first folder, or else what it reads, and ends with 7.
COPY = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (data (i32.const 0x100) "a")
  (global $end (mut i32) (i32.const 7))
  (func (export "_start") (local $fd i32)
    (if (i32.eqz (call $open (i32.const 3) (i32.const 0) (i32.const 0x100) (i32.const 1)
          (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0)))
      (then (local.set $fd (i32.load (i32.const 0)))))
    (i32.store (i32.const 4) (i32.const 0x1000))
    (i32.store (i32.const 8) (i32.const 4096))
    (drop (call $read (local.get $fd) (i32.const 4) (i32.const 1) (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 4) (i32.const 1) (i32.const 0)))
    (call $exit (global.get $end))
    unreachable)
  (func (export "status") (param i32) (call $exit (local.get 0))))"""


@pytest.fixture
def tell(tmp_path: Path) -> Path:
    (tmp_path / "tell.wat").write_text(TELL)
    return tmp_path / "tell.wat"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "copy.wat").write_text(COPY)
    return tmp_path / "copy.wat"


def test_arguments_and_environment(cli: CommandLine, tell: Path) -> None:
    """The name comes first, without its folder; what follows FILE is the program's."""
    done = cli("run", "--env", "A=b=c", "--env", "E=", tell, "-x", "--env", "two words", "")
    assert (done.status, done.err) == (0, "")
    assert done.out == "tell.wat\0-x\0--env\0two words\0\0A=b=c\0E=\0"


def test_streams_and_status(cli: CommandLine, copy: Path) -> None:
    done = cli("run", copy, stdin="typed")
    assert (done.status, done.out, done.err) == (7, "typed", "")


@pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")
def test_folders(cli: CommandLine, copy: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_text("from the disk")
    done = cli("run", "--dir", f"{tmp_path / 'data'}::/", copy, stdin="typed")
    assert (done.status, done.out, done.err) == (7, "from the disk", "")


@pytest.mark.parametrize(("code", "status"), [(0, 0), (1, 1), (134, 134), (255, 255)])
def test_status_of_an_export(cli: CommandLine, copy: Path, code: int, status: int) -> None:
    assert cli("run", "--invoke", "status", copy, str(code)).status == status
