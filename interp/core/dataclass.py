"""Dataclasses that cost little to define: what a class never does is never made.

    @dataclass(frozen=True, slots=True)
    class Span:
        start: int
        end: int | None = None

They are what the standard library's are, in what is built of that here: `frozen`, `slots`,
`weakref_slot`, `eq`, `kw_only`, inheritance, `__post_init__`, `field`, `replace`; and its own
functions take them (`dataclasses.fields`, `replace`, `asdict`).
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform, overload

__all__ = ["dataclass", "field", "field_names", "replace"]

T = TypeVar("T")

_MISSING: Any = object()
_FIELDS = "__fields"


class Field:
    """What is known of a field; `default` and `factory` may be missing."""

    __slots__ = ("default", "factory", "init", "kw_only", "name", "repr")

    def __init__(self, default: Any, factory: Any, init: bool, repr: bool) -> None:
        self.name = ""
        self.default = default
        self.factory = factory
        self.init = init
        self.repr = repr
        self.kw_only = False


def field(
    *,
    default: Any = _MISSING,
    default_factory: Any = _MISSING,
    init: bool = True,
    repr: bool = True,
) -> Any:
    """Say more of a field than its type."""
    return Field(default, default_factory, init, repr)


@overload
def dataclass(cls: type[T], /) -> type[T]: ...
@overload
def dataclass(
    *,
    frozen: bool = False,
    slots: bool = False,
    weakref_slot: bool = False,
    eq: bool = True,
    kw_only: bool = False,
) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(field_specifiers=(field,))
def dataclass(cls: Any = None, /, **options: Any) -> Any:
    """Make a class a dataclass; options are those of `dataclasses.dataclass` that are used here.

    >>> @dataclass(frozen=True)
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> Point(1), replace(Point(1), y=2) == Point(1, 2)
    (Point(x=1, y=0), True)
    """
    if cls is None:
        return lambda cls: _made(cls, **options)
    return _made(cls)


def replace(thing: T, **changes: Any) -> T:
    """A copy with other values in some fields."""
    fields: dict[str, Field] = getattr(thing, _FIELDS)
    kept = {n: getattr(thing, n) for n, f in fields.items() if f.init and n not in changes}
    return type(thing)(**kept, **changes)


def field_names(cls: type) -> list[str]:
    """The names of a dataclass's fields, in order."""
    return list(getattr(cls, _FIELDS))


def _made(
    cls: type,
    frozen: bool = False,
    slots: bool = False,
    weakref_slot: bool = False,
    eq: bool = True,
    kw_only: bool = False,
) -> type:
    own = _own_fields(cls, kw_only)
    inherited: dict[str, Field] = {}
    for base in cls.__mro__[:0:-1]:
        inherited.update(base.__dict__.get(_FIELDS, {}))
    fields = {**inherited, **own}
    given = cls.__dict__
    members: dict[str, Any] = {
        _FIELDS: fields,
        "__dataclass_fields__": _Standard(),
        "__match_args__": tuple(n for n, f in fields.items() if f.init and not f.kw_only),
        "__init__": (init := _Init(frozen)),
    }
    if "__repr__" not in given:
        members["__repr__"] = _repr
    if eq:
        members |= _comparisons(tuple(fields), frozen)
    if frozen:
        members |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
        if slots:
            members |= {"__getstate__": _getstate, "__setstate__": _setstate}
    if slots:
        names = [name for name in own if name not in inherited]
        members["__slots__"] = (*names, "__weakref__") if weakref_slot else tuple(names)
        gone = {"__dict__", "__weakref__", *fields}
        body = {name: value for name, value in given.items() if name not in gone}
        cls = type(cls)(cls.__name__, cls.__bases__, {**body, **members})
        init.cls = cls
        return cls
    init.cls = cls
    for name, value in members.items():
        setattr(cls, name, value)
    for name, known in own.items():
        if known.default is not _MISSING:
            setattr(cls, name, known.default)
        elif name in given:
            delattr(cls, name)
    return cls


def _own_fields(cls: type, kw_only: bool) -> dict[str, Field]:
    fields = {}
    for name in cls.__annotations__:
        given = cls.__dict__.get(name, _MISSING)
        known = given if isinstance(given, Field) else Field(given, _MISSING, True, True)
        known.name, known.kw_only = name, kw_only
        fields[name] = known
    return fields


