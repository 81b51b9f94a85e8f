"""Tail calls (https://webassembly.github.io/spec/core/exec/instructions.html#control-instructions)."""

from __future__ import annotations

from watloom.interp.core.matching import matches_vals
from watloom.interp.core.types import FuncType
from watloom.interp.isa.control import call_ref_type, indirect_callee, indirect_type, ref_callee
from watloom.interp.isa.immediates import FUNCIDX, TABLEIDX, TYPEIDX, TYPEUSE
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("tail-call")


def _check(c: Checker, t: FuncType) -> None:
    c.pop_all(t.params)
    if not matches_vals(t.results, c.results()):
        have, want = (" ".join(map(c.shown, ts)) or "nothing" for ts in (t.results, c.results()))
        raise c.fail(
            f"type mismatch: the function that is called gives {have}, this one {want}",
            "a tail call gives back what the called function gives; call it and return instead",
        )
    c.unreachable()


@PROPOSAL.op("return_call", 0x12, FUNCIDX)
class ReturnCall:
    """Call a function in place of the current one."""

    def check(c: Checker, x: int) -> None:
        _check(c, c.func(x).func)

    def step(m: Machine, x: int) -> None:
        m.tail_call(m.func(x))


@PROPOSAL.op("return_call_indirect", 0x13, TYPEUSE, TABLEIDX)
class ReturnCallIndirect:
    """Call the function in a table in place of the current one."""

    def check(c: Checker, typeidx: int, tableidx: int) -> None:
        _check(c, indirect_type(c, typeidx, tableidx))

    def step(m: Machine, typeidx: int, tableidx: int) -> None:
        m.tail_call(indirect_callee(m, typeidx, tableidx))


@PROPOSAL.op("return_call_ref", 0x15, TYPEIDX)
class ReturnCallRef:
    """Call the function that a reference refers to in place of the current one."""

    def check(c: Checker, typeidx: int | None) -> tuple[int] | None:
        found = call_ref_type(c, typeidx)
        if found is None:
            c.unreachable()
            return None
        _check(c, c.functype(found))
        return (found,) if typeidx is None else None

    def step(m: Machine, typeidx: int | None) -> None:
        m.tail_call(ref_callee(m))


PROPOSAL.explain({
    "return_call": ("[t3* t1*] -> [t4*], where the function takes t1* and gives what this one does",
                    "(return_call $double (i32.const 4)) => i32 8"),
    "return_call_indirect": ("[t3* t1* at] -> [t4*], where the type takes t1* and gives the same",
                             "(table.set $table (i32.const 2) (ref.func $double)) "
                             "(return_call_indirect $table (type $unary) (i32.const 4) "
                             "(i32.const 2)) => i32 8"),
    "return_call_ref": ("[t3* t1* (ref null x)] -> [t4*], where x takes t1* and gives the same",
                        "(return_call_ref $unary (i32.const 4) (ref.func $double)) => i32 8"),
})  # fmt: skip
