"""Exceptions: regions of blocks in which they are caught, and what is thrown.

    try_table (catch $e $h)      block 0:  Try(x0, body 2, clause $e → 1)
      call $f                    block 2:  f()                            in region 1
    end                                    Goto after
                                 block 1:  r0 = x0.values[0]; Goto $h

Only calls and throws can throw: they are statements, so nothing that waits on the operand stack
moves over a region's border by being late. Traps are no exceptions here, wherever they happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watloom.interp.compile.arith import exact
from watloom.interp.compile.control import Open, branch_to, open_
from watloom.interp.compile.ir import Block, Clause, Expr, Region, Throw, Try, node, successors
from watloom.interp.compile.rules import rule
from watloom.interp.core.instr import Catch, Instr
from watloom.interp.core.types import AbsHeap, RefType

if TYPE_CHECKING:
    from watloom.interp.compile.build import Builder

__all__ = ["DEEPEST", "EXN", "enter_region", "find_exits", "nesting", "values_of"]

EXN = RefType(False, AbsHeap.EXN)


@rule("try_table")
def try_table(b: Builder, instr: Instr) -> None:
    params, results = b.typist.block_type(instr.args[0])
    b.settle_all()
    out = tuple(b.fresh(t, "r") for t in results)
    after = b.new_block()
    control = Open("try_table", after, out, after, out, len(b.stack) - len(params))
    caught, clauses = b.fresh(EXN, "x"), _clauses(b, instr.args[1])
    start = b.here
    for catch, clause in clauses:
        b.here = b.blocks[clause.target]
        _branch(b, catch, caught)
    b.here = start
    open_(b, control)
    if clauses:
        enter_region(b, caught, [clause for _, clause in clauses])


def _clauses(b: Builder, catches: Sequence[Catch]) -> list[tuple[Catch, Clause]]:
    """The clauses that can be taken, each with a block of its own."""
    found: dict[int | None, tuple[Catch, Clause]] = {}
    for catch in catches:
        if catch.tag not in found and None not in found:
            found[catch.tag] = catch, Clause(catch.tag, b.new_block())
    return list(found.values())


def enter_region(
    b: Builder, caught: Expr, clauses: Sequence[Clause], delegate: int | None = None
) -> None:
    """Go on in a new region, whose exceptions go where the clauses say."""
    handler = Try(str(caught.value), 0, tuple(clauses), delegate=delegate, at=b.at)
    b.regions.append(Region(b.region, handler))
    b.region = b.opens[-1].inside = len(b.regions) - 1
    handler.body = b.new_block()
    b.finish(handler)
    b.here = b.blocks[handler.body]


def values_of(b: Builder, tag: int, caught: Expr) -> list[Expr]:
    """The values of an exception that has been caught."""
    types = b.valid.tags[tag].func.params
    return [node("exn_value", (caught,), t, value=i) for i, t in enumerate(types)]


def _branch(b: Builder, catch: Catch, caught: Expr) -> None:
    """To a clause's label, with the values of the exception and the exception itself."""
    height = len(b.stack)
    if catch.tag is not None:
        for value in values_of(b, catch.tag, caught):
            b.push(value)
    if catch.ref:
        b.push(caught)
    branch_to(b, catch.label)
    b.cut(height)


@rule("throw")
def throw(b: Builder, instr: Instr) -> None:
    count = len(b.valid.tags[instr.args[0]].func.params)
    args = tuple(exact(e) for e in b.pop_many(count))
    b.effect()
    b.finish(Throw(instr.args[0], args, b.at))


@rule("throw_ref")
def throw_ref(b: Builder, _: Instr) -> None:
    reference = b.pop()
    b.effect()
    b.finish(Throw(None, (reference,), b.at))


# ------------------------------------------------------------------ the ways out of regions

#: Regions that Python's `try` can be nested for; beyond that nobody asks for ways out.
DEEPEST = 18


def nesting(regions: list[Region]) -> int:
    """How deep regions lie inside each other."""
    depths = [0]
    for region in regions[1:]:
        depths.append(depths[region.outer] + 1)
    return max(depths)


def find_exits(blocks: list[Block], regions: list[Region]) -> None:
    """Note for each region the blocks outside of it that its own lead to, and who passes it by."""
    if len(regions) == 1 or nesting(regions) > DEEPEST:
        return
    for each in regions:
        to = each.handler.delegate if each.handler else None
        passed = each.outer
        while to is not None and passed != to:
            regions[passed].passed = True
            passed = regions[passed].outer
    last = list(range(len(regions)))  # the number of the last region inside of each
    for number in range(len(regions) - 1, 0, -1):
        outer = regions[number].outer
        last[outer] = max(last[outer], last[number])
    exits: list[dict[int, None]] = [{} for _ in regions]
    for number in _reachable(blocks):
        block = blocks[number]
        for target in successors(block.end):
            region, there = block.region, blocks[target].region
            while not region <= there <= last[region]:
                exits[region][target] = None
                region = regions[region].outer
    for each, found in zip(regions, exits, strict=True):
        if each.handler is not None:
            each.handler.exits = tuple(found)


def _reachable(blocks: list[Block]) -> list[int]:
    found = {0: None}
    pending = [0]
    while pending:
        for target in successors(blocks[pending.pop()].end):
            if target not in found:
                found[target] = None
                pending.append(target)
    return list(found)
