"""Where things stand in a text or a binary, and how such a place is shown to a person.

Naming: an *offset* is an index into the source (characters of a text, bytes of a binary); a *span*
is a half-open pair of offsets; a *position* is a line and a column, both counted from 1, worked
out only when somebody asks.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cached_property

from watloom.interp.core.dataclass import dataclass, field

__all__ = ["Source", "Span", "columns"]

# One token, near enough to underline it: a string, "(" with its keyword, an atom.
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|\(\s*[^\s()";]*|[^\s()";]+|\S')

_TAB = "    "


def columns(text: str) -> int:
    """How many columns of a terminal a text takes.

    >>> columns("ab"), columns("名前"), columns("e\u0301")
    (2, 4, 1)
    """
    text = text.replace("\t", _TAB)
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if character < " " or "\x7f" <= character < "\xa0":
        return len("\\x00")  # what steers a terminal is shown as an escape
    if "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069":
        return len("\\u0000")
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of offsets; `end` None means "the token that starts at `start`"."""

    start: int
    end: int | None = None


@dataclass(frozen=True)
class Source:
    """A text or a binary with the name that it is shown under.

    >>> s = Source("a.wat", "(module\\n  (fnc))")
    >>> s.position(11)
    (2, 4)
    >>> print(s.excerpt(Span(10)))
      2 |   (fnc))
        |   ^^^^
    """

    name: str
    text: str | None = None
    data: bytes | None = field(default=None, repr=False)
    folder: str | None = None
    """Where the files that it imports are looked for; None for what was not read from a file."""

    @cached_property
    def _line_starts(self) -> list[int]:
        text = self.text or ""
        return [0, *(m.end() for m in re.finditer("\n", text))]

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column (from 1) of an offset into a text."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its newline."""
        starts = self._line_starts
        end = starts[number] - 1 if number < len(starts) else len(self.text or "")
        return (self.text or "")[starts[number - 1] : end].rstrip("\r")

    def where(self, span: Span | None) -> str:
        """`NAME:LINE:COL` in a text, `NAME:@0xOFFSET` in a binary."""
        if span is None:
            return self.name
        if self.text is None:
            return f"{self.name}:@0x{span.start:x}"
        line, column = self.position(span.start)
        return f"{self.name}:{line}:{column}"

    def end_of(self, span: Span) -> int:
        """The end of a span: its own, or that of the token it starts at."""
        if span.end is not None:
            return span.end
        found = _TOKEN.match(self.text or "", span.start)
        return found.end() if found else span.start + 1

    def excerpt(self, span: Span, label: str = "") -> str:
        """The source line of a span with carets under it; nothing for a binary."""
        if self.text is None:
            return ""
        number, column = self.position(span.start)
        line = self.line(number)
        stop = min(self.end_of(span), span.start - column + 1 + len(line))
        width = max(1, stop - span.start)
        before, marked = line[: column - 1], line[column - 1 : column - 1 + width]
        if len(line) > 160:  # a generated line: show the neighbourhood only
            cut = max(0, column - 61)
            before, line = before[cut:], line[cut : cut + 160]
            marked = marked[: 160 - len(before)]
        shown, gap = line.replace("\t", _TAB), columns(before)
        carets = "^" * max(1, columns(marked))
        gutter = f"{number:>3}"
        pointer = f"{' ' * len(gutter)} | {' ' * gap}{carets}"
        return f"{gutter} | {shown}\n{pointer}" + (f" {label}" if label else "")
