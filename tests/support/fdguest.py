"""A guest that does what Python tells it to with fds: each export calls one function of an fd."""

from pathlib import Path
from typing import Any

import watloom

ROOT = Path(__file__).resolve().parents[2]
TYPES = """
  (rec
    (type $open (func (param i32 i32 i32) (result i32 (ref null $fd))))
    (type $read (func (param i32 i32) (result i32)))
    (type $write (func (param i32 i32) (result i32)))
    (type $close (func (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))
  (import "fd" "preopen" (func $preopen (param i32) (result (ref null $fd))))
  (import "fd" "stdin" (func $stdin (result (ref $fd))))
  (import "fd" "stdout" (func $stdout (result (ref $fd))))
  (import "fd" "stderr" (func $stderr (result (ref $fd))))
  (import "fd" "random" (func $random (result (ref $fd))))
"""
GUEST = f"""
(module $guest {TYPES}
  (memory (export "memory") 1)
  (export "preopen" (func $preopen)) (export "stdin" (func $stdin))
  (export "stdout" (func $stdout)) (export "stderr" (func $stderr))
  (export "random" (func $random))
  (func (export "open") (param $fd (ref $fd)) (param i32 i32 i32) (result i32 (ref null $fd))
    (call_ref $open (local.get 1) (local.get 2) (local.get 3)
      (struct.get $fd $open (local.get $fd))))
  (func (export "read") (param $fd (ref $fd)) (param i32 i32) (result i32)
    (call_ref $read (local.get 1) (local.get 2) (struct.get $fd $read (local.get $fd))))
  (func (export "write") (param $fd (ref $fd)) (param i32 i32) (result i32)
    (call_ref $write (local.get 1) (local.get 2) (struct.get $fd $write (local.get $fd))))
  (func (export "close") (param $fd (ref $fd)) (result i32)
    (call_ref $close (struct.get $fd $close (local.get $fd)))))
"""

CREATE, TRUNCATE, WRITE, DIRECTORY, FOLLOW = 1, 2, 4, 8, 128


class Guest:
    """Paths and texts go through the guest's memory at 0."""

    def __init__(self, fd: Any, linker: watloom.Linker | None = None) -> None:
        linker = linker or watloom.Linker()
        linker.define("fd", fd)
        self.instance = linker.instantiate(GUEST)
        self.call = self.instance.exports

    def preopen(self, n: int = 0) -> Any:
        """The nth granted folder."""
        return self.call["preopen"](n)

    def open(self, fd: Any, path: str | bytes, flags: int = 0) -> tuple[int, Any]:
        """What `open` gave: an errno and an fd."""
        data = path.encode() if isinstance(path, str) else path
        self.call["memory"][0 : len(data)] = data
        errno, opened = self.call["open"](fd, 0, len(data), flags)
        assert (errno == 0) == (opened is not None)
        return errno, opened

    def opened(self, path: str | bytes, flags: int = 0) -> Any:
        """The fd of a path in folder 0, which must be there."""
        errno, fd = self.open(self.preopen(), path, flags)
        assert errno == 0, f"errno {errno}"
        return fd

    def read(self, fd: Any, most: int = 1000) -> bytes | int:
        """The bytes, or the negative errno."""
        count = self.call["read"](fd, 0, most)
        return count if count < 0 else self.call["memory"][0:count]

    def write(self, fd: Any, data: bytes) -> int:
        """How many bytes, or the negative errno."""
        self.call["memory"][0 : len(data)] = data
        return int(self.call["write"](fd, 0, len(data)))

    def close(self, fd: Any) -> int:
        """0 or an errno."""
        return int(self.call["close"](fd))
