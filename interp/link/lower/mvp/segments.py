"""Which data segments are copied in known parts only: stores of constants do that, without a heap.

(i32.const 0) (i32.const 5) memory.init $d        wherever the first operand leads
"""

from __future__ import annotations

from collections import Counter

from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import Export, Kind, Module, Passive

__all__ = ["MOST_KNOWN", "known_segments"]

#: The most bytes that are written by stores of constants: they take twice the room in code.
MOST_KNOWN = 1 << 12


def known_segments(module: Module, first_func: int) -> set[int]:
    """The passive segments of which only known parts are ever copied.

    One that is dropped is not among them, unless it is copied once and dropped at once, by a start
    function that runs once: so lowering itself writes segments that are copied late.
    """
    known = {x for x, data in enumerate(module.datas) if isinstance(data.mode, Passive)}
    copied: Counter[int] = Counter()
    dropped: set[int] = set()
    once = None if module.start is None else module.start.func
    if once is None or not _runs_once(module, once):
        once = None
    for number, func in enumerate(module.funcs, first_func):
        for pc, instr in enumerate(func.body):
            if instr.op.mnemonic == "memory.init":
                copied[instr.args[0]] += 1
                before = func.body[max(pc - 2, 0) : pc]
                if not _is_known(before, len(module.datas[instr.args[0]].init)):
                    known.discard(instr.args[0])
            elif instr.op.mnemonic == "data.drop":
                x = instr.args[0]
                if x in dropped or not _at_once(func.body, pc) or number != once:
                    known.discard(x)
                dropped.add(x)
    return {x for x in known if x not in dropped or copied[x] == 1}


def _is_known(before: Expr, length: int) -> bool:
    """Whether the two instructions say which part, and it is there."""
    if [instr.op.mnemonic for instr in before] != ["i32.const"] * 2:
        return False
    start, count = (instr.args[0] for instr in before)
    return bool(count <= MOST_KNOWN and start + count <= length)


def _at_once(code: Expr, pc: int) -> bool:
    last = code[pc - 1] if pc else code[pc]
    return last.op.mnemonic == "memory.init" and bool(last.args[0] == code[pc].args[0])


def _runs_once(module: Module, func: int) -> bool:
    """Whether the start function has no loops, and nobody else can call it."""
    if func < module.first_func:
        return False
    if any(
        isinstance(e, Export) and (e.kind, e.index) == (Kind.FUNC, func) for e in module.exports
    ):
        return False
    codes = [own.body for own in module.funcs]
    codes += [item for elem in module.elems for item in elem.init]
    own = func - module.first_func
    straight = all(i.op.mnemonic != "loop" for i in module.funcs[own].body)
    return straight and not any(_names(i, func) for code in codes for i in code)


def _names(instr: Instr, func: int) -> bool:
    kinds = instr.op.immediates
    return any(k.space == "func" and x == func for k, x in zip(kinds, instr.args, strict=True))
