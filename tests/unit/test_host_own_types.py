"""References, users' own types, the caller, and how adapters are made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NewType

import pytest

import watloom
from host_guest import called
from watloom import HostValueError, Linker, Memory, Store
from watloom.host import (
    I32,
    U8,
    Bytes,
    Caller,
    HostModule,
    List,
    Ptr,
    export,
    wasm_struct,
    wasm_type,
)
from watloom.host.testing import Guest
from watloom.interp.core.types import V128, AbsHeap, RefType


@pytest.fixture(params=["fast", "reference"])
def store(request: pytest.FixtureRequest) -> Store:
    return Store(tier=request.param)


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


class Sum:
    """Two numbers as a parameter, one as a result."""

    wasm_params, wasm_results = "i32 i32", "i64"

    def __init__(self, n: int) -> None:
        self.n = n

    @staticmethod
    def from_wasm(caller: Caller, a: int, b: int, /) -> Sum:
        return Sum(a + b)

    def to_wasm(self) -> int:
        return self.n


class Here:
    """A parameter of no slots: the size of the caller's memory."""

    wasm_params = ""

    @classmethod
    def from_wasm(cls, caller: Caller, /) -> int:
        return len(caller.memory)


def test_a_type_may_differ_as_parameter_and_as_result(store: Store) -> None:
    def method(self: object, s: Sum, size: Here) -> Sum:
        return Sum(s.n + size)  # type: ignore[operator]

    assert called(store, method, "i32 i32 -> i64")(20, 22) == 65578


def test_the_test_kit_gives_slots_where_a_type_cannot(store: Store) -> None:
    class Adder(HostModule):
        @export
        def add(self, s: Sum, size: Here) -> Sum:
            return s

    assert Guest().call(Adder(), "add", (1, 2), None) == (3,)
    with pytest.raises(HostValueError, match="its 2 values are wanted as a tuple"):
        Guest().call(Adder(), "add", Sum(3), None)


Id = NewType("Id", U8)


def test_a_new_name_for_a_type(store: Store) -> None:
    def method(self: object, x: Id) -> Id:
        return x

    assert called(store, method, "i32 -> i32")(0x105) == 5


def test_methods_named_as_adapters_name_their_own(store: Store) -> None:
    class Odd(HostModule):
        @export
        def _call(self, text: Bytes) -> I32:
            return len(text)

        @export
        def _len(self, text: Bytes) -> I32:
            return len(text)

    assert [Guest().call(Odd(), name, b"abc") for name in ("_call", "_len")] == [3, 3]


def test_a_core_value_that_does_not_fit_says_of_what(store: Store) -> None:
    def method(self: object) -> Annotated[bytes, wasm_type(V128)]:
        return b"123"

    words = r"^the result of made\.f: 16 bytes are wanted for v128, not 3 bytes$"
    with pytest.raises(HostValueError, match=words):
        called(store, method, "-> v128")()


def test_an_empty_name_is_a_name(store: Store) -> None:
    class Nameless(HostModule, name=""):
        @export("")
        def f(self) -> I32:
            return 5

    linker = Linker(store)
    linker.add(Nameless())
    text = '(module (import "" "" (func $f (result i32))) (export "f" (func $f)))'
    assert linker.instantiate(text).exports.f() == 5
