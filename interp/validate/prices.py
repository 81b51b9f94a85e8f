"""What the basic blocks of a function cost, as fuel.

    local.get $x      ← 3: local.get, i32.eqz, br_if
    i32.eqz
    br_if 0
    local.get $x      ← 2: local.get, call; a call does not end a block, its callee pays for itself
    call $f
    loop $l           ← 1: br; a round pays again
      br $l
    end

A block begins at the start, at a `loop`, behind what may branch, and behind `else` and `end`. The
structure itself is free.
"""

from __future__ import annotations

from watloom.interp.core.instr import Expr, Instr
from watloom.interp.isa.control import DELIMITERS

__all__ = ["prices"]

_FREE = DELIMITERS | {"block", "loop", "try_table", "try"}
_JOINS = DELIMITERS | {"if"}


def prices(code: Expr) -> dict[int, int]:
    """For each place where a block of any cost begins, the number of its instructions.

    >>> from watloom.interp.isa import op_table
    >>> from watloom.interp.core.features import WASM3
    >>> ops = op_table(WASM3)
    >>> names = ["nop", "loop", "nop", "nop", "end", "nop"]
    >>> prices([Instr(ops.by_mnemonic[name][0]) for name in names])
    {0: 1, 1: 2, 5: 1}
    """
    found: dict[int, int] = {}
    start = cost = 0
    for pc, instr in enumerate(code):
        mnemonic = instr.op.mnemonic
        if mnemonic == "loop":
            if cost:
                found[start] = cost
            start, cost = pc, 0
        if mnemonic not in _FREE:
            cost += 1
        if mnemonic in _JOINS or _branches(instr):
            if cost:
                found[start] = cost
            start, cost = pc + 1, 0
    if cost:
        found[start] = cost
    return found


def _branches(instr: Instr) -> bool:
    return any(immediate.space == "label" for immediate in instr.op.immediates)
