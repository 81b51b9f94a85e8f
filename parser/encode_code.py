"""Writing code and segments; the inverse of `decode_code`."""

from __future__ import annotations

from functools import cache
from itertools import groupby

from watloom.interp.core.instr import Expr, Op
from watloom.interp.core.module import Active, Data, Declarative, Elem, Func
from watloom.interp.core.types import FUNCREF, AbsHeap, RefType
from watloom.interp.isa.immediates import BLOCKTYPE, DATAIDX
from watloom.parser.binary_messages import no_binary_form
from watloom.parser.encode_types import TypeWriter
from watloom.parser.leb128 import unsigned

__all__ = ["CodeWriter", "uses_data"]

_END = 0x0B
_TYPE_HELP = "the legacy dialect leaves the type out; write it, or validate the module first"
_FUNCTIONS = RefType(False, AbsHeap.FUNC)


@cache
def _opcode(op: Op) -> bytes:
    return bytes(op.opcode[:1]) + b"".join(unsigned(n) for n in op.opcode[1:])


def uses_data(code: Expr) -> bool:
    """Whether code refers to a data segment, so that a data count section is required."""
    return any(DATAIDX in instr.op.immediates for instr in code)


def _funcidx(code: Expr) -> int | None:
    """The function of an element that is no more than `ref.func x`."""
    if len(code) == 1 and code[0].op.mnemonic == "ref.func":
        index: int = code[0].args[0]
        return index
    return None


class CodeWriter(TypeWriter):
    """A writer that knows instructions."""

    __slots__ = ()

    def expr(self, code: Expr) -> None:
        """Code and its final `end`."""
        self.code(code)
        self.out.append(_END)

    def code(self, code: Expr) -> None:
        """Instructions."""
        out = self.out
        for instr in code:
            op = instr.op
            out += _opcode(op)
            for immediate, value in zip(op.immediates, instr.args, strict=True):
                if value is None and immediate is not BLOCKTYPE:  # left to be found in validating
                    raise no_binary_form(instr.at, f"{op.mnemonic} without its type", _TYPE_HELP)
                immediate.write(self, value)

    def func(self, func: Func) -> None:
        """The body of a function: its locals, and its code."""
        w = CodeWriter()
        w.locals(func)
        w.expr(func.body)
        self.sized(w.out)

    def locals(self, func: Func) -> None:
        """The locals of a function, in runs of one type."""
        runs = [(t, len(list(run))) for t, run in groupby(local.type for local in func.locals)]
        self.u32(len(runs))
        for t, count in runs:
            self.u32(count)
            self.valtype(t)

    def elem(self, elem: Elem) -> None:
        """An element segment in the smallest of the eight kinds that fits."""
        funcs = [_funcidx(code) for code in elem.init]
        expressions = elem.type != _FUNCTIONS or None in funcs
        mode = elem.mode
        usual = FUNCREF if expressions else _FUNCTIONS
        kind = 4 * expressions
        if isinstance(mode, Active):
            named = mode.target != 0 or elem.type != usual
            self.u32(kind | 2 * named)
            if named:
                self.u32(mode.target)
            self.expr(mode.offset)
        else:
            named = True
            self.u32(kind | (3 if isinstance(mode, Declarative) else 1))
        if named and expressions:
            self.reftype(elem.type)
        elif named:
            self.byte(0)
        self.u32(len(elem.init))
        for code, func in zip(elem.init, funcs, strict=True):
            if expressions or func is None:
                self.expr(code)
            else:
                self.u32(func)

    def data(self, data: Data) -> None:
        """A data segment."""
        if isinstance(data.mode, Active):
            self.u32(2 if data.mode.target else 0)
            if data.mode.target:
                self.u32(data.mode.target)
            self.expr(data.mode.offset)
        else:
            self.u32(1)
        self.sized(data.init)
