"""Number literals to values (https://webassembly.github.io/spec/core/text/values.html).

Integers come out unsigned, floats as `numerics.bits` describes, rounded once to the nearest value.
"""

from __future__ import annotations

import math
import re

from watloom.interp.core.numerics.bits import f32_from_bits, f32_round, f64_from_bits, f64_to_bits
from watloom.interp.core.source import Source, Span
from watloom.parser import messages

__all__ = ["parse_alignment", "parse_f32", "parse_f64", "parse_int", "parse_nat"]

_DEC_FLOAT = re.compile(r"([0-9]+)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?")
_HEX_FLOAT = re.compile(r"0x([0-9a-fA-F]+)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?[0-9]+))?")


def _integer(word: str) -> int | None:
    """The value of an integer literal; None where it is absurdly long."""
    try:
        return int(word, 16 if "0x" in word else 10)
    except ValueError:  # Python refuses to convert thousands of decimal digits
        digits = word.lstrip("+-").replace("_", "").lstrip("0") or "0"
        if len(digits) > 100:
            return None
        return -int(digits) if word[0] == "-" else int(digits)


def parse_int(word: str, bits: int, at: int = 0, source: Source | None = None) -> int:
    """The unsigned value of an i32 or i64 literal.

    >>> parse_int("-1", 32) == parse_int("0xffff_ffff", 32) == 2**32 - 1
    True

    Raises MalformedError for what fits neither as signed nor as unsigned.
    """
    value = _integer(word)
    if value is None or not -1 << (bits - 1) <= value < 1 << bits:
        span = Span(at, at + len(word))
        low, high = -1 << (bits - 1), (1 << bits) - 1
        raise messages.int_out_of_range(
            span, source, word=_short(word), type=f"i{bits}", low=low, high=high
        )
    return value & ((1 << bits) - 1)


def parse_nat(word: str, bits: int, at: int = 0, source: Source | None = None) -> int:
    """The value of an unsigned literal: an index, a limit, an offset.

    Raises MalformedError for what does not fit in 32 or 64 bits.
    """
    value = _integer(word)
    if value is None or value >= 1 << bits:
        message = messages.u32_out_of_range if bits == 32 else messages.u64_out_of_range
        raise message(Span(at, at + len(word)), source, word=_short(word))
    return value


def parse_alignment(word: str, at: int = 0, source: Source | None = None) -> int:
    """The exponent of an alignment in bytes: 2 for "4".

    Raises MalformedError for what is not a power of two.
    """
    value = parse_nat(word, 64, at, source)
    if value == 0 or value & (value - 1):
        raise messages.bad_alignment(Span(at, at + len(word)), source, align=_short(word))
    return value.bit_length() - 1


def _short(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:30]}…"


# ------------------------------------------------------------------ floats


def parse_f64(word: str, at: int = 0, source: Source | None = None) -> float:
    """The value of an f64 literal.

    >>> parse_f64("0x1.8p1"), parse_f64("-1e3"), parse_f64("nan:0x4")
    (3.0, -1000.0, nan)

    Raises MalformedError for what rounds to infinity, and for impossible payloads.
    """
    special = _special(word, 64, at, source)
    if special is not None:
        return f64_from_bits(special)
    text = word.replace("_", "")
    value = _hexadecimal(text, 53, -1074) if "0x" in text else float(text)
    if value in (_INF, -_INF):
        raise _too_large(word, "f64", at, source)
    return value


def parse_f32(word: str, at: int = 0, source: Source | None = None) -> float:
    """The value of an f32 literal, rounded once.

    >>> parse_f32("0.1")
    0.10000000149011612

    Raises MalformedError for what rounds to infinity, and for impossible payloads.
    """
    special = _special(word, 32, at, source)
    if special is not None:
        return f32_from_bits(special)
    text = word.replace("_", "")
    if "0x" in text:
        value = _hexadecimal(text, 24, -149)
        if abs(value) >= _F32_LIMIT:
            raise _too_large(word, "f32", at, source)
        return value
    value = float(text)  # correctly rounded
    rounded = f32_round(value)
    # Rounded twice, a value can only go wrong where the first step lands on the middle of two f32.
    if rounded != value and value not in (_INF, -_INF) and _is_middle(value, rounded):
        rounded = _nearest_f32(text, value)
    if rounded in (_INF, -_INF):
        raise _too_large(word, "f32", at, source)
    return rounded


