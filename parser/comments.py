"""Block comments and annotations: checked, then blanked out, so that the lexer never meets them.

Before: `(func (;0;) (@note "x") nop)`, after: `(func                     nop)`. Offsets stay true.
Annotations that mean something to us are noted on the way.
(https://webassembly.github.io/spec/core/text/lexical.html#white-space)
"""

from __future__ import annotations

import re

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.source import Source, Span
from watloom.parser import messages
from watloom.parser.strings import decode_name, decode_string

__all__ = ["ID_CHARS", "KNOWN_ANNOTATIONS", "STRING", "Annotation", "blank"]

#: The annotations that mean something; all others are white space.
KNOWN_ANNOTATIONS = ("custom", "name", "metadata.code.branch_hint")

#: The characters of names and keywords, as a regular expression's class without its brackets.
ID_CHARS = r"0-9A-Za-z!#$%&'*+\-./:<=>?@\\^_`|~"

#: A whole string on one line; escapes are looked at when it is decoded.
STRING = r'"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*+"'

_NEXT = re.compile(rf"{STRING}|;;[^\n\r]*|\(;|\(@")
_COMMENT_EDGE = re.compile(r"\(;|;\)")
_STRING = re.compile(STRING)
_ANNOTATION_NAME = re.compile(rf"\(@(?:([{ID_CHARS}]+)|({STRING}))?")
_ANNOTATION_ITEM = re.compile(
    rf"(?P<space>[ \t\n\r]+|;;[^\n\r]*)|(?P<comment>\(;)|(?P<open>\()|(?P<close>\))"
    rf'|(?:[{ID_CHARS}]++|{STRING})++|[,;\[\]{{}}]|(?P<quote>")|(?P<other>.)',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation of a known kind: where it stands, and its tokens behind the name."""

    kind: str
    at: int
    end: int
    tokens: list[tuple[str, int]]

    @property
    def span(self) -> Span:
        """The annotation as messages show it."""
        return Span(self.at, self.end)


def blank(source: Source, text: str, known: list[Annotation] | None = None) -> str:
    """The text with every block comment and annotation replaced by spaces.

    The annotations that mean something are appended to `known`. Raises MalformedError for comments
    and annotations that are not closed or not well formed.
    """
    if "(;" not in text and "(@" not in text:
        return text
    parts: list[str] = []
    kept = here = 0
    while True:
        found = _NEXT.search(text, here)
        if found is None:
            parts.append(text[kept:])
            return "".join(parts)
        opener = found[0]
        if opener == "(;":
            here = _end_of_comment(source, text, found.start())
        elif opener == "(@":
            here = _end_of_annotation(source, text, found.start(), known)
        else:
            here = found.end()
            continue
        parts.append(text[kept : found.start()])
        parts.append(" " * (here - found.start()))
        kept = here


def _end_of_comment(source: Source, text: str, start: int) -> int:
    depth, here = 0, start
    while True:
        edge = _COMMENT_EDGE.search(text, here)
        if edge is None:
            raise messages.unclosed_comment(Span(start, start + 2), source)
        here = edge.end()
        depth += 1 if edge[0] == "(;" else -1
        if not depth:
            return here


def _end_of_annotation(
    source: Source, text: str, start: int, known: list[Annotation] | None
) -> int:
    found = _ANNOTATION_NAME.match(text, start)
    assert found is not None
    name = found[1]
    if found[2] is not None:
        name = decode_name(found[2], start + 2, source)
    if not name:
        raise messages.empty_annotation(Span(start, start + 2), source)
    depth, here = 1, found.end()
    tokens: list[tuple[str, int]] = []
    while depth:
        item = _ANNOTATION_ITEM.match(text, here)
        if item is None:
            raise messages.unclosed_annotation(Span(start, found.end()), source)
        here = item.end()
        match item.lastgroup:
            case "space":
                continue
            case "comment":
                here = _end_of_comment(source, text, item.start())
                continue
            case "open":
                depth += 1
            case "close":
                depth -= 1
            case "quote":
                raise broken_string(source, text, item.start())
            case "other":
                raise illegal_character(source, item.start(), item[0])
        if "\\" in item[0]:
            for string in _STRING.finditer(item[0]):  # its escapes are looked at
                decode_string(string[0], item.start() + string.start(), source)
        tokens.append((item[0], item.start()))
    if known is not None and name in KNOWN_ANNOTATIONS:
        known.append(Annotation(name, start, here, tokens[:-1]))
    return here


def illegal_character(source: Source, at: int, character: str) -> Exception:
    """The error for a character that cannot stand outside strings and comments."""
    shown = repr(character) if character.isprintable() else f"U+{ord(character):04X}"
    help = 'strings stand between straight quotes: "…"' if character in "“”„‘’«»'" else None
    if character == "\ufeff":
        help = "it is a byte order mark, which one does not see: save the text without it"
    return messages.illegal_character(Span(at, at + 1), source, character=shown, help=help)


def broken_string(source: Source, text: str, start: int) -> Exception:
    """The error for a `"` that does not begin a whole string."""
    rest = re.compile(r"(?:[^\"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*+").match(text, start + 1)
    end = rest.end() if rest else start + 1
    stop = text[end : end + 1].lstrip("\\\n\r")
    if stop:
        return messages.control_character(
            Span(end, end + 1), source, character=f"U+{ord(stop):04X}"
        )
    return messages.unclosed_string(Span(start, max(end, start + 1)), source)
