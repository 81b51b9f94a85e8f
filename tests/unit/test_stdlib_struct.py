"""The `struct` module: what a guest can and cannot do with its references."""

import pytest

import watloom
from watloom.interp.runtime.values import HostRef
from watloom.stdlib.structs import MAX_FIELDS, structs

pytestmark = pytest.mark.usefixtures("in_both_tiers")

GUEST = """
(module
  (import "struct" "create" (func $create (param i32) (result anyref)))
  (import "struct" "set" (func $set (param anyref i32 funcref)))
  (import "struct" "get" (func $get (param anyref i32) (result funcref)))
  (type $gc (struct (field i32) (field funcref)))
  (type $number (func (result i32)))
  (elem declare func $seven $eight)
  (func $seven (result i32) (i32.const 7))
  (func $eight (result i32) (i32.const 8))

  (func $call (param $struct anyref) (param $field i32) (result i32)
    (call_ref $number
      (ref.cast (ref $number) (call $get (local.get $struct) (local.get $field)))))
  (func (export "two") (result i32 i32 i32)
    (local $one anyref) (local $other anyref)
    (local.set $one (call $create (i32.const 2)))
    (local.set $other (call $create (i32.const 2)))
    (call $set (local.get $one) (i32.const 0) (ref.func $seven))
    (call $set (local.get $other) (i32.const 0) (ref.func $eight))
    (call $set (local.get $one) (i32.const 1) (ref.func $eight))
    (call $call (local.get $one) (i32.const 0))
    (call $call (local.get $other) (i32.const 0))
    (ref.is_null (call $get (local.get $other) (i32.const 1))))

  (export "create" (func $create)) (export "set" (func $set)) (export "get" (func $get))
  (func (export "gc") (result funcref)
    (call $get (struct.new $gc (i32.const 1) (ref.func $seven)) (i32.const 1)))
  (func (export "i31") (result funcref) (call $get (ref.i31 (i32.const 0)) (i32.const 0)))
  (func (export "null") (result funcref) (call $get (ref.null any) (i32.const 0)))
  (func (export "host") (param externref) (result funcref)
    (call $get (any.convert_extern (local.get 0)) (i32.const 0)))
  (func (export "set_gc")
    (call $set (struct.new_default $gc) (i32.const 0) (ref.func $seven)))
  (func (export "look_inside") (result i32)
    (struct.get $gc 0 (ref.cast (ref $gc) (call $create (i32.const 2)))))
  (func (export "is_struct") (result i32)
    (ref.test (ref struct) (call $create (i32.const 2))))
  (func (export "round") (param anyref) (result externref) (extern.convert_any (local.get 0)))
  (func (export "remember") (result i32) (local $s anyref)
    (local.set $s (call $create (i32.const 1)))
    (call $set (local.get $s) (i32.const 0) (ref.func $seven))
    (call $call (local.get $s) (i32.const 0))))
"""


@pytest.fixture
def guest() -> watloom.Instance:
    return watloom.instantiate(GUEST)


def test_each_struct_has_its_own_fields(guest: watloom.Instance) -> None:
    assert guest.exports.two() == (7, 8, 1)


@pytest.mark.parametrize(
    ("what", "trap"),
    [
        ("null", "null structure reference"),
        ("gc", "foreign reference"),
        ("set_gc", "foreign reference"),
        ("i31", "foreign reference"),
    ],
)
def test_other_references_trap(guest: watloom.Instance, what: str, trap: str) -> None:
    with pytest.raises(watloom.Trap, match=trap) as raised:
        guest.exports[what]()
    assert raised.value.stack


@pytest.mark.parametrize("forged", [object(), 1.5, "struct", [None], HostRef("x")])
def test_a_host_object_is_no_struct(guest: watloom.Instance, forged: object) -> None:
    with pytest.raises(watloom.Trap, match="foreign reference"):
        guest.exports.host(forged)


def test_a_struct_is_opaque(guest: watloom.Instance) -> None:
    assert guest.exports.is_struct() == 0
    with pytest.raises(watloom.Trap, match="cast failure"):
        guest.exports.look_inside()


@pytest.mark.parametrize("index", [3, 4, -1, 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_fields_out_of_range_trap(guest: watloom.Instance, index: int) -> None:
    struct = guest.exports.create(3)
    with pytest.raises(watloom.Trap, match="out of bounds field access"):
        guest.exports["get"](struct, index)
    with pytest.raises(watloom.Trap, match="out of bounds field access"):
        guest.exports.set(struct, index, None)
    assert [guest.exports["get"](struct, i) for i in range(3)] == [None] * 3


def test_a_struct_without_fields(guest: watloom.Instance) -> None:
    with pytest.raises(watloom.Trap, match="out of bounds field access: 0 in a struct of 0"):
        guest.exports["get"](guest.exports.create(0), 0)


@pytest.mark.parametrize("count", [MAX_FIELDS + 1, 0x7FFF_FFFF, -1])
def test_absurdly_many_fields_trap(guest: watloom.Instance, count: int) -> None:
    with pytest.raises(watloom.Trap, match="struct too large"):
        guest.exports.create(count)
    assert guest.exports["get"](guest.exports.create(MAX_FIELDS), MAX_FIELDS - 1) is None


def test_python_can_hold_one(guest: watloom.Instance) -> None:
    struct = guest.exports.create(1)
    guest.exports.set(struct, 0, guest.exports.two)
    assert guest.exports["get"](struct, 0)() == (7, 8, 1)
    assert guest.exports.round(struct) is struct
    assert guest.exports.host(struct) is guest.exports.two
    guest.exports.set(struct, 0, None)
    assert guest.exports["get"](struct, 0) is None
    assert repr(struct) == "<struct of 1 functions>"


def test_another_stores_struct_is_refused(guest: watloom.Instance) -> None:
    """At the boundary; and should one ever get past it, by the functions themselves."""
    other = watloom.instantiate(GUEST)
    struct = other.exports.create(1)
    for call in guest.exports.host, guest.exports.round, lambda s: guest.exports["get"](s, 0):
        with pytest.raises(watloom.LinkError, match="belongs to another store"):
            call(struct)
    get = structs(watloom.Store()).exports["get"]
    with pytest.raises(watloom.Trap, match="foreign reference"):
        get.direct.call([struct, 0], None)  # type: ignore[union-attr]


def test_structs_of_one_store_are_everybodys() -> None:
    store = watloom.Store()
    one, other = watloom.instantiate(GUEST, store=store), watloom.instantiate(GUEST, store=store)
    struct = one.exports.create(1)
    other.exports.set(struct, 0, one.exports.two)
    assert one.exports["get"](struct, 0) is one.exports.two


def test_a_copied_machine_has_structs_of_its_own(guest: watloom.Instance) -> None:
    machine = guest.start("remember")
    machine.run(until=lambda m: m.instr is not None and m.instr.op.mnemonic == "ref.func")
    copy = machine.copy()
    struct = machine.locals[0]
    assert (struct.fields, copy.locals[0].fields) == ([None], [None])
    machine.run()
    assert machine.results == (7,)
    assert struct.fields != [None]
    assert copy.locals[0].fields == [None]
    copy.run()
    assert copy.results == (7,)
