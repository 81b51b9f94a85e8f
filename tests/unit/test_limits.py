"""Limits: both tiers count alike, and stop at the same place with the same state."""

import re

import pytest

import watloom
from watloom import ExhaustionError, LimitError, Limits, Store
from watloom.interp.compile.listing import listing
from watloom.interp.core import types
from watloom.interp.runtime.limits import Metering

TIERS = ("reference", "fast")

COUNTING = """(module
  (memory (export "memory") 1)
  (func $fib (export "fib") (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else
        (i32.add
          (call $fib (i32.sub (local.get $n) (i32.const 1)))
          (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (func (export "fill") (param $k i32) (local $i i32)
    (loop $l
      (i32.store8 (local.get $i) (i32.const 1))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (local.get $k)))))
  (func (export "choose") (param $x i32) (result i32)
    (block $c
      (block $b
        (block $a
          (br_table $a $b $c (local.get $x)))
        (return (i32.const 10)))
      (return (i32.add (i32.const 10) (i32.const 10))))
    (i32.const 30))
  (func (export "none"))
  (func (export "divide") (param $x i32) (result i32)
    (i32.div_u (i32.const 8) (local.get $x)))
  (func $even (export "even") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (return_call $odd (i32.sub (local.get $n) (i32.const 1))))
  (func $odd (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (return_call $even (i32.sub (local.get $n) (i32.const 1)))))"""

ENDLESS = """(module
  (func $f (export "run") (call $f))
  (func (export "spin") (loop (br 0)))
  (func $t (export "tail") (return_call $t)))"""

MODULE = watloom.Module(COUNTING)


def limited(
    text: watloom.Module | str, tier: str, limits: Limits
) -> tuple[watloom.Instance, Store]:
    store = Store(tier=tier, limits=limits)  # type: ignore[arg-type]
    return watloom.instantiate(text, store=store), store


# What a call costs: an instruction each, `block`, `loop`, `else` and `end` nothing.
PRICES = [
    ("none", (), 0),
    ("choose", (0,), 2 + 2),
    ("choose", (1,), 2 + 4),
    ("choose", (9,), 2 + 1),
    ("fill", (5,), 5 * 11),
    ("divide", (0,), 3),  # it traps; its block is paid for
    ("fib", (1,), 4 + 1),
    ("fib", (2,), 4 + 9 + 5 + 5),
    ("even", (1,), 3 + 4 + 3 + 2),
]


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(("name", "args", "price"), PRICES)
def test_what_a_call_costs(name: str, args: tuple[int, ...], price: int, tier: str) -> None:
    instance, store = limited(MODULE, tier, Limits(fuel=1000))
    try:
        instance.exports[name](*args)
    except watloom.Trap:
        assert name == "divide"
    assert store.fuel == 1000 - price


@pytest.mark.parametrize("tier", TIERS)
def test_a_call_runs_with_exactly_its_price(tier: str) -> None:
    for name, args, price in PRICES:
        if name != "divide" and price:
            limited(MODULE, tier, Limits(fuel=price))[0].exports[name](*args)
            with pytest.raises(LimitError, match="out of fuel"):
                limited(MODULE, tier, Limits(fuel=price - 1))[0].exports[name](*args)


def stop(tier: str, name: str, arg: int, fuel: int) -> tuple[object, ...]:
    """The end of a call, the places in its stack, the fuel that is left, and the memory."""
    instance, store = limited(MODULE, tier, Limits(fuel=fuel))
    end: object
    try:
        end = instance.exports[name](arg)
    except LimitError as error:
        end = error.render()
    return end, store.fuel, bytes(instance.exports.memory[0:200])


@pytest.mark.parametrize("name", ["fib", "fill", "even"])
def test_both_tiers_stop_at_the_same_place(name: str) -> None:
    for fuel in range(0, 1200, 7):
        assert stop("reference", name, 100, fuel) == stop("fast", name, 100, fuel)


@pytest.mark.parametrize("tier", TIERS)
def test_where_fuel_ran_out(tier: str) -> None:
    instance, _ = limited(MODULE, tier, Limits(fuel=30))
    with pytest.raises(LimitError) as caught:
        instance.exports.fill(9)
    assert caught.value.render().startswith(
        "<module>:11:6: limit: out of fuel\n 11 |     (loop $l\n    |      ^^^^\n"
    )


