"""Names and numbers as text.

Naming: a *word* is how an index is written, `$name` where it has a name that no other has, else
its number.
"""

from __future__ import annotations

import re

from watloom.interp.core.numerics.bits import f32_to_bits, f64_to_bits
from watloom.parser.comments import ID_CHARS
from watloom.parser.numbers import parse_f32
from watloom.parser.strings import quote_name

__all__ = ["Words", "annotation", "binding", "identifier", "show_f32", "show_f64", "signed"]

_ID = re.compile(rf"[{ID_CHARS}]+")


def identifier(name: str) -> str:
    """A name as an identifier.

    >>> identifier("x"), identifier("two words")
    ('$x', '$"two words"')
    """
    return f"${name}" if _ID.fullmatch(name) else f"${quote_name(name)}"


def annotation(name: str) -> str:
    """A name where it cannot be an identifier."""
    return f"(@name {quote_name(name)})"


def binding(name: str | None) -> str:
    """A name where it is given to something, with a space in front, or nothing."""
    if name is None:
        return ""
    return f" {identifier(name) if name else annotation(name)}"


class Words:
    """How the indices of one space are written.

    Of items with one name, the first has it as its identifier; others have it in an annotation.
    """

    def __init__(self, names: dict[int, str] | None = None) -> None:
        self.words: dict[int, str] = {}
        self.names = names or {}
        taken: set[str] = set()
        for index, name in sorted(self.names.items()):
            if name and name not in taken:
                taken.add(name)
                self.words[index] = identifier(name)

    def __call__(self, index: int) -> str:
        return self.words.get(index) or str(index)

    def binding(self, index: int) -> str:
        """The name behind a space where the item is defined, or nothing."""
        if index not in self.names:
            return ""
        return f" {self.words.get(index) or annotation(self.names[index])}"


# ------------------------------------------------------------------ numbers


def show_f64(x: float) -> str:
    """An f64 as a literal that is read back to the same bits.

    >>> show_f64(0.1), show_f64(float("-inf")), show_f64(float("nan"))
    ('0.1', '-inf', 'nan')
    """
    if x != x:
        return _nan(f64_to_bits(x), 64, 52)
    return repr(x)


def show_f32(x: float) -> str:
    """An f32 as the shortest literal that is read back to the same bits.

    >>> show_f32(0.10000000149011612)
    '0.1'
    """
    if x != x:
        return _nan(f32_to_bits(x), 32, 23)
    if x in (float("inf"), float("-inf")):
        return repr(x)
    shown = (f"{x:.{digits}g}" for digits in range(6, 10))
    return next((text for text in shown if parse_f32(text) == x), repr(x))


def _nan(bits: int, width: int, mantissa: int) -> str:
    sign = "-" if bits >> (width - 1) else ""
    payload = bits & ((1 << mantissa) - 1)
    return f"{sign}nan" if payload == 1 << (mantissa - 1) else f"{sign}nan:{payload:#x}"


def signed(value: int, bits: int) -> str:
    """An integer as a signed literal.

    >>> signed(0xFFFF_FFFF, 32)
    '-1'
    """
    return str(value - (1 << bits) if value >> (bits - 1) else value)
