"""Two memories become one: the heap lies below, the program's own memory above it.

    i32.load offset=4             i32.load offset=0x100004        where the heap has 0x100000 bytes
    memory.size                   memory.size  i32.const 16  i32.sub
    memory.grow                   call $memory_grow

Addresses are unsigned, so that nothing that the program computes leads down into the heap; and what
is beyond the end of its memory is beyond the end of the one memory, and traps as before. Nobody
outside may see that memory: there its addresses would be others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from watloom.interp.core.instr import Expr, Instr, MemArg
from watloom.interp.core.module import Active, Data
from watloom.interp.core.source import Source
from watloom.interp.core.types import I32, FuncType, Limits, MemType
from watloom.interp.link.lower import messages
from watloom.interp.link.lower.mvp.build import Build, op
from watloom.interp.link.lower.mvp.heap import PAGE

__all__ = ["MOST_PAGES", "merge_memories"]

#: As many as there are addresses.
MOST_PAGES = 1 << 16


def merge_memories(build: Build, origins: Mapping[int, Source], room: int) -> None:
    """Put the heap (the last memory) below the other one; it has `room` bytes to be allocated.

    Without another it is memory 0 and grows. Called when nothing is placed in the heap any more.
    Raises LinkError where both together are too large.
    """
    module, heap = build.module, build.heap
    if heap.index == 0:
        return
    pages = -(-(heap.top + room) // PAGE)
    memory = module.memories[0]
    limits = memory.type.limits
    if limits.min + pages > MOST_PAGES:
        source = origins.get(id(memory))
        at = None if source is None else memory.at
        raise messages.mvp_room(at, source, own=limits.min, heap=pages)
    _Merge(build, pages).run()
    most = None if limits.max is None else min(limits.max + pages, MOST_PAGES)
    module.memories[:] = [replace(memory, type=MemType(Limits(limits.min + pages, most)))]


class _Merge:
    def __init__(self, build: Build, pages: int) -> None:
        self.build = build
        self.pages = pages
        self.shift = pages * PAGE

    def run(self) -> None:
        module = self.build.module
        grow = self._grow() if self._grows() else 0
        for func in module.funcs:
            if func is not (module.funcs[grow - self.build.first_func] if grow else None):
                func.body = [new for instr in func.body for new in self._instr(instr, grow)]
        module.datas = [self._data(data) for data in module.datas]

    def _grows(self) -> bool:
        codes = (func.body for func in self.build.module.funcs)
        return any(
            i.op.mnemonic == "memory.grow" and i.args == (0,) for code in codes for i in code
        )

    def _grow(self) -> int:
        """Gives the old size of the upper part, or -1."""
        body = [
            op("local.get", 0), op("memory.grow", 0), op("local.set", 0),
            op("i32.const", 2**32 - 1),
            op("local.get", 0), op("i32.const", self.pages), op("i32.sub"),
            op("local.get", 0), op("i32.const", 2**32 - 1), op("i32.eq"), op("select"),
        ]  # fmt: skip
        return self.build.func(FuncType((I32,), (I32,)), [], body, "memory_grow")

    def _instr(self, instr: Instr, grow: int) -> Expr:
        arg = instr.args[0] if instr.args else None
        if isinstance(arg, MemArg):
            if arg.mem:
                return [Instr(instr.op, (replace(arg, mem=0),), instr.at)]
            offset = arg.offset + self.shift
            if offset >= 1 << 32:
                return [op("unreachable")]  # so it was, in any memory that fits above the heap
            return [Instr(instr.op, (replace(arg, offset=offset),), instr.at)]
        match instr.op.mnemonic, arg:
            case "memory.size", 0:
                return [instr, op("i32.const", self.pages), op("i32.sub")]
            case "memory.size", _:
                return [op("i32.const", self.pages)]
            case "memory.grow", 0:
                return [op("call", grow)]
            case "memory.grow", _:
                return [op("drop"), op("i32.const", 2**32 - 1)]
        return [instr]

    def _data(self, data: Data) -> Data:
        assert isinstance(data.mode, Active)
        if data.mode.target:
            return replace(data, mode=Active(0, data.mode.offset))
        at = data.mode.offset[0].args[0] + self.shift
        return replace(data, mode=Active(0, [op("i32.const", at)]))
