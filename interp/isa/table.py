"""Table instructions (https://webassembly.github.io/spec/core/exec/instructions.html#table-instructions)."""

from __future__ import annotations

from watloom.interp.core.types import I32, I64
from watloom.interp.isa.immediates import ELEMIDX, TABLEIDX
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("table")

OUT_OF_BOUNDS = "out of bounds table access"


@PROPOSAL.op("table.get", 0x25, TABLEIDX)
class TableGet:
    """Push an entry."""

    def check(c: Checker, x: int) -> None:
        t = c.table(x)
        c.pop(t.addr)
        c.push(t.elem)

    def step(m: Machine, x: int) -> None:
        i, entries = m.pop(), m.table(x).entries
        if i >= len(entries):
            raise m.trap(OUT_OF_BOUNDS)
        m.push(entries[i])


@PROPOSAL.op("table.set", 0x26, TABLEIDX)
class TableSet:
    """Set an entry."""

    def check(c: Checker, x: int) -> None:
        t = c.table(x)
        c.pop_all((t.addr, t.elem))

    def step(m: Machine, x: int) -> None:
        value, i, table = m.pop(), m.pop(), m.table(x)
        if i >= len(table.entries):
            raise m.trap(OUT_OF_BOUNDS)
        m.write_table(table, i, [value])


@PROPOSAL.op("table.size", (0xFC, 16), TABLEIDX)
class TableSize:
    """The number of entries."""

    def check(c: Checker, x: int) -> None:
        c.push(c.table(x).addr)

    def step(m: Machine, x: int) -> None:
        m.push(len(m.table(x).entries))


@PROPOSAL.op("table.grow", (0xFC, 15), TABLEIDX)
class TableGrow:
    """Grow by some entries of one value; gives the old size, or -1 where that is not possible."""

    def check(c: Checker, x: int) -> None:
        t = c.table(x)
        c.pop_all((t.elem, t.addr))
        c.push(t.addr)

    def step(m: Machine, x: int) -> None:
        count, value, table = m.pop(), m.pop(), m.table(x)
        old = table.grow(count, value)
        m.push((1 << table.address_bits) - 1 if old is None else old)


@PROPOSAL.op("table.fill", (0xFC, 17), TABLEIDX)
class TableFill:
    """Set entries to a value."""

    def check(c: Checker, x: int) -> None:
        t = c.table(x)
        c.pop_all((t.addr, t.elem, t.addr))

    def step(m: Machine, x: int) -> None:
        count, value, start, table = m.pop(), m.pop(), m.pop(), m.table(x)
        if start + count > len(table.entries):
            raise m.trap(OUT_OF_BOUNDS)
        m.write_table(table, start, [value] * count)


@PROPOSAL.op("table.copy", (0xFC, 14), TABLEIDX, TABLEIDX)
class TableCopy:
    """Copy entries between tables, or within one, as if all were read first."""

    def check(c: Checker, x: int, y: int) -> None:
        to, source = c.table(x), c.table(y)
        if not c.matches(source.elem, to.elem):
            have, want = c.shown(source.elem), c.shown(to.elem)
            raise c.fail(
                f"type mismatch: table {c.name('table', y)} holds {have}, "
                f"but table {c.name('table', x)} wants {want}",
                "the table that is copied to comes first",
            )
        c.pop_all((to.addr, source.addr, I64 if to.addr is source.addr is I64 else I32))

    def step(m: Machine, x: int, y: int) -> None:
        count, source, to = m.pop(), m.pop(), m.pop()
        target, origin = m.table(x), m.table(y)
        if source + count > len(origin.entries) or to + count > len(target.entries):
            raise m.trap(OUT_OF_BOUNDS)
        m.write_table(target, to, origin.entries[source : source + count])


@PROPOSAL.op("table.init", (0xFC, 12), ELEMIDX, TABLEIDX)
class TableInit:
    """Copy entries from an element segment."""

    def check(c: Checker, y: int, x: int) -> None:
        t, elem = c.table(x), c.elem(y)
        if not c.matches(elem, t.elem):
            raise c.fail(
                f"type mismatch: segment {c.name('elem segment', y)} holds {c.shown(elem)}, "
                f"but table {c.name('table', x)} wants {c.shown(t.elem)}"
            )
        c.pop_all((t.addr, I32, I32))

    def step(m: Machine, y: int, x: int) -> None:
        count, source, to = m.pop(), m.pop(), m.pop()
        table, elem = m.table(x), m.elem(y)
        if source + count > len(elem) or to + count > len(table.entries):
            raise m.trap(OUT_OF_BOUNDS)
        m.write_table(table, to, elem[source : source + count])


@PROPOSAL.op("elem.drop", (0xFC, 13), ELEMIDX)
class ElemDrop:
    """Drop an element segment."""

    def check(c: Checker, x: int) -> None:
        c.elem(x)

    def step(m: Machine, x: int) -> None:
        m.drop_elem(x)


PROPOSAL.explain({
    "table.get": ("[at] -> [t], where the table holds t",
                  "(ref.is_null (table.get $table (i32.const 1))) => i32 1"),
    "table.set": ("[at t] -> [], where the table holds t",
                  "(table.set $table (i32.const 1) (ref.func $double)) "
                  "(ref.is_null (table.get $table (i32.const 1))) => i32 0"),
    "table.size": ("[] -> [at]", "(table.size $table) => i32 4"),
    "table.grow": ("[t at] -> [at], where the table holds t",
                   "(table.grow $table (ref.null func) (i32.const 3)) (table.size $table) "
                   "=> i32 4, i32 7"),
    "table.fill": ("[at t at] -> []: where, the value, how many",
                   "(table.fill $table (i32.const 1) (ref.func $double) (i32.const 2)) "
                   "(ref.is_null (table.get $table (i32.const 2))) => i32 0"),
    "table.copy": ("[at1 at2 at3] -> []: to, from, how many",
                   "(table.set $table (i32.const 0) (ref.func $double)) (table.copy $table $table "
                   "(i32.const 2) (i32.const 0) (i32.const 1)) "
                   "(ref.is_null (table.get $table (i32.const 2))) => i32 0"),
    "table.init": ("[at i32 i32] -> []: to, from where in the segment, how many",
                   "(table.init $table $elems (i32.const 0) (i32.const 0) (i32.const 2)) "
                   "(ref.is_null (table.get $table (i32.const 1))) => i32 0"),
    "elem.drop": ("[] -> []",
                  "(elem.drop $elems) (table.init $table $elems (i32.const 0) (i32.const 0) "
                  "(i32.const 1)) => trap out of bounds table access"),
})  # fmt: skip
