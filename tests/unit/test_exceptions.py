"""Exceptions: what is caught and what is not, in both tiers; how they meet the host."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import watloom
from commandline import CommandLine, cli
from watloom import ExhaustionError, FuncType, HostValueError, LinkError, Store, Trap, WasmException
from watloom.interp.compile.emit import compile_function
from watloom.interp.core.types import F32, I32, I64
from watloom.interp.machine.checkpoint import Checkpoint
from watloom.interp.machine.snapshot import restore, snapshot
from watloom.interp.runtime.store import Tier

__all__ = ["cli"]


@pytest.fixture(params=["reference", "fast"])
def make(request: pytest.FixtureRequest) -> Callable[..., watloom.Instance]:
    """Makes an instance of a module's fields, in a store of the tier."""
    tier: Tier = request.param

    def made(fields: str, imports: Any = None, **store: Any) -> watloom.Instance:
        return watloom.instantiate(
            f"(module {fields})", imports or {}, store=Store(tier=tier, **store)
        )

    return made


# ------------------------------------------------------------------ what is caught


def test_each_clause_gives_what_it_says(make: Callable[..., watloom.Instance]) -> None:
    run = make(
        """(tag $pair (param i32 i64)) (tag $other)
           (func $throw (param i32)
             (if (local.get 0) (then (throw $pair (i32.const 7) (i64.const 8))))
             (throw $other))
           (func (export "catch") (param i32) (result i32 i64)
             (block $h (result i32 i64)
               (try_table (catch $pair $h) (call $throw (local.get 0)))
               (i32.const 0) (i64.const 0)))
           (func (export "catch_ref") (param i32) (result i32 i64 i32)
             (block $h (result i32 i64 exnref)
               (try_table (catch_ref $pair $h) (call $throw (local.get 0)))
               (i32.const 0) (i64.const 0) (ref.null exn))
             (ref.is_null))
           (func (export "catch_all") (param i32) (result i32)
             (block $h
               (try_table (catch_all $h) (call $throw (local.get 0)))
               (return (i32.const 0)))
             (i32.const 1))
           (func (export "catch_all_ref") (param i32) (result i32)
             (block $h (result exnref)
               (try_table (catch_all_ref $h) (call $throw (local.get 0)))
               (ref.null exn))
             (ref.is_null))"""
    ).exports
    assert run["catch"](1) == (7, 8)
    assert run.catch_ref(1) == (7, 8, 0)
    assert (run.catch_all(1), run.catch_all(0)) == (1, 1)
    assert (run.catch_all_ref(1), run.catch_all_ref(0)) == (0, 0)
    for name in ("catch", "catch_ref"):
        with pytest.raises(WasmException, match=r"^tag other$"):
            run[name](0)


NESTED = """(tag $e (param i32))
  (func (export "run") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (block $out (result i32)
        (try_table (result i32) (catch $e $out)
          (local.set $sum (i32.add (local.get $sum) (i32.const 100)))
          (loop $inner
            (if (i32.and (local.get $n) (i32.const 1))
              (then (throw $e (local.get $n))))
            (br_if $again (i32.and (local.tee $n (i32.sub (local.get $n) (i32.const 1)))
                                   (i32.const 2)))
            (br_if $inner (local.get $n)))
          (return (local.get $sum))))
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))"""


def test_loops_within_and_around_see_the_locals(make: Callable[..., watloom.Instance]) -> None:
    def expected(n: int) -> int:
        total = 0
        while True:
            total += 100
            while True:
                if n & 1:
                    total += n
                    n -= 1
                    if not n:
                        return total
                    break
                n -= 1
                if n & 2:
                    break
                if not n:
                    return total

    run = make(NESTED).exports.run
    assert [run(n) for n in range(1, 20)] == [expected(n) for n in range(1, 20)]


