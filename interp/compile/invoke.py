"""Calling a compiled function from the host: Python's errors become traps with a call stack."""

from __future__ import annotations

import struct
import sys
from types import TracebackType
from typing import Any

from watloom.interp.compile.compiled import SOURCES, Compiled
from watloom.interp.compile.support import __file__ as SUPPORT
from watloom.interp.compile.wrappers import WRAPPERS
from watloom.interp.core.errors import ExhaustionError, GuestError, TraceEntry, Trap, WasmException
from watloom.interp.core.numerics.integers import NumericError
from watloom.interp.core.source import Span
from watloom.interp.runtime.exceptions import Thrown, uncaught
from watloom.interp.runtime.recursion import give_back, make_room
from watloom.interp.runtime.store import MAX_DEPTH, MAX_NESTING, Store
from watloom.interp.runtime.values import FuncInst

__all__ = ["invoke_fast"]

#: What Python raises for what the spec answers with a trap.
_PYTHON_ERRORS = (
    IndexError, ZeroDivisionError, AttributeError, NumericError, OverflowError, struct.error,
)  # fmt: skip

#: Python frames of code that counts its calls: CPython copes with them, its C stack not being used.
_MOST_FRAMES = 200_000
#: Entries of a traceback beyond which it is not kept: each holds a frame with all its variables.
_LONG = 500

#: Frames of ours between a call from the host and where its room is measured.
_ABOVE = 3 if sys.version_info < (3, 12) else 2

_OURS = __file__.rsplit("compile", 1)[0]


class _Running:
    """What stands for a compiled run among the store's machines."""

    frames = ()


def invoke_fast(store: Store, func: FuncInst, values: list[Any]) -> list[Any]:
    """Call with Wasm values; gives the list of results. Raises what the program raises."""
    if len(store.machines) >= MAX_NESTING:
        raise ExhaustionError("call stack exhausted: guest and host call each other too deeply")
    run = _Running()
    try:
        _begin(store, run)
        result = func.entry(*values)
    except GuestError as error:
        if _add_stack(error, error.__traceback__) > _LONG:
            forget(error)
        raise
    except Thrown as thrown:
        raise _escaped(thrown) from (thrown.error.__cause__ if thrown.error else None)
    except _PYTHON_ERRORS as error:
        text = _meaning(error)
        if text is None:
            raise
        raise _in_place_of(error, Trap(text)) from None
    except RecursionError as error:
        if not _is_ours(error.__traceback__):
            forget(error, beyond=_LONG)
            raise
        raise _in_place_of(error, ExhaustionError("call stack exhausted")) from None
    finally:
        try:
            _end(store, run)
        except BaseException:  # an interrupt in the middle of it: it may be done twice
            _end(store, run)
            raise
    count = len(func.type.func.results)
    if count == 1:
        return [result]
    return list(result) if count else []


def _recursion(store: Store) -> int:
    """Python frames that a call may take: where calls are counted, each may have four."""
    depth = store.limits.depth
    return MAX_DEPTH - _ABOVE if depth is None else min(4 * depth, _MOST_FRAMES) + 2_000


def _begin(store: Store, run: _Running) -> None:
    store.begin()
    if not store.machines:
        make_room(run, _recursion(store))
    store.machines.append(run)


def _end(store: Store, run: _Running) -> None:
    if run in store.machines:
        del store.machines[store.machines.index(run) :]
    if not store.machines:
        give_back(run)


def _meaning(error: Exception) -> str | None:
    """What a Python error in compiled code says of the program; None for one from elsewhere."""
    if isinstance(error, NumericError):
        return str(error)
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        if last.tb_next.tb_frame.f_code.co_filename == SUPPORT:
            break  # raised in a function that the compiled code calls for help
        last = last.tb_next
    compiled = SOURCES.get(last.tb_frame.f_code.co_filename) if last else None
    if last is None or compiled is None:
        return None
    kinds = dict(part.split("=", 1) for part in _spot(compiled, last)[1].split(";") if "=" in part)
    names = {c.__name__ for c in type(error).__mro__}
    text = next((t for name, t in kinds.items() if name in names), None)
    if text is None:
        return None
    text, _, name = text.partition("@")  # a number that belongs to the message
    # (it may be a bool)
    return f"{text} {int(last.tb_frame.f_locals.get(name, name))}" if name else text


def _in_place_of(error: Exception, ours: GuestError) -> GuestError:
    """Our error with the place, the stack and the traceback of Python's."""
    trace = error.__traceback__
    if _add_stack(ours, trace) > _LONG:
        forget(error)
        return ours
    return ours.with_traceback(trace.tb_next if trace else None)


def _escaped(thrown: Thrown) -> WasmException:
    """What tells the host of an exception that nobody caught."""
    error = thrown.error or uncaught(thrown.exn)
    if _add_stack(error, thrown.__traceback__) > _LONG:
        forget(thrown)
    return error


def _add_stack(error: GuestError, traceback: TracebackType | None) -> int:
    """This run's compiled frames, innermost first, behind those that are known.

    Gives the length of the traceback.
    """
    entries: list[TraceEntry] = []
    known: dict[tuple[str, int], TraceEntry] = {}  # a deep recursion has few places
    length, inner = 0, False
    while traceback is not None:
        code = traceback.tb_frame.f_code
        # a run that a host function began has added its own frames
        inner = inner or (length > 0 and code is invoke_fast.__code__)
        compiled = None if inner else SOURCES.get(code.co_filename)
        if compiled is not None:
            func, place = compiled.func, (compiled.filename, traceback.tb_lasti)
            if place not in known:
                at, _ = _spot(compiled, traceback)
                known[place] = TraceEntry(func.name, func.source, Span(at or func.at))
            entries.append(known[place])
        length += 1
        traceback = traceback.tb_next
    entries.reverse()
    error.stack += entries
    if entries:
        error.located(entries[0].source, entries[0].span)
    return length


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
    """Whether it was the program that took the stack, not a host function that it called."""
    whole = ours = 0
    last = False
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        last = name in SOURCES or name.startswith((_OURS, "<host ", WRAPPERS))
        whole, ours = whole + 1, ours + last
        traceback = traceback.tb_next
    return last or (whole > _LONG and 2 * ours > whole)


def forget(error: BaseException, beyond: int = 0) -> None:
    """Let go of an error's traceback (`beyond` so many entries), the innermost part first.

    Let go as a whole, each part would free the next in a recursion in C, which a thread with a
    small stack may not have room for (3.13). So it is taken apart one by one.
    """
    parts = []
    traceback = error.__traceback__
    while traceback is not None:
        parts.append(traceback)
        traceback = traceback.tb_next
    if not beyond:
        error.__traceback__ = None
    while len(parts) > beyond:
        parts.pop()
        if parts:
            parts[-1].tb_next = None
