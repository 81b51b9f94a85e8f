"""What a result must be to fit what a script expects."""

from typing import Any

import pytest

from watloom.interp.core.numerics.bits import f32_from_bits, f64_from_bits
from watloom.interp.core.types import (
    ANYREF,
    EXTERNREF,
    F32,
    F64,
    FUNCREF,
    I32,
    I64,
    AbsHeap,
    ArrayType,
    FieldType,
    RefType,
    StructType,
    SubType,
    ValType,
    define_rec_group,
    functype,
)
from watloom.interp.runtime.values import I31, ArrayInst, HostFunc, HostRef, StructInst
from watloom.interp.script.patterns import HostObject, fits, fits_all, show, show_pattern
from watloom.parser.wast import (
    Const,
    Either,
    NanPattern,
    Pattern,
    RefExtern,
    RefHost,
    RefNull,
    RefPattern,
)

EMPTY_STRUCT, I32_ARRAY = (
    define_rec_group([SubType(comp)], lambda heap: heap, 0)[0]
    for comp in (StructType(()), ArrayType(FieldType(I32, True)))
)
FUNC = HostFunc(functype(), lambda: None)
STRUCT = StructInst(EMPTY_STRUCT, [])
ARRAY = ArrayInst(I32_ARRAY, [])
HOST = HostRef(HostObject(7))

CANONICAL32, CANONICAL64 = f32_from_bits(0x7FC00000), f64_from_bits(0x7FF8 << 48)
ARITHMETIC32, ARITHMETIC64 = f32_from_bits(0x7FC00001), f64_from_bits((0x7FF8 << 48) + 1)
SIGNALLING32, SIGNALLING64 = f32_from_bits(0x7FA00000), f64_from_bits((0x7FF0 << 48) + 1)

CASES: list[tuple[Any, ValType, Pattern, bool]] = [
    # numbers: the type and every bit count
    (7, I32, Const(I32, 7), True),
    (7, I32, Const(I32, 8), False),
    (7, I64, Const(I32, 7), False),
    (1.0, F64, Const(F64, 1.0), True),
    (1.0, F32, Const(F64, 1.0), False),
    (0.0, F64, Const(F64, -0.0), False),
    (-0.0, F32, Const(F32, -0.0), True),
    (SIGNALLING32, F32, Const(F32, SIGNALLING32), True),
    (SIGNALLING32, F32, Const(F32, CANONICAL32), False),
    (SIGNALLING64, F64, Const(F64, SIGNALLING64), True),
    (-CANONICAL64, F64, Const(F64, CANONICAL64), False),
    # NaN patterns: of either sign
    (CANONICAL32, F32, NanPattern(F32, True), True),
    (-CANONICAL32, F32, NanPattern(F32, True), True),
    (ARITHMETIC32, F32, NanPattern(F32, True), False),
    (ARITHMETIC32, F32, NanPattern(F32, False), True),
    (SIGNALLING32, F32, NanPattern(F32, False), False),
    (CANONICAL64, F64, NanPattern(F64, True), True),
    (ARITHMETIC64, F64, NanPattern(F64, True), False),
    (ARITHMETIC64, F64, NanPattern(F64, False), True),
    (SIGNALLING64, F64, NanPattern(F64, False), False),
    (float("inf"), F64, NanPattern(F64, False), False),
    (CANONICAL64, F64, NanPattern(F32, True), False),
    # nulls: of the hierarchy that is named
    (None, FUNCREF, RefNull(None), True),
    (None, FUNCREF, RefNull(AbsHeap.FUNC), True),
    (None, FUNCREF, RefNull(AbsHeap.NOFUNC), True),
    (None, FUNCREF, RefNull(AbsHeap.EXTERN), False),
    (None, ANYREF, RefNull(AbsHeap.STRUCT), True),
    (FUNC, FUNCREF, RefNull(None), False),
    (0, I32, RefNull(None), False),
    # host references: as extern or as any, by number
    (HOST, EXTERNREF, RefExtern(7), True),
    (HOST, EXTERNREF, RefExtern(8), False),
    (HOST, EXTERNREF, RefExtern(None), True),
    (HOST, EXTERNREF, RefHost(7), False),
    (HOST, ANYREF, RefHost(7), True),
    (HOST, ANYREF, RefHost(8), False),
    (HOST, ANYREF, RefExtern(7), False),
    (HostRef(7), EXTERNREF, RefExtern(7), False),
    (None, EXTERNREF, RefExtern(None), False),
    (STRUCT, EXTERNREF, RefExtern(None), True),
    # references of a kind, never null
    (FUNC, FUNCREF, RefPattern(AbsHeap.FUNC), True),
    (None, FUNCREF, RefPattern(AbsHeap.FUNC), False),
    (FUNC, FUNCREF, RefPattern(AbsHeap.ANY), False),
    (STRUCT, ANYREF, RefPattern(AbsHeap.STRUCT), True),
    (STRUCT, ANYREF, RefPattern(AbsHeap.EQ), True),
    (STRUCT, ANYREF, RefPattern(AbsHeap.ARRAY), False),
    (STRUCT, EXTERNREF, RefPattern(AbsHeap.STRUCT), False),
    (STRUCT, RefType(False, EMPTY_STRUCT), RefPattern(AbsHeap.ANY), True),
    (ARRAY, ANYREF, RefPattern(AbsHeap.ARRAY), True),
    (I31(3), ANYREF, RefPattern(AbsHeap.I31), True),
    (I31(3), ANYREF, RefPattern(AbsHeap.STRUCT), False),
    (HOST, ANYREF, RefPattern(AbsHeap.ANY), True),
    (HOST, ANYREF, RefPattern(AbsHeap.EQ), False),
    (STRUCT, ANYREF, RefPattern(None), True),
    (None, ANYREF, RefPattern(None), False),
    (1, I32, RefPattern(None), False),
    # one of several
    (2, I32, Either((Const(I32, 1), Const(I32, 2))), True),
    (3, I32, Either((Const(I32, 1), Const(I32, 2))), False),
]


