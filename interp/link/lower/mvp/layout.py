"""What types become: numbers for references, offsets for fields, ids for what casts ask.

    (type $a (sub (struct (field i8) (field i64))))            id 4   i8 at 4, i64 at 8
    (type $b (sub $a (struct (field i8) (field i64) (field anyref))))   id 5   anyref at 16

A record begins with the id of its type. Ids are given in the order of a walk down from the types
without supertypes, so that a type and all below it are a range: `ref.cast` compares two numbers.
Functions come first, then structs, then arrays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watloom.interp.core.types import (
    I32,
    AbsHeap,
    ArrayType,
    DefType,
    FuncType,
    NumType,
    PackType,
    RefType,
    StorageType,
    StructType,
    ValType,
)

__all__ = ["Field", "Types", "fields_of", "lowered", "storage_of"]


def lowered(t: ValType) -> NumType:
    """A reference is an i32."""
    return t if isinstance(t, NumType) else I32


@dataclass(frozen=True)
class Field:
    """How a field is read and written, `offset` bytes behind the start of its record."""

    offset: int
    size: int
    type: NumType
    """On the stack."""
    load: str
    store: str
    reference: bool = False

    def loads(self, mnemonic: str) -> str:
        """The load of struct.get or array.get, of which packed fields have two."""
        return self.load + mnemonic[-2:] if self.load.endswith(("8", "16")) else self.load


def storage_of(storage: StorageType, offset: int = 0) -> Field:
    """A field that begins at an offset, or where it is next aligned."""
    if isinstance(storage, PackType):
        size = 1 if storage is PackType.I8 else 2
        access = f"i32.load{size * 8}", f"i32.store{size * 8}"
        return Field(-(-offset // size) * size, size, I32, *access)
    t = lowered(storage)
    size = 8 if t.value.endswith("64") else 4
    at = -(-offset // size) * size
    return Field(at, size, t, f"{t}.load", f"{t}.store", isinstance(storage, RefType))


def fields_of(storages: Iterable[StorageType], offset: int = 4) -> tuple[list[Field], int]:
    """The fields of a record, and its size. A subtype's begin with those of its supertype."""
    found: list[Field] = []
    for storage in storages:
        found.append(storage_of(storage, offset))
        offset = found[-1].offset + found[-1].size
    return found, offset


_KINDS: dict[type, AbsHeap] = {
    FuncType: AbsHeap.FUNC, StructType: AbsHeap.STRUCT, ArrayType: AbsHeap.ARRAY,
}  # fmt: skip


class Types:
    """The ids of the types of a module."""

    def __init__(self, types: Iterable[DefType]) -> None:
        distinct = list(dict.fromkeys(types))
        below: dict[DefType | AbsHeap, list[DefType]] = {}
        for t in distinct:
            above: DefType | AbsHeap = t.supers[0] if t.supers else _KINDS[type(t.comp)]
            below.setdefault(above, []).append(t)
        nodes: list[tuple[DefType | AbsHeap, bool]]
        self._ranges: dict[DefType | AbsHeap, tuple[int, int]] = {}
        next_id = 0
        for kind in _KINDS.values():
            nodes = [(kind, False)]
            first: dict[DefType | AbsHeap, int] = {}
            while nodes:
                node, done = nodes.pop()
                if done:
                    self._ranges[node] = first[node], next_id
                    continue
                first[node] = next_id
                next_id += isinstance(node, DefType)
                nodes.append((node, True))
                nodes += [(sub, False) for sub in reversed(below.get(node, []))]

    def id(self, t: DefType) -> int:
        """The id that records of exactly that type begin with."""
        return self._ranges[t][0]

    def range(self, t: DefType | AbsHeap) -> tuple[int, int]:
        """The ids of the type and those below it: the first, and the one behind the last."""
        return self._ranges[t]
