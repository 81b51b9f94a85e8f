"""`make bench`: the fourteen programs, compiled, against the same algorithms in plain Python.

Side by side in one run, medians of five, as ratios; times on shared machines mean little.
"""

import argparse
import json
import math
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import hand
from rich.console import Console
from rich.progress import track
from rich.table import Table

import watloom

HERE = Path(__file__).parent


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def compiled(name: str) -> Callable[[int], object]:
    """The program's `run`, every function compiled."""
    module = watloom.Module.from_file(HERE / f"{name}.wat")
    argument = json.loads((HERE / "expected.json").read_text())[name][0]
    watloom.instantiate(module).exports.run(argument)  # compiles what it calls
    run: Callable[[int], object] = watloom.instantiate(module).exports.run
    return run


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("programs", nargs="*")
    given = options.parse_args()
    expected = json.loads((HERE / "expected.json").read_text())
    names = given.programs or list(expected)
    table = Table("program", "hand.py, s", "watloom, s", "ratio", title=sys.version.split()[0])
    ratios = []
    for name in track(names, description="programs", console=Console(stderr=True)):
        argument, wanted = expected[name]
        by_hand, ours = [], []
        for _ in range(given.runs):
            by_hand.append(timed(lambda n=name, a=argument: getattr(hand, n)(a)))
            run = compiled(name)
            ours.append(timed(lambda r=run, a=argument: r(a)))
        result = compiled(name)(argument)
        if result != wanted:
            print(f"{name}: {result!r} is wrong, {wanted!r} is right", file=sys.stderr)
            return 1
        mine, his = statistics.median(ours), statistics.median(by_hand)
        ratios.append(mine / his)
        table.add_row(name, f"{his:.4f}", f"{mine:.4f}", f"{mine / his:.2f}")
    mean = math.exp(statistics.fmean(map(math.log, ratios)))
    table.add_section()
    table.add_row("geometric mean", "", "", f"{mean:.2f}", style="bold")
    Console().print(table)
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