@pytest.mark.parametrize(("value", "t", "pattern", "expected"), CASES)
def test_fits(value: Any, t: ValType, pattern: Pattern, expected: bool) -> None:
    assert fits(value, t, pattern) is expected


def test_every_result_needs_its_pattern() -> None:
    one, two = Const(I32, 1), Const(I32, 2)
    assert fits_all([1, 2], [I32, I32], [one, two])
    assert not fits_all([1, 2], [I32, I32], [one])
    assert not fits_all([1], [I32], [one, two])
    assert fits_all([], [], [])


@pytest.mark.parametrize(
    ("value", "t", "shown"),
    [
        (0xFFFF_FFFF, I32, "(i32.const -1)"),
        (-0.0, F64, "(f64.const -0.0)"),
        (-SIGNALLING32, F32, "(f32.const -nan:0x200000)"),
        (SIGNALLING64, F64, "(f64.const nan:0x1)"),
        (None, RefType(True, AbsHeap.NOFUNC), "(ref.null func)"),
        (HOST, EXTERNREF, "(ref.extern 7)"),
        (HOST, ANYREF, "(ref.host 7)"),
        (I31(3), ANYREF, "(ref <i31 3>)"),
    ],
)
def test_values_are_shown_as_scripts_write_them(value: Any, t: ValType, shown: str) -> None:
    assert show(value, t) == shown


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        (Const(I64, 5), "(i64.const 5)"),
        (NanPattern(F32, True), "(f32.const nan:canonical)"),
        (NanPattern(F64, False), "(f64.const nan:arithmetic)"),
        (RefNull(None), "(ref.null)"),
        (RefNull(AbsHeap.ANY), "(ref.null any)"),
        (RefHost(1), "(ref.host 1)"),
        (RefExtern(None), "(ref.extern)"),
        (RefExtern(1), "(ref.extern 1)"),
        (RefPattern(AbsHeap.I31), "(ref.i31)"),
        (RefPattern(None), "(ref)"),
        (Either((Const(I32, 1), RefNull(None))), "(either (i32.const 1) (ref.null))"),
    ],
)
def test_patterns_are_shown_as_scripts_write_them(pattern: Pattern, shown: str) -> None:
    assert show_pattern(pattern) == shown
