"""Marks around what may trap, in the text of a line while it is made.

    a // b   marked   →   \ue00017:ZeroDivisionError=integer divide by zero\ue001a // b\ue002

They are taken out when the line is finished, leaving the columns and what a Python error there
means (`Spot`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Spot", "marked", "unmark"]


class Spot(NamedTuple):
    """A stretch of a line that may trap: where in the source, and what errors mean there."""

    first: int
    last: int
    at: int
    meaning: str


_MARK = re.compile("\ue000(\\d+):([^\ue001]*)\ue001|\ue002")


def marked(text: str, at: int, meaning: str) -> str:
    return f"\ue000{at}:{meaning}\ue001{text}\ue002"


def unmark(text: str) -> tuple[str, list[Spot]]:
    """A line without its marks, and the stretches that they marked."""
    if "\ue000" not in text:
        return text, []
    out: list[str] = []
    width, last = 0, 0
    opened: list[tuple[int, int, str]] = []
    spots: list[Spot] = []
    for mark in _MARK.finditer(text):
        piece = text[last : mark.start()]
        out.append(piece)
        width += len(piece)
        last = mark.end()
        if mark[0] == "\ue002":
            first, at, meaning = opened.pop()
            spots.append(Spot(first, width, at, meaning))
        else:
            opened.append((width, int(mark[1]), mark[2]))
    out.append(text[last:])
    return "".join(out), spots
