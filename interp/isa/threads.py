"""Atomic instructions (https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md).

Each is one step under the lock of its memory (`Memory.lock`), which does nothing where the memory
is not shared. Unlike other accesses these trap where the address is not a multiple of the size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom.interp.core.instr import Immediate, MemArg, Reader
from watloom.interp.core.types import I32, I64, NumType
from watloom.interp.isa.immediates import MEMARG, SHAPES
from watloom.interp.isa.memory import Access, check_address
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["ORDERING", "PROPOSAL"]

URL = "https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md"

PROPOSAL = Proposal("threads", url=URL)


def _read_ordering(r: Reader) -> int:
    if r.byte():
        raise r.fail("zero byte expected")
    return 0


#: A byte that is always zero: the one ordering that there is. The text leaves it out.
ORDERING = Immediate(name="ordering", read=_read_ordering, write=lambda w, n: w.byte(n))
SHAPES[ORDERING,] = "OP"


def _check(c: Checker, memarg: MemArg, size: int) -> NumType:
    """The address type of an atomic access, whose alignment is its size."""
    if 1 << memarg.align != size:
        raise c.fail(
            f"atomic alignment must be natural: {1 << memarg.align}, "
            f"where {size} byte{'s' * (size > 1)} are moved",
            f"write align={size}, or leave it out",
        )
    return check_address(c, memarg, size)


def _place(m: Machine, memarg: MemArg, address: int, size: int) -> tuple[Any, int]:
    """The memory and the address in it, checked."""
    memory, start = m.memory(memarg.mem), address + memarg.offset
    if start % size:
        raise m.trap("unaligned atomic")
    if start + size > len(memory.data):
        raise m.trap("out of bounds memory access")
    return memory, start


def _load(memory: Any, start: int, size: int) -> int:
    return int.from_bytes(memory.data[start : start + size], "little")


# ------------------------------------------------------------------ waiting and the fence


@PROPOSAL.op("memory.atomic.notify", (0xFE, 0x00), MEMARG, access=Access(
    mnemonic="memory.atomic.notify", opcode=0x00, type=I32, size=4
))  # fmt: skip
class Notify:
    """Wake up to a count of threads that wait at the address: how many there were."""

    def check(c: Checker, memarg: MemArg) -> None:
        address = _check(c, memarg, 4)
        c.pop_all((address, I32))
        c.push(I32)

    def step(m: Machine, memarg: MemArg) -> None:
        count, address = m.pop(), m.pop()
        memory, start = _place(m, memarg, address, 4)
        m.push(memory.notify(start, count))


def _declare_wait(mnemonic: str, opcode: int, t: NumType, size: int) -> None:
    access = Access(mnemonic=mnemonic, opcode=opcode, type=t, size=size)

    @PROPOSAL.op(mnemonic, (0xFE, opcode), MEMARG, access=access)
    class Wait:
        """Wait at the address while it holds what is expected, some nanoseconds at most.

        0 when notified, 1 where something else is there, 2 when the time is over; a negative
        timeout is none. Traps where the memory is not shared.
        """

        def check(c: Checker, memarg: MemArg) -> None:
            address = _check(c, memarg, size)
            c.pop_all((address, t, I64))
            c.push(I32)

        def step(m: Machine, memarg: MemArg) -> None:
            timeout, expected, address = m.pop(), m.pop(), m.pop()
            memory, start = _place(m, memarg, address, size)
            if not memory.type.shared:
                raise m.trap("expected shared memory")
            nanoseconds = None if timeout >> 63 else timeout
            m.push(m.wait(memory, start, size, expected, nanoseconds))


_declare_wait("memory.atomic.wait32", 0x01, I32, 4)
_declare_wait("memory.atomic.wait64", 0x02, I64, 8)


@PROPOSAL.op("atomic.fence", (0xFE, 0x03), ORDERING)
class Fence:
    """Order all accesses before it and behind it: here nothing is ever out of order."""

    def check(c: Checker, ordering: int) -> None:
        pass

    def step(m: Machine, ordering: int) -> None:
        pass


# ------------------------------------------------------------------ loads and stores


def _declare_load(access: Access) -> None:
    size = access.size

    @PROPOSAL.op(access.mnemonic, (0xFE, access.opcode), MEMARG, access=access)
    class Load:
        __doc__ = f"Load {size} byte{'s' * (size > 1)} as {access.type}, at once."

        def check(c: Checker, memarg: MemArg) -> None:
            c.pop(_check(c, memarg, size))
            c.push(access.type)

        def step(m: Machine, memarg: MemArg) -> None:
            memory, start = _place(m, memarg, m.pop(), size)
            with memory.lock:
                m.push(_load(memory, start, size))


def _declare_store(access: Access) -> None:
    size, mask = access.size, (1 << 8 * access.size) - 1

    @PROPOSAL.op(access.mnemonic, (0xFE, access.opcode), MEMARG, access=access)
    class Store:
        __doc__ = f"Store {size} byte{'s' * (size > 1)} of an {access.type}, at once."

        def check(c: Checker, memarg: MemArg) -> None:
            c.pop_all((_check(c, memarg, size), access.type))

        def step(m: Machine, memarg: MemArg) -> None:
            value, address = m.pop(), m.pop()
            memory, start = _place(m, memarg, address, size)
            with memory.lock:
                m.write(memory, start, (value & mask).to_bytes(size, "little"))


# ------------------------------------------------------------------ read, modify, write


def _declare_rmw(access: Access, meaning: str, change: Callable[[int, int], int]) -> None:
    size, mask = access.size, (1 << 8 * access.size) - 1

    @PROPOSAL.op(access.mnemonic, (0xFE, access.opcode), MEMARG, access=access, change=change)
    class ReadModifyWrite:
        __doc__ = f"{meaning} in memory, at once: what was there."

        def check(c: Checker, memarg: MemArg) -> None:
            c.pop_all((_check(c, memarg, size), access.type))
            c.push(access.type)

        def step(m: Machine, memarg: MemArg) -> None:
            value, address = m.pop(), m.pop()
            memory, start = _place(m, memarg, address, size)
            with memory.lock:
                old = _load(memory, start, size)
                m.write(memory, start, (change(old, value) & mask).to_bytes(size, "little"))
            m.push(old)


def _declare_cmpxchg(access: Access) -> None:
    size, mask = access.size, (1 << 8 * access.size) - 1

    @PROPOSAL.op(access.mnemonic, (0xFE, access.opcode), MEMARG, access=access)
    class CompareExchange:
        """Replace what is in memory if it is what is expected, at once: what was there."""

        def check(c: Checker, memarg: MemArg) -> None:
            c.pop_all((_check(c, memarg, size), access.type, access.type))
            c.push(access.type)

        def step(m: Machine, memarg: MemArg) -> None:
            value, expected, address = m.pop(), m.pop(), m.pop()
            memory, start = _place(m, memarg, address, size)
            with memory.lock:
                old = _load(memory, start, size)
                if old == expected & mask:  # both as they are in memory
                    m.write(memory, start, (value & mask).to_bytes(size, "little"))
            m.push(old)


#: The seven widths in the order of their opcodes: the type, the bytes, and what the mnemonic adds.
_WIDTHS = ((I32, 4, ""), (I64, 8, ""), (I32, 1, "8"), (I32, 2, "16"),
           (I64, 1, "8"), (I64, 2, "16"), (I64, 4, "32"))  # fmt: skip


def _accesses(first: int, pattern: str) -> list[Access]:
    """An access of each width; `{w}` is "8", "16", "32" or nothing, `{u}` "_u" where it narrows."""
    return [
        Access(
            mnemonic=f"{t}.atomic.{pattern.format(w=width, u='_u' if width else '')}",
            opcode=first + i,
            type=t,
            size=size,
        )
        for i, (t, size, width) in enumerate(_WIDTHS)
    ]


for _access in _accesses(0x10, "load{w}{u}"):
    _declare_load(_access)
for _access in _accesses(0x17, "store{w}"):
    _declare_store(_access)

_CHANGES: tuple[tuple[str, int, str, Callable[[int, int], int]], ...] = (
    ("add", 0x1E, "Add", lambda old, x: old + x),
    ("sub", 0x25, "Subtract", lambda old, x: old - x),
    ("and", 0x2C, "Bitwise and", lambda old, x: old & x),
    ("or", 0x33, "Bitwise or", lambda old, x: old | x),
    ("xor", 0x3A, "Bitwise exclusive or", lambda old, x: old ^ x),
    ("xchg", 0x41, "Replace", lambda old, x: x),
)
for _name, _first, _meaning, _change in _CHANGES:
    for _access in _accesses(_first, f"rmw{{w}}.{_name}{{u}}"):
        _declare_rmw(_access, _meaning, _change)
for _access in _accesses(0x48, "rmw{w}.cmpxchg{u}"):
    _declare_cmpxchg(_access)


PROPOSAL.explain({
    "memory.atomic.notify": ("[at i32] -> [i32]: where, how many",
                             "(memory.atomic.notify (i32.const 0) (i32.const 1)) => i32 0"),
    "memory.atomic.wait32": ("[at i32 i64] -> [i32]: where, what is expected, nanoseconds",
                             "(module (memory 1 1 shared) (func (export \"example\") (result i32) "
                             "(memory.atomic.wait32 (i32.const 0) (i32.const 7) (i64.const -1)))) "
                             "=> i32 1"),
    "memory.atomic.wait64": ("[at i64 i64] -> [i32]: where, what is expected, nanoseconds",
                             "(module (memory 1 1 shared) (func (export \"example\") (result i32) "
                             "(memory.atomic.wait64 (i32.const 0) (i64.const 0) "
                             "(i64.const 1000)))) => i32 2"),
    "atomic.fence": ("[] -> []", "(atomic.fence) => nothing"),
})  # fmt: skip
