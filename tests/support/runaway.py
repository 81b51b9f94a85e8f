"""Recursion without end, in every shape: `python runaway.py TIER PLACE` prints a line for each.

    direct 20000        the shape, and how many calls were open when the stack was exhausted

PLACE is where in Python it is called: `main`, `thread` (one with a small stack), `deep` (at the end
of a long recursion of Python's own). A crash ends the process: so this is one of its own.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import watloom

#: Python 3.13 frees long chains of objects by a recursion in C: there no thread can do with less.
STACK = (256 if sys.version_info < (3, 13) else 2048) * 1024
DEEP = 900

#: Modules whose `f` calls itself for ever; `ok` gives 1.
GUESTS = {
    "direct": '(func $f (export "f") (call $f))',
    "not in tail position": """(func $f (export "f") (result i32)
        (i32.add (i32.const 1) (call $f)))""",
    "mutual": '(func $f (export "f") (call $g)) (func $g (call $h)) (func $h (call $f))',
    "call_indirect": """(type $t (func (param i32 i64) (result i32))) (table funcref (elem $g))
        (func $g (type $t) (call_indirect (type $t) (local.get 0) (local.get 1) (i32.const 0)))
        (func (export "f") (result i32) (call $g (i32.const 1) (i64.const 2)))""",
    "call_ref": """(type $t (func)) (elem declare func $f)
        (func $f (export "f") (call_ref $t (ref.func $f)))""",
    "func.bind": """(type $a (func (param i32))) (type $b (func)) (elem declare func $g)
        (func $g (type $a) (call_ref $b (func.bind $b (i32.const 3) (ref.func $g))))
        (func (export "f") (call $g (i32.const 1)))""",
    "a chain of bound functions": """(type $b (func)) (type $a (func (param (ref $b))))
        (elem declare func $g $end)
        (func $end) (func $g (type $a) (call_ref $b (local.get 0)))
        (func (export "f") (local $r (ref $b)) (local $n i32)
          (local.set $n (i32.const 40000)) (local.set $r (ref.func $end))
          (loop (local.set $r (func.bind $b (local.get $r) (ref.func $g)))
            (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (call_ref $b (local.get $r)))""",
    "a function that makes tail calls": """(func $f (export "f") (param i32)
        (if (i32.eq (local.get 0) (i32.const 77)) (then (return_call $f (i32.const 1))))
        (call $f (i32.const 2)))""",
    "through tail calls": """(type $t (func (param i32))) (table funcref (elem $g))
        (func $f (export "f") (param i32)
          (return_call_indirect (type $t) (local.get 0) (i32.const 0)))
        (func $g (type $t) (call $f (i32.const 3)) (call $f (i32.const 3)))""",
    "huge frames": f"""(func $f (export "f") (result i64) (local {"i64 " * 1000})
        {"".join(f"(local.set {k} (i64.const {k}))" for k in range(1000))} (drop (call $f))
        {"".join(f"(i64.add (local.get {k})" for k in range(1000))} (i64.const 0) {")" * 1000})""",
    "many results": f"""(func $f (export "f") (result {"i64 " * 200}) (call $f))""",
    "in a loop": '(func $f (export "f") (loop (call $f) (br 0)))',
    "in a dispatch loop": f"""(func $f (export "f") (local i32)
        {"(loop " * 30} (call $f) (br_if 0 (local.get 0)) {")" * 30})""",
    "with bulk instructions": """(table $t 10 funcref) (func $f (export "f")
        (table.fill $t (i32.const 0) (ref.null func) (i32.const 5)) (call $f)
        (table.fill $t (i32.const 0) (ref.null func) (i32.const 5)))""",
    "in try_table": """(tag $e) (func $f (export "f")
        (block $h (try_table (catch_all $h) (call $f))) (call $f))""",
}

OK = '(func (export "ok") (result i32) (i32.const 1))'

#: Modules whose `f (n)` calls itself n times and then the host, which calls `f` again.
TURNS = f"""(module (import "host" "again" (func $again)) {OK}
  (func $f (export "f") (param i32)
    (if (local.get 0)
      (then (call $f (i32.sub (local.get 0) (i32.const 1))))
      (else (call $again)))))"""

Made = tuple[Callable[[], object], Callable[[], object]]


def guest(text: str, store: watloom.Store) -> Made:
    instance = watloom.instantiate(f"(module {OK} {text})", store=store)
    args = [1] * len(instance.exports.f.type.func.params)
    return (lambda: instance.exports.f(*args)), instance.exports.ok


def turns(open_calls: int, store: watloom.Store, before: Callable[[], object] = int) -> Made:
    """Guest → host → guest → host …"""

    def again() -> None:
        before()
        instance.exports.f(open_calls)

    instance = watloom.instantiate(TURNS, {"host": {"again": again}}, store=store)
    return (lambda: instance.exports.f(open_calls)), instance.exports.ok


def across_tiers(store: watloom.Store) -> Made:
    def change() -> None:
        store.tier = "fast" if store.tier == "reference" else "reference"

    return turns(20, store, change)


def across_instances(store: watloom.Store) -> Made:
    one = watloom.instantiate(
        f"""(module {OK} (type $t (func (param i32))) (table (export "t") 1 funcref)
          (func (export "f") (type $t) (call_indirect (type $t) (local.get 0) (i32.const 0))))""",
        store=store,
    )
    watloom.instantiate(
        """(module (import "one" "t" (table 1 funcref)) (import "one" "f" (func $f (param i32)))
          (func $g (param i32) (call $f (local.get 0))) (elem (i32.const 0) $g))""",
        {"one": one},
        store=store,
    )
    return (lambda: one.exports.f(1)), one.exports.ok


def start_functions(store: watloom.Store) -> Made:
    """An instance whose start function makes another one, whose start function …"""
    text = '(module (import "host" "again" (func $again)) (start $again))'
    module = watloom.Module(text)
    ok = watloom.instantiate(f"(module {OK})", store=store).exports.ok

    def again() -> None:
        watloom.instantiate(module, {"host": {"again": again}}, store=store)

    return again, ok


def one_start_function(store: watloom.Store) -> Made:
    module = watloom.Module("(module (func $f (call $f)) (start $f))")
    ok = watloom.instantiate(f"(module {OK})", store=store).exports.ok
    return (lambda: watloom.instantiate(module, store=store)), ok


def host_functions_at_the_end(store: watloom.Store) -> Made:
    """The host function is called at every depth, and needs some Python frames of its own."""

    def note(n: int) -> int:
        return note(n - 1) if n else 7

    instance = watloom.instantiate(
        f"""(module (import "host" "note" (func $note (param i32) (result i32))) {OK}
          (func $f (export "f") (drop (call $note (i32.const 5))) (call $f)))""",
        {"host": {"note": note}},
        store=store,
    )
    return instance.exports.f, instance.exports.ok


SHAPES: dict[str, Callable[[watloom.Store], Made]] = {
    **{name: lambda store, text=text: guest(text, store) for name, text in GUESTS.items()},
    "guest and host in turn": lambda store: turns(0, store),
    "guest and host in turn, deeper": lambda store: turns(300, store),
    "guest and host in turn, deep": lambda store: turns(15_000, store),
    "across tiers": across_tiers,
    "across instances": across_instances,
    "a start function": one_start_function,
    "start functions": start_functions,
    "host functions at the end": host_functions_at_the_end,
}


def outcome(call: Callable[[], object], ok: Callable[[], object], store: watloom.Store) -> str:
    """What one runaway comes to: the number of open calls, or what is wrong."""
    limit, tier = sys.getrecursionlimit(), store.tier
    try:
        call()
        said = "it came back"
    except watloom.ExhaustionError as error:
        said = str(len(error.stack)) if "call stack exhausted" in str(error) else str(error)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    store.tier = tier
    if sys.getrecursionlimit() != limit:
        return f"{said}, and the limit is {sys.getrecursionlimit()}"
    if store.machines or store.slots or ok() != 1:
        return f"{said}, and the store is not as it was"
    return said


def attempt(shape: str, made: Made, store: watloom.Store) -> None:
    twice = [outcome(*made, store) for _ in range(2)]
    print(shape, *dict.fromkeys(twice), sep="\t")


def at(place: str, run: Callable[[], None]) -> None:
    """Call it there."""
    if place == "thread":
        threading.stack_size(STACK)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    elif place == "deep":

        def down(depth: int) -> None:
            down(depth - 1) if depth else run()

        down(DEEP)
    else:
        run()


def main(tier: Any, place: str) -> None:
    for shape, make in SHAPES.items():
        store = watloom.Store(tier=tier)
        made = make(store)
        at(place, lambda shape=shape, made=made, store=store: attempt(shape, made, store))


if __name__ == "__main__":
    main(*sys.argv[1:])
