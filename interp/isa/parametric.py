"""drop and select (https://webassembly.github.io/spec/core/exec/instructions.html#parametric-instructions)."""

from __future__ import annotations

from watloom.interp.core.types import I32, RefType, ValType
from watloom.interp.isa.immediates import VALTYPES
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("parametric")


@PROPOSAL.op("drop", 0x1A)
class Drop:
    """Throw one operand away."""

    def check(c: Checker) -> None:
        c.pop()

    def step(m: Machine) -> None:
        m.pop()


def _select(m: Machine, *_: object) -> None:
    condition, second = m.pop(), m.pop()
    if not condition:
        m.pop()
        m.push(second)


@PROPOSAL.op("select", 0x1B)
class Select:
    """The first operand where the condition is not zero, else the second; no references."""

    def check(c: Checker) -> None:
        c.pop(I32)
        second = c.pop()
        first = c.pop(second)
        found = second if second is not None else first
        if isinstance(found, RefType):
            raise c.fail(
                f"type mismatch: select without a type takes numbers, not {c.shown(found)}",
                f"write select (result {c.shown(found)})",
            )
        if found is None:
            c.push_unknown()
        else:
            c.push(found)

    step = _select


@PROPOSAL.op("select", 0x1C, VALTYPES)
class SelectTyped:
    """The first operand where the condition (the third) is not zero, else the second."""

    def check(c: Checker, types: tuple[ValType, ...]) -> None:
        if len(types) != 1:
            raise c.fail(
                f"invalid result arity: select gives one value, not {len(types)}",
                "write one type, as in select (result i32)",
            )
        t = c.closed(types[0])
        c.pop(I32)
        c.pop(t)
        c.pop(t)
        c.push(t)

    step = _select


PROPOSAL.explain({
    "drop": ("[t] -> []", "(i32.const 1) (drop (i32.const 2)) => i32 1"),
    "select": ("[t t i32] -> [t]; t is a number or vector, or the type that is written",
               "(select (i32.const 1) (i32.const 2) (i32.const 0)) => i32 2"),
})  # fmt: skip
