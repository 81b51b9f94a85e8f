"""One function as Python source, with the map from its columns back to the module.

(func $add (param $a i32) (param $b i32) (result i32)      def f0_add(a_, b_):
  (i32.add (local.get $a) (local.get $b)))           →         return a_ + b_ & 0xffffffff
"""

from __future__ import annotations

from watloom.interp.compile import (  # noqa: F401 - each fills TEXT and DO when it is imported
    write_calls,
    write_state,
    write_values,
    write_vectors,
)
from watloom.interp.compile.build import build
from watloom.interp.compile.compiled import Compiled, function_name
from watloom.interp.compile.dispatch import dispatch
from watloom.interp.compile.flow import analyse
from watloom.interp.compile.ir import Graph, TailCall
from watloom.interp.compile.marks import Spot, unmark
from watloom.interp.compile.render import Writer
from watloom.interp.compile.structure import TooDeep, structure
from watloom.interp.runtime.limits import UNMETERED, Metering
from watloom.interp.runtime.recursion import recursion
from watloom.interp.validate import ValidFunc, ValidModule

__all__ = ["compile_function"]

_RECURSION = 1_000_000  # the structure of a long function is walked by recursion in Python alone


def compile_function(
    valid: ValidModule, func: ValidFunc, metering: Metering = UNMETERED
) -> Compiled:
    """The Python of a function; the same input gives the same source."""
    name = function_name(valid, func.index)
    graph = build(valid, func, name, metering)
    writer = _write(graph, valid, func)
    lines = [f"def {name}({', '.join(graph.params)}):"]
    compiled = Compiled(name, "", "", func, writer.constants, _has_tail_calls(graph))
    for number, line in enumerate(writer.lines, 2):
        text, spots = unmark(line.text)
        indent = "    " * line.level if line.level < 20 else " " * (60 + line.level)
        lines.append(indent + text)
        if spots:
            width = len(indent)
            compiled.spots[number] = [
                Spot(s.first + width, s.last + width, s.at, s.meaning) for s in spots
            ]
        compiled.ats[number] = line.at
    compiled.source = "\n".join(lines) + "\n"
    compiled.publish(valid)
    return compiled


def _write(graph: Graph, valid: ValidModule, func: ValidFunc) -> Writer:
    """Structured where Python can nest it, else by a dispatch loop."""
    flow = analyse(graph)
    names = _Names(valid)
    writer = Writer(names, func.index, graph.any_nan)
    with recursion(_RECURSION):
        try:
            structure(graph, flow, writer)
        except (TooDeep, RecursionError):
            writer = Writer(names, func.index, graph.any_nan)
            dispatch(graph, flow, writer)
    if not writer.lines:
        writer.line("pass")
    return writer


class _Names(dict[int, str]):
    """The Python names of a module's functions, made as they are asked for."""

    def __init__(self, valid: ValidModule) -> None:
        super().__init__()
        self.valid = valid

    def __missing__(self, index: int) -> str:
        name = self[index] = function_name(self.valid, index)
        return name


def _has_tail_calls(graph: Graph) -> bool:
    return any(isinstance(block.end, TailCall) for block in graph.blocks)
