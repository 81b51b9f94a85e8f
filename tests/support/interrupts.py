"""KeyboardInterrupt where Python may raise it, at one point of a run after another.

Python looks for signals behind calls, at the start of a function and at jumps backward; nowhere
else. `points(run)` lists such places in watloom's files that a run comes by; `interrupted(run,
point)` runs it and raises there.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

ROOT = str(Path(__file__).resolve().parents[2])

_BEHIND = ("CALL", "CALL_FUNCTION_EX", "CALL_KW", "JUMP_BACKWARD", "RESUME")


class Point(NamedTuple):
    """An instruction of a code object, and its how manieth visit."""

    file: str
    function: str
    offset: int
    visit: int = 1


Visit = Callable[[CodeType, int], None]


@contextmanager
def _tracing(wanted: Callable[[str], bool], visit: Visit) -> Iterator[None]:
    """Have `visit(code, offset)` called in front of each instruction where a signal may come."""
    looked: dict[CodeType, frozenset[int]] = {}

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "opcode" and frame.f_lasti in looked[frame.f_code]:
            visit(frame.f_code, frame.f_lasti)
        return local

    def enter(frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if not wanted(code.co_filename) or code.co_name == "<genexpr>":
            return None  # (what is raised while a generator is dropped is lost)
        if code not in looked:
            looked[code] = frozenset(_behind(code))
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return local

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # 3.12 looks for such a frame when tracing begins
    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(before)


def _behind(code: CodeType) -> Iterator[int]:
    """The offsets of the instructions in front of which Python looks for signals."""
    last = ""
    for instr in dis.get_instructions(code):
        if last.startswith(_BEHIND):
            yield instr.offset
        last = instr.opname
    for instr in dis.get_instructions(code):
        if instr.opname.startswith("JUMP_BACKWARD"):
            yield instr.argval


def points(run: Callable[[], object], files: Iterable[str], visits: int = 1) -> list[Point]:
    """The points in some files (the ends of their paths, or `<` for compiled code)."""
    ends = tuple(files)
    found: dict[Point, None] = {}
    counts: dict[tuple[CodeType, int], int] = {}

    def visit(code: CodeType, offset: int) -> None:
        count = counts[code, offset] = counts.get((code, offset), 0) + 1
        if count <= visits:
            found[Point(_file(code), code.co_qualname, offset, count)] = None

    with _tracing(lambda name: _is_in(name, ends), visit):
        run()
    return list(found)


def _is_in(name: str, ends: tuple[str, ...]) -> bool:
    return name.endswith(ends) or ("<" in ends and name.startswith("<watloom "))


def _file(code: CodeType) -> str:
    """The file of a code object; compiled code has a new one in every run."""
    return "<" if code.co_filename.startswith("<watloom ") else code.co_filename


def interrupted(run: Callable[[], object], point: Point) -> bool:
    """Run, and raise KeyboardInterrupt at the point; says whether the run came there."""
    count = 0

    def visit(code: CodeType, offset: int) -> None:
        nonlocal count
        if offset == point.offset and code.co_qualname == point.function:
            count += 1
            if count == point.visit:
                sys.settrace(None)
                raise KeyboardInterrupt

    wanted = "<watloom " if point.file == "<" else point.file
    try:
        with _tracing(lambda name: name.startswith(wanted), visit):
            run()
    except KeyboardInterrupt:
        return True
    return False
