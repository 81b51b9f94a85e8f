"""Values on the command line: read by a function's type, and printed.

type   written                                    printed
i32    -1, 4294967295, 0xffff_ffff                -1
f64    1.5, -1e3, 0x1.8p1, inf, nan, nan:0x4      1.5, -1000.0, 3.0, inf, nan, nan
v128   "i32x4 1 -1 0 0x7", in any shape           i32x4 0x00000001 0xffffffff 0x00000000 0x00000007
ref    null                                       (ref null), (ref func $f), …
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.numerics.integers import signed
from watloom.interp.core.types import F32, F64, I32, I64, V128, FuncType, RefType, ValType

__all__ = ["ValueFormError", "read_values", "show_result"]

_DIGITS, _HEX = r"[0-9](?:_?[0-9])*", r"[0-9a-fA-F](?:_?[0-9a-fA-F])*"
_INTEGER = re.compile(rf"[+-]?(?:0x{_HEX}|{_DIGITS})")
_FLOAT = re.compile(
    rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?(?:[eE][+-]?{_DIGITS})?"
    rf"|0x{_HEX}(?:\.(?:{_HEX})?)?(?:[pP][+-]?{_DIGITS})?|inf|nan(?::0x{_HEX})?)"
)


class ValueFormError(ValueError):
    """A value that can't be read as its type."""


def read_values(words: Sequence[str], t: FuncType, name: str) -> list[Any]:
    """The arguments of a call, as the machine holds them. Raises ValueFormError."""
    takes = " ".join(map(str, t.params)) or "nothing"
    if len(words) != len(t.params):
        given = f"{len(words)} value{'s' * (len(words) != 1)} given"
        raise ValueFormError(f"{name} takes {takes}; {given}")
    try:
        return [_read(word, p) for word, p in zip(words, t.params, strict=True)]
    except ValueFormError as error:
        raise ValueFormError(f"{error}; {name} takes {takes}") from None


def _read(word: str, t: ValType) -> Any:
    from watloom.parser.numbers import parse_f32, parse_f64, parse_int
    from watloom.parser.vectors import LANE_BITS, parse_vector

    if isinstance(t, RefType):
        if word == "null" and t.nullable:
            return None
        how = "only null can be written" if t.nullable else "it can't be written here"
        raise ValueFormError(f"{word!r} is not a {t}: {how}")
    try:
        if t in (I32, I64) and _INTEGER.fullmatch(word):
            return parse_int(word, 32 if t is I32 else 64)
        if t is V128:
            shape, *lanes = word.split() or [""]
            if shape in LANE_BITS and all(map(_FLOAT.fullmatch, lanes)):
                return parse_vector((shape, 0), [(lane, 0) for lane in lanes])
        if t in (F32, F64) and _FLOAT.fullmatch(word):
            return parse_f32(word) if t is F32 else parse_f64(word)
    except MalformedError as error:
        raise ValueFormError(error.message) from None
    if t is V128:
        raise ValueFormError(f"{word!r} is not a v128: write it as in 'i32x4 1 2 3 4', one word")
    raise ValueFormError(f"{word!r} is not an {t}")


def show_result(value: Any, t: ValType) -> str:
    """A result as it is printed.

    >>> show_result(0xffffffff, I32), show_result(0.5, F32)
    ('-1', '0.5')
    """
    if t is I32 or t is I64:
        return str(signed(32 if t is I32 else 64, value))
    if t is F32 or t is F64:
        return repr(value)  # "nan" for every NaN
    if t is V128:
        from watloom.interp.core.numerics.simd import shown

        return shown(value)
    from watloom.interp.debug.format import References

    return References().show(value, t)
