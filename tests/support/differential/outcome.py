"""What a voice says of a program: an event for each call, then the state that was left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from zlib import crc32

__all__ = [
    "KINDS",
    "Ended",
    "Event",
    "Outcome",
    "Returned",
    "State",
    "kind_of_trap",
    "memory_state",
]


@dataclass(frozen=True, slots=True)
class Returned:
    """The results of a call: each one's type and bits."""

    results: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        return " ".join(f"{t}:{bits:#x}" for t, bits in self.results) or "nothing"


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that did not return.

    `kind` is comparable between engines; `message` and `where` (function and offset of each frame)
    only between the tiers of watloom, and None where a voice does not tell.
    """

    kind: str
    message: str | None = None
    where: tuple[tuple[str, int | None], ...] | None = None

    def __str__(self) -> str:
        parts = [self.kind]
        if self.message is not None and self.message != self.kind:
            parts.append(f"({self.message})")
        if self.where:
            parts.append("at " + " < ".join(f"{name}+{at}" for name, at in self.where[:4]))
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class State:
    """A piece of what is left at the end."""

    text: str

    def __str__(self) -> str:
        return self.text


Event: TypeAlias = Returned | Ended | State


@dataclass(frozen=True, slots=True)
class Outcome:
    """Labelled events, in order."""

    events: tuple[tuple[str, Event], ...]

    @property
    def worst(self) -> Ended | None:
        """What no program may lead to, whatever the other voices say; None if there is none."""
        for _, event in self.events:
            if isinstance(event, Ended) and event.kind in ("rejected", "crash", "hang"):
                return event
        return None


#: What a trap's text begins with in watloom → its kind. Engines differ in how much they tell apart.
KINDS: dict[str, str] = {
    "undefined element": "out of bounds table access",
    "uninitialized element": "uninitialized element",
    "null ": "null reference",
}


def kind_of_trap(message: str) -> str:
    """The kind of a trap from watloom's message.

    >>> kind_of_trap("uninitialized element 3"), kind_of_trap("null i31 reference")
    ('uninitialized element', 'null reference')
    """
    for start, kind in KINDS.items():
        if message.startswith(start):
            return kind
    return message


def memory_state(data: bytes | bytearray | memoryview, pages: int) -> State:
    """A memory's size and a hash of its bytes."""
    return State(f"{pages} pages, {crc32(data):08x}")


def host_log(notes: Sequence[int]) -> State:
    """What the imported function was called with."""
    return State(" ".join(hex(note & 0xFFFF_FFFF_FFFF_FFFF) for note in notes) or "no calls")
