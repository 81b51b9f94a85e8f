"""Bulk memory instructions become calls of loops; passive data lies in the heap.

    memory.fill                   call $memory_fill
    memory.init $d                i32.const: where the segment is   call $memory_init
                                  call $data_0_5: stores of constants, where all is known

So does the data of active segments whose offset the first release cannot say; `boot` copies it.
"""

from __future__ import annotations

from watloom.interp.core.instr import Expr, Instr, MemArg
from watloom.interp.core.module import Active, Data
from watloom.interp.core.types import I32, FuncType
from watloom.interp.link.lower.mvp.build import Build, op
from watloom.interp.link.lower.mvp.segments import MOST_KNOWN, known_segments

__all__ = ["lower_bulk"]

_CALLS = {"memory.fill": "memory_fill", "memory.copy": "memory_copy"}


def lower_bulk(build: Build) -> None:
    """All functions and data segments of the module."""
    _Bulk(build).run()


class _Bulk:
    def __init__(self, build: Build) -> None:
        self.build = build
        self.known: set[int] = set()
        self.writers: dict[tuple[int, int, int], int] = {}

    def run(self) -> None:
        module, build = self.build.module, self.build
        self.known = known_segments(module, build.first_func)
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
                if len(data.init) <= MOST_KNOWN:
                    self.known.add(index)
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
        found: Expr = []
        for pc, instr in enumerate(code):
            if instr.op.mnemonic == "memory.init" and instr.args[0] in self.known:
                del found[-2:]
                found += self._instr(instr, [before.args[0] for before in code[pc - 2 : pc]])
            else:
                found += self._instr(instr, [])
        return found

    def _instr(self, instr: Instr, before: list[int]) -> Expr:
        mnemonic, args = instr.op.mnemonic, instr.args
        match mnemonic:
            case "memory.fill" | "memory.copy":
                return [self.build.call(_CALLS[mnemonic], args[0])]
            case "memory.init" if args[0] in self.known:
                return [op("call", self._writer(*args, *before))]
            case "data.drop" if args[0] in self.known:
                return []
            case "memory.init":
                segment = op("i32.const", self.build.segment(args[0]))
                return [segment, self.build.call("memory_init", args[1])]
            case "data.drop":
                segment = op("i32.const", self.build.segment(args[0]))
                return [segment, self.build.call("data_drop")]
        return [instr]

    def _writer(self, data: int, memory: int, start: int, count: int) -> int:
        """A function that puts some bytes of a segment where it is told."""
        key = data, start, count
        if key not in self.writers:
            rest = self.build.module.datas[data].init[start : start + count]
            bytes_ = self.build.call("bytes", memory)
            body = [op("local.get", 0), op("i32.const", count), bytes_]
            for size, t, store in ((8, "i64", "i64.store"), (1, "i32", "i32.store8")):
                whole = len(rest) - len(rest) % size
                for at in range(0, whole, size):
                    value = int.from_bytes(rest[at : at + size], "little")
                    place = MemArg(memory, count - len(rest) + at, 0)
                    body += [op("local.get", 0), op(f"{t}.const", value), op(store, place)]
                rest = rest[whole:]
            name = f"data_{start}_{count}"
            self.writers[key] = self.build.func(FuncType((I32,), ()), [], body, name)
        return self.writers[key]
