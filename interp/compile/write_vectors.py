"""How vectors are written.

i8x16.add x y     i8x16_add(x, y)
v128.load a       from_bytes(unpack_16s(m0, a)[0], "little")
v128.store a x    pack_16s(m0, a, x.to_bytes(16, "little"))
"""

from __future__ import annotations

from watloom.interp.compile.ir import Do, Expr
from watloom.interp.compile.marks import marked
from watloom.interp.compile.render import (
    ATOM,
    OR,
    SHIFT,
    UNARY,
    Rendered,
    Writer,
    effect_of,
    text_of,
)
from watloom.interp.compile.write_state import BOUNDS


@text_of("from_bytes")
def _from_bytes(w: Writer, e: Expr) -> Rendered:
    return f'from_bytes({w.text(e.args[0])}, "little")', ATOM


@text_of("to_bytes")
def _to_bytes(w: Writer, e: Expr) -> Rendered:
    inner = e.args[0]
    if inner.op == "const":
        return repr(inner.value.to_bytes(16, "little")), ATOM
    return f'{w.text(inner, ATOM)}.to_bytes(16, "little")', ATOM


@text_of("vector")
def _vector(w: Writer, e: Expr) -> Rendered:
    return f"{e.value}({', '.join(w.text(w.clean(a)) for a in e.args)})", ATOM


@text_of("invert")
def _invert(w: Writer, e: Expr) -> Rendered:
    return f"~{w.text(e.args[0], UNARY)}", UNARY


@text_of("shuffle")
def _shuffle(w: Writer, e: Expr) -> Rendered:
    first, second = w.text(e.args[0], OR), w.text(e.args[1], SHIFT)
    return f'{e.value!r}.translate(({first} | {second} << 128).to_bytes(256, "little"))', ATOM


@text_of("read")
def _read(w: Writer, e: Expr) -> Rendered:
    memory, form = e.value
    text = f"unpack_{form}(m{memory}, {w.text(e.args[0])}){'[0]' if form == '16s' else ''}"
    return marked(text, e.at, BOUNDS), ATOM


@text_of("put")
def _put(w: Writer, e: Expr) -> Rendered:
    return f"put_{e.value}(*{w.text(e.args[0])})", ATOM


@effect_of("store_vector")
def _do_store(w: Writer, s: Do) -> None:
    address, value = map(w.text, s.args)
    w.line(marked(f"pack_16s(m{s.value}, {address}, {value})", s.at, BOUNDS), s.at)
