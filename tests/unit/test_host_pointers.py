"""Structs, arrays, lists and pointers: the caller's memory, and what lies outside of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_guest import TOP, Mixed, Point, called, memory_of
from watloom import HostValueError, Linker, Store, Trap
from watloom.host import (
    F64,
    I16,
    I32,
    U8,
    Array,
    Bytes,
    Duration,
    Errno,
    HostModule,
    List,
    Ptr,
    String,
    export,
    wasm_struct,
)
from watloom.interp.host.structs import struct_codec


@pytest.fixture(params=["fast", "reference"])
def store(request: pytest.FixtureRequest) -> Store:
    return Store(tier=request.param)


# ------------------------------------------------------------------ structs


@wasm_struct
class Deep:
    point: Point
    name: String
    next: Ptr[Deep] | None
    age: Duration


def test_the_layout_is_cs() -> None:
    from ctypes import Structure, c_bool, c_double, c_int8, c_uint16, sizeof

    from watloom.interp.host.structs import struct_codec

    class C(Structure):
        _fields_ = [("flag", c_bool), ("big", c_double), ("small", c_uint16), ("last", c_int8)]

    codec = struct_codec(Mixed)
    assert codec is not None and codec.size == sizeof(C) == 24
    assert [f.offset for f in codec.fields] == [getattr(C, f.name).offset for f in codec.fields]
    assert codec.dtype().itemsize == 24


def test_a_struct_is_a_dataclass(store: Store) -> None:
    def method(self: object, p: Ptr[Mixed]) -> I32:
        mixed = p.value
        assert mixed == Mixed(True, 0.5, 0xFFFF, -1)
        p.value = Mixed(False, -0.5, 1, 2)
        assert p.value.big == -0.5
        return mixed.small

    data = b"\x01" + bytes(7) + np.float64(0.5).tobytes() + b"\xff\xff\xff" + bytes(5)
    assert called(store, method, "i32 -> i32", data)(16) == 0xFFFF


def test_a_misaligned_struct_is_read_all_the_same(store: Store) -> None:
    def method(self: object, p: Ptr[Point], ps: Array[Point]) -> I32:
        assert p.value == Point(0x01020304, 5) and ps[0].x == p.value.x
        return int(ps["y"].sum())

    data = b"\0\x04\x03\x02\x01\x05\0\0\0"
    assert called(store, method, "i32 i32 i32 -> i32", data)(17, 17, 1) == 5


def test_pointers_within_structs(store: Store) -> None:
    """A chain: 16 → 64 → null, with a name each."""

    def method(self: object, p: Ptr[Deep]) -> I32:
        first = p.value
        assert first.point == Point(1, 2) and first.name == "abc"
        assert first.age == timedelta(seconds=1) and first.next is not None
        second = first.next.value
        assert second.name == "" and second.next is None
        p.value.next.value = second  # type: ignore[union-attr]
        return 1

    def deep(next: int) -> bytes:
        words = [1, 2, 112 if next else 0, 3 if next else 0, next, 0]
        return np.array(words, "<u4").tobytes() + np.int64(10**9).tobytes()

    data = deep(64).ljust(48, b"\0") + deep(0)
    call = called(store, method, "i32 -> i32", data.ljust(96, b"\0") + b"abc")
    with pytest.raises(HostValueError, match=r"Deep\.name: String cannot be put into memory"):
        call(16)


def test_a_pointer_within_a_struct_that_leads_outside(store: Store) -> None:
    def name(self: object, p: Ptr[Deep]) -> None:
        p.value  # noqa: B018

    def follow(self: object, p: Ptr[Ptr[Point]]) -> None:
        p.value.value  # noqa: B018

    data = np.array([1, 2, TOP, 2, 0, 0, 0, 0], "<u4").tobytes()
    with pytest.raises(Trap, match="out of bounds memory access") as caught:
        called(store, name, "i32 ->", data)(16)
    assert caught.value.help == "String at 0x18: 2 bytes at 0xffffffff, in a memory of 0x10000"
    with pytest.raises(Trap, match="out of bounds memory access"):
        called(store, follow, "i32 ->", data)(24)


# ------------------------------------------------------------------ arrays, lists, pointers


def test_an_array_is_numpy_on_the_callers_memory(store: Store) -> None:
    def method(self: object, xs: Array[np.float32], ns: Array[U8]) -> float:
        assert xs.dtype == np.float32 and ns.dtype == np.uint8
        xs *= 2
        return float(xs.sum()) + len(ns)

    call = called(store, method, "i32 i32 i32 i32 -> f64", np.float32([1, 2]).tobytes())
    assert call(16, 2, 65536, 0) == 6.0
    assert call(16, 2, 0, 3) == 15.0


def test_an_array_in_a_large_memory(store: Store) -> None:
    """A memory that is an mmap, and one without any bytes."""

    def method(self: object, xs: Array[I32]) -> I32:
        return int(xs.sum())

    assert called(store, method, "i32 i32 -> i32", b"\x01\0\0\0", pages=300)(16, 4) == 1

    class Empty(HostModule, name="empty"):
        @export
        def sum(self, xs: Array[I32]) -> I32:
            return int(xs.sum())

    instance = Linker(store).instantiate(
        """(module (import "empty" "sum" (func $sum (param i32 i32) (result i32))) (memory 0)
          (func (export "run") (result i32) (call $sum (i32.const 0) (i32.const 0))))""",
        {"empty": Empty()},
    )
    assert instance.exports.run() == 0


def test_a_shared_memory(store: Store) -> None:
    class Sum(HostModule, name="sum"):
        @export
        def sum(self, xs: Array[I32], name: String, p: Ptr[I32]) -> I32:
            p.value += 1
            xs[1] = 5
            return int(xs.sum()) + len(name)

    instance = Linker(Store(store.features.with_(["+threads"]), store.tier)).instantiate(
        """(module (import "sum" "sum" (func $sum (param i32 i32 i32 i32 i32) (result i32)))
          (memory 1 1 shared) (data (i32.const 0) "\\03")
          (func (export "run") (result i32)
            (call $sum (i32.const 0) (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 0))))""",
        {"sum": Sum()},
    )
    assert instance.exports.run() == 4 + 5 + 1


def test_a_list_reads_and_writes_when_asked(store: Store) -> None:
    def method(self: object, points: List[Point], words: List[String]) -> I32:
        assert len(points) == 2 and points == [Point(1, 2), Point(3, 4)]
        assert points[-1] == Point(3, 4) and points[0:1] == [Point(1, 2)]
        points[1] = Point(5, 6)
        with pytest.raises(IndexError):
            points[2]
        assert list(words) == ["A", "BC"]
        return sum(p.x for p in points)

    words = np.array([1, 2, 3, 4, 48, 1, 49, 2], "<u4").tobytes() + b"ABC"
    assert called(store, method, "i32 i32 i32 i32 -> i32", words)(16, 2, 32, 2) == 6


def test_several_are_set_at_once(store: Store) -> None:
    def method(self: object, l: List[U8], p: Ptr[I16]) -> None:  # noqa: E741
        l[1:3] = b"xy"
        l[::3] = (3, 4)
        p[1:3] = [-1, -2]
        with pytest.raises(ValueError, match="2 values are replaced, 3 given"):
            l[:2] = b"abc"

    call = called(store, method, "i32 i32 i32 ->")
    call(16, 4, 32)
    assert memory_of(call)[16:20] == b"\x03xy\x04"
    assert memory_of(call)[32:38] == b"\0\0\xff\xff\xfe\xff"


def test_a_pointer_can_be_indexed_and_sliced(store: Store) -> None:
    def method(self: object, p: Ptr[I16]) -> I32:
        assert (p.value, p[0], p[1], (p + 2).value) == (1, 1, 2, 3)
        assert list(p[0:3]) == [1, 2, 3] and list(p[1:3]) == [2, 3] and list(p.slice(0)) == []
        p[3] = -4
        assert (p + 3)[-1] == 3 and p + 3 == p + 1 + 2 and len({p, p + 0}) == 1
        return (p + 3).value

    data = np.array([1, 2, 3, 0], "<i2").tobytes()
    assert called(store, method, "i32 -> i32", data)(16) == -4


@pytest.mark.parametrize("reach", [lambda p: p[1], lambda p: p.slice(2), lambda p: p[-40_000]])
def test_beyond_a_pointer_is_a_trap(store: Store, reach: Callable[[Any], Any]) -> None:
    def method(self: object, p: Ptr[I16]) -> None:
        reach(p)

    with pytest.raises(Trap, match="out of bounds memory access"):
        called(store, method, "i32 ->")(65534)


# ------------------------------------------------------------------ G5: outside of memory


@pytest.mark.parametrize(
    ("kind", "address", "length"),
    [
        (Bytes, 65536, 1),
        (Bytes, 65537, 0),
        (Bytes, 1, 65536),
        (Bytes, TOP, 1),
        (Bytes, TOP, TOP),
        (String, TOP, 2),
        (memoryview, 65535, 2),
        (Array[I32], 0, 16385),
        (Array[I32], 0, 0x4000_0001),  # times 4 is 4 beyond 2^32
        (Array[Point], 0, 0x2000_0001),
        (Array[np.float64], 16, TOP),
        (List[Point], 0, 0x2000_0001),
        (List[Point], TOP, 1),
        (List[String], 65532, 1),
    ],
)
def test_outside_of_memory_is_a_trap_and_nothing_is_called(
    store: Store, kind: Any, address: int, length: int
) -> None:
    seen = []

    def method(self: object, x: Any) -> Errno:
        seen.append(x)
        return Errno.SUCCESS

    method.__annotations__ = {"x": kind, "return": Errno}
    call = called(store, method, "i32 i32 -> i32")
    with pytest.raises(Trap) as caught:
        call(address, length)
    assert caught.value.code == "out of bounds memory access"
    assert str(caught.value.help).startswith("`x` of made.f: ")
    assert [frame.name for frame in caught.value.stack] == ["f"] and seen == []
    assert call(0, 0) == 0


@pytest.mark.parametrize("address", [65535, 65529, TOP])
def test_a_pointer_to_what_is_not_all_there(store: Store, address: int) -> None:
    def method(self: object, p: Ptr[Point]) -> None: ...

    call = called(store, method, "i32 ->")
    with pytest.raises(Trap, match="out of bounds memory access"):
        call(address)
    call(65528)


# ------------------------------------------------------------------ any pointer and length

KINDS: list[tuple[Any, int]] = [
    (Bytes, 1), (memoryview, 1), (Array[I32], 4), (Array[Mixed], 24), (List[Point], 8),
    (List[String], 8), (Array[np.float64], 8),
]  # fmt: skip
near = st.integers(65536 - 30, 65536 + 5) | st.integers(2**32 - 40, 2**32 - 1)
addresses = st.integers(0, 70_000) | near | st.integers(0, TOP)
lengths = st.integers(0, 40) | st.integers(0, TOP) | near


@pytest.mark.parametrize(("kind", "unit"), KINDS, ids=str)
def test_any_pointer_and_length(kind: Any, unit: int) -> None:
    """The method is called if and only if all of it lies in memory."""
    seen: list[int] = []

    def method(self: object, x: Any) -> None:
        seen.append(len(x))

    method.__annotations__ = {"x": kind, "return": None}
    call = called(Store(), method, "i32 i32 ->")

    @settings(max_examples=80, deadline=None)
    @given(addresses, lengths)
    def agrees(address: int, length: int) -> None:
        seen.clear()
        try:
            call(address, length)
        except Trap as trap:
            assert trap.code == "out of bounds memory access" and not seen
            assert address + length * unit > 65536
        else:
            assert seen == [length] and address + length * unit <= 65536

    agrees()


# ------------------------------------------------------------------ structs made of others


BASE = """
from __future__ import annotations
from watloom.host import I32 as Number, wasm_struct
@wasm_struct
class Base:
    x: Number
"""


def test_a_struct_may_have_a_base_of_another_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Annotations that are strings mean what they do where the base is defined."""
    module = ModuleType("base_of_structs")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(BASE, vars(module))

    @wasm_struct
    class Longer(module.Base):  # type: ignore[misc, name-defined]
        y: F64

    codec = struct_codec(Longer)
    assert codec is not None
    assert [(field.name, field.offset) for field in codec.fields] == [("x", 0), ("y", 8)]
