"""What messages call things: by the names that the text gave, else by their indices.

type 3 is not a struct          →   type $point is not a struct
(ref (struct (field i32)))      →   (ref $point)
"""

from __future__ import annotations

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.module import Kind, Names
from watloom.interp.core.types import (
    DefType,
    ExternType,
    FuncType,
    HeapType,
    RefType,
    StorageType,
    TypeIdx,
    close,
    close_functype,
)

__all__ = ["name_of", "shown"]

_KINDS = {str(kind): kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class _Named(TypeIdx):
    """A type of the module, shown by its name."""

    name: str

    def __str__(self) -> str:
        return self.name


def name_of(names: Names, kind: str, index: int, owner: int = 0) -> str:
    """`$name` or the index of an item; `owner` is the function of a local, the type of a field.

    >>> name_of(Names(locals={7: {0: "x"}}), "local", 0, 7), name_of(Names(), "table", 3)
    ('$x', '3')
    """
    found: str | None
    if kind == "local":
        found = names.locals.get(owner, {}).get(index)
    elif kind == "field":
        found = names.fields.get(owner, {}).get(index)
    elif kind in ("elem segment", "data segment"):
        found = (names.elems if kind[0] == "e" else names.datas).get(index)
    else:
        found = names.of(_KINDS[kind], index)
    return f"${found}" if found is not None else str(index)


def shown(t: StorageType | FuncType, types: list[ExternType], names: Names) -> str:
    """A closed type as the text has it: `(ref $t)` where `$t` is in the type space `types`."""

    def reopen(heap: HeapType) -> HeapType:
        if isinstance(heap, DefType):
            for index, known in enumerate(types):
                if known is heap:
                    return _Named(index, name_of(names, "type", index))
        return heap

    if isinstance(t, RefType):
        return str(close(t, reopen))
    return str(close_functype(t, reopen) if isinstance(t, FuncType) else t)
