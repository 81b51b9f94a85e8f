"""Memory instructions (https://webassembly.github.io/spec/core/exec/instructions.html#memory-instructions)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.instr import MemArg
from watloom.interp.core.numerics.bits import f32_from_bits, f32_to_bits, f64_from_bits, f64_to_bits
from watloom.interp.core.types import F32, F64, I32, I64, NumType
from watloom.interp.isa.immediates import DATAIDX, MEMARG, MEMIDX
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("memory")

_CHUNK = 1 << 20  # bytes that memory.fill makes at a time
_WIDTH = {I32: 32, I64: 64, F32: 32, F64: 64}


@dataclass(frozen=True, kw_only=True)
class Access:
    """A load or a store: the value's type, how many bytes go, and how they are read."""

    mnemonic: str
    opcode: int
    type: NumType
    size: int
    signed: bool = False


def check_address(c: Checker, memarg: MemArg, size: int) -> NumType:
    """The address type of an access, its alignment and offset checked."""
    memory = c.memory(memarg.mem)
    if memarg.align > size.bit_length() - 1:
        raise c.fail(
            f"alignment must not be larger than natural: {1 << memarg.align}, "
            f"where {size} byte{'s' * (size > 1)} are moved",
            f"align={size} is the most; leaving it out says the same",
        )
    if memory.addr is I32 and memarg.offset >= 1 << 32:
        raise c.fail(
            f"offset out of range: {memarg.offset} does not fit in 32 bits",
            "memories with larger offsets are declared as (memory i64 …)",
        )
    return memory.addr


def _from_bytes(access: Access) -> Callable[[bytes], Any]:
    if access.type is F32:
        return lambda data: f32_from_bits(int.from_bytes(data, "little"))
    if access.type is F64:
        return lambda data: f64_from_bits(int.from_bytes(data, "little"))
    if access.signed:
        mask = (1 << _WIDTH[access.type]) - 1
        return lambda data: int.from_bytes(data, "little", signed=True) & mask
    return lambda data: int.from_bytes(data, "little")


def _to_bytes(access: Access) -> Callable[[Any], bytes]:
    if access.type is F32:
        return lambda x: f32_to_bits(x).to_bytes(4, "little")
    if access.type is F64:
        return lambda x: f64_to_bits(x).to_bytes(8, "little")
    mask, size = (1 << 8 * access.size) - 1, access.size
    return lambda x: (x & mask).to_bytes(size, "little")


def _declare_load(access: Access) -> None:
    decode = _from_bytes(access)

    @PROPOSAL.op(access.mnemonic, access.opcode, MEMARG, access=access)
    class Load:
        __doc__ = f"Load {access.size} byte{'s' * (access.size > 1)} as {access.type}."

        def check(c: Checker, memarg: MemArg) -> None:
            c.pop(check_address(c, memarg, access.size))
            c.push(access.type)

        def step(m: Machine, memarg: MemArg) -> None:
            m.push(decode(m.load_bytes(memarg, m.pop(), access.size)))


def _declare_store(access: Access) -> None:
    encode = _to_bytes(access)

    @PROPOSAL.op(access.mnemonic, access.opcode, MEMARG, access=access)
    class Store:
        __doc__ = f"Store {access.size} byte{'s' * (access.size > 1)} of an {access.type}."

        def check(c: Checker, memarg: MemArg) -> None:
            address = check_address(c, memarg, access.size)
            c.pop(access.type)
            c.pop(address)

        def step(m: Machine, memarg: MemArg) -> None:
            value, address = m.pop(), m.pop()
            m.store_bytes(memarg, address, encode(value))


for _access in (
    Access(mnemonic="i32.load", opcode=0x28, type=I32, size=4),
    Access(mnemonic="i64.load", opcode=0x29, type=I64, size=8),
    Access(mnemonic="f32.load", opcode=0x2A, type=F32, size=4),
    Access(mnemonic="f64.load", opcode=0x2B, type=F64, size=8),
    Access(mnemonic="i32.load8_s", opcode=0x2C, type=I32, size=1, signed=True),
    Access(mnemonic="i32.load8_u", opcode=0x2D, type=I32, size=1),
    Access(mnemonic="i32.load16_s", opcode=0x2E, type=I32, size=2, signed=True),
    Access(mnemonic="i32.load16_u", opcode=0x2F, type=I32, size=2),
    Access(mnemonic="i64.load8_s", opcode=0x30, type=I64, size=1, signed=True),
    Access(mnemonic="i64.load8_u", opcode=0x31, type=I64, size=1),
    Access(mnemonic="i64.load16_s", opcode=0x32, type=I64, size=2, signed=True),
    Access(mnemonic="i64.load16_u", opcode=0x33, type=I64, size=2),
    Access(mnemonic="i64.load32_s", opcode=0x34, type=I64, size=4, signed=True),
    Access(mnemonic="i64.load32_u", opcode=0x35, type=I64, size=4),
):
    _declare_load(_access)

