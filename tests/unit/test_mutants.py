"""Damaged programs see only the project's own errors, in bounded time and memory.

A few thousand, seeded; `make mutants` tries many more. What still validates is printed and read
again, instantiated, and every export called with little fuel. See tests/support/mutants.
"""

import pytest

from mutants.hunt import binary_mutant, text_mutant, try_out
from mutants.judge import judge, printed_is_stable, read
from mutants.seeds import EVERYTHING, binaries, texts

BATCHES, BINARIES, TEXTS = 8, 500, 300


def test_the_programs_are_sound():
    for variant, program in enumerate((*texts(), *binaries())):
        module = read(program, EVERYTHING)
        for folded in (False, True):
            printed_is_stable(module, folded=folded)
        if isinstance(program, str):
            assert judge(program, EVERYTHING, variant) in ("ran", "valid")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_binaries(batch: int) -> None:
    first = batch * BINARIES
    reached = try_out(map(binary_mutant, range(first, first + BINARIES)))
    assert reached["malformed"] > BINARIES // 10  # the damage does damage
    assert reached["invalid"] > BINARIES // 50  # and does not always
    assert reached["ran"] > BINARIES // 50


@pytest.mark.parametrize("batch", range(BATCHES))
def test_texts(batch: int) -> None:
    first = batch * TEXTS
    reached = try_out(map(text_mutant, range(first, first + TEXTS)))
    assert reached["malformed"] > TEXTS // 10
    assert reached["ran"] > TEXTS // 50
