"""Frames and labels (https://webassembly.github.io/spec/core/exec/runtime.html#stack)."""

from __future__ import annotations

from typing import Any, NamedTuple

from watloom.interp.core.errors import TraceEntry
from watloom.interp.core.instr import Catch, Expr, Instr
from watloom.interp.core.source import Span
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.values import ExnInst, WasmFunc
from watloom.interp.validate import ValidExpr
from watloom.interp.validate.valid import Handler

__all__ = ["Frame", "Label"]


class Label(NamedTuple):
    """An open block: how many values a branch carries, where its operands begin, where it goes."""

    arity: int
    height: int
    target: int
    block: int
    """Where the block begins."""
    catches: tuple[Catch | Handler, ...] = ()
    """The clauses of a `try_table`, the handlers of a `try`: the first that fits catches."""
    delegate: int = 0
    """Of a `try`, how many labels outwards are passed over where nothing here catches."""
    caught: ExnInst | None = None
    """In a handler of a `try`, what it has caught."""


class Frame:
    """A call that is open: the function's code and place in it, its locals and open blocks.

    `func` is None while a constant expression is evaluated.
    """

    __slots__ = (
        "arity",
        "body",
        "code",
        "func",
        "height",
        "jumps",
        "labels",
        "locals",
        "module",
        "pc",
    )

    def __init__(
        self,
        func: WasmFunc | None,
        module: ModuleInst,
        body: ValidExpr,
        locals: list[Any],
        arity: int,
        height: int,
    ) -> None:
        self.func = func
        self.module = module
        self.body = body
        self.code: Expr = body.code
        self.jumps = body.jumps
        self.locals = locals
        self.arity = arity
        self.height = height
        self.labels: list[Label] = []
        self.pc = 0

    @property
    def name(self) -> str:
        """The function's name."""
        return self.func.name if self.func else "constant expression"

    @property
    def instr(self) -> Instr | None:
        """The instruction that comes next; None at the end of the code."""
        return self.code[self.pc] if self.pc < len(self.code) else None

    def span(self, pc: int) -> Span:
        """Where an instruction stands in the source."""
        if pc < len(self.code):
            return Span(self.code[pc].at)
        return Span(self.func.code.at if self.func else 0)

    def entry(self, pc: int) -> TraceEntry:
        """This frame in a call stack, standing at `pc`."""
        source = self.module.valid.module.source
        return TraceEntry(self.name, source, self.span(pc))

    def __getstate__(self) -> dict[str, Any]:
        """Code is not state: it is found again through the function."""
        if self.func is None:
            raise ValueError("a machine that evaluates a constant expression has no snapshot")
        names = ("arity", "func", "height", "labels", "locals", "module", "pc")
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.labels = [Label(*label) for label in self.labels]

    def relink(self) -> None:
        """Find the code again, once the function has been restored."""
        assert self.func is not None
        self.body = self.func.code.body
        self.code, self.jumps = self.body.code, self.body.jumps
