"""`let`: a block with locals of its own (function-references proposal, first generation).

    i32.const 1                      i32.const 1
    let (local $z i32)      →        local.set 5        (a new local of the function)
      local.get $z                   block
      local.get $x                     local.get 5
    end                                local.get 0
                                     end

The locals are prepended to the index space, and the last one takes the topmost operand. The
validator reads it as what stands on the right, which is why neither executor knows of it.
https://github.com/WebAssembly/function-references/blob/7c9e3fb8/proposals/function-references/Overview.md
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, NamedTuple

from watloom.interp.core.errors import Bug
from watloom.interp.core.instr import BlockType, Expr, Immediate, Instr, Reader, Writer
from watloom.interp.core.types import ValType
from watloom.interp.isa.control import PROPOSAL as CONTROL
from watloom.interp.isa.immediates import BLOCKTYPE, LOCALIDX, SHAPES
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine
from watloom.interp.isa.variable import PROPOSAL as VARIABLE

__all__ = ["LOCALS", "PROPOSAL", "expand"]

URL = "https://github.com/WebAssembly/function-references/blob/7c9e3fb8/proposals/function-references/Overview.md"

PROPOSAL = Proposal("let", url=URL)

_MOST = 50_000  # locals of one function, as in the decoder


def _read_locals(r: Reader) -> tuple[ValType, ...]:
    found: list[ValType] = []
    for _ in range(r.u32()):
        count = r.u32()
        if len(found) + count > _MOST:
            raise r.fail("too many locals")
        found += [r.valtype()] * count
    return tuple(found)


def _write_locals(w: Writer, types: tuple[ValType, ...]) -> None:
    runs = [(t, len(list(run))) for t, run in groupby(types)]
    w.u32(len(runs))
    for t, count in runs:
        w.u32(count)
        w.valtype(t)


#: The types of the locals.
LOCALS = Immediate(name="local*", read=_read_locals, write=_write_locals)
SHAPES[BLOCKTYPE, LOCALS] = "LET"


@PROPOSAL.op("let", 0x17, BLOCKTYPE, LOCALS)
class Let:
    """A block whose locals take the topmost operands."""

    def check(c: Checker, block: BlockType, types: tuple[ValType, ...]) -> None:
        c.pop_all(types)
        c.enter("let", block)

    def step(m: Machine, block: BlockType, types: tuple[ValType, ...]) -> None:
        raise Bug("a `let` that was not expanded")


PROPOSAL.explain({
    "let": ("[t1* t*] -> [t2*], as its type says, where its locals have types t*",
            "(i32.const 7) (let (result i32) (local $z i32) (i32.mul (local.get $z) "
            "(local.get $z))) => i32 49"),
})  # fmt: skip

_OPS = {op.mnemonic: op for op in (*CONTROL.ops, *VARIABLE.ops)}


class Expanded(NamedTuple):
    """Code without `let`; the locals to add, each with the offset of its `let`; and where each
    instruction stands now."""

    code: Expr
    locals: list[tuple[ValType, int]]
    places: list[int]


def expand(code: Expr, count: int) -> Expanded:
    """The code without `let`, for a function that has `count` parameters and locals."""
    added: list[tuple[ValType, int]] = []
    opened: list[range | None] = []  # for each open block, the locals if it is a `let`
    made: Expr = []
    places: list[int] = []

    def local(x: int) -> int:
        for own in reversed([own for own in opened if own is not None]):
            if x < len(own):
                return own[x]
            x -= len(own)
        return x if x < count else x + len(added)  # one that does not exist remains so

    for instr in code:
        if instr.op.mnemonic == "let":
            block, types = instr.args
            own = range(count + len(added), count + len(added) + len(types))
            added += [(t, instr.at) for t in types]
            made += [Instr(_OPS["local.set"], (x,), instr.at) for x in reversed(own)]
            places.append(len(made))
            made.append(Instr(_OPS["block"], (block,), instr.at))
            opened.append(own)
            continue
        if LOCALIDX in instr.op.immediates:
            instr = Instr(instr.op, _moved(instr, local), instr.at)
        elif BLOCKTYPE in instr.op.immediates:
            opened.append(None)
        elif instr.op.mnemonic in ("end", "delegate") and opened:
            opened.pop()
        places.append(len(made))
        made.append(instr)
    return Expanded(made, added, places)


def _moved(instr: Instr, local: Any) -> tuple[Any, ...]:
    pairs = zip(instr.op.immediates, instr.args, strict=True)
    return tuple(local(arg) if kind is LOCALIDX else arg for kind, arg in pairs)
