"""Module instances."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import HostValueError
from watloom.interp.core.types import DefType, ExternType
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import FuncInst, Global, InstanceInst, ModuleValue, Tag
from watloom.interp.validate import ValidModule

if TYPE_CHECKING:
    from watloom.interp.link.graph import Graph
    from watloom.interp.machine import Machine

__all__ = ["Exports", "ModuleInst"]


class Exports(dict[str, Any]):
    """Exports by name, as items or as attributes: `exports["run"]`, `exports.run`."""

    def __getattribute__(self, name: str) -> Any:
        # an export named like one of dict's methods is still an attribute
        if not name.startswith("__") and dict.__contains__(self, name):
            return dict.__getitem__(self, name)
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        known = ", ".join(self) or "nothing"
        raise AttributeError(f"there is no export {name!r}; exported are: {known}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]


class ModuleInst(InstanceInst):
    """An instance of a module: its index spaces with the values in them.

    `outer` is the instance of the enclosing module, for what a nested module aliases.
    """

    def __init__(self, valid: ValidModule, store: Store, outer: ModuleInst | None) -> None:
        super().__init__(Exports(), store)
        self.exports: Exports
        self.store: Store = store
        self.valid = valid
        self.outer = outer
        self.funcs: list[FuncInst] = []
        self.tables: list[Table] = []
        self.memories: list[Memory] = []
        self.globals: list[Global] = []
        self.tags: list[Tag] = []
        self.modules: list[ModuleValue] = []
        self.instances: list[InstanceInst] = []
        self.elems: list[list[Any]] = []
        self.datas: list[bytes] = []
        self.compiled: Any = None
        """The namespace of the compiled tier (`compile.link`), once it was needed."""
        self.made: list[int] = [0]
        """How many instances were made for the outermost one, shared by all of them."""
        self.closers: list[Callable[[], object]] = []

    @property
    def types(self) -> list[ExternType]:
        """The closed type space."""
        return self.valid.types

    def deftype(self, x: int) -> DefType:
        """The plain type at a typeidx."""
        found = self.valid.types[x]
        assert isinstance(found, DefType)
        return found

    @property
    def name(self) -> str:
        """The module's name, or its source's."""
        return self.valid.name or self.valid.module.source.name

    def start(self, name: str, *args: Any) -> Machine:
        """A machine about to call an export with Python values; it has not moved yet.

        Raises KeyError for a name that is not exported, HostValueError for values that do not fit.
        """
        from watloom.interp.machine import Machine
        from watloom.interp.runtime.convert import to_wasm_all

        func = self.exports[name]
        if not isinstance(func, FuncInst):
            raise HostValueError(f"{name!r} is not a function, but {func!r}")
        params = func.type.func.params
        if len(args) != len(params):
            raise HostValueError(f"{name} takes {len(params)} arguments, {len(args)} given")
        return Machine.for_call(self.store, func, to_wasm_all(args, params, self.store))

    @property
    def graph(self) -> Graph:
        """The instances that this one was made with or given, and what each imports from which."""
        from watloom.interp.link.graph import instance_graph

        return instance_graph(self)

    async def call_async(self, name: str, *args: Any) -> Any:
        """Call an export while the asyncio loop goes on: `async def` host functions are awaited.

        In compiled code it runs in a thread. May be cancelled; limits in `interp.host.waiting`.
        Raises KeyError for a name that is not exported, and what calling it raises.
        """
        from watloom.interp.host.waiting import call_async

        func = self.exports[name]
        if not isinstance(func, FuncInst):
            raise HostValueError(f"{name!r} is not a function, but {func!r}")
        return await call_async(func, args)

    def close(self) -> None:
        """Close what was opened for this instance, the newest first; a second time does nothing.

        One that raises keeps no other from being closed; what it raised comes after that.
        """
        with contextlib.ExitStack() as stack:
            while self.closers:
                stack.callback(self.closers.pop(0))

    def __enter__(self) -> ModuleInst:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<instance of {self.name}>"
