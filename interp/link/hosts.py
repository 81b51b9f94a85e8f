"""Host modules: made once for a linker, closed with the last instance that could use them.

A host module is anything with `instantiate(store)`, which gives its instance in a store; that is
closed if it has a `close`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import InstanceInst, ModuleValue

__all__ = ["Hosts"]


class Hosts:
    """The host modules of a linker."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._made: dict[int, _Made] = {}

    def ready(self, given: Any) -> Any:
        """The instance of a host module; anything else stays what it is."""
        make = getattr(given, "instantiate", None)
        if isinstance(given, InstanceInst | ModuleValue | Mapping | type) or not callable(make):
            return given
        return self.made(given, make)

    def made(self, key: Any, make: Callable[[Store], Any]) -> Any:
        """What `make` makes in the store, once for a key."""
        if id(key) not in self._made:
            self._made[id(key)] = _Made(key, make(self.store))
        return self._made[id(key)].instance

    def used_by(self, instance: ModuleInst) -> None:
        """All that were made so far stay open until the instance is closed."""
        for made in self._closable():
            made.users += 1
            instance.closers.append(partial(self._release, made))

    def _release(self, made: _Made) -> None:
        made.users -= 1
        self.close_unused()

    def close_unused(self) -> None:
        """Close those that no instance uses, the newest first, and forget them."""
        for made in reversed(self._closable()):
            if made.users == 0:
                del self._made[id(made.key)]
                made.instance.close()

    def _closable(self) -> list[_Made]:
        return [made for made in self._made.values() if hasattr(made.instance, "close")]


class _Made:
    def __init__(self, key: Any, instance: Any) -> None:
        self.key = key  # kept, so that its id stays its own
        self.instance = instance
        self.users = 0
