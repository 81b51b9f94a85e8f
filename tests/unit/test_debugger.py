"""The session under `watloom step`: moving, going back to the very same state, looking."""

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import watloom
from watloom import Limits, Linker, Machine, Module, Store, Trap
from watloom.interp.debug.debugger import Reason, Session
from watloom.interp.debug.history import History
from watloom.interp.debug.places import PlaceError
from watloom.interp.debug.probes import Probe
from watloom.interp.debug.views import Views
from watloom.interp.machine.checkpoint import Checkpoint
from watloom.stdlib import granted

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

#: Everything that a program can change: locals, globals, memory and its size, a table, structs.
CHANGES = """(module
  (import "env" "log" (func $log (param i32)))
  (type $node (struct (field $value (mut i32)) (field $next (ref null $node))))
  (memory $mem (export "memory") 1 4)
  (table $table 2 funcref) (elem declare func $once)
  (data $bytes "watloom")
  (global $count (mut i64) (i64.const 0))
  (global $list (mut (ref null $node)) (ref.null $node))
  (func $once (param $i i32)
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (global.set $list (struct.new $node (local.get $i) (global.get $list)))
    (struct.set $node $value (global.get $list) (i32.mul (local.get $i) (i32.const 2)))
    (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $i))
    (table.set $table (i32.and (local.get $i) (i32.const 1)) (ref.func $once))
    (drop (memory.grow (i32.eq (local.get $i) (i32.const 3)))))
  (func (export "run") (param $n i32) (result i32)
    (memory.init $bytes (i32.const 1000) (i32.const 0) (i32.const 7))
    (data.drop $bytes)
    (loop $again
      (call $once (local.get $n))
      (call $log (local.get $n))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (struct.get $node $value (ref.as_non_null (global.get $list))))
  (func (export "divide") (param $a i32) (param $b i32) (result i32) (local $c f32)
    (i32.store (i32.const 8) (local.get $a))
    (i32.div_s (local.get $a)
      (local.get $b)))
  (func $fac (export "fac") (param $n i64) (result i64)
    (if (result i64) (i64.eqz (local.get $n))
      (then (i64.const 1))
      (else
        (i64.mul (local.get $n) (call $fac (i64.sub (local.get $n) (i64.const 1))))))))"""


@pytest.fixture
def logged() -> list[int]:
    """What the program told its host."""
    return []


@pytest.fixture
def start(logged: list[int]) -> Callable[..., Session]:
    """`start("fac", 3)` is a session that has not moved."""
    instance = watloom.instantiate(
        Module(CHANGES, name="changes.wat"), {"env": {"log": logged.append}}
    )
    return lambda name, *values, **options: Session(instance.start(name, *values), **options)


