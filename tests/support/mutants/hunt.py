"""Making mutants, and judging them in bounded time and memory."""

import random
import signal
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mutants import seeds
from mutants.damage_bytes import damage_bytes
from mutants.damage_text import damage_characters, damage_structure, words_of
from mutants.judge import judge
from watloom.interp.core.features import Features

__all__ = ["Finding", "Mutant", "binary_mutant", "text_mutant", "try_out"]

SECONDS_EACH = 10
#: What a mutant may take besides a multiple of its size: locals of 50,000 a function are allowed.
BYTES, BYTES_PER_BYTE = 100_000_000, 5_000


class Finding(AssertionError):
    """A mutant that did something it may not do."""


@dataclass(frozen=True)
class Mutant:
    """A mutant; the same `seed` makes the same one."""

    seed: int
    program: str | bytes
    features: Features
    variant: int


def binary_mutant(seed: int, more: list[bytes] | None = None) -> Mutant:
    """A damaged binary; `more` are seeds besides the usual ones."""
    choose = random.Random(f"binary {seed}")
    sound = seeds.binaries()
    if more and choose.random() < 0.5:
        sound = more
    program = damage_bytes(choose.choice(sound), choose, sound)
    return Mutant(seed, program, choose.choice(seeds.FEATURES), choose.randrange(8))


def text_mutant(seed: int) -> Mutant:
    """A damaged text."""
    choose = random.Random(f"text {seed}")
    sound = seeds.texts()
    damage = damage_characters if choose.random() < 0.5 else damage_structure
    program = damage(choose.choice(sound), choose, words_of(sound))
    return Mutant(seed, program, choose.choice(seeds.FEATURES), choose.randrange(8))


def try_out(mutants: Iterator[Mutant], measured: int = 20) -> Counter[str]:
    """How many mutants get how far. One in `measured` has its memory measured.

    Raises Finding for the first that does what it may not.
    """
    stages: Counter[str] = Counter()
    for number, mutant in enumerate(mutants):
        try:
            with _time_limit(), _memory_limit(mutant, number % measured == 0):
                stages[judge(mutant.program, mutant.features, mutant.variant)] += 1
        except (Exception, _TooSlow) as error:
            raise Finding(f"{error!r}\n{mutant}") from error
    return stages


class _TooSlow(BaseException):
    """Not an Exception, so that nothing on the way takes it for its own."""


@contextmanager
def _time_limit() -> Iterator[None]:
    """Stop what hangs, where the platform has alarms; else it is told afterwards."""

    def too_slow(*_: object) -> None:
        raise _TooSlow

    began = time.monotonic()
    alarms = hasattr(signal, "SIGALRM")
    if alarms:
        before = signal.signal(signal.SIGALRM, too_slow)
        signal.alarm(SECONDS_EACH)
    try:
        yield
    finally:
        if alarms:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - began < SECONDS_EACH


@contextmanager
def _memory_limit(mutant: Mutant, measured: bool) -> Iterator[None]:
    if not measured:
        yield
        return
    tracemalloc.start()
    try:
        yield
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < BYTES + BYTES_PER_BYTE * len(mutant.program), f"{peak} bytes"
