"""What crosses between Python and Wasm: the conversion table of `runtime.convert`, row by row."""

import math
import struct

import numpy as np
import pytest

import watloom
from watloom import FuncType, GlobalType, HostValueError, LinkError, MemType, Store, TableType
from watloom.interp.core.numerics.bits import f32_from_bits, f32_to_bits, f64_from_bits, f64_to_bits
from watloom.interp.core.types import F32, F64, FUNCREF, I32, I64, Limits

pytestmark = pytest.mark.usefixtures("in_both_tiers")

IDENTITY = """(module
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "v128") (param v128) (result v128) (local.get 0))
  (global (export "vector") (mut v128) (v128.const i32x4 1 2 3 4))
  (func (export "extern") (param externref) (result externref) (local.get 0))
  (func (export "func") (param funcref) (result funcref) (local.get 0))
  (func (export "non-null") (param (ref extern)))
  (func (export "i31") (param i31ref) (result i31ref) (local.get 0))
  (func (export "none"))
  (func (export "two") (result i32 f64) (i32.const 1) (f64.const 2)))"""


@pytest.fixture
def identity() -> watloom.Instance:
    return watloom.instantiate(IDENTITY)


@pytest.mark.parametrize(
    ("name", "given", "back"),
    [
        ("i32", -1, -1),
        ("i32", 0xFFFF_FFFF, -1),
        ("i32", -(2**31), -(2**31)),
        ("i32", True, 1),
        ("i32", np.int16(-3), -3),
        ("i64", 2**64 - 1, -1),
        ("f32", 0.1, 0.10000000149011612),
        ("f32", 1e39, math.inf),
        ("f64", 0.1, 0.1),
        ("f64", 3, 3.0),
        ("v128", bytes(range(16)), bytes(range(16))),
        ("v128", bytearray(16), bytes(16)),
        ("v128", np.array([1.5, -2, 3, 4], "f4"), struct.pack("<4f", 1.5, -2, 3, 4)),
        ("extern", "any object", "any object"),
        ("extern", None, None),
        ("func", None, None),
        ("i31", -5, -5),
    ],
)
def test_values_go_through(
    identity: watloom.Instance, name: str, given: object, back: object
) -> None:
    assert identity.exports[name](given) == back


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("i32", 2**32, "does not fit in i32"),
        ("i32", -(2**31) - 1, "does not fit in i32"),
        ("i32", 1.5, "an int is wanted"),
        ("i32", "1", "an int is wanted"),
        ("i64", 2**64, "does not fit in i64"),
        ("f32", "1", "a number is wanted"),
        ("f64", None, "a number is wanted"),
        ("v128", bytes(15), "16 bytes are wanted for v128, not 15 bytes"),
        ("v128", 7, "16 bytes are wanted for v128, not 7"),
        ("func", print, "has no Wasm type"),
        ("non-null", None, "null does not fit"),
        ("i31", 2**31, "does not fit in 31 bits"),
    ],
)
def test_values_that_do_not_fit_are_type_errors(
    identity: watloom.Instance, name: str, given: object, why: str
) -> None:
    with pytest.raises(HostValueError, match=why) as caught:
        identity.exports[name](given)
    assert isinstance(caught.value, TypeError)


def test_a_vector_in_a_global_is_bytes(identity: watloom.Instance) -> None:
    held = identity.exports.vector
    assert held.value == struct.pack("<4I", 1, 2, 3, 4)
    held.value = bytes(16)
    assert held.value == bytes(16)


def test_a_host_function_takes_and_gives_vectors_as_bytes() -> None:
    text = """(module (import "m" "f" (func $f (param v128) (result v128)))
      (func (export "f") (param v128) (result v128) (call $f (local.get 0))))"""
    turned = watloom.instantiate(text, {"m": {"f": lambda v: v[::-1]}})
    assert turned.exports.f(bytes(range(16))) == bytes(range(15, -1, -1))


def test_results_are_none_one_value_or_a_tuple(identity: watloom.Instance) -> None:
    assert identity.exports.none() is None
    assert identity.exports.two() == (1, 2.0)


def test_the_number_of_arguments_is_checked(identity: watloom.Instance) -> None:
    with pytest.raises(HostValueError, match="takes 1 values, 2 given"):
        identity.exports.i32(1, 2)


def test_an_object_comes_back_itself(identity: watloom.Instance) -> None:
    thing = object()
    assert identity.exports.extern(thing) is thing


@pytest.mark.parametrize("pattern", [0x7FA00001, 0xFFC00000, 0x7F800001, 0xFFFFFFFF])
def test_f32_nans_keep_every_bit_everywhere(pattern: int) -> None:
    seen: list[int] = []

    def host(x: float) -> float:
        seen.append(f32_to_bits(x))
        return x

    instance = watloom.instantiate(
        """(module
          (import "host" "f" (func $host (param f32) (result f32)))
          (memory (export "memory") 1)
          (func $id (param f32) (result f32) (local f32)
            (local.set 1 (local.get 0)) (local.get 1))
          (func (export "run") (param f32) (result i32)
            (f32.store (i32.const 8) (call $host (call $id (local.get 0))))
            (i32.reinterpret_f32 (f32.load (i32.const 8)))))""",
        {"host": {"f": host}},
    )
    result = instance.exports.run(f32_from_bits(pattern))
    assert result & 0xFFFF_FFFF == pattern
    assert seen == [pattern]
    assert struct.unpack("<I", instance.exports.memory[8:12]) == (pattern,)


