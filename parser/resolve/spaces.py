"""Index spaces: from what is written, names and numbers, to the indices of the module IR.

The two differ where module linking adds definitions that nobody numbered: an item of an instance
that stands where an index may stand becomes an alias in front, and what is written after it moves
up. Numbers that are written count written definitions only.

Naming: an *entry* is one definition in a space; its `index` is the one in the IR.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.errors import Note
from watloom.interp.core.messages import nearest
from watloom.interp.core.source import Source, Span
from watloom.parser import messages
from watloom.parser.ast import Token
from watloom.parser.numbers import parse_nat

__all__ = ["Entry", "Space", "advise_name", "unknown_name"]


@dataclass(slots=True, eq=False)
class Entry:
    """A definition: its index in the IR, and where it stands."""

    at: int
    index: int = -1
    own: bool = False
    """Whether the module defines it itself (rather than the preamble)."""
    opener: int = -1
    """Where its own "(" stands; nowhere, if it is but implied."""


@dataclass(slots=True)
class Space:
    """One index space. `what` names its items in messages."""

    what: str
    source: Source
    names: dict[str, Entry] = field(default_factory=dict)
    """By name, with its `$`."""
    written: list[Entry] = field(default_factory=list)
    """In the order of the text, without those that are only implied."""
    order: list[Entry] = field(default_factory=list)
    """In the order of the IR."""
    moved: bool = False
    """Whether written numbers differ from indices."""
    known: dict[str, int] = field(default_factory=dict)
    """Indices of the words looked up so far."""

    def add(
        self, name: Token | None, at: int, own: bool = False, opener: int | None = None
    ) -> Entry:
        """A definition that is written; raises MalformedError for a name given twice."""
        entry = Entry(at, own=own, opener=at if opener is None else opener)
        self.written.append(entry)
        if name is not None:
            word, name_at = name
            if word in self.names:
                note = Note("first given here", Span(self.names[word].at), self.source)
                span = Span(name_at, name_at + len(word))
                raise messages.duplicate_name(
                    span, self.source, kind=self.what, name=word, notes=[note]
                )
            self.names[word] = entry
        return entry

    def number(self) -> None:
        """Give the entries their indices: those of the preamble in order, then the module's own."""
        self.order += [entry for entry in self.written if entry.own]
        for index, entry in enumerate(self.order):
            entry.index = index
        self.moved = self.order != self.written

    def find(self, token: Token) -> Entry | None:
        """The entry of a name or number; None for a number that nothing has.

        Raises MalformedError for an unknown name.
        """
        word, at = token
        if word[0] == "$":
            entry = self.names.get(word)
            if entry is None:
                raise unknown_name(self.what, token, self.names, self.source)
            return entry
        number = parse_nat(word, 32, at, self.source)
        return self.written[number] if number < len(self.written) else None

    def index(self, token: Token) -> int:
        """The index of a name or number; a number that nothing has stays out of range.

        Raises MalformedError for an unknown name.
        """
        word = token[0]
        found = self.known.get(word)
        if found is None:
            if self.moved or word[0] == "$":
                entry = self.find(token)
                found = entry.index if entry else _surplus(word, len(self.order), len(self.written))
            else:
                found = parse_nat(word, 32, token[1], self.source)
            self.known[word] = found
        return found

    def given_names(self, annotated: Callable[[int], str | None]) -> dict[int, str]:
        """The names by index, without their `$`; `annotated` gives a better one for an opener."""
        found = {entry.index: name[1:] for name, entry in self.names.items()}
        for entry in self.written:
            name = annotated(entry.opener)
            if name is not None:
                found[entry.index] = name
        return found


def _surplus(word: str, total: int, written: int) -> int:
    return parse_nat(word, 32) + total - written


def unknown_name(
    what: str, token: Token, known: Sequence[str] | dict[str, Entry], source: Source
) -> Exception:
    """The error for a name that is not bound, with the nearest that is."""
    word, at = token
    advice = advise_name(what, word, list(known))
    span = Span(at, at + len(word))
    return messages.unknown_name(span, source, kind=what, name=word, help=advice)


def advise_name(what: str, word: str, known: Sequence[str]) -> str | None:
    """What a name that is not bound was most likely meant to be, or which ones there are.

    >>> advise_name("local", "$conut", ["$count"]), advise_name("memory", "$m", ["$a", "$b"])
    ('did you mean $count?', 'there are the memories $a, $b')
    """
    near = nearest(word, known)
    if near:
        return f"did you mean {near}?"
    things = "memories" if what == "memory" else f"{what}s"
    if len(known) > 6:
        return None
    if not known:
        return f"no {what} has a name here"
    return (
        f"there are the {things} {', '.join(known)}"
        if len(known) > 1
        else f"there is only {known[0]}"
    )
