"""Legacy exceptions: `try` with handlers inside of it, as engines had it before `try_table`
(https://github.com/WebAssembly/exception-handling/blob/main/proposals/exception-handling/legacy/Exceptions.md).
"""

from __future__ import annotations

from watloom.interp.core.instr import BlockType
from watloom.interp.isa.immediates import BLOCKTYPE, LABELIDX, OUTERLABEL, TAGIDX
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

URL = "https://github.com/WebAssembly/exception-handling/blob/main/proposals/exception-handling/legacy/Exceptions.md"

PROPOSAL = Proposal("legacy-exceptions", url=URL)


@PROPOSAL.op("try", 0x06, BLOCKTYPE)
class Try:
    """A block with handlers behind its code, for what is thrown in it."""

    def check(c: Checker, block: BlockType) -> None:
        c.enter("try", block)

    def step(m: Machine, block: BlockType) -> None:
        m.enter_try(block)


@PROPOSAL.op("catch", 0x07, TAGIDX)
class Catch:
    """A handler for exceptions of a tag, which begins with the tag's values; run into, it ends."""

    def check(c: Checker, x: int) -> None:
        c.handler("catch", x, c.tag(x).params)

    def step(m: Machine, x: int) -> None:
        m.leave()


@PROPOSAL.op("catch_all", 0x19)
class CatchAll:
    """A handler for all exceptions; run into, it ends."""

    def check(c: Checker) -> None:
        c.handler("catch_all", None, ())

    def step(m: Machine) -> None:
        m.leave()


@PROPOSAL.op("delegate", 0x18, OUTERLABEL)
class Delegate:
    """The end of a `try` whose exceptions go to an outer block, as if thrown in that."""

    def check(c: Checker, label: int) -> None:
        c.delegate(label)

    def step(m: Machine, label: int) -> None:
        m.leave()


@PROPOSAL.op("rethrow", 0x09, LABELIDX)
class Rethrow:
    """In a handler, throw the exception again that the `try` of the label has caught."""

    def check(c: Checker, label: int) -> None:
        if not c.catches(label):
            raise c.fail(
                f"invalid rethrow label {label}: it is not that of a `catch`",
                "rethrow throws again what a handler around it has caught: name that try",
            )
        c.unreachable()

    def step(m: Machine, label: int) -> None:
        m.throw(m.caught_at(label))


_CAUGHT = "(throw $oops (i32.const 7))"

PROPOSAL.explain({
    "try": ("[t1*] -> [t2*], as its type says",
            f"try (result i32) {_CAUGHT} i32.const 1 catch $oops end => i32 7"),
    "catch": ("[t2*] -> [t*] of its `try`, where the tag has values t*",
              f"try (result i32) {_CAUGHT} i32.const 1 catch $oops end => i32 7"),
    "catch_all": ("[t2*] -> [] of its `try`",
                  f"try (result i32) {_CAUGHT} i32.const 1 catch_all i32.const 2 end => i32 2"),
    "delegate": ("[t2*] -> [t2*] of its `try`",
                 f"try $outer (result i32) try {_CAUGHT} delegate $outer i32.const 1 "
                 "catch $oops end => i32 7"),
    "rethrow": ("[t1*] -> [t2*], in a handler of the `try` with the label",
                f"try $it {_CAUGHT} catch $oops rethrow $it end => exception"),
})  # fmt: skip
