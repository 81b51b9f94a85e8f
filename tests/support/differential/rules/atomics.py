"""Atomic instructions on one thread; wait traps, as the memories are not shared.

What waits and notifies has no wild address: engines differ in which of two traps they report.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from differential.body import Body
from differential.plan import Plan
from differential.rule import expression, statement
from differential.rules.memory import place_of
from differential.types import Type
from watloom.interp.isa import threads

__all__: list[str] = []


@cache
def _accesses(kind: str) -> list[Any]:
    found = (op.data["access"] for op in threads.PROPOSAL.ops if "access" in op.data)
    return [access for access in found if f".atomic.{kind}" in access.mnemonic]


def _some_memory(plan: Plan) -> bool:
    return bool(plan.memories)


def _operands(access: Any) -> int:
    """The operands besides the address."""
    return 2 if "cmpxchg" in access.mnemonic else 1 if "rmw" in access.mnemonic else 0


@expression("threads", 4, lambda plan, t: t in ("i32", "i64") and bool(plan.memories))
def _atomic(b: Body, t: Type) -> str:
    """A load, a read-modify-write, or a notification of nobody."""
    fits = [a for kind in ("load", "rmw", "rmw") for a in _accesses(kind) if str(a.type) == t]
    access = b.draw.pick(fits + _accesses("notify") * (t == "i32"))
    values = [str(access.type)] * (1 if "notify" in access.mnemonic else _operands(access))
    where = place_of(b, access.size, wild="notify" not in access.mnemonic)
    return f"({access.mnemonic}{where} {' '.join(map(b.expr, values))})"


@statement("threads", 3, _some_memory)
def _store(b: Body) -> str:
    access = b.draw.pick(_accesses("store"))
    where = place_of(b, access.size)
    return f"({access.mnemonic}{where} {b.expr(str(access.type))})"


@statement("threads", 0.5)
def _fence(b: Body) -> str:
    return "(atomic.fence)"


@statement("threads", 0.3, lambda plan: bool(plan.memories and plan.risk))
def _wait(b: Body) -> str | None:
    access = b.draw.pick(_accesses("wait"))
    where = place_of(b, access.size, wild=False)
    return f"(drop ({access.mnemonic}{where} {b.expr(str(access.type))} (i64.const 0)))"
