"""How compiled code calls an untyped host function: a wrapper, written out for the function's type.

(func (param i32 f64) (result i32))

    def entry(a0, a1):
        try:
            result = fn(a0 if a0 < 0x80000000 else a0 - 0x100000000, a1)
        except WasmException as error:
            raise thrown(error) from None
        if result.__class__ is int and -0x80000000 <= result < 0x100000000:
            return result & 0xffffffff
        return convert(result)

`convert` takes whatever else may be given back, and says what may not (`runtime.invoke`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from watloom.interp.core.errors import WasmException
from watloom.interp.core.types import ANYREF, F64, I32, I64, V128, NumType, RefType, ValType
from watloom.interp.runtime.convert import to_python
from watloom.interp.runtime.exceptions import Thrown, received
from watloom.interp.runtime.invoke import wasm_results
from watloom.interp.runtime.values import HostFunc

__all__ = ["host_entry"]

Entry = Callable[..., Any]

_SOURCE = """\
def make(fn, convert, thrown):
    def entry({params}):
        try:
            result = fn({args})
        except WasmException as error:
            raise thrown(error) from None
{result}
    return entry
"""
_SIGNED = "{0} if {0} < {1:#x} else {0} - {2:#x}"
_INTEGER = """\
        if result.__class__ is int and -{0:#x} <= result < {1:#x}:
            return result & {2:#x}
        return convert(result)"""
_FLOAT = """\
        return result if result.__class__ is float else convert(result)"""
_NOTHING = """\
        if result is not None:
            convert(result)"""
_OTHER = """\
        return convert(result)"""


def host_entry(func: HostFunc) -> Entry:
    """Wasm values in; None, a value or a tuple of them out. The function gets no Caller."""
    t = func.type.func
    count = len(t.results)

    def convert(result: Any) -> Any:
        results = wasm_results(func, result, func.store)
        if count == 1:
            return results[0]
        return tuple(results) if count else None

    def thrown(error: WasmException) -> Thrown:
        return Thrown(received(error, func.store), error)

    return _maker(tuple(map(_kind, t.params)), tuple(map(_kind, t.results)))(
        func.fn, convert, thrown
    )


def _kind(t: ValType) -> NumType | None:
    return None if isinstance(t, RefType) else t


def _reference(value: Any) -> Any:
    return to_python(value, ANYREF)


@lru_cache(maxsize=256)
def _maker(
    params: tuple[NumType | None, ...], results: tuple[NumType | None, ...]
) -> Callable[..., Entry]:
    """What makes the wrappers of a type; None stands for references."""
    source = _SOURCE.format(
        params=", ".join(f"a{i}" for i in range(len(params))),
        args=", ".join(_argument(f"a{i}", t) for i, t in enumerate(params)),
        result=_result(results),
    )
    names: dict[str, Any] = {"WasmException": WasmException, "reference": _reference}
    exec(compile(source, "<host call>", "exec"), names)
    make: Callable[..., Entry] = names["make"]
    return make


def _argument(name: str, t: NumType | None) -> str:
    if t is I32 or t is I64:
        bits = 32 if t is I32 else 64
        return _SIGNED.format(name, 1 << (bits - 1), 1 << bits)
    if t is V128:
        return f'{name}.to_bytes(16, "little")'
    return name if t is not None else f"reference({name})"


def _result(results: tuple[NumType | None, ...]) -> str:
    match results:
        case ():
            return _NOTHING
        case (NumType.I32 | NumType.I64,):
            bits = 32 if results[0] is I32 else 64
            return _INTEGER.format(1 << (bits - 1), 1 << bits, (1 << bits) - 1)
        case (t,) if t is F64:
            return _FLOAT
    return _OTHER
