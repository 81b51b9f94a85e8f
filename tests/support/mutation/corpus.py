"""The programs that mistakes have to show in, and what the reference machine says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import watloom
from differential.drills import drill
from differential.families import DEFAULT, ONLY_WATLOOM, PROPOSED
from differential.forms import FEATURES
from differential.fuel import fuel_of
from differential.outcome import Outcome
from differential.program import Program, generate
from differential.voices.watloom_tier import run_module

__all__ = ["Case", "make_corpus"]

#: Every other program has few families: what is dense in it shows soon.
_DENSE = (
    frozenset({"chains", "memory", "conversion"}),
    frozenset({"waiting", "variable", "memory", "struct"}),
    frozenset({"chains", "memory", "conversion"}),
    frozenset({"control", "multi-value", "deep", "variable"}),
    frozenset({"traps", "memory", "tables", "reference", "indirect", "tail-call", "calls"}),
    frozenset({"chains", "memory", "simd", "reference"}),
    frozenset({"exceptions", "calls", "control", "multi-value", "variable", "waiting"}),
    frozenset({"simd", "memory", "relaxed-simd", "float", "conversion", "traps"}),
    frozenset({"legacy-exceptions", "calls", "control", "variable"}),
    frozenset({"exceptions", "deep", "calls", "control"}),
    frozenset({"simd", "memory"}),
    frozenset({"struct", "array", "i31", "cast", "extern", "reference", "traps", "waiting"}),
    frozenset({"nans", "float", "conversion", "memory", "struct"}),
    frozenset({"traps", "struct", "reference", "memory", "conversion", "float"}),
    frozenset({"let", "wide-arithmetic", "custom-page-sizes", "memory", "control", "chains"}),
    frozenset({"control", "multi-value", "idioms", "dead-code", "chains", "variable"}),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A program, validated, and what has to come of it."""

    program: Program
    module: watloom.Module
    fuel: int | None
    expected: Outcome
    nested: bool = True
    """Whether its control becomes Python's, or a loop over numbered blocks."""


def make_corpus(seed: int, count: int) -> list[Case]:
    """So many programs; some of them stand there a second time, with little fuel or not nested."""
    return [case for i in range(count) for case in _cases(seed * 1_000_000 + i // 2, i)]


def _cases(number: int, i: int) -> Iterator[Case]:
    """A drill, or in every other place any program."""
    if i % 2 == 0:
        program, fuel = drill(number), None
    else:
        dense = i // 2 % 2 == 0
        families = _DENSE[i // 4 % len(_DENSE)] if dense else DEFAULT | ONLY_WATLOOM | PROPOSED
        program, fuel = generate(number, families), fuel_of(number)
    module = watloom.Module(program.text, features=FEATURES)
    expected = run_module(module, program, "reference")
    yield Case(program, module, None, expected)
    if fuel is not None:
        yield Case(program, module, fuel, run_module(module, program, "reference", fuel))
    elif i % 3 == 0:
        again = watloom.Module(program.text, features=FEATURES)  # not compiled yet
        yield Case(program, again, None, expected, nested=False)
