"""What each annotation means: its Wasm type, and what a method is given and may give back.

A guest is written around the method: its import has the type that the annotations should have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import watloom
from watloom import HostValueError, Linker, Memory, Store, Trap
from watloom.host import (
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Array,
    Bool,
    Bytes,
    Caller,
    Duration,
    Errno,
    HostModule,
    List,
    Ptr,
    String,
    export,
    utf8,
    wasm_struct,
    wasm_type,
)  # fmt: skip
from watloom.interp.core.types import AbsHeap, RefType

TOP = 0xFFFF_FFFF


@pytest.fixture(params=["fast", "reference"])
def store(request: pytest.FixtureRequest) -> Store:
    return Store(tier=request.param)


Call = Callable[..., Any]


def called(store: Store, method: Call, type: str, data: bytes = b"", pages: int = 1) -> Call:
    """The method as an export of a guest that has `data` at 16, and imports it with a type."""
    method.__name__ = "f"
    Made = __import__("types").new_class(
        "Made", (HostModule,), {"name": "made"}, lambda ns: ns.update(f=export(method))
    )
    params = type.split("->")[0].split()
    text = "".join(f"\\{byte:02x}" for byte in data)
    results = type.split("->")[1]
    instance = Linker(store).instantiate(
        f"""(module
          (import "made" "f" (func $f (param {" ".join(params)}) (result {results})))
          (memory (export "memory") {pages}) (data (i32.const 16) "{text}")
          (func (export "f") (param {" ".join(params)}) (result {results})
            {" ".join(f"(local.get {i})" for i in range(len(params)))} (call $f)))""",
        {"made": Made()},
    )
    call: Call = instance.exports.f
    return call


def memory_of(call: Any) -> Memory:
    """The memory of such a guest."""
    found: Memory = call.module.memories[0]
    return found


# ------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    ("kind", "core", "given", "received", "back"),
    [
        (I8, "i32", 0x1FF, -1, -1),
        (I16, "i32", 0x18000, -0x8000, -0x8000),
        (I32, "i32", TOP, -1, -1),
        (I64, "i64", -1, -1, -1),
        (U8, "i32", -1, 0xFF, 0xFF),
        (U16, "i32", -1, 0xFFFF, 0xFFFF),
        (U32, "i32", -1, TOP, -1),
        (U64, "i64", -1, 2**64 - 1, -1),
        (F32, "f32", 0.1, np.float32(0.1), float(np.float32(0.1))),
        (F64, "f64", 0.1, 0.1, 0.1),
        (float, "f64", -math.inf, -math.inf, -math.inf),
        (Bool, "i32", 7, True, 1),
        (bool, "i32", 0, False, 0),
        (Duration, "i64", 1_500_000, timedelta(microseconds=1500), 1_500_000),
        (timedelta, "i64", -1000, timedelta(microseconds=-1), -1000),
        (np.int16, "i32", 0xFFFF, -1, -1),
        (np.float32, "f32", 0.5, 0.5, 0.5),
    ],
)
def test_scalars(store: Store, kind: Any, core: str, given: Any, received: Any, back: Any) -> None:
    seen = []

    def method(self: object, x: kind) -> kind:  # type: ignore[valid-type]
        seen.append(x)
        return x

    method.__annotations__ = {"x": kind, "return": kind}
    assert called(store, method, f"{core} -> {core}")(given) == back
    assert seen == [received] and type(seen[0]) in (int, float, bool, timedelta)


@pytest.mark.parametrize(
    ("kind", "core", "value", "message"),
    [
        (I8, "i32", 128, "128 does not fit in I8, -128 to 127"),
        (U8, "i32", -1, "-1 does not fit in U8, 0 to 255"),
        (I32, "i32", 1 << 31, "2147483648 does not fit in I32"),
        (I32, "i32", 1.0, "an int is wanted for I32, not 1.0"),
        (U64, "i64", 1 << 64, "does not fit in U64"),
        (I32, "i32", None, "an int is wanted for I32, not None"),
        (F64, "f64", "1", "a number is wanted for f64, not '1'"),
        (Duration, "i64", 3, "a timedelta is wanted for Duration, not 3"),
        (Duration, "i64", timedelta.max, "does not fit in Duration"),
    ],
)
def test_results_that_do_not_fit(
    store: Store, kind: Any, core: str, value: Any, message: str
) -> None:
    def method(self: object) -> Any:
        return value

    method.__annotations__ = {"return": kind}
    with pytest.raises(HostValueError, match=message) as caught:
        called(store, method, f" -> {core}")()
    assert caught.value.message.startswith("the result of made.f: ")


def test_a_result_may_be_any_integer_or_float_of_pythons(store: Store) -> None:
    def method(self: object) -> tuple[I32, F64, F32, Bool]:
        return np.int64(-3), np.float32(0.5), 1, np.bool_(True)  # type: ignore[return-value]

    assert called(store, method, " -> i32 f64 f32 i32")() == (-3, 0.5, 1.0, 1)


def test_several_results_are_a_tuple(store: Store) -> None:
    def method(self: object) -> tuple[I32, I32]:
        return [1, 2]  # type: ignore[return-value]

    with pytest.raises(HostValueError, match="a tuple of 2 values is wanted"):
        called(store, method, " -> i32 i32")()


def test_nothing_is_nothing(store: Store) -> None:
    def method(self: object) -> None:
        return 3  # type: ignore[return-value]

    with pytest.raises(HostValueError, match="there is no result, but it gave back 3"):
        called(store, method, " ->")()


def test_any_number_of_parameters(store: Store) -> None:
    names = [f"p{i}" for i in range(300)]
    namespace: dict[str, Any] = {"I32": I32}
    exec(f"def f(self, {', '.join(f'{n}: I32' for n in names)}) -> I32:\n return p299", namespace)
    call = called(store, namespace["f"], "i32 " * 300 + "-> i32")
    assert call(*range(300)) == 299


# ------------------------------------------------------------------ runs of bytes


def test_bytes_and_text(store: Store) -> None:
    def method(self: object, data: Bytes, text: String, plain: bytes, word: str) -> I32:
        assert (data, text, plain, word) == (b"h\xc3", "hé", b"", "é")
        return 1

    call = called(store, method, "i32 i32 i32 i32 i32 i32 i32 i32 -> i32", "hé".encode())
    assert call(16, 2, 16, 3, 65536, 0, 17, 2) == 1


def test_a_memoryview_is_the_callers_memory(store: Store) -> None:
    def method(self: object, out: memoryview) -> None:
        out[:2] = b"ok"

    call = called(store, method, "i32 i32 ->")
    call(100, 2)
    assert memory_of(call)[99:103] == b"\0ok\0"


def test_bad_utf8_traps(store: Store) -> None:
    def method(self: object, text: String) -> None: ...

    with pytest.raises(Trap) as caught:
        called(store, method, "i32 i32 ->", b"ab\xff")(16, 3)
    where = "`text` of made.f: byte 2 of 3 at 0x10"
    assert caught.value.code == f"malformed UTF-8 encoding in {where}"


def test_bad_utf8_is_an_errno_where_there_is_one(store: Store) -> None:
    def method(self: object, text: String) -> Errno:
        return Errno.SUCCESS

    call = called(store, method, "i32 i32 -> i32", b"ab\xff")
    assert (call(16, 3), call(16, 2)) == (Errno.ILSEQ, 0)


def test_another_policy_for_bad_utf8(store: Store) -> None:
    def method(self: object, text: Annotated[str, utf8("replace")]) -> I32:
        return len(text) if text == "ab\ufffd" else 0

    assert called(store, method, "i32 i32 -> i32", b"ab\xff")(16, 3) == 3


def test_what_may_be_absent(store: Store) -> None:
    def method(self: object, text: String | None, p: Ptr[I32] | None, l: List[U8] | None) -> I32:  # noqa: E741
        return 100 * (text is None) + 10 * (p is None) + (l is None)

    call = called(store, method, "i32 i32 i32 i32 i32 -> i32")
    assert (call(0, 0, 0, 0, 0), call(16, 0, 0, 16, 0), call(16, 0, 4, 16, 2)) == (111, 10, 0)


# ------------------------------------------------------------------ structs


@wasm_struct
class Point:
    x: I32
    y: I32


@wasm_struct
class Mixed:
    """Offsets 0, 8, 16, 18; size 24."""

    flag: Bool
    big: F64
    small: U16
    last: I8


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


# ------------------------------------------------------------------ references, users' own types


def test_any_object_and_any_core_type(store: Store) -> None:
    def method(
        self: object, x: object, n: Annotated[int | None, wasm_type(RefType(True, AbsHeap.I31))]
    ) -> object:
        return [x, n]

    call = called(store, method, "externref i31ref -> externref")
    assert call("x", 5) == ["x", 5] and call(None, None) == [None, None]


class Colour:
    """A parameter and a result of one i32, 0xRRGGBB."""

    wasm_params = wasm_results = "i32"

    def __init__(self, red: int, green: int, blue: int) -> None:
        self.parts = red, green, blue

    @classmethod
    def from_wasm(cls, caller: Caller, rgb: int, /) -> Colour:
        return cls(rgb >> 16, rgb >> 8 & 255, rgb & 255)

    def to_wasm(self) -> int:
        red, green, blue = self.parts
        return red << 16 | green << 8 | blue


class Name:
    """Eight bytes in memory, filled up with zeros."""

    wasm_size = 8

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def load(cls, memory: Memory, address: int, /) -> Name:
        return cls(memory[address : address + 8].rstrip(b"\0").decode())

    def store(self, memory: Memory, address: int, /) -> None:
        memory[address : address + 8] = self.text.encode().ljust(8, b"\0")


@wasm_struct
class Tagged:
    n: U8
    name: Name


def test_types_of_ones_own(store: Store) -> None:
    def method(self: object, c: Colour, names: List[Name], p: Ptr[Tagged]) -> Colour:
        assert [n.text for n in names] == ["one", "two"] and p.value.n == ord("o")
        assert p.value.name.text == "ne" + 5 * "\0" + "t"
        names[0] = Name("three")
        assert names[0].text == "three"
        return Colour(*reversed(c.parts))

    data = b"one".ljust(8, b"\0") + b"two".ljust(8, b"\0") + b"\0"
    call = called(store, method, "i32 i32 i32 i32 -> i32", data)
    assert call(0x010203, 16, 2, 16) == 0x030201


def test_the_caller_takes_no_slot(store: Store) -> None:
    def method(self: object, a: I32, caller: Caller, b: I32) -> I32:
        return len(caller.memory) + a - b

    assert called(store, method, "i32 i32 -> i32")(3, 2) == 65537


def words() -> Iterator[str]:
    yield from ("data", "memory", "len", "_call", "_memory", "call", "f", "result", "x_len", "x")


def test_a_parameter_may_have_any_name(store: Store) -> None:
    names = list(words())
    namespace: dict[str, Any] = {"Bytes": Bytes, "I32": I32}
    params = ", ".join(f"{name}: Bytes" for name in names)
    exec(f"def f(self, {params}) -> I32:\n return ({'+'.join(names)}).count(0)", namespace)
    call = called(store, namespace["f"], "i32 i32 " * len(names) + "-> i32")
    assert call(*[1, 2] * len(names)) == 2 * len(names)  # 20 zeros


def test_it_is_made_once(store: Store) -> None:
    """Adapters are written when the class is defined; instances share the code."""

    class Once(HostModule):
        @export
        def f(self) -> I32:
            return 1

    function = Once.functions["f"]
    find = lambda: None  # noqa: E731
    a, b = (function.bind(Once().f, find, store, find).__code__ for _ in range(2))
    assert a is b and Once.name == "once"
    assert function.source.startswith("# f() -> I32\ndef bind(")
    assert watloom.host.Function is type(function)


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
