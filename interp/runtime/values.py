"""Run-time values and the things that modules pass to one another.

Numbers are Python numbers (see `core.numerics`), null is None; references are the objects here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from watloom.interp.core.errors import HostValueError, Trap
from watloom.interp.core.matching import matches_heap
from watloom.interp.core.types import (
    AbsHeap,
    DefType,
    ExternType,
    FuncType,
    GlobalType,
    InstanceType,
    ModuleType,
    RefType,
    TagType,
    functype,
)

if TYPE_CHECKING:
    from watloom.interp.runtime.instance import ModuleInst
    from watloom.interp.runtime.memory import Memory
    from watloom.interp.runtime.store import Store
    from watloom.interp.runtime.table import Table
    from watloom.interp.validate import ValidFunc, ValidModule

__all__ = [
    "ArrayInst", "BoundFunc", "Caller", "ExnInst", "Extern", "FuncInst", "Global", "HostFunc",
    "HostRef", "HostState", "I31", "InstanceInst", "ModuleValue", "StructInst", "Tag", "WasmFunc",
    "extern_type", "has_type", "store_of",
]  # fmt: skip


class StructInst:
    """A struct: its type and the values of its fields."""

    __slots__ = ("fields", "store", "type")

    def __init__(self, type: DefType, fields: list[Any], store: Store | None = None) -> None:
        self.type = type
        self.fields = fields
        self.store = store

    def __len__(self) -> int:
        return len(self.fields)

    def __getitem__(self, i: int) -> Any:
        """A field as Python sees it."""
        from watloom.interp.runtime.convert import field_to_python

        return field_to_python(self, i)

    def __repr__(self) -> str:
        return f"<struct {self.type}>"


class ArrayInst:
    """An array: its type and its elements."""

    __slots__ = ("__weakref__", "fields", "store", "type")

    def __init__(self, type: DefType, fields: list[Any], store: Store | None = None) -> None:
        self.type = type
        self.fields = fields
        self.store = store

    def __len__(self) -> int:
        return len(self.fields)

    def __repr__(self) -> str:
        return f"<array {self.type} of {len(self.fields)}>"


class ExnInst:
    """An exception: its tag and values; what an exnref refers to."""

    __slots__ = ("store", "tag", "values")

    def __init__(self, tag: Tag, values: list[Any], store: Store | None = None) -> None:
        self.tag = tag
        self.values = values
        self.store = store

    def __repr__(self) -> str:
        return f"<exception {self.tag.name or self.tag.type}>"


class I31:
    """An unboxed integer; equal ones are the same reference."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, I31) and other.value == self.value

    def __hash__(self) -> int:
        return hash((I31, self.value))

    def __repr__(self) -> str:
        return f"<i31 {self.value}>"


class HostRef:
    """A host object as a reference (the spec's ref.host): an externref, also as anyref."""

    __slots__ = ("object",)

    def __init__(self, object: Any) -> None:
        self.object = object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HostRef) and other.object is self.object

    def __hash__(self) -> int:
        return hash((HostRef, id(self.object)))

    def __repr__(self) -> str:
        return f"<host {self.object!r}>"


class HostState(HostRef):
    """A host object that is state of its store, with its own slots: copied where the store is.

    It is its own object, so that Python can hold it as an anyref and hand it back.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(self)


# ------------------------------------------------------------------ functions


class FuncInst:
    """A function of a store; calling it converts by `runtime.convert` and runs it."""

    __slots__ = ("__weakref__", "bounce", "entry", "name", "store", "type")

    entry: Callable[..., Any]
    """The compiled tier's way in: Wasm values in; None, a value or a tuple out. Made on demand."""
    bounce: Callable[..., Any]
    """The same for tail calls: it may give back another call to be made instead."""

    def __getattr__(self, name: str) -> Any:
        if name not in ("entry", "bounce"):
            raise AttributeError(name)
        from watloom.interp.compile.link import entry_of

        self.entry = entry_of(self)
        if name == "bounce" and not isinstance(self, WasmFunc):
            self.bounce = self.entry
        return getattr(self, name)

    def __init__(self, type: DefType, store: Store | None, name: str) -> None:
        self.type = type
        self.store = store
        self.name = name

    def __call__(self, *args: Any) -> Any:
        from watloom.interp.runtime.invoke import call_from_host

        return call_from_host(self, args)

    def __repr__(self) -> str:
        return f"<function {self.name} {self.type}>"


class WasmFunc(FuncInst):
    """A function of a module instance."""

    __slots__ = ("code", "module")

    def __init__(self, code: ValidFunc, module: ModuleInst) -> None:
        super().__init__(code.type, module.store, code.name)
        self.code = code
        self.module = module


class HostFunc(FuncInst):
    """A Python function with a Wasm type.

    With `access_caller` its first argument is a `Caller`. `key` names it in snapshots. `direct`,
    where it is set, takes and gives Wasm values (`interp.host.binding`); `fn` is not called then.
    """

    __slots__ = ("access_caller", "direct", "fn", "key")

    def __init__(
        self,
        type: DefType | FuncType,
        fn: Callable[..., Any],
        *,
        store: Store | None = None,
        name: str | None = None,
        access_caller: bool = False,
    ) -> None:
        if isinstance(type, FuncType):
            type = functype(type.params, type.results)
        if not callable(fn):
            raise HostValueError(f"a function is wanted, not {fn!r}")
        super().__init__(type, store, name or str(getattr(fn, "__name__", "host function")))
        self.fn = fn
        self.access_caller = access_caller
        self.key: tuple[str, str] | None = None
        self.direct: Any = None


