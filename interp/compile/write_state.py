"""How state is written: globals, memory, tables, fields.

load u32 at a     m0_I[a >> 2] if not a & 3 else unpack_I(m0, a)[0]
global.set 2 x    g2._value = x
"""

from __future__ import annotations

from watloom.interp.compile.ir import Do, Expr
from watloom.interp.compile.marks import marked
from watloom.interp.compile.render import (
    AND,
    ATOM,
    COMPARE,
    SHIFT,
    TERNARY,
    Rendered,
    Writer,
    effect_of,
    number,
    text_of,
)
from watloom.interp.core.types import F32, F64
from watloom.interp.isa.memory import Access


@text_of("function")
def _function(w: Writer, e: Expr) -> Rendered:
    return f"F[{e.value}]", ATOM


@text_of("non_null")
def _non_null(w: Writer, e: Expr) -> Rendered:
    return marked(f"non_null({w.text(e.args[0])})", e.at, ""), ATOM


@text_of("global")
def _global(w: Writer, e: Expr) -> Rendered:
    return f"g{e.value}._value", ATOM


@text_of("memory_size")
def _memory_size(w: Writer, e: Expr) -> Rendered:
    memory, page_bits = e.value
    return f"(len(m{memory}) >> {page_bits})" if page_bits else f"len(m{memory})", ATOM


@text_of("table_get")
def _table_get(w: Writer, e: Expr) -> Rendered:
    text = f"e{e.value}[{w.text(e.args[0])}]"
    return marked(text, e.at, "IndexError=out of bounds table access"), ATOM


@text_of("field")
def _field(w: Writer, e: Expr) -> Rendered:
    text = f"{w.text(e.args[0], ATOM)}.fields[{e.value}]"
    return marked(text, e.at, "AttributeError=null structure reference"), ATOM


@text_of("exn_value")
def _exn_value(w: Writer, e: Expr) -> Rendered:
    return f"{w.text(e.args[0], ATOM)}.values[{e.value}]", ATOM


@text_of("struct_new")
def _struct_new(w: Writer, e: Expr) -> Rendered:
    args = ", ".join(w.text(w.clean(a)) for a in e.args)
    return f"Struct(types[{e.value}], [{args}], store)", ATOM


# ------------------------------------------------------------------ memory

BOUNDS = ";".join(
    f"{error}=out of bounds memory access" for error in ("IndexError", "error", "OverflowError")
)
_FORMATS = {
    (4, False): "I",
    (4, True): "i",
    (8, False): "Q",
    (8, True): "q",
    (2, False): "H",
    (2, True): "h",
}


def _format(access: Access, signed: bool) -> tuple[str, int]:
    """The view of an access, and its size as a shift."""
    size = access.size
    shift = size.bit_length() - 1
    if access.type in (F32, F64):
        return ("f" if size == 4 else "d"), shift
    return ("b" if signed else "B") if size == 1 else _FORMATS[size, signed], shift


@text_of("load")
def _load(w: Writer, e: Expr) -> Rendered:
    memory, access = e.value
    form, shift = _format(access, e.low < 0)
    address = e.args[0]
    text = w.text(address)
    if shift == 0:
        view = f"m{memory}" if form == "B" else f"m{memory}_b"
        return marked(f"{view}[{text}]", e.at, BOUNDS), ATOM
    if form == "f":
        return marked(f"load_f32(m{memory}, {text})", e.at, BOUNDS), ATOM
    name = str(address.value) if address.op == "named" else w.text(address, SHIFT)
    check = f"{text} & {(1 << shift) - 1}"
    slow = f"unpack_{form}(m{memory}, {name})[0]"
    return marked(
        f"m{memory}_{form}[{name} >> {shift}] if not {check} else {slow}", e.at, BOUNDS
    ), TERNARY


