"""Reading code: expressions and function bodies
(https://webassembly.github.io/spec/core/binary/instructions.html).

A table made of the instruction set says for each opcode what follows it, so that the loop over a
function's bytes knows no instruction by name but `else` and `end`. Nesting is a list of open
blocks, not recursion.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from watloom.interp.core.errors import MalformedError, Note
from watloom.interp.core.features import Features
from watloom.interp.core.instr import Expr, Instr, Op, Reader
from watloom.interp.core.module import Local
from watloom.interp.core.source import Span
from watloom.interp.isa import op_table, switched_off
from watloom.interp.isa.immediates import BLOCKTYPE, DATAIDX
from watloom.parser import binary_messages as msg
from watloom.parser.decode_bytes import plural
from watloom.parser.decode_types import TypeReader
from watloom.parser.leb128 import read_unsigned

__all__ = ["LOCALS_LIMIT", "MODULE_LOCALS_LIMIT", "CodeReader"]

#: What other engines allow too. Locals are declared in runs: with no limit, few bytes ask for much.
LOCALS_LIMIT = 50_000
MODULE_LOCALS_LIMIT = 5_000_000

# What an opcode does besides standing in the code.
_PLAIN, _OPENS, _PART, _END, _DATA = range(5)
_ROLES = {"end": _END, "delegate": _END, "else": _PART, "catch": _PART, "catch_all": _PART}

#: What each part of a block may follow on.
_BEHIND = {
    "else": ("if",), "catch": ("try", "catch"), "catch_all": ("try", "catch"), "delegate": ("try",),
}  # fmt: skip

#: Opcodes behind a prefix that proposals have claimed: the first and the last of each range.
_CLAIMED = {0xFB: (0x20, 0x26, "custom-descriptors")}


#: Bytes that a number follows, which says with them what instruction it is.
_PREFIXES = (0xFB, 0xFC, 0xFD, 0xFE)


class _Entry(NamedTuple):
    op: Op
    reads: tuple[Callable[[Reader], Any], ...]
    role: int


class _Dispatch(NamedTuple):
    single: list[_Entry | None]
    prefixed: dict[tuple[int, ...], _Entry]


@lru_cache(maxsize=16)
def _dispatch(features: Features) -> _Dispatch:
    """For each opcode, the op, how its immediates are read, and its role."""
    single: list[_Entry | None] = [None] * 256
    prefixed: dict[tuple[int, ...], _Entry] = {}
    for opcode, op in op_table(features).by_opcode.items():
        role = _ROLES.get(op.mnemonic, _PLAIN)
        if BLOCKTYPE in op.immediates:
            role = _OPENS
        elif DATAIDX in op.immediates:
            role = _DATA
        entry = _Entry(op, tuple(immediate.read for immediate in op.immediates), role)
        if len(opcode) == 1:
            single[opcode[0]] = entry
        else:
            prefixed[opcode] = entry
    return _Dispatch(single, prefixed)


class CodeReader(TypeReader):
    """A reader that knows instructions."""

    __slots__ = ("current", "data_use", "locals_total")

    def __init__(self, data: bytes, pos: int, end: int, features: Features) -> None:
        super().__init__(data, pos, end, features)
        self.current: tuple[int, Op] | None = None
        """Where the instruction being read stands, and its op."""
        self.data_use: tuple[int, Op] | None = None
        """The first instruction that refers to a data segment."""
        self.locals_total = 0

    def fail(self, message: str) -> MalformedError:
        """The error that an immediate complains of."""
        at, op = self.current or (self.pos, None)
        known = msg.BY_WORDS.get(message)
        if known is None:  # an immediate of a new proposal, which has no entry yet
            return MalformedError(message, span=Span(at))
        return known(at, mnemonic=op.mnemonic if op else "an instruction")

    def expr(self) -> Expr:
        """Code up to the `end` that belongs to none of its blocks, which is left out."""
        data, end = self.data, self.end
        single = _dispatch(self.features).single
        code: Expr = []
        opened: list[tuple[int, str]] = []  # where a block begins, and its latest part
        while True:
            at = self.pos
            if at >= end:
                raise self._unclosed(opened)
            self.pos = at + 1
            entry = single[data[at]] or self._prefixed(at)
            op, reads, role = entry
            if not reads:
                if role == _END:
                    if not opened:
                        return code
                    opened.pop()
                elif role == _PART:
                    self._part(at, op, opened)
                code.append(Instr(op, (), at))
                continue
            self.current = (at, op)
            if len(reads) == 1:
                args: tuple[Any, ...] = (reads[0](self),)
            else:
                args = tuple([read(self) for read in reads])
            if role == _OPENS:
                opened.append((at, op.mnemonic))
            elif role in (_PART, _END):
                self._part(at, op, opened)
                if role == _END:
                    opened.pop()
            elif role == _DATA and self.data_use is None:
                self.data_use = (at, op)
            code.append(Instr(op, args, at))

    def _prefixed(self, at: int) -> _Entry:
        """The entry of an opcode that isn't a lone byte; raises for one that doesn't exist."""
        first = self.data[at]
        dispatch = _dispatch(self.features)
        if first not in _PREFIXES:
            raise self._illegal(at, (first,))
        second, self.pos = read_unsigned(self.data, at + 1, self.end, 32)
        entry = dispatch.prefixed.get((first, second))
        if entry is None:
            found = f"{first:02x} {second:02x}"
            low, high, feature = _CLAIMED.get(first, (1, 0, ""))
            if low <= second <= high:
                raise msg.not_built(feature, at, "illegal opcode", found)
            raise self._illegal(at, (first, second))
        return entry

    @staticmethod
    def _illegal(at: int, opcode: tuple[int, ...]) -> MalformedError:
        """An opcode of no instruction that is on."""
        found, op = " ".join(f"{n:02x}" for n in opcode), switched_off(opcode)
        if op is None:
            return msg.illegal_opcode(at, found=found)
        extra: dict[str, Any] = {"feature": op.proposal}
        return msg.opcode_off(at, found=found, op=op.mnemonic, proposal=op.proposal, extra=extra)

    def _part(self, at: int, op: Op, opened: list[tuple[int, str]]) -> None:
        """Note that the innermost block goes on with another part, or ends by `delegate`."""
        if not (opened and opened[-1][1] in _BEHIND[op.mnemonic]):
            raise self._misplaced(at, opened)
        opened[-1] = (opened[-1][0], op.mnemonic)

    def _unclosed(self, opened: list[tuple[int, str]]) -> MalformedError:
        error = self.ended("`end`")
        if opened:
            text = f"{plural(len(opened), 'block')} open; the innermost begins here"
            error.notes.append(Note(text, Span(opened[-1][0])))
        return error

    def _misplaced(self, at: int, opened: list[tuple[int, str]]) -> MalformedError:
        error = msg.end_expected(at)
        if opened:
            error.notes.append(Note("the innermost open block begins here", Span(opened[-1][0])))
        return error

    def locals(self) -> list[Local]:
        """The declared locals of a function, from runs of a count and a type."""
        start = self.pos
        runs: list[tuple[int, Local]] = []
        for _ in range(self.count("runs of locals")):
            count = self.u32()
            at = self.pos
            runs.append((count, Local(self.valtype(), at)))
        total = sum(count for count, _ in runs)
        if total > LOCALS_LIMIT:
            raise msg.too_many_locals(start, count=total, where="a function", limit=LOCALS_LIMIT)
        self.locals_total += total
        if self.locals_total > MODULE_LOCALS_LIMIT:
            count, limit = self.locals_total, MODULE_LOCALS_LIMIT
            raise msg.too_many_locals(start, count=count, where="the functions so far", limit=limit)
        found: list[Local] = []
        for count, local in runs:
            found += [local] * count
        return found
