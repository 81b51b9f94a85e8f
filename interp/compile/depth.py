"""Counting open calls, where their depth is limited.

    def counted(a0, a1):
        if store.open_calls >= limit:
            exhausted()
        store.open_calls += 1
        try:
            return function(a0, a1)
        finally:
            store.open_calls -= 1

It is written out for each number of parameters: a call with `*args` would take C stack.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

from watloom.interp.core.errors import ExhaustionError
from watloom.interp.runtime.store import Store

__all__ = ["count_calls"]

_SOURCE = """\
def counted({params}):
    if store.open_calls >= limit:
        exhausted()
    store.open_calls += 1
    try:
        return function({params})
    finally:
        store.open_calls -= 1
"""


def count_calls(function: Callable[..., Any], params: int, store: Store) -> Callable[..., Any]:
    """The function, refusing to be entered beyond the store's limit of open calls."""
    names: dict[str, Any] = {
        "exhausted": _exhausted,
        "function": function,
        "limit": store.limits.depth,
        "store": store,
    }
    exec(_code(params), names)
    counted: Callable[..., Any] = names["counted"]
    return counted


@cache
def _code(params: int) -> CodeType:
    source = _SOURCE.format(params=", ".join(f"a{i}" for i in range(params)))
    return compile(source, __file__, "exec")


def _exhausted() -> None:
    raise ExhaustionError("call stack exhausted")
