"""Parts of a text by their offsets: where a form ends, what is said above it, how far it is in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from watloom.parser.ast import Token
from watloom.parser.print_words import identifier

__all__ = [
    "Edit",
    "comments_above",
    "edited",
    "form_end",
    "outdented",
    "removed",
    "word",
    "word_end",
]

_STRING = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(rf"{_STRING}|;;[^\n]*|\(;|[()]")
_COMMENT = re.compile(r"\(;|;\)")
_WORD = re.compile(rf"\$?{_STRING}|[^\s()\";]*")


def form_end(text: str, at: int) -> int:
    """The offset behind the form that begins at `at`.

    >>> form_end('(a "(" (; ) ;) (b)) (c)', 0)
    19
    """
    depth = 0
    while found := _TOKEN.search(text, at):
        at = found.end()
        if found[0] == "(;":
            at = _comment_end(text, at)
        elif found[0] in "()":
            depth += 1 if found[0] == "(" else -1
            if not depth:
                return at
    return len(text)


def _comment_end(text: str, at: int) -> int:
    depth = 1
    while depth and (found := _COMMENT.search(text, at)):
        depth += 1 if found[0] == "(;" else -1
        at = found.end()
    return at


def word(token: Token) -> str:
    """An identifier or number as it is written.

    >>> word(("$two words", 0)), word(("7", 0))
    ('$"two words"', '7')
    """
    return identifier(token[0][1:]) if token[0].startswith("$") else token[0]


def word_end(text: str, at: int) -> int:
    """The offset behind the identifier or number at `at`."""
    found = _WORD.match(text, at)
    return found.end() if found else at


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


_FAR = 60


def _margin(line: str) -> int:
    """How far in lines are that belong to what stands behind this part of a line: below it.

    Where it stands far to the right they are below the line.
    """
    return len(line) if len(line) <= _FAR else len(line) - len(line.lstrip(" \t"))


def outdented(text: str, first: int, end: int) -> str:
    """A part of a text as it looks at the left margin: the inverse of what `edited` does to it.

    >>> outdented("  (a\\n    (b))", 2, 14)
    '(a\\n  (b))'
    """
    head, *lines = text[first:end].split("\n")
    margins = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
    margin = min([_margin(text[text.rfind("\n", 0, first) + 1 : first]), *margins])
    return "\n".join([head, *(line[margin:] for line in lines)])


Edit = tuple[int, int, str]
"""The first offset, the last, and what is to stand there."""


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text with some parts replaced; the lines of each begin where its first one does.

    >>> edited("(a) (b)", [(0, 3, "(c)"), (4, 7, "(d\\n  e)")])
    '(c) (d\\n      e)'
    """
    parts: list[str] = []
    kept, line = 0, ""
    for first, last, new in sorted(edits):
        before = text[kept:first]
        line = _last_line(line, before)
        # blank lines stay as they are: only "\n" ends a line, and U+2028 may stand in a string
        shown = re.sub(r"\n(?=[^\r\n])", "\n" + " " * _margin(line), new)
        line = _last_line(line, shown)
        parts += [before, shown]
        kept = last
    return "".join([*parts, text[kept:]])


def _last_line(line: str, text: str) -> str:
    return text[text.rfind("\n") + 1 :] if "\n" in text else line + text


def removed(text: str, parts: Iterable[tuple[int, int]]) -> str:
    """A text without some parts and the blanks in front of them in their lines."""
    for first, last in sorted(parts, reverse=True):
        text = text[:first].rstrip(" \t") + text[last:]
    return text
