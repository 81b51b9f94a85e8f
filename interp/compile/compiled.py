"""A function as Python: what is kept of it, where tracebacks find it, what it is called."""

from __future__ import annotations

import weakref
from itertools import count
from types import CodeType
from typing import Any

from watloom.interp.compile.marks import Spot
from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.module import Kind
from watloom.interp.core.published import publish
from watloom.interp.validate.valid import ValidFunc, ValidModule

__all__ = ["SOURCES", "Compiled", "function_name"]

_numbers = count()


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

    def publish(self, valid: ValidModule) -> None:
        """Give it a file name of its own, by which tracebacks find its source while in use."""
        shown = f"{valid.name or valid.module.source.name} {self.func.name}".replace("\0", "\\0")
        self.filename = f"<watloom {next(_numbers)}: {shown}>"
        SOURCES[self.filename] = self
        publish(self, self.filename, self.source)


#: Every compiled source by the file name in its code object, for tracebacks: while it is in use.
SOURCES: weakref.WeakValueDictionary[str, Compiled] = weakref.WeakValueDictionary()


def function_name(valid: ValidModule, index: int) -> str:
    """The Python name of a function: its index, and its own name where that is plain."""
    own = valid.module.names.of(Kind.FUNC, index) or ""
    plain = own.isidentifier() and own.isascii()
    return f"f{index}_{own}" if plain else f"f{index}"