@effect_of("store")
def _do_store(w: Writer, s: Do) -> None:
    memory, access = s.value
    form, shift = _format(access, False)
    address, value = s.args
    a, v = w.text(address), w.text(w.clean(value))
    if shift == 0:
        w.line(marked(f"m{memory}[{a}] = {v}", s.at, BOUNDS), s.at)
        return
    name = w.text(address, SHIFT)
    odd = f"{w.text(address, AND)} & {(1 << shift) - 1}"
    if form == "f":
        plain = w.text(value, COMPARE + 1)
        odd = f"{odd} or {plain} != {plain}"
        slow = f"store_f32(m{memory}, {a}, {v})"
    else:
        slow = f"pack_{form}(m{memory}, {a}, {v})"
    w.open(f"if {odd}:", s.at)
    w.line(marked(slow, s.at, BOUNDS), s.at)
    w.close()
    w.open("else:", s.at)
    w.line(marked(f"m{memory}_{form}[{name} >> {shift}] = {v}", s.at, BOUNDS), s.at)
    w.close()


@text_of("load_at")
def _load_at(w: Writer, e: Expr) -> Rendered:
    memory, access = e.value
    form, shift = _format(access, e.low < 0)
    if form != "f":
        return marked(f"m{memory}_{form}[{w.text(e.args[0])}]", e.at, BOUNDS), ATOM
    # a view gives a signalling NaN as a quiet one
    index = e.args[0]
    name = str(index.value) if index.op in ("var", "const") else "k"
    first = name if name != "k" else f"k := {w.text(index)}"
    slow = f"load_f32(m{memory}, {name} << {shift})"
    text = f"q if (q := m{memory}_f[{first}]) == q else {slow}"
    return marked(text, e.at, BOUNDS), TERNARY


@effect_of("store_at")
def _do_store_at(w: Writer, s: Do) -> None:
    memory, access = s.value
    form, shift = _format(access, False)
    index, value = s.args
    i, v = w.text(index), w.text(w.clean(value))
    fast = marked(f"m{memory}_{form}[{i}] = {v}", s.at, BOUNDS)
    if form != "f" or w.clean(value) is not value:
        w.line(fast, s.at)
        return
    w.open(f"if {v} == {v}:", s.at)
    w.line(fast, s.at)
    w.close()
    w.open("else:", s.at)
    slow = f"store_f32(m{memory}, {w.text(index, SHIFT)} << {shift}, {v})"
    w.line(marked(slow, s.at, BOUNDS), s.at)
    w.close()


@effect_of("wrap")
def _do_wrap(w: Writer, s: Do) -> None:
    name, (op, limit), bits = s.value
    back = "-=" if op == ">" else "+="
    w.line(f"if {name} {op} {number(limit)}: {name} {back} {1 << bits:#x}", s.at)


@effect_of("global_set")
def _do_global_set(w: Writer, s: Do) -> None:
    w.line(f"g{s.value}._value = {w.text(w.clean(s.args[0]))}", s.at)


@effect_of("field_set")
def _do_field_set(w: Writer, s: Do) -> None:
    ref, value = w.text(s.args[0], ATOM), w.text(w.clean(s.args[1]))
    text = f"{ref}.fields[{s.value}] = {value}"
    w.line(marked(text, s.at, "AttributeError=null structure reference"), s.at)


@effect_of("fuel")
def _do_fuel(w: Writer, s: Do) -> None:
    w.line(marked(f"if store.fuel < {s.value}: no_fuel()", s.at, ""), s.at)
    w.line(f"store.fuel -= {s.value}", s.at)


@effect_of("clock")
def _do_clock(w: Writer, s: Do) -> None:
    w.line(marked("if clock() > store.deadline: no_time(store)", s.at, ""), s.at)


@effect_of("round")
def _do_round(w: Writer, s: Do) -> None:
    w.line(f"F32[0] = {w.text(s.args[0])}", s.at)


@effect_of("drop")
def _do_drop(w: Writer, s: Do) -> None:
    w.line(w.text(s.args[0]), s.at)