def test_effects_stay_on_their_side_of_a_border(make: Callable[..., watloom.Instance]) -> None:
    """What was pushed before the try_table was computed before it; what traps, traps inside."""
    instance = make(
        """(tag $e) (memory (export "memory") 1) (global $g (mut i32) (i32.const 1))
           (func $set (global.set $g (i32.const 50)) (i32.store (i32.const 0) (i32.const 9))
             (throw $e))
           (func (export "before") (result i32)
             (i32.add (global.get $g) (i32.load (i32.const 0)))
             (block $h (try_table (catch_all $h) (call $set)))
             (i32.add (global.get $g))
             (i32.add (i32.load (i32.const 0))))
           (func (export "inside") (param $a i32) (result i32) (local $x i32)
             (block $h
               (try_table (catch $e $h)
                 (local.set $x (i32.const 1))
                 (local.set $x (i32.div_u (i32.const 10) (local.get $a)))
                 (if (i32.eq (local.get $a) (i32.const 2)) (then (throw $e)))
                 (local.set $x (i32.const 77))))
             (local.get $x))
           (func (export "dropped") (param $a i32) (result i32)
             (block $h
               (try_table (catch_all $h)
                 (i32.div_u (i32.const 10) (local.get $a))
                 (throw $e)))
             (i32.const 5))"""
    )
    assert instance.exports.before() == 1 + 50 + 9
    assert (instance.exports.inside(2), instance.exports.inside(5)) == (5, 77)
    assert instance.exports.dropped(1) == 5
    for name in ("inside", "dropped"):
        with pytest.raises(Trap, match="integer divide by zero"):
            instance.exports[name](0)


def test_tail_calls_leave_the_try_table(make: Callable[..., watloom.Instance]) -> None:
    run = make(
        """(tag $e) (type $f (func (param i32) (result i32)))
           (func $count (type $f) (if (i32.eqz (local.get 0)) (then (throw $e)))
             (return_call $count (i32.sub (local.get 0) (i32.const 1))))
           (table funcref (elem $count))
           (func $plain (param i32) (result i32)
             (block $h (try_table (catch_all $h) (return_call $count (local.get 0)))) (i32.const 1))
           (func (export "caught") (param i32) (result i32)
             (block $h
               (try_table (catch $e $h) (return (call $plain (local.get 0)))))
             (i32.const 2))
           (func (export "indirect") (param i32) (result i32)
             (block $h
               (try_table (catch $e $h)
                 (return (call_indirect (type $f) (local.get 0) (i32.const 0)))))
             (i32.const 3))"""
    ).exports
    assert (run.caught(30_000), run.indirect(30_000)) == (2, 3)


def test_throw_ref_throws_the_same_again(make: Callable[..., watloom.Instance]) -> None:
    run = make(
        """(tag $e (param i32)) (global $kept (mut exnref) (ref.null exn))
           (func (export "keep") (param i32)
             (block $h (result i32 exnref)
               (try_table (catch_ref $e $h) (throw $e (local.get 0))) (unreachable))
             (global.set $kept) (drop))
           (func (export "again") (result i32)
             (block $h (result i32)
               (try_table (result i32) (catch $e $h) (throw_ref (global.get $kept)))))"""
    ).exports
    with pytest.raises(Trap, match="null exception reference"):
        run.again()
    run.keep(5)
    assert (run.again(), run.again()) == (5, 5)


def test_very_deep_nesting_compiles_in_linear_space(make: Callable[..., watloom.Instance]) -> None:
    depth = 5000
    text = "(try_table (catch $f 0) " * depth + "(throw $e)" + ")" * depth
    run = make(
        f"""(tag $e) (tag $f)
            (func (export "run") (result i32)
              (block $h (try_table (catch $e $h) {text})) (i32.const 1))"""
    ).exports.run
    assert run() == 1


@pytest.mark.parametrize("depth", [17, 18, 19, 21, 200])
def test_deep_nesting(make: Callable[..., watloom.Instance], depth: int) -> None:
    """Each level catches a tag of its own, and counts what passes it by."""
    tags = "".join(f"(tag $e{i})" for i in range(depth))
    throws = "".join(
        f"(if (i32.eq (local.get 0) (i32.const {i})) (then (throw $e{i})))" for i in range(depth)
    )
    opened = "".join(f"(block $h{i} (try_table (catch $e{i} $h{i})" for i in range(depth))
    closed = "".join(
        f") (return (i32.const -1))) (local.set $n (i32.add (local.get $n) (i32.const {i + 1})))"
        f"(return (local.get $n))"
        for i in reversed(range(depth))
    )
    run = make(
        f"""{tags} (func (export "run") (param i32) (result i32) (local $n i32)
              {opened} {throws} {closed})"""
    ).exports.run
    assert [run(i) for i in range(0, depth, 7)] == [i + 1 for i in range(0, depth, 7)]
    assert run(depth) == -1


