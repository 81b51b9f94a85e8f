"""What the compiler asks about types: those of blocks, and of instructions without a rule."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

from watloom.interp.compile.ir import Expr
from watloom.interp.core.errors import InvalidError
from watloom.interp.core.instr import Instr, Op
from watloom.interp.core.types import DefType, FuncType, ValType, close
from watloom.interp.isa.proposal import parse_signature
from watloom.interp.validate import ValidFunc, ValidModule
from watloom.interp.validate.checker import Checker

__all__ = ["OpTypes", "Typist"]

_FEW = 16


class OpTypes(NamedTuple):
    """What an instruction pops and pushes."""

    params: tuple[ValType, ...]
    results: tuple[ValType, ...]


class _Measured(Checker):
    """A validator that remembers how deep an instruction reached into the stack."""

    lowest = 0

    def pop(self, want: ValType | None = None) -> ValType | None:
        found = super().pop(want)
        self.lowest = min(self.lowest, len(self.operands))
        return found

    def drop(self, start: int) -> None:
        super().drop(start)
        self.lowest = min(self.lowest, start)


class Typist:
    """Types of one function's code."""

    def __init__(self, valid: ValidModule, func: ValidFunc) -> None:
        self.valid = valid
        self.func = func
        self._pure: dict[str, OpTypes] = {}

    def pure(self, op: Op) -> OpTypes:
        """The signature of a pure instruction."""
        if op.mnemonic not in self._pure:
            self._pure[op.mnemonic] = OpTypes(*parse_signature(op.signature))
        return self._pure[op.mnemonic]

    def block_type(self, block: Any) -> OpTypes:
        """The parameters and results of a block."""
        if block is None:
            return OpTypes((), ())
        if isinstance(block, int):
            t = self.functype(block)
            return OpTypes(t.params, t.results)
        return OpTypes((), (self.closed(block),))

    def closed(self, t: ValType) -> ValType:
        """A value type without TypeIdx."""
        return close(t, self.valid.types)

    def deftype(self, x: int) -> DefType:
        """The plain type at a typeidx."""
        found = self.valid.types[x]
        assert isinstance(found, DefType)
        return found

    def functype(self, x: int) -> FuncType:
        """The function type at a typeidx."""
        return self.deftype(x).func

    def types_of(self, instr: Instr, stack: list[Expr]) -> OpTypes:
        """What any instruction without control does to the stack."""
        if len(stack) > _FEW:  # hardly any instruction looks deeper, and the stack may be long
            with suppress(InvalidError):
                return self._types_of(instr, [e.type for e in stack[-_FEW:]])
        return self._types_of(instr, [e.type for e in stack])

    def _types_of(self, instr: Instr, stack: list[ValType]) -> OpTypes:
        checker = _Measured(
            self.valid.context, self.func.locals, (), len(self.func.locals), instr.at
        )
        checker.operands = list(stack)
        checker.origins = [0] * len(stack)
        checker.lowest = len(stack)
        checker.instr = instr
        instr.op.check(checker, *instr.args)
        pushed = tuple(t for t in checker.operands[checker.lowest :] if t is not None)
        return OpTypes(tuple(stack[checker.lowest :]), pushed)
