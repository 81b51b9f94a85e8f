"""The memory of whoever called, and what happens outside of it."""

from __future__ import annotations

from typing import NoReturn

from watloom.interp.core.errors import Trap
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.memory import Memory

__all__ = ["inside", "memory_of", "outside"]


def memory_of(instance: ModuleInst | None) -> Memory:
    """Memory 0 of the instance that called; a trap where there is none."""
    if instance is None or not instance.memories:
        raise Trap("no memory: the host function was not called from code that has one")
    return instance.memories[0]


def outside(memory: Memory, address: int, size: int, what: str) -> NoReturn:
    """Some of `size` bytes at an address lie outside of a memory: a trap, as a load's there."""
    raise Trap(
        "out of bounds memory access",
        help=f"{what}: {size} bytes at {address:#x}, in a memory of {len(memory.data):#x}",
    )


def inside(memory: Memory, address: int, size: int, what: str) -> int:
    """The address, if all of `size` bytes there lie in the memory; else a trap. Nothing wraps."""
    if address < 0 or address + size > len(memory.data):
        outside(memory, address, size, what)
    return address
