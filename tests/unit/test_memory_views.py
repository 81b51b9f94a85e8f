"""Memories grow while views are held: by guests, by Python, by host functions, in both tiers."""

import sys

import pytest

import watloom

pytestmark = pytest.mark.usefixtures("in_both_tiers")

TEXT = """(module
  (import "host" "grow" (func $grow (result i32)))
  (memory (export "memory") 1 100)
  (func (export "by guest") (result i32)
    (i32.store (i32.const 8) (i32.const 7))
    (i32.add (i32.load (i32.const 8)) (memory.grow (i32.const 1))))
  (func (export "by host") (result i32)
    (i32.store (i32.const 8) (i32.const 7))
    (i32.add (i32.load (i32.const 8)) (call $grow)))
  (func (export "store behind") (param i32) (result i32)
    (i32.store (local.get 0) (i32.add (call $grow) (i32.const 40)))
    (i32.load (local.get 0)))
  (func (export "peek") (param i32) (result i32) (i32.load (local.get 0))))"""


@pytest.fixture
def instance() -> watloom.Instance:
    def grow() -> int:
        memory = made.exports.memory
        memory[8:12] = b"\x09\0\0\0"
        return int(memory.grow(1))

    made = watloom.instantiate(TEXT, {"host": {"grow": grow}})
    return made


@pytest.mark.parametrize(("how", "result"), [("by guest", 8), ("by host", 8)])
def test_views_from_before_keep_what_they_showed(
    instance: watloom.Instance, how: str, result: int
) -> None:
    memory = instance.exports.memory
    view = memory.view()
    assert instance.exports[how]() == result  # what was loaded before the memory grew, and 1
    assert len(view) == 65536 and len(memory) == 2 * 65536
    view[100] = 5  # it is still there to be written, and nobody else's
    assert memory[100] == 0
    memory.view()[100] = 6
    assert instance.exports.peek(100) == 6 and view[100] == 5


def test_python_grows_it_between_calls(instance: watloom.Instance) -> None:
    memory = instance.exports.memory
    views = [memory.view()]
    for pages in range(1, 20):
        assert memory.grow(1) == pages
        views.append(memory.view())
        end = len(memory) - 4
        memory[end : end + 4] = b"\x01\0\0\0"
        assert instance.exports.peek(end) == 1
    assert [len(view) // 65536 for view in views] == list(range(1, 21))
    assert memory.grow(100) is None and memory.grow(-1) is None


def test_an_address_that_the_host_makes_room_for(instance: watloom.Instance) -> None:
    """The host grows the memory after the address was computed, before the store."""
    with instance.exports.memory.view():
        assert instance.exports["store behind"](65536) == 41


def test_numpy_shares_the_bytes(instance: watloom.Instance) -> None:
    numpy = pytest.importorskip("numpy")
    memory = instance.exports.memory
    before = memory.numpy("u4")
    before[2] = 77
    assert instance.exports.peek(8) == 77
    memory.grow(1)
    after = memory.numpy("u4")
    assert (len(before), len(after)) == (16384, 32768) and after[2] == 77
    after[3] = numpy.uint32(5)
    assert instance.exports.peek(12) == 5 and before[3] == 0


@pytest.mark.skipif(sys.version_info < (3, 12), reason="classes have no buffers before 3.12")
def test_the_buffer_protocol(instance: watloom.Instance) -> None:
    memory = instance.exports.memory
    view = memoryview(memory)
    view[8] = 3
    assert instance.exports.peek(8) == 3
    memory.grow(1)
    assert len(view) == 65536 and len(memoryview(memory)) == 2 * 65536
