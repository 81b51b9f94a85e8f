"""Calling a compiled function from the host: Python's errors become traps with a call stack."""

from __future__ import annotations

import struct
from types import TracebackType
from typing import Any

from watloom.interp.compile.emit import SOURCES, Compiled
from watloom.interp.compile.support import __file__ as SUPPORT
from watloom.interp.core.errors import ExhaustionError, GuestError, TraceEntry, Trap
from watloom.interp.core.numerics.integers import NumericError
from watloom.interp.core.source import Span
from watloom.interp.runtime.exceptions import Thrown, uncaught
from watloom.interp.runtime.recursion import ask, give_back
from watloom.interp.runtime.store import MAX_DEPTH, MAX_NESTING, Store
from watloom.interp.runtime.values import FuncInst

__all__ = ["invoke_fast"]

#: What Python raises for what the spec answers with a trap.
_PYTHON_ERRORS = (
    IndexError, ZeroDivisionError, AttributeError, NumericError, OverflowError, struct.error,
)  # fmt: skip

#: Python frames of code that counts its calls: CPython copes with them, its C stack not being used.
_MOST_FRAMES = 200_000

_OURS = __file__.rsplit("compile", 1)[0]


class _Running:
    """What stands for a compiled run among the store's machines."""

    frames = ()


def invoke_fast(store: Store, func: FuncInst, values: list[Any]) -> list[Any]:
    """Call with Wasm values; gives the list of results. Raises what the program raises."""
    if len(store.machines) >= MAX_NESTING:
        raise ExhaustionError("call stack exhausted: guest and host call each other too deeply")
    outermost = not store.machines
    if outermost:
        ask(_recursion(store))
    store.begin()
    store.machines.append(_Running())
    try:
        result = func.entry(*values)
    except GuestError as error:
        _add_stack(error, error.__traceback__)
        raise
    except Thrown as thrown:
        escaped = thrown.error or uncaught(thrown.exn)
        _add_stack(escaped, thrown.__traceback__)
        raise escaped from escaped.__cause__
    except _PYTHON_ERRORS as error:
        trap = _as_trap(error)
        if trap is None:
            raise
        raise trap from None
    except RecursionError as error:
        if not _is_ours(error.__traceback__):
            raise
        exhausted = ExhaustionError("call stack exhausted")
        _add_stack(exhausted, error.__traceback__)
        raise exhausted from None
    finally:
        store.machines.pop()
        if outermost:
            give_back(_recursion(store))
    count = len(func.type.func.results)
    if count == 1:
        return [result]
    return list(result) if count else []


def _recursion(store: Store) -> int:
    """Python frames that a call may take: where calls are counted, each has two."""
    depth = store.limits.depth
    return (MAX_DEPTH if depth is None else min(2 * depth, _MOST_FRAMES)) + 2_000


def _as_trap(error: Exception) -> Trap | None:
    """The trap that a Python error in compiled code stands for; None for one from elsewhere."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        if last.tb_next.tb_frame.f_code.co_filename == SUPPORT:
            break  # raised in a function that the compiled code calls for help
        last = last.tb_next
    if isinstance(error, NumericError):
        trap = Trap(str(error))
    else:
        if last is None:
            return None
        compiled = SOURCES.get(last.tb_frame.f_code.co_filename)
        meaning = _spot(compiled, last)[1] if compiled else ""
        kinds = dict(part.split("=", 1) for part in meaning.split(";") if "=" in part)
        names = {c.__name__ for c in type(error).__mro__}
        text = next((t for name, t in kinds.items() if name in names), None)
        if text is None:
            return None
        text, _, name = text.partition("@")  # a number that belongs to the message
        if name:
            text = f"{text} {int(last.tb_frame.f_locals.get(name, name))}"  # it may be a bool
        trap = Trap(text)
    _add_stack(trap, error.__traceback__)
    return trap


def _add_stack(error: GuestError, traceback: TracebackType | None) -> None:
    """The compiled frames of a traceback, innermost first, behind those that are known."""
    entries: list[TraceEntry] = []
    known: dict[tuple[str, int], TraceEntry] = {}  # a deep recursion has few places
    outer = True
    while traceback is not None:
        if traceback.tb_frame.f_code is invoke_fast.__code__:
            if not outer:
                break  # a call of the host's, which has told its own frames
            outer = False
        compiled = SOURCES.get(traceback.tb_frame.f_code.co_filename)
        if compiled is not None:
            func, place = compiled.func, (compiled.filename, traceback.tb_lasti)
            if place not in known:
                at, _ = _spot(compiled, traceback)
                known[place] = TraceEntry(func.name, func.source, Span(at or func.at))
            entries.append(known[place])
        traceback = traceback.tb_next
    entries.reverse()
    error.stack += entries
    if entries:
        error.located(entries[0].source, entries[0].span)


def _spot(compiled: Compiled, traceback: TracebackType) -> tuple[int, str]:
    """Where in the source a traceback's instruction stands, and what errors mean there."""
    positions = list(traceback.tb_frame.f_code.co_positions())
    line, _, first, last = positions[traceback.tb_lasti // 2]
    line = line or traceback.tb_lineno
    spots = compiled.spots.get(line, [])
    if first is not None and last is not None:
        around = [s for s in spots if s.first <= first and last <= s.last]
        if around:
            best = min(around, key=lambda s: s.last - s.first)
            return best.at, best.meaning
        inside = [s for s in spots if first <= s.first and s.last <= last]
        if inside:
            return inside[-1].at, inside[-1].meaning
    if spots:
        return spots[0].at, spots[0].meaning
    return compiled.ats.get(line, 0), ""


def _is_ours(traceback: TracebackType | None) -> bool:
    """Whether the innermost frame is compiled code, or the engine's."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return False
    name = traceback.tb_frame.f_code.co_filename
    return name in SOURCES or name.startswith((_OURS, "<host "))
