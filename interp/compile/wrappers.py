"""Python functions round compiled ones, written out for each number of parameters.

    def entry(a0, a1): …       never  def entry(*args): …

A call `f(*args)` takes C stack (up to 3.11), of which a thread may have little: a deep recursion
through it would end the process, where one through plain calls ends in an exhaustion error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from watloom.interp.compile.support import Tail
from watloom.interp.core.errors import ExhaustionError
from watloom.interp.runtime.store import MAX_SLOTS, Store
from watloom.interp.runtime.values import FuncInst

__all__ = [
    "HEAVY", "WRAPPERS", "WRAPPER_NAMES", "binding", "counted", "late", "trampoline", "weighed",
]  # fmt: skip

Function = Callable[..., Any]

#: The file name in their code: no line of this file is theirs.
WRAPPERS = "<watloom: wrappers>"

#: Variables of a function from which on its open calls are weighed.
HEAVY = 250

_LATE = """\
def make(find):
    def entry({params}):
        return find()({params})
    return entry
"""

_BINDING = """\
def make(target{more}):
    def entry({params}):
        return target.entry({all})
    return entry
"""

_TRAMPOLINE = """\
def make(bounce):
    def entry({params}):
        result = bounce({params})
        while result.__class__ is Tail:
            result = spread[len(result.args)](result.func.bounce, result.args)
        return result
    return entry
"""

_SPREAD = """\
def make():
    def entry(function, args):
        return function({items})
    return entry
"""

_WEIGHED = """\
def make(function, store, weight):
    def entry({params}):
        if store.slots + weight > MAX_SLOTS:
            exhausted()
        store.slots += weight
        try:
            return function({params})
        finally:
            store.slots -= weight
    return entry
"""


_COUNTED = """\
def make(function, store, limit):
    def entry({params}):
        if store.open_calls >= limit:
            exhausted()
        store.open_calls += 1
        try:
            return function({params})
        finally:
            store.open_calls -= 1
    return entry
"""


def late(find: Callable[[], Function], params: int) -> Function:
    """A stand-in that finds the real function when it is called."""
    return _maker(_LATE, params)(find)


def binding(target: FuncInst, values: Sequence[Any], params: int) -> Function:
    """A function's entry with its leading arguments bound."""
    return _maker(_BINDING, params, len(values))(target, *values)


def trampoline(bounce: Function, params: int) -> Function:
    """A function that makes the tail calls which another gives back."""
    return _maker(_TRAMPOLINE, params)(bounce)


def weighed(function: Function, params: int, store: Store, weight: int) -> Function:
    """A function with many variables: those of all open calls must not fill the memory."""
    return _maker(_WEIGHED, params)(function, store, weight)


def counted(function: Function, params: int, store: Store) -> Function:
    """A function that is not entered beyond the store's limit of open calls."""
    return _maker(_COUNTED, params)(function, store, store.limits.depth)


class _Spread(dict[int, Function]):
    """By the number of arguments: a call with a tuple of them."""

    def __missing__(self, count: int) -> Function:
        made: Function = _maker(_SPREAD, count)()
        self[count] = made
        return made


def _exhausted() -> None:
    raise ExhaustionError("call stack exhausted")


#: Their globals, by which a frame of theirs is known.
WRAPPER_NAMES = {"MAX_SLOTS": MAX_SLOTS, "Tail": Tail, "exhausted": _exhausted, "spread": _Spread()}


@cache
def _maker(template: str, params: int, bound: int = 0) -> Callable[..., Function]:
    """What makes the wrappers of a kind."""
    own = [f"a{i}" for i in range(params)]
    given = [f"b{i}" for i in range(bound)]
    source = template.format(
        params=", ".join(own),
        more="".join(f", {name}" for name in given),
        all=", ".join(given + own),
        items=", ".join(f"args[{i}]" for i in range(params)),
    )
    made: dict[str, Any] = {}
    exec(compile(source, WRAPPERS, "exec"), WRAPPER_NAMES, made)
    make: Callable[..., Function] = made["make"]
    return make
