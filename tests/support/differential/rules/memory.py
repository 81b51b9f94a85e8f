"""Loads, stores, size, grow; fill, copy, init, data.drop."""

from __future__ import annotations

from functools import cache
from typing import Any

from differential.body import Body
from differential.plan import Memory, Plan
from differential.rule import expression, of, statement
from differential.rules.corners import see
from differential.types import Type, is_number
from watloom.interp.isa import memory as isa_memory
from watloom.interp.isa import simd_memory
from watloom.interp.isa.immediates import MEMARG

__all__ = ["address", "memarg", "memory_for", "place_of"]


@cache
def _accesses(store: bool) -> dict[str, list[Any]]:
    """The loads or stores of the instruction set by value type."""
    found: dict[str, list[Any]] = {}
    for op in [*isa_memory.PROPOSAL.ops, *simd_memory.PROPOSAL.ops]:
        access = op.data.get("access") if op.immediates == (MEMARG,) else None
        if access is not None and (".store" in access.mnemonic) == store:
            found.setdefault(str(access.type), []).append(access)
    return found


def memory_for(b: Body) -> Memory:
    """A memory; seldom one that has no bytes at first."""
    memory = b.draw.pick(b.plan.memories)
    return memory if memory.pages or b.draw.chance(0.15) else b.plan.memories[0]


def _name(b: Body, memory: Memory) -> str:
    """The memory as an immediate, with a space before it; the first one may be left out."""
    first = memory is b.plan.memories[0]
    return "" if first and b.draw.chance(0.8) else f" {memory.name}"


def index(b: Body, addr: str, value: str) -> str:
    """An i32 expression as an address."""
    return value if addr == "i32" else f"(i64.extend_i32_u {value})"


def address(b: Body, memory: Memory, size: int) -> tuple[int, str]:
    """An offset and an address, mostly so that `size` bytes lie inside of the memory."""
    draw, addr = b.draw, memory.addr
    if b.risky() or (memory.pages == 0 and draw.chance(0.3)):
        return _wild_address(b, memory, size)
    offset = draw.pick((0, 0, 1, 3, 4, 7, 8, draw.below(200)))
    if memory.pages == 0:  # no byte is inside for sure: ask for the size
        inside = f"({addr}.mul (memory.size {memory.name}) ({addr}.const 65528))"
        return offset % 8, f"({addr}.and {inside} {b.expr(addr)})"
    roll = draw.below(10)
    if roll < 5:
        mask = draw.pick((0xFF, 0x3FF, 0xFFC, 0x7F8))
        return offset, f"({addr}.and {b.expr(addr)} ({addr}.const {mask}))"
    if roll < 7:
        return offset, f"({addr}.const {draw.below(1 << 10)})"
    end = memory.pages * 65536 - size - draw.below(3)
    if roll < 8:  # near the end as it is at first
        return offset, f"({addr}.const {end - offset})"
    if roll < 9:  # near the end as it is now
        size_now = f"({addr}.shl (memory.size {memory.name}) ({addr}.const {memory.page_bits}))"
        return 0, f"({addr}.sub {size_now} ({addr}.const {size + draw.below(4)}))"
    scaled = f"({addr}.shl ({addr}.and {b.expr(addr)} ({addr}.const 63)) ({addr}.const 3))"
    return offset, f"({addr}.add {scaled} ({addr}.const {draw.below(64)}))"


def _wild_address(b: Body, memory: Memory, size: int) -> tuple[int, str]:
    """An address that may lie near the end, or far beyond it."""
    draw, addr = b.draw, memory.addr
    end = memory.pages * 65536
    roll = draw.below(4)
    if roll == 0:
        return draw.below(4), f"({addr}.const {end - draw.below(size + 3)})"
    if roll == 1:
        far = draw.pick((0xFFFFFFFF, 0xFFFFFFF8, 0x80000000, 65535, 65536))
        if addr == "i64":
            far = draw.pick((far, 1 << 32, (1 << 64) - 1, 1 << 63))
        return far, f"({addr}.and {b.expr(addr)} ({addr}.const 7))"
    if roll == 2:
        return draw.below(9), f"({addr}.const {draw.pick((-1, -4, -8, 1 << 31, end))})"
    return draw.below(9), b.expr(addr)


def memarg(b: Body, memory: Memory, offset: int, size: int) -> str:
    align = f" align={b.draw.pick((1, size))}" if size and b.draw.chance(0.15) else ""
    return f"{_name(b, memory)}{f' offset={offset}' if offset else ''}{align}"


def _some_memory(plan: Plan) -> bool:
    return bool(plan.memories)


@expression("memory", 4, lambda plan, t: is_number(t) and bool(plan.memories))
def _load(b: Body, t: Type) -> str:
    assert isinstance(t, str)
    access, memory = b.draw.pick(_accesses(False)[t]), memory_for(b)
    offset, where = address(b, memory, access.size)
    return f"({access.mnemonic}{memarg(b, memory, offset, access.size)} {where})"


