"""Valid code becomes basic blocks of statements.

    local.get $x             block 0:  x = x + y & 0xffffffff
    local.get $y                       Branch(x < 7, 1, 2)
    i32.add                  block 1:  …
    local.tee $x
    …

One walk over the code; each instruction does what its rule says (`rules`). The operand stack is
followed with expressions on it (`operands`).
"""

from __future__ import annotations

from watloom.interp.compile import (  # noqa: F401 - each fills RULES when it is imported
    atomics,
    control,
    effects,
    float_rules,
    handlers,
    legacy_handlers,
    variables,
    vectors,
    wide_rules,
)
from watloom.interp.compile.arith import BY_CONSTANT, OPERATORS, exact, holds, signed
from watloom.interp.compile.control import Open
from watloom.interp.compile.facts import NOTHING, Facts, any_nans, facts_of
from watloom.interp.compile.handlers import find_exits
from watloom.interp.compile.ir import (
    Assign,
    Call,
    Do,
    Expr,
    Graph,
    Return,
    TailCall,
    Trapping,
    bits_of,
    default_of,
    node,
    var,
)
from watloom.interp.compile.operands import Operands
from watloom.interp.compile.rules import RULES
from watloom.interp.compile.typing import OpTypes, Typist
from watloom.interp.compile.vectors import as_bytes, from_bytes
from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.instr import Instr
from watloom.interp.core.types import I32, AbsHeap, RefType, ValType
from watloom.interp.isa.control import DELIMITERS
from watloom.interp.isa.immediates import BLOCKTYPE
from watloom.interp.runtime.limits import UNMETERED, Metering
from watloom.interp.validate import ValidFunc, ValidModule

__all__ = ["Builder", "build"]


def build(valid: ValidModule, func: ValidFunc, name: str, metering: Metering = UNMETERED) -> Graph:
    """The graph of a function: built once to learn about its locals, and again with that."""
    graph = Builder(valid, func, name, metering).build()
    facts = facts_of(graph)
    if facts != NOTHING:
        graph = Builder(valid, func, name, metering, facts).build()
    graph.any_nan = any_nans(graph)
    return graph