# ------------------------------------------------------------------ made when first asked for


class _Init:
    """Stands for `__init__`, and puts the real one in its place when it is looked at.

    It may be looked at by several threads at once, and also when it has been replaced (`inspect`).
    """

    def __init__(self, frozen: bool) -> None:
        self.frozen = frozen
        self.cls: Any = None

    def __get__(self, instance: Any, owner: type) -> Any:
        made = _init(self.cls, self.frozen)
        self.cls.__init__ = made
        return made.__get__(instance, owner)


def _init(cls: type, frozen: bool) -> Any:
    fields: dict[str, Field] = getattr(cls, _FIELDS)
    names: dict[str, Any] = {"put": object.__setattr__, "missing": _MISSING}
    params: list[str] = []
    keywords: list[str] = []
    lines: list[str] = []
    for name, known in fields.items():
        value = name
        if known.default is not _MISSING:
            names[f"default_{name}"] = known.default
            param, fresh = f"{name}=default_{name}", f"default_{name}"
        elif known.factory is not _MISSING:
            names[f"new_{name}"] = known.factory
            param, fresh = f"{name}=missing", f"new_{name}()"
            value = f"{fresh} if {name} is missing else {name}"
        else:
            param, fresh = name, ""
        if known.init:
            (keywords if known.kw_only else params).append(param)
        elif not fresh:
            continue
        else:
            value = fresh
        lines.append(f"put(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    head = ", ".join(["self", *params, *(["*", *keywords] if keywords else [])])
    body = "\n ".join(lines or ["pass"])
    defined: dict[str, Any] = {}
    exec(f"def __init__({head}):\n {body}", names, defined)
    made = defined["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


class _Standard:
    """Stands for `__dataclass_fields__`: the same fields for the standard library's functions."""

    def __get__(self, instance: Any, owner: type) -> dict[str, Any]:
        import dataclasses

        fields: dict[str, Field] = getattr(owner, _FIELDS)
        found = {}
        for name, known in fields.items():
            options: dict[str, Any] = {
                "init": known.init,
                "repr": known.repr,
                "kw_only": known.kw_only,
            }
            if known.default is not _MISSING:
                options["default"] = known.default
            if known.factory is not _MISSING:
                options["default_factory"] = known.factory
            found[name] = dataclasses.field(**options)
        made = type("Standard", (), {"__annotations__": dict.fromkeys(found, Any), **found})
        standard: Any = dataclasses.dataclass(made, eq=False)
        made_once = dict(standard.__dataclass_fields__)
        type.__setattr__(owner, "__dataclass_fields__", made_once)  # instead of this, from now on
        return made_once


# ------------------------------------------------------------------ what all of them do


def _comparisons(names: tuple[str, ...], frozen: bool) -> dict[str, Any]:
    """`__eq__`, and `__hash__` for what cannot change."""
    key: Callable[[Any], Any]
    if len(names) > 1:
        key = attrgetter(*names)
    elif names:
        (only,) = names

        def key(thing: Any) -> Any:
            return (getattr(thing, only),)
    else:

        def key(thing: Any) -> Any:
            return ()

    def equal(self: Any, other: Any) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return key(self) == key(other)

    def hashed(self: Any) -> int:
        return hash(key(self))

    return {"__eq__": equal, "__hash__": hashed if frozen else None}


@recursive_repr()
def _repr(self: Any) -> str:
    shown = (f"{n}={getattr(self, n)!r}" for n, f in getattr(self, _FIELDS).items() if f.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(self: Any, name: str, value: Any) -> None:
    raise _frozen("assign to", name)


def _refuse_to_delete(self: Any, name: str) -> None:
    raise _frozen("delete", name)


def _frozen(what: str, name: str) -> Exception:
    from dataclasses import FrozenInstanceError

    return FrozenInstanceError(f"cannot {what} field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, name) for name in getattr(self, _FIELDS)]


def _setstate(self: Any, state: list[Any]) -> None:
    for name, value in zip(getattr(self, _FIELDS), state, strict=True):
        object.__setattr__(self, name, value)
