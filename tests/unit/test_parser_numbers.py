"""Number literals, checked against exact arithmetic."""

import math
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.numerics.bits import f32_from_bits, f32_to_bits, f64_to_bits
from watloom.parser.numbers import parse_alignment, parse_f32, parse_f64, parse_int, parse_nat

F32, F64 = (24, -149, 128), (53, -1074, 1024)


def nearest(x, precision, lowest, limit):
    """The nearest float of a format, ties to even; infinite where it is too large."""
    if not x:
        return 0.0
    size = abs(x)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    exponent -= size < Fraction(2) ** exponent
    unit = Fraction(2) ** max(exponent - precision + 1, lowest)
    value = round(size / unit) * unit  # round() of a Fraction rounds ties to even
    found = math.inf if value >= Fraction(2) ** limit else float(value)
    return -found if x < 0 else found


def check(parse, literal, exact, form):
    want = nearest(exact, *form)
    if math.isinf(want):
        with pytest.raises(MalformedError, match=r"^constant out of range"):
            parse(literal)
    else:
        assert parse(literal) == want


@given(st.integers(-(10**25), 10**25), st.integers(-80, 60))
def test_decimals_are_rounded_once(digits, exponent):
    literal, exact = f"{digits}e{exponent}", Fraction(digits) * Fraction(10) ** exponent
    check(parse_f32, literal, exact, F32)
    check(parse_f64, literal, exact, F64)


@given(st.integers(0, 0x7F7F_FFFE), st.sampled_from([-1, 0, 1]))
@example(0, 0)
@example(0x7F7F_FFFE, 1)
def test_f32_around_the_middle_of_two(bits, side):
    middle = (Fraction(f32_from_bits(bits)) + Fraction(f32_from_bits(bits + 1))) / 2
    places = middle.denominator.bit_length() + 40
    digits = middle * 10**places + side
    assert digits.denominator == 1
    check(parse_f32, f"{digits}e-{places}", digits / 10**places, F32)


@given(st.integers(0, 1 << 120), st.integers(-1200, 1100))
def test_hexadecimals_are_rounded_once(digits, exponent):
    exact = Fraction(digits) * Fraction(2) ** exponent
    check(parse_f32, f"0x{digits:x}p{exponent}", exact, F32)
    check(parse_f64, f"0x{digits:x}p{exponent}", exact, F64)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("0x1.8p1", 3.0),
        ("0x.8p0".replace("x.", "x0."), 0.5),
        ("1_000.5", 1000.5),
        ("1.", 1.0),
        ("0x1.", 1.0),
        ("+1e1", 10.0),
        ("1" + "0" * 5000 + "e-5000", 1.0),
        ("0x1p+" + "0" * 30 + "5", 32.0),
        ("1e-" + "9" * 30, 0.0),
        ("0x1p-" + "9" * 30, 0.0),
        ("0e" + "9" * 30, 0.0),
        ("0x0p" + "9" * 30, 0.0),
        ("0x0." + "0" * 5000 + "1p20004", 1.0),
    ],
)
def test_unusual_forms(literal, value):
    assert parse_f32(literal) == parse_f64(literal) == value


def test_a_digit_far_behind_decides():
    middle = "0.5000000298023223876953125"
    assert parse_f32(middle) == 0.5
    assert parse_f32(middle + "0" * 6000 + "1") > 0.5


def test_zeros_have_signs():
    for literal in ("-0", "-0.0", "-0x0p5", "-1e-999"):
        assert math.copysign(1, parse_f32(literal)) == math.copysign(1, parse_f64(literal)) == -1


@pytest.mark.parametrize(
    ("literal", "bits32", "bits64"),
    [
        ("inf", 0x7F80_0000, 0x7FF0_0000_0000_0000),
        ("-inf", 0xFF80_0000, 0xFFF0_0000_0000_0000),
        ("nan", 0x7FC0_0000, 0x7FF8_0000_0000_0000),
        ("-nan:0x1", 0xFF80_0001, 0xFFF0_0000_0000_0001),
        ("+nan:0x20_0000", 0x7FA0_0000, 0x7FF0_0000_0020_0000),
    ],
)
def test_infinities_and_nans_by_bits(literal, bits32, bits64):
    assert f32_to_bits(parse_f32(literal)) == bits32
    assert f64_to_bits(parse_f64(literal)) == bits64


@pytest.mark.parametrize("literal", ["nan:0x0", "nan:0x80_0000"])
def test_payloads_have_a_range(literal):
    with pytest.raises(MalformedError, match=r"^constant out of range"):
        parse_f32(literal)


@pytest.mark.parametrize("literal", ["1e39", "-0x1p128", "340282356779733661637539395458142568448"])
def test_f32_too_large(literal):
    with pytest.raises(MalformedError, match=r"^constant out of range"):
        parse_f32(literal)


# ------------------------------------------------------------------ integers


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("0", 0),
        ("-1", 0xFFFF_FFFF),
        ("4294967295", 0xFFFF_FFFF),
        ("-0x8000_0000", 0x8000_0000),
        ("+0x1_0", 16),
        ("007", 7),
        ("0" * 5000, 0),
        ("-" + "0" * 5000 + "1", 0xFFFF_FFFF),
    ],
)
def test_integers(literal, value):
    assert parse_int(literal, 32) == value


@pytest.mark.parametrize("literal", ["4294967296", "-2147483649", "0x1_0000_0000", "9" * 5000])
def test_integers_out_of_range(literal):
    with pytest.raises(MalformedError, match=r"^constant out of range"):
        parse_int(literal, 32)


def test_unsigned_numbers_have_a_range():
    assert parse_nat("0xffff_ffff", 32) == parse_nat("4294967295", 32) == 0xFFFF_FFFF
    with pytest.raises(MalformedError, match=r"^i32 constant out of range"):
        parse_nat("4294967296", 32)
    with pytest.raises(MalformedError, match=r"^i64 constant out of range"):
        parse_nat("0x1_0000_0000_0000_0000", 64)


def test_alignments_are_powers_of_two():
    assert [parse_alignment(n) for n in ("1", "2", "0x4", "9223372036854775808")] == [0, 1, 2, 63]
    for literal in ("0", "3"):
        with pytest.raises(MalformedError, match=r"^alignment"):
            parse_alignment(literal)
