"""How values are written: forms of integers, floats, choices, and what runs its own declaration.

exact(x + y)  →  x + y & 0xffffffff        has_type(x, t)  →  has_type(x, y3_0)
"""

from __future__ import annotations

from watloom.interp.compile.ir import Expr
from watloom.interp.compile.marks import marked
from watloom.interp.compile.render import (
    AND,
    ATOM,
    COMPARE,
    NOT,
    OR,
    PRODUCT,
    SUM,
    TERNARY,
    UNARY,
    XOR,
    Rendered,
    Writer,
    number,
    text_of,
)


@text_of("clean")
def _clean(w: Writer, e: Expr) -> Rendered:
    arg = e.args[0]
    name = str(arg.value) if arg.op == "var" else "q"
    tested = name if arg.op == "var" else f"(q := {w.text(arg)})"
    return f"{name} if {tested} == {name} else NAN", TERNARY


@text_of("within")
def _within(w: Writer, e: Expr) -> Rendered:
    low, high = e.value
    return f"{number(low)} <= {w.text(e.args[0], COMPARE + 1)} <= {number(high)}", COMPARE


@text_of("truncated //")
def _quotient(w: Writer, e: Expr) -> Rendered:
    name, test = _tested(w, e.args[0])
    return f"{name} // {e.value} if {test} >= 0 else -(-{name} // {e.value})", TERNARY


@text_of("truncated %")
def _rest(w: Writer, e: Expr) -> Rendered:
    name, test = _tested(w, e.args[0])
    return f"{name} % {e.value} if {test} >= 0 else -(-{name} % {e.value})", TERNARY


def _tested(w: Writer, e: Expr) -> tuple[str, str]:
    """A name for a value that is used twice, and the value where it is used first."""
    if e.op == "var":
        return str(e.value), str(e.value)
    return "q", f"(q := {w.text(e)})"


@text_of("rotate")
def _rotate(w: Writer, e: Expr) -> Rendered:
    left, right = e.value
    name, first = _tested(w, e.args[0])
    return f"{first} << {left} | {name} >> {right}", OR


@text_of("mask")
def _mask(w: Writer, e: Expr) -> Rendered:
    return f"{w.text(e.args[0], AND)} & {e.value:#x}", AND


@text_of("sign")
def _sign(w: Writer, e: Expr) -> Rendered:
    return f"({w.text(e.args[0], XOR)} ^ {e.value:#x}) - {e.value:#x}", SUM


@text_of("sign_wrap")
def _sign_wrap(w: Writer, e: Expr) -> Rendered:
    mask = 2 * e.value - 1
    return f"({w.text(e.args[0], SUM)} + {e.value:#x} & {mask:#x}) - {e.value:#x}", SUM


@text_of("as")
def _as(w: Writer, e: Expr) -> Rendered:
    return w.text(e.args[0], ATOM), ATOM


@text_of("not")
def _not(w: Writer, e: Expr) -> Rendered:
    return f"not {w.text(e.args[0], NOT)}", NOT


@text_of("is_null")
def _is_null(w: Writer, e: Expr) -> Rendered:
    return f"{w.text(e.args[0], COMPARE + 1)} is None", COMPARE


@text_of("has_type")
def _has_type(w: Writer, e: Expr) -> Rendered:
    return f"has_type({w.text(e.args[0])}, {w.constant('y', e.value)})", ATOM


@text_of("has_not_type")
def _has_not_type(w: Writer, e: Expr) -> Rendered:
    return f"not {_has_type(w, e)[0]}", NOT


@text_of("select")
def _select(w: Writer, e: Expr) -> Rendered:
    first, condition, second = e.args
    yes, no = w.text(w.clean(first), TERNARY + 1), w.text(w.clean(second), TERNARY)
    return f"{yes} if {w.condition(condition, True)} else {no}", TERNARY


@text_of("float")
def _float(w: Writer, e: Expr) -> Rendered:
    return f"float({w.text(e.args[0])})", ATOM


@text_of("rounded")
def _rounded(w: Writer, e: Expr) -> Rendered:
    return "F32[0]", ATOM


@text_of("fdiv")
def _fdiv(w: Writer, e: Expr) -> Rendered:
    """Python refuses to divide by zero, so that is looked at first where it is cheap."""
    a, b = e.args
    if b.op == "const" and b.value and b.value == b.value:
        return f"{w.text(a, PRODUCT)} / {w.text(b, PRODUCT + 1)}", PRODUCT
    if a.op not in ("var", "const"):
        return f"fdiv({w.text(a)}, {w.text(b)})", ATOM
    name, test = _tested(w, b)
    x = w.text(a, PRODUCT)
    return f"{x} / {name} if {test} else fdiv({x}, {name})", TERNARY


@text_of("fsqrt")
def _fsqrt(w: Writer, e: Expr) -> Rendered:
    name, test = _tested(w, e.args[0])
    return f"sqrt({name}) if {test} >= 0 else fsqrt({name})", TERNARY


@text_of("fabs")
def _fabs(w: Writer, e: Expr) -> Rendered:
    return f"fabs({w.text(w.clean(e.args[0]))})", ATOM


@text_of("promote")
def _promote(w: Writer, e: Expr) -> Rendered:
    return w.text(e.args[0], ATOM), ATOM


@text_of("neg")
def _neg(w: Writer, e: Expr) -> Rendered:
    return f"-{w.text(w.clean(e.args[0]), UNARY)}", UNARY


@text_of("named")
def _named(w: Writer, e: Expr) -> Rendered:
    return f"({e.value} := {w.text(e.args[0])})", ATOM


@text_of("help")
def _help(w: Writer, e: Expr) -> Rendered:
    name, memories = e.value
    args = ", ".join([*memories, *map(w.text, e.args)])
    return marked(f"{name}({args})", e.at, ""), ATOM


@text_of("body")
def _body(w: Writer, e: Expr) -> Rendered:
    name = w.constant("op_", e.value.op.pure)
    args = ", ".join([*map(repr, e.value.args), *(w.text(w.clean(a)) for a in e.args)])
    text = f"{name}({args})"
    return (marked(text, e.at, "NumericError=") if e.traps else text), ATOM


@text_of("step")
def _step(w: Writer, e: Expr) -> Rendered:
    name = w.constant("step_", e.value)
    return marked(f"{name}({', '.join(w.text(w.clean(a)) for a in e.args)})", e.at, ""), ATOM