class _Loose(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> Any:
        return pid


def state(session: Session) -> list[Any]:
    """All that the machine is: every object's attributes, other objects by their number."""
    mark = Checkpoint(session.machine)
    records = [mark._root, *mark._records]
    return [_Loose(io.BytesIO(r)).load() for r in records] + list(mark._memories.values())


def line(session: Session) -> int:
    """The line that comes next."""
    frame = session.machine.frame
    return frame.module.valid.module.source.position(frame.code[frame.pc].at)[0]


# ------------------------------------------------------------------ forwards


def test_moving(start: Callable[..., Session]) -> None:
    session = start("fac", 3)
    assert (session.position, session.machine.frame.name, line(session)) == (0, "fac", 29)
    assert session.step().reason is Reason.STEPPED and session.position == 1
    assert session.machine.stack == [3]
    session.step(6)
    assert repr(session.machine.instr) == "call 4"
    before = session.machine.stack[:-1]
    session.over()
    assert session.machine.stack == [*before, 2] and len(session.machine.frames) == 1
    session.back(session.position - 7)
    session.step()
    assert len(session.machine.frames) == 2
    session.out()
    assert session.machine.stack == [3, 2] and len(session.machine.frames) == 1
    assert session.resume().reason is Reason.DONE
    assert session.machine.results == (6,)
    assert session.ended and session.step().reason is Reason.DONE


def test_breakpoints(start: Callable[..., Session]) -> None:
    session = start("fac", 3)
    number = session.breakpoints.add(session.target("$fac"))
    depths = []
    while (stop := session.resume()).reason is Reason.BREAKPOINT:
        assert stop.breakpoint == number
        depths.append(len(session.machine.frames))
    assert depths == [2, 3, 4] and session.machine.results == (6,)

    session.back(session.position)
    del session.breakpoints.targets[number]
    session.breakpoints.add(session.target("30"))
    assert session.resume().reason is Reason.BREAKPOINT and line(session) == 30
    assert session.machine.locals == [0]
    assert session.resume().reason is Reason.DONE


def test_until(start: Callable[..., Session]) -> None:
    session = start("run", 2)
    session.until(session.target("once"))
    assert session.machine.frame.name == "once" and session.machine.frame.pc == 0
    session.until(session.target("changes.wat:13"))
    assert line(session) == 13
    assert str(session.target("28")) == "changes.wat:29"  # the next line with an instruction
    session.until(session.target("fac"))
    assert session.ended


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("facc", "did you mean fac?"),
        ("zzz", "functions: divide, fac, once, run"),
        ("99", "the last one is at line 32"),
        ("other.wat:3", "there is changes.wat"),
    ],
)
def test_no_such_place(start: Callable[..., Session], place: str, said: str) -> None:
    with pytest.raises(PlaceError) as caught:
        start("fac", 3).target(place)
    assert said in caught.value.render()


# ------------------------------------------------------------------ back


@pytest.mark.parametrize("interval", [1, 7, 1000])
def test_back_gives_the_same_state(
    start: Callable[..., Session], logged: list[int], interval: int
) -> None:
    session = start("run", 5, interval=interval)
    states = [state(session)]
    while not session.ended:
        session.step()
        states.append(state(session))
    assert session.machine.results == (2,) and logged == [5, 4, 3, 2, 1]
    while session.position:
        session.back()
        assert state(session) == states[session.position]
    assert session.back().reason is Reason.OLDEST
    assert logged == [5, 4, 3, 2, 1]  # no host function was called again
    for there in (60, 11, 100, 3, 99):
        while session.position < there:
            session.step()
        session.back(session.position - there)
        assert state(session) == states[there]
    session.resume()
    assert session.machine.results == (2,)


def test_back_keeps_who_is_who(start: Callable[..., Session]) -> None:
    """What Python holds of the instance stays right."""
    session = start("run", 3)
    instance: Any = session.machine.module
    memory, log = instance.exports.memory, instance.funcs[0]
    view = memory.view()
    session.resume()
    assert memory.size == 2 and memory[12:13] == b"\3"
    session.back(session.position)
    assert session.machine.module is instance and instance.exports.memory is memory
    assert instance.funcs[0] is log and memory.size == 1 and memory[12:13] == b"\0"
    assert session.machine.store is instance.store and instance.store.memory_bytes == 1 << 16
    assert len(view) == 1 << 16
    assert instance.exports.fac(4) == 24


def test_back_from_a_trap(start: Callable[..., Session]) -> None:
    session = start("divide", 7, 0)
    before = state(session)
    assert session.resume().reason is Reason.RAISED
    assert isinstance(session.error, Trap) and session.ended
    views = Views(session)
    assert next(views.where()) == "#0 divide at changes.wat:26:6"
    assert [row.split() for row in views.locals()] == [
        ["$a", "i32", "7"],
        ["$b", "i32", "0"],
        ["$c", "f32", "0.0"],
    ]
    session.back()
    assert session.error is None and repr(session.machine.instr) == "i32.div_s"
    assert list(views.stack()) == ["divide:", "  i32        0", "  i32        7"]
    session.machine.stack[-1] = 2  # a person may even mend it
    assert session.resume().reason is Reason.DONE and session.machine.results == (3,)
    session.back(session.position)
    assert state(session) == before


