"""One function as Python source, with the map from its columns back to the module.

(func $add (param $a i32) (param $b i32) (result i32)      def f0_add(a_, b_):
  (i32.add (local.get $a) (local.get $b)))           →         return a_ + b_ & 0xffffffff
"""

from __future__ import annotations

import linecache
import weakref
from itertools import count
from types import CodeType
from typing import Any

from watloom.interp.compile import (  # noqa: F401 - each fills TEXT and DO when it is imported
    write_calls,
    write_state,
    write_values,
    write_vectors,
)
from watloom.interp.compile.build import build
from watloom.interp.compile.dispatch import dispatch
from watloom.interp.compile.flow import analyse
from watloom.interp.compile.ir import Graph, TailCall
from watloom.interp.compile.marks import Spot, unmark
from watloom.interp.compile.render import Writer
from watloom.interp.compile.structure import TooDeep, structure
from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.runtime.limits import UNMETERED, Metering
from watloom.interp.runtime.recursion import recursion
from watloom.interp.validate import ValidFunc, ValidModule

__all__ = ["Compiled", "SOURCES", "compile_function", "function_name"]

_numbers = count()
_RECURSION = 1_000_000  # the structure of a long function is walked by recursion in Python alone


@dataclass(slots=True, weakref_slot=True, eq=False)
class Compiled:
    """A function's Python: its source, code, and what its lines mean."""

    name: str
    source: str
    filename: str
    func: ValidFunc
    constants: dict[str, Any]
    tail_calls: bool
    spots: dict[int, list[Spot]] = field(default_factory=dict)
    """For each line (from 1) the stretches that may trap."""
    ats: dict[int, int] = field(default_factory=dict)
    _code: CodeType | None = None

    @property
    def code(self) -> CodeType:
        """The compiled source."""
        if self._code is None:
            self._code = compile(self.source, self.filename, "exec", dont_inherit=True)
        return self._code


#: Every compiled source by the file name in its code object, for tracebacks: while it is in use.
SOURCES: weakref.WeakValueDictionary[str, Compiled] = weakref.WeakValueDictionary()


def function_name(valid: ValidModule, index: int) -> str:
    """The Python name of a function: its index, and its own name where that is plain."""
    from watloom.interp.core.module import Kind

    own = valid.module.names.of(Kind.FUNC, index) or ""
    plain = own.isidentifier() and own.isascii()
    return f"f{index}_{own}" if plain else f"f{index}"


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
    shown = f"{valid.name or valid.module.source.name} {func.name}".replace("\0", "\\0")
    compiled.filename = f"<watloom {next(_numbers)}: {shown}>"
    SOURCES[compiled.filename] = compiled
    forget = weakref.finalize(compiled, linecache.cache.pop, compiled.filename, None)
    forget.atexit = False
    length = len(compiled.source)
    linecache.cache[compiled.filename] = (
        length,
        None,
        compiled.source.splitlines(True),
        compiled.filename,
    )
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
