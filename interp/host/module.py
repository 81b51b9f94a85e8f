"""The base class of host modules.

    class Counter(HostModule, name="counter"):
        def __init__(self, start: int = 0) -> None:
            self.n = start

        @export
        def next(self) -> I32:
            self.n += 1
            return self.n

    linker.add(Counter(start=5))

An object is the state of one host module; guests that are linked to the same object share it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar, overload

from watloom.interp.core.errors import LinkError
from watloom.interp.core.types import FuncType
from watloom.interp.host import messages
from watloom.interp.host.binding import bound
from watloom.interp.host.function import Export, Function, make_function
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Extern, InstanceInst

__all__ = ["RESERVED", "HostModule", "export"]

F = TypeVar("F", bound=Callable[..., Any])
H = TypeVar("H", bound="HostModule")
_KEY = "__wasm_export__"


@overload
def export(method: F, /) -> F: ...
@overload
def export(
    name: str | None = None, /, *, raw: str | FuncType | None = None
) -> Callable[[F], F]: ...
def export(method: Any = None, /, *, raw: str | FuncType | None = None) -> Any:
    """Export a method under its own name, or as `@export("name")`.

    Its annotations are its Wasm type. With `raw` ("i32 i32 -> i32", or a FuncType) it has that one
    and is given a Caller and the values as the machine holds them: integers unsigned.
    """
    if method is None or isinstance(method, str):
        return lambda given: _marked(given, method, raw)
    return _marked(method, None, raw)


def _marked(method: Any, name: str | None, raw: str | FuncType | None) -> Any:
    own = str(getattr(method, "__name__", "?"))
    try:
        setattr(method, _KEY, Export(own if name is None else name, raw))
    except (AttributeError, TypeError):
        where = getattr(getattr(method, "fget", method), "__qualname__", own)
        kind = f"a {type(method).__name__}"
        raise messages.not_a_method(where=where, kind=kind) from None
    return method


def _is_covered(value: Any) -> bool:
    """Whether something stands on top of `@export` that hides the method: @property, say."""
    inside = [getattr(value, name, None) for name in ("__func__", "fget", "func")]
    return any(isinstance(getattr(inner, _KEY, None), Export) for inner in inside)


class HostModule:
    """A WebAssembly module in Python: methods marked with `@export` are its functions.

    `name` is what guests import it as (one object may be given another: `module.name = "other"`).
    Closing: whoever enters it (`with Counter() as c:`) closes it; else it is closed with the last
    instance that could use it. Overriding `close` is enough. Raises DefinitionError when a class is
    defined wrongly.
    """

    name: str = ""
    functions: ClassVar[MappingProxyType[str, Function]] = MappingProxyType({})
    """What it exports, by name."""
    decorators: ClassVar[tuple[Any, ...]] = ()
    """What is put around every function, the outermost first (see `watloom.host`)."""

    def __init_subclass__(
        cls, name: str | None = None, decorators: tuple[Any, ...] = (), **rest: Any
    ) -> None:
        super().__init_subclass__(**rest)
        cls.name = name if name is not None else cls.name or cls.__name__.lower()
        cls.decorators = (*decorators, *cls.decorators)
        around = sys._getframe(1).f_locals
        known = {key: f for base in reversed(cls.__mro__[1:])
                 for key, f in getattr(base, "functions", {}).items()}  # fmt: skip
        for method, fn in list(cls.__dict__.items()):
            mark = getattr(fn, _KEY, None)
            if _is_covered(fn):
                where, kind = f"{cls.__name__}.{method}", f"a {type(fn).__name__}"
                raise messages.not_a_method(where=where, kind=kind)
            if not isinstance(mark, Export):
                continue
            if method in RESERVED:
                raise messages.reserved(where=f"{cls.__name__}.{method}", method=method)
            other = known.get(mark.name)
            if other is not None and other.method != method:
                first = other.method
                raise messages.twice(
                    module=cls.__name__, name=mark.name, first=first, second=method
                )
            known[mark.name] = make_function(cls, cls.name, method, mark, fn, around)
        cls.functions = MappingProxyType(known)
        for decorator in cls.decorators:
            for function in known.values():
                decorator.check(function)

    # ------------------------------------------------------------------ its life

    def instantiate(self, store: Store) -> InstanceInst:
        """Its instance in a store: what linkers ask for. Raises LinkError once it is closed."""
        return _HostInstance(self, store)

    def others(self, store: Store) -> dict[str, Extern]:
        """What it exports besides functions, made in a store: memories, tables, globals, tags."""
        return {}

    def close(self) -> None:
        """Give back what it holds. Guests that still call it get whatever its methods then do."""

    def __enter__(self: H) -> H:
        self.__dict__["_entered"] = True
        return self

    def __exit__(self, *_: object) -> None:
        self.__dict__["_entered"] = False
        _close(self)

    def __repr__(self) -> str:
        return f"<host module {self.name}>"


#: Names that mean something else to a host module.
RESERVED = ("name", "functions", "decorators", "instantiate", "others", "close")


def _close(module: HostModule) -> None:
    """Close once, unless somebody is inside a `with` of it."""
    state = module.__dict__
    if not state.get("_entered") and not state.get("_is_closed"):
        state["_is_closed"] = True
        module.close()


class _HostInstance(InstanceInst):
    """A host module's instance in a store; the last one of an object to close, closes it."""

    def __init__(self, module: HostModule, store: Store) -> None:
        state = module.__dict__
        if state.get("_is_closed") and type(module).close is not HostModule.close:
            raise LinkError(
                f"the host module {module.name!r} is closed",
                help="make another, or keep it open for several guests: `with` it around them",
            )
        state["_open"] = state.get("_open", 0) + 1
        self.module: HostModule | None = module
        self._closed = False
        exports: dict[str, Extern] = {
            name: bound(module, function, store) for name, function in module.functions.items()
        }
        exports.update(module.others(store))
        super().__init__(exports, store)

    def close(self) -> None:
        """This store is done with it."""
        if self._closed:
            return
        self._closed = True
        assert self.module is not None
        self.module.__dict__["_open"] -= 1
        if not self.module.__dict__["_open"]:
            _close(self.module)

    def __getstate__(self) -> dict[str, Any]:
        # in a copied or restored machine: the functions are shared, the module is not its to close
        return {**self.__dict__, "module": None, "_closed": True}
