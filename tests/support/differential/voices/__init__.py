"""The voices: engines that run a program and say what came of it.

A voice has a `name` and a `run`. To add one, write it in a file of this folder and list it in
`VOICES` with a function that gives it, or None where it cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from differential.outcome import Outcome
from differential.program import Program
from differential.voices.wasmtime_engine import wasmtime_voice
from differential.voices.watloom_tier import Tier

__all__ = ["VOICES", "Voice", "voices"]


class Voice(Protocol):
    """An engine."""

    name: str

    def run(self, program: Program, fuel: int | None = None) -> Outcome | None:
        """Run it; None where this engine has no such feature or cannot count fuel as watloom does."""


#: Name → a function that gives the voice, None where it is not installed.
VOICES: dict[str, Callable[[], Voice | None]] = {
    "reference": lambda: Tier("reference"),
    "fast": lambda: Tier("fast"),
    "wasmtime": wasmtime_voice,
}


def voices(names: Iterable[str] = tuple(VOICES)) -> list[Voice]:
    """The voices of these names, as far as they can be had; KeyError for an unknown name."""
    return [voice for name in names if (voice := VOICES[name]()) is not None]
