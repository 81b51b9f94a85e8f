"""`caller`: the memory of whoever called the module that imports this.

    size  () → i32                                  its bytes
    read  (param $to $from $length i32)             copy from its memory to the module's own
    write (param $to $from $length i32)             copy from the module's own memory to its

An adapter gets pointers from its caller that mean nothing in its own memory; with these it can
follow them, so that a module with a memory of its own can be given an adapter without being
changed. The caller is the instance whose code entered the module's instance. They trap outside of
either memory, where one has none, and where the host itself called.

Nothing is noted for this while a program runs: the open calls are looked through when one of these
is called.

A host function that hands its caller's pointers on to another function, as WASI does to an fd's,
calls that by `on_behalf`: so whoever called the one called the other.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

from watloom.interp.core.errors import Trap
from watloom.interp.host.access import inside
from watloom.interp.host.module import HostModule, export
from watloom.interp.host.scalars import U32
from watloom.interp.machine.machine import Machine
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.invoke import call_host, invoke
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Caller, FuncInst, HostFunc, InstanceInst

__all__ = ["caller", "on_behalf"]

#: Where the host calls into guests: who stands below did not call as a guest.
_ENTRIES = ("call_from_host", "invoke", "invoke_fast")


class CallersMemory(HostModule, name="caller"):
    """The functions."""

    @export
    def size(self, own: Caller) -> U32:
        return len(_callers_memory(own).data)

    @export
    def read(self, own: Caller, to: U32, start: U32, length: U32) -> None:
        _copy(_callers_memory(own), start, own.memory, to, length)

    @export
    def write(self, own: Caller, to: U32, start: U32, length: U32) -> None:
        _copy(own.memory, start, _callers_memory(own), to, length)


def caller(store: Store) -> InstanceInst:
    """The instance in a store."""
    return CallersMemory().instantiate(store)


def on_behalf(client: Caller, func: FuncInst, values: Sequence[Any]) -> list[Any]:
    """Call a function with Wasm values as if `client` did it; gives the list of results."""
    if isinstance(func, HostFunc):
        return call_host(func, values, client.instance)
    return invoke(func, list(values))


def _copy(source: Memory, start: int, target: Memory, to: int, length: int) -> None:
    inside(source, start, length, "what is copied")
    inside(target, to, length, "where to")
    target.data[to : to + length] = source.data[start : start + length]


def _callers_memory(own: Caller) -> Memory:
    other = _entered_from(own.instance)
    if other is None:
        raise Trap("no caller: the host called this module, and not a module")
    if not other.memories:
        raise Trap("no memory: the calling module has none")
    return other.memories[0]


def _entered_from(instance: ModuleInst | None) -> ModuleInst | None:
    """The instance of the nearest open call that is another's; None if the host's comes first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith("<watloom "):
            found: ModuleInst = frame.f_globals["instance"]()
            if found is not instance:
                return found
        elif code is Machine._call_host.__code__:
            for call in reversed(frame.f_locals["self"].frames):
                if call.module is not instance:
                    other: ModuleInst = call.module
                    return other
        elif code is on_behalf.__code__:
            client: ModuleInst | None = frame.f_locals["client"].instance
            return client
        elif _is_entry(frame) and not _leads_on(frame.f_back):
            return None
        frame = frame.f_back
    return None


def _leads_on(frame: FrameType | None) -> bool:
    """Whether a function that was entered from here was called on behalf of somebody, perhaps."""
    return _is_entry(frame) or (frame is not None and frame.f_code is on_behalf.__code__)


def _is_entry(frame: FrameType | None) -> bool:
    return (
        frame is not None
        and frame.f_code.co_name in _ENTRIES
        and "watloom" in frame.f_globals.get("__name__", "")
    )
