"""Corners that once were wrong: each test fails without the mend that it came with."""

import copy
import pickle

import pytest

import watloom
from watloom import HostValueError, LimitError, Limits, Store, Trap
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.types import DefType, FuncType
from watloom.interp.machine.snapshot import SnapshotError, restore, snapshot
from watloom.interp.runtime.store import Tier

TIERS: list[Tier] = ["fast", "reference"]


@pytest.mark.parametrize("tier", TIERS)
def test_a_legacy_call_ref_gets_its_type(tier: Tier) -> None:
    from watloom.parser.encode import encode_module

    legacy = DEFAULT.with_(dialect="legacy")
    module = watloom.Module(
        """(module (type $t (func (param i32) (result i32)))
          (func $f (type $t) (get_local 0)) (elem declare func $f)
          (func (export "r") (result i32) (call_ref (i32.const 5) (ref.func $f)))
          (func (export "tail") (result i32) (return_call_ref (i32.const 6) (ref.func $f))))""",
        features=legacy,
    )
    for again in (module, watloom.Module(encode_module(module.valid.module))):
        instance = watloom.instantiate(again, store=Store(tier=tier))
        assert (instance.exports.r(), instance.exports.tail()) == (5, 6)


@pytest.mark.parametrize("null", ["$a", "nofunc"])
@pytest.mark.parametrize("tier", TIERS)
def test_binding_null_traps(tier: Tier, null: str) -> None:
    instance = watloom.instantiate(
        f"""(module (type $a (func (param i32) (result i32))) (type $b (func (result i32)))
          (func (export "f") (result i32)
            (call_ref $b (func.bind $b (i32.const 3) (ref.null {null})))))""",
        store=Store(tier=tier),
    )
    with pytest.raises(Trap, match="null function reference"):
        instance.exports.f()


def test_a_machine_that_trapped_does_not_go_on() -> None:
    instance = watloom.instantiate(
        '(module (func (export "r") (result i32) unreachable (i32.const 7)))'
    )
    machine = instance.start("r")
    for _ in range(2):
        with pytest.raises(Trap, match="unreachable"):
            machine.run()
    with pytest.raises(Trap):
        machine.step()
    assert not machine.done and machine.results == ()


def test_a_step_after_the_end_does_nothing() -> None:
    machine = watloom.instantiate('(module (func (export "r") (result i32) (i32.const 7)))').start(
        "r"
    )
    machine.run()
    machine.step()
    assert machine.done and machine.results == (7,)


def test_the_clock_is_looked_at_however_a_machine_is_run() -> None:
    store = Store(limits=Limits(seconds=0.05))
    machine = watloom.instantiate('(module (func (export "r") (loop (br 0))))', store=store).start(
        "r"
    )
    with pytest.raises(LimitError, match="out of time"):
        machine.run()


def test_a_machine_cannot_be_moved_or_copied_from_its_own_host_function() -> None:
    refused = []

    def host() -> None:
        for attempt in (machine.step, machine.run, machine.copy):
            with pytest.raises(watloom.WatloomError, match="host function") as caught:
                attempt()
            refused.append(caught.value)
        inner = instance.start("one")
        inner.step()
        with pytest.raises(SnapshotError):
            snapshot(inner)  # a Python frame lies below it

    instance = watloom.instantiate(
        """(module (import "h" "f" (func $f)) (func (export "r") (call $f))
             (func (export "one") (result i32) (i32.const 1)))""",
        {"h": {"f": host}},
    )
    machine = instance.start("r")
    machine.run()
    assert len(refused) == 3 and machine.done


def test_a_struct_from_python_is_checked_field_by_field() -> None:
    instance = watloom.instantiate(
        """(module (type $s (struct (field i32) (field (mut f32)) (field i8)))
          (func (export "first") (param (ref $s)) (result i32) (struct.get $s 0 (local.get 0)))
          (func (export "make") (result (ref $s))
            (struct.new $s (i32.const -1) (f32.const 1.5) (i32.const 200))))"""
    )
    t = instance.types[0]
    assert isinstance(t, DefType)
    assert instance.exports.first(watloom.Struct(t, [-5, 1.5, 7])) == -5
    made = instance.exports.make()
    assert (made[0], made[1], made[2], len(made)) == (-1, 1.5, 200, 3)
    for fields in ([2**40, 1.5, 0], [], ["x", 1.0, 0], [1, None, 0]):
        with pytest.raises(HostValueError):
            watloom.Struct(t, fields)
    with pytest.raises(HostValueError, match="type of a struct"):
        watloom.Struct(FuncType(), [])


