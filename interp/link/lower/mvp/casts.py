"""Questions about references: functions that ask a record for its type.

ref.test (ref $t)   becomes   call $is_t:  0 for null, else whether the record's id is in $t's range
"""

from __future__ import annotations

from watloom.interp.core.instr import Expr, MemArg
from watloom.interp.core.types import I32, AbsHeap, DefType, FuncType, HeapType, TypeIdx
from watloom.interp.link.lower.mvp.build import Build, op
from watloom.interp.link.lower.mvp.heap import NULL
from watloom.interp.link.lower.mvp.layout import Types

__all__ = ["Casts"]

_SMALL = (AbsHeap.ANY, AbsHeap.EQ, AbsHeap.I31)
_EMPTY = (AbsHeap.NONE, AbsHeap.NOFUNC, AbsHeap.NOEXTERN, AbsHeap.NOEXN, AbsHeap.BOT)
_RECORDS = (AbsHeap.STRUCT, AbsHeap.ARRAY)


class Casts:
    """Makes each function when it is first asked for; gives its funcidx."""

    def __init__(self, build: Build, types: Types, closed: list[DefType]) -> None:
        self.build = build
        self.types = types
        self.closed = closed
        self._made: dict[tuple[str, bool, object], int] = {}

    def test(self, heap: HeapType, null: bool) -> int:
        """Whether a reference is of a type: [i32] -> [i32]."""
        return self._function("is", heap, null, self._test(heap, null))

    def cast(self, heap: HeapType, null: bool) -> int:
        """The reference again; a trap where it is not of the type."""
        body = [
            op("local.get", 0), op("call", self.test(heap, null)), op("i32.eqz"),
            op("if", None), op("unreachable"), op("end"), op("local.get", 0),
        ]  # fmt: skip
        return self._function("as", heap, null, body)

    def code(self, t: DefType, env: int | None) -> int:
        """The slot of a function of the type in the table; a trap where it is none, or null."""
        heap = self.build.heap.index
        body = [op("local.get", 0), op("i32.load", MemArg(heap, 0, 2)), *self._within(t)]
        body += [op("i32.eqz"), op("if", None), op("unreachable"), op("end")]
        if env is not None:
            body += [op("local.get", 0), op("global.set", env)]
        body += [op("local.get", 0), op("i32.load", MemArg(heap, 4, 2))]
        return self._function("code", t, False, body)

    def _function(self, what: str, heap: HeapType, null: bool, body: Expr) -> int:
        closed = self._closed(heap)
        key = what, null, closed
        if key not in self._made:
            word = f"{self.types.id(closed)}" if isinstance(closed, DefType) else str(closed)
            name = f"{what}_{'null_' if null else ''}{word}"
            self._made[key] = self.build.func(FuncType((I32,), (I32,)), [], body, name)
        return self._made[key]

    def _closed(self, heap: HeapType) -> DefType | AbsHeap:
        found = self.closed[heap.index] if isinstance(heap, TypeIdx) else heap
        assert isinstance(found, DefType | AbsHeap)
        return found

    def _test(self, heap: HeapType, null: bool) -> Expr:
        t = self._closed(heap)
        give = [op("local.get", 0), op("i32.const", NULL), op("i32.eq")]
        if t in _EMPTY:
            return give if null else [op("i32.const", 0)]
        body = [*give, op("if", None), op("i32.const", int(null)), op("return"), op("end")]
        if t is AbsHeap.I31:
            return [*body, op("local.get", 0), op("i32.const", 1), op("i32.and")]
        if not isinstance(t, DefType) and t not in _RECORDS:
            return [*body, op("i32.const", 1)]  # whatever a reference of that hierarchy is
        body += [
            op("local.get", 0), op("i32.const", 1), op("i32.and"),
            op("if", None), op("i32.const", 0), op("return"), op("end"),
            op("local.get", 0), op("i32.load", MemArg(self.build.heap.index, 0, 2)),
        ]  # fmt: skip
        return [*body, *self._within(t)]

    def _within(self, t: DefType | AbsHeap) -> Expr:
        first, end = self.types.range(t)
        return [
            op("i32.const", first), op("i32.sub"), op("i32.const", end - first), op("i32.lt_u"),
        ]  # fmt: skip
