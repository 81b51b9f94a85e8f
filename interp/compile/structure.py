"""Basic blocks become Python's `if`, `while`, `break` and `continue`.

    0: Branch(c, 1, 2)           if c:
    1: …  Goto 3                     …            (block 1)
    2: …  Goto 3            →    else:
    3: …                             …            (block 2)
                                 …                (block 3, where both join)

A block with one way in stands where that way comes from; one with several stands behind the
construct that its dominator makes. A way there is then *falling off* the end, `break` or
`continue`; where neither leads there, a flag is set and looked at after each loop that is left.
What Python cannot nest (20 loops, 100 levels) goes to `dispatch` instead, by raising `TooDeep`.
"""

from __future__ import annotations

from watloom.interp.compile.flow import Flow
from watloom.interp.compile.handlers import DEEPEST, nesting
from watloom.interp.compile.ir import Branch, Goto, Graph, Switch, Try
from watloom.interp.compile.render import Writer
from watloom.interp.core.dataclass import dataclass

__all__ = ["TooDeep", "structure"]

_LOOPS = 18
_LEVELS = 60
_NESTED_IFS = 8  # deeper than this a jump forward becomes a `break`


class TooDeep(Exception):
    """Python could not nest this."""


@dataclass(slots=True)
class Loop:
    """A `while` that is open: where `continue` and `break` lead."""

    again: int | None
    behind: int | None
    flags: set[int]


