"""Atomic accesses as calls of Python functions, one for each width and change.

    i32.atomic.rmw.add (local.get $p) (i32.const 1)    →    t0 = atomic_0_0(M0, p_, 1)

M0 is memory 0 itself, with its lock. `wait`, `notify` and `fence` run their own steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from watloom.interp.compile.arith import exact
from watloom.interp.compile.effects import address_of
from watloom.interp.compile.ir import Call, Expr, node
from watloom.interp.compile.marks import marked
from watloom.interp.compile.render import ATOM, Rendered, Writer, text_of
from watloom.interp.compile.rules import RULES
from watloom.interp.core.errors import Trap
from watloom.interp.core.instr import Instr, Op
from watloom.interp.core.types import I32
from watloom.interp.isa.memory import Access
from watloom.interp.isa.threads import PROPOSAL
from watloom.interp.runtime.memory import Memory

if TYPE_CHECKING:
    from watloom.interp.compile.build import Builder

__all__ = ["FUNCTIONS"]

Function = Callable[..., Any]

#: By mnemonic, the functions that compiled code calls.
FUNCTIONS: dict[str, Function] = {}


def _check(memory: Memory, start: int, size: int) -> None:
    if start % size:
        raise Trap("unaligned atomic")
    if start + size > len(memory.data):
        raise Trap("out of bounds memory access")


def _load(size: int) -> Function:
    def load(memory: Memory, start: int) -> int:
        _check(memory, start, size)
        with memory.lock:
            return int.from_bytes(memory.data[start : start + size], "little")

    return load


def _store(size: int) -> Function:
    mask = (1 << 8 * size) - 1

    def store(memory: Memory, start: int, value: int) -> None:
        _check(memory, start, size)
        with memory.lock:
            memory.data[start : start + size] = (value & mask).to_bytes(size, "little")

    return store


def _rmw(size: int, change: Callable[[int, int], int]) -> Function:
    mask = (1 << 8 * size) - 1

    def read_modify_write(memory: Memory, start: int, value: int) -> int:
        _check(memory, start, size)
        with memory.lock:
            data = memory.data
            old = int.from_bytes(data[start : start + size], "little")
            data[start : start + size] = (change(old, value) & mask).to_bytes(size, "little")
        return old

    return read_modify_write


def _cmpxchg(size: int) -> Function:
    mask = (1 << 8 * size) - 1

    def compare_exchange(memory: Memory, start: int, expected: int, value: int) -> int:
        _check(memory, start, size)
        with memory.lock:
            data = memory.data
            old = int.from_bytes(data[start : start + size], "little")
            if old == expected & mask:
                data[start : start + size] = (value & mask).to_bytes(size, "little")
        return old

    return compare_exchange


def _function(op: Op, access: Access) -> tuple[Function, int, bool] | None:
    """The function of an access, its operands besides the address, and whether it gives one."""
    if op.mnemonic.startswith("memory."):
        return None
    if ".atomic.load" in op.mnemonic:
        return _load(access.size), 0, True
    if ".atomic.store" in op.mnemonic:
        return _store(access.size), 1, False
    if "cmpxchg" in op.mnemonic:
        return _cmpxchg(access.size), 2, True
    return _rmw(access.size, op.data["change"]), 1, True


def _declare(op: Op, access: Access, function: Function, operands: int, gives: bool) -> None:
    def rule(b: Builder, instr: Instr) -> None:
        memarg = instr.args[0]
        values = [exact(e) for e in b.pop_many(operands)]
        address = address_of(b, memarg)
        b.effect()
        names = (b.fresh(access.type),) if gives else ()
        value = (memarg.mem, function)
        call = node("atomic", (address, *values), I32, value=value, traps=True, at=instr.at)
        b.do(Call(tuple(str(name.value) for name in names), call, instr.at))
        b.stack.extend(names)

    RULES[op.mnemonic] = rule
    FUNCTIONS[op.mnemonic] = function


for _op in PROPOSAL.ops:
    _found = _function(_op, _op.data["access"]) if "access" in _op.data else None
    if _found is not None:
        _declare(_op, _op.data["access"], *_found)


@text_of("atomic")
def _atomic(w: Writer, e: Expr) -> Rendered:
    memory, function = e.value
    args = ", ".join([f"M{memory}", *(w.text(w.clean(a)) for a in e.args)])
    return marked(f"{w.constant('atomic_', function)}({args})", e.at, ""), ATOM
