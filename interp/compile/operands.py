"""Blocks that are being filled, and the operand stack as expressions.

What could be changed by a statement before it is used is put into a temporary first, so that
everything happens in the order of the code:

    local.get $x             stack [x]
    i32.const 7              stack [x, 7]
    local.set $x             t0 = x; x = 7          stack [t0]
"""

from __future__ import annotations

from dataclasses import dataclass, field

from watloom.interp.compile.arith import exact
from watloom.interp.compile.ir import Assign, Block, Expr, Region, Statement, Terminator, var
from watloom.interp.core.types import I32, I64, ValType

__all__ = ["Operands"]

_DEEPEST = 30  # expressions nested deeper are put into a temporary


@dataclass
class Operands:
    """The blocks made so far, the one that statements go to, and the operands that wait."""

    blocks: list[Block] = field(default_factory=list, init=False)
    stack: list[Expr] = field(default_factory=list, init=False)
    here: Block | None = field(default=None, init=False)
    count: int = field(default=0, init=False)
    regions: list[Region] = field(default_factory=lambda: [Region()], init=False)
    region: int = field(default=0, init=False)
    """The one that new blocks lie in."""
    at: int = field(default=0, init=False)
    """Where the instruction in hand stands in the source."""
    changing: frozenset[str] = field(default=frozenset(), init=False)
    """The variables that code sets again: the locals."""

    # ------------------------------------------------------------------ blocks and variables

    def open_block(self) -> int:
        """A new block, which statements go to from now on."""
        number = self.new_block()
        self.here = self.blocks[number]
        return number

    def new_block(self) -> int:
        self.blocks.append(Block(region=self.region))
        return len(self.blocks) - 1

    def finish(self, end: Terminator) -> None:
        """End the current block."""
        if self.here is not None:
            self.here.end = end
        self.here = None

    def do(self, statement: Statement) -> None:
        if self.here is not None:
            self.here.statements.append(statement)

    def fresh(self, t: ValType, prefix: str = "t") -> Expr:
        """A new variable."""
        while True:
            name = f"{prefix}{self.count}"
            self.count += 1
            if name not in self.changing:
                return var(name, t)

    # ------------------------------------------------------------------ the operand stack

    def push(self, e: Expr) -> None:
        if e.depth > _DEEPEST:
            if e.traps:
                self.settle("traps")
            e = self.keep(e)
        self.stack.append(e)

    def pop(self) -> Expr:
        return self.stack.pop()

    def pop_many(self, count: int) -> list[Expr]:
        if count == 0:
            return []
        found = self.stack[-count:]
        del self.stack[-count:]
        return found

    def keep(self, e: Expr) -> Expr:
        """The expression's value in a temporary, computed now."""
        if e.op == "const" or (e.op == "var" and str(e.value) not in self.changing):
            return e
        kept = self.fresh(e.type)
        self.do(Assign((kept.value,), (exact(e),), self.at))
        low, high = (e.low, e.high) if e.type in (I32, I64) else (0, 0)
        if e.type in (I32, I64) and low >= 0:
            kept.low, kept.high = max(kept.low, low), min(kept.high, high)
        return kept

    def settle(self, which: str, name: str = "") -> None:
        """Compute what waits on the stack before a statement that could change it.

        `which` is "local" (the variable `name` is set), "traps" (another trap follows), "effect"
        (state changes) or "all" (a block begins: what lies below must be the same on all ways out).
        """
        for i, e in enumerate(self.stack):
            if which == "local":
                wanted = name in e.locals
            elif which == "traps":
                wanted = e.traps
            elif which == "effect":
                wanted = e.traps or e.state
            else:
                wanted = e.op not in ("const", "var") or bool(e.locals & self.changing)
            if wanted:
                self._settle_until(i, which)

    def _settle_until(self, i: int, which: str) -> None:
        """Compute entry i, and before it those below that trap, in order."""
        for j in range(i + 1):
            e = self.stack[j]
            if j == i or e.traps:
                self.stack[j] = self.keep(e)

    def effect(self) -> None:
        """A statement with an effect follows."""
        self.settle("effect")

    def keep_fresh(self, e: Expr) -> Expr:
        """The value in a variable that nothing sets again."""
        if e.op == "var" and str(e.value) not in self.changing:
            return e
        if e.traps or e.state:
            self.effect()
        kept = self.fresh(e.type)
        self.do(Assign((str(kept.value),), (exact(e),), self.at))
        return kept
