"""Typed host modules linked to guests: state, binding, errors, callbacks; in both tiers."""

from collections.abc import Callable

import pytest

import watloom
from watloom import HostValueError, Linker, LinkError, Store, Trap
from watloom.host import I32, Caller, HostModule, Ptr, String, export

pytestmark = pytest.mark.usefixtures("in_both_tiers")


@pytest.fixture(params=["fast", "reference"])
def store(request: pytest.FixtureRequest) -> Store:
    return Store(tier=request.param)


def guest(store: Store, text: str, *modules: HostModule) -> watloom.Instance:
    linker = Linker(store)
    for module in modules:
        linker.add(module)
    return linker.instantiate(text)


class Counter(HostModule, name="counter"):
    """A counter, which remembers whether it was closed."""

    def __init__(self, start: int = 0) -> None:
        self.n = start
        self.closed = 0

    @export
    def next(self) -> I32:
        self.n += 1
        return self.n

    def close(self) -> None:
        self.closed += 1


COUNT = """(module (import "counter" "next" (func $next (result i32)))
  (func (export "next") (result i32) (call $next)))"""


# ------------------------------------------------------------------ G1: binding


def test_each_guest_has_the_object_it_was_linked_to(store: Store) -> None:
    linker = Linker(store)
    linker.add(Counter(10))
    a = linker.instantiate(COUNT)
    b = linker.instantiate(COUNT, {"counter": Counter(start=100)})
    assert [a.exports.next(), b.exports.next(), a.exports.next()] == [11, 101, 12]


def test_two_guests_share_the_state_of_one_object(store: Store) -> None:
    counter = Counter()
    linker = Linker(store)
    linker.add(counter)
    a, b = linker.instantiate(COUNT), linker.instantiate(COUNT)
    assert [a.exports.next(), b.exports.next(), a.exports.next()] == [1, 2, 3]
    assert counter.n == 3


def test_one_class_under_two_names(store: Store) -> None:
    linker = Linker(store)
    linker.add(Counter(10))
    linker.add(Counter(20), name="other")
    both = linker.instantiate("""(module
      (import "counter" "next" (func $a (result i32)))
      (import "other" "next" (func $b (result i32)))
      (func (export "run") (result i32 i32) (call $a) (call $b)))""")
    assert both.exports.run() == (11, 21)


def test_a_start_function_is_bound_too(store: Store) -> None:
    counter = Counter()
    guest(
        store,
        """(module (import "counter" "next" (func $next (result i32)))
          (func $start (drop (call $next))) (start $start))""",
        counter,
    )
    assert counter.n == 1


def test_it_is_closed_with_the_last_guest(store: Store) -> None:
    counter = Counter()
    linker = Linker(store)
    linker.add(counter)
    a, b = linker.instantiate(COUNT), linker.instantiate(COUNT)
    a.close()
    assert counter.closed == 0 and b.exports.next() == 1
    b.close()
    b.close()
    assert counter.closed == 1
    with pytest.raises(LinkError, match="closed") as caught:
        linker.instantiate(COUNT)
    assert "with" in str(caught.value.help)


def test_who_enters_it_closes_it(store: Store) -> None:
    with Counter() as counter:
        for n in (1, 2):
            with guest(store, COUNT, counter) as instance:
                assert instance.exports.next() == n
        assert counter.closed == 0
    assert counter.closed == 1


def test_a_guest_that_cannot_be_linked_closes_it_too(store: Store) -> None:
    counter = Counter()
    with pytest.raises(LinkError):
        guest(store, '(module (import "counter" "nothing" (func)))', counter)
    assert counter.closed == 1


def test_one_object_in_two_stores() -> None:
    counter = Counter()
    a, b = guest(Store(), COUNT, counter), guest(Store(tier="reference"), COUNT, counter)
    assert (a.exports.next(), b.exports.next()) == (1, 2)
    a.close()
    assert counter.closed == 0
    b.close()
    assert counter.closed == 1


