"""`caller`: an adapter follows the pointers of a module that has a memory of its own."""

import pytest

import watloom
from watloom import Trap
from watloom.stdlib.wasi_file import WasiFile

#: Writes in capitals: copies its caller's bytes into its own memory, and changes them there.
ADAPTER = """(module $UPPER
    (import "wasi_file" (instance $real
      (export "write" (func (param i32 i32 i32) (result i32)))))
    (import "caller" (instance $caller
      (export "size" (func (result i32)))
      (export "read" (func (param i32 i32 i32)))
      (export "write" (func (param i32 i32 i32)))))
    (memory 1)
    (func $capitals (param $end i32) (local $i i32)
      (loop $next
        (if (i32.ge_u (i32.load8_u (local.get $i)) (i32.const 97))
          (then (i32.store8 (local.get $i)
            (i32.sub (i32.load8_u (local.get $i)) (i32.const 32)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $end)))))
    (func $fetch (param $from i32) (param $len i32)
      (call (func $caller "read") (i32.const 0) (local.get $from) (local.get $len)))
    (func (export "write") (param $fd i32) (param $from i32) (param $len i32) (result i32)
      (call $fetch (local.get $from) (local.get $len))
      (call $capitals (local.get $len))
      (call (func $real "write") (local.get $fd) (i32.const 0) (local.get $len)))
    (func (export "read") (param $fd i32) (param $to i32) (param $len i32) (result i32)
      (i32.store (i32.const 0) (i32.const 0x6b6f))
      (call (func $caller "write") (local.get $to) (i32.const 0) (i32.const 2))
      (call (func $caller "size"))))"""
#: Knows nothing of adapters, and exports no memory.
CHILD = """(module $CHILD
    (import "wasi_file" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "wasi_file" "read" (func $read (param i32 i32 i32) (result i32)))
    (memory 3)
    (data (i32.const 70000) "hello ")
    (func (export "play") (result i32)
      (drop (call $write (i32.const 1) (i32.const 70000) (i32.const 6)))
      (drop (call $read (i32.const 0) (i32.const 70006) (i32.const 2)))
      (drop (call $write (i32.const 1) (i32.const 70006) (i32.const 2)))
      (call $read (i32.const 0) (i32.const 9) (i32.const 2)))
    (func (export "far") (drop (call $write (i32.const 1) (i32.const 196605) (i32.const 6)))))"""
PARENT = f"""(module
  (import "wasi_file" (instance $real
    (export "write" (func (param i32 i32 i32) (result i32)))))
  (import "caller" (instance $caller
    (export "size" (func (result i32)))
    (export "read" (func (param i32 i32 i32)))
    (export "write" (func (param i32 i32 i32)))))
  {ADAPTER}
  {CHILD}
  (instance $adapter (instantiate $UPPER
    (import "wasi_file" (instance $real)) (import "caller" (instance $caller))))
  (instance $child (instantiate $CHILD (import "wasi_file" (instance $adapter))))
  (export $child)
  (export "write" (func $adapter "write")))"""


@pytest.fixture(params=["fast", "reference"])
def parts(request):
    import io

    out = io.BytesIO()
    linker = watloom.Linker(watloom.Store(tier=request.param))
    linker.define("wasi_file", WasiFile(b"", out))
    return linker.instantiate(PARENT), out


def test_an_unmodified_child(parts):
    instance, out = parts
    assert instance.exports.play() == 3 * 65536
    assert out.getvalue() == b"HELLO OK"


def test_outside_of_the_callers_memory(parts):
    with pytest.raises(Trap, match="out of bounds memory access"):
        parts[0].exports.far()


def test_a_call_from_the_host(parts):
    with pytest.raises(Trap, match="no caller"):
        parts[0].exports.write(1, 0, 5)


def test_a_caller_without_memory():
    with pytest.raises(Trap, match="no memory"):
        watloom.instantiate(
            """(module
              (import "caller" (instance $c (export "size" (func (result i32)))))
              (module $A
                (import "caller" "size" (func $size (result i32)))
                (func (export "f") (drop (call $size))))
              (instance $a (instantiate $A (import "caller" (instance $c))))
              (func (export "run") (call (func $a "f"))))"""
        ).exports.run()
