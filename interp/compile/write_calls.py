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


_INDIRECT = "IndexError=undefined element;AttributeError=uninitialized element"


def _callee(w: Writer, e: Expr) -> str:
    typeidx, tableidx = e.value
    index = w.text(e.args[0])
    found = f"(c := e{tableidx}[(at_index := {index})])"
    return f"c if {found}.type is types[{typeidx}] else checked(c, types[{typeidx}])"


@text_of("call_indirect")
def _call_indirect(w: Writer, e: Expr) -> Rendered:
    callee = marked(f"({_callee(w, e)})", e.at, _INDIRECT)
    return marked(f"{callee}.entry({_arguments(w, e.args[1:])})", e.at, ""), ATOM


@text_of("tail_call_indirect")
def _tail_call_indirect(w: Writer, e: Expr) -> Rendered:
    comma = "," if len(e.args) == 2 else ""
    callee = marked(f"({_callee(w, e)})", e.at, _INDIRECT)
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