def test_a_subclass_has_what_its_base_exports(store: Store) -> None:
    class Twice(Counter):
        def next(self) -> int:
            return 2 * super().next()

        @export
        def reset(self) -> None:
            self.n = 0

    assert Twice.name == "counter" and sorted(Twice.functions) == ["next", "reset"]
    assert guest(store, COUNT, Twice(4)).exports.next() == 10


def test_a_snapshot_finds_host_modules_again() -> None:
    from watloom.interp.machine.snapshot import restore, snapshot

    machine = guest(Store(), COUNT, Counter(4)).start("next")
    again = restore(snapshot(machine), {"counter": Counter(40)})
    copy = machine.copy()
    for made in (machine, again, copy):
        made.run()
    assert (machine.results, again.results, copy.results) == ((5,), (41,), (6,))


# ------------------------------------------------------------------ G4: links


def test_a_wrong_import_shows_both_types() -> None:
    with pytest.raises(LinkError) as caught:
        guest(Store(), '(module (import "counter" "next" (func (param i64))))', Counter())
    assert str(caught.value) == (
        "incompatible import type for `counter` `next`\n"
        "  wanted (func (param i64))\n"
        "  given  (func (result i32))\n"
        "                ^^^^^^^^^^"
    )
    assert [note.text for note in caught.value.notes] == ["in Python: next() -> I32"]


def test_64_bit_addresses_are_told_apart(store: Store) -> None:
    """Pointers are i32: a guest of a 64-bit memory is told so, and can pass them."""
    wide = '(module (import "greeter" "greet" (func (param i64 i64) (result i32))) (memory i64 1))'
    with pytest.raises(LinkError, match="incompatible import type") as caught:
        guest(store, wide, Greeter())
    assert [note.text for note in caught.value.notes] == [
        "in Python: greet(name: String) -> I32",
        "addresses and lengths are i32, also those in 64-bit memories: the guest looks whether "
        "they fit, and gives them by i32.wrap_i64",
    ]
    narrow = """(module (import "greeter" "greet" (func $greet (param i32 i32) (result i32)))
      (memory i64 1) (data (i64.const 16) "Ada")
      (func (export "run") (param i64) (result i32)
        (call $greet (i32.wrap_i64 (local.get 0)) (i32.const 3))))"""
    assert guest(store, narrow, Greeter()).exports.run(16) == 3


def test_what_cannot_be_added_to_a_linker(store: Store) -> None:
    linker = Linker(store)
    with pytest.raises(HostValueError, match="Greeter is a class, and no host module") as caught:
        linker.add(Greeter)
    assert caught.value.help == "make one: linker.add(Greeter())"
    with pytest.raises(HostValueError, match="has no name to be imported by"):
        linker.add({})


def test_a_wrong_name_tells_which_there_are() -> None:
    with pytest.raises(LinkError, match="has `next`") as caught:
        guest(Store(), '(module (import "counter" "nxt" (func)))', Counter())
    assert caught.value.help == "did you mean `next`?"


# ------------------------------------------------------------------ G6: raising


class Calling(HostModule, name="calling"):
    """Calls back into whoever called it."""

    @export
    def back(self, caller: Caller, n: I32) -> I32:
        assert caller.instance is not None
        return caller.instance.exports["callback"](n) + 1  # type: ignore[no-any-return]

    @export
    def through(self, fn: Callable[..., object], n: I32) -> I32:
        return fn(n) * 10  # type: ignore[operator, return-value]

    @export
    def grow(self, caller: Caller, at: Ptr[I32]) -> I32:
        """The callback grows the memory; the pointer is into the memory all the same."""
        assert caller.instance is not None
        caller.instance.exports["grow"]()
        at.value = len(caller.memory)
        return at.value


CALLBACK = """(module
  (import "calling" "back" (func $back (param i32) (result i32)))
  (import "calling" "through" (func $through (param funcref i32) (result i32)))
  (import "calling" "grow" (func $grow (param i32) (result i32)))
  (memory (export "memory") 1)
  (func $callback (export "callback") (param i32) (result i32)
    (i32.div_s (i32.const 100) (local.get 0)))
  (func (export "grow") (drop (memory.grow (i32.const 40))))
  (func (export "back") (param i32) (result i32) (call $back (local.get 0)))
  (func (export "through") (param i32) (result i32)
    (call $through (ref.func $callback) (local.get 0)))
  (func (export "grows") (result i32 i32)
    (call $grow (i32.const 8)) (i32.load (i32.const 8))))"""


