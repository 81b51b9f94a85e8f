"""Holding an error against what a directive expects of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from watloom.interp.core.errors import (
    ExhaustionError,
    InvalidError,
    LinkError,
    MalformedError,
    Trap,
    WasmException,
    WatloomError,
)
from watloom.interp.script.accepted import says

__all__ = ["Wrong", "expecting", "explain", "what"]


class Wrong(Exception):
    """A directive does not hold; the text says why."""


#: How a failure names each kind of error.
_KINDS: dict[type[WatloomError], str] = {
    MalformedError: "malformed",
    InvalidError: "invalid",
    LinkError: "unlinkable",
    Trap: "trap",
    ExhaustionError: "exhaustion",
    WasmException: "exception",
}


def what(wanted: type[WatloomError], message: str | None) -> str:
    """What an assertion wants, in words."""
    return _KINDS[wanted] if message is None else f"{_KINDS[wanted]}: {message}"


@contextmanager
def expecting(wanted: type[WatloomError], message: str | None) -> Iterator[None]:
    """Around what must raise an error of a class, its message saying what it should."""
    try:
        yield
    except WatloomError as error:
        if not isinstance(error, wanted):
            expected = what(wanted, message)
            raise Wrong(f"expected {expected}; got {explain(error)}") from error
        if message is not None and not says(error.message, message):
            raise Wrong(f"expected {message!r}, got {error.message!r}") from error
    else:
        raise Wrong(f"expected {what(wanted, message)}, but nothing is wrong with it")


def explain(error: Exception) -> str:
    """An error in one line."""
    if isinstance(error, Wrong):
        return str(error)
    if not isinstance(error, WatloomError):
        return f"{type(error).__name__}: {error}"[:300]
    kind = next((word for cls, word in _KINDS.items() if isinstance(error, cls)), error.kind)
    where = f" ({error.source.where(error.span)})" if error.source and error.span else ""
    return f"{kind}: {error.message}{where}"
