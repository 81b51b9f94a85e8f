"""A diagnostic's text is declared once, with its name, so that a test can find those never shown.

A phase (parser, validator, linker) keeps a catalogue: a module of constants such as

    unknown_label = Message(InvalidError, "unknown-label", "unknown label {label}",
                            help="labels count outwards from 0; {depth} are open here")

and raises `unknown_label(at, source, label=7, depth=2)`. The text begins with the spec's own words,
since test scripts compare by prefix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from watloom.interp.core.errors import Note, WatloomError
from watloom.interp.core.source import Source, Span

__all__ = ["Message", "nearest"]

_LONG, _MANY = 60, 5_000

E = TypeVar("E", bound=WatloomError)


class Message(Generic[E]):
    """A template of an error: calling it makes the error, which the caller raises."""

    def __init__(self, error: type[E], slug: str, text: str, help: str | None = None) -> None:
        self.error = error
        self.slug = slug
        self.text = text
        self.help = help

    def __call__(
        self,
        at: Span | int | None = None,
        source: Source | None = None,
        *,
        notes: Sequence[Note] = (),
        help: str | None = None,
        extra: dict[str, object] | None = None,
        **values: Any,
    ) -> E:
        """An error of this message; `at` is a span or the offset of a token; `help` overrides."""
        span = Span(at) if isinstance(at, int) else at
        advice = help if help is not None else self.help and self.help.format(**values)
        text = self.text.format(**values)
        return self.error(
            text,
            source=source,
            span=span,
            help=advice,
            notes=notes,
            code=self.slug,
            **(extra or {}),
        )


def nearest(name: str, known: Sequence[str] | set[str]) -> str | None:
    """The known name that the given one was most likely meant to be.

    >>> nearest("i32.ad", ["i32.add", "i32.sub", "drop"])
    'i32.add'
    """
    from difflib import get_close_matches

    if len(name) > _LONG or len(known) > _MANY:  # comparing costs length times length, each
        return None
    candidates = sorted(k for k in known if len(k) <= 2 * len(name) + 2)
    found = get_close_matches(name, candidates, n=1, cutoff=0.6)
    return found[0] if found else None