def test_exports_named_like_methods_of_dict() -> None:
    text = "(module " + "".join(
        f'(func (export "{name}") (result i32) (i32.const {i}))'
        for i, name in enumerate(("get", "items", "keys", "values", "copy", "pop"))
    )
    instance = watloom.instantiate(text + ")")
    assert (instance.exports.get(), instance.exports.items(), instance.exports.pop()) == (0, 1, 5)
    user = '(module (import "m" "keys" (func $k (result i32))) (export "k" (func $k)))'
    assert watloom.instantiate(user, {"m": instance}).exports.k() == 2


def test_machines_are_copied_and_pickled_like_other_values() -> None:
    machine = watloom.instantiate(
        """(module (func (export "r") (param i32) (result i32)
             (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
             (i32.const 3)))"""
    ).start("r", 20)
    machine.run(until=lambda m: m.steps > 30)
    others = [copy.copy(machine), copy.deepcopy(machine), pickle.loads(pickle.dumps(machine))]
    for each in [machine, *others]:
        each.run()
        assert each.results == (3,)
    for nonsense in (b"", b"abc", pickle.dumps(5)):
        with pytest.raises(SnapshotError):
            restore(nonsense)


def test_calls_and_tail_calls_give_back_what_they_took() -> None:
    """A million slots are used in turn; leaked, they would exhaust the machine."""
    locals = "(local " + "i64 " * 1000 + ")"
    text = f"""(module (func $big {locals})
      (func $tail (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.const 9) (return_call $tail (i32.sub (local.get 0) (i32.const 1))))
          (else (i32.const 4))))
      (func (export "r") (param i32) (result i32)
        (loop (call $big)
          (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (call $tail (i32.const 1000))))"""
    machine = watloom.instantiate(text).start("r", 6_000)
    deepest = 0

    def watch(m: watloom.Machine) -> None:
        nonlocal deepest
        deepest = max(deepest, len(m.stack))

    machine.run(until=watch)
    assert machine.results == (4,) and machine.slots == 0
    assert deepest < 10


def test_the_store_s_depth_counts_the_calls_below_a_host_function() -> None:
    def again() -> int:
        return int(instance.exports.deep(6))

    instance = watloom.instantiate(
        """(module (import "h" "again" (func $again (result i32)))
          (func $deep (export "deep") (param i32) (result i32)
            (if (result i32) (local.get 0)
              (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
              (else (i32.const 1))))
          (func (export "r") (result i32) (call $again)))""",
        {"h": {"again": again}},
        store=Store(limits=Limits(depth=7)),
    )
    assert instance.exports.deep(6) == 1
    with pytest.raises(watloom.ExhaustionError):
        instance.exports.r()


@pytest.mark.parametrize(
    ("value", "fits"), [(-(2**30), True), (-(2**30) - 1, False), (2**31 - 1, True)]
)
def test_the_bounds_of_i31(value: int, fits: bool) -> None:
    instance = watloom.instantiate('(module (func (export "f") (param i31ref)))')
    if fits:
        instance.exports.f(value)
    else:
        with pytest.raises(HostValueError, match="31 bits"):
            instance.exports.f(value)


def test_large_rec_groups_take_no_longer_than_their_size() -> None:
    members = "".join(
        f"(type $t{i} (struct (field (ref null $t{(i + 1) % 4000}))))" for i in range(4000)
    )
    one = watloom.Module(f"(module (rec {members}))")
    two = watloom.Module(f"(module (type (func)) (rec {members}))")
    assert one.valid.types[5] is two.valid.types[6]


def test_bytes_of_any_kind_are_a_module() -> None:
    for data in (b"(module)", bytearray(b"(module)"), memoryview(b"\0asm\1\0\0\0")):
        watloom.Module(data)  # type: ignore[arg-type]


@pytest.mark.parametrize("tier", TIERS)
def test_a_64_bit_address_with_its_offset_does_not_wrap(tier: Tier) -> None:
    instance = watloom.instantiate(
        """(module (memory i64 1)
          (func (export "f") (param i64)
            (i32.store offset=0xffffffffffffffff (i64.add (local.get 0) (i64.const 1))
              (i32.const 1))))""",
        store=Store(tier=tier),
    )
    with pytest.raises(Trap, match="out of bounds memory access"):
        instance.exports.f(8)
