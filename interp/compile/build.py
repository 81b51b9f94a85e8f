"""Valid code becomes basic blocks of statements.

    block                    block 0:  s0 = n                    (a result of the block)
      local.get $n                     Branch(c, 1, 2)
      local.get $c           block 2:  s0 = 7
      br_if 0                          Goto 1
      …                      block 1:  …

The operand stack is followed with expressions on it. What could be changed by a statement before it
is used is put into a temporary first, so that everything happens in the order of the code. The
parameters and results of a block are variables, set on every way into it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from watloom.interp.compile import effects, float_rules  # noqa: F401
from watloom.interp.compile.arith import RULES, exact, truth
from watloom.interp.compile.ir import (
    Assign,
    Block,
    Branch,
    Call,
    Do,
    Expr,
    Goto,
    Graph,
    Return,
    Statement,
    Switch,
    TailCall,
    Terminator,
    Trapping,
    default_of,
    node,
    var,
)
from watloom.interp.compile.typing import OpTypes, Typist
from watloom.interp.core.instr import Instr
from watloom.interp.core.types import I32, I64, AbsHeap, RefType, ValType
from watloom.interp.validate import ValidFunc, ValidModule

__all__ = ["Builder", "build"]

_DEEPEST = 30  # expressions nested deeper are put into a temporary


@dataclass(slots=True)
class Open:
    """A block that is open: where a branch goes, and the variables that it sets."""

    kind: str
    label: int
    carries: tuple[Expr, ...]
    after: int
    results: tuple[Expr, ...]
    below: int
    otherwise: int | None = None
    params: tuple[Expr, ...] = ()


def build(valid: ValidModule, func: ValidFunc, name: str) -> Graph:
    """The graph of a function."""
    return Builder(valid, func, name).build()


@dataclass
class Builder:
    """Walks the code once; see the module's text."""

    valid: ValidModule
    func: ValidFunc
    name: str
    blocks: list[Block] = field(default_factory=list)
    stack: list[Expr] = field(default_factory=list)
    opens: list[Open] = field(default_factory=list)
    targets: set[int] = field(default_factory=set)
    """The blocks that a way leads to."""

    def __post_init__(self) -> None:
        t = self.func.type.func
        names = local_names(self.valid, self.func)
        self.locals = [var(n, v) for n, v in zip(names, self.func.locals, strict=True)]
        self.params = names[: len(t.params)]
        self.changing = frozenset(names)  # the variables that code sets again
        self.count = 0
        self.at = self.func.at
        self.here: Block | None = None
        self.results = t.results
        self.typist = Typist(self.valid, self.func)

    def build(self) -> Graph:
        entry = self.open_block()
        assert entry == 0
        names = list(zip([str(v.value) for v in self.locals], self.func.locals, strict=True))
        for name, t in names[len(self.params) :]:
            self.do(Assign((name,), (default_of(t),), self.at))
        code = self.func.body.code
        pc = 0
        while pc < len(code):
            instr = code[pc]
            self.at = instr.at
            if self.here is None and instr.op.mnemonic not in ("else", "end"):
                pc = self._skip_dead(pc)
                continue
            self._instruction(instr)
            pc += 1
        if self.here is not None:
            self.at = self.func.at
            self.finish(Return(tuple(exact(e) for e in self.pop_many(len(self.results))), self.at))
        return Graph(self.name, self.params, names, self.blocks, len(self.results))

    def _skip_dead(self, pc: int) -> int:
        """Code that is not reached: on to the `else` or `end` of the block it stands in."""
        code, jumps = self.func.body.code, self.func.body.jumps
        while pc < len(code):
            mnemonic = code[pc].op.mnemonic
            if mnemonic in ("else", "end"):
                return pc
            if mnemonic in ("block", "loop", "if"):
                pc = jumps[pc][1]
            pc += 1
        return pc

    # ------------------------------------------------------------------ blocks and variables

    def open_block(self) -> int:
        """A new block, which statements go to from now on."""
        number = self.new_block()
        self.here = self.blocks[number]
        return number

    def new_block(self) -> int:
        self.blocks.append(Block())
        return len(self.blocks) - 1

    def finish(self, end: Terminator) -> None:
        """End the current block."""
        if self.here is not None:
            self.here.end = end
        self.here = None

    def do(self, statement: Statement) -> None:
        if self.here is not None:
            self.here.statements.append(statement)

    def fresh(self, t: ValType, prefix: str = "t") -> Expr:
        """A new variable."""
        while True:
            name = f"{prefix}{self.count}"
            self.count += 1
            if name not in self.changing:
                return var(name, t)

    # ------------------------------------------------------------------ the operand stack

    def push(self, e: Expr) -> None:
        if e.depth > _DEEPEST:
            if e.traps:
                self.settle("traps")
            e = self.keep(e)
        self.stack.append(e)

    def pop(self) -> Expr:
        return self.stack.pop()

    def pop_many(self, count: int) -> list[Expr]:
        if count == 0:
            return []
        found = self.stack[-count:]
        del self.stack[-count:]
        return found

    def keep(self, e: Expr) -> Expr:
        """The expression's value in a temporary, computed now."""
        if e.op == "const" or (e.op == "var" and str(e.value) not in self.changing):
            return e
        kept = self.fresh(e.type)
        self.do(Assign((kept.value,), (exact(e),), self.at))
        low, high = (e.low, e.high) if e.type in (I32, I64) else (0, 0)
        if e.type in (I32, I64) and low >= 0:
            kept.low, kept.high = max(kept.low, low), min(kept.high, high)
        return kept

    def settle(self, which: str, name: str = "") -> None:
        """Compute what waits on the stack before a statement that could change it.

        `which` is "local" (the variable `name` is set), "traps" (another trap follows), "effect"
        (state changes) or "all" (a block begins: what lies below must be the same on all ways out).
        """
        for i, e in enumerate(self.stack):
            if which == "local":
                wanted = name in e.locals
            elif which == "traps":
                wanted = e.traps
            elif which == "effect":
                wanted = e.traps or e.state
            else:
                wanted = e.op not in ("const", "var") or bool(e.locals & self.changing)
            if wanted:
                self._settle_until(i, which)

    def _settle_until(self, i: int, which: str) -> None:
        """Compute entry i, and before it those below that trap, in order."""
        for j in range(i + 1):
            e = self.stack[j]
            if j == i or e.traps:
                self.stack[j] = self.keep(e)

    # ------------------------------------------------------------------ instructions

    def _instruction(self, instr: Instr) -> None:
        mnemonic = instr.op.mnemonic
        method = _METHODS.get(mnemonic)
        if method is not None:
            method(self, *instr.args)
            return
        effect = effects.EFFECTS.get(mnemonic)
        if effect is not None:
            effect(self, instr)
            return
        rule = RULES.get(mnemonic)
        if rule is not None:
            self.push(rule(tuple(self.pop_many(arity_of(instr))), instr.at))
        elif instr.op.pure is not None:
            self._body(instr)
        else:
            self._generic(instr)

    def _body(self, instr: Instr) -> None:
        """A pure instruction without a rule: a call of its meaning."""
        types = self.typist.pure(instr.op)
        args = tuple(exact(e) for e in self.pop_many(len(types.params)))
        traps = can_trap(instr.op.mnemonic)
        self.push(node("body", args, types.results[0], value=instr.op, traps=traps, at=instr.at))

    def _generic(self, instr: Instr) -> None:
        """Any other instruction without control: its own step, on a machine of its own."""
        if instr.op.mnemonic == "func.bind" and is_bottom(self.stack[-1]):
            self.effect()
            self.finish(Trapping("null function reference", self.at))
            return
        types: OpTypes = self.typist.types_of(instr, [e.type for e in self.stack])
        args = tuple(exact(e) for e in self.pop_many(len(types.params)))
        self.effect()
        names = tuple(self.fresh(t) for t in types.results)
        call = node("step", args, I32, value=(instr, len(names)), traps=True, at=instr.at)
        self.do(Call(tuple(str(n.value) for n in names), call, instr.at))
        self.stack.extend(names)

    def effect(self) -> None:
        """A statement with an effect follows."""
        self.settle("effect")

    # ------------------------------------------------------------------ locals and constants

    def local_get(self, x: int) -> None:
        self.push(self.locals[x])

    def local_set(self, x: int) -> None:
        self._set(x, self.pop())

    def local_tee(self, x: int) -> None:
        self._set(x, self.pop())
        self.push(self.locals[x])

    def _set(self, x: int, e: Expr) -> None:
        name = str(self.locals[x].value)
        self.settle("local", name)
        if e.traps:
            self.settle("traps")
        self.do(Assign((name,), (exact(e),), self.at))

    def drop(self) -> None:
        e = self.pop()
        if e.traps:
            self.effect()
            self.do(Do("drop", (e,), at=self.at))

    def select(self, *_: object) -> None:
        condition, second, first = self.pop(), self.pop(), self.pop()
        if (
            first.traps or second.traps or condition.traps
        ):  # Python would look at the condition first
            self.effect()
            first, second = self.keep(first), self.keep(second)
        first, second = exact(first), exact(second)
        bounds = None
        if first.type in (I32, I64):
            bounds = min(first.low, second.low), max(first.high, second.high)
        self.push(node("select", (first, truth(condition), second), first.type, bounds=bounds))

    def nop(self) -> None:
        pass

    def unreachable(self) -> None:
        self.effect()
        self.finish(Trapping("unreachable", self.at))

    # ------------------------------------------------------------------ blocks

    def _block_types(self, block: object) -> tuple[tuple[ValType, ...], tuple[ValType, ...]]:
        return self.typist.block_type(block)

    def block(self, block: object) -> None:
        params, results = self._block_types(block)
        self.settle("all")
        out = tuple(self.fresh(t, "r") for t in results)
        after = self.new_block()
        below = len(self.stack) - len(params)
        self.opens.append(Open("block", after, out, after, out, below))

    def loop(self, block: object) -> None:
        params, results = self._block_types(block)
        self.settle("all")
        into = tuple(self.fresh(t, "p") for t in params)
        given = self.pop_many(len(params))
        self._assign(into, given)
        head, after = self.new_block(), self.new_block()
        out = tuple(self.fresh(t, "r") for t in results)
        self.opens.append(Open("loop", head, into, after, out, len(self.stack)))
        self.finish(Goto(head))
        self.here = self.blocks[head]
        self.stack.extend(into)

    def if_(self, block: object) -> None:
        condition = truth(self.pop())
        params, results = self._block_types(block)
        self.settle("all")
        out = tuple(self.fresh(t, "r") for t in results)
        yes, no, after = self.new_block(), self.new_block(), self.new_block()
        below = len(self.stack) - len(params)
        kept = tuple(self.stack[below:])
        self.opens.append(Open("if", after, out, after, out, below, no, kept))
        self.finish(Branch(condition, yes, no, self.at))
        self.here = self.blocks[yes]

    def _before_split(self, condition: Expr) -> Expr:
        """What traps on the stack does so before a branch; the condition is used right after it."""
        self.settle("traps")
        return condition

    def else_(self) -> None:
        control = self.opens[-1]
        self._leave_to(control)
        assert control.otherwise is not None
        del self.stack[control.below :]
        self.here = self.blocks[control.otherwise]
        self.stack.extend(control.params)
        control.otherwise = None

    def end(self) -> None:
        control = self.opens.pop()
        if self.here is not None:
            self._leave_to(control)
        if control.otherwise is not None:  # no `else`: the parameters are the results
            self.here = self.blocks[control.otherwise]
            self.stack[control.below :] = control.params
            self._leave_to(control)
        del self.stack[control.below :]
        self.here = self.blocks[control.after]
        self.stack.extend(control.results)
        if not self._reached(control.after):
            self.here = None

    def _reached(self, number: int) -> bool:
        return number in self.targets

    def _leave_to(self, control: Open) -> None:
        """Run into the end of a block."""
        if self.here is None:
            return
        values = self.pop_many(len(control.results))
        self._assign(control.results, values)
        self._goto(control.after)

    def _goto(self, target: int) -> None:
        self.targets.add(target)
        self.finish(Goto(target))

    def _assign(self, variables: tuple[Expr, ...], values: list[Expr]) -> None:
        pairs = [
            (v, exact(e)) for v, e in zip(variables, values, strict=True) if v.value != e.value
        ]
        if pairs:
            names = tuple(str(v.value) for v, _ in pairs)
            self.do(Assign(names, tuple(e for _, e in pairs), self.at))

    # ------------------------------------------------------------------ branches

    def _branch_to(self, depth: int) -> None:
        """Branch from here, with the values on top of the stack (which stays as it is)."""
        if depth >= len(self.opens):
            values = self.stack[len(self.stack) - len(self.results) :] if self.results else []
            self.finish(Return(tuple(exact(e) for e in values), self.at))
            return
        control = self.opens[-1 - depth]
        count = len(control.carries)
        self._assign(control.carries, self.stack[-count:] if count else [])
        self._goto(control.label)

    def br(self, depth: int) -> None:
        self.settle_traps(self._carried(depth))
        self._branch_to(depth)

    def settle_traps(self, used: int) -> None:
        """What is not carried along a branch still has to trap where it would."""
        unused = self.stack[: len(self.stack) - used]
        if any(e.traps for e in unused):
            self.settle("traps")

    def _carried(self, depth: int) -> int:
        return (
            len(self.results) if depth >= len(self.opens) else len(self.opens[-1 - depth].carries)
        )

    def br_if(self, depth: int) -> None:
        self._split(truth(self.pop()), depth)

    def _split(self, condition: Expr, depth: int, taken: Expr | None = None) -> None:
        """Branch to a label where the condition holds (`taken` on top), else go on."""
        condition = self._before_split(condition)
        rest = self.new_block()
        if taken is None and not self._carried(depth) and depth < len(self.opens):
            label = self.opens[-1 - depth].label
            self.targets.add(label)
            self.finish(Branch(condition, label, rest, self.at))
        else:
            side = self.new_block()
            self.finish(Branch(condition, side, rest, self.at))
            self.here = self.blocks[side]
            if taken is not None:
                self.stack.append(taken)
            self._branch_to(depth)
            if taken is not None:
                self.stack.pop()
        self.here = self.blocks[rest]

    def br_table(self, labels: tuple[int, ...]) -> None:
        index = exact(self.pop())
        index = self._before_split(index)
        sides: dict[int, int] = {}
        start = self.here
        for depth in dict.fromkeys(labels):
            if depth < len(self.opens) and not self.opens[-1 - depth].carries:
                sides[depth] = self.opens[-1 - depth].label
                self.targets.add(sides[depth])
                continue
            sides[depth] = self.new_block()
            self.here = self.blocks[sides[depth]]
            self._branch_to(depth)
        self.here = start
        self.finish(Switch(index, tuple(sides[d] for d in labels), self.at))

    def return_(self) -> None:
        self.settle_traps(len(self.results))
        self._branch_to(len(self.opens))

    def br_on_null(self, depth: int) -> None:
        reference = self.keep_fresh(self.pop())
        condition = node("is_null", (reference,), I32, bounds=(0, 1))
        self._split(condition, depth)
        self.push(non_null(reference))

    def br_on_non_null(self, depth: int) -> None:
        reference = self.keep_fresh(self.pop())
        condition = node("is_not_null", (reference,), I32, bounds=(0, 1))
        self._split(condition, depth, non_null(reference))

    def br_on_cast(self, cast: tuple[int, RefType, RefType]) -> None:
        self._cast_branch(cast, "has_type")

    def br_on_cast_fail(self, cast: tuple[int, RefType, RefType]) -> None:
        self._cast_branch(cast, "has_not_type")

    def _cast_branch(self, cast: tuple[int, RefType, RefType], test: str) -> None:
        depth, source, target = cast
        want, have = self.typist.closed(target), self.typist.closed(source)
        assert isinstance(want, RefType) and isinstance(have, RefType)
        rest = RefType(have.nullable and not want.nullable, have.heap)
        reference = self.keep_fresh(self.pop())
        condition = node(test, (reference,), I32, bounds=(0, 1), value=want)
        taken, kept = (want, rest) if test == "has_type" else (rest, want)
        self._split(condition, depth, replace(reference, type=taken))
        self.push(replace(reference, type=kept))

    def keep_fresh(self, e: Expr) -> Expr:
        """The value in a variable that nothing sets again."""
        if e.op == "var" and str(e.value) not in self.changing:
            return e
        if e.traps or e.state:
            self.effect()
        kept = self.fresh(e.type)
        self.do(Assign((str(kept.value),), (exact(e),), self.at))
        return kept

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


