"""Code with names to code with indices (https://webassembly.github.io/spec/core/text/instructions.html).

Each instruction has a rule, chosen once from its immediates; a rule gets the resolver of the
function and the node, and gives the `Instr`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from watloom.interp.core.errors import Note
from watloom.interp.core.features import Features
from watloom.interp.core.instr import BlockType, Catch, Expr, Immediate, Instr, MemArg, Op
from watloom.interp.core.source import Source, Span
from watloom.interp.core.types import ValType
from watloom.interp.isa import op_table
from watloom.interp.isa.immediates import (
    BLOCKTYPE,
    CASTLABEL,
    CASTTYPE,
    CATCHES,
    DATAIDX,
    ELEMIDX,
    F32CONST,
    F64CONST,
    FIELDIDX,
    FUNCIDX,
    GLOBALIDX,
    HEAPTYPE,
    I32CONST,
    I64CONST,
    LABELIDX,
    LABELS,
    LANEIDX,
    LANES,
    LOCALIDX,
    MEMARG,
    MEMIDX,
    OUTERLABEL,
    TABLEIDX,
    TAGIDX,
    TYPEIDX,
    TYPEUSE,
    U32,
    V128CONST,
    VALTYPES,
)
from watloom.interp.isa.let import LOCALS
from watloom.interp.isa.threads import ORDERING
from watloom.parser import ast, messages
from watloom.parser.ast import Token
from watloom.parser.keywords import obsolete_mnemonics
from watloom.parser.numbers import parse_alignment, parse_f32, parse_f64, parse_int, parse_nat
from watloom.parser.resolve.context import Context
from watloom.parser.resolve.spaces import unknown_name
from watloom.parser.vectors import parse_lane_index, parse_shuffle, parse_vector

__all__ = ["Code", "name_local"]

Rule: TypeAlias = "Callable[[Code, ast.PlainNode], Instr]"
Part: TypeAlias = "Callable[[Code, Any, list[Any]], Any]"


class Let(NamedTuple):
    """An open `let`: how many blocks are open around it, its names, how many locals it has."""

    depth: int
    names: dict[str, int]
    size: int


def name_local(names: dict[str, int], token: Token, index: int, source: Source) -> None:
    """Give a local its name, which no other of the same function or block may have."""
    word, at = token
    if word in names:
        span = Span(at, at + len(word))
        help = "the parameters and locals of a function have different names"
        raise messages.duplicate_name(span, source, kind="local", name=word, help=help)
    names[word] = index


class Code:
    """Resolves one body or constant expression.

    `locals` are the names of the function's locals; `labels` collects those of its blocks, and
    `let_names` those of the locals of each `let`, counted through the body.
    """

    def __init__(self, context: Context, locals_: dict[str, int] | None = None) -> None:
        self.context = context
        self.source = context.source
        self.types = context.types
        self.locals = dict(locals_ or {})
        self.labels: dict[int, str] = {}
        self.blocks = 0
        self.open: list[Token | None] = []
        self.depths: dict[str, list[int]] = {}
        self.lets: list[Let] = []
        self.let_names: dict[int, str] = {}
        self.let_locals = 0

    def resolve(self, code: ast.Code) -> Expr:
        """The instructions of a body."""
        rules, (else_op, end_op), blocks = _rules(self.context.features)
        found: Expr = []
        for node in code:
            if node.__class__ is ast.PlainNode:
                found.append(rules[node.word](self, node))
            elif node.__class__ is ast.BlockNode:
                op = blocks[node.word]
                args: tuple[Any, ...] = (self.blocktype(node.type, node.at),)
                if CATCHES in op.immediates:
                    args = (*args, tuple(map(self.catch, node.catches)))
                elif LOCALS in op.immediates:
                    args = (*args, self.enter_let(node.locals))
                found.append(Instr(op, args, node.at))
                self.enter(node)
            elif node.__class__ is ast.EndNode:
                self.check_label(node.label)
                self.leave()
                found.append(Instr(end_op, (), node.at))
            else:
                self.check_label(node.label)  # type: ignore[union-attr]
                found.append(Instr(else_op, (), node.at))
        return found

    # -------------------------------------------------------------- blocks and labels

    def enter(self, node: ast.BlockNode) -> None:
        """Open a block."""
        label, name = node.label, self.context.annotations.name(node.at)
        if name is not None:
            self.labels[self.blocks] = name
        elif label is not None:
            self.labels[self.blocks] = label[0][1:]
        if label is not None:
            self.depths.setdefault(label[0], []).append(len(self.open))
        self.blocks += 1
        self.open.append(label)

    def leave(self) -> None:
        """Close the innermost block."""
        label = self.open.pop()
        if self.lets and self.lets[-1].depth == len(self.open):
            self.lets.pop()
        if label is not None:
            self.depths[label[0]].pop()

    def check_label(self, label: Token | None) -> None:
        """A label behind `else` or `end` must be that of the block."""
        own = self.open[-1]
        if label is None or (own and own[0] == label[0]):
            return
        word, at = label
        block = f"is labelled {own[0]}" if own else "has no label"
        notes = [Note("the label of the block", Span(own[1]), self.source)] if own else []
        span = Span(at, at + len(word))
        raise messages.mismatching_label(span, self.source, label=word, block=block, notes=notes)

    def label(self, token: Token) -> int:
        """A labelidx."""
        word, at = token
        if word[0] != "$":
            return parse_nat(word, 32, at, self.source)
        depths = self.depths.get(word)
        if not depths:
            open_ = [label[0] for label in self.open if label]
            raise unknown_name("label", token, open_, self.source)
        return len(self.open) - 1 - depths[-1]

    def outer_label(self, token: Token) -> int:
        """A labelidx outside of the innermost block, which ends here."""
        self.leave()
        return self.label(token)

    def blocktype(self, use: ast.TypeUseNode, at: int) -> BlockType:
        """A block type: nothing, one result, or a typeidx."""
        if use.index is None and not use.params and len(use.results) < 2:
            return self.types.val(use.results[0]) if use.results else None
        return self.types.use(use, at)

    def catch(self, node: ast.CatchNode) -> Catch:
        """A catch clause, whose label stands outside of its block."""
        tag = None if node.tag is None else self.context.index("tag", node.tag)
        return Catch(tag, self.label(node.label), ref=node.word.endswith("_ref"))

    # -------------------------------------------------------------- indices

    def enter_let(self, groups: Sequence[ast.Variable]) -> tuple[ValType, ...]:
        """Name the locals of a `let`, whose block is opened next: their types."""
        names: dict[str, int] = {}
        types: list[ValType] = []
        for group in groups:
            if group.name is not None:
                name_local(names, group.name, len(types), self.source)
            types += self.types.vals(group.types)
        self.lets.append(Let(len(self.open), names, len(types)))
        self.let_names |= {self.let_locals + i: name[1:] for name, i in names.items()}
        self.let_locals += len(types)
        return tuple(types)

    def local(self, token: Token) -> int:
        """A localidx; the locals of each open `let` stand in front of the others."""
        word, at = token
        if word[0] == "$" and self.lets:
            before = 0
            for let in reversed(self.lets):
                if word in let.names:
                    return before + let.names[word]
                before += let.size
            if word in self.locals:
                return before + self.locals[word]
        found = self.locals.get(word)
        if found is None:
            if word[0] == "$":
                raise unknown_name(
                    "local", token, [w for w in self.locals if w[0] == "$"], self.source
                )
            found = self.locals[word] = parse_nat(word, 32, at, self.source)
        return found

    def field(self, token: Token, typeidx: int, written: ast.Index) -> int:
        """A fieldidx of a struct type."""
        word, at = token
        if word[0] != "$":
            return parse_nat(word, 32, at, self.source)
        fields = self.context.scope.fields.get(typeidx, {})
        if word not in fields:
            raise self.context.unknown_field(token, typeidx, written, list(fields))
        return fields[word]


# ------------------------------------------------------------------ parts: one immediate


def _u32(code: Code, token: Token, _: list[Any]) -> int:
    return parse_nat(token[0], 32, token[1], code.source)


def _space(name: str) -> Part:
    def part(code: Code, index: ast.Index | None, _: list[Any]) -> int:
        return code.context.index(name, index) if index is not None else 0

    return part


def _memarg(code: Code, values: list[Any], op: Op) -> MemArg:
    memory, offset, align = values
    natural: int = op.data["access"].size
    return MemArg(
        mem=code.context.index("memory", memory) if memory is not None else 0,
        offset=parse_nat(offset[0][7:], 64, offset[1] + 7, code.source) if offset else 0,
        align=parse_alignment(align[0][6:], align[1] + 6, code.source)
        if align
        else natural.bit_length() - 1,
    )


_PARTS: dict[Immediate, Part] = {
    TYPEIDX: lambda code, index, _: None if index is None else code.types.index(index),
    FUNCIDX: _space("func"),
    TABLEIDX: _space("table"),
    MEMIDX: _space("memory"),
    GLOBALIDX: _space("global"),
    TAGIDX: _space("tag"),
    ELEMIDX: _space("elem"),
    DATAIDX: _space("data"),
    LOCALIDX: lambda code, token, _: code.local(token),
    LABELIDX: lambda code, token, _: code.label(token),
    OUTERLABEL: lambda code, token, _: code.outer_label(token),
    FIELDIDX: lambda code, token, values: code.field(token, code.types.index(values[0]), values[0]),
    U32: _u32,
    I32CONST: lambda code, token, _: parse_int(token[0], 32, token[1], code.source),
    I64CONST: lambda code, token, _: parse_int(token[0], 64, token[1], code.source),
    F32CONST: lambda code, token, _: parse_f32(token[0], token[1], code.source),
    F64CONST: lambda code, token, _: parse_f64(token[0], token[1], code.source),
    V128CONST: lambda code, shape, args: parse_vector(shape, args[1], code.source),
    LANEIDX: lambda code, token, _: parse_lane_index(token, code.source),
    HEAPTYPE: lambda code, node, _: code.types.heap(node),
    LABELS: lambda code, tokens, _: tuple([code.label(token) for token in tokens]),
}


# ------------------------------------------------------------------ rules: a whole instruction


def _no_immediates(op: Op) -> Rule:
    return lambda code, node: Instr(op, (), node.at)


def _one(op: Op, part: Part) -> Rule:
    return lambda code, node: Instr(op, (part(code, node.args[0], node.args),), node.at)


def _two(op: Op, first: Part, second: Part, swapped: bool) -> Rule:
    def rule(code: Code, node: ast.PlainNode) -> Instr:
        a, b = node.args
        if swapped:
            a, b = b, a
        return Instr(op, (first(code, a, node.args), second(code, b, node.args)), node.at)

    return rule


def _with_memarg(op: Op) -> Rule:
    return lambda code, node: Instr(op, (_memarg(code, node.args, op),), node.at)


def _with_memarg_and_lane(op: Op) -> Rule:
    def rule(code: Code, node: ast.PlainNode) -> Instr:
        *memarg, lane = node.args
        args = (_memarg(code, memarg, op), parse_lane_index(lane, code.source))
        return Instr(op, args, node.at)

    return rule


def _shuffle(op: Op) -> Rule:
    def rule(code: Code, node: ast.PlainNode) -> Instr:
        lanes = parse_shuffle((node.word, node.at), node.args[0], code.source)
        return Instr(op, (lanes,), node.at)

    return rule


def _indirect(op: Op) -> Rule:
    def rule(code: Code, node: ast.PlainNode) -> Instr:
        table, use = node.args
        index = code.context.index("table", table) if table is not None else 0
        return Instr(op, (code.types.use(use, node.at), index), node.at)

    return rule


def _typeuse(op: Op) -> Rule:
    return lambda code, node: Instr(op, (code.types.use(node.args[0], node.at),), node.at)


def _select(plain: Op, typed: Op) -> Rule:
    def rule(code: Code, node: ast.PlainNode) -> Instr:
        results = node.args[0]
        if results is None:
            return Instr(plain, (), node.at)
        types = code.types.vals([t for part in results for t in part])
        return Instr(typed, (types,), node.at)

    return rule


def _cast(ops: tuple[Op, ...]) -> Rule:
    by_null = {op.data["null"]: op for op in ops}

    def rule(code: Code, node: ast.PlainNode) -> Instr:
        reftype = code.types.ref(node.args[0])
        return Instr(by_null[reftype.nullable], (reftype.heap,), node.at)

    return rule


def _cast_label(op: Op) -> Rule:
    def rule(code: Code, node: ast.PlainNode) -> Instr:
        label, source, target = node.args
        types = code.types
        return Instr(op, ((code.label(label), types.ref(source), types.ref(target)),), node.at)

    return rule


#: In text the table or memory stands before what is copied from; in the IR behind it.
_SWAPPED = {(ELEMIDX, TABLEIDX), (DATAIDX, MEMIDX)}


def _rule(ops: tuple[Op, ...]) -> Rule:
    op, kinds = ops[0], ops[0].immediates
    if len(ops) == 2:
        if kinds[:1] == (CASTTYPE,):
            return _cast(ops)
        plain, typed = sorted(ops, key=lambda op: op.immediates == (VALTYPES,))
        return _select(plain, typed)
    if kinds == (ORDERING,):
        return lambda code, node: Instr(op, (0,), node.at)
    if not kinds:
        return _no_immediates(op)
    if kinds == (MEMARG,):
        return _with_memarg(op)
    if kinds == (MEMARG, LANEIDX):
        return _with_memarg_and_lane(op)
    if kinds == (LANES,):
        return _shuffle(op)
    if kinds == (TYPEUSE, TABLEIDX):
        return _indirect(op)
    if kinds == (TYPEUSE,):
        return _typeuse(op)
    if kinds == (CASTLABEL,):
        return _cast_label(op)
    parts = [_PARTS[kind] for kind in kinds]
    if len(parts) == 1:
        return _one(op, parts[0])
    return _two(op, parts[0], parts[1], kinds in _SWAPPED)


def _renamed(rule: Rule, today: str) -> Rule:
    def renamed(code: Code, node: ast.PlainNode) -> Instr:
        text = f"{node.word} is an old spelling: write {today}"
        code.context.warnings.append(Note(text, Span(node.at), code.source))
        return rule(code, node)

    return renamed


@lru_cache(maxsize=16)
def _rules(features: Features) -> tuple[dict[str, Rule], tuple[Op, Op], dict[str, Op]]:
    """The rule of each mnemonic, the ops `else` and `end`, and those of the blocks."""
    table = op_table(features).by_mnemonic
    blocks = {word: ops[0] for word, ops in table.items() if BLOCKTYPE in ops[0].immediates}
    ends = (table["else"][0], table["end"][0])
    rules = {word: _rule(ops) for word, ops in table.items() if word not in blocks}
    if features.legacy:
        rules |= {
            old: _renamed(rules[new], new)
            for old, new in obsolete_mnemonics().items()
            if new in rules
        }
    return rules, ends, blocks
