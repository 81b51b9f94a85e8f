"""Expressions and statements as Python source.

    node("add", (x, 1))  →  x + 1        with no more parentheses than Python needs

Each place that may trap is marked while the text is made; the marks are taken out when a line is
finished, leaving for each line the columns and what a Python error there means (`Spot`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from watloom.interp.compile.ir import (
    Assign,
    Call,
    Do,
    Expr,
    Return,
    Statement,
    TailCall,
    Terminator,
    Trapping,
)
from watloom.interp.core.types import F32, F64, I32, I64

__all__ = ["Line", "Spot", "Writer"]

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


class Spot(NamedTuple):
    """A stretch of a line that may trap: where in the source, and what errors mean there."""

    first: int
    last: int
    at: int
    meaning: str


class Line(NamedTuple):
    """A line of Python: its indentation, text, and where the statement stands in the source."""

    level: int
    text: str
    at: int


_MARK = re.compile("\ue000(\\d+):([^\ue001]*)\ue001|\ue002")


class Writer:
    """Collects the lines of a function."""

    def __init__(self, functions: Mapping[int, str], own: int) -> None:
        self.functions = functions
        self.own = own
        self.lines: list[Line] = []
        self.level = 1
        self.constants: dict[str, object] = {}
        """Names that the code uses for objects: steps, types, special floats."""

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
                    _DO[s.op](self, s)

    def _assign(self, names: tuple[str, ...], exprs: tuple[Expr, ...], at: int) -> None:
        if len(names) == 1:
            self.line(f"{names[0]} = {self.text(exprs[0])}", at)
            if (
                exprs[0].op in _ARITHMETIC
            ):  # whatever NaN the machine made, ours is the canonical one
                self.line(f"if {names[0]} != {names[0]}: {names[0]} = NAN", at)
            return
        self.line(f"{', '.join(names)} = {', '.join(self.text(clean(e)) for e in exprs)}", at)

    def leave(self, end: Terminator) -> None:
        """The end of a function."""
        match end:
            case Return(exprs):
                texts = [self.text(clean(e)) for e in exprs]
                value = f"({', '.join(texts)})" if len(texts) > 1 else "".join(texts)
                self.line(f"return {value}".rstrip(), end.at)
            case TailCall(call):
                self.line(f"return {self.text(call)}", end.at)
            case Trapping(text):
                self.line(f"{_marked('raise Trap(' + repr(text) + ')', end.at, '')}", end.at)

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

    def discard(self, condition: Expr, at: int) -> None:
        """A condition that decides nothing, but may trap."""
        if condition.traps:
            self.line(self.text(condition), at)

    def name_switch(self, index: Expr, at: int) -> str:
        """The index of a `br_table` in a variable."""
        if index.op == "var":
            return str(index.value)
        self.line(f"case = {self.text(index)}", at)
        return "case"

    # ------------------------------------------------------------------ expressions

    def constant(self, prefix: str, value: object) -> str:
        """A name for an object that the code refers to."""
        for name, known in self.constants.items():
            if known is value:
                return name
        name = f"{prefix}{self.own}_{len(self.constants)}"
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
                text = _marked(text, e.at, "ZeroDivisionError=integer divide by zero")
            return f"({text})" if own < strength else text
        if op in _COMPARE:
            left, right = (self.text(a, COMPARE + 1) for a in e.args)
            text = f"{left} {op} {right}"
            return f"({text})" if strength > COMPARE else text
        rule = _TEXT[op]
        text, own = rule(self, e)
        return f"({text})" if own < strength else text

    def _const(self, e: Expr, strength: int) -> str:
        value = e.value
        if e.type in (I32, I64):
            text = str(value) if abs(value) < 1 << 20 else hex(value)
            return f"({text})" if value < 0 and strength > SUM else text
        if e.type in (F32, F64):
            if value != value or value in (float("inf"), float("-inf")):
                return self.constant("x", value)
            text = repr(value)
            return f"({text})" if text.startswith("-") and strength > SUM else text
        return "None"


def _marked(text: str, at: int, meaning: str) -> str:
    return f"\ue000{at}:{meaning}\ue001{text}\ue002"


def unmark(text: str) -> tuple[str, list[Spot]]:
    """A line without its marks, and the stretches that they marked."""
    if "\ue000" not in text:
        return text, []
    out: list[str] = []
    width, last = 0, 0
    opened: list[tuple[int, int, str]] = []
    spots: list[Spot] = []
    for mark in _MARK.finditer(text):
        piece = text[last : mark.start()]
        out.append(piece)
        width += len(piece)
        last = mark.end()
        if mark[0] == "\ue002":
            first, at, meaning = opened.pop()
            spots.append(Spot(first, width, at, meaning))
        else:
            opened.append((width, int(mark[1]), mark[2]))
    out.append(text[last:])
    return "".join(out), spots


# ------------------------------------------------------------------ the rules of expressions

Rendered = tuple[str, int]
_TEXT: dict[str, Callable[[Writer, Expr], Rendered]] = {}
_ARITHMETIC = {"fadd", "fsub", "fmul", "f32", "fdiv", "fsqrt", "promote"}


def clean(e: Expr) -> Expr:
    """A float whose NaN is the canonical one, where its bits may be looked at."""
    from watloom.interp.compile.ir import node

    return node("clean", (e,), e.type) if e.op in _ARITHMETIC else e


def rule(op: str) -> Callable[[Callable[[Writer, Expr], Rendered]], None]:
    """Register how an operator is written."""

    def register(made: Callable[[Writer, Expr], Rendered]) -> None:
        _TEXT[op] = made

    return register


@rule("clean")
def _clean(w: Writer, e: Expr) -> Rendered:
    return f"clean({w.text(e.args[0])})", ATOM


@rule("mask")
def _mask(w: Writer, e: Expr) -> Rendered:
    return f"{w.text(e.args[0], AND)} & {e.value:#x}", AND


@rule("sign")
def _sign(w: Writer, e: Expr) -> Rendered:
    return f"({w.text(e.args[0], XOR)} ^ {e.value:#x}) - {e.value:#x}", SUM


@rule("sign_wrap")
def _sign_wrap(w: Writer, e: Expr) -> Rendered:
    mask = 2 * e.value - 1
    return f"({w.text(e.args[0], SUM)} + {e.value:#x} & {mask:#x}) - {e.value:#x}", SUM


@rule("as")
def _as(w: Writer, e: Expr) -> Rendered:
    return w.text(e.args[0], ATOM), ATOM


@rule("not")
def _not(w: Writer, e: Expr) -> Rendered:
    return f"not {w.text(e.args[0], NOT)}", NOT


@rule("is_null")
def _is_null(w: Writer, e: Expr) -> Rendered:
    return f"{w.text(e.args[0], COMPARE + 1)} is None", COMPARE


@rule("is_not_null")
def _is_not_null(w: Writer, e: Expr) -> Rendered:
    return f"{w.text(e.args[0], COMPARE + 1)} is not None", COMPARE


@rule("has_type")
def _has_type(w: Writer, e: Expr) -> Rendered:
    return f"has_type({w.text(e.args[0])}, {w.constant('y', e.value)})", ATOM


@rule("has_not_type")
def _has_not_type(w: Writer, e: Expr) -> Rendered:
    return f"not {_has_type_text(w, e)}", NOT


def _has_type_text(w: Writer, e: Expr) -> str:
    return f"has_type({w.text(e.args[0])}, {w.constant('y', e.value)})"


@rule("select")
def _select(w: Writer, e: Expr) -> Rendered:
    first, condition, second = e.args
    yes, no = w.text(clean(first), TERNARY + 1), w.text(clean(second), TERNARY)
    return f"{yes} if {w.condition(condition, True)} else {no}", TERNARY


@rule("float")
def _float(w: Writer, e: Expr) -> Rendered:
    return f"float({w.text(e.args[0])})", ATOM


@rule("f32")
def _f32(w: Writer, e: Expr) -> Rendered:
    return f"f32_round({w.text(e.args[0])})", ATOM


@rule("fdiv")
def _fdiv(w: Writer, e: Expr) -> Rendered:
    return f"fdiv({w.text(e.args[0])}, {w.text(e.args[1])})", ATOM


@rule("fsqrt")
def _fsqrt(w: Writer, e: Expr) -> Rendered:
    return f"fsqrt({w.text(e.args[0])})", ATOM


@rule("fabs")
def _fabs(w: Writer, e: Expr) -> Rendered:
    return f"fabs({w.text(clean(e.args[0]))})", ATOM


@rule("promote")
def _promote(w: Writer, e: Expr) -> Rendered:
    return w.text(e.args[0], ATOM), ATOM


@rule("neg")
def _neg(w: Writer, e: Expr) -> Rendered:
    return f"-{w.text(clean(e.args[0]), UNARY)}", UNARY


@rule("named")
def _named(w: Writer, e: Expr) -> Rendered:
    return f"({e.value} := {w.text(e.args[0])})", ATOM


@rule("body")
def _body(w: Writer, e: Expr) -> Rendered:
    name = w.constant("op_", e.value.pure)
    args = ", ".join(w.text(clean(a)) for a in e.args)
    text = f"{name}({args})"
    return (_marked(text, e.at, "NumericError=") if e.traps else text), ATOM


@rule("step")
def _step(w: Writer, e: Expr) -> Rendered:
    name = w.constant("step_", e.value)
    return _marked(f"{name}({', '.join(w.text(clean(a)) for a in e.args)})", e.at, ""), ATOM


@rule("function")
def _function(w: Writer, e: Expr) -> Rendered:
    return f"F[{e.value}]", ATOM


@rule("non_null")
def _non_null(w: Writer, e: Expr) -> Rendered:
    return _marked(f"non_null({w.text(e.args[0])})", e.at, ""), ATOM


@rule("global")
def _global(w: Writer, e: Expr) -> Rendered:
    return f"g{e.value}._value", ATOM


@rule("memory_size")
def _memory_size(w: Writer, e: Expr) -> Rendered:
    return f"(len(m{e.value}) >> 16)", ATOM


@rule("table_get")
def _table_get(w: Writer, e: Expr) -> Rendered:
    text = f"e{e.value}[{w.text(e.args[0])}]"
    return _marked(text, e.at, "IndexError=out of bounds table access"), ATOM


@rule("field")
def _field(w: Writer, e: Expr) -> Rendered:
    text = f"{w.text(e.args[0], ATOM)}.fields[{e.value}]"
    return _marked(text, e.at, "AttributeError=null structure reference"), ATOM


@rule("struct_new")
def _struct_new(w: Writer, e: Expr) -> Rendered:
    args = ", ".join(w.text(clean(a)) for a in e.args)
    return f"Struct(types[{e.value}], [{args}], store)", ATOM


# ------------------------------------------------------------------ memory

_BOUNDS = ";".join(
    f"{error}=out of bounds memory access" for error in ("IndexError", "error", "OverflowError")
)
_FORMATS = {(4, False): "I", (4, True): "i", (8, False): "Q", (2, False): "H", (2, True): "h"}


def _format(access: object) -> tuple[str, int]:
    """The view of an access, and its size as a shift."""
    size, signed = access.size, access.signed  # type: ignore[attr-defined]
    shift = int(size.bit_length() - 1)
    if access.type in (F32, F64) and size >= 4:  # type: ignore[attr-defined]
        return ("f" if size == 4 else "d"), shift
    return ("b" if signed else "B") if size == 1 else _FORMATS[size, signed], shift


@rule("load")
def _load(w: Writer, e: Expr) -> Rendered:
    memory, access = e.value
    form, shift = _format(access)
    address = e.args[0]
    text = w.text(address)
    if shift == 0:
        view = f"m{memory}" if form == "B" else f"m{memory}_b"
        return _marked(f"{view}[{text}]", e.at, _BOUNDS), ATOM
    if form == "f":
        return _marked(f"load_f32(m{memory}, {text})", e.at, _BOUNDS), ATOM
    name = str(address.value) if address.op == "named" else w.text(address, SHIFT)
    check = f"{text} & {(1 << shift) - 1}"
    slow = f"unpack_{form}(m{memory}, {name})[0]"
    return _marked(
        f"m{memory}_{form}[{name} >> {shift}] if not {check} else {slow}", e.at, _BOUNDS
    ), TERNARY


def _do_store(w: Writer, s: Do) -> None:
    memory, access = s.value
    form, shift = _format(access)
    address, value = s.args
    a, v = w.text(address), w.text(clean(value))
    if shift == 0:
        w.line(_marked(f"m{memory}[{a}] = {v}", s.at, _BOUNDS), s.at)
        return
    form = form.upper() if form in "ih" else form
    name = w.text(address, SHIFT)
    odd = f"{w.text(address, AND)} & {(1 << shift) - 1}"
    if form == "f":
        plain = w.text(value, COMPARE + 1)
        odd = f"{odd} or {plain} != {plain}"
        slow = f"store_f32(m{memory}, {a}, {v})"
    else:
        slow = f"pack_{form}(m{memory}, {a}, {v})"
    w.open(f"if {odd}:", s.at)
    w.line(_marked(slow, s.at, _BOUNDS), s.at)
    w.close()
    w.open("else:", s.at)
    w.line(_marked(f"m{memory}_{form}[{name} >> {shift}] = {v}", s.at, _BOUNDS), s.at)
    w.close()


def _do_global_set(w: Writer, s: Do) -> None:
    w.line(f"g{s.value}._value = {w.text(clean(s.args[0]))}", s.at)


def _do_field_set(w: Writer, s: Do) -> None:
    ref, value = w.text(s.args[0], ATOM), w.text(clean(s.args[1]))
    text = f"{ref}.fields[{s.value}] = {value}"
    w.line(_marked(text, s.at, "AttributeError=null structure reference"), s.at)


def _do_drop(w: Writer, s: Do) -> None:
    w.line(w.text(s.args[0]), s.at)


_DO: dict[str, Callable[[Writer, Do], None]] = {
    "store": _do_store,
    "global_set": _do_global_set,
    "field_set": _do_field_set,
    "drop": _do_drop,
}


# ------------------------------------------------------------------ calls


def _arguments(w: Writer, args: tuple[Expr, ...]) -> str:
    return ", ".join(w.text(clean(a)) for a in args)


@rule("call")
def _call(w: Writer, e: Expr) -> Rendered:
    return _marked(f"{w.functions[e.value]}({_arguments(w, e.args)})", e.at, ""), ATOM


@rule("tail_call")
def _tail_call(w: Writer, e: Expr) -> Rendered:
    comma = "," if len(e.args) == 1 else ""
    return _marked(f"Tail(F[{e.value}], ({_arguments(w, e.args)}{comma}))", e.at, ""), ATOM


_INDIRECT = "IndexError=undefined element;AttributeError=uninitialized element"


def _callee(w: Writer, e: Expr) -> str:
    typeidx, tableidx = e.value
    index = w.text(e.args[0])
    found = f"(c := e{tableidx}[(at_index := {index})])"
    return f"c if {found}.type is types[{typeidx}] else checked(c, types[{typeidx}])"


@rule("call_indirect")
def _call_indirect(w: Writer, e: Expr) -> Rendered:
    callee = _marked(f"({_callee(w, e)})", e.at, _INDIRECT)
    return _marked(f"{callee}.entry({_arguments(w, e.args[1:])})", e.at, ""), ATOM


@rule("tail_call_indirect")
def _tail_call_indirect(w: Writer, e: Expr) -> Rendered:
    comma = "," if len(e.args) == 2 else ""
    callee = _marked(f"({_callee(w, e)})", e.at, _INDIRECT)
    return f"Tail({callee}, ({_arguments(w, e.args[1:])}{comma}))", ATOM


_NULL = "AttributeError=null function reference"


@rule("call_ref")
def _call_ref(w: Writer, e: Expr) -> Rendered:
    text = f"{w.text(e.args[0], ATOM)}.entry({_arguments(w, e.args[1:])})"
    return _marked(text, e.at, _NULL), ATOM


@rule("tail_call_ref")
def _tail_call_ref(w: Writer, e: Expr) -> Rendered:
    comma = "," if len(e.args) == 2 else ""
    text = f"Tail(callee({w.text(e.args[0])}), ({_arguments(w, e.args[1:])}{comma}))"
    return _marked(text, e.at, ""), ATOM
