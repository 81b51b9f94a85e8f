"""The types that the generator speaks of: number types by name, and references."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

__all__ = ["BOTTOM", "TOPS", "Ref", "Type", "declared", "is_number", "text"]


class Ref(NamedTuple):
    """A reference type; `heap` is "any", "func" … or the name of a type of the module."""

    null: bool
    heap: str


Type: TypeAlias = str | Ref

#: The heads of the hierarchies, and what lies at the bottom of each.
TOPS = ("any", "func", "extern", "exn")
BOTTOM = {"any": "none", "func": "nofunc", "extern": "noextern", "exn": "noexn"}


def is_number(t: Type) -> bool:
    """Whether it is a number type (or a packed storage type)."""
    return t.__class__ is str


@lru_cache(maxsize=4096)
def text(t: Type) -> str:
    """A type as the text format writes it.

    >>> text(Ref(True, "$s0")), text("i64")
    ('(ref null $s0)', 'i64')
    """
    if isinstance(t, Ref):
        return f"(ref {'null ' if t.null else ''}{t.heap})"
    return t


def declared(keyword: str, types: Sequence[Type]) -> str:
    """`(param …)` or `(result …)`, with a space before it; nothing where there are no types."""
    return f" ({keyword} {' '.join(map(text, types))})" if types else ""
