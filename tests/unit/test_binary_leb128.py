"""LEB128: what is written is read back, and what does not fit is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watloom.interp.core.errors import MalformedError
from watloom.parser.leb128 import read_signed, read_unsigned, signed, unsigned

WIDTHS = st.sampled_from((1, 7, 32, 33, 64))


@given(WIDTHS, st.data())
def test_unsigned_round_trip(bits, data):
    value = data.draw(st.integers(0, (1 << bits) - 1))
    encoded = unsigned(value)
    assert read_unsigned(b"xy" + encoded + b"z", 2, 3 + len(encoded), bits) == (
        value,
        2 + len(encoded),
    )
    assert len(encoded) <= (bits + 6) // 7


@given(WIDTHS, st.data())
def test_signed_round_trip(bits, data):
    value = data.draw(st.integers(-(1 << bits - 1), (1 << bits - 1) - 1))
    encoded = signed(value)
    assert read_signed(encoded + b"z", 0, 1 + len(encoded), bits) == (value, len(encoded))
    assert len(encoded) <= (bits + 6) // 7


@given(st.sampled_from((32, 33, 64)), st.integers(), st.integers(0, 9))
def test_redundant_bytes_are_fine_up_to_the_width(bits, value, extra):
    value &= (1 << bits) - 1
    encoded = bytearray(unsigned(value))
    for _ in range(extra):
        encoded[-1] |= 0x80
        encoded.append(0)
    if len(encoded) <= (bits + 6) // 7:
        assert read_unsigned(bytes(encoded), 0, len(encoded), bits) == (value, len(encoded))
    else:
        with pytest.raises(MalformedError, match="integer representation too long"):
            read_unsigned(bytes(encoded), 0, len(encoded), bits)


@given(st.sampled_from((32, 33, 64)), st.integers(0, 1 << 70))
def test_unsigned_too_large(bits, excess):
    encoded = unsigned((1 << bits) + excess)
    with pytest.raises(MalformedError, match=r"integer (too large|representation too long)"):
        read_unsigned(encoded, 0, len(encoded), bits)


@given(st.sampled_from((32, 33, 64)), st.integers(0, 1 << 70), st.booleans())
def test_signed_too_large(bits, excess, negative):
    value = -(1 << bits - 1) - 1 - excess if negative else (1 << bits - 1) + excess
    encoded = signed(value)
    with pytest.raises(MalformedError, match=r"integer (too large|representation too long)"):
        read_signed(encoded, 0, len(encoded), bits)


@given(st.binary(max_size=12), st.sampled_from((32, 33, 64)))
def test_any_bytes_give_a_value_in_range_or_an_error(data, bits):
    for read, low, high in (
        (read_unsigned, 0, (1 << bits) - 1),
        (read_signed, -(1 << bits - 1), (1 << bits - 1) - 1),
    ):
        try:
            value, pos = read(data, 0, len(data), bits)
        except MalformedError:
            continue
        assert low <= value <= high
        assert 0 < pos <= len(data)
        assert data[pos - 1] < 0x80


@pytest.mark.parametrize(
    ("data", "bits", "words"),
    [
        ("", 32, "unexpected end"),
        ("80", 32, "unexpected end"),
        ("ff ff ff ff 0f", 32, None),
        ("ff ff ff ff 1f", 32, "integer too large"),
        ("80 80 80 80 80 00", 32, "integer representation too long"),
        ("80 80 80 80 80", 32, "integer representation too long"),
        ("80 80 80 80 90", 32, "integer too large"),
    ],
)
def test_unsigned_by_hand(data, bits, words):
    raw = bytes.fromhex(data)
    if words is None:
        assert read_unsigned(raw, 0, len(raw), bits) == ((1 << bits) - 1, len(raw))
    else:
        with pytest.raises(MalformedError, match=words):
            read_unsigned(raw, 0, len(raw), bits)


@pytest.mark.parametrize(
    ("data", "bits", "value"),
    [
        ("ff ff ff ff 7f", 32, -1),
        ("80 80 80 80 78", 32, -(1 << 31)),
        ("ff ff ff ff 07", 32, (1 << 31) - 1),
        ("ff ff ff ff 0f", 32, None),
        ("80 80 80 80 70", 32, None),
        ("ff ff ff ff 0f", 33, (1 << 32) - 1),
        ("80 80 80 80 70", 33, -(1 << 32)),
        ("ff ff ff ff ff ff ff ff ff 7f", 64, -1),
        ("ff ff ff ff ff ff ff ff ff 7e", 64, None),
    ],
)
def test_signed_by_hand(data, bits, value):
    raw = bytes.fromhex(data)
    if value is None:
        with pytest.raises(MalformedError, match="integer too large"):
            read_signed(raw, 0, len(raw), bits)
    else:
        assert read_signed(raw, 0, len(raw), bits) == (value, len(raw))
