"""The validator of one function body or constant expression.

    local.get 0      []            → [i32]
    i32.const 1      [i32]         → [i32 i32]
    i32.add          [i32 i32]     → [i32]

An operand stack of types and a stack of control frames, as in
https://webassembly.github.io/spec/core/appendix/algorithm.html; each instruction's own rule
(`Op.check`) works on them through the methods here (`isa.protocols.Checker`). A type that is not
known, in unreachable code, is None. Beside every operand stands the offset of the instruction that
pushed it, so that a mismatch can name it; what a block gave back was pushed by the `block`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.errors import InvalidError, Note
from watloom.interp.core.instr import BlockType, Expr, Instr
from watloom.interp.core.matching import is_defaultable, matches_val
from watloom.interp.core.messages import Message
from watloom.interp.core.source import Span
from watloom.interp.core.types import (
    AbsHeap,
    CompType,
    DefType,
    FuncType,
    GlobalType,
    HeapType,
    MemType,
    NumType,
    RefType,
    StorageType,
    TableType,
    ValType,
)
from watloom.interp.isa import protocols
from watloom.interp.isa.control import DELIMITERS
from watloom.interp.validate import advice, messages
from watloom.interp.validate.context import Context
from watloom.interp.validate.valid import Handler, Handlers, ValidExpr

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
    handlers: tuple[Handler, ...] = ()
    unreachable: bool = False


#: The most operands at a time: two bytes of code can push as many as a function type has results.
MAX_OPERANDS = 1_000_000


class Checker:
    """Types one body; see the module's text. `func` is the function's index, if it is one's."""

    def __init__(
        self,
        context: Context,
        locals: Types,
        results: Types,
        params: int,
        at: int,
        func: int | None = None,
    ) -> None:
        self.context = context
        self.func_index = func
        self.params = params
        self.legacy = context.module.features.legacy
        self.operands: list[Operand] = []
        self.origins: list[int] = []
        whole = "constant expression" if func is None else "function"
        self.controls = [Control(whole, (), results, 0, 0, -1)]
        self.local_types = locals
        self.is_set = [i < params or is_defaultable(t) for i, t in enumerate(locals)]
        self.set_here: list[int] = []
        self.jumps: dict[int, tuple[int, int]] = {}
        self.handlers: dict[int, Handlers] = {}
        self.code: Expr = []
        self.pc = 0
        self.instr: Instr | None = None
        self.at = at

    def check(self, code: Expr, end: int) -> ValidExpr:
        """Type all of the code, which ends at the offset `end`; gives it back with its jumps."""
        self.code = code
        for pc, instr in enumerate(code):
            self.pc, self.instr, self.at = pc, instr, instr.at
            inferred = instr.op.check(self, *instr.args)
            if inferred is not None:  # the type that legacy text leaves out: known from here on
                instr.args = inferred
        self.instr, self.at = None, end
        self._close_control()
        return ValidExpr(code, self.jumps, self.handlers)

    # ------------------------------------------------------------------ errors

    @property
    def _op(self) -> str:
        """The instruction in words."""
        if self.instr is None:
            return f"the end of {self._block(self.controls[-1])}"
        if self.instr.op.mnemonic in DELIMITERS:
            return f"the end of {self._block(self.controls[-1])}"
        op, args = self.instr.op, self.instr.args
        if op.immediates and op.immediates[0].space in ("func", "local", "global"):
            kind = "function" if op.immediates[0].space == "func" else op.immediates[0].space
            name = self.name(kind, args[0])
            return f"{op.mnemonic} {name}" if name[0] == "$" else op.mnemonic
        return op.mnemonic

    @staticmethod
    def _block(control: Control) -> str:
        """An open block in words."""
        return f"the `{control.kind}`" if control.pc >= 0 else f"the {control.kind}"

    def fail(self, text: str, help: str | None = None) -> InvalidError:
        """An InvalidError at this instruction."""
        source = self.context.module.source
        return InvalidError(text, source=source, span=Span(self.at), help=help, code="instruction")

    def _error(self, message: Message[InvalidError], **values: Any) -> InvalidError:
        """The error of a message, at this instruction."""
        return self.context.error(message, self.at, **values)

    def name(self, kind: str, index: int, owner: int | None = None) -> str:
        """What messages call an item."""
        if kind == "local" and owner is None:
            owner = self.func_index
        return self.context.name(kind, index, owner or 0)

    def shown(self, t: StorageType | FuncType) -> str:
        """A closed type, as messages show it."""
        return self.context.shown(t)

    def shown_all(self, types: Sequence[ValType]) -> str:
        """Closed types, as messages show them."""
        return " ".join(map(self.shown, types)) or "nothing"

    def _pusher(self, origin: int) -> str:
        """The mnemonic of the instruction that stands at an offset."""
        return next(instr.op.mnemonic for instr in self.code if instr.at == origin)

    def _mismatch(self, want: ValType | str, have: ValType, origin: int) -> InvalidError:
        wanted = want if isinstance(want, str) else self.shown(want)
        shown, pusher = self.shown(have), self._pusher(origin)
        note = Note(f"this `{pusher}` pushed the {shown}", Span(origin))
        help = None if isinstance(want, str) else advice.convert(have, want, wanted)
        if pusher == f"{have}.const" and isinstance(want, NumType):
            help = f"write {want}.const instead"
        help = help or self._takes() or f"push {advice.article(wanted)} instead"
        return self._error(
            messages.mismatch, op=self._op, want=wanted, have=shown, notes=[note], help=help
        )

    def _takes(self) -> str | None:
        """What this instruction does to the stack, in words, where it is simple to say."""
        if self.instr is None or self.instr.op.mnemonic in DELIMITERS:
            control = self.controls[-1]
            return f"{self._block(control)} gives back {self.shown_all(control.results)}"
        if self.instr.op.mnemonic in ("call", "return_call"):
            x = self.instr.args[0]
            t = self.shown(self.func(x).func)
            return f"function {self.name('function', x)} is a {t}"
        return advice.takes(self.instr.op)

    def _missing(self, want: ValType | None) -> InvalidError:
        wanted = self.shown(want) if want is not None else "a value"
        control = self.controls[-1]
        at_end = self.instr is None or self.instr.op.mnemonic in DELIMITERS
        if len(self.controls) > 1 and control.height and not at_end:
            help = (
                f"what was pushed before {self._block(control)} cannot be reached inside; "
                "a block takes operands with (param …)"
            )
        else:
            help = self._takes() or "push a value before it"
        return self._error(messages.missing, op=self._op, want=wanted, help=help)

    # ------------------------------------------------------------------ operands

    def push(self, *types: ValType) -> None:
        self.operands.extend(types)
        if len(types) > 1 and len(self.operands) > MAX_OPERANDS:
            raise self._error(messages.too_many_operands, most=MAX_OPERANDS)
        self.origins.extend([self.at] * len(types))

    def push_unknown(self) -> None:
        self.operands.append(None)
        self.origins.append(self.at)

    def pop(self, want: ValType | None = None) -> ValType | None:
        control = self.controls[-1]
        if len(self.operands) == control.height:
            if control.unreachable:
                return None
            raise self._missing(want)
        have, origin = self.operands.pop(), self.origins.pop()
        if want is not None and have is not None and not matches_val(have, want):
            raise self._mismatch(want, have, origin)
        return have

    def drop(self, start: int) -> None:
        """Pop the operands from `start` on, of which nothing is left to be checked."""
        del self.operands[start:], self.origins[start:]

    def pop_all(self, types: Types) -> None:
        start = len(self.operands) - len(types)
        if start >= self.controls[-1].height and tuple(self.operands[start:]) == types:
            self.drop(start)  # all at once: a type may have thousands of results
            return
        for t in reversed(types):
            if self._has_any():
                return
            self.pop(t)

    def pop_many(self, count: int, want: ValType) -> None:
        for _ in range(count):
            if self._has_any():
                return
            self.pop(want)

    def _has_any(self) -> bool:
        """Whether whatever is popped next is there: all else need not be looked at."""
        control = self.controls[-1]
        return control.unreachable and len(self.operands) == control.height

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
        if len(self.operands) > control.height:
            raise self._left_over(control)
        for x in self.set_here[control.inits :]:
            self.is_set[x] = False
        del self.set_here[control.inits :]
        return self.controls.pop()

    def _left_over(self, control: Control) -> InvalidError:
        count, origin = len(self.operands) - control.height, self.origins[control.height]
        note = Note(f"this `{self._pusher(origin)}` pushed the first of them", Span(origin))
        return self._error(
            messages.left_over,
            notes=[note],
            count=f"{count} more value{'s' if count > 1 else ''}",
            block=self._block(control),
            types=self.shown_all(control.results),
        )

    def leave(self) -> None:
        control = self._close_control()
        if control.kind == "if" and control.params != control.results:
            self._else_missing(control)
        self.jumps[control.pc] = (self.pc, self.pc)
        if control.else_pc is not None:
            self.jumps[control.pc] = (control.else_pc + 1, self.pc)
            self.jumps[control.else_pc] = (self.pc, self.pc)
        if control.kind in ("try", "catch", "catch_all"):
            self.handlers[control.pc] = Handlers(control.handlers)
            self.jumps |= {handler.pc: (self.pc, self.pc) for handler in control.handlers}
        self.at = self.code[control.pc].at
        self.push(*control.results)

    def _else_missing(self, control: Control) -> None:
        """Without `else` the parameters are the results: they must match."""
        pairs = zip(control.params, control.results, strict=False)
        if len(control.params) == len(control.results) and all(matches_val(p, r) for p, r in pairs):
            return
        params, results = self.shown_all(control.params), self.shown_all(control.results)
        note = Note("the `if` begins here", Span(self.code[control.pc].at))
        raise self._error(messages.else_missing, params=params, results=results, notes=[note])

    def otherwise(self) -> None:
        assert self.controls[-1].kind == "if", "the parser and the decoder have seen to it"
        control = self._close_control()
        self._open("else", control.params, control.results, control.pc)
        self.controls[-1].else_pc = self.pc

    def handler(self, kind: str, tag: int | None, params: Types) -> None:
        control = self._close_control()
        self._open(kind, params, control.results, control.pc)
        self.controls[-1].handlers = (*control.handlers, Handler(tag, self.pc))

    def delegate(self, label: int) -> None:
        at, start = self.at, self.controls[-1].pc
        self.leave()
        self.at = at
        self.label(label)
        self.handlers[start] = Handlers((), label)

    def catches(self, depth: int) -> bool:
        self.label(depth)
        return self.controls[-1 - depth].kind in ("catch", "catch_all")

    def unreachable(self) -> None:
        control = self.controls[-1]
        del self.operands[control.height :]
        del self.origins[control.height :]
        control.unreachable = True

    def label(self, depth: int) -> Types:
        if depth >= len(self.controls):
            raise self._error(messages.unknown_label, index=depth, last=len(self.controls) - 1)
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
            raise self._uninitialized(x, t)
        return t

    def _uninitialized(self, x: int, t: ValType) -> InvalidError:
        module, name = self.context.module, self.name("local", x)
        own = (self.func_index or 0) - (len(self.context.funcs) - len(module.funcs))
        local = module.funcs[own].locals[x - self.params]
        note = Note("declared here", Span(local.at))
        return self._error(messages.uninitialized, name=name, type=self.shown(t), notes=[note])

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
            raise self._error(messages.undeclared_ref, name=self.name("function", x))

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

    def typeidx(self, t: DefType) -> int:
        return self.context.types.index(t)

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
            raise context.error(messages.constant_required, instr.at, op=instr.op.mnemonic)
        if instr.op.mnemonic == "global.get":
            x = instr.args[0]
            if context.find("global", context.globals, x, instr.at).mutable:
                name = context.name("global", x)
                raise context.error(messages.constant_mutable, instr.at, name=name)
    return Checker(context, (), (want,), 0, at).check(code, at)


if TYPE_CHECKING:

    def _keeps_the_protocol(checker: Checker) -> protocols.Checker:
        return checker
