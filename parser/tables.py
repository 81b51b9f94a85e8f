"""The LALR(1) tables of `wat.lark`: made by Lark once, kept in the user's cache folder after that.

Naming: a *row* is a state of the automaton, a mapping from what may come next (a terminal, or a
nonterminal that has just been reduced) to what to do: enter another row, or reduce.

Lark is imported only when the tables are made. What is kept is keyed by the grammar and the
versions of Lark and Python, in a folder that only its owner may write (`interp.core.cache_folder`);
without such a folder the tables are made anew in every process.
"""

from __future__ import annotations

import keyword
import marshal
import re
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeAlias

from watloom.interp.core.cache_folder import CacheFolder, default_path, digest

__all__ = ["END", "Reduction", "Row", "Tables", "build", "grammar_text", "link", "load"]

END = "$END"

#: What is kept: the start rows, the reductions (left side, length, method, positions of absent
#: optional parts), and per row the target rows (>= 0) and the reductions (-1 - number).
Plain: TypeAlias = dict[str, Any]

Method: TypeAlias = Callable[[Any, list[Any]], Any]


class Reduction(NamedTuple):
    """What a rule does: `size` values are replaced by what `method` makes of them.

    Without a method a single value stays as it is, and several leave None.
    """

    size: int
    left: str
    method: Method | None


class Row(dict[str, Any]):
    """What to do next, by symbol: enter another Row, or a Reduction. `symbol` leads to this row."""

    __slots__ = ("symbol",)

    symbol: str

    def __repr__(self) -> str:  # rows lead to rows: all of them would be shown
        return f"<Row behind {self.symbol}>"


class Tables(NamedTuple):
    """The rows, and the row that each start symbol begins in."""

    rows: list[Row]
    starts: dict[str, Row]


def grammar_text() -> str:
    """The text of `wat.lark`."""
    return Path(__file__).with_name("wat.lark").read_text(encoding="utf-8")


def build(grammar: str) -> Plain:
    """Make the tables with Lark, strictly: a conflict raises lark.exceptions.GrammarError."""
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class NoLexer(Lexer):
        """Terminals come from `lexer.py`."""

        def __init__(self, conf: Any) -> None: ...
        def lex(self, *_: Any) -> Any: ...

    lark = Lark(
        grammar,
        parser="lalr",
        lexer=NoLexer,
        start=["module", "command"],
        strict=True,
        keep_all_tokens=True,
        maybe_placeholders=True,
    )
    table = lark.parser.parser._parse_table
    number = {state: i for i, state in enumerate(table.states)}
    reductions: dict[Any, int] = {}
    kept: list[list[Any]] = []
    rows: list[dict[str, int]] = []
    for actions in table.states.values():
        row: dict[str, int] = {}
        for symbol, (action, target) in actions.items():
            if action is Shift:
                row[str(symbol)] = number[target]
                continue
            if target not in reductions:
                reductions[target] = len(kept)
                gaps = [i for i, empty in enumerate(target.options.empty_indices) if empty]
                name = target.alias or target.origin.name
                kept.append([str(target.origin.name), len(target.expansion), str(name), gaps])
            row[str(symbol)] = -1 - reductions[target]
        rows.append(row)
    for state in table.end_states.values():
        rows[number[state]][END] = number[state]  # the end of the text is accepted there
    starts = {name: number[state] for name, state in table.start_states.items()}
    return {"starts": starts, "reductions": kept, "rows": rows}


def link(plain: Plain, methods: type) -> Tables:
    """Tables whose reductions call the methods of a class."""
    reductions = [_reduction(methods, *entry) for entry in plain["reductions"]]
    rows = [Row() for _ in plain["rows"]]
    for row, actions in zip(rows, plain["rows"], strict=True):
        for symbol, target in actions.items():
            if target >= 0:
                row[symbol] = rows[target]
                if symbol != END:
                    rows[target].symbol = symbol
            else:
                row[symbol] = reductions[-1 - target]
    starts = {name: rows[number] for name, number in plain["starts"].items()}
    for name, row in starts.items():
        row.symbol = f"the start of a {name}"
    return Tables(rows, starts)


def _reduction(methods: type, left: str, size: int, name: str, gaps: list[int]) -> Reduction:
    if left.startswith("some{"):
        return Reduction(size, left, _first if size == 1 else _more)
    attribute = f"{name}_" if keyword.iskeyword(name) else name
    method: Method | None = getattr(methods, attribute, None)
    if method is None and size > 1 and name not in ("instrs", "exprs"):
        method = _missing(name)
    if method is not None and gaps:
        method = _padded(method, gaps)
    return Reduction(size, left, method)


def _missing(name: str) -> Method:
    """For the commands of scripts, which a builder of modules never meets."""

    def missing(builder: Any, _: list[Any]) -> NoReturn:
        raise NotImplementedError(f"{type(builder).__name__} has no method for the rule {name}")

    return missing


def _first(_: Any, values: list[Any]) -> list[Any]:
    return values


def _more(_: Any, values: list[Any]) -> list[Any]:
    found: list[Any] = values[0]
    found.append(values[1])
    return found


def _padded(method: Method, gaps: list[int]) -> Method:
    def padded(builder: Any, values: list[Any]) -> Any:
        for gap in gaps:
            values.insert(gap, None)
        return method(builder, values)

    return padded


# ------------------------------------------------------------------ keeping them


def load(methods: type) -> Tables:
    """The linked tables, from the cache where that is possible."""
    grammar = grammar_text()
    key = "\0".join([grammar, _lark_version(), sys.version, "3"])
    name, folder = f"{digest(key.encode()).hex()}.tables", CacheFolder(default_path())
    kept = folder.read(name)
    if kept is not None:
        return link(marshal.loads(kept), methods)
    plain = build(grammar)
    folder.write(name, marshal.dumps(plain))
    return link(plain, methods)


def _lark_version() -> str:
    """Lark's version without importing it."""
    spec = find_spec("lark")
    if spec is None or spec.origin is None:
        return "none"
    try:
        text = Path(spec.origin).read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    found = re.search(r'__version__[^"\']*["\']([^"\']+)', text)
    return found[1] if found else "unknown"