@dataclass
class Builder(Operands):
    """Walks the code of one function once."""

    valid: ValidModule
    func: ValidFunc
    name: str
    metering: Metering = UNMETERED
    facts: Facts = NOTHING
    opens: list[Open] = field(default_factory=list, init=False)
    pc: int = field(default=0, init=False)
    """The place of the instruction in hand."""
    targets: set[int] = field(default_factory=set, init=False)
    """The blocks that a way leads to."""

    def __post_init__(self) -> None:
        t = self.func.type.func
        names = local_names(self.valid, self.func)
        self.locals = [self._local(n, v) for n, v in zip(names, self.func.locals, strict=True)]
        self.names = names
        self.params = names[: len(t.params)]
        self.changing = frozenset(names)
        self.at = self.func.at
        self.results = t.results
        self.typist = Typist(self.valid, self.func)

    def _local(self, name: str, t: ValType) -> Expr:
        local = var(name, t)
        local.zeros = self.facts.zeros.get(name, 0)
        if name in self.facts.signed:
            half = 1 << (bits_of(t) - 1)
            local.low, local.high = -half, half - 1
        return from_bytes(local) if name in self.facts.bytes else local

    def build(self) -> Graph:
        entry = self.open_block()
        assert entry == 0
        names = list(zip(self.names, self.func.locals, strict=True))
        for name, t in names[len(self.params) :]:
            value = default_of(t)
            value = as_bytes(value) if name in self.facts.bytes else value
            self.do(Assign((name,), (value,), self.at))
        for name, t in names[: len(self.params)]:
            if name in self.facts.signed:
                self.do(Assign((name,), (signed(var(name, t)),), self.at))
            elif name in self.facts.bytes:
                self.do(Assign((name,), (as_bytes(var(name, t)),), self.at))
        code = self.func.body.code
        pc = 0
        while pc < len(code):
            instr = code[pc]
            self.at, self.pc = instr.at, pc
            if self.here is None and instr.op.mnemonic not in DELIMITERS:
                pc = self._skip_dead(pc)
                continue
            if instr.op.mnemonic == "loop":  # each round pays, and looks at the clock
                self._instruction(instr)
                self._meter(pc)
            else:
                self._meter(pc)
                self._instruction(instr)
            pc += 1
        if self.here is not None:
            self.at = self.func.at
            self.finish(Return(tuple(exact(e) for e in self.pop_many(len(self.results))), self.at))
        find_exits(self.blocks, self.regions)
        return Graph(self.name, self.params, names, self.blocks, len(self.results), self.regions)

    def _meter(self, pc: int) -> None:
        """Where a basic block begins: charge for it; at entries and loops, look at the clock."""
        if self.metering.fuel and (price := self.func.body.prices.get(pc)):
            self.settle_traps()
            self.do(Do("fuel", (), price, self.at))
        if self.metering.clock and (pc == 0 or self.func.body.code[pc].op.mnemonic == "loop"):
            self.do(Do("clock", (), None, self.at))

    def _skip_dead(self, pc: int) -> int:
        """Code that is not reached: on to the `else` or `end` of the block it stands in."""
        code, jumps = self.func.body.code, self.func.body.jumps
        while pc < len(code):
            op = code[pc].op
            if op.mnemonic in DELIMITERS:
                return pc
            if BLOCKTYPE in op.immediates:
                pc = jumps[pc][1]
            pc += 1
        return pc

    def _instruction(self, instr: Instr) -> None:
        mnemonic = instr.op.mnemonic
        rule = RULES.get(mnemonic)
        if rule is not None:
            rule(self, instr)
            return
        operator = OPERATORS.get(mnemonic)
        if operator is not None:
            self._operator(operator(tuple(self.pop_many(arity_of(instr))), instr.at))
        elif mnemonic in BY_CONSTANT and holds(mnemonic, tuple(self.stack[-2:])):
            self.push(BY_CONSTANT[mnemonic](tuple(self.pop_many(2)), instr.at))
        elif instr.op.pure is not None and len(self.typist.pure(instr.op).results) == 1:
            self._body(instr)
        else:
            self.generic(instr)

    def _operator(self, e: Expr) -> None:
        """The result of an operator; a rounded one is had from a view, by a statement."""
        if e.op == "f32":
            if e.traps:
                self.settle_traps()
            self.do(Do("round", e.args, at=self.at))
            e = self.keep(node("rounded", (), e.type))
        self.push(e)

    def _body(self, instr: Instr) -> None:
        """A pure instruction without a rule: a call of its meaning."""
        types = self.typist.pure(instr.op)
        args = tuple(exact(e) for e in self.pop_many(len(types.params)))
        traps = can_trap(instr.op.mnemonic)
        self.push(node("body", args, types.results[0], value=instr, traps=traps, at=instr.at))

    def generic(self, instr: Instr) -> None:
        """Any other instruction without control: its own step, on a machine of its own."""
        if instr.op.mnemonic == "func.bind" and is_bottom(self.stack[-1]):
            self.effect()
            self.finish(Trapping("null function reference", self.at))
            return
        types: OpTypes = self.typist.types_of(instr, self.stack)
        args = tuple(exact(e) for e in self.pop_many(len(types.params)))
        self.effect()
        names = tuple(self.fresh(t) for t in types.results)
        call = node("step", args, I32, value=(instr, len(names)), traps=True, at=instr.at)
        self.do(Call(tuple(str(n.value) for n in names), call, instr.at))
        self.stack.extend(names)

    # ------------------------------------------------------------------ calls

    def call_node(self, op: str, count: int, value: object, extra: tuple[Expr, ...] = ()) -> Expr:
        """A call with the topmost operands as arguments."""
        args = tuple(exact(e) for e in self.pop_many(count))
        self.effect()
        if any(a.traps for a in args):  # Python looks at what is called first
            args = tuple(self.keep(a) for a in args)
        return node(op, (*extra, *args), I32, value=value, traps=True, state=True, at=self.at)

    def finish_call(self, call: Expr, results: tuple[ValType, ...]) -> None:
        names = tuple(self.fresh(t) for t in results)
        self.do(Call(tuple(str(n.value) for n in names), call, self.at))
        self.stack.extend(names)

    def tail(self, call: Expr) -> None:
        self.finish(TailCall(call, self.at))


def arity_of(instr: Instr) -> int:
    """The operands of a pure instruction."""
    return len(instr.op.signature.split("->")[0].split())


def is_bottom(e: Expr) -> bool:
    """Whether a reference can only be null."""
    return isinstance(e.type, RefType) and e.type.heap in (AbsHeap.NOFUNC, AbsHeap.BOT)


def can_trap(mnemonic: str) -> bool:
    """Whether a pure instruction has operands that it traps on."""
    return mnemonic.endswith(("div_s", "rem_s")) or ".trunc_f" in mnemonic


def local_names(valid: ValidModule, func: ValidFunc) -> list[str]:
    """Python names for the locals: their own where those are plain, each once."""
    given = valid.module.names.locals.get(func.index, {})
    names: dict[str, None] = {}  # in order, and quick to look into
    for i in range(len(func.locals)):
        own = given.get(i, "")
        name = f"{own}_" if _is_plain(own) else f"l{i}"
        names[name if name not in names else f"l{i}"] = None  # no own name is like that
    return list(names)


def _is_plain(own: str) -> bool:
    """Whether a local's own name can be used in Python, `_` added, and is not like a function's."""
    if not (own.isidentifier() and own.isascii()) or own[0].isupper() or own[0] == "_":
        return False
    return not (own[0] == "f" and own[1:2].isdigit())
