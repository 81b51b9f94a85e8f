"""Control: blocks, and the branches between them.

    block                    block 0:  r0 = n                    (a result of the block)
      local.get $n                     Branch(c, 1, 2)
      local.get $c           block 2:  r0 = 7
      br_if 0                          Goto 1
      …                      block 1:  …

The parameters of a loop and the results of a block are variables, set on every way there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watloom.interp.compile.arith import exact, truth
from watloom.interp.compile.ir import (
    Assign,
    Branch,
    Expr,
    Goto,
    Return,
    Switch,
    Trapping,
    node,
)
from watloom.interp.compile.rules import rule
from watloom.interp.core.dataclass import dataclass, field, replace
from watloom.interp.core.instr import Instr
from watloom.interp.core.types import I32, RefType

if TYPE_CHECKING:
    from watloom.interp.compile.build import Builder

__all__ = ["Open", "branch_to", "end", "leave_to", "open_"]


@dataclass(slots=True)
class Open:
    """A block that is open: where a branch goes, and the variables that it sets."""

    kind: str
    label: int
    carries: tuple[Expr, ...]
    after: int
    results: tuple[Expr, ...]
    below: int
    otherwise: int | None = None
    params: tuple[Expr, ...] = ()
    region: int = field(init=False)
    """The region around it."""
    inside: int = field(init=False)
    """The region of what is thrown in it."""
    caught: Expr | None = None
    """In a handler of a `try`, the exception."""
    handlers: list[int] = field(default_factory=list)
    """Of a `try`, the blocks that its handlers begin with, as long as they are to come."""


@rule("unreachable")
def unreachable(b: Builder, _: Instr) -> None:
    b.effect()
    b.finish(Trapping("unreachable", b.at))


# ------------------------------------------------------------------ blocks


def open_(b: Builder, control: Open) -> None:
    """Open a block; it lies in the region that is current."""
    control.region = control.inside = b.region
    b.opens.append(control)


@rule("block")
def block(b: Builder, instr: Instr) -> None:
    params, results = b.typist.block_type(instr.args[0])
    b.settle_all()
    out = tuple(b.fresh(t, "r") for t in results)
    after = b.new_block()
    below = len(b.stack) - len(params)
    open_(b, Open("block", after, out, after, out, below))


@rule("loop")
def loop(b: Builder, instr: Instr) -> None:
    params, results = b.typist.block_type(instr.args[0])
    b.settle_all()
    into = tuple(b.fresh(t, "p") for t in params)
    given = b.pop_many(len(params))
    _assign(b, into, given)
    head, after = b.new_block(), b.new_block()
    out = tuple(b.fresh(t, "r") for t in results)
    open_(b, Open("loop", head, into, after, out, len(b.stack)))
    b.loops += 1
    b.blocks[head].loops = b.loops
    b.finish(Goto(head))
    b.here = b.blocks[head]
    b.stack.extend(into)


@rule("if")
def if_(b: Builder, instr: Instr) -> None:
    condition = truth(b.pop())
    params, results = b.typist.block_type(instr.args[0])
    b.settle_all()
    out = tuple(b.fresh(t, "r") for t in results)
    yes, no, after = b.new_block(), b.new_block(), b.new_block()
    below = len(b.stack) - len(params)
    kept = tuple(b.stack[below:])
    open_(b, Open("if", after, out, after, out, below, no, kept))
    b.finish(Branch(condition, yes, no, b.at))
    b.here = b.blocks[yes]


@rule("else")
def else_(b: Builder, _: Instr) -> None:
    control = b.opens[-1]
    leave_to(b, control)
    assert control.otherwise is not None
    b.cut(control.below)
    b.here = b.blocks[control.otherwise]
    b.stack.extend(control.params)
    control.otherwise = None


@rule("end")
def end(b: Builder, _: Instr) -> None:
    control = b.opens.pop()
    b.loops -= control.kind == "loop"
    if b.here is not None:
        leave_to(b, control)
    b.region = control.region
    if control.otherwise is not None:  # no `else`: the parameters are the results
        b.here = b.blocks[control.otherwise]
        b.cut(control.below)
        b.stack.extend(control.params)
        leave_to(b, control)
    b.cut(control.below)
    b.here = b.blocks[control.after]
    b.stack.extend(control.results)
    if control.after not in b.targets:
        b.here = None


def leave_to(b: Builder, control: Open) -> None:
    """Run into the end of a block."""
    if b.here is None:
        return
    values = b.pop_many(len(control.results))
    _assign(b, control.results, values)
    _goto(b, control.after)


def _goto(b: Builder, target: int) -> None:
    b.targets.add(target)
    b.finish(Goto(target))


def _assign(b: Builder, variables: tuple[Expr, ...], values: list[Expr]) -> None:
    pairs = [(v, exact(e)) for v, e in zip(variables, values, strict=True) if v.value != e.value]
    if pairs:
        names = tuple(str(v.value) for v, _ in pairs)
        b.do(Assign(names, tuple(e for _, e in pairs), b.at))


# ------------------------------------------------------------------ branches


def branch_to(b: Builder, depth: int) -> None:
    """Branch from here, with the values on top of the stack (which stays as it is)."""
    if depth >= len(b.opens):
        values = b.stack[len(b.stack) - len(b.results) :] if b.results else []
        b.finish(Return(tuple(exact(e) for e in values), b.at))
        return
    control = b.opens[-1 - depth]
    count = len(control.carries)
    _assign(b, control.carries, b.stack[-count:] if count else [])
    _goto(b, control.label)


@rule("br")
def br(b: Builder, instr: Instr) -> None:
    _settle_traps(b, _carried(b, instr.args[0]))
    branch_to(b, instr.args[0])


def _settle_traps(b: Builder, used: int) -> None:
    """What is not carried along a branch still has to trap where it would."""
    if b.trapping and b.trapping[0] < len(b.stack) - used:
        b.settle_traps()


def _carried(b: Builder, depth: int) -> int:
    return len(b.results) if depth >= len(b.opens) else len(b.opens[-1 - depth].carries)


@rule("br_if")
def br_if(b: Builder, instr: Instr) -> None:
    _split(b, truth(b.pop()), instr.args[0])


def _split(b: Builder, condition: Expr, depth: int, taken: Expr | None = None) -> None:
    """Branch to a label where the condition holds (`taken` on top), else go on."""
    b.settle_traps()  # what traps on the stack does so before a branch
    rest = b.new_block()
    if taken is None and not _carried(b, depth) and depth < len(b.opens):
        label = b.opens[-1 - depth].label
        b.targets.add(label)
        b.finish(Branch(condition, label, rest, b.at))
    else:
        side = b.new_block()
        b.finish(Branch(condition, side, rest, b.at))
        b.here = b.blocks[side]
        if taken is not None:
            b.stack.append(taken)
        branch_to(b, depth)
        if taken is not None:
            b.pop()
    b.here = b.blocks[rest]


@rule("br_table")
def br_table(b: Builder, instr: Instr) -> None:
    index = exact(b.pop())
    b.settle_traps()
    sides: dict[int, int] = {}
    start = b.here
    for depth in dict.fromkeys(instr.args[0]):
        if depth < len(b.opens) and not b.opens[-1 - depth].carries:
            sides[depth] = b.opens[-1 - depth].label
            b.targets.add(sides[depth])
            continue
        sides[depth] = b.new_block()
        b.here = b.blocks[sides[depth]]
        branch_to(b, depth)
    b.here = start
    b.finish(Switch(index, tuple(sides[d] for d in instr.args[0]), b.at))


@rule("return")
def return_(b: Builder, _: Instr) -> None:
    _settle_traps(b, len(b.results))
    branch_to(b, len(b.opens))


@rule("br_on_null")
def br_on_null(b: Builder, instr: Instr) -> None:
    reference = b.keep_fresh(b.pop())
    condition = node("is_null", (reference,), I32, bounds=(0, 1))
    _split(b, condition, instr.args[0])
    b.push(non_null(reference))


@rule("br_on_non_null")
def br_on_non_null(b: Builder, instr: Instr) -> None:
    reference = b.keep_fresh(b.pop())
    condition = node("is_not_null", (reference,), I32, bounds=(0, 1))
    _split(b, condition, instr.args[0], non_null(reference))


@rule("br_on_cast")
def br_on_cast(b: Builder, instr: Instr) -> None:
    _cast_branch(b, instr.args[0], "has_type")


@rule("br_on_cast_fail")
def br_on_cast_fail(b: Builder, instr: Instr) -> None:
    _cast_branch(b, instr.args[0], "has_not_type")


def _cast_branch(b: Builder, cast: tuple[int, RefType, RefType], test: str) -> None:
    depth, source, target = cast
    want, have = b.typist.closed(target), b.typist.closed(source)
    assert isinstance(want, RefType) and isinstance(have, RefType)
    rest = RefType(have.nullable and not want.nullable, have.heap)
    reference = b.keep_fresh(b.pop())
    condition = node(test, (reference,), I32, bounds=(0, 1), value=want)
    taken, kept = (want, rest) if test == "has_type" else (rest, want)
    _split(b, condition, depth, replace(reference, type=taken))
    b.push(replace(reference, type=kept))


def non_null(e: Expr) -> Expr:
    """A reference that has been looked at."""
    t = e.type
    return replace(e, type=RefType(False, t.heap)) if isinstance(t, RefType) else e
