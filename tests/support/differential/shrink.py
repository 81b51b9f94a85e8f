"""Making a failing program small, as long as the same sort of difference stays.

Works on the text alone: take away calls, fields, statements; put an operand in the place of an
instruction, or a constant. What is not valid any more is refused by watloom's own validator.

    (i32.add (call $f (local.get 0)) (i32.const 1))   →   (call $f (i32.const 0))
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import watloom
from differential.forms import FEATURES
from differential.program import Program
from differential.sexpr import Node, parse, pretty

__all__ = ["shrink", "terminates"]

_CONSTANTS: tuple[Node, ...] = (
    ["i32.const", "0"], ["i64.const", "0"], ["f32.const", "0"], ["f64.const", "0"],
    ["v128.const", "i64x2", "0", "0"],    ["ref.null", "none"], ["nop"],
)  # fmt: skip


def shrink(program: Program, fails: Callable[[Program], bool], seconds: float = 60.0) -> Program:
    """A smaller program for which `fails` is true as well; `program` is one to begin with."""
    return _Shrinker(program, fails, time.monotonic() + seconds).run()


def valid(text: str) -> bool:
    """Whether watloom accepts a text."""
    try:
        watloom.Module(text, features=FEATURES)
    except watloom.WatloomError:
        return False
    return True


def terminates(program: Program, steps: int = 1_000_000) -> bool:
    """Whether the reference machine comes to an end of a program in so many steps."""
    from differential.outcome import Ended
    from differential.voices.watloom_tier import Tier

    said = Tier("reference").run(program, fuel=steps)
    return not any(isinstance(e, Ended) and e.kind in ("limit", "hang") for _, e in said.events)


class _Shrinker:
    def __init__(self, program: Program, fails: Callable[[Program], bool], deadline: float) -> None:
        self.program = program
        self.fails = fails
        self.deadline = deadline
        self.check_validity = valid(program.text)
        self.tree = parse(program.text)

    def run(self) -> Program:
        changed = True
        while changed and time.monotonic() < self.deadline:
            changed = self._fewer_calls()
            changed |= self._stub_functions()
            changed |= self._change_lists(self._without_children)
            changed |= self._change_lists(self._simpler_children)
        return replace(self.program, text=pretty(self.tree) + "\n")

    def _fewer_calls(self) -> bool:
        before = self.program
        for call in reversed(before.calls):
            calls = tuple(c for c in self.program.calls if c is not call)
            candidate = replace(self.program, calls=calls)
            if self.fails(candidate):
                self.program = candidate
        return self.program is not before

    def _stub_functions(self) -> bool:
        """Put a trap in the place of whole bodies."""
        changed = False
        for field in self.tree:
            if not isinstance(field, list) or field[0] != "func" or field[-1] == ["unreachable"]:
                continue
            heads = ("export", "type", "param", "result")
            at = next(
                (
                    i
                    for i, part in enumerate(field)
                    if isinstance(part, list) and part[0] not in heads
                ),
                len(field),
            )
            body = field[at:]
            field[at:] = [["unreachable"]]
            if self._accept():
                changed = True
            else:
                field[at:] = body
        return changed

    def _accept(self) -> bool:
        """Whether the tree as it is now still fails."""
        if time.monotonic() > self.deadline:
            return False
        candidate = replace(self.program, text=pretty(self.tree))
        if self.check_validity and not valid(candidate.text):
            return False
        if not terminates(candidate) or not self.fails(candidate):
            return False
        self.program = candidate
        return True

    def _change_lists(self, change: Callable[[list[Node]], bool]) -> bool:
        """Try a change on each list, the outer ones first; lists that go are not visited."""
        changed = False
        pending = [self.tree]
        while pending and time.monotonic() < self.deadline:
            node = pending.pop()
            if isinstance(node, list):
                changed |= change(node)
                pending += reversed(node)
        return changed

    def _without_children(self, node: list[Node]) -> bool:
        """Take away runs of children, long ones first."""
        changed = False
        length = len(node) - 1
        while length >= 1:
            start = len(node) - length
            while start >= 1:
                taken = node[start : start + length]
                del node[start : start + length]
                if self._accept():
                    changed = True
                else:
                    node[start:start] = taken
                start -= length
            length = min(length, len(node)) // 2
        return changed

    def _simpler_children(self, node: list[Node]) -> bool:
        """Put something smaller in the place of a child."""
        changed = False
        for i in range(1, len(node)):
            child = node[i]
            for smaller in self._smaller(child):
                node[i] = smaller
                if self._accept():
                    changed = True
                    break
                node[i] = child
        return changed

    def _smaller(self, child: Node) -> Iterator[Node]:
        if isinstance(child, list) and any(isinstance(part, list) for part in child):
            yield from (part for part in child if isinstance(part, list))
            yield from _CONSTANTS
        elif isinstance(child, list) and child not in _CONSTANTS and "const" not in child[0]:
            yield from _CONSTANTS
