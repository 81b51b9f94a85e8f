"""Drills: programs that do one kind of thing over and over, on operands of every form.

A random program meets most rules of the compiled tier once in a while; these meet each of them, at
the corners where a rule could be wrong. A drill is a file here with `functions(draw, round)`: the
functions of one program. Each round goes on in lists of instructions where the last one stopped.
"""

from __future__ import annotations

from collections.abc import Callable

from differential.draw import Draw
from differential.drills import (
    atomics,
    calls,
    control,
    ends,
    floats,
    numbers,
    order,
    pointers,
    references,
    stacks,
    vectors,
    wide,
    wraps,
)
from differential.drills.parts import Function, module
from differential.program import Program

__all__ = ["DRILLS", "drill"]

DRILLS: tuple[Callable[[Draw, int], list[Function]], ...] = (
    numbers.functions,
    stacks.functions,
    control.functions,
    floats.functions,
    pointers.functions,
    calls.functions,
    references.functions,
    vectors.functions,
    numbers.functions,
    stacks.functions,
    pointers.functions,
    wide.functions,
    atomics.functions,
    ends.functions,
    order.functions,
    wraps.functions,
)


def drill(seed: int) -> Program:
    """The program of a seed; the kinds of drills take turns."""
    round_, kind = divmod(seed, len(DRILLS))
    return module(seed, DRILLS[kind](Draw(seed ^ 0xD211), round_))