def test_recursion_unwinds_many_frames(make: Callable[..., watloom.Instance]) -> None:
    run = make(
        """(tag $e (param i32))
           (func $down (param $n i32)
             (if (i32.eqz (local.get $n)) (then (throw $e (i32.const 42))))
             (call $down (i32.sub (local.get $n) (i32.const 1))))
           (func (export "run") (param $n i32) (result i32)
             (block $h (result i32)
               (try_table (catch $e $h) (call $down (local.get $n))) (i32.const 0)))"""
    ).exports.run
    assert [run(5000) for _ in range(3)] == [42, 42, 42]


# ------------------------------------------------------------------ what is not


CATCHER = """(import "h" "f" (func $f)) (tag (export "e"))
  (func $deep (call $deep))
  (func (export "host") (result i32)
    (block $h (try_table (catch_all $h) (call $f)) (return (i32.const 0))) (i32.const 1))
  (func (export "trap") (result i32)
    (block $h (try_table (catch_all $h) (unreachable))) (i32.const 1))
  (func (export "exhaust") (result i32)
    (block $h (try_table (catch_all $h) (call $deep))) (i32.const 1))
  (func (export "ok") (result i32) (i32.const 3))"""


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ValueError, ZeroDivisionError, IndexError])
def test_host_exceptions_are_not_caught(
    make: Callable[..., watloom.Instance], kind: type[BaseException]
) -> None:
    error = kind("mine")

    def fail() -> None:
        raise error

    instance = make(CATCHER, {"h": {"f": fail}})
    with pytest.raises(kind) as caught:
        instance.exports.host()
    assert caught.value is error
    assert instance.exports.ok() == 3


def test_traps_and_exhaustion_are_not_caught(make: Callable[..., watloom.Instance]) -> None:
    instance = make(CATCHER, {"h": {"f": lambda: None}})
    with pytest.raises(Trap, match="unreachable"):
        instance.exports.trap()
    with pytest.raises(ExhaustionError):
        instance.exports.exhaust()
    assert instance.exports.host() == 0


def test_other_errors_of_the_host_are_not_caught(make: Callable[..., watloom.Instance]) -> None:
    """A host function's call back into a guest traps: that is the outer call's trap too."""
    inner = watloom.instantiate('(module (func (export "f") unreachable))')
    instance = make(CATCHER, {"h": {"f": lambda: inner.exports.f()}})
    with pytest.raises(Trap, match="unreachable"):
        instance.exports.host()


# ------------------------------------------------------------------ with the host


HOSTED = """(import "h" "tag" (tag $e (param i32 f32)))
  (import "h" "f" (func $f (param i32)))
  (tag $own (param i64))
  (func (export "run") (param i32) (result i32 f32)
    (block $h (result i32 f32)
      (try_table (catch $e $h) (call $f (local.get 0))) (i32.const 0) (f32.const 0)))
  (func (export "again") (param i32)
    (block $h (result exnref)
      (try_table (catch_all_ref $h) (call $f (local.get 0))) (return))
    (throw_ref))
  (func $own (export "own") (throw $own (i64.const -1)))
  (func (export "outer") (call $own))"""


def test_a_host_function_throws(make: Callable[..., watloom.Instance]) -> None:
    tag = watloom.Tag(FuncType((I32, F32)))
    other = watloom.Tag(FuncType(), name="other")
    raised: list[WasmException] = []

    def throw(what: int) -> None:
        if what == 0:
            raised.append(WasmException(tag, (-5, 0.1)))
        elif what == 1:
            raised.append(WasmException(other))
        elif what == 2:
            raised.append(WasmException(tag, (1 << 40, 0)))
        else:
            raised.append(WasmException("no tag"))
        raise raised[-1]

    exports = make(HOSTED, {"h": {"tag": tag, "f": throw}}).exports
    assert exports.run(0) == (-5, 0.10000000149011612)
    with pytest.raises(WasmException, match=r"^tag other$") as passed:
        exports.run(1)
    assert passed.value is raised[-1]
    with pytest.raises(WasmException) as thrown:
        exports.again(0)
    assert thrown.value.tag is tag
    assert thrown.value.values == (-5, 0.10000000149011612)
    with pytest.raises(HostValueError, match="does not fit in i32"):
        exports.run(2)
    with pytest.raises(HostValueError, match="takes a tag, not 'no tag'"):
        exports.run(3)


