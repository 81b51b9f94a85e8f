"""Make mistakes in the compiled tier, and see which of them generated programs notice.

    python -m mutation --count 300 --seed 7            some of them, by a seed
    python -m mutation --count 0 --only "_Structurer*"  all in functions of that name
    python -m mutation --list                          none: what there is, and what is left out
    python -m mutation --excluded --count 50           what is left out: nobody may notice

Run in tests/support, or with it on PYTHONPATH. Exits with 1 below `--least` percent, or where a
mistake that is said to change no result is noticed.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from fnmatch import fnmatchcase

import click

from mutation.corpus import make_corpus
from mutation.equivalent import reason, split
from mutation.sites import PACKAGE, Mutation, all_mutations, sample
from mutation.trial import VERDICTS, Verdict, trials

_UNNOTICED = ("survived", "slower")


@click.command()
@click.option("--count", default=300, help="how many mutations; 0: all")
@click.option("--seed", default=1, help="which of them")
@click.option("--programs", default=300, help="how many programs, at most, each has to pass")
@click.option("--program-seed", default=500, help="which programs")
@click.option("--only", default="*", help="only functions of that name (with *)")
@click.option("--part", default="0/1", help="i/n: every n-th of them, from the i-th")
@click.option("--least", default=95.0, help="percent that must be noticed")
@click.option("--excluded", is_flag=True, help="try those that are said to change no result")
@click.option("--list", "listed", is_flag=True, help="list what there is; try nothing")
def main(
    count: int,
    seed: int,
    programs: int,
    program_seed: int,
    only: str,
    part: str,
    least: float,
    excluded: bool,
    listed: bool,
) -> None:
    """Try mistakes in the compiled tier on generated programs."""
    if not hasattr(os, "fork"):
        raise click.ClickException("this needs an operating system with fork()")
    everything = [m for m in all_mutations() if fnmatchcase(m.scope, only)]
    counted, left_out = split(everything)
    click.echo(f"{len(everything)} mutations, {len(left_out)} of them change no result")
    if listed:
        _list(everything)
        return
    first, step = map(int, part.split("/"))
    tried = left_out if excluded else counted
    chosen = sample(tried, seed, count or len(tried))[first::step]
    started = time.monotonic()
    corpus = make_corpus(program_seed, programs)
    click.echo(f"{programs} programs made in {time.monotonic() - started:.0f} s")
    started = time.monotonic()
    verdicts = []
    for mutation, verdict in zip(chosen, trials(chosen, corpus), strict=True):
        verdicts.append(verdict)
        if (verdict.kind in _UNNOTICED) != excluded:
            why = f"\n  = {reason(mutation)}" if excluded else ""
            click.echo(f"{verdict.kind} {mutation}{why}\n  = {verdict.detail}")
    click.echo(f"{len(chosen)} tried in {time.monotonic() - started:.0f} s")
    if excluded:
        sys.exit(any(verdict.kind not in _UNNOTICED for verdict in verdicts))
    sys.exit(_report(chosen, verdicts, least))


def _list(mutations: list[Mutation]) -> None:
    for mutation in mutations:
        why = reason(mutation)
        click.echo(f"{mutation}" + (f"\n  = {why}" if why else ""))


def _report(chosen: list[Mutation], verdicts: list[Verdict], least: float) -> int:
    """Tables by module and by rule, and the score; 1 if that is too low."""
    for title, names in (
        ("module", [m.module.removeprefix(PACKAGE + ".") for m in chosen]),
        ("rule", [m.rule for m in chosen]),
    ):
        click.echo(f"\n{title:28} {' '.join(f'{kind:>10}' for kind in VERDICTS)}")
        table: dict[str, Counter[str]] = {}
        for name, verdict in zip(names, verdicts, strict=True):
            table.setdefault(name, Counter())[verdict.kind] += 1
        table["all"] = Counter(v.kind for v in verdicts)
        for name, row in (*sorted(table.items()),):
            click.echo(f"{name:28} {' '.join(f'{row[kind]:10}' for kind in VERDICTS)}")
    kinds = Counter(v.kind for v in verdicts)
    counted = len(verdicts) - kinds["slower"]
    noticed = counted - kinds["survived"]
    score = 100 * noticed / counted
    click.echo(f"\n{noticed} of {counted} noticed: {score:.1f} % ({kinds['slower']} only slower)")
    return int(score < least)


if __name__ == "__main__":
    main()
