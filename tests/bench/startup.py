"""`make bench`, third part: how long starting up takes, and how fast text is read.

Processes side by side in one run, medians and ratios to `python -c "import click"`. The limits are
the project's own: a run with a warm cache takes at most 1.5 times as long, a cold one 4 times; text
becomes a module at least 2.5 times as fast as with ppci, where that is installed, on the same file.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from watloom.interp.core.features import WASM3
from watloom.interp.core.source import Source
from watloom.parser.lexer import TOKEN
from watloom.parser.text import parse_module

#: Lark makes the tables of the grammar once, whatever is run then.
FIRST = "watloom run, the very first"

GCD = """(module
  (memory (export "memory") 1)
  (func $gcd (export "gcd") (param $a i32) (param $b i32) (result i32)
    (if (result i32) (i32.eqz (local.get $b))
      (then (local.get $a))
      (else
        (call $gcd
          (local.get $b)
          (i32.rem_u (local.get $a) (local.get $b))))))
)
"""

FUNCTION = """
  (func $f{n} (export "f{n}") (param $x i32) (param $y i32) (result i32)
    (local $sum i32) (local $wide f64)
    block $done
      loop $next
        local.get $x
        i32.eqz
        br_if $done
        (local.set $sum (i32.add (local.get $sum) (i32.load offset=8 (local.get $y))))
        (if (i32.lt_s (local.get $sum) (i32.const -{n}))
          (then (local.set $sum (i32.mul (local.get $sum) (i32.const 0x1f)))))
        (f64.store (local.get $y) (f64.add (local.get $wide) (f64.const 1.5)))
        (local.set $x (i32.sub (local.get $x) (i32.const 1)))
        br $next
      end
    end
    (call $f{callee} (local.get $sum) (i32.shl (local.get $y) (i32.const 2))))"""


def long_text(functions: int) -> str:
    """A module in both styles, folded and flat."""
    bodies = "".join(FUNCTION.format(n=n, callee=n // 2) for n in range(functions))
    return f'(module (memory (export "memory") 1){bodies})\n'


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=15)
    given = options.parse_args()
    console = Console()
    console.print(f"{platform.python_implementation()} {platform.python_version()}")
    console.print(starts(given.runs))
    console.print(reading(5))
    return 0


# ------------------------------------------------------------------ start-up


def starts(runs: int) -> Table:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "gcd.wat")
        file.write_text(GCD)
        run = ["-m", "watloom", "run", "--invoke", "gcd", str(file), "48", "36"]
        commands = {
            "python -c 'import click'": ["-c", "import click"],
            "python -c pass": ["-c", "pass"],
            "watloom run, warm cache": run,
            "watloom run, cold (tables kept)": [*run[:3], "--no-cache", *run[3:]],
            "watloom --version": ["-m", "watloom", "--version"],
            FIRST: run,
        }
        environment = dict(os.environ)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as where it is installed

        def start(name: str, arguments: list[str]) -> float:
            place = Path(folder, str(time.time_ns()) if name == FIRST else "cache")
            environment["WATLOOM_CACHE_DIR"] = str(place)
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments],
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            return time.perf_counter() - began

        for name, arguments in commands.items():
            start(name, arguments)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, arguments in commands.items():
                times[name].append(start(name, arguments))
    table = Table("start-up", "ms", "× import click")
    unit = statistics.median(times["python -c 'import click'"])
    for name, found in times.items():
        middle = statistics.median(found)
        table.add_row(name, f"{middle * 1e3:.1f}", f"{middle / unit:.2f}")
    return table


# ------------------------------------------------------------------ reading text


def reading(runs: int) -> Table:
    text = long_text(400)
    tokens = sum(1 for _ in TOKEN.finditer(text))
    ways: dict[str, Callable[[], object]] = {
        "watloom": lambda: parse_module(Source("long.wat", text), WASM3)
    }
    try:
        from ppci.wasm import Module
    except ImportError:
        pass
    else:
        ways["ppci"] = lambda: Module(text)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for read in ways.values():
        read()
    for _ in range(runs):
        for name, read in ways.items():
            began = time.perf_counter()
            read()
            times[name].append(time.perf_counter() - began)
    table = Table(f"{len(text) // 1000} kB of text", "thousand tokens a second", "× ppci")
    speed = {name: tokens / statistics.median(found) / 1e3 for name, found in times.items()}
    for name, found in speed.items():
        ratio = f"{found / speed['ppci']:.2f}" if "ppci" in speed else "not installed"
        table.add_row(name, f"{found:.0f}", ratio)
    return table


if __name__ == "__main__":
    raise SystemExit(main())
