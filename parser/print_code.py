"""Types, indices and instructions as text; `printer` puts the modules together.

Naming: a *word* is how an index is written, `$name` where it has a name that no other has, else
its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from watloom.interp.core.instr import BlockType, Catch, Expr, Immediate, Instr, MemArg
from watloom.interp.core.module import Hints, Names
from watloom.interp.core.numerics.bits import f32_to_bits, f64_to_bits
from watloom.interp.core.numerics.simd import shown
from watloom.interp.core.types import (
    AbsHeap,
    CompType,
    FieldType,
    FuncType,
    HeapType,
    PackType,
    RefType,
    StructType,
    SubType,
    TypeIdx,
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
from watloom.parser.comments import ID_CHARS
from watloom.parser.hints import HINTS
from watloom.parser.numbers import parse_f32
from watloom.parser.strings import quote_name

__all__ = ["Body", "CodePrinter", "Words", "binding", "identifier", "show_f32", "show_f64"]

_ID = re.compile(rf"[{ID_CHARS}]+")


def identifier(name: str) -> str:
    """A name as an identifier.

    >>> identifier("x"), identifier("two words")
    ('$x', '$"two words"')
    """
    return f"${name}" if _ID.fullmatch(name) else f"${quote_name(name)}"


def annotation(name: str) -> str:
    """A name where it cannot be an identifier."""
    return f"(@name {quote_name(name)})"


def binding(name: str | None) -> str:
    """A name where it is given to something, with a space in front, or nothing."""
    if name is None:
        return ""
    return f" {identifier(name) if name else annotation(name)}"


class Words:
    """How the indices of one space are written.

    Of items with one name, the first has it as its identifier; others have it in an annotation.
    """

    def __init__(self, names: dict[int, str] | None = None) -> None:
        self.words: dict[int, str] = {}
        self.names = names or {}
        taken: set[str] = set()
        for index, name in sorted(self.names.items()):
            if name and name not in taken:
                taken.add(name)
                self.words[index] = identifier(name)

    def __call__(self, index: int) -> str:
        return self.words.get(index) or str(index)

    def binding(self, index: int) -> str:
        """The name behind a space where the item is defined, or nothing."""
        if index not in self.names:
            return ""
        return f" {self.words.get(index) or annotation(self.names[index])}"


# ------------------------------------------------------------------ numbers


def show_f64(x: float) -> str:
    """An f64 as a literal that is read back to the same bits.

    >>> show_f64(0.1), show_f64(float("-inf")), show_f64(float("nan"))
    ('0.1', '-inf', 'nan')
    """
    if x != x:
        return _nan(f64_to_bits(x), 64, 52)
    return repr(x)


def show_f32(x: float) -> str:
    """An f32 as the shortest literal that is read back to the same bits.

    >>> show_f32(0.10000000149011612)
    '0.1'
    """
    if x != x:
        return _nan(f32_to_bits(x), 32, 23)
    if x in (float("inf"), float("-inf")):
        return repr(x)
    shown = (f"{x:.{digits}g}" for digits in range(6, 10))
    return next((text for text in shown if parse_f32(text) == x), repr(x))


def _nan(bits: int, width: int, mantissa: int) -> str:
    sign = "-" if bits >> (width - 1) else ""
    payload = bits & ((1 << mantissa) - 1)
    return f"{sign}nan" if payload == 1 << (mantissa - 1) else f"{sign}nan:{payload:#x}"


def _signed(value: int, bits: int) -> str:
    return str(value - (1 << bits) if value >> (bits - 1) else value)


# ------------------------------------------------------------------ types and code


class CodePrinter:
    """Prints with the names of one module; `functypes` gives the function type of a typeidx."""

    def __init__(self, names: Names, functypes: dict[int, FuncType]) -> None:
        self.names = names
        self.functypes = functypes
        self.spaces = {kind.value: Words(found) for kind, found in names.spaces.items()}
        self.spaces["elem"] = Words(names.elems)
        self.spaces["data"] = Words(names.datas)
        self.fields = {index: Words(found) for index, found in names.fields.items()}

    def space(self, name: str) -> Words:
        """How the indices of a space are written."""
        return self.spaces.get(name) or self.spaces.setdefault(name, Words())

    # -------------------------------------------------------------- types

    def heap(self, heap: HeapType) -> str:
        """A heap type."""
        return self.space("type")(heap.index) if isinstance(heap, TypeIdx) else str(heap)

    def val(self, t: ValType | PackType) -> str:
        """A value type, or a packed one."""
        if isinstance(t, RefType) and isinstance(t.heap, TypeIdx):
            return f"(ref {'null ' if t.nullable else ''}{self.heap(t.heap)})"
        return str(t)

    def vals(self, keyword: str, types: Sequence[ValType]) -> str:
        """` (param …)` or ` (result …)`, or nothing."""
        return f" ({keyword} {' '.join(map(self.val, types))})" if types else ""

    def signature(self, t: FuncType, names: Words | None = None) -> str:
        """The parameters, with their names, and results of a function type."""
        if names is None or not any(index in names.names for index in range(len(t.params))):
            return self.vals("param", t.params) + self.vals("result", t.results)
        params = "".join(
            f" (param{names.binding(i)} {self.val(p)})" for i, p in enumerate(t.params)
        )
        return params + self.vals("result", t.results)

    def subtype(self, sub: SubType, index: int) -> str:
        """What stands in a type definition."""
        comp = self._comp(sub.comp, index)
        if sub.final and not sub.supers:
            return comp
        supers = "".join(f" {self.heap(s)}" for s in sub.supers)
        return f"(sub{' final' if sub.final else ''}{supers} {comp})"

    def _comp(self, comp: CompType, index: int) -> str:
        if isinstance(comp, FuncType):
            return f"(func{self.signature(comp)})"
        if isinstance(comp, StructType):
            words = self.fields.get(index, Words())
            fields = (
                f" (field{words.binding(i)} {self.field(f)})" for i, f in enumerate(comp.fields)
            )
            return f"(struct{''.join(fields)})"
        return f"(array {self.field(comp.field)})"

    def field(self, t: FieldType) -> str:
        """The type of a field."""
        return f"(mut {self.val(t.storage)})" if t.mutable else self.val(t.storage)

    def typeuse(self, index: int, names: Words | None = None) -> str:
        """`(type $t)` with the parameters and results, where they are known."""
        use = f" (type {self.space('type')(index)})"
        functype = self.functypes.get(index)
        return use + self.signature(functype, names) if functype else use

    # -------------------------------------------------------------- code

    def expr(self, code: Expr, keyword: str) -> str:
        """A constant expression: one instruction in parentheses, several behind a keyword."""
        shown = list(self.lines(code))
        return f"({shown[0]})" if len(shown) == 1 else f"({' '.join([keyword, *shown])})"

    def lines(
        self,
        code: Expr,
        locals_: Words | None = None,
        labels: dict[int, str] | None = None,
        hints: Hints | None = None,
    ) -> Iterable[str]:
        """The instructions of a body, one each, indented by two spaces a block."""
        body = Body(self, locals_ or Words(), labels or {})
        if not hints:
            return [body.line(instr) for instr in code]
        return [body.hinted(instr, hints.get(number)) for number, instr in enumerate(code)]

    def blocktype(self, t: BlockType) -> str:
        """A block type, with a space in front, or nothing."""
        if t is None:
            return ""
        return self.typeuse(t) if isinstance(t, int) else f" (result {self.val(t)})"


class Body:
    """Prints one body: the labels that are open, and the names of the locals."""

    def __init__(self, printer: CodePrinter, locals_: Words, labels: dict[int, str]) -> None:
        self.printer = printer
        self.locals = locals_
        self.labels = labels
        self.blocks = 0
        self.open: list[str] = []
        self.lets: list[int] = []
        """Inside of a `let` locals have other indices, which are written as numbers."""

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
            shown = self.block_words(instr)
            if LOCALS in op.immediates:
                self.lets.append(len(self.open))
            return f"{op.mnemonic}{self.enter()}{shown}"
        if op.mnemonic in ("end", "delegate") and self.open:
            self.open.pop()
            if self.lets and self.lets[-1] == len(self.open):
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
            return self.printer.blocktype(instr.args[0]) + self.printer.vals("local", instr.args[1])
        clauses = map(self.catch, instr.args[1]) if CATCHES in instr.op.immediates else ()
        return self.printer.blocktype(instr.args[0]) + "".join(clauses)

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
        if kind is LOCALIDX:
            return str(value) if self.lets else self.locals(value)
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


def _results(printer: CodePrinter, types: tuple[ValType, ...]) -> str:
    return f"(result{''.join(f' {printer.val(t)}' for t in types)})"


def _heap(printer: CodePrinter, heap: HeapType) -> str:
    return heap.value if isinstance(heap, AbsHeap) else printer.heap(heap)


def show_hint(likely: bool) -> str:
    """A branch hint."""
    return f'(@{HINTS} "\\0{int(likely)}")'


_SHOW: dict[Immediate, Any] = {
    I32CONST: lambda _, value: _signed(value, 32),
    I64CONST: lambda _, value: _signed(value, 64),
    F32CONST: lambda _, value: show_f32(value),
    F64CONST: lambda _, value: show_f64(value),
    LANES: lambda _, value: " ".join(map(str, value)),
    V128CONST: lambda _, value: shown(value),
    HEAPTYPE: _heap,
    VALTYPES: _results,
}
