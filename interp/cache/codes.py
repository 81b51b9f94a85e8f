"""Compiled functions as plain data, and back.

A function's Python is kept as CPython's code; what only traps and tracebacks ask for (its source,
and what its columns mean) stands in a part of its own, which is looked at when they do.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

from watloom.interp.cache.plain import Reader, Unkeepable, Writer
from watloom.interp.compile.compiled import Compiled
from watloom.interp.compile.marks import Spot
from watloom.interp.core.features import PROPOSALS, Features
from watloom.interp.core.instr import Instr, Op
from watloom.interp.core.types import DefType, RefType
from watloom.interp.validate.valid import ValidModule

__all__ = ["Codes", "plain_code"]


def plain_code(compiled: Compiled) -> bytes:
    """A compiled function as bytes. Raises Unkeepable, ValueError."""
    writer = Writer()
    constants = {n: _constant(n, v, writer) for n, v in compiled.constants.items()}
    spots = {line: [tuple(spot) for spot in spots] for line, spots in compiled.spots.items()}
    shown = marshal.dumps((compiled.source, spots, compiled.ats))
    head = (compiled.name, compiled.tail_calls, writer.groups, constants)
    return marshal.dumps((*head, compiled.code, shown))


class Codes(dict[Any, Compiled]):
    """The compiled functions of a module from the cache; those that are kept come when asked for.

    A key is the function's index with what is counted: fuel, the clock.
    """

    def __init__(self, valid: ValidModule, kept: dict[Any, bytes]) -> None:
        super().__init__()
        self.valid = valid
        self.kept = kept

    def get(self, key: Any, default: Any = None) -> Any:
        """The function, from the cache where it is there."""
        if key not in self and key in self.kept:
            self[key] = _kept_code(self.valid, key[0], self.kept[key])
        return super().get(key, default)


class _KeptCode(Compiled):
    """A function from the cache: what was kept apart is looked at when somebody asks."""

    shown: bytes

    def __getattr__(self, name: str) -> Any:
        if name not in ("source", "spots", "ats"):
            raise AttributeError(name)
        self.source, spots, self.ats = marshal.loads(self.shown)
        self.spots = {line: [Spot(*spot) for spot in spots] for line, spots in spots.items()}
        return getattr(self, name)


def _kept_code(valid: ValidModule, index: int, data: bytes) -> Compiled:
    name, tail_calls, groups, constants, code, shown = marshal.loads(data)
    made = _KeptCode.__new__(_KeptCode)
    reader = Reader(groups, [])
    made.name, made.tail_calls, made.shown = name, tail_calls, shown
    made.func = valid.funcs[index - valid.funcs[0].index]
    made.constants = {n: _made_constant(v, reader) for n, v in constants.items()}
    made.publish(valid)
    made._code = _renamed(code, made.filename)
    return made


def _renamed(code: CodeType, filename: str) -> CodeType:
    """Code, and the code in it, with another file name."""
    inner = tuple(_renamed(c, filename) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_filename=filename, co_consts=inner)


# ------------------------------------------------------------------ what the code refers to


def _constant(name: str, value: Any, w: Writer) -> Any:
    kind = name.partition("_")[0]
    if kind == "step":
        instr, results = value
        args = [w.immediate(arg) for arg in instr.args]
        return "step", instr.op.opcode, args, instr.at, results
    if kind == "op":
        return "op", _opcode_of(value)
    if kind == "atomic":
        return "atomic", _atomic_of(value)
    if isinstance(value, RefType):
        return "type", w.storage(value)
    if isinstance(value, DefType):
        return "heap", w.heap(value)
    return "plain", value


def _made_constant(plain: Any, r: Reader) -> Any:
    match plain:
        case ("step", opcode, args, at, results):
            return Instr(_ops()[opcode], tuple([r.immediate(arg) for arg in args]), at), results
        case ("op", opcode):
            return _ops()[opcode].pure
        case ("atomic", mnemonic):
            from watloom.interp.compile.atomics import FUNCTIONS

            return FUNCTIONS[mnemonic]
        case ("type", t):
            return r.storage(t)
        case ("heap", heap):
            return r.heap(heap)
    return plain[1]


@cache
def _ops() -> dict[tuple[int, ...], Op]:
    """All instructions that are built, by opcode."""
    from watloom.interp.isa import op_table

    return op_table(Features(frozenset(PROPOSALS))).by_opcode


def _opcode_of(pure: Callable[..., Any]) -> tuple[int, ...]:
    for opcode, op in _ops().items():
        if op.pure is pure:
            return opcode
    raise Unkeepable(repr(pure))


def _atomic_of(function: Callable[..., Any]) -> str:
    from watloom.interp.compile.atomics import FUNCTIONS

    for mnemonic, known in FUNCTIONS.items():
        if known is function:
            return mnemonic
    raise Unkeepable(repr(function))