def test_fuel_is_given_back() -> None:
    store = Store(limits=Limits(fuel=50))
    imports = {"env": {"log": lambda _: None}}
    instance = watloom.instantiate(CHANGES, imports, store=store)
    session = Session(instance.start("fac", 10))
    assert session.resume().reason is Reason.RAISED
    assert isinstance(session.error, watloom.LimitError) and store.fuel == 2
    assert len(list(Views(session).where())) > 3
    end = session.position
    session.back(10)
    assert store.fuel == 2 + 3 + 6  # two basic blocks
    assert session.resume().reason is Reason.RAISED and session.position == end


def test_history_is_bounded() -> None:
    text = """(module
      (import "env" "tick" (func $tick))
      (memory 16)
      (func (export "run") (param i32)
        (loop (call $tick)
          (i32.store8 (i32.shl (local.get 0) (i32.const 10)) (i32.const 1))
          (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"""
    ticks: list[None] = []
    instance = watloom.instantiate(text, {"env": {"tick": lambda: ticks.append(None)}})
    session = Session(instance.start("run", 1000))
    session.resume()
    assert len(ticks) == 1000 and 0 < session.oldest < session.position
    assert session.back(10**9).reason is Reason.OLDEST
    assert session.position == session.oldest and len(ticks) == 1000

    session = Session(instance.start("run", 1000), budget=3 << 20)
    session.resume()
    assert session.oldest > session.position - 12 * 48  # 48 pages are the budget


def test_marks_at_intervals_are_thinned_out(start: Callable[..., Session]) -> None:
    session = start("fac", 19)
    machine = session.machine
    history = History(machine, interval=1, most=10)
    for position in range(1, 150):
        machine.step()
        history.passed(position, host_called=False)
    assert history.oldest == 0 and history.interval == 16
    assert history.restore(149) > 149 - 2 * 16
    assert history.restore(3) == 0


def test_compiled_code_sees_what_was_restored() -> None:
    """Also that of an instance which the machine does not reach, and what it has linked."""
    store = Store()
    owner = watloom.instantiate(
        """(module
          (table (export "table") 1 funcref) (memory (export "memory") 1)
          (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
          (elem (table 0) (i32.const 0) func $one) (elem declare func $two)
          (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
          (func (export "change")
            (table.set 0 (i32.const 0) (ref.func $two))
            (drop (table.grow 0 (ref.func $two) (i32.const 1)))
            (drop (memory.grow (i32.const 1)))
            (i32.store (i32.const 65536) (i32.const 2))))""",
        store=store,
    )
    user = watloom.instantiate(
        """(module
          (import "owner" "table" (table 1 funcref))
          (import "owner" "load" (func $load (param i32) (result i32)))
          (func (export "call") (param i32) (result i32)
            (call_indirect (result i32) (local.get 0)))
          (func (export "load") (param i32) (result i32) (call $load (local.get 0))))""",
        {"owner": owner},
        store=store,
    )
    machine = owner.start("change")
    mark = Checkpoint(machine)
    for _ in range(2):
        assert (user.exports.call(0), user.exports.load(0)) == (1, 0)
        machine.run()
        assert [user.exports.call(0), user.exports.call(1), user.exports.load(65536)] == [2, 2, 2]
        mark.restore()
        with pytest.raises(Trap, match="undefined element"):
            user.exports.call(1)
        with pytest.raises(Trap, match="out of bounds"):
            user.exports.load(65536)


def test_pages_that_did_not_change_are_kept_once(start: Callable[..., Session]) -> None:
    machine = start("run", 2).machine
    first = Checkpoint(machine)
    machine.run(until=lambda m: m.steps == 10)
    assert first.size > 1 << 16
    assert Checkpoint(machine, first).size > 1 << 16  # the data segment was copied
    second = Checkpoint(machine)
    assert Checkpoint(machine, second).size < 20_000


def test_host_functions_that_raise_and_call_back(start: Callable[..., Session]) -> None:
    calls: list[int] = []

    def log(n: int) -> None:
        calls.append(n)
        if n == 2:
            raise RuntimeError("no twos")
        instance.exports.fac(n)

    instance = watloom.instantiate(CHANGES, {"env": {"log": log}})
    session = Session(instance.start("run", 3))
    assert session.resume().reason is Reason.RAISED
    assert isinstance(session.error, RuntimeError) and calls == [3, 2]
    session.back(5)
    assert session.error is None and session.resume().reason is Reason.RAISED
    assert calls == [3, 2, 2]


