"""`struct`: structs of functions as importable functions, for modules without the GC proposal.

    create (param i32) (result anyref)           a struct with so many fields, all of them null
    set    (param anyref i32 funcref)            put a function in a field
    get    (param anyref i32) (result funcref)   the function in a field

A struct is an opaque reference: nothing in a guest can make one, or look into one but through
these. They trap for null, for any other reference, and for a field that is not there.
"""

from __future__ import annotations

from typing import Annotated, Any

from watloom.interp.core.errors import Trap
from watloom.interp.core.types import ANYREF, FUNCREF
from watloom.interp.host.module import HostModule, export
from watloom.interp.host.references import wasm_type
from watloom.interp.host.scalars import U32
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Caller, FuncInst, HostState, InstanceInst

__all__ = ["MAX_FIELDS", "structs"]

#: As many fields as the GC proposal's structs may have in the browsers.
MAX_FIELDS = 10_000


class Handle(HostState):
    """A struct of one store."""

    __slots__ = ("fields", "store")

    def __init__(self, count: int, store: Store) -> None:
        super().__init__()
        self.fields: list[FuncInst | None] = [None] * count
        self.store = store

    def __repr__(self) -> str:
        return f"<struct of {len(self.fields)} functions>"


_Function = Annotated[FuncInst | None, wasm_type(FUNCREF)]


class Structs(HostModule, name="struct"):
    """The functions in a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @export
    def create(self, caller: Caller, count: U32) -> Annotated[Handle, wasm_type(ANYREF)]:
        if count > MAX_FIELDS:
            raise Trap(f"struct too large: {count} fields, where {MAX_FIELDS} are the most")
        return Handle(count, caller.store or self.store)

    @export
    def set(
        self, caller: Caller, ref: Annotated[Any, wasm_type(ANYREF)], index: U32, func: _Function
    ) -> None:
        self._field(caller, ref, index)[index] = func

    @export
    def get(self, caller: Caller, ref: Annotated[Any, wasm_type(ANYREF)], index: U32) -> _Function:
        return self._field(caller, ref, index)[index]

    def _field(self, caller: Caller, ref: Any, index: int) -> list[FuncInst | None]:
        """The fields of a struct that has such a one."""
        if ref is None:
            raise Trap("null structure reference")
        if not isinstance(ref, Handle) or ref.store is not (caller.store or self.store):
            raise Trap("foreign reference: it was not made by struct.create in this store")
        if index >= len(ref.fields):
            raise Trap(f"out of bounds field access: {index} in a struct of {len(ref.fields)}")
        return ref.fields


def structs(store: Store) -> InstanceInst:
    """The instance in a store.

    >>> struct = structs(Store()).exports
    >>> fd = struct["create"](4)
    >>> struct["set"](fd, 0, struct["create"])
    >>> struct["get"](fd, 0), struct["get"](fd, 1)
    (<function struct.create (func (param i32) (result anyref))>, None)
    """
    return Structs(store).instantiate(store)
