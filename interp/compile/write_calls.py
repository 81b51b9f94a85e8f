"""How calls are written, and tail calls, which give back what is to be called (`support.Tail`).

call 3 (x)              f3(x)
return_call 3 (x)       return Tail(F[3], (x,), instance)
"""

from __future__ import annotations

from watloom.interp.compile.ir import Expr
from watloom.interp.compile.marks import marked
from watloom.interp.compile.render import ATOM, Rendered, Writer, text_of


def _arguments(w: Writer, args: tuple[Expr, ...]) -> str:
    return ", ".join(w.text(w.clean(a)) for a in args)


@text_of("call")
def _call(w: Writer, e: Expr) -> Rendered:
    return marked(f"{w.functions[e.value]}({_arguments(w, e.args)})", e.at, ""), ATOM


@text_of("tail_call")
def _tail_call(w: Writer, e: Expr) -> Rendered:
    comma = "," if len(e.args) == 1 else ""
    return marked(f"Tail(F[{e.value}], ({_arguments(w, e.args)}{comma}), instance)", e.at, ""), ATOM


def _callee(w: Writer, e: Expr) -> str:
    """The function at an index, of the wanted type; `@name` tells a trap where the index is."""
    typeidx, tableidx = e.value
    index, name = w.text(e.args[0]), "at_index"
    if e.args[0].op in ("var", "const"):
        name = str(e.args[0].value)
    else:
        index = f"(at_index := {index})"
    wanted = f"y{typeidx}"
    text = f"(c if (c := e{tableidx}[{index}]).type is {wanted} else checked(c, {wanted}))"
    return marked(
        text, e.at, f"IndexError=undefined element;AttributeError=uninitialized element@{name}"
    )


@text_of("call_indirect")
def _call_indirect(w: Writer, e: Expr) -> Rendered:
    callee = _callee(w, e)
    return marked(f"{callee}.entry({_arguments(w, e.args[1:])})", e.at, ""), ATOM


@text_of("tail_call_indirect")
def _tail_call_indirect(w: Writer, e: Expr) -> Rendered:
    comma = "," if len(e.args) == 2 else ""
    callee = _callee(w, e)
    return f"Tail({callee}, ({_arguments(w, e.args[1:])}{comma}), instance)", ATOM


_NULL = "AttributeError=null function reference"


@text_of("call_ref")
def _call_ref(w: Writer, e: Expr) -> Rendered:
    text = f"{w.text(e.args[0], ATOM)}.entry({_arguments(w, e.args[1:])})"
    return marked(text, e.at, _NULL), ATOM


@text_of("tail_call_ref")
def _tail_call_ref(w: Writer, e: Expr) -> Rendered:
    comma = "," if len(e.args) == 2 else ""
    text = f"Tail(callee({w.text(e.args[0])}), ({_arguments(w, e.args[1:])}{comma}), instance)"
    return marked(text, e.at, ""), ATOM
