"""Cutting a test script into its commands."""

from __future__ import annotations

import re

from watloom.parser.comments import ID_CHARS, STRING
from watloom.parser.lexer import TOKEN

__all__ = ["forms"]

_EDGE = re.compile(rf"{STRING}|;;[^\n\r]*|[()]")
_SCRIPT = re.compile(rf"\(\s*script(?![{ID_CHARS}])(?:\s*\$(?:[{ID_CHARS}]+|{STRING}))?")


def forms(text: str) -> list[tuple[int, int]]:
    """Where the top-level forms begin and end; what stands between them belongs to the next.

    The forms in a `(script …)` are run as if they stood in its place, so they count as top-level.
    """
    found: list[tuple[int, int]] = []
    scripts: list[int] = []
    depth = start = 0
    for edge in _EDGE.finditer(text):
        if edge[0] == "(":
            script = _SCRIPT.match(text, edge.start()) if not depth else None
            if script and not text[start : edge.start()].strip():
                scripts.append(edge.start())
                start = script.end()
            else:
                depth += 1
        elif edge[0] == ")":
            depth -= 1
            if depth < 0 and scripts:
                scripts.pop()
                found.append((start, edge.start()))
                start = edge.end()
            elif depth <= 0:
                found.append((start, edge.end()))
                start = edge.end()
            depth = max(depth, 0)
    found.append((start, len(text)))
    found += [(start, len(text)) for start in scripts[-1:]]  # one that is not closed
    begun = [(TOKEN.match(text, start, stop), stop) for start, stop in found]
    return [(token.start(1), stop) for token, stop in begun if token and token[1]]