@pytest.mark.parametrize("pattern", [0x7FF0000000000001, 0xFFF8000000000000, 0x7FF4000000000000])
def test_f64_nans_keep_every_bit_everywhere(identity: watloom.Instance, pattern: int) -> None:
    assert f64_to_bits(identity.exports.f64(f64_from_bits(pattern))) == pattern
    held = watloom.Global(GlobalType(F64, True), f64_from_bits(pattern))
    assert f64_to_bits(held.value) == pattern


def test_an_f64_nan_whose_payload_an_f32_cannot_hold_stays_a_nan(
    identity: watloom.Instance,
) -> None:
    assert math.isnan(identity.exports.f32(f64_from_bits(0x7FF0000000000001)))


# ------------------------------------------------------------------ host-made things


def test_host_made_things_are_shared() -> None:
    memory = watloom.Memory(MemType(Limits(1, 3)))
    table = watloom.Table(TableType(Limits(2), FUNCREF))
    counter = watloom.Global(GlobalType(I32, True), 5)
    instance = watloom.instantiate(
        """(module
          (import "e" "m" (memory 1)) (import "e" "t" (table 2 funcref))
          (import "e" "g" (global $g (mut i32)))
          (func $seven (export "seven") (result i32) (i32.const 7))
          (elem (i32.const 1) func $seven)
          (func (export "run")
            (i32.store8 (i32.const 0) (i32.const 65))
            (global.set $g (i32.add (global.get $g) (i32.const 1)))
            (drop (memory.grow (i32.const 1)))))""",
        {"e": {"m": memory, "t": table, "g": counter}},
    )
    view = memory.view()
    instance.exports.run()
    assert memory[0:1] == b"A" and memory.size == 2
    assert len(view) == 65536 and view[0] == 65  # detached, still readable
    assert counter.value == 6
    assert table[0] is None and table[1]() == 7
    counter.value = -1
    assert counter.value == -1


def test_memory_behaves_like_a_sequence_of_bytes() -> None:
    memory = watloom.Memory(MemType(Limits(1)))
    memory[10:14] = struct.pack("<I", 0x01020304)
    assert memory.numpy("<u4")[0] == 0 and memory.numpy("u1")[10] == 4
    memory.numpy("u1")[0] = 255
    assert memory[0] == 255
    for outside in (65536, -65537, slice(65530, 65540)):
        with pytest.raises(IndexError):
            memory[outside]
    with pytest.raises(ValueError, match="do not fit"):
        memory[0:2] = b"abc"


def test_functions_made_from_python() -> None:
    add = watloom.Func(FuncType((I32, I32), (I32,)), lambda a, b: a + b)
    assert add(2, 3) == 5
    with pytest.raises(HostValueError, match="must give back 2 values"):
        watloom.Func(FuncType((), (I32, I64)), lambda: 1)()
    with pytest.raises(HostValueError, match="has no results"):
        watloom.Func(FuncType(), lambda: 1)()


def test_an_immutable_global_cannot_be_set() -> None:
    with pytest.raises(HostValueError, match="immutable"):
        watloom.Global(GlobalType(F32), 1.0).value = 2.0


def test_values_of_two_stores_do_not_mix() -> None:
    text = '(module (func $f (export "f")) (func (export "id") (param funcref)))'
    one, two = watloom.instantiate(text, store=Store()), watloom.instantiate(text, store=Store())
    with pytest.raises(LinkError, match="another store"):
        two.exports.id(one.exports.f)
    importer = '(module (import "a" "f" (func)))'
    with pytest.raises(LinkError, match="another store"):
        watloom.instantiate(importer, {"a": one}, store=two.store)
    joined = watloom.instantiate(importer, {"a": one})
    assert joined.store is one.store


def test_exceptions_of_host_functions_pass_untouched() -> None:
    class Mine(Exception):
        pass

    def fail() -> None:
        raise Mine("untouched")

    instance = watloom.instantiate(
        """(module (import "h" "fail" (func $fail)) (func (export "run") (call $fail))
             (func (export "ok") (result i32) (i32.const 1)))""",
        {"h": {"fail": fail}},
    )
    with pytest.raises(Mine, match="untouched"):
        instance.exports.run()
    assert instance.exports.ok() == 1


def test_a_host_function_can_call_back_and_recursion_ends_in_exhaustion() -> None:
    deepest = 0

    def again(n: int) -> None:
        nonlocal deepest
        deepest = max(deepest, n)
        instance.exports.run(n + 1)

    instance = watloom.instantiate(
        """(module (import "h" "again" (func $again (param i32)))
             (func (export "run") (param i32) (call $again (local.get 0))))""",
        {"h": {"again": again}},
    )
    with pytest.raises(watloom.ExhaustionError, match="call stack exhausted"):
        instance.exports.run(0)
    assert deepest > 10


def test_the_caller_is_the_instance_whose_code_called() -> None:
    def peek(caller: watloom.Caller, address: int) -> int:
        return int(caller.memory[address])

    instance = watloom.instantiate(
        """(module (import "h" "peek" (func $peek (param i32) (result i32)))
             (memory 1) (data (i32.const 3) "*")
             (func (export "run") (result i32) (call $peek (i32.const 3))))""",
        {"h": {"peek": watloom.Func(FuncType((I32,), (I32,)), peek, access_caller=True)}},
    )
    assert instance.exports.run() == 42
