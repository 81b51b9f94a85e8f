"""Tables in the heap: lists of references, which instructions change; and the one table of slots.

(table $t 4 funcref)                 a list in the heap, made before anything runs
(elem (i32.const 1) $f $g)           a list in the heap, which is copied then
table.get $t                         i32.const: where the list is   call $table_get
                                     (table 2 funcref) (elem (i32.const 0) $f $g)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom.interp.core.instr import Expr, MemArg
from watloom.interp.core.module import Active, Declarative, Elem, Kind, Passive, Table
from watloom.interp.core.types import FUNCREF, AbsHeap, Limits, RefType, TableType
from watloom.interp.link.lower.mvp.build import Build, op
from watloom.interp.link.lower.mvp.heap import NULL
from watloom.interp.link.lower.mvp.records import Records
from watloom.interp.validate import ValidModule

__all__ = ["Tables", "plain_elems"]

#: The type of a segment that is written as a list of functions.
FUNCTIONS = RefType(False, AbsHeap.FUNC)

_CALLS = {
    "table.get": "table_get", "table.set": "table_set", "table.grow": "table_grow",
    "table.fill": "table_fill",
}  # fmt: skip


class Tables:
    """`constant` lowers constant expressions; `boot` is what fills the lists."""

    def __init__(self, build: Build, records: Records, constant: Callable[[Expr], Expr]) -> None:
        self.build = build
        self.records = records
        self.constant = constant
        self.boot: list[Expr] = []
        self._tables: dict[int, int] = {}
        self._elems: dict[int, int] = {}

    # -------------------------------------------------------------- instructions

    def instr(self, mnemonic: str, args: tuple[Any, ...]) -> Expr:
        """What an instruction on a table or an element segment becomes."""
        build = self.build
        match mnemonic:
            case "table.size":
                return [op("i32.const", self._table(args[0])), build.call("list_size")]
            case "elem.drop":
                return [op("i32.const", self._elem(args[0])), build.call("elem_drop")]
            case "table.copy":
                lists = [op("i32.const", self._table(x)) for x in args]
                return [*lists, build.call("table_copy")]
            case "table.init":
                segment, table = args
                lists = [op("i32.const", self._table(table)), op("i32.const", self._elem(segment))]
                return [*lists, build.call("table_copy")]
            case "array.init_elem" | "array.new_elem":
                place = op("i32.const", self._elem(args[1]))
                return [place, build.call(mnemonic.replace(".", "_"))]
        return [op("i32.const", self._table(args[0])), build.call(_CALLS[mnemonic])]

    def _table(self, index: int) -> int:
        if index not in self._tables:
            self._tables[index] = self.build.heap.words(0, 0, 0, 0)
        return self._tables[index]

    def _elem(self, index: int) -> int:
        if index not in self._elems:
            self._elems[index] = self.build.heap.words(0, 0)
        return self._elems[index]

    # -------------------------------------------------------------- definitions

    def define(self, valid: ValidModule) -> None:
        """Make the lists; the module's tables and segments are no more."""
        module, build = self.build.module, self.build
        for index, table in enumerate(module.tables):
            if index not in self._tables and not any(
                isinstance(e.mode, Active) and e.mode.target == index for e in module.elems
            ):
                continue
            limits, at = table.type.limits, self._table(index)
            most = 0xFFFF_FFFF if limits.max is None else limits.max
            build.heap.data[at + 8 : at + 12] = most.to_bytes(4, "little")
            value = self.constant(table.init) if table.init else [op("i32.const", NULL)]
            new = [op("i32.const", limits.min), op("i32.const", at), build.call("table_new")]
            self.boot.append([*value, *new])
        copied: list[Expr] = []
        for index, elem in enumerate(module.elems):
            if isinstance(elem.mode, Active):
                whole = op("i32.const", 0), op("i32.const", len(elem.init))
                copied.append([*self.constant(elem.mode.offset), *whole])
                copied[-1] += self.instr("table.init", (index, elem.mode.target))
                copied[-1] += self.instr("elem.drop", (index,))
            if index in self._elems:
                self._place(index, elem)
        self.boot += copied
        module.tables, module.elems = [], []
        module.names.spaces.pop(Kind.TABLE, None)

    def _place(self, index: int, elem: Elem) -> None:
        """Put the references of a segment in the heap, now or before anything runs."""
        heap = self.build.heap
        if isinstance(elem.mode, Declarative):
            return
        codes = [self.constant(item) for item in elem.init]
        known = [
            code[0].args[0] if len(code) == 1 and code[0].op.mnemonic == "i32.const" else None
            for code in codes
        ]
        at = heap.words(*(word or 0 for word in known))
        segment = self._elem(index)
        heap.data[segment : segment + 8] = b"".join(
            word.to_bytes(4, "little") for word in (len(codes), at)
        )
        for number, (code, word) in enumerate(zip(codes, known, strict=True)):
            if word is None:
                put = op("i32.store", MemArg(heap.index, 4 * number, 2))
                self.boot.append([op("i32.const", at), *code, put])

    def fill_slots(self) -> None:
        """The one table: a slot for each function that a reference may be to."""
        module, slots = self.build.module, self.records.slots
        calls = any(i.op.mnemonic == "call_indirect" for f in module.funcs for i in f.body)
        if not slots and not calls:
            return
        count = len(slots)
        module.tables.append(Table(TableType(Limits(count, count), FUNCREF)))
        init = [[op("ref.func", index)] for index in slots]
        module.elems.append(Elem(FUNCTIONS, init, Active(0, [op("i32.const", 0)])))


def plain_elems(elems: list[Elem]) -> list[Elem]:
    """Those that are copied; none else can be used without references."""
    kept = [elem for elem in elems if not isinstance(elem.mode, Passive | Declarative)]
    return [Elem(FUNCTIONS, elem.init, elem.mode, elem.at) for elem in kept]
