"""What numbers and runs of bytes mean: their Wasm types, what a method is given and gives back.

A guest is written around the method: its import has the type that the annotations should have.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Annotated, Any

import numpy as np
import pytest

from host_guest import TOP, called, memory_of
from watloom import HostValueError, Store, Trap
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
    Bool,
    Bytes,
    Duration,
    Errno,
    List,
    Ptr,
    String,
    utf8,
)


@pytest.fixture(params=["fast", "reference"])
def store(request: pytest.FixtureRequest) -> Store:
    return Store(tier=request.param)


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
        (Duration, "i64", 9145440000000001000, timedelta(105850, 0, 1), 9145440000000001000),
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


def test_text_of_another_policy_may_be_absent_too(store: Store) -> None:
    def method(self: object, text: Annotated[str, utf8("replace")] | None) -> I32:
        return -1 if text is None else len(text)

    call = called(store, method, "i32 i32 -> i32", b"a\xff")
    assert (call(0, 3), call(16, 2)) == (-1, 2)
