"""Legacy exceptions: a `try` is a region whose clauses are the handlers inside of it.

try                          block 0:  Try(x0, body 2, clause $e → 1)
  call $f                    block 2:  f(); Goto after                in region 1
catch $e                     block 1:  the handler, x0.values on its stack
  rethrow 0                            Throw(x0)
end
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watloom.interp.compile.control import Open, end, leave_to, open_
from watloom.interp.compile.handlers import EXN, enter_region, values_of
from watloom.interp.compile.ir import Clause, Throw
from watloom.interp.compile.rules import rule
from watloom.interp.core.instr import Instr

if TYPE_CHECKING:
    from watloom.interp.compile.build import Builder


@rule("try")
def try_(b: Builder, instr: Instr) -> None:
    handlers = b.func.body.handlers[b.pc]
    params, results = b.typist.block_type(instr.args[0])
    b.settle_all()
    out = tuple(b.fresh(t, "r") for t in results)
    after = b.new_block()
    control = Open("try", after, out, after, out, len(b.stack) - len(params))
    control.caught = b.fresh(EXN, "x")
    clauses = [Clause(handler.tag, b.new_block()) for handler in handlers.own]
    control.handlers = [clause.target for clause in clauses]
    open_(b, control)
    if handlers.delegate is None:
        taken: dict[int | None, Clause] = {}
        for clause in clauses:
            if None not in taken:
                taken.setdefault(clause.tag, clause)
        if taken:
            enter_region(b, control.caught, list(taken.values()))
    else:
        outward = b.opens[:-1][::-1]
        to = outward[handlers.delegate].inside if handlers.delegate < len(outward) else 0
        if to != b.region:
            enter_region(b, control.caught, (), to)


@rule("catch", "catch_all")
def catch(b: Builder, instr: Instr) -> None:
    control = b.opens[-1]
    leave_to(b, control)
    b.cut(control.below)
    b.region = control.inside = control.region
    b.here = b.blocks[control.handlers.pop(0)]
    if instr.args:
        assert control.caught is not None
        for value in values_of(b, instr.args[0], control.caught):
            b.push(value)


@rule("delegate")
def delegate(b: Builder, instr: Instr) -> None:
    end(b, instr)


@rule("rethrow")
def rethrow(b: Builder, instr: Instr) -> None:
    caught = b.opens[-1 - instr.args[0]].caught
    assert caught is not None
    b.effect()
    b.finish(Throw(None, (caught,), b.at))
