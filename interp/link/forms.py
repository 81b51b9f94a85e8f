"""Parts of a text by their offsets: where a form ends, what is said above it, how far it is in."""

from __future__ import annotations

import re
import textwrap

__all__ = ["comments_above", "form_end", "indented", "outdented"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|;;[^\n]*|\(;|;\)|[()]')


def form_end(text: str, at: int) -> int:
    """The offset behind the form that begins at `at`.

    >>> form_end('(a "(" (; ) ;) (b)) (c)', 0)
    19
    """
    depth = comments = 0
    for found in _TOKEN.finditer(text, at):
        token = found[0]
        if token in ("(;", ";)"):
            comments += 1 if token == "(;" else -1
        elif comments or token[0] in '";':
            continue
        else:
            depth += 1 if token == "(" else -1
            if not depth:
                return found.end()
    return len(text)


def comments_above(text: str, at: int) -> int:
    """Where the lines of comments begin that stand directly above the form at `at`; else `at`."""
    line = text.rfind("\n", 0, at) + 1
    if text[line:at].strip():
        return at
    first = at
    while line:
        above = text.rfind("\n", 0, line - 1) + 1
        if not text[above:line].lstrip().startswith(";;"):
            break
        first = above + len(text[above:line]) - len(text[above:line].lstrip())
        line = above
    return first


def column(text: str, at: int) -> int:
    """How many characters stand before an offset in its line."""
    return at - text.rfind("\n", 0, at) - 1


def outdented(text: str, first: int, end: int) -> str:
    """A part of a text as it looks at the left margin."""
    return textwrap.dedent(" " * column(text, first) + text[first:end])


def indented(text: str, columns: int) -> str:
    """A text moved to the right; its first line stands there already."""
    return textwrap.indent(text, " " * columns)[columns:]