def test_a_tag_of_another_store_is_an_error(make: Callable[..., watloom.Instance]) -> None:
    tag = watloom.Tag(FuncType((I32, F32)))
    foreign = watloom.instantiate('(module (tag (export "t")))').exports.t

    def throw(what: int) -> None:
        raise WasmException(foreign)

    exports = make(HOSTED, {"h": {"tag": tag, "f": throw}}).exports
    with pytest.raises(LinkError, match="another store"):
        exports.run(0)


def test_an_uncaught_exception_tells_its_stack(make: Callable[..., watloom.Instance]) -> None:
    tag = watloom.Tag(FuncType((I32, F32)))
    exports = make(HOSTED, {"h": {"tag": tag, "f": lambda n: None}}).exports
    with pytest.raises(WasmException) as caught:
        exports.outer()
    error = caught.value
    assert (error.values, str(error)) == ((-1,), "tag own with -1")
    assert [frame.name for frame in error.stack] == ["own", "outer"]
    assert error.span and error.source and error.source.text
    assert error.source.text[error.span.start :].startswith("throw $own")
    with pytest.raises(WasmException):
        exports.own()


def test_through_the_host_and_out_again(make: Callable[..., watloom.Instance]) -> None:
    """guest → host → guest: the outer guest catches, or the very same error comes out."""
    inner = make(
        """(tag $e (export "e") (param i32))
           (func $t (param i32) (throw $e (local.get 0)))
           (func (export "f") (param i32) (call $t (local.get 0)))"""
    )
    seen: list[WasmException] = []

    def back(n: int) -> None:
        try:
            inner.exports.f(n)
        except WasmException as error:
            seen.append(error)
            raise

    outer = watloom.instantiate(
        """(module (import "h" "e" (tag $e (param i32))) (import "h" "f" (func $f (param i32)))
             (func (export "catch") (param i32) (result i32)
               (block $h (result i32)
                 (try_table (catch $e $h) (call $f (local.get 0))) (i32.const 0)))
             (func (export "pass") (param i32) (try_table (call $f (local.get 0)))))""",
        {"h": {"e": inner.exports.e, "f": back}},
        store=inner.store,
    )
    assert outer.exports["catch"](9) == 9
    with pytest.raises(WasmException) as caught:
        outer.exports["pass"](8)
    assert caught.value is seen[-1]
    assert [frame.name for frame in caught.value.stack] == ["t", "f", "pass"]


def test_one_tier_catches_what_the_other_throws(make: Callable[..., watloom.Instance]) -> None:
    """A probe attached by the host function makes the inner call a reference machine's."""
    made = make(
        """(import "h" "f" (func $f (param i32))) (tag $e (param i32))
           (func (export "throw") (param i32) (throw $e (local.get 0)))
           (func (export "run") (param i32) (result i32)
             (block $h (result i32)
               (try_table (catch $e $h) (call $f (local.get 0))) (i32.const 0)))""",
        {"h": {"f": lambda n: flip(n)}},
    )

    def flip(n: int) -> None:
        store = made.store
        tier, store.tier = store.tier, "reference" if store.tier == "fast" else "fast"
        try:
            made.exports.throw(n)
        finally:
            store.tier = tier

    assert made.exports.run(11) == 11


def test_imports_and_exports_of_tags_link(make: Callable[..., watloom.Instance]) -> None:
    one = make('(tag $t (export "t") (param i64)) (export "u" (tag $t))')
    assert repr(one.exports.t) == "<tag t>"
    assert one.exports.t is one.exports.u
    with pytest.raises(LinkError, match="incompatible import type"):
        watloom.instantiate('(module (import "m" "t" (tag (param i32))))', {"m": one})
    with pytest.raises(LinkError, match="given  7, a Python int") as caught:
        watloom.instantiate('(module (import "m" "t" (tag (param i32))))', {"m": {"t": 7}})
    assert "wanted (tag (param i32))" in caught.value.message
    assert caught.value.help and caught.value.help.startswith("a tag is made with watloom.Tag")
    with pytest.raises(HostValueError, match="no results"):
        watloom.Tag(FuncType((), (I64,)))


