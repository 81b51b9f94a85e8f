"""Instructions as text, one by one."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from watloom.interp.core.instr import Catch, Immediate, Instr, MemArg
from watloom.interp.core.numerics.simd import shown
from watloom.interp.core.types import (
    AbsHeap,
    HeapType,
    RefType,
    ValType,
)
from watloom.interp.isa.control import DELIMITERS
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
    HEAPTYPE,
    I32CONST,
    I64CONST,
    LABELIDX,
    LABELS,
    LANES,
    LOCALIDX,
    MEMARG,
    MEMIDX,
    OUTERLABEL,
    TABLEIDX,
    TYPEIDX,
    TYPEUSE,
    V128CONST,
    VALTYPES,
)
from watloom.interp.isa.let import LOCALS
from watloom.interp.isa.threads import ORDERING
from watloom.parser.hints import HINTS
from watloom.parser.print_types import TypePrinter
from watloom.parser.print_words import Words, binding, identifier, show_f32, show_f64, signed

__all__ = ["Body", "show_hint"]


def _unless(word: str | None, hidden: set[str], x: int) -> str:
    """The name of a local; its number where it has none, or that is another's here."""
    return str(x) if word is None or word in hidden else word


class Body:
    """Prints one body: the labels that are open, and the names of the locals.

    `count` is the number of parameters and locals, behind which those of each `let` have names.
    """

    def __init__(
        self, printer: TypePrinter, locals_: Words, labels: dict[int, str], count: int = 0
    ) -> None:
        self.printer = printer
        self.locals = locals_
        self.labels = labels
        self.blocks = 0
        self.open: list[str] = []
        self.lets: list[tuple[int, range, dict[int, str]]] = []
        """The open ones: how many blocks are open around it, its locals, counted through, and their
        names, which may hide those of others further out."""
        self.next_local = count

    def line(self, instr: Instr) -> str:
        """One instruction, indented."""
        depth = len(self.open)
        words = self.words(instr)
        return self.indent(depth - (instr.op.mnemonic in DELIMITERS)) + words

    def hinted(self, instr: Instr, hint: bool | None) -> str:
        """One instruction, indented, behind its hint."""
        line = self.line(instr)
        if hint is None:
            return line
        words = line.lstrip(" ")
        return f"{line[: len(line) - len(words)]}{show_hint(hint)} {words}"

    def words(self, instr: Instr) -> str:
        """One instruction."""
        op = instr.op
        if BLOCKTYPE in op.immediates:
            if LOCALS in op.immediates:
                own = range(self.next_local, self.next_local + len(instr.args[1]))
                own_names = {i: self.locals.names[i] for i in own if i in self.locals.names}
                self.lets.append((len(self.open), own, Words(own_names).words))
                self.next_local = own.stop
            shown = self.block_words(instr)
            return f"{op.mnemonic}{self.enter()}{shown}"
        if op.mnemonic in ("end", "delegate") and self.open:
            self.open.pop()
            if self.lets and self.lets[-1][0] == len(self.open):
                self.lets.pop()
        return " ".join([op.mnemonic, *self.immediates(instr)])

    def enter(self) -> str:
        """Open a block: its label, with a space in front, or nothing."""
        name = self.labels.get(self.blocks)
        self.blocks += 1
        self.open.append(identifier(name) if name else "")
        return binding(name)

    def block_words(self, instr: Instr) -> str:
        """What stands behind the label of a block, with a space in front."""
        if LOCALS in instr.op.immediates:
            return self.printer.blocktype(instr.args[0]) + self.let_locals(instr.args[1])
        clauses = map(self.catch, instr.args[1]) if CATCHES in instr.op.immediates else ()
        return self.printer.blocktype(instr.args[0]) + "".join(clauses)

    def let_locals(self, types: tuple[ValType, ...]) -> str:
        """The locals of the `let` that was opened last, the nameless ones together."""
        _, own, words = self.lets[-1]
        groups = groupby(
            zip(own, types, strict=True),
            lambda one: one[0] if one[0] in words else None,
        )
        return "".join(
            self.printer.vals("local" if i is None else f"local {words[i]}", [t for _, t in group])
            for i, group in groups
        )

    def local(self, x: int) -> str:
        """A localidx: the locals of each open `let` stand in front of the others.

        One that a `let` further in has the name of is a number.
        """
        own, hidden = x, set[str]()
        for _, let, words in reversed(self.lets):
            if own < len(let):
                return _unless(words.get(let[own]), hidden, x)
            own -= len(let)
            hidden.update(words.values())
        return _unless(self.locals.words.get(own), hidden, x)

    @staticmethod
    def indent(depth: int) -> str:
        """The indentation of a block; what lies very deep is not moved further."""
        return "  " * min(max(depth, 0), 50)

    def catch(self, catch: Catch) -> str:
        """A catch clause, with a space in front."""
        tag = "" if catch.tag is None else f" {self.printer.space('tag')(catch.tag)}"
        return f" ({catch.mnemonic}{tag} {self.label(catch.label)})"

    def label(self, depth: int) -> str:
        """A labelidx: by name, where no nearer block has the same."""
        position = len(self.open) - 1 - depth
        if position < 0 or not self.open[position]:
            return str(depth)
        word = self.open[position]
        return str(depth) if word in self.open[position + 1 :] else word

    def immediates(self, instr: Instr) -> list[str]:
        """The immediates as words, in the order of the text."""
        kinds, args = instr.op.immediates, instr.args
        if kinds == (ELEMIDX, TABLEIDX) or kinds == (DATAIDX, MEMIDX):
            target = [self.printer.space(kinds[1].space or "")(args[1])] if args[1] else []
            return [*target, self.printer.space(kinds[0].space or "")(args[0])]
        if kinds == (TYPEUSE, TABLEIDX):
            table = [self.printer.space("table")(args[1])] if args[1] else []
            return [*table, self.printer.typeuse(args[0])[1:]]
        if all(kind.optional for kind in kinds):
            if not any(args):
                return []
            return [
                self.printer.space(kind.space or "")(a) for kind, a in zip(kinds, args, strict=True)
            ]
        found = (self.immediate(instr, kind, a) for kind, a in zip(kinds, args, strict=True))
        return [word for word in found if word]

    def immediate(self, instr: Instr, kind: Immediate, value: Any) -> str:
        """One immediate."""
        printer = self.printer
        if kind is ORDERING:
            return ""
        if kind is LOCALIDX:
            return self.local(value)
        if kind in (LABELIDX, OUTERLABEL):
            return self.label(value)
        if kind is LABELS:
            return " ".join(map(self.label, value))
        if kind is MEMARG:
            return self._memarg(instr, value)
        if kind is FIELDIDX:
            return printer.fields.get(instr.args[0], Words())(value)
        if kind is CASTTYPE:
            return printer.val(RefType(instr.op.data["null"], value))
        if kind is CASTLABEL:
            label, source, target = value
            return f"{self.label(label)} {printer.val(source)} {printer.val(target)}"
        if kind in (TYPEIDX, TYPEUSE):
            return "" if value is None else printer.space("type")(value)
        if kind.space is not None:
            return printer.space(kind.space)(value)
        show = _SHOW.get(kind)
        return show(printer, value) if show else str(value)

    def _memarg(self, instr: Instr, value: MemArg) -> str:
        words = [self.printer.space("memory")(value.mem)] if value.mem else []
        if value.offset:
            words.append(f"offset={value.offset}")
        if 1 << value.align != instr.op.data["access"].size:
            words.append(f"align={1 << value.align}")
        return " ".join(words)


def _results(printer: TypePrinter, types: tuple[ValType, ...]) -> str:
    return f"(result{''.join(f' {printer.val(t)}' for t in types)})"


def _heap(printer: TypePrinter, heap: HeapType) -> str:
    return heap.value if isinstance(heap, AbsHeap) else printer.heap(heap)


def show_hint(likely: bool) -> str:
    """A branch hint."""
    return f'(@{HINTS} "\\0{int(likely)}")'


_SHOW: dict[Immediate, Any] = {
    I32CONST: lambda _, value: signed(value, 32),
    I64CONST: lambda _, value: signed(value, 64),
    F32CONST: lambda _, value: show_f32(value),
    F64CONST: lambda _, value: show_f64(value),
    LANES: lambda _, value: " ".join(map(str, value)),
    V128CONST: lambda _, value: shown(value),
    HEAPTYPE: _heap,
    VALTYPES: _results,
}
