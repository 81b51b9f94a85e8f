"""Exceptions on their way, and where they cross between Wasm and Python.

    Wasm                               Python
    ExnInst(tag, Wasm values)    →     WasmException(tag, Python values)     `uncaught`
    ExnInst                      ←     WasmException raised by host code     `received`

https://webassembly.github.io/spec/core/exec/runtime.html#exception-instances
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import HostValueError, LinkError, WasmException
from watloom.interp.runtime.convert import adopt, to_python, to_wasm_all
from watloom.interp.runtime.values import ExnInst, Tag

if TYPE_CHECKING:
    from watloom.interp.runtime.store import Store

__all__ = ["Thrown", "received", "uncaught"]


class Thrown(Exception):
    """An exception on its way through compiled code: `Thrown(exn)`, or `Thrown(exn, error)`.

    `error` is what a host function raised, or a call that it made, where that is where it comes
    from: if nobody catches it, that very error goes on. (An `__init__` would double what it costs.)
    """

    to: int | None = None
    """A legacy `delegate`: the region of the current function in which it counts as thrown."""

    @property
    def exn(self) -> ExnInst:
        """The exception."""
        found: ExnInst = self.args[0]
        return found

    @property
    def error(self) -> WasmException | None:
        """What the host raised."""
        return self.args[1] if len(self.args) > 1 else None


def uncaught(exn: ExnInst) -> WasmException:
    """The error that tells the host of an exception."""
    types = exn.tag.type.func.params
    values = [to_python(value, t) for value, t in zip(exn.values, types, strict=True)]
    error = WasmException(exn.tag, values, described(exn.tag, values))
    error.exception = exn
    return error


def described(tag: Tag, values: list[Any]) -> str:
    """An exception in words: its tag and values."""
    name = f"tag {tag.name}" if tag.name else "a tag without a name"
    shown = ", ".join(f"{value!r:.60}" for value in values)
    return f"{name} with {shown}" if values else name


def received(error: WasmException, store: Store | None) -> ExnInst:
    """The exception that a host function raised, for guests to catch.

    One that came out of Wasm is the same one again. Raises HostValueError where tag or values do
    not fit, LinkError where they belong to another store.
    """
    known = error.exception
    if isinstance(known, ExnInst) and known.store is store:
        return known
    tag = error.tag
    if not isinstance(tag, Tag):
        raise HostValueError(
            f"a WasmException takes a tag, not {tag!r}",
            help="a tag is an export, or made with watloom.Tag(FuncType(…))",
        ) from error
    types = tag.type.func.params
    if len(error.values) != len(types):
        raise HostValueError(
            f"tag {tag.name or tag.type} takes {len(types)} values, {len(error.values)} given"
        ) from error
    try:
        adopt(tag, store)
        made = ExnInst(tag, to_wasm_all(error.values, types, store), store)
    except (HostValueError, LinkError) as wrong:
        raise wrong from error
    error.exception = made
    return made
