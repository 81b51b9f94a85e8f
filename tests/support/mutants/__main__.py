"""Try many mutants.

    python -m mutants --binary 50000 --text 20000      that many of each
    python -m mutants --binary 1 --first 1234 --show   look at one
    python -m mutants --binary 50000 --suite           damage the official suite's modules too

Run in tests/support, or with it on PYTHONPATH. Exits with 1 if a mutant did what it may not.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable

import click

from mutants import seeds
from mutants.hunt import Finding, Mutant, binary_mutant, text_mutant, try_out

_BATCH = 500


@click.command(help=__doc__)
@click.option("--binary", default=0, help="How many binaries.")
@click.option("--text", default=0, help="How many texts.")
@click.option("--first", default=0, help="The number of the first mutant.")
@click.option("--suite", is_flag=True, help="Damage the modules of the official suite as well.")
@click.option("--show", is_flag=True, help="Print the mutants.")
def main(binary: int, text: int, first: int, suite: bool, show: bool) -> None:
    """Try mutants."""
    more = seeds.suite() if suite else None
    failed = _hunt("binary", lambda n: binary_mutant(n, more), first, binary, show)
    failed = _hunt("text", text_mutant, first, text, show) or failed
    sys.exit(failed)


def _hunt(kind: str, make: Callable[[int], Mutant], first: int, count: int, show: bool) -> bool:
    stages: Counter[str] = Counter()
    failed = False
    began = time.monotonic()
    done = 0
    while done < count:
        batch = range(first + done, first + min(done + _BATCH, count))
        done += len(batch)
        for number in batch if show else ():
            print(make(number))
        try:
            stages += try_out(map(make, batch))
        except Finding as finding:
            failed = True
            print(f"{kind}: {finding}", flush=True)
    if count:
        reached = ", ".join(f"{number} {stage}" for stage, number in stages.most_common())
        print(f"{kind}: {count} mutants in {time.monotonic() - began:.0f} s: {reached}")
    return failed


main()
