"""Hunt for differences.

    python -m differential --count 20000              all voices that are installed
    python -m differential --seed 5 --count 1 --show  print a program
    python -m differential --replay FILE…             run findings again

Run in tests/support, or with it on PYTHONPATH. Exits with 1 if there was a difference.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from differential.compare import Difference, judge
from differential.families import DEFAULT, FAMILIES, known
from differential.findings import load, save
from differential.fuel import fuel_of
from differential.program import Program, generate
from differential.sexpr import parse, pretty
from differential.shrink import shrink
from differential.voices import VOICES, Voice, voices

console = Console()


def _families(_: click.Context, __: click.Parameter, value: str | None) -> frozenset[str]:
    """ "a,b" is these, "-a,-b" is all but these, "+a" is all and these."""
    if not value:
        return DEFAULT
    names = value.split(",")
    try:
        off = known(name[1:] for name in names if name.startswith("-"))
        more = known(name[1:] for name in names if name.startswith("+"))
        only = known(name for name in names if name[0] not in "+-")
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return ((only or DEFAULT) | more) - off


@click.command(epilog=f"Families: {', '.join(FAMILIES)}")
@click.option("--count", default=1000, help="how many programs")
@click.option("--seed", default=0, help="the first seed")
@click.option("--families", callback=_families, help="a,b: only these; -a: all but a; +a: a too")
@click.option("--voices", "names", default=",".join(VOICES), help="who runs them, the first leads")
@click.option("--out", type=click.Path(path_type=Path), default=Path("findings"), help="a folder")
@click.option("--seconds", default=60.0, help="for making one finding smaller; 0: leave it")
@click.option("--most", default=20, help="stop after so many findings")
@click.option("--show", is_flag=True, help="print the programs only")
@click.option("--replay", is_flag=True, help="run the FILES, which were findings")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def main(
    count: int,
    seed: int,
    families: frozenset[str],
    names: str,
    out: Path,
    seconds: float,
    most: int,
    show: bool,
    replay: bool,
    files: tuple[Path, ...],
) -> None:
    """Run generated programs in several engines; write down where they differ."""
    if show:
        for i in range(seed, seed + count):
            click.echo(pretty(parse(generate(i, families).text)))
        return
    try:
        choir = voices(names.split(","))
    except KeyError as error:
        raise click.BadParameter(f"there is no voice {error}") from None
    console.print(f"voices: {', '.join(voice.name for voice in choir)}")
    if replay:
        sys.exit(_replay(choir, files))
    sys.exit(_hunt(choir, range(seed, seed + count), families, out, seconds, most))


def _replay(choir: list[Voice], files: tuple[Path, ...]) -> int:
    failed = 0
    for path in files:
        program = load(path)
        found = judge(program, choir) or judge(program, choir, fuel_of(program.seed))
        console.print(f"{path}: {found or 'no difference'}", markup=False)
        failed |= found is not None
    return failed


def _hunt(
    choir: list[Voice],
    seeds: range,
    families: frozenset[str],
    out: Path,
    seconds: float,
    most: int,
) -> int:
    kinds: Counter[str] = Counter()
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn())
    start, done = time.monotonic(), 0
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("programs", total=len(seeds))
        for seed in seeds:
            program = generate(seed, families)
            fuel = fuel_of(seed)
            found = judge(program, choir)
            if found is None and fuel is not None:
                found = judge(program, choir, fuel)
            else:
                fuel = None
            if found is not None:
                kinds[" ".join(found.kind)] += 1
                path = _record(program, found, choir, fuel, out, seconds)
                progress.console.print(f"{path}: {found}", markup=False)
            done += 1
            progress.update(task, advance=1, description=f"{sum(kinds.values())} findings,")
            if sum(kinds.values()) >= most:
                break
    taken = time.monotonic() - start
    console.print(f"{done} programs in {taken:.0f} s, {sum(kinds.values())} findings")
    for kind, number in kinds.most_common():
        console.print(f"  {number:4} {kind}")
    return int(bool(kinds))


def _record(
    program: Program,
    found: Difference,
    choir: list[Voice],
    fuel: int | None,
    out: Path,
    seconds: float,
) -> Path:
    """Write a finding down, made smaller if there is time for it."""
    if seconds:
        heard = [voice for voice in choir if voice.name in (found.first, found.second)]

        def fails(candidate: Program) -> bool:
            again = judge(candidate, heard, fuel)
            return again is not None and again.kind == found.kind

        program = shrink(program, fails, seconds)
        found = judge(program, heard, fuel) or found
    return save(out, program, found)


if __name__ == "__main__":
    main()
