"""The validator of one function body or constant expression.

    local.get 0      []            → [i32]
    i32.const 1      [i32]         → [i32 i32]
    i32.add          [i32 i32]     → [i32]

An operand stack of types and a stack of control frames, as in
https://webassembly.github.io/spec/core/appendix/algorithm.html; each instruction's own rule
(`Op.check`) works on them through the methods here (`isa.protocols.Checker`). A type that is not
known, in unreachable code, is None. Beside every operand stands the offset of the instruction that
pushed it, so that a mismatch can name it.
"""

from __future__ import annotations

from dataclasses import dataclass

from watloom.interp.core.errors import InvalidError, Note
from watloom.interp.core.instr import BlockType, Expr, Instr
from watloom.interp.core.matching import is_defaultable, matches_val
from watloom.interp.core.source import Span
from watloom.interp.core.types import (
    AbsHeap,
    CompType,
    DefType,
    FuncType,
    GlobalType,
    HeapType,
    MemType,
    RefType,
    TableType,
    ValType,
)
from watloom.interp.validate import messages
from watloom.interp.validate.context import Context
from watloom.interp.validate.valid import ValidExpr

__all__ = ["Checker", "check_constant"]

Types = tuple[ValType, ...]
Operand = ValType | None


@dataclass(slots=True)
class Control:
    """An open block."""

    kind: str
    params: Types
    results: Types
    height: int
    inits: int
    pc: int
    else_pc: int | None = None
    unreachable: bool = False


