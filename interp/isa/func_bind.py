"""func.bind: closures from function references (function-references proposal, first generation)."""

from __future__ import annotations

from watloom.interp.core.matching import matches_vals
from watloom.interp.core.types import AbsHeap, DefType, FuncType, RefType
from watloom.interp.isa.immediates import TYPEUSE
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

URL = "https://github.com/WebAssembly/function-references/blob/7c9e3fb8/proposals/function-references/Overview.md"

PROPOSAL = Proposal("func-bind", url=URL)


@PROPOSAL.op("func.bind", 0x16, TYPEUSE)
class FuncBind:
    """Bind the leading parameters of a function; the immediate is the type of what results."""

    def check(c: Checker, x: int) -> None:
        want = c.functype(x)
        reference = c.pop()
        result = RefType(False, c.deftype(x))
        if reference is None:
            c.unreachable()  # how many operands are bound is not known
            c.push(result)
            return
        if isinstance(reference, RefType) and reference.heap in (AbsHeap.NOFUNC, AbsHeap.BOT):
            c.unreachable()  # null: it traps
            c.push(result)
            return
        heap = reference.heap if isinstance(reference, RefType) else None
        have = heap.comp if isinstance(heap, DefType) else None
        if not isinstance(have, FuncType):
            raise c.fail(
                f"type mismatch: func.bind wants a reference to a function type, "
                f"but got {c.shown(reference)}",
                "its type must be known, as in (ref $t); ref.cast makes one of a funcref",
            )
        bound = len(have.params) - len(want.params)
        rest = have.params[max(bound, 0) :]
        fits = (
            (rest == want.params and have.results == want.results)
            if c.legacy  # the proposal's tests demand equal types
            else matches_vals(want.params, rest) and matches_vals(have.results, want.results)
        )
        if bound < 0 or not fits:
            raise c.fail(
                f"type mismatch: func.bind cannot make {c.shown(want)} of {c.shown(have)}",
                "it binds leading parameters; those that are left and the results stay the same",
            )
        c.pop_all(have.params[:bound])
        c.push(result)

    def step(m: Machine, x: int) -> None:
        func = m.pop()
        if func is None:
            raise m.trap("null function reference")
        result = m.deftype(x)
        bound = len(func.type.func.params) - len(result.func.params)
        m.push(m.bind(func, m.pop_many(bound), result))


PROPOSAL.explain({
    "func.bind": ("[t1* (ref null x)] -> [(ref y)], where x takes t1* before what y takes",
                  "(call_ref $nullary (func.bind (type $nullary) (i32.const 4) "
                  "(ref.func $double))) => i32 8"),
})  # fmt: skip
