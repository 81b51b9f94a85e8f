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
    SUM,
    TERNARY,
    UNARY,
    XOR,
    Rendered,
    Writer,
    clean,
    text_of,
)


@text_of("clean")
def _clean(w: Writer, e: Expr) -> Rendered:
    return f"clean({w.text(e.args[0])})", ATOM


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


@text_of("is_not_null")
def _is_not_null(w: Writer, e: Expr) -> Rendered:
    return f"{w.text(e.args[0], COMPARE + 1)} is not None", COMPARE


@text_of("has_type")
def _has_type(w: Writer, e: Expr) -> Rendered:
    return f"has_type({w.text(e.args[0])}, {w.constant('y', e.value)})", ATOM


@text_of("has_not_type")
def _has_not_type(w: Writer, e: Expr) -> Rendered:
    return f"not {_has_type_text(w, e)}", NOT


def _has_type_text(w: Writer, e: Expr) -> str:
    return f"has_type({w.text(e.args[0])}, {w.constant('y', e.value)})"


@text_of("select")
def _select(w: Writer, e: Expr) -> Rendered:
    first, condition, second = e.args
    yes, no = w.text(clean(first), TERNARY + 1), w.text(clean(second), TERNARY)
    return f"{yes} if {w.condition(condition, True)} else {no}", TERNARY


@text_of("float")
def _float(w: Writer, e: Expr) -> Rendered:
    return f"float({w.text(e.args[0])})", ATOM


@text_of("f32")
def _f32(w: Writer, e: Expr) -> Rendered:
    return f"f32_round({w.text(e.args[0])})", ATOM


@text_of("fdiv")
def _fdiv(w: Writer, e: Expr) -> Rendered:
    return f"fdiv({w.text(e.args[0])}, {w.text(e.args[1])})", ATOM


@text_of("fsqrt")
def _fsqrt(w: Writer, e: Expr) -> Rendered:
    return f"fsqrt({w.text(e.args[0])})", ATOM


@text_of("fabs")
def _fabs(w: Writer, e: Expr) -> Rendered:
    return f"fabs({w.text(clean(e.args[0]))})", ATOM


@text_of("promote")
def _promote(w: Writer, e: Expr) -> Rendered:
    return w.text(e.args[0], ATOM), ATOM


@text_of("neg")
def _neg(w: Writer, e: Expr) -> Rendered:
    return f"-{w.text(clean(e.args[0]), UNARY)}", UNARY


@text_of("named")
def _named(w: Writer, e: Expr) -> Rendered:
    return f"({e.value} := {w.text(e.args[0])})", ATOM


@text_of("body")
def _body(w: Writer, e: Expr) -> Rendered:
    name = w.constant("op_", e.value.op.pure)
    args = ", ".join([*map(repr, e.value.args), *(w.text(clean(a)) for a in e.args)])
    text = f"{name}({args})"
    return (marked(text, e.at, "NumericError=") if e.traps else text), ATOM


@text_of("step")
def _step(w: Writer, e: Expr) -> Rendered:
    name = w.constant("step_", e.value)
    return marked(f"{name}({', '.join(w.text(clean(a)) for a in e.args)})", e.at, ""), ATOM
