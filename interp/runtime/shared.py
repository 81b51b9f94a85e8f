"""Shared memories: several threads, each with a store of its own, use one.

    thread A   memory.atomic.wait32 8 …       waits                  goes on
    thread B                        memory.atomic.notify 8 1

All of the maximum is reserved when the memory is made, and taken by the operating system page by
page as it is touched: so the bytes never move, and views of them stay good when the memory grows.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import LimitError
from watloom.interp.core.types import MemType
from watloom.interp.runtime.limits import out_of_time
from watloom.interp.runtime.memory import Memory, mem_type

if TYPE_CHECKING:
    from watloom.interp.runtime.store import Store

__all__ = ["SharedMemory"]

#: A thread that waits looks up this often (seconds): everywhere, the main one can be interrupted.
_LOOK_UP = 0.2


def _reserved(size: int) -> Any:
    """Zeros that take memory only where they are touched. Raises what `mmap` and bytearray do."""
    try:
        import mmap

        flags = getattr(mmap, "MAP_PRIVATE", 0) | getattr(mmap, "MAP_ANONYMOUS", 0)
        flags |= getattr(mmap, "MAP_NORESERVE", 0)
        return mmap.mmap(-1, size, flags=flags) if flags else mmap.mmap(-1, size)
    except (ImportError, OSError, ValueError):
        if size > 1 << 32:
            raise MemoryError from None
        return bytearray(size)


class SharedMemory(Memory):
    """A memory that belongs to no store: instances of several may import it.

    `lock` is held by each atomic access; plain accesses take no lock, as in other engines.

    >>> mem = SharedMemory(1, 2)
    >>> mem.wait(0, 4, expected=7, nanoseconds=None)   # something else is there
    1
    >>> mem.wait(0, 4, expected=0, nanoseconds=1000), mem.notify(0, 1)
    (2, 0)
    """

    __slots__ = ("_everything", "_waiting", "lock")

    #: It belongs to none, whoever made it or imports it.
    store = property(lambda self: None, lambda self, store: None)

    def __init__(
        self,
        type: MemType | int,
        max: int | None = None,
        *,
        shared: bool = True,
        store: Store | None = None,
    ) -> None:
        type = mem_type(type, max, shared)
        most = type.limits.max
        if most is None:
            raise ValueError("a shared memory needs a maximum")
        self.lock = threading.RLock()
        self._waiting: dict[int, deque[threading.Event]] = {}
        size = most << type.page_bits
        if store is not None:
            limit = store.limits.memory
            if not store.memories.fits(size, limit, collect=True):
                raise LimitError(
                    f"out of memory: the store's limit is {limit} bytes",
                    help=f"a shared memory counts with its maximum, {size} bytes",
                )
        try:
            self._everything = memoryview(_reserved(size) if size else bytearray())
        except (MemoryError, OverflowError):
            raise LimitError(
                f"a shared memory of at most {most} pages cannot be had here",
                help="all of its maximum is reserved at once: declare a smaller one",
            ) from None
        super().__init__(type)
        if store is not None:
            store.memories.add(self)

    @property
    def charged(self) -> int:
        return len(self._everything)

    def _zeroed(self, size: int) -> Any:
        return self._everything[:size]

    def grow(self, pages: int) -> int | None:
        with self.lock:
            return super().grow(pages)

    def _extend(self, size: int) -> None:
        self.replace(self._everything[: len(self.data) + size])

    def replace(self, data: Any) -> None:
        with self.lock:
            super().replace(data)

    def watch(self, watcher: Any) -> None:
        with self.lock:
            super().watch(watcher)

    # ------------------------------------------------------------------ wait and notify

    def wait(
        self,
        address: int,
        size: int,
        expected: int,
        nanoseconds: int | None,
        deadline: float | None = None,
        seconds: float | None = None,
    ) -> int:
        """Wait at an address until notified, some nanoseconds at most: 0.

        1 at once where the `size` bytes there are not `expected`; 2 when the time is over. The
        `deadline` (`time.monotonic`) is the end of the call from the host: LimitError, which names
        its `seconds`.
        """
        until = None if nanoseconds is None else time.monotonic() + nanoseconds / 1e9
        woken = threading.Event()
        with self.lock:
            if int.from_bytes(self.data[address : address + size], "little") != expected:
                return 1
            self._waiting.setdefault(address, deque()).append(woken)
        try:
            while True:
                now = time.monotonic()
                ends = [t for t in (until, deadline) if t is not None]
                if woken.wait(max(0.0, min([now + _LOOK_UP, *ends]) - now)):
                    return 0
                now = time.monotonic()
                if until is not None and now >= until:
                    return 2 if self._leave(address, woken) else 0
                if deadline is not None and now >= deadline:
                    raise out_of_time(seconds)
        finally:
            self._leave(address, woken)

    def _leave(self, address: int, woken: threading.Event) -> bool:
        """Wait no longer: whether nobody had notified."""
        with self.lock:
            queue = self._waiting.get(address)
            if queue is None or woken not in queue:
                return False
            queue.remove(woken)
            if not queue:
                del self._waiting[address]
            return True

    def notify(self, address: int, count: int = 0xFFFF_FFFF) -> int:
        """Wake those that wait at an address, the longest waiting first: how many it were."""
        with self.lock:
            queue = self._waiting.get(address, deque())
            woken = min(count, len(queue))
            for _ in range(woken):
                queue.popleft().set()
            if not queue:
                self._waiting.pop(address, None)
            return woken
