"""wasmtime with every proposal off: what runs there is of the first release.

Its Python class has no setter for each of them, so all that its C interface has are called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

__all__ = ["engine", "instance"]


def engine(proposals: bool = False) -> Any:
    """An engine with none of the proposals, or with what WebAssembly 3.0 has."""
    wasmtime = pytest.importorskip("wasmtime")
    config = wasmtime.Config()
    if proposals:
        for name in ("function_references", "gc", "exceptions", "multi_memory", "tail_call"):
            setattr(config, f"wasm_{name}", True)
        return wasmtime.Engine(config)
    bindings = wasmtime._bindings
    setters = [n for n in dir(bindings) if n.startswith("wasmtime_config_wasm_")]
    assert "wasmtime_config_wasm_reference_types_set" in setters
    for name in setters:
        getattr(bindings, name)(config.ptr(), False)
    return wasmtime.Engine(config)


def instance(
    data: bytes,
    log: Callable[[int], Any],
    base: int = 5,
    proposals: bool = False,
    others: Mapping[str, bytes] | None = None,
) -> Callable[[str], Any]:
    """The exports of a binary, called by name; `host` is given, and `others`, all binaries."""
    wasmtime = pytest.importorskip("wasmtime")
    store = wasmtime.Store(engine(proposals))
    linker = wasmtime.Linker(store.engine)
    i32 = wasmtime.ValType.i32()
    linker.define_func("host", "log", wasmtime.FuncType([i32], []), log)
    constant = wasmtime.GlobalType(i32, mutable=False)
    linker.define(store, "host", "base", wasmtime.Global(store, constant, wasmtime.Val.i32(base)))
    for name, other in (others or {}).items():
        made = linker.instantiate(store, wasmtime.Module(store.engine, other))
        linker.define_instance(store, name, made)
    exports = linker.instantiate(store, wasmtime.Module(store.engine, data)).exports(store)
    return lambda name: exports[name](store)
