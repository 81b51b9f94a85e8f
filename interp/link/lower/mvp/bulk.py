"""Bulk memory instructions become calls of loops; passive data lies in the heap.

    memory.fill                   call $memory_fill
    memory.init $d                i32.const: where the segment is   call $memory_init

So does the data of active segments whose offset the first release cannot say; `boot` copies it.
"""

from __future__ import annotations

from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import Active, Data
from watloom.interp.link.lower.mvp.build import Build, op

__all__ = ["lower_bulk"]

_CALLS = {"memory.fill": "memory_fill", "memory.copy": "memory_copy"}


def lower_bulk(build: Build) -> None:
    """All functions and data segments of the module."""
    _Bulk(build).run()


class _Bulk:
    def __init__(self, build: Build) -> None:
        self.build = build

    def run(self) -> None:
        module, build = self.build.module, self.build
        for func in list(module.funcs):
            func.body = self._expr(func.body)
        late: list[Expr] = []
        kept: list[Data] = []
        for index, data in enumerate(module.datas):
            mode = data.mode
            if isinstance(mode, Active):
                if self._stays(mode.offset):
                    kept.append(data)
                    continue
                init = op("memory.init", index, mode.target)
                count = op("i32.const", 0), op("i32.const", len(data.init))
                late.append(self._expr([*mode.offset, *count, init]))
            if index in build.segments:
                heap, at = build.heap, build.segments[index]
                words = len(data.init), heap.place(data.init)
                heap.data[at : at + 8] = b"".join(w.to_bytes(4, "little") for w in words)
        build.boot += late
        module.datas, module.data_count = kept, None

    def _stays(self, offset: Expr) -> bool:
        """Whether the offset is one that mvp has: what the heap pushes up is a constant."""
        plain = len(offset) == 1 and offset[0].op.mnemonic in ("i32.const", "global.get")
        return plain and (offset[0].op.mnemonic == "i32.const" or not self.build.has_heap)

    def _expr(self, code: Expr) -> Expr:
        return [new for instr in code for new in self._instr(instr)]

    def _instr(self, instr: Instr) -> Expr:
        mnemonic, args = instr.op.mnemonic, instr.args
        match mnemonic:
            case "memory.fill" | "memory.copy":
                return [self.build.call(_CALLS[mnemonic], args[0])]
            case "memory.init":
                segment = op("i32.const", self.build.segment(args[0]))
                return [segment, self.build.call("memory_init", args[1])]
            case "data.drop":
                segment = op("i32.const", self.build.segment(args[0]))
                return [segment, self.build.call("data_drop")]
        return [instr]
