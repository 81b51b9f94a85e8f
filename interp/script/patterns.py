"""Comparing the results of an action with what a script expects of them.

Values are as the machine holds them (`interp.runtime.values`); beside each stands its closed type,
since an externref and an anyref of one host object are the same value here. Numbers are equal bit
by bit: -0 is not 0, and a NaN with a payload is that very NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watloom.interp.core.matching import top_of
from watloom.interp.core.numerics.bits import (
    f32_from_bits,
    f32_to_bits,
    f64_from_bits,
    f64_to_bits,
    is_arithmetic_nan32,
    is_arithmetic_nan64,
    is_canonical_nan32,
    is_canonical_nan64,
)
from watloom.interp.core.numerics.integers import signed
from watloom.interp.core.numerics.simd import lanes, shown
from watloom.interp.core.types import (
    F32,
    F64,
    I32,
    I64,
    V128,
    AbsHeap,
    NumType,
    RefType,
    ValType,
)
from watloom.interp.runtime.values import HostRef, has_type
from watloom.parser.wast import (
    Const,
    Either,
    NanPattern,
    Pattern,
    RefExtern,
    RefHost,
    RefNull,
    RefPattern,
    VectorPattern,
)

__all__ = ["HostObject", "fits", "fits_all", "show", "show_all", "show_pattern", "show_patterns"]


class HostObject:
    """The object behind `(ref.extern n)` and `(ref.host n)`: one per number and run."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return str(self.number)


def fits_all(values: Sequence[Any], types: Sequence[ValType], patterns: Sequence[Pattern]) -> bool:
    """Whether there are as many results as patterns, and each fits its own."""
    return len(values) == len(patterns) and all(map(fits, values, types, patterns))


def fits(value: Any, t: ValType, pattern: Pattern) -> bool:
    """Whether a value of the closed type `t` is what a pattern wants."""
    match pattern:
        case Either(alternatives):
            return any(fits(value, t, alternative) for alternative in alternatives)
        case Const(wanted, expected):
            return t is wanted and _same_bits(value, expected, wanted)
        case NanPattern(wanted, canonical):
            return t is wanted and _is_nan(value, wanted, canonical)
        case VectorPattern(bits, wanted_lanes):
            return t is V128 and all(map(_fits_lane, lanes(bits, value), wanted_lanes))
    return isinstance(t, RefType) and _fits_reference(value, top_of(t.heap), pattern)


def _fits_lane(bits: int, pattern: int | NanPattern) -> bool:
    if isinstance(pattern, int):
        return bits == pattern
    from_bits = f32_from_bits if pattern.type is F32 else f64_from_bits
    return _is_nan(from_bits(bits), pattern.type, pattern.canonical)


def _is_nan(value: float, t: NumType, canonical: bool) -> bool:
    if t is F32:
        return (is_canonical_nan32 if canonical else is_arithmetic_nan32)(f32_to_bits(value))
    return (is_canonical_nan64 if canonical else is_arithmetic_nan64)(f64_to_bits(value))


def _same_bits(a: Any, b: Any, t: NumType) -> bool:
    if t is F32:
        return f32_to_bits(a) == f32_to_bits(b)
    if t is F64:
        return f64_to_bits(a) == f64_to_bits(b)
    return bool(a == b)


def _fits_reference(value: Any, top: AbsHeap, pattern: Pattern) -> bool:
    """`top` is the hierarchy of the value's type: any, func or extern."""
    match pattern:
        case RefNull(heap):
            return value is None and (heap is None or top_of(heap) is top)
        case RefHost(number):
            return top is AbsHeap.ANY and _is_host(value, number)
        case RefExtern(None):
            return top is AbsHeap.EXTERN and value is not None
        case RefExtern(int() as number):
            return top is AbsHeap.EXTERN and _is_host(value, number)
        case RefPattern(None):
            return value is not None
        case RefPattern(AbsHeap() as heap):
            return top_of(heap) is top and has_type(value, RefType(False, heap))
    return False


def _is_host(value: Any, number: int) -> bool:
    return (
        isinstance(value, HostRef)
        and isinstance(value.object, HostObject)
        and value.object.number == number
    )


# ------------------------------------------------------------------ in words


def show_all(values: Sequence[Any], types: Sequence[ValType]) -> str:
    """Results as a script would write them."""
    return " ".join(map(show, values, types)) or "nothing"


def show(value: Any, t: ValType) -> str:
    """A value of a closed type as a script would write it.

    >>> show(0xffffffff, I32), show(-0.0, F64), show(None, RefType(True, AbsHeap.FUNC))
    ('(i32.const -1)', '(f64.const -0.0)', '(ref.null func)')
    """
    if isinstance(t, NumType):
        return f"({t}.const {_number(value, t)})"
    if value is None:
        return f"(ref.null {top_of(t.heap)})"
    if isinstance(value, HostRef):
        word = "ref.extern" if top_of(t.heap) is AbsHeap.EXTERN else "ref.host"
        return f"({word} {value.object!r})"
    return f"(ref {value!r})"


def _number(value: Any, t: NumType) -> str:
    if t is I32 or t is I64:
        return str(signed(32 if t is I32 else 64, value))
    if t is V128:
        return shown(value)
    if value == value:
        return repr(value)
    bits, fraction = (f32_to_bits(value), 23) if t is F32 else (f64_to_bits(value), 52)
    sign = "-" if bits >> (31 if t is F32 else 63) else ""
    return f"{sign}nan:{bits & ((1 << fraction) - 1):#x}"


def show_patterns(patterns: Sequence[Pattern]) -> str:
    """What a script expects, as it wrote it."""
    return " ".join(map(show_pattern, patterns)) or "nothing"


def show_pattern(pattern: Pattern) -> str:
    """One pattern as a script writes it."""
    match pattern:
        case Either(alternatives):
            return f"(either {show_patterns(alternatives)})"
        case Const(t, value):
            return show(value, t)
        case NanPattern(t, canonical):
            return f"({t}.const nan:{'canonical' if canonical else 'arithmetic'})"
        case VectorPattern(bits, wanted):
            shown_lanes = [_show_lane(bits, lane) for lane in wanted]
            return f"(v128.const f{bits}x{128 // bits} {' '.join(shown_lanes)})"
        case RefNull(heap):
            return "(ref.null)" if heap is None else f"(ref.null {heap})"
        case RefHost(number):
            return f"(ref.host {number})"
        case RefExtern(number):
            return "(ref.extern)" if number is None else f"(ref.extern {number})"
        case RefPattern(heap):
            return "(ref)" if heap is None else f"(ref.{heap})"


def _show_lane(n: int, pattern: int | NanPattern) -> str:
    if isinstance(pattern, int):
        if n == 32:
            return _number(f32_from_bits(pattern), F32)
        return _number(f64_from_bits(pattern), F64)
    return f"nan:{'canonical' if pattern.canonical else 'arithmetic'}"
