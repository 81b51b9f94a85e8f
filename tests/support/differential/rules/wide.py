"""Wide arithmetic: both halves of the result are looked at, or one of them."""

from __future__ import annotations

from differential.body import Body
from differential.constants import const, corner
from differential.rule import expression, of, statement
from differential.rules.corners import see
from differential.types import Type

__all__: list[str] = []

_OPS = (("i64.add128", 4), ("i64.sub128", 4), ("i64.mul_wide_s", 2), ("i64.mul_wide_u", 2))


@expression("wide-arithmetic", 3, of("i64"))
def _wide(b: Body, t: Type) -> str:
    """Both results mixed into one; or the low one, the high one having been dropped."""
    op, arity = b.draw.pick(_OPS)
    made = f"({op} {' '.join(b.expr('i64') for _ in range(arity))})"
    return f"({b.draw.pick(('i64.xor', 'i64.sub', 'i64.rotl', 'drop'))} {made})"


@statement("wide-arithmetic", 3)
def _corners(b: Body) -> str:
    """On corner values."""
    op, arity = b.draw.pick(_OPS)
    known = b.readable_as("i64")
    operands = [
        f"(local.get {b.draw.pick(known)})"
        if known and b.draw.chance(0.5)
        else const("i64", corner(b.draw, "i64"))
        for _ in range(arity)
    ]
    return see(b, "i64", f"({b.draw.pick(('i64.xor', 'drop'))} ({op} {' '.join(operands)}))")
