"""`let`: blocks with locals of their own."""

from __future__ import annotations

from differential.body import Body, Label
from differential.rule import expression
from differential.types import Type, text

__all__: list[str] = []


@expression("let", 2)
def _let(b: Body, t: Type) -> str:
    """Its locals are read and written inside only; in a loop they are new each time."""
    types = [b.draw.pick(b.plan.numbers) for _ in range(b.draw.between(0, 3))]
    outer, inner = Label(b.fresh("l"), (t,)), Label(b.fresh("l"), (t,))
    with b.label(outer):
        operands = " ".join(map(b.expr, types))
    names = [b.fresh("let") for _ in types]
    own = list(zip(names, types, strict=True))
    declared = " ".join(f"(local {name} {t})" for name, t in own)
    with b.label(outer), b.label(inner), b.scope(own):
        value = b.expr(t)
        sets = " ".join(f"(local.set {name} {b.expr(t)})" for name, t in own if b.draw.chance(0.3))
        value = b.expr(t) if sets else value
    result = f"(result {text(t)})"
    made = f"(let {inner.name} {result} {declared} {sets} {value})"
    return f"(block {outer.name} {result} {operands} {made})"