def non_null(e: Expr) -> Expr:
    """A reference that has been looked at."""
    t = e.type
    return replace(e, type=RefType(False, t.heap)) if isinstance(t, RefType) else e


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
    names: list[str] = []
    for i in range(len(func.locals)):
        own = given.get(i, "")
        plain = own.isidentifier() and own.isascii() and not own[0].isupper() and own[0] != "_"
        name = f"{own}_" if plain else f"l{i}"
        names.append(name if name not in names else f"l{i}_")
    return names


_METHODS: dict[str, Callable[..., None]] = {
    "local.get": Builder.local_get,
    "local.set": Builder.local_set,
    "local.tee": Builder.local_tee,
    "drop": Builder.drop,
    "select": Builder.select,
    "nop": Builder.nop,
    "unreachable": Builder.unreachable,
    "block": Builder.block,
    "loop": Builder.loop,
    "if": Builder.if_,
    "else": Builder.else_,
    "end": Builder.end,
    "br": Builder.br,
    "br_if": Builder.br_if,
    "br_table": Builder.br_table,
    "return": Builder.return_,
    "br_on_null": Builder.br_on_null,
    "br_on_non_null": Builder.br_on_non_null,
    "br_on_cast": Builder.br_on_cast,
    "br_on_cast_fail": Builder.br_on_cast_fail,
}