@statement("memory", 5, _some_memory)
def _store(b: Body) -> str:
    t = b.draw.pick(b.plan.numbers)
    access, memory = b.draw.pick(_accesses(True)[t]), memory_for(b)
    offset, where = address(b, memory, access.size)
    return f"({access.mnemonic}{memarg(b, memory, offset, access.size)} {where} {b.expr(t)})"


@expression("memory", 0.5, of("i32", "i64"))
def _size(b: Body, t: Type) -> str | None:
    fits = [m for m in b.plan.memories if m.addr == t]
    return f"(memory.size {b.draw.pick(fits).name})" if fits else None


@expression("memory", 0.4, of("i32", "i64"))
def _grow(b: Body, t: Type) -> str | None:
    fits = [m for m in b.plan.memories if m.addr == t]
    if not fits:
        return None
    pages = b.draw.pick(
        (f"({t}.const 1)", f"({t}.const 0)", f"({t}.and {b.expr(t)} ({t}.const 1))")
    )
    if b.draw.chance(0.15):  # too many
        pages = f"({t}.const {b.draw.pick((-1, 65536, 1 << 31, 4))})"
    return f"(memory.grow {b.draw.pick(fits).name} {pages})"


@statement("traps", 1, lambda plan: bool(plan.memories and plan.risk))
def _edge(b: Body) -> str:
    """An access that ends at the last byte, or just behind it."""
    t, memory = b.draw.pick(b.plan.numbers), memory_for(b)
    store = b.draw.chance(0.5)
    access = b.draw.pick(_accesses(store)[t])
    addr, offset = memory.addr, b.draw.pick((0, 0, 1, 8, access.size))
    back = offset + access.size + b.draw.pick((-1, 0, 0, 0, 1))
    size = f"({addr}.shl (memory.size {memory.name}) ({addr}.const {memory.page_bits}))"
    where = f"{memarg(b, memory, offset, access.size)} ({addr}.sub {size} ({addr}.const {back}))"
    if store:
        return f"({access.mnemonic}{where} {b.expr(t)})"
    return see(b, t, f"({access.mnemonic}{where})")


def place_of(b: Body, size: int, wild: bool = True) -> str:
    """The immediate and the address of an atomic access: mostly a multiple of the size."""
    memory = memory_for(b)
    if wild and b.risky():
        offset, where = _wild_address(b, memory, size)
    else:
        offset = size * b.draw.below(9)
        inside = 65528 if memory.pages else 0
        mask = b.draw.pick((0xFF, 0x3F8, 0x7F8)) & inside & -size
        where = f"({memory.addr}.and {b.expr(memory.addr)} ({memory.addr}.const {mask}))"
    return f"{memarg(b, memory, offset, 0)} {where}"


# ------------------------------------------------------------------ bulk


def _count(b: Body, t: str) -> str:
    """A small number of bytes, or any."""
    if b.risky():
        return b.expr(t)
    return f"({t}.and {b.expr(t)} ({t}.const {b.draw.pick((7, 31, 63))}))"


def _place(b: Body, memory: Memory) -> str:
    """An address with some room behind it."""
    addr = memory.addr
    if memory.pages == 0 or b.risky():
        offset, where = address(b, memory, 64)
        return f"({addr}.add {where} ({addr}.const {offset}))" if offset else where
    if b.draw.chance(0.3):
        return f"({addr}.const {b.draw.pick((0, 100, 65536 - 63))})"
    return f"({addr}.and {b.expr(addr)} ({addr}.const 255))"


@statement("bulk-memory", 1.5, _some_memory)
def _fill(b: Body) -> str:
    m = memory_for(b)
    return f"(memory.fill {m.name} {_place(b, m)} {b.expr('i32')} {_count(b, m.addr)})"


@statement("bulk-memory", 2, _some_memory)
def _copy(b: Body) -> str:
    to, source = memory_for(b), memory_for(b)
    count = "i64" if to.addr == source.addr == "i64" else "i32"
    operands = f"{_place(b, to)} {_place(b, source)} {_count(b, count)}"
    return f"(memory.copy {to.name} {source.name} {operands})"


@statement("bulk-memory", 1.5, lambda plan: bool(plan.memories and plan.datas))
def _init(b: Body) -> str:
    """A kept segment has 64 bytes at least; one that may be dropped can trap."""
    memory = memory_for(b)
    data = b.plan.datas[int(b.daring())]
    where = f"{_place(b, memory)} (i32.and {b.expr('i32')} (i32.const 31))"
    count = _count(b, "i32") if b.risky() else f"(i32.and {b.expr('i32')} (i32.const 31))"
    return f"(memory.init {memory.name} {data.name} {where} {count})"


@statement("bulk-memory", 0.7, lambda plan: bool(plan.datas))
def _drop(b: Body) -> str:
    return f"(data.drop {b.plan.datas[1].name})"
