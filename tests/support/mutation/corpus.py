"""The programs that mistakes have to show in, and what the reference machine says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import watloom
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


def make_corpus(seed: int, count: int) -> list[Case]:
    """So many programs; some of them stand there a second time, with little fuel."""
    return [case for i in range(count) for case in _cases(seed, i)]


def _cases(seed: int, i: int) -> Iterator[Case]:
    families = DEFAULT | ONLY_WATLOOM | PROPOSED
    if i % 2 == 0:
        families = _DENSE[i // 2 % len(_DENSE)]
    number = seed * 1_000_000 + i
    program = generate(number, families)
    module = watloom.Module(program.text, features=FEATURES)
    fuel = fuel_of(number)
    for given in (None,) if fuel is None else (None, fuel):
        yield Case(program, module, given, run_module(module, program, "reference", given))
