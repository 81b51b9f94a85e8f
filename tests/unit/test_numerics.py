"""Numbers against numpy and against plain definitions."""

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watloom.interp.core.numerics import bits, floats, integers

u32 = st.integers(0, 2**32 - 1)
u64 = st.integers(0, 2**64 - 1)
f32_bits = u32 | st.sampled_from([0x7F800001, 0xFF800001, 0x7FC00000, 0x7FFFFFFF, 0x80000000, 1])
f64_bits = u64 | st.sampled_from([0x7FF0000000000001, 0xFFF8000000000000, 1 << 63, 1])


@given(f32_bits)
def test_every_f32_keeps_its_bits(pattern: int) -> None:
    assert bits.f32_to_bits(bits.f32_from_bits(pattern)) == pattern


@given(f64_bits)
def test_every_f64_keeps_its_bits(pattern: int) -> None:
    assert bits.f64_to_bits(bits.f64_from_bits(pattern)) == pattern


@given(f32_bits, f32_bits, st.sampled_from(["add", "sub", "mul", "div"]))
def test_f32_arithmetic_is_numpys(a: int, b: int, name: str) -> None:
    x, y = bits.f32_from_bits(a), bits.f32_from_bits(b)
    ours = getattr(floats, name)(bits.f32_round, x, y)
    with np.errstate(all="ignore"):
        operation = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}[name]
        theirs = operation(np.float32(x), np.float32(y), dtype=np.float32)
    if math.isnan(ours):
        assert math.isnan(theirs)
        assert bits.is_canonical_nan32(bits.f32_to_bits(ours))
    else:
        assert bits.f32_to_bits(ours) == theirs.view(np.uint32)


@given(f64_bits)
def test_demoting_rounds_once(a: int) -> None:
    x = bits.f64_from_bits(a)
    ours = floats.demote(bits.f32_round, x)
    with np.errstate(all="ignore"):
        theirs = np.float32(x)
    assert math.isnan(ours) == math.isnan(theirs)
    if not math.isnan(ours):
        assert bits.f32_to_bits(ours) == theirs.view(np.uint32)


@given(st.integers(-(2**63), 2**64 - 1))
def test_integers_become_the_nearest_f32(i: int) -> None:
    from fractions import Fraction

    ours = floats.f32_from_int(i)
    pattern = bits.f32_to_bits(ours)
    neighbours = [bits.f32_from_bits(p) for p in (pattern - 1, pattern + 1) if 0 <= p < 2**32]
    distance = abs(Fraction(ours) - i)
    for other in neighbours:
        if math.isfinite(other):
            assert distance <= abs(Fraction(other) - i)


@pytest.mark.parametrize(
    ("a", "b", "least", "greatest"),
    [
        (0.0, -0.0, -0.0, 0.0),
        (-0.0, 0.0, -0.0, 0.0),
        (1.0, 2.0, 1.0, 2.0),
        (math.inf, -math.inf, -math.inf, math.inf),
    ],
)
def test_min_and_max_know_the_sign_of_zero(
    a: float, b: float, least: float, greatest: float
) -> None:
    for ours, wanted in ((floats.minimum(a, b), least), (floats.maximum(a, b), greatest)):
        assert struct.pack("<d", ours) == struct.pack("<d", wanted)


@given(u32, u32)
def test_signed_division_is_exact(a: int, b: int) -> None:
    x, y = integers.signed(32, a), integers.signed(32, b)
    if y == 0:
        with pytest.raises(integers.NumericError, match="integer divide by zero"):
            integers.div_s(32, a, b)
    elif (x, y) == (-(2**31), -1):
        with pytest.raises(integers.NumericError, match="integer overflow"):
            integers.div_s(32, a, b)
        assert integers.rem_s(32, a, b) == 0
    else:
        quotient = integers.signed(32, integers.div_s(32, a, b))
        remainder = integers.signed(32, integers.rem_s(32, a, b))
        assert quotient * y + remainder == x
        assert quotient == math.trunc(x / y) and abs(remainder) < abs(y)


@given(u64, st.integers(0, 200))
def test_rotations_undo_each_other(a: int, k: int) -> None:
    assert integers.rotr(64, integers.rotl(64, a, k), k) == a
    assert integers.rotl(64, a, k).bit_count() == a.bit_count()


@given(u32)
def test_counting_bits(a: int) -> None:
    text = f"{a:032b}"
    assert integers.clz(32, a) == len(text) - len(text.lstrip("0"))
    assert integers.ctz(32, a) == len(text) - len(text.rstrip("0"))


@given(f64_bits, st.sampled_from([(-(2**31), 2**31 - 1), (0, 2**64 - 1)]))
def test_truncation(a: int, bounds: tuple[int, int]) -> None:
    low, high = bounds
    x = bits.f64_from_bits(a)
    inside = math.isfinite(x) and low <= math.trunc(x) <= high
    if inside:
        assert floats.trunc_to_int(low, high, x) == floats.trunc_sat(low, high, x) == math.trunc(x)
    else:
        with pytest.raises(integers.NumericError):
            floats.trunc_to_int(low, high, x)
        assert floats.trunc_sat(low, high, x) == (0 if math.isnan(x) else low if x < 0 else high)
