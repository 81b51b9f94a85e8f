"""The raw form: a method of the caller and the slots, as they are in the machine.

    @export(raw="i32 i32 -> i32")
    def add(self, caller: Caller, a: int, b: int) -> int: ...

Integers are unsigned, both ways; what is given back is masked, and None, a value, or a tuple.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import HostValueError, WasmException
from watloom.interp.core.types import I32, I64, DefType, FuncType, ValType, functype
from watloom.interp.host import messages
from watloom.interp.isa.proposal import parse_signature
from watloom.interp.runtime.convert import to_wasm
from watloom.interp.runtime.values import Caller

if TYPE_CHECKING:
    from watloom.interp.host.function import Function

__all__ = ["make_raw_adapter", "raw_type"]

_MASKS = {I32: 0xFFFF_FFFF, I64: 0xFFFF_FFFF_FFFF_FFFF}


def raw_type(given: str | FuncType | DefType, where: str) -> DefType:
    """The type of a raw function. Raises DefinitionError."""
    if isinstance(given, DefType) and isinstance(given.comp, FuncType):
        return given
    if isinstance(given, FuncType):
        return functype(given.params, given.results)
    try:
        return functype(*parse_signature(str(given)))
    except (KeyError, ValueError):
        raise messages.raw_signature(where=where, given=given) from None


def make_raw_adapter(function: Function) -> Callable[..., Callable[..., Any]]:
    """Its `bind`, as `adapter` makes it for the typed ones."""
    types = function.type.func.results

    def bind(
        call: Callable[..., Any], caller: Callable[[], Any], store: Any, thrown: Callable[..., Any]
    ) -> Callable[..., Any]:
        if function.is_async:

            async def adapter(*slots: Any) -> Any:
                try:
                    return _checked(await call(Caller(caller()), *slots), types, function)
                except WasmException as error:
                    raise thrown(error) from None

            return adapter

        def plain(*slots: Any) -> Any:
            try:
                return _checked(call(Caller(caller()), *slots), types, function)
            except WasmException as error:
                raise thrown(error) from None

        return plain

    return bind


def _checked(result: Any, types: tuple[ValType, ...], function: Function) -> Any:
    """The slots that a raw method gave back."""
    if len(types) == 1:
        return _slot(result, types[0], function)
    given = () if result is None else result
    if not isinstance(given, tuple | list) or len(given) != len(types):
        raise HostValueError(f"{function} must give back {len(types)} values, not {result!r:.60}")
    return tuple(_slot(v, t, function) for v, t in zip(given, types, strict=True)) or None


def _slot(value: Any, t: ValType, function: Function) -> Any:
    if value.__class__ is int and t in _MASKS:
        return value & _MASKS[t]
    try:
        return to_wasm(value, t)
    except HostValueError as error:
        raise HostValueError(f"the result of {function}: {error.message}") from None