def test_module_linking_passes_tags(make: Callable[..., watloom.Instance]) -> None:
    run = make(
        """(module $LIB (tag (export "e") (param i32))
             (func (export "throw") (param i32) (throw 0 (local.get 0))))
           (module $APP
             (import "lib" (instance $lib (export "e" (tag (param i32)))
                                          (export "throw" (func (param i32)))))
             (func (export "run") (param i32) (result i32)
               (block $h (result i32)
                 (try_table (catch (tag $lib "e") $h)
                   (call (func $lib "throw") (local.get 0)))
                 (i32.const 0))))
           (instance $one (instantiate $LIB))
           (instance $two (instantiate $LIB))
           (alias $one "e" (tag $e))
           (instance $app (instantiate $APP (import "lib" (instance $one))))
           (func (export "other") (param i32)
             (block $h (result i32)
               (try_table (catch $e $h) (call (func $two "throw") (local.get 0))) (return))
             (drop))
           (export "run" (func $app "run"))"""
    ).exports
    assert run.run(4) == 4
    with pytest.raises(WasmException):
        run.other(1)


# ------------------------------------------------------------------ the machine and the shell


def test_a_machine_is_copied_and_restored_with_exceptions_in_it() -> None:
    instance = watloom.instantiate(
        """(module (tag $e (param i32))
             (func $throw (throw $e (i32.const 6)))
             (func (export "run") (result i32) (local $x exnref) (local $n i32)
               (block $h (result i32 exnref)
                 (try_table (catch_ref $e $h) (call $throw)) (unreachable))
               (local.set $x) (local.set $n)
               (block $h (result i32)
                 (try_table (result i32) (catch $e $h) (throw_ref (local.get $x))))
               (i32.add (local.get $n))))"""
    )
    machine = instance.start("run")
    while not machine.done:
        copied, restored = machine.copy(), restore(snapshot(machine))
        copied.run()
        restored.run()
        assert copied.results == restored.results == (12,)
        machine.step()
    assert machine.results == (12,)


