"""`spectest`: the host module of the official test scripts.

https://github.com/WebAssembly/spec/tree/main/interpreter#spectest-host-module
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.types import (
    F32,
    F64,
    FUNCREF,
    I32,
    I64,
    GlobalType,
    Limits,
    MemType,
    NumType,
    TableType,
    functype,
)
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import Extern, Global, HostFunc, InstanceInst

__all__ = ["spectest"]

_PRINTS: dict[str, tuple[NumType, ...]] = {
    "print": (),
    "print_i32": (I32,),
    "print_i64": (I64,),
    "print_f32": (F32,),
    "print_f64": (F64,),
    "print_i32_f32": (I32, F32),
    "print_f64_f64": (F64, F64),
}

_GLOBALS: dict[str, tuple[NumType, float]] = {
    "global_i32": (I32, 666),
    "global_i64": (I64, 666),
    "global_f32": (F32, 666.6),
    "global_f64": (F64, 666.6),
}


def spectest(store: Store, printed: list[tuple[Any, ...]] | None = None) -> InstanceInst:
    """The instance in a store. Nothing is shown; `printed` gathers what the functions are given.

    >>> seen = []
    >>> spectest(Store(), seen).exports["print_i32"](7)
    >>> seen
    [(7,)]
    """

    def print_(*values: Any) -> None:
        if printed is not None:
            printed.append(values)

    exports: dict[str, Extern] = {}
    for name, params in _PRINTS.items():
        func = HostFunc(functype(params), print_, store=store, name=f"spectest.{name}")
        func.key = ("spectest", name)
        exports[name] = func
    for name, (t, value) in _GLOBALS.items():
        exports[name] = Global(GlobalType(t), value, store=store)
    exports["table"] = Table(TableType(Limits(10, 20), FUNCREF), store=store)
    exports["table64"] = Table(TableType(Limits(10, 20), FUNCREF, I64), store=store)
    exports["memory"] = Memory(MemType(Limits(1, 2)), store=store)
    if store.features.has("threads"):
        exports["shared_memory"] = Memory(MemType(Limits(1, 2), shared=True), store=store)
    return InstanceInst(exports, store)
