"""Compiled functions in an instance: a namespace of Python globals, filled on first call.

f3_fac        a function; until its first call a stub that compiles it
m0, m0_I, …   memory 0: its bytes, and views of it; replaced when the memory grows   M0  itself
g2            a global   e0  the entries of table 0
F  all functions   T  all tags   types  the type space   F32  where floats are rounded
"""

from __future__ import annotations

import sys
import weakref
from array import array
from collections.abc import Callable
from struct import calcsize
from types import FrameType
from typing import Any

from watloom.interp.compile.compiled import Compiled, function_name
from watloom.interp.compile.support import NAMES, VECTOR_PREFIXES, Tail
from watloom.interp.compile.wrappers import (
    HEAVY,
    WRAPPER_NAMES,
    binding,
    counted,
    late,
    trampoline,
    weighed,
)
from watloom.interp.core.errors import WasmException
from watloom.interp.runtime.exceptions import Thrown, received
from watloom.interp.runtime.host_entry import host_entry
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.invoke import call_host
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.values import BoundFunc, FuncInst, HostFunc, WasmFunc

__all__ = ["Namespace", "entry_of"]

_FORMS: dict[Any, int] = {form: calcsize(form) for form in "bhHiIqQfd"}

#: The instance, under a name that no global of anybody else's has.
_INSTANCE = "<instance>"


class Namespace:
    """The Python globals of one instance's compiled functions."""

    def __init__(self, instance: ModuleInst) -> None:
        self.instance = instance
        self.names: dict[str, Any] = dict(NAMES)
        self.names["<module>"] = instance.valid  # keeps the sources of functions that run
        self.names["instance"] = self.names[_INSTANCE] = weakref.ref(instance)
        # to round: C's conversion, which knows infinities; other stores' threads have their own
        self.names["F32"] = array("f", [0.0])
        self.names.update(
            F=instance.funcs, T=instance.tags, types=instance.types, store=instance.store
        )
        for x, memory in enumerate(instance.memories):
            self._show(x, memory)
            self.names[f"M{x}"] = memory
            memory.watch(self)
        for x, held in enumerate(instance.globals):
            self.names[f"g{x}"] = held
        for x, t in enumerate(instance.types):
            self.names[f"y{x}"] = t
        for x, table in enumerate(instance.tables):
            self.names[f"e{x}"] = table.entries
        for x, func in enumerate(instance.funcs):
            name = function_name(instance.valid, x)
            self.names[name] = late(self._finder(name, func), len(func.type.func.params))

    def _finder(self, name: str, func: FuncInst) -> Callable[[], Callable[..., Any]]:
        """What finds a function when it is first called, and stands in its place from then on."""
        names = self.names

        def find() -> Callable[..., Any]:
            entry = names[name] = func.entry
            return entry

        return find

    def _show(self, x: int, memory: Memory) -> None:
        """Bring the names of a memory up to date, all at once: an interrupt may come anywhere."""
        view = memoryview(memory.data)
        views = {}
        for form, size in _FORMS.items():  # with pages of a byte, the last item may be a broken one
            views[f"m{x}_{form}"] = view[: len(view) // size * size].cast(form)
        # the bytes last, as another thread that has seen the new size may use all of it
        views[f"m{x}"] = memory.data
        self.names.update(views)

    def grown(self, memory: Memory) -> None:
        """A memory has other bytes now."""
        for x, own in enumerate(self.instance.memories):
            if own is memory:
                self._show(x, memory)

    def function(self, func: WasmFunc) -> Callable[..., Any]:
        """A function of this instance, compiled."""
        valid, metering = self.instance.valid, self.instance.store.metering
        key = (func.code.index, metering.fuel, metering.clock)
        compiled: Compiled | None = valid.compiled.get(key)
        if compiled is None:
            from watloom.interp.compile.emit import compile_function

            compiled = valid.compiled[key] = compile_function(valid, func.code, metering)
        for name, value in compiled.constants.items():
            if name.startswith("step_"):
                from watloom.interp.compile.steps import make_step

                value = make_step(self.instance, *value)
            self.names[name] = value
        defined: dict[str, Any] = {}
        exec(compiled.code, self.names, defined)  # not seen by others until it is all there
        made: Callable[..., Any] = defined[compiled.name]
        params, code = len(func.type.func.params), made.__code__
        if any(name.startswith(VECTOR_PREFIXES) for name in code.co_names):
            from watloom.interp.compile.support_vectors import VECTOR_NAMES

            self.names.update(VECTOR_NAMES)
        weight = code.co_nlocals + code.co_stacksize
        if weight > HEAVY:
            made = weighed(made, params, self.instance.store, weight)
        func.bounce = made
        if compiled.tail_calls:
            made = trampoline(made, params)
        if metering.depth:
            made = counted(made, params, self.instance.store)
        func.entry = self.names[compiled.name] = made
        return made


def namespace_of(instance: ModuleInst) -> Namespace:
    """The instance's namespace, made when first asked for."""
    if instance.compiled is None:
        instance.compiled = Namespace(instance)
    made: Namespace = instance.compiled
    return made


def entry_of(func: FuncInst) -> Callable[..., Any]:
    """The Python function that runs a function: Wasm values in; None, a value or a tuple out."""
    if isinstance(func, WasmFunc):
        return namespace_of(func.module).function(func)
    if isinstance(func, BoundFunc):
        target, bound = func.target, list(func.values)
        while isinstance(target, BoundFunc):
            target, bound = target.target, [*target.values, *bound]
        return binding(target, bound, len(func.type.func.params))
    assert isinstance(func, HostFunc)
    return _host_entry(func)


def _host_entry(func: HostFunc) -> Callable[..., Any]:
    if func.direct is not None:
        direct: Callable[..., Any] = func.direct.compiled(_caller)
        return direct
    if not func.access_caller:
        return host_entry(func)
    count = len(func.type.func.results)

    def entry(*args: Any) -> Any:
        try:
            results = call_host(func, args, _caller())
        except WasmException as error:
            raise Thrown(received(error, func.store), error) from None
        if count == 1:
            return results[0]
        return tuple(results) if count else None

    return entry


def _caller() -> ModuleInst | None:
    """The instance whose compiled code called: the nearest frame that is one of ours.

    Of a tail call the frame is gone; the trampoline that makes it has the call.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        names = frame.f_globals
        instance = names.get(_INSTANCE)
        if instance is None:
            if names is WRAPPER_NAMES:
                tail = frame.f_locals.get("result")
                if tail.__class__ is Tail:
                    instance = tail.instance
            elif frame.f_code.co_name == "invoke_fast":
                return None
        if instance is not None:
            found: ModuleInst | None = instance()
            return found
        frame = frame.f_back
    return None