class BoundFunc(FuncInst):
    """A function with its leading arguments bound (func.bind)."""

    __slots__ = ("target", "values")

    def __init__(self, target: FuncInst, values: list[Any], type: DefType) -> None:
        super().__init__(type, target.store, target.name)
        self.target = target
        self.values = values


class Caller:
    """Who called a host function: the instance whose code did, None at an entry from the host."""

    __slots__ = ("instance",)

    def __init__(self, instance: ModuleInst | None) -> None:
        self.instance = instance

    @property
    def store(self) -> Store | None:
        """The store of that instance: a copied machine's is not the one of the host function."""
        return self.instance.store if self.instance else None

    @property
    def memory(self) -> Memory:
        """Memory 0 of the caller; a trap where there is none."""
        if self.instance is None or not self.instance.memories:
            raise Trap("no memory: the host function was not called from code that has one")
        return self.instance.memories[0]


# ------------------------------------------------------------------ the other things


class Global:
    """A global; `.value` is its value as Python sees it."""

    __slots__ = ("__weakref__", "_value", "store", "type")

    def __init__(
        self, type: GlobalType, value: Any, *, store: Store | None = None, raw: bool = False
    ) -> None:
        from watloom.interp.runtime.convert import to_wasm

        self.type = type
        self.store = store
        self._value = value if raw else to_wasm(value, type.type, store)

    @property
    def value(self) -> Any:
        """The value; setting it needs a mutable global (HostValueError otherwise)."""
        from watloom.interp.runtime.convert import to_python

        return to_python(self._value, self.type.type)

    @value.setter
    def value(self, value: Any) -> None:
        from watloom.interp.runtime.convert import to_wasm

        if not self.type.mutable:
            raise HostValueError("this global is immutable", help="declare it (global (mut …))")
        self._value = to_wasm(value, self.type.type, self.store)

    @property
    def raw(self) -> Any:
        """The value as the machine holds it."""
        return self._value

    @raw.setter
    def raw(self, value: Any) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"<{self.type} = {self._value!r}>"


class Tag:
    """An exception tag: what it carries are the parameters of its type. Each one made is another.

    Raises HostValueError for a type with results.
    """

    __slots__ = ("__weakref__", "name", "store", "type")

    def __init__(
        self, type: DefType | FuncType, store: Store | None = None, name: str | None = None
    ) -> None:
        if isinstance(type, FuncType):
            type = functype(type.params, type.results)
        if type.func.results:
            raise HostValueError(f"a tag has no results: {type}")
        self.type = type
        self.store = store
        self.name = name
        """What messages call it."""

    def __reduce__(self) -> tuple[object, ...]:
        return Tag, (self.type, None, self.name)  # in snapshots it is a record of its own

    def __repr__(self) -> str:
        return f"<tag {self.name or self.type}>"


class ModuleValue:
    """A module as a value: valid code, and the instance of the module it is nested in, if any.

    A nested module closes over what it aliases from the enclosing ones (`outer`).
    """

    def __init__(self, valid: ValidModule, outer: ModuleInst | None = None) -> None:
        self.valid = valid
        self.outer = outer

    @property
    def type(self) -> ModuleType:
        """Its imports and exports."""
        return self.valid.type

    @property
    def store(self) -> Store | None:
        """The store of the instance that it closes over; None for a module that is not nested."""
        return self.outer.store if self.outer else None

    def __repr__(self) -> str:
        return f"<module {self.valid.name or self.valid.module.source.name}>"


class InstanceInst:
    """An instance as module linking sees it: exports by name."""

    def __init__(self, exports: dict[str, Extern], store: Store | None) -> None:
        self.exports = exports
        self.store = store

    @property
    def type(self) -> InstanceType:
        """The types of its exports."""
        return _instance_type(self, {})


def _instance_type(instance: InstanceInst, known: dict[int, InstanceType]) -> InstanceType:
    """The type of an instance; those that it exports more than once are looked at once."""
    exports = {
        name: known.get(id(value)) or _instance_type(value, known)
        if isinstance(value, InstanceInst)
        else extern_type(value)
        for name, value in instance.exports.items()
    }
    found = known[id(instance)] = InstanceType(exports)
    return found


Extern: TypeAlias = "FuncInst | Memory | Table | Global | Tag | ModuleValue | InstanceInst"
"""Whatever can be imported and exported."""


def extern_type(value: Extern) -> ExternType:
    """The external type of a value; sizes of memories and tables are the current ones."""
    return TagType(value.type) if isinstance(value, Tag) else value.type


def store_of(value: object) -> Store | None:
    """The store that a value belongs to, None where it belongs to none."""
    return getattr(value, "store", None)


def has_type(ref: Any, t: RefType) -> bool:
    """Whether a reference is of a closed reference type (Ref_ok and Reftype_sub)."""
    if ref is None:
        return t.nullable
    if isinstance(ref, HostRef):
        return t.heap in (AbsHeap.ANY, AbsHeap.EXTERN)
    if isinstance(ref, ExnInst):
        return t.heap is AbsHeap.EXN
    if t.heap is AbsHeap.EXTERN:  # an any reference that was externalised
        return not isinstance(ref, FuncInst)
    return matches_heap(AbsHeap.I31 if isinstance(ref, I31) else ref.type, t.heap)
