"""The LALR(1) automaton: tokens in, and what the builder's methods make of the rules out.

Lexing and parsing are one loop, and no Python recursion follows the nesting of the text.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NoReturn, TypeAlias

from watloom.interp.core.errors import MalformedError
from watloom.parser import diagnose
from watloom.parser.lexer import TOKEN, Lexer
from watloom.parser.tables import END, Reduction, Row, Tables, load

__all__ = ["Token", "collector_at_rest", "run", "tables_for"]

#: A token as the methods get it: its text, and the offset where it stands.
Token: TypeAlias = tuple[str, int]


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from looking at a growing tree over and over: it has no cycles."""
    working = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if working:
            gc.enable()


@lru_cache(maxsize=4)
def tables_for(methods: type) -> Tables:
    """The tables linked to the methods of a class."""
    return load(methods)


def run(builder: Any, lexer: Lexer, start: str, pos: int = 0, stop: int | None = None) -> Any:
    """Parse the text of the lexer, or a part of it, from a start symbol; the value of that symbol.

    Raises MalformedError with the place, what was expected, and advice for the ordinary mistakes.
    """
    stop = len(lexer.text) if stop is None else stop
    kinds, classify = lexer.kinds, lexer.classify
    row = tables_for(builder.__class__).starts[start]
    rows: list[Row] = [row]
    values: list[Any] = []
    for match in TOKEN.finditer(lexer.text, pos, stop):
        word = match[1]
        kind = kinds.get(word)
        if kind is None:
            if not word:
                break
            try:
                kind, word = classify(word, match.start(1))
            except MalformedError as error:
                raise diagnose.advise(error, word, row) from None
        while True:
            action = row.get(kind)
            if action.__class__ is Row:
                row = action
                rows.append(row)
                values.append((word, match.start(1)))
                break
            if action is None:
                _fail(lexer, rows, values, kind, (word, match.start(1)))
            row = _reduce(builder, rows, values, action)
    while True:
        action = row.get(END)
        if action.__class__ is Row:
            return values[-1]
        if action is None:
            _fail(lexer, rows, values, END, ("", stop))
        row = _reduce(builder, rows, values, action)


def _reduce(builder: Any, rows: list[Row], values: list[Any], action: Reduction) -> Row:
    size, left, method = action
    if size == 1:
        if method is not None:
            values[-1] = method(builder, [values[-1]])
        row: Row = rows[-2][left]
        rows[-1] = row
        return row
    if size:
        if method is not None:
            value = method(builder, values[-size:])
        else:
            value = None
        del values[-size:], rows[-size:]
        values.append(value)
    else:
        values.append(method(builder, []) if method is not None else None)
    row = rows[-1][left]
    rows.append(row)
    return row


def _fail(lexer: Lexer, rows: list[Row], values: list[Any], kind: str, token: Token) -> NoReturn:
    raise diagnose.syntax_error(lexer, rows, values, kind, token)