class _Structurer:
    def __init__(self, graph: Graph, flow: Flow, writer: Writer) -> None:
        self.graph = graph
        self.flow = flow
        self.out = writer
        self.loops: list[Loop] = []
        self.tries = 0
        self.wrapped: set[int] = set()
        self.placed: set[int] = set()
        """Blocks with one way in that stand behind a loop all the same: what comes after it."""

    # Every method writes code that ends by going to the block `fall` when it falls off its end,
    # and says whether it can do that.

    def block(self, number: int, fall: int | None) -> bool:
        """A block, what it dominates, and the loop that it heads."""
        if self.out.level > _LEVELS or len(self.loops) + self.tries > _LOOPS:
            raise TooDeep
        if number not in self.flow.headers:
            return self.with_joins(number, self.joins_of(number), 0, fall)
        after = self.follow(number, fall)
        if after is not None:
            self.placed.add(after)
        loop = Loop(number, fall if after is None else after, set())
        self.loops.append(loop)
        place = self.out.mark()
        self.out.open("while True:")
        self.with_joins(number, self.joins_of(number), 0, number)
        self.out.close()
        self.loops.pop()
        if after is None:
            return self.after_loop(loop, fall, place)
        self.after_loop(loop, after, place)
        return self.block(after, fall)

    def follow(self, header: int, fall: int | None) -> int | None:
        """The block to stand behind a loop: the exit with the most code, if `break` is free for it.

        Its code would otherwise be inside of the loop, where every jump in it has farther to go.
        """
        flow, blocks = self.flow, self.graph.blocks
        body, region = flow.body(header), blocks[header].region
        exits = [
            c
            for b in body
            for c in flow.children[b]
            if c not in body and c not in self.placed and blocks[c].region == region
        ]
        if not exits:
            return None
        # one that leads to another exit would have to jump back into the loop's code
        leading = flow.leading_on(exits)
        exits = [e for e in exits if e not in leading]
        best = max(exits, key=lambda e: (flow.size[e], flow.number[e]))
        if fall is not None and flow.is_entered_from(fall, header, best):
            return None  # `break` is wanted for what comes anyway
        return best

    def joins_of(self, number: int) -> list[int]:
        """The joins that a block dominates, the last one in order first."""
        found = [
            child
            for child in self.flow.children[number]
            if child in self.flow.joins and child not in self.placed
        ]
        return sorted(found, key=lambda child: -self.flow.number[child])

    def with_joins(self, number: int, joins: list[int], place: int, fall: int | None) -> bool:
        """A block's own code, and behind it its joins from the last one to `place`."""
        if place == len(joins):
            return self.own(number, fall)
        join = joins[place]
        if join in self.wrapped:
            loop = Loop(None, join, set())
            self.loops.append(loop)
            start = self.out.mark()
            self.out.open("while True:")
            if self.with_joins(number, joins, place + 1, join):
                self.out.line("break")
            self.out.close()
            self.loops.pop()
            self.after_loop(loop, join, start)
        else:
            self.with_joins(number, joins, place + 1, join)
        return self.block(join, fall)

    def after_loop(self, loop: Loop, fall: int | None, place: int) -> bool:
        """Behind a `while`: go where a flag says, else fall off the end."""
        if loop.flags:
            self.out.insert(place, "way = 0")
            for target in sorted(loop.flags):
                self.out.open(f"if way == {target + 1}:")
                if self.go(target, fall):
                    self.out.line("pass")
                self.out.close()
        return True

    def own(self, number: int, fall: int | None) -> bool:
        """The statements of a block and where it goes."""
        block = self.graph.blocks[number]
        self.out.statements(block.statements)
        match block.end:
            case Goto(target):
                return self.way(number, target, fall)
            case Branch():
                return self.branch(number, block.end, fall)
            case Switch():
                return self.switch(number, block.end, fall)
            case Try():
                return self.try_(number, block.end, fall)
        assert block.end is not None
        self.out.leave(block.end)
        return False

    def way(self, source: int, target: int, fall: int | None) -> bool:
        """Go to a block: a jump, or its code here."""
        if self.is_join(source, target):
            return self.go(target, fall)
        return self.block(target, fall)

    def go(self, target: int, fall: int | None) -> bool:
        """Jump to a block whose code stands elsewhere."""
        if target == fall:
            return True
        for distance, loop in enumerate(reversed(self.loops)):
            if target not in (loop.again, loop.behind):
                continue
            if distance == 0:
                self.out.line("continue" if target == loop.again else "break")
            else:
                self.out.line(f"way = {target + 1}")
                self.out.line("break")
                for crossed in self.loops[len(self.loops) - distance :]:
                    crossed.flags.add(target)
            return False
        raise _Wrap(target)

    def branch(self, number: int, end: Branch, fall: int | None) -> bool:
        """`if`: the side that jumps comes first, so that the other need not be nested."""
        yes, no = end.yes, end.no
        if self.is_jump(number, no, fall) and not self.is_jump(number, yes, fall):
            self.out.open_if(end.condition, False, end.at)
            self.way(number, no, fall)
            self.out.close()
            return self.way(number, yes, fall)
        if self.is_deep() and fall in self.near():
            for target, other, sense in ((yes, no, True), (no, yes, False)):
                if target == fall:
                    self.out.open_if(end.condition, sense, end.at)
                    self.out.line("continue" if fall == self.loops[-1].again else "break")
                    self.out.close()
                    return self.way(number, other, fall)
        if yes == fall:
            self.out.open_if(end.condition, False, end.at)
            self.nested(fall)
            self.way(number, no, fall)
            self.out.close()
            return True
        self.out.open_if(end.condition, True, end.at)
        if not self.is_jump(number, yes, fall):
            self.nested(fall)
        falls = self.way(number, yes, fall)
        self.out.close()
        if not falls:
            return self.way(number, no, fall)
        if no != fall:
            self.out.open("else:")
            self.way(number, no, fall)
            self.out.close()
        return True

    def try_(self, number: int, end: Try, fall: int | None) -> bool:
        """`try`; the clauses' code stands behind it, where no exception is being handled."""
        out = self.out
        place = out.mark()
        out.open("try:")
        self.tries += 1
        falls = self.way(number, end.body, fall)
        self.tries -= 1
        out.close()
        out.catch(end, self.graph.regions[self.graph.blocks[end.body].region])
        if end.delegate is not None:
            return falls
        if not falls:
            return self.clauses(number, end, 0, fall)
        out.insert(place, f"{end.name} = None")
        out.open(f"if {end.name} is not None:")
        self.clauses(number, end, 0, fall)
        out.close()
        return True

    def clauses(self, number: int, end: Try, i: int, fall: int | None) -> bool:
        """The code of a caught exception's clause, from the i-th on."""
        if i == len(end.clauses) - 1:
            return self.way(number, end.clauses[i].target, fall)
        self.out.open(f"if {end.name}.tag is T[{end.clauses[i].tag}]:")
        falls = self.way(number, end.clauses[i].target, fall)
        self.out.close()
        if not falls:
            return self.clauses(number, end, i + 1, fall)
        self.out.open("else:")
        self.clauses(number, end, i + 1, fall)
        self.out.close()
        return True

    def nested(self, fall: int | None) -> None:
        """Nesting for the sake of falling off the end has a limit: then `break` does it."""
        if fall is None or not self.is_deep() or fall in self.near():
            return
        if fall in self.flow.joins and fall not in self.wrapped:
            raise _Wrap(fall)

    def is_deep(self) -> bool:
        """Whether ifs are nested so deep here that a jump would be better."""
        return self.out.level > _NESTED_IFS * (1 + len(self.loops))

    def near(self) -> tuple[int | None, ...]:
        """Where `continue` and `break` lead from here."""
        return (self.loops[-1].again, self.loops[-1].behind) if self.loops else ()

    def is_join(self, source: int, target: int) -> bool:
        """Whether a block's code stands elsewhere."""
        if target in self.flow.joins or target in self.placed:
            return True
        return self.flow.number[target] <= self.flow.number[source]

    def is_jump(self, source: int, target: int, fall: int | None) -> bool:
        """Whether going to a block is `break`, `continue` or a `return` alone."""
        return target != fall and self.is_join(source, target)

    def switch(self, number: int, end: Switch, fall: int | None) -> bool:
        """`br_table` as a binary tree of `if`s over runs of equal targets."""
        runs: list[tuple[int, int]] = []  # (first index, target)
        for i, target in enumerate(end.targets):
            if not runs or runs[-1][1] != target:
                runs.append((i, target))
        index = self.out.name_switch(end.index, end.at)

        def tree(part: list[tuple[int, int]]) -> bool:
            if len(part) == 1:
                return self.way(number, part[0][1], fall)
            middle = len(part) // 2
            self.out.open(f"if {index} < {part[middle][0]}:")
            left = tree(part[:middle])
            self.out.close()
            self.out.open("else:")
            right = tree(part[middle:])
            self.out.close()
            return left or right

        return tree(runs)


class _Wrap(Exception):
    """A jump to this join needs a `while` to break out of."""

    def __init__(self, join: int) -> None:
        self.join = join


def structure(graph: Graph, flow: Flow, writer: Writer) -> None:
    """Write the code of a function. Raises TooDeep where Python could not nest it."""
    if nesting(graph.regions) > DEEPEST:
        raise TooDeep
    structurer = _Structurer(graph, flow, writer)
    start = writer.mark()
    for _ in range(64):
        try:
            structurer.block(0, None)
        except _Wrap as wrap:
            structurer.wrapped.add(wrap.join)
            structurer.loops.clear()
            structurer.tries = 0
            structurer.placed.clear()
            writer.rewind(start)
        else:
            return
    raise TooDeep
