"""Whether voices agree on a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from differential.outcome import Ended, Event, Outcome
from differential.program import Program
from differential.voices import Voice

__all__ = ["Difference", "judge"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two voices part, or what a single one should never say."""

    first: str
    second: str
    label: str
    said: tuple[Event | None, Event | None]
    outcomes: tuple[tuple[str, Outcome], ...]

    @property
    def kind(self) -> tuple[str, str, str, str]:
        """What stays the same while a program shrinks: who, and what sort of events."""
        sorts = [_sort(event) for event in self.said]
        return self.first, self.second, sorts[0], sorts[1]

    def __str__(self) -> str:
        width = max(len(self.first), len(self.second))
        lines = [f"{self.label}:"]
        for name, event in zip((self.first, self.second), self.said, strict=True):
            lines.append(f"  {name:{width}}  {event}")
        return "\n".join(lines)


def _sort(event: Event | None) -> str:
    if isinstance(event, Ended):
        return event.kind if event.kind in ("rejected", "crash", "hang") else "ended"
    return type(event).__name__


def judge(program: Program, voices: Sequence[Voice], fuel: int | None = None) -> Difference | None:
    """The first difference between the first voice and each other one; None if they agree.

    A program that a voice rejects, crashes or hangs on is a difference even if all do.
    """
    outcomes: list[tuple[str, Outcome]] = []
    for voice in voices:
        said = voice.run(program, fuel)
        if said is None:
            continue
        outcomes.append((voice.name, said))
        if len(outcomes) > 1:
            found = _compare(outcomes)
            if found is not None:
                return found
    for name, outcome in outcomes:
        if outcome.worst is not None:
            return Difference(name, name, "program", (outcome.worst,) * 2, tuple(outcomes))
    return None


def _compare(outcomes: Sequence[tuple[str, Outcome]]) -> Difference | None:
    """The first voice against the last one."""
    (first, one), (second, other) = outcomes[0], outcomes[-1]
    ones, others = dict(one.events), dict(other.events)
    if len(ones) != len(one.events):  # the same call twice: tell them apart by their place
        ones = {f"{i} {label}": event for i, (label, event) in enumerate(one.events)}
        others = {f"{i} {label}": event for i, (label, event) in enumerate(other.events)}
    for label in dict.fromkeys((*ones, *others)):
        said = ones.get(label), others.get(label)
        if not _agree(*said):
            return Difference(first, second, label, said, tuple(outcomes))
    return None


def _agree(a: Event | None, b: Event | None) -> bool:
    if not isinstance(a, Ended) or not isinstance(b, Ended):
        return a == b
    if a.kind != b.kind:
        return False
    if a.kind == "exhaustion":
        return True
    told = a.message is not None and b.message is not None
    placed = a.where is not None and b.where is not None
    return (not told or a.message == b.message) and (not placed or a.where == b.where)
