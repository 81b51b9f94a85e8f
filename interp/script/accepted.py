"""Where a message of ours does not begin with the words that a test script expects, and why.

A script compares by prefix: what we say must start with what it expects. Almost all of our
messages do. Here are the others: by expected text, the beginnings that count as the same, each
with a reason.
"""

from __future__ import annotations

from watloom.interp.core.dataclass import dataclass

__all__ = ["ACCEPTED", "Accepted", "says"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Our beginning of a message, and why it stands for the expected one."""

    ours: str
    reason: str


_STACKS = "the suite quotes both stacks of operand types; we name the operand that is wrong"

ACCEPTED: dict[str, tuple[Accepted, ...]] = {
    "type mismatch: instruction requires [i32] but stack has []": (
        Accepted("type mismatch: throw wants i32, but nothing is left", _STACKS),
        Accepted("type mismatch: the end of the `try` wants i32, but nothing is left", _STACKS),
    ),
    "type mismatch: instruction requires [i32] but stack has [i64]": (
        Accepted("type mismatch: throw wants i32, but got i64", _STACKS),
        Accepted("type mismatch: the end of the `try` wants i32, but got i64", _STACKS),
        Accepted("type mismatch: the end of the `catch` wants i32, but got i64", _STACKS),
    ),
    "type mismatch: block requires [] but stack has [i32]": (
        Accepted("type mismatch: 1 more value on the stack than the `catch` gives back", _STACKS),
        Accepted(
            "type mismatch: 1 more value on the stack than the `catch_all` gives back", _STACKS
        ),
    ),
}


def says(message: str, expected: str) -> bool:
    """Whether a message says what a script expects of it.

    >>> says("unknown label 7", "unknown label")
    True
    >>> says("type mismatch: …", "unknown label")
    False
    """
    if message.startswith(expected):
        return True
    return any(message.startswith(known.ours) for known in ACCEPTED.get(expected, ()))
