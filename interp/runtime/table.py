"""Tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import LimitError
from watloom.interp.core.types import I64, Limits, TableType
from watloom.interp.runtime.store import MAX_TABLE

if TYPE_CHECKING:
    from watloom.interp.runtime.store import Store

__all__ = ["Table"]


class Table:
    """A table of references; from Python a sequence: `table[0]`, `table[0] = f`, `len(table)`."""

    __slots__ = ("__weakref__", "_declared", "entries", "store")

    def __init__(self, type: TableType, init: Any = None, *, store: Store | None = None) -> None:
        self._declared = type
        self.store = store
        if type.limits.min > self._most:
            raise LimitError(
                f"a table of {type.limits.min} entries is more than the store's limit, {self._most}"
            )
        if store is not None and not self._allowed(type.limits.min, collect=True):
            raise LimitError(
                f"out of table entries: the store's limit is {store.most_entries} "
                "of all tables together",
                help="give more with Limits(tables=…)",
            )
        try:
            self.entries: list[Any] = [init] * type.limits.min
        except (MemoryError, OverflowError):
            raise LimitError(f"a table of {type.limits.min} entries cannot be had here") from None
        if store is not None:
            store.tables.add(self)

    @property
    def _most(self) -> int:
        limit = self.store.limits.table if self.store else None
        return MAX_TABLE if limit is None else limit

    def _allowed(self, more: int, collect: bool = False) -> bool:
        """Whether the store lets its tables have so many entries more."""
        store = self.store
        return store is None or store.tables.fits(more, store.most_entries, collect)

    @property
    def type(self) -> TableType:
        """The type with the current size as its minimum."""
        declared = self._declared
        return TableType(
            Limits(len(self.entries), declared.limits.max), declared.elem, declared.addr
        )

    @property
    def address_bits(self) -> int:
        """The width of its indices."""
        return 64 if self._declared.addr is I64 else 32

    @property
    def size(self) -> int:
        """The number of entries."""
        return len(self.entries)

    def grow(self, count: int, value: Any = None) -> int | None:
        """Grow by some entries: the old size, or None where that is not possible."""
        old, limits = len(self.entries), self._declared.limits
        most = min(self._most, limits.max if limits.max is not None else self._most)
        if count < 0 or old + count > most or not self._allowed(count):
            return None
        try:
            self.entries.extend([value] * count)
        except (MemoryError, OverflowError):
            return None
        if self.store is not None:
            self.store.tables.add(self, count)
        return old

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, i: int) -> Any:
        from watloom.interp.runtime.convert import to_python

        return to_python(self.entries[self._index(i)], self._declared.elem)

    def __setitem__(self, i: int, value: Any) -> None:
        from watloom.interp.runtime.convert import to_wasm

        self.entries[self._index(i)] = to_wasm(value, self._declared.elem, self.store)

    def _index(self, i: int) -> int:
        if not 0 <= i < len(self.entries):
            raise IndexError(f"{i} lies outside of a table of {len(self.entries)} entries")
        return i

    def __repr__(self) -> str:
        return f"<{self.type}>"
