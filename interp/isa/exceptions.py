"""Exceptions (https://webassembly.github.io/spec/core/exec/instructions.html#control-instructions)."""

from __future__ import annotations

from watloom.interp.core.instr import BlockType, Catch
from watloom.interp.core.types import AbsHeap, RefType, ValType
from watloom.interp.isa.immediates import BLOCKTYPE, CATCHES, TAGIDX
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("exceptions")

_EXN = RefType(False, AbsHeap.EXN)


def _carried(c: Checker, catch: Catch) -> tuple[ValType, ...]:
    """What a catch clause gives to its label."""
    values = () if catch.tag is None else c.tag(catch.tag).params
    return (*values, _EXN) if catch.ref else values


def _check_catch(c: Checker, catch: Catch) -> None:
    """Catch_ok: what the clause gives must be what its label takes."""
    have, want = _carried(c, catch), c.label(catch.label)
    if len(have) != len(want) or not all(map(c.matches, have, want)):
        gives, takes = (" ".join(map(c.shown, types)) or "nothing" for types in (have, want))
        tag = "" if catch.tag is None else f" of tag {c.name('tag', catch.tag)}"
        raise c.fail(
            f"type mismatch: {catch.mnemonic}{tag} gives {gives}, but its label takes {takes}",
            "the label of a catch clause stands outside of the try_table; "
            "its block's results are the tag's values, then the exception where it is asked for",
        )


@PROPOSAL.op("throw", 0x08, TAGIDX)
class Throw:
    """Make an exception of a tag and its values, and throw it."""

    def check(c: Checker, x: int) -> None:
        c.pop_all(c.tag(x).params)
        c.unreachable()

    def step(m: Machine, x: int) -> None:
        m.throw(m.exception(m.tag(x)))


@PROPOSAL.op("throw_ref", 0x0A)
class ThrowRef:
    """Throw an exception again; null traps."""

    def check(c: Checker) -> None:
        c.pop(RefType(True, AbsHeap.EXN))
        c.unreachable()

    def step(m: Machine) -> None:
        exception = m.pop()
        if exception is None:
            raise m.trap("null exception reference")
        m.throw(exception)


@PROPOSAL.op("try_table", 0x1F, BLOCKTYPE, CATCHES)
class TryTable:
    """A block whose clauses catch what is thrown inside: the first that fits branches."""

    def check(c: Checker, block: BlockType, catches: tuple[Catch, ...]) -> None:
        c.block_type(block)  # its mistakes are told before those of the clauses
        for catch in catches:
            _check_catch(c, catch)
        c.enter("try_table", block)

    def step(m: Machine, block: BlockType, catches: tuple[Catch, ...]) -> None:
        m.enter(block, catches=catches)


PROPOSAL.explain({
    "throw": ("[t1* t*] -> [t2*], where the tag has values t*",
              "(throw $oops (i32.const 1)) => exception"),
    "throw_ref": ("[t1* exnref] -> [t2*]",
                  "(throw_ref (ref.null exn)) => trap null exception reference"),
    "try_table": ("[t1*] -> [t2*], as its type says",
                  "(block $caught (result i32) (try_table (catch $oops $caught) "
                  "(throw $oops (i32.const 7))) (i32.const 1)) => i32 7"),
})  # fmt: skip
