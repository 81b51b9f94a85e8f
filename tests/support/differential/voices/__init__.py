"""The voices: engines that run a program and say what came of it.

    reference, fast, wasmtime          they read the text
    wasmtime:binary                    … what watloom assembled
    reference:printed                  … what watloom assembled, decoded and printed (and so on)

A voice has a `name` and a `run`. To add one, write it in a file of this folder and list it in
`VOICES` with a function that gives it, or None where it cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from differential.forms import Form
from differential.outcome import Outcome
from differential.program import Program
from differential.voices.wasmtime_engine import wasmtime_voice
from differential.voices.watloom_tier import Tier

__all__ = ["VOICES", "Voice", "voices"]


class Voice(Protocol):
    """An engine."""

    name: str

    def run(self, program: Program, fuel: int | None = None) -> Outcome | None:
        """Run it; None where this engine has no such feature, or cannot count fuel as watloom."""


#: Name → a function that gives the voice, None where it is not installed.
VOICES: dict[str, Callable[[Form], Voice | None]] = {
    "reference": lambda form: Tier("reference", form),
    "fast": lambda form: Tier("fast", form),
    "wasmtime": wasmtime_voice,
}


_FORMS: dict[str, Form] = {"": "text", "binary": "binary", "printed": "printed"}


def voices(names: Iterable[str] = tuple(VOICES)) -> list[Voice]:
    """The voices of these names, as far as they can be had; KeyError for an unknown name."""
    found = []
    for name in names:
        engine, _, form = name.partition(":")
        voice = VOICES[engine](_FORMS[form])
        if voice is not None:
            found.append(voice)
    return found
