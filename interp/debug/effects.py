"""What each instruction takes from the operand stack and leaves on it, with types.

The machine's operands are bare Python numbers; whether 4294967295 is an i32 of -1 or an i64 is
known only to the validator. So its rules are run once more over a function that is looked at:

    local.get 0     ()          → (i32)
    i32.const 1     ()          → (i32)
    i32.add         (i32 i32)   → (i32)
"""

from __future__ import annotations

from typing import NamedTuple

from watloom.interp.core.types import ValType
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.validate import ValidFunc, ValidModule
from watloom.interp.validate.checker import Checker
from watloom.interp.validate.context import Context

__all__ = ["Effect", "Effects"]

Operand = ValType | None


class Effect(NamedTuple):
    """The types that an instruction pops and pushes, the deepest first."""

    pops: tuple[Operand, ...] = ()
    pushes: tuple[Operand, ...] = ()


#: Blocks and branches move operands as they are: shown is only what they decide by.
_CONTROL: dict[str, int] = {
    "block": 0, "loop": 0, "if": 1, "else": 0, "end": 0, "br": 0, "br_if": 1, "br_table": 1,
    "return": 0, "nop": 0, "unreachable": 0, "try_table": 0, "try": 0,
    "catch": 0, "catch_all": 0, "delegate": 0,
}  # fmt: skip


class Effects:
    """Looks functions up, each typed when it is first asked for."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[ValidFunc, list[Effect]]] = {}

    def of(self, func: ValidFunc, module: ModuleInst, pc: int) -> Effect:
        """The effect of the instruction at `pc`; empty at the function's end."""
        if id(func) not in self._known:
            typist = _Typist(func, module.valid)
            self._known[id(func)] = func, [typist.next(pc) for pc in range(len(func.body.code))]
        effects = self._known[id(func)][1]
        return effects[pc] if pc < len(effects) else Effect()

    @staticmethod
    def operands(func: ValidFunc, module: ModuleInst, pc: int) -> list[Operand]:
        """The types of the function's operands when it stands at `pc`, the deepest first."""
        typist = _Typist(func, module.valid)
        for before in range(min(pc, len(func.body.code))):
            typist.next(before)
        return list(typist.operands)


class _Typist(Checker):
    """The validator, writing down what is popped and pushed."""

    def __init__(self, func: ValidFunc, valid: ValidModule) -> None:
        context = Context(
            valid.module,
            types=valid.types,
            funcs=valid.func_types,
            tables=valid.tables,
            memories=valid.memories,
            globals=valid.globals,
            tags=valid.tags,
            elems=[elem.type for elem in valid.elems],
            data_count=len(valid.module.datas),
            refs=set(range(len(valid.func_types))),
        )
        t = func.type.func
        super().__init__(context, func.locals, t.results, len(t.params), func.at)
        self.code = func.body.code
        self.popped: list[Operand] = []
        self.pushed: list[Operand] = []

    def next(self, pc: int) -> Effect:
        """Type the instruction at `pc`; they come in order."""
        instr = self.code[pc]
        self.pc, self.instr, self.at = pc, instr, instr.at
        self.popped, self.pushed = [], []
        instr.op.check(self, *instr.args)
        pops, pushes = tuple(reversed(self.popped)), tuple(self.pushed)
        decides_by = _CONTROL.get(instr.op.mnemonic)
        if decides_by is None:
            return Effect(pops, pushes)
        return Effect(pops[len(pops) - decides_by :])

    def pop(self, want: ValType | None = None) -> Operand:
        have = super().pop(want)
        self.popped.append(have if have is not None else want)
        return have

    def drop(self, start: int) -> None:
        self.popped.extend(reversed(self.operands[start:]))
        super().drop(start)

    def peek_all(self, types: tuple[ValType, ...]) -> None:
        seen = len(self.popped)
        super().peek_all(types)
        del self.popped[seen:]

    def push(self, *types: ValType) -> None:
        super().push(*types)
        self.pushed.extend(types)

    def push_unknown(self) -> None:
        super().push_unknown()
        self.pushed.append(None)
