"""Literals of vectors (https://webassembly.github.io/spec/core/text/instructions.html#vector-instructions).

v128.const i32x4 1 -1 0x7 0      sixteen bytes, the first lane the lowest
i8x16.shuffle 0 1 … 15           sixteen numbers of lanes
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from watloom.interp.core.numerics.bits import f32_to_bits, f64_to_bits
from watloom.interp.core.numerics.simd import pack
from watloom.interp.core.source import Source, Span
from watloom.parser import messages
from watloom.parser.numbers import parse_f32, parse_f64, parse_int

__all__ = [
    "LANE_BITS",
    "check_count",
    "parse_lane",
    "parse_lane_index",
    "parse_shuffle",
    "parse_vector",
]

Token = tuple[str, int]

#: The width of the lanes of each shape.
LANE_BITS = {"i8x16": 8, "i16x8": 16, "i32x4": 32, "i64x2": 64, "f32x4": 32, "f64x2": 64}

_INTEGER = re.compile(r"[+-]?(?:0x[0-9a-fA-F_]+|[0-9_]+)")
_NATURAL = re.compile(r"0x[0-9a-fA-F_]+|[0-9_]+")


def _integer(bits: int) -> Callable[[str, int, Source | None], int]:
    def parse(word: str, at: int, source: Source | None) -> int:
        if not _INTEGER.fullmatch(word):
            low, high = -1 << (bits - 1), (1 << bits) - 1
            raise messages.int_out_of_range(
                Span(at, at + len(word)), source, word=word, type=f"i{bits}", low=low, high=high
            )
        return parse_int(word, bits, at, source)

    return parse


_LANES: dict[str, Callable[[str, int, Source | None], int]] = {
    **{shape: _integer(bits) for shape, bits in LANE_BITS.items() if shape[0] == "i"},
    "f32x4": lambda word, at, source: f32_to_bits(parse_f32(word, at, source)),
    "f64x2": lambda word, at, source: f64_to_bits(parse_f64(word, at, source)),
}


def parse_lane(shape: str, token: Token, source: Source | None) -> int:
    """The bits of one literal of a `v128.const`. Raises MalformedError for what does not fit."""
    return _LANES[shape](*token, source)


def check_count(shape: Token, count: int, source: Source | None) -> None:
    """Raise MalformedError unless that many lanes make a vector of the shape."""
    word, at = shape
    wanted = 128 // LANE_BITS[word]
    if count != wanted:
        span = Span(at, at + len(word))
        raise messages.lane_count(span, source, shape=word, count=count, wanted=wanted)


def parse_vector(shape: Token, lanes: Sequence[Token] | None, source: Source | None = None) -> int:
    """The 128 bits of a vector literal.

    >>> hex(parse_vector(("i64x2", 0), [("-1", 6), ("2", 9)]))
    '0x2ffffffffffffffff'

    Raises MalformedError for a wrong number of lanes, and for lanes that do not fit.
    """
    check_count(shape, len(lanes or ()), source)
    word = shape[0]
    return pack(LANE_BITS[word], [parse_lane(word, token, source) for token in lanes or ()])


def parse_lane_index(token: Token, source: Source | None = None) -> int:
    """The number of a lane. Raises MalformedError unless it is one byte."""
    word, at = token
    value = parse_int(word, 64) if _NATURAL.fullmatch(word) and len(word) < 19 else 256
    if value > 255:
        raise messages.lane_out_of_range(Span(at, at + len(word)), source, word=word)
    return value


def parse_shuffle(word: Token, lanes: Sequence[Token] | None, source: Source | None) -> bytes:
    """The sixteen numbers of a shuffle. Raises MalformedError."""
    if len(lanes or ()) != 16:
        mnemonic, at = word
        span = Span(at, at + len(mnemonic))
        raise messages.shuffle_count(span, source, count=len(lanes or ()))
    return bytes([parse_lane_index(token, source) for token in lanes or ()])