@pytest.mark.parametrize("tier", TIERS)
def test_more_fuel_may_be_given(tier: str) -> None:
    instance, store = limited(MODULE, tier, Limits(fuel=0))
    store.fuel = 5
    assert instance.exports.fib(1) == 1 and store.fuel == 0


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("name", ["run", "spin", "tail"])
def test_nothing_runs_for_ever(name: str, tier: str) -> None:
    with pytest.raises(LimitError, match="out of fuel"):
        limited(ENDLESS, tier, Limits(fuel=10_000))[0].exports[name]()
    if name != "run":  # which is exhausted sooner
        with pytest.raises(LimitError, match=r"out of time: 0\.05 seconds are over"):
            limited(ENDLESS, tier, Limits(seconds=0.05))[0].exports[name]()


@pytest.mark.parametrize("tier", TIERS)
def test_a_callback_has_no_time_of_its_own(tier: str) -> None:
    text = """(module (import "host" "again" (func $again))
      (func (export "go") (call $again) (loop (br 0))))"""
    entered = []

    def again() -> None:
        if len(entered) < 3:
            entered.append(1)
            with pytest.raises(LimitError, match="out of time"):
                instance.exports.go()

    store = Store(tier=tier, limits=Limits(seconds=0.1))  # type: ignore[arg-type]
    instance = watloom.instantiate(text, {"host": {"again": again}}, store=store)
    with pytest.raises(LimitError, match="out of time"):
        instance.exports.go()
    assert len(entered) == 3


@pytest.mark.parametrize("tier", TIERS)
def test_depth_counts_open_calls(tier: str) -> None:
    instance, store = limited(ENDLESS, tier, Limits(depth=7))
    for _ in range(2):
        with pytest.raises(ExhaustionError, match="call stack exhausted") as caught:
            instance.exports.run()
        assert [frame.name for frame in caught.value.stack] == ["f"] * 7
    assert store.open_calls == 0


@pytest.mark.parametrize("tier", TIERS)
def test_a_tail_call_is_not_deeper(tier: str) -> None:
    instance, _ = limited(MODULE, tier, Limits(depth=1))
    assert instance.exports.even(501) == 0


@pytest.mark.parametrize("tier", TIERS)
def test_a_deep_limit_is_kept(tier: str) -> None:
    text = """(module (func $f (export "down") (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
        (else (i32.const 0)))))"""
    instance, _ = limited(text, tier, Limits(depth=50_000))
    assert instance.exports.down(49_999) == 49_999
    with pytest.raises(ExhaustionError):
        instance.exports.down(50_000)


@pytest.mark.parametrize("tier", TIERS)
def test_depth_counts_through_the_host(tier: str) -> None:
    text = """(module (import "host" "back" (func $back (param i32) (result i32)))
      (func (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (call $back (i32.sub (local.get 0) (i32.const 1)))))
          (else (i32.const 0)))))"""
    store = Store(tier=tier, limits=Limits(depth=5))  # type: ignore[arg-type]
    host = {"back": lambda n: instance.exports.f(n)}
    instance = watloom.instantiate(text, {"host": host}, store=store)
    assert instance.exports.f(4) == 4
    with pytest.raises(ExhaustionError):
        instance.exports.f(5)
    assert instance.exports.f(4) == 4


def test_memory_and_tables() -> None:
    store = Store(limits=Limits(memory=65536 * 2, table=5))
    text = """(module (memory 1) (table 3 funcref)
      (func (export "memory") (result i32) (memory.grow (i32.const 2)))
      (func (export "table") (result i32) (table.grow (ref.null func) (i32.const 3))))"""
    instance = watloom.instantiate(text, store=store)
    assert (instance.exports.memory(), instance.exports.table()) == (-1, -1)


MANY_TABLES = """(module (table $t 9000000 funcref) (table $u 9000000 funcref)
  (func (export "grow") (param i32) (result i32)
    (table.grow $u (ref.null func) (local.get 0))))"""


