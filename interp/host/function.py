"""An exported method of a host module's class, as far as the class alone determines it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.types import I64, DefType, ExternType, FuncType, functype
from watloom.interp.host import messages
from watloom.interp.host.adapter import make_adapter
from watloom.interp.host.annotations import parameter, result
from watloom.interp.host.buffers import Run
from watloom.interp.host.codec import Codec, Unfit
from watloom.interp.host.hints import hints_of
from watloom.interp.host.pointers import PointerTo
from watloom.interp.host.raw import make_raw_adapter, raw_type
from watloom.interp.host.results import Result
from watloom.interp.runtime.values import Caller

__all__ = ["Export", "Function", "Param", "make_function"]


@dataclass(frozen=True)
class Export:
    """What `@export` leaves on a method."""

    name: str
    raw: str | FuncType | None


@dataclass(frozen=True)
class Param:
    """A parameter; `codec` is None for one that is the Caller, which takes no slot."""

    name: str
    codec: Codec | None


class Function:
    """An exported method: `str` of it is `geometry.area`."""

    def __init__(
        self, module: str, method: str, export: Export, fn: Callable[..., Any], where: str
    ) -> None:
        self.module = module
        self.where = where
        """Its class and method, `Geometry.area`, for who defines them."""
        self.method = method
        self.name = export.name
        self.fn = fn
        self.is_raw = export.raw is not None
        self.is_async = inspect.iscoroutinefunction(fn)
        self.params: list[Param] = []
        self.result = Result([])
        self.type: DefType = functype()
        self.source = ""
        """The Python source of its adapter."""
        self.bind: Callable[..., Callable[..., Any]]
        """`bind(call, caller, store, thrown)` gives the adapter of one object's method."""
        self.decorators: tuple[Any, ...] = getattr(fn, "__wasm_decorators__", ())

    @cached_property
    def type_text(self) -> str:
        """The core type: `(func (param i32 i32) (result i32))`."""
        return str(self.type)

    def signature(self) -> str:
        """As it is written in Python: `area(points: Array[Point]) -> I32`."""
        if self.is_raw:
            return f"{self.name}: {self.type_text}"
        shown = [f"{p.name}: {p.codec or 'Caller'}" for p in self.params]
        return f"{self.method}({', '.join(shown)}) -> {self.result.name}"

    def told(self, wanted: ExternType) -> list[str]:
        """What helps where a guest imports it as something else."""
        told = [f"in Python: {self.signature()}"]
        slots = [(t, isinstance(p.codec, PointerTo | Run))
                 for p in self.params if p.codec for t in p.codec.slots]  # fmt: skip
        theirs = getattr(getattr(wanted, "comp", None), "params", ())
        if any(points and t is I64 for (_, points), t in zip(slots, theirs, strict=False)):
            told.append("addresses and lengths are i32, also those in 64-bit memories: the guest "
                        "looks whether they fit, and gives them by i32.wrap_i64")  # fmt: skip
        return told

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    def __repr__(self) -> str:
        return f"<host function {self} {self.type_text}>"


def make_function(
    owner: type, module: str, method: str, export: Export, fn: Any, around: dict[str, Any]
) -> Function:
    """The function of an exported method. Raises DefinitionError."""
    where = f"{owner.__name__}.{method}"
    if isinstance(fn, staticmethod | classmethod) or not inspect.isfunction(inspect.unwrap(fn)):
        raise messages.not_a_method(where=where, kind=f"a {type(fn).__name__}")
    if inspect.isgeneratorfunction(fn) or inspect.isasyncgenfunction(fn):
        raise messages.not_a_method(where=where, kind="a generator")
    function = Function(module, method, export, fn, where)
    parameters = list(inspect.signature(fn).parameters.values())
    if export.raw is not None:
        function.type = raw_type(export.raw, where)
        _check_raw(function, where)
        function.bind = make_raw_adapter(function)
        for decorator in function.decorators:
            decorator.check(function)
        return function
    hints = hints_of(inspect.unwrap(fn), {owner.__name__: owner, **around}, where)
    _check_self(parameters, hints, where)
    function.params = [_param(param, hints, where) for param in parameters[1:]]
    function.result = _result(hints, where)
    slots = sum((p.codec.slots for p in function.params if p.codec), ())
    function.type = functype(slots, function.result.slots)
    function.bind = make_adapter(function, owner)
    for decorator in function.decorators:
        decorator.check(function)
    return function


def _check_self(parameters: list[inspect.Parameter], hints: dict[str, Any], where: str) -> None:
    """An annotated parameter in the place of `self` was meant for the guest."""
    first = parameters[0] if parameters else None
    if first is None or first.kind in _KINDS:
        raise messages.no_self(where=where, first="no parameter")
    if first.name in hints and first.name != "self":
        raise messages.no_self(where=where, first=f"parameter `{first.name}`")


def _check_raw(function: Function, where: str) -> None:
    """A raw method takes the object, a Caller, and the slots."""
    params = function.type.func.params
    try:
        inspect.signature(function.fn).bind(None, None, *params)
    except TypeError:
        given = ", ".join(["a Caller", *map(str, params)])
        example = ", ".join(["caller", *(f"p{i}" for i in range(len(params)))])
        raise messages.raw_parameters(
            where=where, given=given, method=function.method, example=example
        ) from None


_KINDS = {
    inspect.Parameter.VAR_POSITIONAL: "any number of them",
    inspect.Parameter.VAR_KEYWORD: "any number of names",
    inspect.Parameter.KEYWORD_ONLY: "passed by name only",
}


def _param(param: inspect.Parameter, hints: dict[str, Any], where: str) -> Param:
    shown = f"{where}: parameter `{param.name}`"
    if param.kind in _KINDS:
        raise messages.parameter_kind(where=shown, kind=_KINDS[param.kind])
    if param.name not in hints:
        raise messages.no_annotation(where=shown, example=f"{param.name}: I32")
    if hints[param.name] is Caller:
        return Param(param.name, None)
    try:
        return Param(param.name, parameter(hints[param.name]))
    except Unfit as unfit:
        raise messages.annotation(where=shown, why=unfit.why, help=unfit.help) from None


def _result(hints: dict[str, Any], where: str) -> Result:
    if "return" not in hints:
        raise messages.no_annotation(where=f"{where}: its result", example="-> I32` or `-> None")
    try:
        return result(hints["return"])
    except Unfit as unfit:
        shown = f"{where}: its result"
        raise messages.annotation(where=shown, why=unfit.why, help=unfit.help) from None
