"""Expressions and statements as Python source.

    node("add", (x, 1))  →  x + 1        with no more parentheses than Python needs

Here are the lines and Python's own operators; `write_values`, `write_state` and `write_calls` say
how the others are written.

Each place that may trap is marked while the text is made; the marks are taken out when a line is
finished, leaving for each line the columns and what a Python error there means (`Spot`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from watloom.interp.compile.facts import ARITHMETIC
from watloom.interp.compile.ir import (
    Assign,
    Call,
    Do,
    Expr,
    Region,
    Return,
    Statement,
    TailCall,
    Terminator,
    Throw,
    Trapping,
    Try,
    node,
)
from watloom.interp.compile.marks import marked
from watloom.interp.core.types import F32, F64, I32, I64, V128

__all__ = ["DO", "TEXT", "Line", "Rendered", "Writer", "effect_of", "number", "text_of"]

# Python's binding strengths, weakest first.
TERNARY, NOT, COMPARE, OR, XOR, AND, SHIFT, SUM, PRODUCT, UNARY, ATOM = range(11)

_BINARY = {
    "add": ("+", SUM),
    "sub": ("-", SUM),
    "mul": ("*", PRODUCT),
    "and": ("&", AND),
    "or": ("|", OR),
    "xor": ("^", XOR),
    "shl": ("<<", SHIFT),
    "shr": (">>", SHIFT),
    "//": ("//", PRODUCT),
    "%": ("%", PRODUCT),
    "fmul": ("*", PRODUCT),
    "fadd": ("+", SUM),
    "fsub": ("-", SUM),
}
_COMPARE = {"==", "!=", "<", ">", "<=", ">="}


Rendered = tuple[str, int]
#: How an operator is written: its text, and how strongly that binds.
TEXT: dict[str, TextRule] = {}
#: How an effect is written.
DO: dict[str, DoRule] = {}


class Line(NamedTuple):
    """A line of Python: its indentation, text, and where the statement stands in the source."""

    level: int
    text: str
    at: int


class Writer:
    """Collects the lines of a function."""

    def __init__(
        self, functions: Mapping[int, str], own: int, any_nan: frozenset[str] = frozenset()
    ) -> None:
        self.functions = functions
        self.own = own
        self.any_nan = any_nan
        self.lines: list[Line] = []
        self.level = 1
        self.constants: dict[str, object] = {}
        """Names that the code uses for objects: steps, types, special floats."""
        self._names: dict[int, str] = {}  # of the same, by identity

    # ------------------------------------------------------------------ lines

    def mark(self) -> int:
        """The number of lines so far."""
        return len(self.lines)

    def rewind(self, mark: int) -> None:
        """Forget the lines after a mark."""
        del self.lines[mark:]
        self.level = 1

    def insert(self, mark: int, text: str) -> None:
        """A line in front of the one at a mark."""
        self.lines.insert(mark, Line(self.level, text, 0))

    def line(self, text: str, at: int = 0) -> None:
        self.lines.append(Line(self.level, text, at))

    def open(self, text: str, at: int = 0) -> None:
        """A line that begins a suite."""
        self.line(text, at)
        self.level += 1

    def close(self) -> None:
        """The end of a suite, which must not be empty."""
        opening = self.lines[-1]
        self.level -= 1
        if opening.level == self.level and opening.text.endswith(":"):
            if opening.text == "else:":
                self.lines.pop()
            else:
                self.lines.append(Line(self.level + 1, "pass", opening.at))

    # ------------------------------------------------------------------ statements

    def statements(self, statements: Sequence[Statement]) -> None:
        """Write statements."""
        for s in statements:
            match s:
                case Assign(names, exprs):
                    self._assign(names, exprs, s.at)
                case Call(names, call):
                    target = f"{', '.join(names)} = " if names else ""
                    self.line(target + self.text(call), s.at)
                case Do():
                    DO[s.op](self, s)

    def _assign(self, names: tuple[str, ...], exprs: tuple[Expr, ...], at: int) -> None:
        if len(names) == 1 and self._is_change(names[0], exprs[0]):
            symbol, _ = _BINARY[exprs[0].op]
            self.line(f"{names[0]} {symbol}= {self.text(exprs[0].args[1])}", at)
            return
        pairs = zip(names, exprs, strict=True)
        texts = [self.text(e if n in self.any_nan else self.clean(e)) for n, e in pairs]
        self.line(f"{', '.join(names)} = {', '.join(texts)}", at)

    def _is_change(self, name: str, e: Expr) -> bool:
        """Whether a variable is set to itself plus or minus something."""
        plain = e.op in ("add", "sub") or (e.op in ("fadd", "fsub") and name in self.any_nan)
        return plain and e.args[0].op == "var" and e.args[0].value == name

    def clean(self, e: Expr) -> Expr:
        """A float whose NaN is the canonical one, for where its bits may be looked at."""
        if e.op in ARITHMETIC or (e.op == "var" and e.value in self.any_nan):
            return node("clean", (e,), e.type)
        return e

    def leave(self, end: Terminator) -> None:
        """The end of a function."""
        match end:
            case Return(exprs):
                texts = [self.text(self.clean(e)) for e in exprs]
                value = f"({', '.join(texts)})" if len(texts) > 1 else "".join(texts)
                self.line(f"return {value}".rstrip(), end.at)
            case TailCall(call):
                self.line(f"return {self.text(call)}", end.at)
            case Throw(tag, args):
                self.line(marked(f"raise {self._thrown(tag, args)}", end.at, ""), end.at)
            case Trapping(text):
                self.line(f"{marked('raise Trap(' + repr(text) + ')', end.at, '')}", end.at)

    def _thrown(self, tag: int | None, args: tuple[Expr, ...]) -> str:
        texts = ", ".join(self.text(self.clean(e)) for e in args)
        return f"again({texts})" if tag is None else f"Thrown(Exn(T[{tag}], [{texts}], store))"

    def catch(self, handler: Try, region: Region) -> None:
        """`except`: the exception in its variable, if a clause takes it."""
        self.open("except Thrown as thrown:", handler.at)
        if region.passed:
            self.line(f"if thrown.to == {region.outer}: thrown.to, past = None, True")
            self.line("else: past = thrown.to is not None")
            self.line("if past: raise")
        if handler.delegate is not None:
            self.line(f"thrown.to = {handler.delegate}")
            self.line("raise")
            self.close()
            return
        self.line(f"{handler.name} = thrown.args[0]")
        tags = [clause.tag for clause in handler.clauses]
        if None not in tags:
            self.line(
                f"if {' and '.join(f'{handler.name}.tag is not T[{x}]' for x in tags)}: raise"
            )
        self.close()

    def open_if(self, condition: Expr, sense: bool, at: int) -> None:
        """`if condition:` or `if not condition:`."""
        self.open(f"if {self.condition(condition, sense)}:", at)

    def condition(self, e: Expr, sense: bool) -> str:
        """An i32 as a Python condition."""
        while e.op == "not":
            e, sense = e.args[0], not sense
        if e.op in _COMPARE and not sense:
            opposite = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}[e.op]
            if e.args[0].type in (I32, I64) or e.op in ("==", "!="):
                left, right = (self.text(a, COMPARE + 1) for a in e.args)
                return f"{left} {opposite} {right}"
        if e.op in ("is_null", "is_not_null"):
            word = "is" if (e.op == "is_null") == sense else "is not"
            return f"{self.text(e.args[0], COMPARE + 1)} {word} None"
        return self.text(e, TERNARY + 1) if sense else f"not {self.text(e, NOT)}"

    def name_switch(self, index: Expr, at: int) -> str:
        """The index of a `br_table` in a variable."""
        if index.op == "var":
            return str(index.value)
        self.line(f"case = {self.text(index)}", at)
        return "case"

    # ------------------------------------------------------------------ expressions

    def constant(self, prefix: str, value: object) -> str:
        """A name for an object that the code refers to."""
        known = self._names.get(id(value))
        if known is not None:
            return known
        name = self._names[id(value)] = f"{prefix}{self.own}_{len(self.constants)}"
        self.constants[name] = value
        return name

    def text(self, e: Expr, strength: int = 0) -> str:
        """The expression as Python, in parentheses if it binds less than `strength`."""
        op = e.op
        if op == "var":
            return str(e.value)
        if op == "const":
            return self._const(e, strength)
        if op in _BINARY:
            symbol, own = _BINARY[op]
            left, right = self.text(e.args[0], own), self.text(e.args[1], own + 1)
            text = f"{left} {symbol} {right}"
            if op in ("//", "%"):
                text = marked(text, e.at, "ZeroDivisionError=integer divide by zero")
            return f"({text})" if own < strength else text
        if op in _COMPARE:
            left, right = (self.text(a, COMPARE + 1) for a in e.args)
            text = f"{left} {op} {right}"
            return f"({text})" if strength > COMPARE else text
        rule = TEXT[op]
        text, own = rule(self, e)
        return f"({text})" if own < strength else text

    def _const(self, e: Expr, strength: int) -> str:
        value = e.value
        if e.type in (I32, I64):
            text = number(value)
            return f"({text})" if value < 0 and strength > SUM else text
        if e.type in (F32, F64):
            if value != value or value in (float("inf"), float("-inf")):
                return self.constant("x", value)
            text = repr(value)
            return f"({text})" if text.startswith("-") and strength > SUM else text
        return hex(value) if e.type is V128 else "None"


def number(value: int) -> str:
    """An integer as a person would write it: small ones in decimal."""
    return str(value) if abs(value) < 1 << 20 else hex(value)


TextRule = Callable[[Writer, Expr], Rendered]
DoRule = Callable[[Writer, Do], None]


def text_of(op: str) -> Callable[[TextRule], TextRule]:
    """Register how an operator is written."""

    def register(made: TextRule) -> TextRule:
        TEXT[op] = made
        return made

    return register


def effect_of(op: str) -> Callable[[DoRule], DoRule]:
    """Register how an effect is written."""

    def register(made: DoRule) -> DoRule:
        DO[op] = made
        return made

    return register
