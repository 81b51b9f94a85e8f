"""`struct`: structs of functions as importable functions, for modules without the GC proposal.

    create (param i32) (result anyref)           a struct with so many fields, all of them null
    set    (param anyref i32 funcref)            put a function in a field
    get    (param anyref i32) (result funcref)   the function in a field

A struct is an opaque reference: nothing in a guest can make one, or look into one but through
these. They trap for null, for any other reference, and for a field that is not there.
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.errors import Trap
from watloom.interp.core.types import ANYREF, FUNCREF, I32, DefType, functype
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import (
    Caller,
    Extern,
    FuncInst,
    HostFunc,
    HostState,
    InstanceInst,
)

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


def structs(store: Store) -> InstanceInst:
    """The instance in a store.

    >>> struct = structs(Store()).exports
    >>> fd = struct["create"](4)
    >>> struct["set"](fd, 0, struct["create"])
    >>> struct["get"](fd, 0), struct["get"](fd, 1)
    (<function struct.create (func (param i32) (result anyref))>, None)
    """

    def create(caller: Caller, count: int) -> Handle:
        fields = count & 0xFFFF_FFFF
        if fields > MAX_FIELDS:
            raise Trap(f"struct too large: {fields} fields, where {MAX_FIELDS} are the most")
        return Handle(fields, caller.store or store)

    def set_(caller: Caller, ref: Any, index: int, func: FuncInst | None) -> None:
        handle = check(caller, ref)
        handle.fields[check_index(handle, index)] = func

    def get(caller: Caller, ref: Any, index: int) -> FuncInst | None:
        handle = check(caller, ref)
        return handle.fields[check_index(handle, index)]

    def check(caller: Caller, ref: Any) -> Handle:
        if ref is None:
            raise Trap("null structure reference")
        if not isinstance(ref, Handle) or ref.store is not (caller.store or store):
            raise Trap("foreign reference: it was not made by struct.create in this store")
        return ref

    def check_index(handle: Handle, index: int) -> int:
        field = index & 0xFFFF_FFFF
        if field >= len(handle.fields):
            raise Trap(f"out of bounds field access: {field} in a struct of {len(handle.fields)}")
        return field

    exports: dict[str, Extern] = {}
    signatures: list[tuple[str, DefType, Any]] = [
        ("create", functype([I32], [ANYREF]), create),
        ("set", functype([ANYREF, I32, FUNCREF]), set_),
        ("get", functype([ANYREF, I32], [FUNCREF]), get),
    ]
    for name, type, fn in signatures:
        exports[name] = func = HostFunc(
            type, fn, store=store, name=f"struct.{name}", access_caller=True
        )
        func.key = ("struct", name)
    return InstanceInst(exports, store)
