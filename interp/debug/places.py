"""Places in a program that a person names: `12`, `lib.wat:12`, `factorial`, `$factorial`."""

from __future__ import annotations

import re

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.errors import WatloomError
from watloom.interp.core.messages import nearest
from watloom.interp.core.source import Source
from watloom.interp.machine import Frame, Machine
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.values import InstanceInst, WasmFunc
from watloom.interp.validate import ValidFunc

__all__ = ["Breakpoints", "PlaceError", "Target", "functions", "parse_target"]


class PlaceError(WatloomError):
    """No such place, with what there is as help."""


@dataclass(frozen=True)
class Target:
    """A line of a source, reached by its first instruction; or a function, reached by its entry."""

    function: str | None = None
    source: Source | None = None
    line: int = 0

    def reached(self, frame: Frame, entered: bool) -> bool:
        """Whether a frame that has just come to where it stands stands here."""
        if frame.func is None:
            return False
        if self.function is not None:
            return entered and frame.func.name == self.function
        if self.source is None or frame.func.code.source != self.source:
            return False
        code, pc = frame.code, frame.pc
        if pc >= len(code) or _line(self.source, code[pc].at) != self.line:
            return False
        return pc == 0 or _line(self.source, code[pc - 1].at) != self.line

    def __str__(self) -> str:
        if self.function is not None or self.source is None:
            return f"function {self.function}"
        return f"{_base(self.source.name)}:{self.line}"


class Breakpoints:
    """Breakpoints by number."""

    def __init__(self) -> None:
        self.targets: dict[int, Target] = {}
        self._next = 1

    def __bool__(self) -> bool:
        return bool(self.targets)

    def add(self, target: Target) -> int:
        """A new one; gives its number."""
        number, self._next = self._next, self._next + 1
        self.targets[number] = target
        return number

    def at(self, frame: Frame, entered: bool) -> int | None:
        """The number of the breakpoint that a frame has come to."""
        for number, target in self.targets.items():
            if target.reached(frame, entered):
                return number
        return None


# ------------------------------------------------------------------ finding them


def functions(machine: Machine, *instances: InstanceInst) -> list[ValidFunc]:
    """The functions of all instances that the machine's frames, or these, are linked with."""
    found: dict[int, ValidFunc] = {}
    seen: set[int] = set()
    todo: list[InstanceInst | None] = [*instances, *(frame.module for frame in machine.frames)]
    while todo:
        instance = todo.pop()
        if instance is None or id(instance) in seen:
            continue
        seen.add(id(instance))
        if not isinstance(instance, ModuleInst):
            exported = dict.values(instance.exports)
            todo += [item.module for item in exported if isinstance(item, WasmFunc)]
            todo += [item for item in exported if isinstance(item, InstanceInst)]
            continue
        todo += [instance.outer, *instance.instances]
        for func in instance.funcs:
            if isinstance(func, WasmFunc):
                found[id(func.code)] = func.code
                todo.append(func.module)
    return sorted(found.values(), key=lambda code: (code.source.name, code.at))


def parse_target(text: str, known: list[ValidFunc], here: Source | None) -> Target:
    """The place that `LINE`, `FILE:LINE` or `FUNC` names.

    A line without an instruction stands for the next one that has some. Raises PlaceError.
    """
    at_line = re.fullmatch(r"(?:(.*):)?(\d+)", text)
    if at_line is None:
        return Target(_function(text, known))
    file, line = at_line[1], int(at_line[2])
    sources = {f.source.name: f.source for f in known}
    if file is not None:
        named = [s for name, s in sources.items() if file in (name, _base(name))]
        if not named:
            files = ", ".join(map(_base, sources)) or "none"
            raise PlaceError(f"no code from a file {file!r} here", help=f"there is {files}")
        here = named[0]
    if here is None or here.text is None:
        raise PlaceError("there are no lines here", help="a function's name works: until FUNC")
    lines = {_line(here, instr.at) for f in known if f.source == here for instr in f.body.code}
    after = [number for number in lines if number >= line]
    if not after:
        raise PlaceError(
            f"no instruction at or behind line {line} of {_base(here.name)}",
            help=f"the last one is at line {max(lines)}" if lines else None,
        )
    return Target(source=here, line=min(after))


def _function(text: str, known: list[ValidFunc]) -> str:
    name = text.removeprefix("$").strip('"')
    names = [f.name for f in known]
    for candidate in (text, name):
        if candidate in names:
            return candidate
    close = nearest(name, names)
    some = ", ".join(sorted(set(names))[:12])
    raise PlaceError(
        f"no function {text!r} here",
        help=f"did you mean {close}?" if close else f"functions: {some}",
    )


def _line(source: Source, offset: int) -> int:
    return source.position(offset)[0]


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
