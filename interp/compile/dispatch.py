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
"""

from __future__ import annotations

from watloom.interp.compile.flow import Flow
from watloom.interp.compile.ir import Branch, Goto, Graph, Switch
from watloom.interp.compile.render import Writer

__all__ = ["dispatch"]


def dispatch(graph: Graph, flow: Flow, writer: Writer) -> None:
    """Write the code of a function as one loop."""
    writer.line("pc = 0")
    writer.open("while True:")
    _tree(graph, flow, writer, 0, len(flow.order))
    writer.close()


def _tree(graph: Graph, flow: Flow, out: Writer, low: int, high: int) -> None:
    """The blocks low..high of the order, found by halving."""
    if high - low == 1:
        _block(graph, flow, out, flow.order[low])
        return
    middle = (low + high) // 2
    out.open(f"if pc < {middle}:")
    _tree(graph, flow, out, low, middle)
    out.close()
    out.open("else:")
    _tree(graph, flow, out, middle, high)
    out.close()


def _block(graph: Graph, flow: Flow, out: Writer, number: int) -> None:
    block = graph.blocks[number]
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
        case _:
            assert block.end is not None
            out.leave(block.end)
