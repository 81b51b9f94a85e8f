"""Pure instructions on corner values, each result looked at.

What a random expression computes is mostly lost on its way: masked, compared, dropped. Here every
result goes into the exported global `seen`, and the operands are parameters and constants, so that
the corners reach the instruction.
"""

from __future__ import annotations

from differential.body import Body
from differential.constants import as_i64, const, corner
from differential.families import PureOp
from differential.rule import statement

__all__ = ["see"]


def see(b: Body, t: str, value: str) -> str:
    """Mix a number into what is seen at the end."""
    turned = f"(i64.rotl (global.get $seen) (i64.const {b.draw.pick((1, 5, 9, 33))}))"
    return f"(global.set $seen (i64.xor {turned} {as_i64(t, value)}))"


@statement("integer", 4)
def _see(b: Body) -> str:
    t = b.draw.pick(b.plan.numbers)
    return see(b, t, b.expr(t))


@statement("corners", 14)
def _corners(b: Body) -> str | None:
    """A few instructions in a row."""
    if b.times > 3:
        return None
    count = b.draw.between(2, 6)
    b.size += count
    b.spend(count * 6)
    made = []
    for _ in range(count):
        ops = b.plan.pure_ops(b.draw.pick(b.plan.numbers))
        if ops:
            op = b.draw.pick(ops)
            made.append(see(b, op.result, _applied(b, op)))
    return " ".join(made)


def _applied(b: Body, op: PureOp) -> str:
    operands = [_operand(b, t) for t in op.params]
    if len(operands) == 2 and op.params[0] == op.params[1] and b.draw.chance(0.1):
        operands[1] = operands[0]
    text = f"({op.mnemonic} {' '.join(operands)})"
    condition = None if b.risky() else _sound(op, operands)
    if condition is None:
        return text
    other = const(op.result, b.draw.below(9))
    return f"(if (result {op.result}) {condition} (then {text}) (else {other}))"


def _operand(b: Body, t: str) -> str:
    """A parameter or local, or a corner; of no effect, so that it can be written twice."""
    known = b.readable_as(t)
    if known and b.draw.chance(0.6):
        return f"(local.get {b.draw.pick(known)})"
    return const(t, corner(b.draw, t))


def _sound(op: PureOp, operands: list[str]) -> str | None:
    """What must hold for the instruction not to trap; None where it never does."""
    t = op.params[0]
    if ".div_s" in op.mnemonic:
        least = const(t, 1 << (31 if t == "i32" else 63))
        overflows = (
            f"(i32.and ({t}.eq {operands[0]} {least}) ({t}.eq {operands[1]} ({t}.const -1)))"
        )
        return f"(i32.and ({t}.ne {operands[1]} ({t}.const 0)) (i32.eqz {overflows}))"
    if (".div_" in op.mnemonic or ".rem_" in op.mnemonic) and t[0] == "i":
        return f"({t}.ne {operands[1]} ({t}.const 0))"
    if ".trunc_f" in op.mnemonic:
        signed, width = op.mnemonic.endswith("_s"), int(op.result[1:])
        end = f"({t}.const {float(1 << (width - signed)).hex()})"
        if not signed:
            above = f"({t}.gt {operands[0]} ({t}.const -1.0))"
            return f"(i32.and ({t}.lt {operands[0]} {end}) {above})"
        return f"({t}.lt ({t}.abs {operands[0]}) {end})"
    return None