_INF = float("inf")
_F32_LIMIT = 2.0**128
_ENOUGH = 1000  # no value in the middle of two f32 has that many decimal digits


def _too_large(word: str, type_: str, at: int, source: Source | None) -> Exception:
    span = Span(at, at + len(word))
    return messages.float_out_of_range(span, source, word=_short(word), type=type_)


def _special(word: str, bits: int, at: int, source: Source | None) -> int | None:
    """The bits of `inf`, `nan` and `nan:0x…`; None for a number."""
    sign = 1 << (bits - 1) if word[0] == "-" else 0
    rest = word.lstrip("+-")
    if rest[0] not in "in":
        return None
    mantissa = 23 if bits == 32 else 52
    infinity = sign | ((1 << (bits - 1 - mantissa)) - 1) << mantissa
    if rest == "inf":
        return infinity
    if rest == "nan":
        return infinity | 1 << (mantissa - 1)
    payload = int(rest[4:], 16)
    limit = (1 << mantissa) - 1
    if not 1 <= payload <= limit:
        span = Span(at, at + len(word))
        raise messages.nan_out_of_range(
            span, source, word=_short(word), type=f"f{bits}", limit=limit
        )
    return infinity | payload


def _hexadecimal(text: str, precision: int, lowest: int) -> float:
    """The value nearest to a hexadecimal literal, with `precision` bits, none below 2**lowest."""
    found = _HEX_FLOAT.fullmatch(text.lstrip("+-"))
    assert found is not None
    whole, fraction = found[1], found[2] or ""
    digits = int(whole + fraction, 16)
    if not digits:
        return -0.0 if text[0] == "-" else 0.0
    clamp = 8 * len(text) + 5000  # beyond that the exponent alone decides
    scale = max(-clamp, min(clamp, _exponent(found[3]))) - 4 * len(fraction)
    drop = max(digits.bit_length() - precision, lowest - scale)
    if drop > 0:
        kept, rest = digits >> drop, digits & ((1 << drop) - 1)
        half = 1 << (drop - 1)
        if rest > half or (rest == half and kept & 1):
            kept += 1
        digits, scale = kept, scale + drop
    too_large = digits.bit_length() + scale > 1024
    value = _INF if too_large else math.ldexp(digits, scale)  # exact: rounded already
    return -value if text[0] == "-" else value


def _exponent(text: str | None) -> int:
    """The value of an exponent, cut off where it is absurd."""
    if text is None:
        return 0
    value = int(text.lstrip("+-").lstrip("0")[:20] or "0")
    return -value if text[0] == "-" else value


def _is_middle(value: float, rounded: float) -> bool:
    if rounded in (_INF, -_INF) or abs(rounded) < 2.0**-120:
        return True  # let the exact way decide: these are rare
    return f64_to_bits(value) & 0x1FFF_FFFF == 0x1000_0000


def _nearest_f32(text: str, value: float) -> float:
    """The f32 nearest to a decimal literal, by exact arithmetic; `value` is the nearest f64."""
    from fractions import Fraction  # seldom needed

    found = _DEC_FLOAT.fullmatch(text.lstrip("+-"))
    assert found is not None
    digits = (found[1] + found[2]).lstrip("0")
    scale = _exponent(found[3]) - len(found[2])
    if len(digits) > _ENOUGH:  # the rest only matters by not being zero
        scale += len(digits) - _ENOUGH - 1
        digits = digits[:_ENOUGH] + ("1" if digits[_ENOUGH:].strip("0") else "0")
    exact = Fraction(int(digits)) * Fraction(10) ** scale
    exponent = max(-149, math.frexp(value)[1] - 24)
    units = exact / Fraction(2) ** exponent
    kept = int(units)
    rest = units - kept
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and kept & 1):
        kept += 1
    nearest = math.ldexp(kept, exponent)
    if nearest >= _F32_LIMIT:
        nearest = _INF
    return -nearest if text[0] == "-" else nearest