def test_the_command_line_tells_of_an_uncaught_exception(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "boom.wat"
    file.write_text(
        "(module (tag $overflow (param i32 f64))\n  (func $add (param i32)\n"
        "    (throw $overflow (local.get 0) (f64.const 2.5)))\n"
        '  (func (export "run") (param i32) (call $add (local.get 0))))\n'
    )
    for tier in ("fast", "reference"):
        done = cli("run", "--tier", tier, "--invoke", "run", file, 3)
        assert done.status == 134
        assert done.err == (
            f"{file}:3:6: uncaught exception: tag overflow with 3, 2.5\n"
            "  3 |     (throw $overflow (local.get 0) (f64.const 2.5)))\n"
            "    |      ^^^^^\n"
            f"  in add at {file}:3:6\n  in run at {file}:4:37\n"
        )


def test_a_trace_tells_what_is_caught(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "t.wat"
    file.write_text(
        "(module (tag $e (param i32)) (func $f (throw $e (i32.const 7)))\n"
        '  (func (export "run") (result i32)\n'
        "    (block $h (result i32)\n"
        "      (try_table (catch $e $h) (catch_all 0) (call $f)) (i32.const 0))))\n".replace(
            " (catch_all 0)", ""
        )
    )
    done = cli("trace", "--invoke", "run", file)
    assert "try_table (catch $e $h)" in done.out
    assert "catch $e 7\n" in done.out


# ------------------------------------------------------------------ the compiled form


def compiled(module: watloom.Module, index: int) -> str:
    return compile_function(module.valid, module.valid.funcs[index]).source


def test_a_try_table_becomes_python_s_try() -> None:
    module = watloom.Module(
        """(module (tag $e (param i32)) (func $f (param $n i32) (throw $e (local.get $n)))
             (func (param $n i32) (result i32)
               (block $h (result i32)
                 (try_table (result i32) (catch $e $h) (call $f (local.get $n)) (i32.const 1)))))"""
    )
    assert "raise Thrown(Exn(T[0], [n_], store))" in compiled(module, 0)
    assert (
        "        try:\n"
        "            f0_f(n_)\n"
        "            r1 = 1\n"
        "        except Thrown as thrown:\n"
        "            x2 = thrown.args[0]\n"
        "            if x2.tag is not T[0]: raise\n"
    ) in compiled(module, 1)


def test_both_tiers_spend_the_same_fuel() -> None:
    left = []
    for tier in ("fast", "reference"):
        store = Store(tier=tier, limits=watloom.Limits(fuel=10_000))  # type: ignore[arg-type]
        run = watloom.instantiate(f"(module {NESTED})", store=store).exports.run
        left.append([(run(n), store.fuel) for n in range(1, 20)])
    assert left[0] == left[1]


def test_a_trap_tells_each_frame_once_through_the_host(
    make: Callable[..., watloom.Instance],
) -> None:
    inner = make('(func $t unreachable) (func (export "f") (call $t))')
    outer = watloom.instantiate(
        """(module (import "h" "f" (func $f)) (func (export "run") (call $f)))""",
        {"h": {"f": lambda: inner.exports.f()}},
        store=inner.store,
    )
    with pytest.raises(Trap) as caught:
        outer.exports.run()
    assert [frame.name for frame in caught.value.stack] == ["t", "f", "run"]


# ------------------------------------------------------------------ exnref as any other reference


def test_exceptions_are_kept_wherever_references_are(make: Callable[..., watloom.Instance]) -> None:
    exports = make(
        """(tag $e (param i32)) (table $t 4 exnref) (global $g (mut exnref) (ref.null noexn))
           (type $box (struct (field (mut exnref)))) (type $row (array (mut exnref)))
           (func $caught (param $n i32) (result (ref exn))
             (block $h (result (ref exn))
               (try_table (catch_all_ref $h) (throw $e (local.get $n))) (unreachable)))
           (func $value (param $x exnref) (result i32)
             (block $h (result i32)
               (try_table (result i32) (catch $e $h) (throw_ref (local.get $x)))))
           (func (export "run") (result i32) (local $box (ref $box)) (local $row (ref $row))
             (table.set $t (i32.const 2) (call $caught (i32.const 1)))
             (global.set $g (call $caught (i32.const 20)))
             (local.set $box (struct.new $box (call $caught (i32.const 300))))
             (local.set $row (array.new $row (call $caught (i32.const 4000)) (i32.const 3)))
             (call $value (table.get $t (i32.const 2)))
             (i32.add (call $value (global.get $g)))
             (i32.add (call $value (struct.get $box 0 (local.get $box))))
             (i32.add (call $value (array.get $row (local.get $row) (i32.const 1))))
             (i32.add (ref.test (ref exn) (table.get $t (i32.const 2))))
             (i32.add (ref.test (ref exn) (table.get $t (i32.const 1)))))
           (func (export "give") (result exnref) (call $caught (i32.const 9)))
           (func (export "take") (param exnref) (result i32) (call $value (local.get 0)))"""
    ).exports
    assert exports.run() == 4322
    assert exports.take(exports.give()) == 9
    with pytest.raises(HostValueError, match="is not a exnref"):
        exports.take("text")
    with pytest.raises(Trap, match="null exception reference"):
        exports.take(None)


def test_stepping_back_over_a_catch() -> None:
    instance = watloom.instantiate(
        """(module (tag $e (param i32)) (global $g (export "g") (mut i32) (i32.const 0))
             (func $throw (global.set $g (i32.const 1)) (throw $e (i32.const 6)))
             (func (export "run") (result i32)
               (block $h (result i32)
                 (try_table (catch $e $h) (call $throw)) (i32.const 0))))"""
    )
    machine = instance.start("run")
    mark = Checkpoint(machine)
    machine.run(until=lambda m: len(m.frames) == 2)
    inside = Checkpoint(machine, mark)
    for _ in range(2):
        machine.run()
        assert (machine.results, instance.exports.g.value) == ((6,), 1)
        inside.restore()
        assert (len(machine.frames), instance.exports.g.value) == (2, 0)
    mark.restore()
    machine.run()
    assert machine.results == (6,)


def test_an_error_can_be_pickled(make: Callable[..., watloom.Instance]) -> None:
    """As errors are, to another process: without the store that it came from."""
    exports = make('(tag $e (param i32)) (func (export "f") (throw $e (i32.const 3)))').exports
    with pytest.raises(WasmException) as caught:
        exports.f()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.values, again.exception) == ("tag e with 3", (3,), None)
    assert again.tag.name == "e"
    assert again.tag.store is None