class Checker:
    """Types one body; see the module's text."""

    def __init__(
        self, context: Context, locals: Types, results: Types, params: int, at: int
    ) -> None:
        self.context = context
        self.legacy = context.module.features.legacy
        self.operands: list[Operand] = []
        self.origins: list[int] = []
        self.controls = [Control("function", (), results, 0, 0, -1)]
        self.local_types = locals
        self.is_set = [i < params or is_defaultable(t) for i, t in enumerate(locals)]
        self.set_here: list[int] = []
        self.jumps: dict[int, tuple[int, int]] = {}
        self.pc = 0
        self.instr: Instr | None = None
        self.at = at

    def check(self, code: Expr, end: int) -> ValidExpr:
        """Type all of the code, which ends at the offset `end`; gives it back with its jumps."""
        out = code
        for pc, instr in enumerate(code):
            self.pc, self.instr, self.at = pc, instr, instr.at
            replaced = instr.op.check(self, *instr.args)
            if replaced is not None:
                out = list(code) if out is code else out
                out[pc] = Instr(instr.op, replaced, instr.at)
        self.instr, self.at = None, end
        self._close_control()
        return ValidExpr(out, self.jumps)

    # ------------------------------------------------------------------ errors

    @property
    def _op(self) -> str:
        """The instruction in words."""
        if self.instr is None or self.instr.op.mnemonic == "end":
            return f"the end of the {self.controls[-1].kind if self.controls else 'function'}"
        return self.instr.op.mnemonic

    def fail(self, text: str) -> InvalidError:
        """An InvalidError at this instruction."""
        return InvalidError(
            text, source=self.context.module.source, span=Span(self.at), code="instruction"
        )

    def _mismatch(self, want: object, have: Operand, origin: int) -> InvalidError:
        source = self.context.module.source
        note = Note(f"this pushed the {have}", Span(origin))
        return messages.mismatch(self.at, source, op=self._op, want=want, have=have, notes=[note])

    # ------------------------------------------------------------------ operands

    def push(self, *types: ValType) -> None:
        self.operands.extend(types)
        self.origins.extend([self.at] * len(types))

    def push_unknown(self) -> None:
        self.operands.append(None)
        self.origins.append(self.at)

    def pop(self, want: ValType | None = None) -> ValType | None:
        control = self.controls[-1]
        if len(self.operands) == control.height:
            if control.unreachable:
                return None
            wanted = want if want is not None else "a value"
            raise messages.missing(self.at, self.context.module.source, op=self._op, want=wanted)
        have, origin = self.operands.pop(), self.origins.pop()
        if want is not None and have is not None and not matches_val(have, want):
            raise self._mismatch(want, have, origin)
        return have

    def pop_all(self, types: Types) -> None:
        for t in reversed(types):
            self.pop(t)

    def peek_all(self, types: Types) -> None:
        height = self.controls[-1].height
        known = max(height, len(self.operands) - len(types))
        kept = self.operands[known:], self.origins[known:]
        self.pop_all(types)
        self.operands[known:], self.origins[known:] = kept

    def pop_ref(self) -> RefType:
        origin = self.origins[-1] if self.origins else self.at
        have = self.pop()
        if have is None:
            return RefType(False, AbsHeap.BOT)
        if not isinstance(have, RefType):
            raise self._mismatch("a reference", have, origin)
        return have

    def matches(self, sub: ValType, sup: ValType) -> bool:
        return matches_val(sub, sup)

    # ------------------------------------------------------------------ control

    def block_type(self, block: BlockType) -> tuple[Types, Types]:
        """The parameters and results of a block type."""
        if block is None:
            return (), ()
        if isinstance(block, int):
            t = self.functype(block)
            return t.params, t.results
        return (), (self.closed(block),)

    def enter(self, kind: str, block: BlockType) -> None:
        params, results = self.block_type(block)
        self.pop_all(params)
        self._open(kind, params, results, self.pc)

    def _open(self, kind: str, params: Types, results: Types, pc: int) -> None:
        self.controls.append(
            Control(kind, params, results, len(self.operands), len(self.set_here), pc)
        )
        self.push(*params)

    def _close_control(self) -> Control:
        control = self.controls[-1]
        self.pop_all(control.results)
        left = self.operands[control.height :]
        if left:
            types = " ".join(str(t) for t in left)
            note = Note("this pushed the first of them", Span(self.origins[control.height]))
            s = "s" if len(left) > 1 else ""
            block = control.kind
            raise messages.left_over(
                self.at,
                self.context.module.source,
                notes=[note],
                count=len(left),
                s=s,
                block=block,
                types=types,
            )
        for x in self.set_here[control.inits :]:
            self.is_set[x] = False
        del self.set_here[control.inits :]
        return self.controls.pop()

    def leave(self) -> None:
        control = self._close_control()
        if control.kind == "if" and control.params != control.results:
            self._else_missing(control)
        self.jumps[control.pc] = (self.pc, self.pc)
        if control.else_pc is not None:
            self.jumps[control.pc] = (control.else_pc + 1, self.pc)
            self.jumps[control.else_pc] = (self.pc, self.pc)
        self.push(*control.results)

    def _else_missing(self, control: Control) -> None:
        """Without `else` the parameters are the results: they must match."""
        pairs = zip(control.params, control.results, strict=False)
        if len(control.params) == len(control.results) and all(matches_val(p, r) for p, r in pairs):
            return
        params, results = (f"[{' '.join(map(str, t))}]" for t in (control.params, control.results))
        source = self.context.module.source
        raise messages.else_missing(self.at, source, params=params, results=results)

    def otherwise(self) -> None:
        if self.controls[-1].kind != "if":
            raise self.fail("END opcode expected: `else` without an `if`")
        control = self._close_control()
        self._open("else", control.params, control.results, control.pc)
        self.controls[-1].else_pc = self.pc

    def unreachable(self) -> None:
        control = self.controls[-1]
        del self.operands[control.height :]
        del self.origins[control.height :]
        control.unreachable = True

    def label(self, depth: int) -> Types:
        if depth >= len(self.controls):
            source = self.context.module.source
            raise messages.unknown_label(self.at, source, index=depth, count=len(self.controls))
        control = self.controls[-1 - depth]
        return control.params if control.kind == "loop" else control.results

    def results(self) -> Types:
        return self.controls[0].results

    # ------------------------------------------------------------------ index spaces

    def local(self, x: int) -> ValType:
        return self.context.find("local", self.local_types, x, self.at)

    def get_local(self, x: int) -> ValType:
        t = self.local(x)
        if not self.is_set[x]:
            raise messages.uninitialized(self.at, self.context.module.source, index=x, type=t)
        return t

    def set_local(self, x: int) -> ValType:
        t = self.local(x)
        if not self.is_set[x]:
            self.is_set[x] = True
            self.set_here.append(x)
        return t

    def global_(self, x: int) -> GlobalType:
        return self.context.find("global", self.context.globals, x, self.at)

    def func(self, x: int) -> DefType:
        return self.context.find("function", self.context.funcs, x, self.at)

    def declared(self, x: int) -> None:
        if x not in self.context.refs:
            raise messages.undeclared_ref(self.at, self.context.module.source, index=x)

    def table(self, x: int) -> TableType:
        return self.context.find("table", self.context.tables, x, self.at)

    def memory(self, x: int) -> MemType:
        return self.context.find("memory", self.context.memories, x, self.at)

    def tag(self, x: int) -> FuncType:
        return self.context.find("tag", self.context.tags, x, self.at).func

    def elem(self, x: int) -> RefType:
        return self.context.find("elem segment", self.context.elems, x, self.at)

    def data(self, x: int) -> None:
        self.context.find("data segment", range(self.context.data_count), x, self.at)

    def deftype(self, x: int) -> DefType:
        return self.context.deftype(x, self.at)

    def functype(self, x: int) -> FuncType:
        return self.context.functype(x, self.at)

    def comp(self, x: int) -> CompType:
        return self.deftype(x).comp

    def close(self, heap: HeapType) -> HeapType:
        return self.context.close_heap(heap, self.at)

    def closed(self, t: ValType) -> ValType:
        return self.context.close(t, self.at)


def check_constant(context: Context, code: Expr, want: ValType, at: int) -> ValidExpr:
    """Type a constant expression (https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions)."""
    for instr in code:
        if not instr.op.constant:
            op = instr.op.mnemonic
            raise messages.constant_required(instr.at, context.module.source, op=op)
        if instr.op.mnemonic == "global.get":
            x = instr.args[0]
            if context.find("global", context.globals, x, instr.at).mutable:
                raise messages.constant_mutable(instr.at, context.module.source, index=x)
    return Checker(context, (), (want,), 0, at).check(code, at)