for _access in (
    Access(mnemonic="i32.store", opcode=0x36, type=I32, size=4),
    Access(mnemonic="i64.store", opcode=0x37, type=I64, size=8),
    Access(mnemonic="f32.store", opcode=0x38, type=F32, size=4),
    Access(mnemonic="f64.store", opcode=0x39, type=F64, size=8),
    Access(mnemonic="i32.store8", opcode=0x3A, type=I32, size=1),
    Access(mnemonic="i32.store16", opcode=0x3B, type=I32, size=2),
    Access(mnemonic="i64.store8", opcode=0x3C, type=I64, size=1),
    Access(mnemonic="i64.store16", opcode=0x3D, type=I64, size=2),
    Access(mnemonic="i64.store32", opcode=0x3E, type=I64, size=4),
):
    _declare_store(_access)


# ------------------------------------------------------------------ size and bulk


@PROPOSAL.op("memory.size", 0x3F, MEMIDX)
class MemorySize:
    """The size in pages."""

    def check(c: Checker, x: int) -> None:
        c.push(c.memory(x).addr)

    def step(m: Machine, x: int) -> None:
        m.push(m.memory(x).size)


@PROPOSAL.op("memory.grow", 0x40, MEMIDX)
class MemoryGrow:
    """Grow by some pages; gives the old size, or -1 where that is not possible."""

    def check(c: Checker, x: int) -> None:
        address = c.memory(x).addr
        c.pop(address)
        c.push(address)

    def step(m: Machine, x: int) -> None:
        memory = m.memory(x)
        old = memory.grow(m.pop())
        m.push((1 << memory.address_bits) - 1 if old is None else old)


@PROPOSAL.op("memory.fill", (0xFC, 11), MEMIDX)
class MemoryFill:
    """Set bytes to a value."""

    def check(c: Checker, x: int) -> None:
        address = c.memory(x).addr
        c.pop_all((address, I32, address))

    def step(m: Machine, x: int) -> None:
        count, value, start = m.pop(), m.pop(), m.pop()
        memory = m.memory(x)
        if start + count > len(memory.data):
            raise m.trap("out of bounds memory access")
        for done in range(0, count, _CHUNK):
            m.write(memory, start + done, bytes((value & 0xFF,)) * min(_CHUNK, count - done))


@PROPOSAL.op("memory.copy", (0xFC, 10), MEMIDX, MEMIDX)
class MemoryCopy:
    """Copy bytes between memories, or within one, as if all were read first."""

    def check(c: Checker, x: int, y: int) -> None:
        to, source = c.memory(x).addr, c.memory(y).addr
        c.pop_all((to, source, I64 if to is source is I64 else I32))

    def step(m: Machine, x: int, y: int) -> None:
        count, source, to = m.pop(), m.pop(), m.pop()
        target, origin = m.memory(x), m.memory(y)
        if source + count > len(origin.data) or to + count > len(target.data):
            raise m.trap("out of bounds memory access")
        m.write(target, to, origin.data[source : source + count])


@PROPOSAL.op("memory.init", (0xFC, 8), DATAIDX, MEMIDX)
class MemoryInit:
    """Copy bytes from a data segment."""

    def check(c: Checker, y: int, x: int) -> None:
        address = c.memory(x).addr
        c.data(y)
        c.pop_all((address, I32, I32))

    def step(m: Machine, y: int, x: int) -> None:
        count, source, to = m.pop(), m.pop(), m.pop()
        memory, data = m.memory(x), m.data(y)
        if source + count > len(data) or to + count > len(memory.data):
            raise m.trap("out of bounds memory access")
        m.write(memory, to, data[source : source + count])


@PROPOSAL.op("data.drop", (0xFC, 9), DATAIDX)
class DataDrop:
    """Drop a data segment."""

    def check(c: Checker, x: int) -> None:
        c.data(x)

    def step(m: Machine, x: int) -> None:
        m.drop_data(x)


PROPOSAL.explain({
    "memory.size": ("[] -> [at]", "(memory.size) => i32 1"),
    "memory.grow": ("[at] -> [at]", "(memory.grow (i32.const 2)) (memory.size) => i32 1, i32 3"),
    "memory.fill": ("[at i32 at] -> []: where, the byte, how many",
                    "(memory.fill (i32.const 0) (i32.const 7) (i32.const 2)) "
                    "(i32.load (i32.const 0)) => i32 1799"),
    "memory.copy": ("[at1 at2 at3] -> []: to, from, how many",
                    "(i32.store8 (i32.const 8) (i32.const 7)) (memory.copy (i32.const 0) "
                    "(i32.const 8) (i32.const 1)) (i32.load (i32.const 0)) => i32 7"),
    "memory.init": ("[at i32 i32] -> []: to, from where in the segment, how many",
                    "(memory.init $hello (i32.const 0) (i32.const 1) (i32.const 2)) "
                    "(i32.load (i32.const 0)) => i32 27749"),
    "data.drop": ("[] -> []",
                  "(data.drop $hello) (memory.init $hello (i32.const 0) (i32.const 0) "
                  "(i32.const 1)) => trap out of bounds memory access"),
})  # fmt: skip
