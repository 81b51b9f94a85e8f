"""A loop over numbered blocks, for control that Python cannot nest.

pc = 0
while True:
    if pc < 2:
        if pc < 1:
            …                       (block 0)
            pc = 1 if c else 2
        else:
            …                       (block 1)
    else:
        …

Where exceptions are caught there is a `try` around the loop: `pc` still tells the block that threw,
and so which clauses there are.
"""

from __future__ import annotations

from watloom.interp.compile.flow import Flow
from watloom.interp.compile.ir import Branch, Goto, Graph, Switch, Try
from watloom.interp.compile.render import Writer
from watloom.interp.compile.support import Handlers

__all__ = ["dispatch"]


def dispatch(graph: Graph, flow: Flow, writer: Writer) -> None:
    """Write the code of a function as one loop."""
    writer.line("pc = 0")
    writer.open("while True:")
    if len(graph.regions) > 1:
        writer.open("try:")
        writer.open("while True:")
    _tree(graph, flow, writer, 0, len(flow.order), _caught(graph))
    writer.close()
    if len(graph.regions) > 1:
        writer.close()
        table = writer.constant("table_", _handlers(graph, flow))
        writer.open("except Thrown as thrown:")
        writer.line("caught = thrown.args[0]")
        writer.line(f"pc = clause(caught.tag, {table}, pc, T)")
        writer.line("if pc < 0: raise")
        writer.close()
        writer.close()


def _handlers(graph: Graph, flow: Flow) -> Handlers:
    """For each block in order its region; and for each region its clauses, as tags and where they
    go on, and the region to look in after it."""
    regions: list[tuple[tuple[tuple[int | None, int], ...], int]] = [((), 0)]
    for region in graph.regions[1:]:
        assert region.handler is not None
        # a region that is not reached has no numbers
        own = tuple((c.tag, flow.number.get(c.target, -1)) for c in region.handler.clauses)
        to = region.handler.delegate
        regions.append((own, region.outer if to is None else to))
    return tuple(graph.blocks[block].region for block in flow.order), tuple(regions)


def _caught(graph: Graph) -> dict[int, str]:
    """The variable that each clause's block has its exception in."""
    return {
        clause.target: region.handler.name
        for region in graph.regions
        if region.handler
        for clause in region.handler.clauses
    }


def _tree(
    graph: Graph, flow: Flow, out: Writer, low: int, high: int, caught: dict[int, str]
) -> None:
    """The blocks low..high of the order, found by halving."""
    if high - low == 1:
        _block(graph, flow, out, flow.order[low], caught)
        return
    middle = (low + high) // 2
    out.open(f"if pc < {middle}:")
    _tree(graph, flow, out, low, middle, caught)
    out.close()
    out.open("else:")
    _tree(graph, flow, out, middle, high, caught)
    out.close()


def _block(graph: Graph, flow: Flow, out: Writer, number: int, caught: dict[int, str]) -> None:
    block = graph.blocks[number]
    name = caught.get(number)
    if name is not None:
        out.line(f"{name} = caught")
    out.statements(block.statements)
    match block.end:
        case Goto(target):
            out.line(f"pc = {flow.number[target]}")
        case Branch(condition, yes, no, at):
            test = out.condition(condition, True)
            out.line(f"pc = {flow.number[yes]} if {test} else {flow.number[no]}", at)
        case Switch(index, targets, at):
            table = out.constant("table_", tuple(flow.number[t] for t in targets))
            name = out.name_switch(index, at)
            out.line(f"pc = {table}[{name} if {name} < {len(targets)} else -1]", at)
        case Try(body=body):
            out.line(f"pc = {flow.number[body]}")
        case _:
            assert block.end is not None
            out.leave(block.end)
