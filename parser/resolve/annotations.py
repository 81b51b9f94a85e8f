"""The annotations of a text: what stands in them, and where each stands in its module.

    (func $f (@name "a function")             a name, where an identifier may stand
      (@metadata.code.branch_hint "\\01") if    a hint for the next instruction
        …
    (@custom "my section" (after func) "…")   a custom section, in no field of the module

They are white space to the grammar, so their places are told by the tokens around them
(https://webassembly.github.io/spec/core/appendix/custom.html).
"""

from __future__ import annotations

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.errors import MalformedError, Note
from watloom.interp.core.messages import Message
from watloom.interp.core.source import Source, Span
from watloom.parser import messages
from watloom.parser.ast import Noted, Token
from watloom.parser.comments import Annotation
from watloom.parser.lexer import TOKEN
from watloom.parser.strings import decode_string

__all__ = ["BARE", "Annotations", "annotated_name", "unexpected"]


#: Where the "(" of a module is that is written as its fields alone; and where no module is.
BARE, _NOWHERE = -2, -3


@dataclass(slots=True)
class _Name:
    name: str
    annotation: Annotation
    what: str
    """The keyword of what is named."""


class Annotations:
    """The annotations of one text. While modules are resolved, they ask for their `name`s."""

    def __init__(self, source: Source, noted: Noted | None) -> None:
        self.source = source
        self.hints: list[Annotation] = []
        self.customs: list[tuple[int, Annotation]] = []
        """With the offset of the "(" that it stands in."""
        self.names: dict[int, _Name] = {}
        """By the offset of what is named: its "(", or the keyword of a block."""
        self.taken: set[int] = set()
        self.bare = False
        """Whether the outermost module is written as its fields alone."""
        if noted:
            self._place(noted)

    def _place(self, noted: Noted) -> None:
        tokens = TOKEN.finditer(noted.text, noted.start)
        token = next(tokens)
        self.bare = _keyword(token[1]) != "module"
        opened = [BARE if self.bare else _NOWHERE]
        behind: list[Token] = [("", opened[0])]
        for annotation in noted.found:
            while token[1] and token.start(1) < annotation.at:
                word = token[1]
                if word[0] == "(":
                    opened.append(token.start(1))
                elif word == ")":
                    opened.pop()
                behind = [*behind[-2:], (word, token.start(1))]
                token = next(tokens)
            if annotation.kind == "custom":
                self.customs.append((opened[-1], annotation))
            elif annotation.kind == "name":
                self._name(annotation, behind)
            else:
                self.hints.append(annotation)

    def _name(self, annotation: Annotation, behind: list[Token]) -> None:
        name = annotated_name(annotation, self.source, messages.name_string)
        if len(annotation.tokens) > 1:
            raise unexpected(annotation, 1, self.source)
        *before, (word, at) = behind
        if before and word[:1] == "$":
            *before, (word, at) = before
        if before and word == "definition":  # of a script
            word, at = before[-1]
        what = {"func": "function", "": "module"}.get(_keyword(word), _keyword(word))
        first = self.names.get(at)
        if first:
            notes = [Note("the first one", first.annotation.span, self.source)]
            raise messages.multiple_names(annotation.span, self.source, kind=what, notes=notes)
        self.names[at] = _Name(name, annotation, what)

    def name(self, at: int) -> str | None:
        """The name that is annotated to what begins at an offset."""
        found = self.names.get(at)
        if found is None:
            return None
        self.taken.add(at)
        return found.name

    def check_names(self) -> None:
        """Raise MalformedError for a name that nobody has asked for."""
        for at, given in self.names.items():
            if at not in self.taken and given.what != "param":  # those of types have no names
                raise messages.misplaced_name(given.annotation.span, self.source)


def _keyword(word: str) -> str:
    """The keyword in a token, which may be fused with a parenthesis."""
    return word.split()[-1].lstrip("(") if word else ""


def annotated_name(annotation: Annotation, source: Source, missing: Message[MalformedError]) -> str:
    """The name that an annotation begins with.

    Raises MalformedError where it is missing or not UTF-8.
    """
    word, at = annotation.tokens[0] if annotation.tokens else ("", 0)
    if word[:1] != '"':
        raise missing(annotation.span, source)
    try:
        return decode_string(word, at, source).decode("utf-8")
    except UnicodeDecodeError:
        raise messages.annotation_utf8(at, source, kind=annotation.kind) from None


def unexpected(annotation: Annotation, number: int, source: Source) -> MalformedError:
    """The error for a token that cannot stand in an annotation."""
    word, at = annotation.tokens[number]
    span = Span(at, at + len(word))
    return messages.annotation_token(span, source, kind=annotation.kind, word=word)
