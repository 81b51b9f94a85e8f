"""Blocks that are being filled, and the operand stack as expressions.

What could be changed by a statement before it is used is put into a temporary first, so that
everything happens in the order of the code:

    local.get $x             stack [x]
    i32.const 7              stack [x, 7]
    local.set $x             t0 = x; x = 7          stack [t0]
"""

from __future__ import annotations

from collections import deque

from watloom.interp.compile.arith import exact, narrow
from watloom.interp.compile.index import zeros
from watloom.interp.compile.ir import Assign, Block, Expr, Region, Statement, Terminator, var
from watloom.interp.core.dataclass import dataclass, field
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
    loops: int = field(default=0, init=False)
    """The loops that are open."""
    at: int = field(default=0, init=False)
    """Where the instruction in hand stands in the source."""
    changing: frozenset[str] = field(default=frozenset(), init=False)
    """The variables that code sets again: the locals."""
    trapping: deque[int] = field(default_factory=deque, init=False)
    """Where on the stack something is that may trap."""
    looking: list[int] = field(default_factory=list, init=False)
    """Where on the stack something is that traps or looks at state."""
    waiting: list[int] = field(default_factory=list, init=False)
    """Where on the stack something is that is not a constant or temporary."""
    readers: dict[str, list[int]] = field(default_factory=dict, init=False)
    """By variable, places on the stack where it was read (some have been popped since)."""

    # ------------------------------------------------------------------ blocks and variables

    def open_block(self) -> int:
        """A new block, which statements go to from now on."""
        number = self.new_block()
        self.here = self.blocks[number]
        return number

    def new_block(self) -> int:
        self.blocks.append(Block(self.region, self.loops))
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
        """An operand; one that is a fresh variable may also be put on `stack` directly."""
        if e.depth > _DEEPEST:
            if e.traps:
                self.settle_traps()
            e = self.keep(e)
        place = len(self.stack)
        self.stack.append(e)
        if e.traps:
            self.trapping.append(place)
        if e.traps or e.state:
            self.looking.append(place)
        if e.op not in ("const", "var") or not e.locals.isdisjoint(self.changing):
            self.waiting.append(place)
            for name in e.locals:
                self.readers.setdefault(name, []).append(place)

    def pop(self) -> Expr:
        e = self.stack[-1]
        self.cut(len(self.stack) - 1)
        return e

    def pop_many(self, count: int) -> list[Expr]:
        found = self.stack[len(self.stack) - count :]
        self.cut(len(self.stack) - count)
        return found

    def cut(self, height: int) -> None:
        """Forget the operands above a height."""
        del self.stack[height:]
        for places in (self.trapping, self.looking, self.waiting):
            while places and places[-1] >= height:
                places.pop()

    def keep(self, e: Expr) -> Expr:
        """The expression's value in a temporary, computed now, in the form that it has."""
        if e.op == "const" or (e.op == "var" and str(e.value) not in self.changing):
            return e
        e = narrow(e) if e.type in (I32, I64) else e
        kept = self.fresh(e.type)
        self.do(Assign((str(kept.value),), (e,), self.at))
        kept.low, kept.high = e.low, e.high
        if e.type in (I32, I64):
            kept.zeros = zeros(e)
        return kept

    # Each operand is in these lists from when it is pushed until it is computed, so that no
    # instruction looks at all of a deep stack.

    def settle_local(self, name: str) -> None:
        """Compute what reads a variable that is about to be set."""
        for place in self.readers.pop(name, ()):
            if place < len(self.stack) and name in self.stack[place].locals:
                self._compute(place)

    def settle_traps(self) -> None:
        """Compute what may trap, since another trap follows."""
        if self.trapping:
            self._compute(self.trapping[-1])

    def effect(self) -> None:
        """A statement with an effect follows: compute what traps or looks at state."""
        places, self.looking = self.looking, []
        for place in places:
            if self.stack[place].traps or self.stack[place].state:
                self._compute(place)

    def settle_all(self) -> None:
        """A block begins: what lies below must be the same on all ways out."""
        places, self.waiting = self.waiting, []
        for place in places:
            self._compute(place)

    def _compute(self, place: int) -> None:
        """Put an operand into a temporary, and before it those below that trap, in order."""
        while self.trapping and self.trapping[0] <= place:
            below = self.trapping.popleft()
            self.stack[below] = self.keep(self.stack[below])
        self.stack[place] = self.keep(self.stack[place])

    def keep_fresh(self, e: Expr) -> Expr:
        """The value in a variable that nothing sets again."""
        if e.op == "var" and str(e.value) not in self.changing:
            return e
        if e.traps or e.state:
            self.effect()
        kept = self.fresh(e.type)
        self.do(Assign((str(kept.value),), (exact(e),), self.at))
        return kept