@pytest.mark.parametrize("tier", TIERS)
def test_tables_together(tier: str) -> None:
    instance, store = limited(MANY_TABLES, tier, Limits())
    with pytest.raises(LimitError, match="out of table entries: the store's limit is 20000000"):
        watloom.instantiate(MANY_TABLES, store=store)
    more = watloom.instantiate("(module (table 1000001 funcref))", store=store)
    assert [instance.exports.grow(n) for n in (1_000_000, 999_999)] == [-1, 9_000_000]
    with pytest.raises(LimitError, match="all tables together"):
        watloom.instantiate("(module (table 1 funcref))", store=store)
    del instance, more  # what is gone leaves its room to others
    watloom.instantiate(MANY_TABLES, store=store)


@pytest.mark.parametrize("tier", TIERS)
def test_tables_have_a_limit_of_the_embedders(tier: str) -> None:
    text = """(module (table 3 funcref) (table 3 funcref)
      (func (export "grow") (param i32) (result i32)
        (table.grow 0 (ref.null func) (local.get 0))))"""
    instance, _ = limited(text, tier, Limits(tables=8))
    assert [instance.exports.grow(n) for n in (3, 2, 1)] == [-1, 3, -1]
    with pytest.raises(LimitError, match="the store's limit is 5 of all tables together"):
        limited(text, tier, Limits(tables=5))


def test_what_is_restored_counts() -> None:
    text = """(module (table 3 funcref) (func (export "grow") (result i32)
      (table.grow 0 (ref.null func) (i32.const 3))))"""
    instance, _ = limited(text, "reference", Limits(tables=8))
    machine = instance.start("grow")
    copied = machine.copy()
    assert copied.run() and copied.results == (3,)
    tables = copied.store.tables
    assert tables.fits(2, copied.store.most_entries) and not tables.fits(3, 8)


@pytest.mark.parametrize("tier", TIERS)
def test_large_arrays_together(tier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many elements as one array may have; those of arrays in cycles that are gone not."""
    text = """(module
      (rec (type $bytes (array (mut i8)))
           (type $held (struct (field (ref $bytes)) (field (mut (ref null $held))))))
      (global $list (mut (ref null $held)) (ref.null $held))
      (func $array (param $size i32) (result (ref $bytes))
        (array.new_default $bytes (local.get $size)))
      (func (export "keep") (param $size i32)
        (global.set $list
          (struct.new $held (call $array (local.get $size)) (global.get $list))))
      (func (export "tie") (param $size i32) (local $held (ref null $held))
        (local.set $held (struct.new $held (call $array (local.get $size)) (ref.null $held)))
        (struct.set $held 1 (local.get $held) (local.get $held)))
      (func (export "drop") (global.set $list (ref.null $held))))"""
    monkeypatch.setattr("watloom.interp.machine.operations.MAX_ELEMENTS", 100_000)
    guest = limited(text, tier, Limits())[0].exports
    for _ in range(5):
        guest.tie(30_000)
    guest.keep(50_000)
    guest.keep(40_000)
    with pytest.raises(watloom.Trap, match="allocation size too large"):
        guest.keep(11_000)
    guest.keep(4095)
    guest.drop()
    guest.keep(100_000)
    with pytest.raises(watloom.Trap, match="allocation size too large"):
        guest.tie(4096)


@pytest.mark.parametrize("tier", TIERS)
def test_what_the_host_made_counts_where_it_is_used(tier: str) -> None:
    text = """(module (import "host" "memory" (memory 1)) (import "host" "table" (table 1 funcref))
      (func (export "memory") (result i32) (memory.grow (i32.const 1)))
      (func (export "table") (result i32) (table.grow (ref.null func) (i32.const 2))))"""
    store = Store(tier=tier, limits=Limits(memory=2 * 65536, tables=4))  # type: ignore[arg-type]
    host = {
        "memory": watloom.Memory(1),
        "table": watloom.Table(watloom.TableType(types.Limits(1), types.FUNCREF)),
    }
    guest = watloom.instantiate(text, {"host": host}, store=store).exports
    assert [guest.memory(), guest.memory()] == [1, -1]
    assert [guest.table(), guest.table()] == [1, -1]


def test_code_without_limits_counts_nothing() -> None:
    plain = listing(MODULE.valid)
    assert not re.search(r"fuel|clock|store\b", plain)
    fuelled = listing(MODULE.valid, Metering(fuel=True))
    assert "store.fuel -= 4" in fuelled and "clock" not in fuelled
    timed = listing(MODULE.valid, Metering(clock=True))
    assert "if clock() > store.deadline: no_time(store)" in timed and "fuel" not in timed
