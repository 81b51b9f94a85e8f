"""A step that was traced, and how it is written: as a line, or as an object for JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.debug.format import printable

__all__ = ["Step"]

_MOST_BYTES = 16  # shown of a memory write in a line


@dataclass(slots=True)
class Step:
    """What one step did. Values are text (see `format`), in the order of the operand stack.

    `changes` are (what, details) in the order in which they happened:

        local, global   name, value
        memory          memory, start, bytes (hexadecimal)
        table           table, start, values
        field           ref, field, value
        branch          to
        call            function, args
        return          results
        catch           tag, values
        host            function, args, results
        outside         (a host function calls back: the steps inside come next)
        trap            kind, message
        broken          (an exception of a host function, or an interrupt, has broken it off)
    """

    number: int
    depth: int
    function: str = ""
    place: str = ""
    instr: str = ""
    pops: list[str] = field(default_factory=list)
    pushes: list[str] = field(default_factory=list)
    changes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def change(self, what: str, **details: Any) -> None:
        """Add a change."""
        self.changes.append((what, details))

    def as_json(self) -> dict[str, Any]:
        """The step as a plain object."""
        return {
            "step": self.number,
            "depth": self.depth,
            "function": self.function,
            "at": self.place,
            "instr": self.instr,
            "pops": self.pops,
            "pushes": self.pushes,
            "changes": [{"what": what, **details} for what, details in self.changes],
        }

    def __str__(self) -> str:
        """The step as a line.

        >>> str(Step(1, 0, "f", "a.wat:1:2", "i32.eqz", ["3"], ["0"]))
        '     1   0 f                a.wat:1:2            i32.eqz                        3 → 0'
        """
        head = (
            f"{self.number:>6} {self.depth:>3} {self.function:<16} "
            f"{self.place:<20} {self.instr:<30}"
        )
        parts = [_CHANGES[what](details) for what, details in self.changes]
        if self._shows_operands():
            arrow = ["→", *self.pushes] if self.pushes else []
            parts.insert(0, " ".join([*self.pops, *arrow]))
        return printable(f"{head} {'; '.join(parts)}").replace("\n", "\\n").rstrip()

    def _shows_operands(self) -> bool:
        """Not where a change shows them: as arguments and results, or as what was set."""
        told = {what for what, _ in self.changes}
        if told & {"call", "host"} or (told & {"local", "global"} and not self.pushes):
            return False
        return bool(self.pops or self.pushes)


def _bytes(change: dict[str, Any]) -> str:
    data = bytes.fromhex(change["bytes"])
    shown = data[:_MOST_BYTES]
    more = f"… {len(data)} bytes " if len(data) > _MOST_BYTES else ""
    letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in shown)
    return f'{change["memory"]}[{change["start"]:#x}] = {shown.hex(" ")} {more}"{letters}"'


def _host(change: dict[str, Any]) -> str:
    results = f" → {' '.join(change['results'])}" if change["results"] else ""
    return f"host {change['function']}({', '.join(change['args'])}){results}"


_CHANGES: dict[str, Callable[[dict[str, Any]], str]] = {
    "local": lambda c: f"{c['name']} = {c['value']}",
    "global": lambda c: f"{c['name']} = {c['value']}",
    "memory": _bytes,
    "table": lambda c: f"{c['table']}[{c['start']}] = {' '.join(c['values'])}",
    "field": lambda c: f"{c['ref']}.{c['field']} = {c['value']}",
    "branch": lambda c: f"to {c['to']}",
    "call": lambda c: f"call {c['function']}({', '.join(c['args'])})",
    "return": lambda c: " ".join(["return", *c["results"]]),
    "catch": lambda c: " ".join(["catch", c["tag"], *c["values"]]),
    "host": _host,
    "outside": lambda c: "the host calls back",
    "broken": lambda c: "broken off",
    "trap": lambda c: f"{c['kind']}: {c['message']}",
}
