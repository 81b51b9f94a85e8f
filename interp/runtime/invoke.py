"""Calling a function of a store from Python, and a Python function from Wasm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import HostValueError
from watloom.interp.runtime.convert import to_python_all, to_wasm_all
from watloom.interp.runtime.recursion import recursion
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Caller, FuncInst, HostFunc

if TYPE_CHECKING:
    from watloom.interp.runtime.instance import ModuleInst

__all__ = ["call_from_host", "call_host", "compiled_tier", "invoke", "is_fast", "wasm_results"]

_IMPORTING = 1_000  # frames that Python takes for imports in imports


def call_from_host(func: FuncInst, args: Sequence[Any]) -> Any:
    """Call with Python values; gives None, a value or a tuple. Raises what the program raises."""
    t = func.type.func
    if len(args) != len(t.params):
        raise HostValueError(f"{func.name} takes {len(t.params)} values, {len(args)} given: {t}")
    values = to_wasm_all(args, t.params, func.store)
    return to_python_all(invoke(func, values), t.results)


def invoke(func: FuncInst, values: list[Any]) -> list[Any]:
    """Call with Wasm values; gives the list of results."""
    store = func.store or Store()
    with store.lock:
        if is_fast(store):
            results = compiled_tier()(store, func, values)
        else:
            from watloom.interp.machine import Machine

            results = Machine.for_call(store, func, values).run_to_end()
    return results


_loaded: list[Callable[[Store, FuncInst, list[Any]], list[Any]]] = []


def compiled_tier() -> Callable[[Store, FuncInst, list[Any]], list[Any]]:
    """`invoke_fast`, imported when first used: maybe where little of Python's stack is left."""
    if not _loaded:
        with recursion(_IMPORTING):
            from watloom.interp.compile.invoke import invoke_fast
        _loaded.append(invoke_fast)
    return _loaded[0]


def is_fast(store: Store) -> bool:
    """Whether a call goes to the compiled tier: not while somebody watches."""
    return store.tier == "fast" and not store.probes


def call_host(func: HostFunc, values: Sequence[Any], caller: ModuleInst | None) -> list[Any]:
    """Call a Python function with Wasm values; its own exceptions pass through."""
    if func.direct is not None:
        own: list[Any] = func.direct.call(values, caller)
        return own
    args = to_python_each(values, func)
    if func.access_caller:
        result = func.fn(Caller(caller), *args)
    else:
        result = func.fn(*args)
    # a copied machine shares its host functions, and has a store of its own
    return wasm_results(func, result, caller.store if caller else func.store)


def wasm_results(func: HostFunc, result: Any, store: Store | None) -> list[Any]:
    """What a host function gave back, as Wasm values. Raises HostValueError, LinkError."""
    t = func.type.func
    if not t.results:
        if result is not None:
            raise HostValueError(f"{func.name} has no results, but gave back {result!r}")
        return []
    results = (result,) if len(t.results) == 1 else result
    if not isinstance(results, tuple | list) or len(results) != len(t.results):
        raise HostValueError(f"{func.name} must give back {len(t.results)} values, not {result!r}")
    return to_wasm_all(results, t.results, store)


def to_python_each(values: Sequence[Any], func: HostFunc) -> tuple[Any, ...]:
    """The arguments of a host function."""
    from watloom.interp.runtime.convert import to_python

    return tuple(to_python(v, t) for v, t in zip(values, func.type.func.params, strict=True))
