"""Block comments and annotations: checked, then blanked out, so that the lexer never meets them.

Before: `(func (;0;) (@note "x") nop)`, after: `(func                     nop)`. Offsets stay true.
(https://webassembly.github.io/spec/core/text/lexical.html#white-space)
"""

from __future__ import annotations

import re

from watloom.interp.core.source import Source, Span
from watloom.parser import messages
from watloom.parser.strings import decode_name

__all__ = ["ID_CHARS", "STRING", "blank"]

#: The characters of names and keywords, as a regular expression's class without its brackets.
ID_CHARS = r"0-9A-Za-z!#$%&'*+\-./:<=>?@\\^_`|~"

#: A whole string on one line; escapes are looked at when it is decoded.
STRING = r'"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*+"'

_NEXT = re.compile(rf"{STRING}|;;[^\n\r]*|\(;|\(@")
_COMMENT_EDGE = re.compile(r"\(;|;\)")
_ANNOTATION_NAME = re.compile(rf"\(@(?:([{ID_CHARS}]+)|({STRING}))?")
_ANNOTATION_ITEM = re.compile(
    rf"[ \t\n\r]+|;;[^\n\r]*|(?P<comment>\(;)|(?P<open>\()|(?P<close>\))"
    rf'|(?:[{ID_CHARS}]++|{STRING})++|[,;\[\]{{}}]|(?P<quote>")|(?P<other>.)',
    re.DOTALL,
)


def blank(source: Source, text: str) -> str:
    """The text with every block comment and annotation replaced by spaces.

    Raises MalformedError for those that are not closed or not well formed.
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
            here = _end_of_annotation(source, text, found.start())
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


def _end_of_annotation(source: Source, text: str, start: int) -> int:
    name = _ANNOTATION_NAME.match(text, start)
    assert name is not None
    if name[2] is not None:
        empty = not decode_name(name[2], start + 2, source)
    else:
        empty = not name[1]
    if empty:
        raise messages.empty_annotation(Span(start, start + 2), source)
    depth, here = 1, name.end()
    while depth:
        item = _ANNOTATION_ITEM.match(text, here)
        if item is None:
            raise messages.unclosed_annotation(Span(start, name.end()), source)
        here = item.end()
        match item.lastgroup:
            case "comment":
                here = _end_of_comment(source, text, item.start())
            case "open":
                depth += 1
            case "close":
                depth -= 1
            case "quote":
                raise broken_string(source, text, item.start())
            case "other":
                raise illegal_character(source, item.start(), item[0])
    return here


def illegal_character(source: Source, at: int, character: str) -> Exception:
    """The error for a character that cannot stand outside strings and comments."""
    shown = repr(character) if character.isprintable() else f"U+{ord(character):04X}"
    help = 'strings stand between straight quotes: "…"' if character in "“”„‘’«»'" else None
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
