"""Memories."""

from __future__ import annotations

import gc
import weakref
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from watloom.interp.core.dataclass import replace
from watloom.interp.core.errors import LimitError
from watloom.interp.core.types import I64, Limits, MemType

if TYPE_CHECKING:
    from watloom.interp.runtime.store import Store

__all__ = ["Memory", "mem_type"]

#: Bytes of new memories after which dropped instances are looked for: they hold functions in
#: cycles, and Python's collector counts objects, not what they weigh.
_PRESSURE = 1 << 28
_BIG = 1 << 24
_made = 0


def zeroed(size: int) -> Any:
    """Zeros to be written to: a bytearray or, for many, pages that come when they are touched.

    Raises MemoryError or OverflowError where that many cannot be had.
    """
    if size >= _BIG:
        try:
            from mmap import mmap

            return mmap(-1, size)
        except (ImportError, OSError, ValueError):
            pass  # no such thing here: a bytearray does, if it fits
    return bytearray(size)


def _press(size: int) -> None:
    """Count the bytes of a new memory, and collect garbage when they are many."""
    global _made
    _made += size
    if _made > _PRESSURE:
        _made = 0
        gc.collect()


def mem_type(type: MemType | int, max: int | None, shared: bool) -> MemType:
    """The type of a memory that is made with these arguments."""
    return MemType(Limits(type, max), shared=shared) if isinstance(type, int) else type


class Memory:
    """A memory: bytes that grow by pages, of 64 KiB unless its type says otherwise.

    From Python it is a sequence of bytes: `mem[0:4]`, `mem[0:4] = b"abcd"`, `len(mem)`.
    IndexError outside of it. `data` is the bytearray of now: growing may replace it, and views
    handed out before keep the old bytes. (A large memory is an mmap, which behaves like one.)

    It is made of a type, or of `Memory(pages, most, shared=…)`; one that is shared is a
    `SharedMemory` (`runtime.shared`).

    >>> mem = Memory(1)
    >>> mem[0:2] = b"hi"
    >>> bytes(mem[0:3]), mem.size
    (b'hi\\x00', 1)
    """

    __slots__ = ("__weakref__", "_declared", "data", "store", "watchers")

    #: What an atomic access holds; nothing needs to be held where no other thread can be.
    lock: AbstractContextManager[Any] = nullcontext()

    def __new__(
        cls, type: MemType | int, max: int | None = None, *, shared: bool = False, **_: Any
    ) -> Memory:
        """A SharedMemory where the type says so."""
        if cls is Memory and mem_type(type, max, shared).shared:
            from watloom.interp.runtime.shared import SharedMemory

            return super().__new__(SharedMemory)
        return super().__new__(cls)

    def __init__(
        self,
        type: MemType | int,
        max: int | None = None,
        *,
        shared: bool = False,
        store: Store | None = None,
    ) -> None:
        type = mem_type(type, max, shared)
        self._declared = type
        self.data: Any
        self.store = store
        self.watchers: weakref.WeakSet[Any] = weakref.WeakSet()
        size = type.limits.min << type.page_bits
        if not self._allowed(size, collect=True):
            most = store.limits.memory if store else None
            raise LimitError(f"out of memory: the store's limit is {most} bytes")
        _press(size)
        try:
            self.data = self._zeroed(size)
        except (MemoryError, OverflowError):
            raise LimitError(f"a memory of {type.limits.min} pages cannot be had here") from None
        if store is not None:
            store.memories.add(self)

    def _zeroed(self, size: int) -> Any:
        return zeroed(size)

    def _allowed(self, more: int, collect: bool = False) -> bool:
        """Whether the store lets its memories have so many bytes more."""
        store = self.store
        return store is None or store.memories.fits(more, store.limits.memory, collect)

    @property
    def charged(self) -> int:
        """The bytes that it counts in its store."""
        return len(self.data)

    @property
    def type(self) -> MemType:
        """The type with the current size as its minimum."""
        declared = self._declared
        return replace(declared, limits=Limits(self.size, declared.limits.max))

    @property
    def page(self) -> int:
        """The bytes of a page."""
        return 1 << self._declared.page_bits

    @property
    def address_bits(self) -> int:
        """The width of its addresses."""
        return 64 if self._declared.addr is I64 else 32

    @property
    def size(self) -> int:
        """The size in pages."""
        return len(self.data) // self.page

    def grow(self, pages: int) -> int | None:
        """Grow by some pages: the old size, or None where that is not possible."""
        old, limits = self.size, self._declared.limits
        most = limits.max if limits.max is not None else self._declared.most
        if pages < 0 or old + pages > most:
            return None
        size = pages * self.page
        if not self._allowed(size):
            return None
        try:
            self._extend(size)
        except (MemoryError, OverflowError):
            return None
        if self.store is not None:
            self.store.memories.add(self, size)
        return old

    def _extend(self, size: int) -> None:
        if size <= 1 << 20:
            try:
                self.data.extend(bytes(size))
                return
            except (BufferError, AttributeError):  # views are held: they keep the old bytes
                pass
        old = self.data
        grown = zeroed(len(old) + size)
        with memoryview(grown) as target, memoryview(old) as source:
            target[: len(old)] = source
        self.replace(grown)

    def replace(self, data: Any) -> None:
        """Have other bytes from now on."""
        self.data = data
        try:
            self._tell()
        except BaseException:  # an interrupt: nobody may be left with the old bytes
            self._tell()
            raise

    def _tell(self) -> None:
        for watcher in self.watchers:
            watcher.grown(self)

    def watch(self, watcher: Any) -> None:
        """Have `watcher.grown(memory)` called whenever `data` becomes another object."""
        self.watchers.add(watcher)

    def notify(self, address: int, count: int = 0) -> int:
        """Wake threads that wait at an address: at a memory that is not shared nobody can."""
        return 0

    # ------------------------------------------------------------------ from Python

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, key: int | slice) -> Any:
        self._check(key)
        return self.data[key] if isinstance(key, int) else bytes(self.data[key])

    def __setitem__(self, key: int | slice, value: Any) -> None:
        self._check(key)
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self.data))
            if len(value) != len(range(start, stop, step)):
                raise ValueError(
                    f"{len(value)} bytes do not fit in a slice of {len(range(start, stop, step))}"
                )
        self.data[key] = value

    def _check(self, key: int | slice) -> None:
        ends = (key.start, key.stop) if isinstance(key, slice) else (key,)
        for end in ends:
            if end is not None and not -len(self.data) <= end <= len(self.data) - isinstance(
                key, int
            ):
                raise IndexError(f"{end} lies outside of a memory of {len(self.data)} bytes")

    def view(self) -> memoryview:
        """The bytes without a copy; a view keeps what it shows when the memory grows."""
        return memoryview(self.data)

    def numpy(self, dtype: Any = "u1") -> Any:
        """The memory as a numpy array of a type, without a copy."""
        import numpy as np

        wanted = np.dtype(dtype)
        whole = len(self.data) // wanted.itemsize * wanted.itemsize
        return np.frombuffer(memoryview(self.data)[:whole], dtype=wanted)

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(self.data)

    def __repr__(self) -> str:
        return f"<{self.type}>"
