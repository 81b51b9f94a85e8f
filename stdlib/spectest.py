"""`spectest`: the host module of the official test scripts.

https://github.com/WebAssembly/spec/tree/main/interpreter#spectest-host-module
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.types import FUNCREF, GlobalType, Limits, MemType, NumType, TableType
from watloom.interp.host.module import HostModule, export
from watloom.interp.host.scalars import F32, F64, I32, I64
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import Extern, Global, InstanceInst

__all__ = ["spectest"]


class Spectest(HostModule, name="spectest"):
    """Nothing is shown; `printed` gathers what the functions are given."""

    def __init__(self, printed: list[tuple[Any, ...]]) -> None:
        self.printed = printed

    @export
    def print(self) -> None:
        self.printed.append(())

    @export
    def print_i32(self, a: I32) -> None:
        self.printed.append((a,))

    @export
    def print_i64(self, a: I64) -> None:
        self.printed.append((a,))

    @export
    def print_f32(self, a: F32) -> None:
        self.printed.append((a,))

    @export
    def print_f64(self, a: F64) -> None:
        self.printed.append((a,))

    @export
    def print_i32_f32(self, a: I32, b: F32) -> None:
        self.printed.append((a, b))

    @export
    def print_f64_f64(self, a: F64, b: F64) -> None:
        self.printed.append((a, b))

    def others(self, store: Store) -> dict[str, Extern]:
        """The globals, tables and the memory."""
        numbers = {NumType.I32: 666, NumType.I64: 666, NumType.F32: 666.6, NumType.F64: 666.6}
        found: dict[str, Extern] = {
            **{f"global_{t}": Global(GlobalType(t), n, store=store) for t, n in numbers.items()},
            "table": Table(TableType(Limits(10, 20), FUNCREF), store=store),
            "table64": Table(TableType(Limits(10, 20), FUNCREF, NumType.I64), store=store),
            "memory": Memory(MemType(Limits(1, 2)), store=store),
        }
        if store.features.has("threads"):
            found["shared_memory"] = Memory(MemType(Limits(1, 2), shared=True), store=store)
        return found


class _Unseen(list[tuple[Any, ...]]):
    def append(self, values: tuple[Any, ...], /) -> None: ...


def spectest(store: Store, printed: list[tuple[Any, ...]] | None = None) -> InstanceInst:
    """The instance in a store.

    >>> seen = []
    >>> spectest(Store(), seen).exports["print_i32"](7)
    >>> seen
    [(7,)]
    """
    return Spectest(_Unseen() if printed is None else printed).instantiate(store)