def test_callbacks_into_the_guest(store: Store) -> None:
    instance = guest(store, CALLBACK, Calling())
    assert instance.exports.back(5) == 21
    assert instance.exports.through(5) == 200


def test_a_trap_in_a_callback_has_the_frames_of_both_sides(store: Store) -> None:
    instance = guest(store, CALLBACK, Calling())
    with pytest.raises(Trap, match="integer divide by zero") as caught:
        instance.exports.back(0)
    assert [frame.name for frame in caught.value.stack] == ["callback", "back"]
    assert instance.exports.back(5) == 21


def test_memory_that_grows_under_a_host_function(store: Store) -> None:
    assert guest(store, CALLBACK, Calling()).exports.grows() == (41 * 65536, 41 * 65536)


# ------------------------------------------------------------------ the raw form


class Raw(HostModule, name="raw"):
    @export(raw="i32 i64 -> i64")
    def add(self, caller: Caller, a: int, b: int) -> int:
        return a + b

    @export("peek", raw="i32 -> i32 i32")
    def _peek(self, caller: Caller, at: int) -> tuple[int, int]:
        return caller.memory[at], caller.memory[at + 1]

    @export(raw="-> i32")
    def wrong(self, caller: Caller) -> str:
        return "x"


RAW = """(module (import "raw" "add" (func $add (param i32 i64) (result i64)))
  (import "raw" "peek" (func $peek (param i32) (result i32 i32)))
  (import "raw" "wrong" (func $wrong (result i32)))
  (memory 1) (data (i32.const 3) "AB")
  (func (export "add") (param i32 i64) (result i64) (call $add (local.get 0) (local.get 1)))
  (func (export "wrong") (result i32) (call $wrong))
  (func (export "peek") (result i32 i32) (call $peek (i32.const 3))))"""


def test_the_raw_form_has_the_machines_own_numbers(store: Store) -> None:
    instance = guest(store, RAW, Raw())
    assert instance.exports.add(-1, 1) == 1 << 32
    assert instance.exports.peek() == (65, 66)
    with pytest.raises(watloom.HostValueError, match=r"the result of raw\.wrong: an int is wanted"):
        instance.exports.wrong()


# ------------------------------------------------------------------ what one can see


class Greeter(HostModule, name="greeter"):
    @export
    def greet(self, name: String) -> I32:
        return len(name)


def test_a_caller_without_a_memory(store: Store) -> None:
    instance = guest(
        store,
        """(module (import "greeter" "greet" (func $greet (param i32 i32) (result i32)))
          (func (export "run") (result i32) (call $greet (i32.const 0) (i32.const 0))))""",
        Greeter(),
    )
    with pytest.raises(Trap, match="no memory"):
        instance.exports.run()


def test_a_call_from_python_itself_has_no_caller(store: Store) -> None:
    exports = Greeter().instantiate(store).exports
    with pytest.raises(Trap, match="no memory"):
        exports["greet"](0, 0)  # type: ignore[operator]
    assert Counter(1).instantiate(store).exports["next"]() == 2  # type: ignore[operator]


def test_the_caller_is_whoever_makes_the_tail_call(store: Store) -> None:
    """The frame of a tail call is gone, but it was its instance that called."""
    linker = Linker(store)
    linker.add(Raw())
    inner = linker.instantiate("""(module
      (import "raw" "peek" (func $peek (param i32) (result i32 i32)))
      (memory 1) (data (i32.const 3) "in")
      (func (export "peek") (result i32 i32) (return_call $peek (i32.const 3))))""")
    outer = linker.instantiate(
        """(module (import "inner" "peek" (func $peek (result i32 i32)))
      (memory 1) (data (i32.const 3) "ou")
      (func (export "run") (result i32 i32) (call $peek)))""",
        {"inner": inner},
    )
    assert bytes(outer.exports.run()) == b"in"
    assert bytes(inner.exports.peek()) == b"in"
