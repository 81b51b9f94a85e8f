"""An exported method of one host module object, as a function of a store, for both tiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import WasmException
from watloom.interp.host.function import Function
from watloom.interp.runtime.exceptions import Thrown, received
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import HostFunc

if TYPE_CHECKING:
    from watloom.interp.host.module import HostModule

__all__ = ["Binding", "bound"]

Find = Callable[[], ModuleInst | None]


def bound(module: HostModule, function: Function, store: Store) -> HostFunc:
    """The function of a store for a method of a host module."""
    method = getattr(module, function.method)
    name = f"{module.name}.{function.name}"
    made = HostFunc(function.type, method, store=store, name=name, access_caller=True)
    made.key = (module.name, function.name)
    made.direct = Binding(module, function, method, store)
    return made


class Binding:
    """How the tiers call it (`HostFunc.direct`): Wasm values in and out, by way of the adapter."""

    def __init__(
        self, module: HostModule, function: Function, method: Callable[..., Any], store: Store
    ) -> None:
        self.module = module
        self.function = function
        self.method = method
        self.store = store
        own = module.__dict__.get("_decorators", ())
        self.decorators = [*own, *type(module).decorators, *function.decorators]

    def compiled(self, find_caller: Find) -> Callable[..., Any]:
        """The compiled tier's way in; `find_caller` looks for the instance that calls."""

        def thrown(error: WasmException) -> Exception:
            return Thrown(received(error, self.store), error)

        if self.function.is_async:
            return lambda *slots: self._wait(find_caller(), thrown, slots)
        return self.adapter(find_caller, thrown)

    def _wait(
        self, caller: ModuleInst | None, thrown: Callable[..., Exception], slots: Sequence[Any]
    ) -> Any:
        from watloom.interp.host.waiting import wait_in_thread

        waited = self.adapter(lambda: caller, thrown)(*slots)
        return wait_in_thread(self.store, waited, str(self.function))

    def call(self, values: Sequence[Any], caller: ModuleInst | None) -> list[Any]:
        """A call by the reference machine."""
        waited = self.adapter(lambda: caller, lambda error: error)(*values)
        if self.function.is_async:
            from watloom.interp.host.waiting import suspend

            store = caller.store if caller is not None else self.store
            suspend(store, waited, self._listed, str(self.function))
        return self._listed(waited)

    def _listed(self, result: Any) -> list[Any]:
        count = len(self.function.type.func.results)
        return [result] if count == 1 else list(result) if count else []

    def adapter(self, caller: Find, thrown: Callable[..., Exception]) -> Callable[..., Any]:
        """The adapter with the decorators around it, the outermost first in the list."""
        call = self.function.bind(self.method, caller, self.store, thrown)
        for decorator in reversed(self.decorators):
            call = decorator.wrap(self.function, call, caller)
        return call