def test_an_interrupt_leaves_a_whole_state(start: Callable[..., Session]) -> None:
    class Impatient(Probe):
        def memory_written(self, machine: Machine, *_: Any) -> None:
            if machine.store.probes:  # once
                machine.store.probes.clear()
                raise KeyboardInterrupt

    session = start("divide", 7, 2)
    session.machine.store.probes.append(None)
    session.machine.attach(Impatient())
    assert session.resume().reason is Reason.INTERRUPTED
    assert session.position == 2 and session.machine.stack == [8, 7]
    assert session.resume().reason is Reason.DONE and session.machine.results == (3,)


def test_a_host_function_can_be_the_whole_program() -> None:
    text = '(module (import "env" "f" (func $f (result i32))) (export "f" (func $f)))'
    instance = watloom.instantiate(text, {"env": {"f": lambda: 7}})
    session = Session(instance.start("f"))
    assert session.position == 0 and not session.ended
    assert session.step().reason is Reason.DONE and session.machine.results == (7,)
    session.back()
    assert not session.ended


def test_back_in_the_encrypted_editor(tmp_path: Path) -> None:
    """Closures, structs, four instances, and a host with files of its own."""
    out = io.BytesIO()
    store = Store()
    linker = Linker(store)
    linker.library = granted([(tmp_path, "/")], stdout=out, random=io.BytesIO(bytes(range(256))))
    module = Module.from_file(SAMPLES / "encrypted_editor" / "parent.wat")
    with linker.instantiate(module) as instance:
        session = Session(instance.start("_start"))
        states = {0: state(session)}
        while not session.ended:
            session.step(977)
            states[session.position] = state(session)
        assert out.getvalue().startswith(b"Dear Ada,\n") and session.oldest == 0
        for position in sorted(states, reverse=True):
            session.back(session.position - position)
            assert state(session) == states[position]


# ------------------------------------------------------------------ looking


def test_views(start: Callable[..., Session]) -> None:
    session = start("run", 4)
    views = Views(session)
    session.until(session.target("14"))
    session.step(4)
    assert list(views.here()) == [
        "step 30: in once at changes.wat:14:6",
        " 14 |     (table.set $table (i32.and (local.get $i) (i32.const 1)) (ref.func $once))",
        "    |      ^^^^^^^^^",
    ]
    assert list(views.where())[3] == "#1 run at changes.wat:20:8"
    assert list(views.stack()) == [
        "once:",
        "  (ref (func (param i32))) (ref func $once)",
        "  i32        0",
    ]
    assert list(views.locals()) == ["  $i               i32        4"]
    assert list(views.locals(1)) == ["  $n               i32        4"]
    assert list(views.globals()) == [
        "  $count           i64        1",
        "  $list            (ref null $node) (ref $node #1)",
    ]
    assert list(views.memory(1000, 20)) == [
        "000003e8  77 61 74 6c 6f 6f 6d 00 00 00 00 00 00 00 00 00  |watloom.........|",
        "000003f8  00 00 00 00                                      |....|",
    ]
    assert list(views.value("$list")) == [
        "(ref $node #1) of type (ref null $node)",
        "  $value = 8",
        "  $next = (ref null)",
    ]
    assert list(views.value("i")) == ["4: i32"]
    assert list(views.source(1)) == [
        "    13 |     (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $i))",
        ">   14 |     (table.set $table (i32.and (local.get $i) (i32.const 1)) (ref.func $once))",
        "    15 |     (drop (memory.grow (i32.eq (local.get $i) (i32.const 3)))))",
    ]
    for wrong in (
        lambda: views.value("nothing"),
        lambda: views.memory(1 << 20),
        lambda: views.memory(0, 1, 1),
        lambda: views.locals(9),
    ):
        with pytest.raises(PlaceError):
            list(wrong())
    session.resume()
    with pytest.raises(PlaceError, match="no frame is open"):
        list(views.stack())
