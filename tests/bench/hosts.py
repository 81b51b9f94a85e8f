"""`make bench`, second part: what a call from a guest to a host function costs.

All in one run, medians of five, less the guest's empty loop; ratios count, times on shared
machines mean little. The limits are the project's own: a typed call with numbers costs at most
twice an untyped one, and at most a fiftieth of the same through wasmtime-py.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

import watloom
from watloom.host import (
    I32,
    Array,
    Caller,
    HostModule,
    Ptr,
    String,
    export,
    wasm_struct,
)  # fmt: skip


@wasm_struct
class Point:
    x: I32
    y: I32


class Typed(HostModule, name="h"):
    """The functions under test, typed."""

    @export
    def add(self, a: I32, b: I32) -> I32:
        return a + b

    @export(raw="i32 i32 -> i32")
    def raw(self, caller: Caller, a: int, b: int) -> int:
        return a + b

    @export
    def text(self, s: String) -> I32:
        return 0

    @export
    def point(self, p: Ptr[Point]) -> I32:
        return p.value.x

    @export
    def array(self, xs: Array[I32]) -> I32:
        return 0


def add(a: int, b: int) -> int:
    """The same, untyped."""
    return a + b


GUEST = """(module
  (import "h" "f" (func $f (param{params}) (result i32)))
  (memory 1) (data (i32.const 16) "hello")
  (func (export "calls") (param $n i32) (result i32) (local $sum i32)
    (loop
      (local.set $sum (i32.add (local.get $sum) (call $f{args})))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "nothing") (param $n i32) (result i32) (local $sum i32)
    (loop
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))"""


def guest(params: str, args: str) -> str:
    return GUEST.format(params=params, args=args)


TWO = guest(" i32 i32", " (i32.const 1) (local.get $n)")
RUN = guest(" i32 i32", " (i32.const 16) (i32.const 5)")
POINTER = guest(" i32", " (i32.const 16)")


def timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def per_call(calls: Callable[[int], Any], nothing: Callable[[int], Any], n: int) -> float:
    """Nanoseconds a call, less those of the loop."""
    calls(10)
    nothing(10)
    return (timed(lambda: calls(n)) - timed(lambda: nothing(n))) / n * 1e9


def ours(text: str, fn: Any) -> Callable[[int], float]:
    exports = watloom.instantiate(text, {"h": {"f": fn}}).exports
    return lambda n: per_call(exports["calls"], exports["nothing"], n)


def typed(name: str, text: str) -> Callable[[int], float]:
    linker = watloom.Linker()
    return ours_in(linker, text, Typed().instantiate(linker.store).exports[name])


def ours_in(linker: watloom.Linker, text: str, fn: Any) -> Callable[[int], float]:
    exports = linker.instantiate(text, {"h": {"f": fn}}).exports
    return lambda n: per_call(exports["calls"], exports["nothing"], n)


def plain(n: int) -> float:
    """The method called by Python itself."""
    method = Typed().add

    def calls(n: int) -> None:
        for i in range(n):
            method(1, i)

    def nothing(n: int) -> None:
        for _ in range(n):
            pass

    return per_call(calls, nothing, n)


def wasmtime_py() -> Callable[[int], float] | None:
    try:
        import wasmtime as wt
    except ImportError:
        return None
    engine = wt.Engine()
    store, linker, i32 = wt.Store(engine), wt.Linker(engine), wt.ValType.i32()
    linker.define_func("h", "f", wt.FuncType([i32, i32], [i32]), add)
    instance = linker.instantiate(store, wt.Module(engine, TWO))
    calls, nothing = (instance.exports(store)[name] for name in ("calls", "nothing"))
    return lambda n: per_call(lambda n: calls(store, n), lambda n: nothing(store, n), n)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--calls", type=int, default=50_000)
    given = options.parse_args()
    measured: dict[str, Callable[[int], float] | None] = {
        "plain Python call": plain,
        "untyped, 2 × i32": ours(TWO, add),
        "typed, 2 × I32": typed("add", TWO),
        "raw, 2 × i32": typed("raw", TWO),
        "typed, String": typed("text", RUN),
        "typed, Ptr[struct], read": typed("point", POINTER),
        "typed, Array[I32]": typed("array", RUN),
        "wasmtime-py, 2 × i32": wasmtime_py(),
    }
    times: dict[str, list[float]] = {name: [] for name, run in measured.items() if run}
    for _ in range(given.runs):
        for name, run in measured.items():
            if run:
                times[name].append(run(given.calls // (10 if "wasmtime" in name else 1)))
    medians = {name: statistics.median(found) for name, found in times.items()}
    base = medians["untyped, 2 × i32"]
    table = Table("call", "ns", "of untyped", title=sys.version.split()[0])
    for name, ns in medians.items():
        table.add_row(escape(name), f"{ns:.0f}", f"{ns / base:.2f}")
    Console().print(table)
    number = medians["typed, 2 × I32"]
    print(f"typed of untyped: {number / base:.2f} (at most 2)")
    print(f"typed of a plain Python call: {number / medians['plain Python call']:.1f}")
    if "wasmtime-py, 2 × i32" in medians:
        print(f"wasmtime-py of typed: {medians['wasmtime-py, 2 × i32'] / number:.0f} (at least 50)")
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
