"""The heap of a module without GC: a memory of its own, in which structs are records of bytes.

    0        8             what is placed at build time         top
    ┌────────┬─────────────────────────────────────────────────┬──────────────────────────
    │ unused │ records of functions, tables, passive segments  │ what is allocated  …
    └────────┴─────────────────────────────────────────────────┴──────────────────────────

A reference is the address of a record, a multiple of 8. An i31 is an odd number. Null is an address
at which every load traps, so that dereferencing needs no check of its own.
"""

from __future__ import annotations

from watloom.interp.core.features import WASM3
from watloom.interp.core.instr import Instr
from watloom.interp.core.module import Active, Data, Memory
from watloom.interp.core.types import Limits, MemType
from watloom.interp.isa import op_table

__all__ = ["NULL", "PAGE", "Heap"]

#: Even, and so near to 2^32 that a load of four bytes there never stays inside of a memory.
NULL = 0xFFFF_FFFE

PAGE = 1 << 16

_CONST = op_table(WASM3).by_mnemonic["i32.const"][0]


class Heap:
    """What is in it from the start; `index` is its memidx."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.data = bytearray(8)

    def place(self, data: bytes) -> int:
        """Bytes that are there from the start; gives their address, a multiple of 8."""
        at = self.top
        self.data.extend(bytes(at - len(self.data)))
        self.data.extend(data)
        return at

    def words(self, *words: int) -> int:
        """The same for i32 values."""
        return self.place(b"".join(word.to_bytes(4, "little") for word in words))

    @property
    def top(self) -> int:
        """Where what is allocated may begin."""
        return (len(self.data) + 7) & ~7

    def finish(self) -> tuple[Memory, Data]:
        """The memory, and the segment that fills it."""
        skipped = 8
        offset = [Instr(_CONST, (skipped,))]
        pages = -(-self.top // PAGE)
        return (
            Memory(MemType(Limits(pages))),
            Data(bytes(self.data[skipped:]), Active(self.index, offset)),
        )
