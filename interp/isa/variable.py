"""Locals and globals (https://webassembly.github.io/spec/core/exec/instructions.html#variable-instructions)."""

from __future__ import annotations

from watloom.interp.isa.immediates import GLOBALIDX, LOCALIDX
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("variable")


@PROPOSAL.op("local.get", 0x20, LOCALIDX)
class LocalGet:
    """Push the value of a local."""

    def check(c: Checker, x: int) -> None:
        c.push(c.get_local(x))

    def step(m: Machine, x: int) -> None:
        m.push(m.locals[x])


@PROPOSAL.op("local.set", 0x21, LOCALIDX)
class LocalSet:
    """Pop a value into a local."""

    def check(c: Checker, x: int) -> None:
        c.pop(c.set_local(x))

    def step(m: Machine, x: int) -> None:
        m.locals[x] = m.pop()


@PROPOSAL.op("local.tee", 0x22, LOCALIDX)
class LocalTee:
    """Copy the top of the stack into a local."""

    def check(c: Checker, x: int) -> None:
        t = c.set_local(x)
        c.pop(t)
        c.push(t)

    def step(m: Machine, x: int) -> None:
        m.locals[x] = m.stack[-1]


@PROPOSAL.op("global.get", 0x23, GLOBALIDX, constant=True)
class GlobalGet:
    """Push the value of a global."""

    def check(c: Checker, x: int) -> None:
        c.push(c.global_(x).type)

    def step(m: Machine, x: int) -> None:
        m.push(m.global_(x).raw)


@PROPOSAL.op("global.set", 0x24, GLOBALIDX)
class GlobalSet:
    """Pop a value into a mutable global."""

    def check(c: Checker, x: int) -> None:
        t = c.global_(x)
        if not t.mutable:
            raise c.fail(
                f"immutable global: global {c.name('global', x)} is not declared mut",
                f"declare it as (mut {c.shown(t.type)})",
            )
        c.pop(t.type)

    def step(m: Machine, x: int) -> None:
        m.set_global(x, m.pop())


PROPOSAL.explain({
    "local.get": ("[] -> [t], where the local has type t", "(local.get $x) => i32 0"),
    "local.set": ("[t] -> [], where the local has type t",
                  "(local.set $x (i32.const 3)) (local.get $x) => i32 3"),
    "local.tee": ("[t] -> [t], where the local has type t",
                  "(i32.add (local.tee $x (i32.const 3)) (local.get $x)) => i32 6"),
    "global.get": ("[] -> [t], where the global has type t", "(global.get $global) => i32 5"),
    "global.set": ("[t] -> [], where the global has type mut t",
                   "(global.set $global (i32.const 3)) (global.get $global) => i32 3"),
})  # fmt: skip
