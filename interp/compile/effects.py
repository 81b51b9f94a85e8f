"""Instructions with state: constants, memory, globals, tables, calls, structs.

What is not here runs its own step (`Builder.generic`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watloom.interp.compile.arith import exact, loose
from watloom.interp.compile.index import view_index
from watloom.interp.compile.ir import Assign, Call, Do, Expr, const, node
from watloom.interp.compile.rules import RULES, rule
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.instr import Instr, MemArg
from watloom.interp.core.types import (
    F32,
    I32,
    I64,
    V128,
    NumType,
    PackType,
    RefType,
    StructType,
)
from watloom.interp.isa import op_table
from watloom.interp.isa.memory import Access

if TYPE_CHECKING:
    from watloom.interp.compile.build import Builder

# ------------------------------------------------------------------ constants and references


@rule("i32.const", "i64.const", "f32.const", "f64.const", "v128.const")
def constant(b: Builder, instr: Instr) -> None:
    b.push(const(NumType(instr.op.mnemonic[:-6]), instr.args[0]))


@rule("ref.null")
def ref_null(b: Builder, instr: Instr) -> None:
    t = b.typist.closed(RefType(True, instr.args[0]))
    b.push(Expr("const", (), t, value=None))


@rule("ref.is_null")
def ref_is_null(b: Builder, instr: Instr) -> None:
    b.push(node("is_null", (b.pop(),), I32, bounds=(0, 1)))


@rule("ref.func")
def ref_func(b: Builder, instr: Instr) -> None:
    t = RefType(False, b.valid.func_types[instr.args[0]])
    b.push(node("function", (), t, value=instr.args[0]))


@rule("ref.as_non_null")
def ref_as_non_null(b: Builder, instr: Instr) -> None:
    e = b.pop()
    t = RefType(False, e.type.heap) if isinstance(e.type, RefType) else e.type
    b.push(node("non_null", (e,), t, traps=True, at=instr.at))


# ------------------------------------------------------------------ memory


def address_of(b: Builder, memarg: MemArg) -> Expr:
    address = exact(b.pop())
    if memarg.offset:
        bounds = (address.low + memarg.offset, address.high + memarg.offset)
        offset = const(address.type, memarg.offset)
        address = node("add", (address, offset), I64, bounds=bounds)
    return address


def _index(b: Builder, memarg: MemArg, size: int) -> Expr | None:
    """The index in a view of such items, instead of the address, where it is known to be one."""
    if size not in (2, 4, 8):
        return None
    index = view_index(b.stack[-1], memarg.offset, size.bit_length() - 1)
    if index is not None:
        b.pop()
    return index


def load(b: Builder, instr: Instr) -> None:
    """A load."""
    b.push(loaded(b, instr.op.data["access"], instr.args[0], instr.at))


def loaded(b: Builder, access: Access, memarg: MemArg, at: int) -> Expr:
    """What a load gives: signed ones their signed form, which needs no wrap in comparisons."""
    index = _index(b, memarg, access.size)
    if index is None:
        address = address_of(b, memarg)
        if access.size > 1 and address.op not in ("var", "const"):
            address = _once(b, address)
    bounds = None
    if access.type in (I32, I64):
        bits = 8 * access.size
        bounds = (
            (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if access.signed else (0, (1 << bits) - 1)
        )
    value = (memarg.mem, access)
    return node(
        "load" if index is None else "load_at",
        (address if index is None else index,),
        access.type,
        bounds=bounds,
        value=value,
        traps=True,
        state=True,
        at=at,
    )


def kept(b: Builder, e: Expr) -> Expr:
    """An address in a variable, as it is: with its offset it may pass 64 bits, unwrapped."""
    kept = b.fresh(e.type)
    b.do(Assign((str(kept.value),), (e,), b.at))
    kept.low, kept.high = e.low, e.high
    return kept


def _once(b: Builder, e: Expr) -> Expr:
    """An expression that is used twice, named where it is used first (`:=`)."""
    name = b.fresh(e.type, "a")
    named = node("named", (e,), e.type, bounds=(e.low, e.high), value=name.value)
    return named


def store(b: Builder, instr: Instr) -> None:
    """A store."""
    stored(b, instr.op.data["access"], instr.args[0], b.pop(), instr.at)


def stored(b: Builder, access: Access, memarg: MemArg, value: Expr, at: int) -> None:
    """A store of a value; Python's views want the exact value of their width."""
    if access.type in (I32, I64):
        mask = (1 << 8 * access.size) - 1
        value = loose(value)
        if value.low < 0 or value.high > mask:
            value = node("and", (value, const(value.type, mask)), value.type, bounds=(0, mask))
    index = _index(b, memarg, access.size)
    if index is not None:
        b.effect()
        if value.traps and index.traps:
            index = kept(b, index)
        if access.type is F32 and value.op not in ("var", "const"):
            value = b.keep(value)
        b.do(Do("store_at", (index, value), (memarg.mem, access), at))
        return
    address = address_of(b, memarg)
    b.effect()
    # Python computes what is on the right of `=` first
    if (access.size > 1 or value.traps) and address.op not in ("var", "const"):
        address = kept(b, address)
    if access.type is F32 and value.op not in ("var", "const"):
        value = b.keep(value)
    b.do(Do("store", (address, value), (memarg.mem, access), at))


for _op in op_table(DEFAULT).by_opcode.values():
    if "access" in _op.data and _op.data["access"].type is not V128:
        RULES[_op.mnemonic] = store if ".store" in _op.mnemonic else load


@rule("memory.size")
def memory_size(b: Builder, instr: Instr) -> None:
    t = b.valid.memories[instr.args[0]]
    b.push(node("memory_size", (), t.addr, value=(instr.args[0], t.page_bits), state=True))


@rule("memory.fill")
def memory_fill(b: Builder, instr: Instr) -> None:
    _bulk(b, instr, "memory_fill")


@rule("memory.copy")
def memory_copy(b: Builder, instr: Instr) -> None:
    _bulk(b, instr, "memory_copy")


def _bulk(b: Builder, instr: Instr, name: str) -> None:
    args = tuple(exact(e) for e in b.pop_many(3))
    b.effect()
    value = (name, tuple(f"m{x}" for x in instr.args))
    b.do(Call((), node("help", args, I32, value=value, traps=True, at=instr.at), instr.at))


# ------------------------------------------------------------------ tables


@rule("table.get")
def table_get(b: Builder, instr: Instr) -> None:
    t = b.valid.tables[instr.args[0]].elem
    index = exact(b.pop())
    b.push(node("table_get", (index,), t, value=instr.args[0], traps=True, state=True, at=instr.at))


# ------------------------------------------------------------------ calls


@rule("call")
def call(b: Builder, instr: Instr) -> None:
    t = b.valid.func_types[instr.args[0]].func
    b.finish_call(b.call_node("call", len(t.params), instr.args[0]), t.results)


@rule("return_call")
def return_call(b: Builder, instr: Instr) -> None:
    t = b.valid.func_types[instr.args[0]].func
    b.tail(b.call_node("tail_call", len(t.params), instr.args[0]))


def _called(b: Builder, e: Expr) -> Expr:
    """What says which function is called: computed behind the arguments, which have no effects."""
    if e.traps:
        b.settle_traps()
    return e


def _indirect(b: Builder, instr: Instr, op: str) -> tuple[Expr, Any]:
    typeidx, tableidx = instr.args
    t = b.typist.functype(typeidx)
    index = _called(b, exact(b.pop()))
    return b.call_node(op, len(t.params), (typeidx, tableidx), (index,)), t


@rule("call_indirect")
def call_indirect(b: Builder, instr: Instr) -> None:
    node_, t = _indirect(b, instr, "call_indirect")
    b.finish_call(node_, t.results)


@rule("return_call_indirect")
def return_call_indirect(b: Builder, instr: Instr) -> None:
    b.tail(_indirect(b, instr, "tail_call_indirect")[0])


def _by_reference(b: Builder, instr: Instr, op: str) -> tuple[Expr, Any]:
    t = b.typist.functype(instr.args[0])
    reference = _called(b, b.pop())
    return b.call_node(op, len(t.params), None, (reference,)), t


@rule("call_ref")
def call_ref(b: Builder, instr: Instr) -> None:
    node_, t = _by_reference(b, instr, "call_ref")
    b.finish_call(node_, t.results)


@rule("return_call_ref")
def return_call_ref(b: Builder, instr: Instr) -> None:
    b.tail(_by_reference(b, instr, "tail_call_ref")[0])


# ------------------------------------------------------------------ structs


def _struct_type(b: Builder, x: int) -> StructType:
    comp = b.valid.types[x].comp  # type: ignore[union-attr]
    assert isinstance(comp, StructType)
    return comp


@rule("struct.get", "struct.get_u")
def struct_get(b: Builder, instr: Instr) -> None:
    x, i = instr.args
    storage = _struct_type(b, x).fields[i].storage
    t = I32 if isinstance(storage, PackType) else storage
    b.push(node("field", (b.pop(),), t, value=i, traps=True, state=True, at=instr.at))


@rule("struct.set")
def struct_set(b: Builder, instr: Instr) -> None:
    x, i = instr.args
    storage = _struct_type(b, x).fields[i].storage
    value = exact(b.pop())
    if isinstance(storage, PackType):
        mask = (1 << int(storage.value[1:])) - 1
        value = node("and", (value, const(I32, mask)), I32, bounds=(0, mask))
    ref = b.pop()
    b.effect()
    if value.traps:
        ref, value = b.keep(ref), b.keep(value)
    b.do(Do("field_set", (ref, value), i, instr.at))


@rule("struct.new")
def struct_new(b: Builder, instr: Instr) -> None:
    fields = _struct_type(b, instr.args[0]).fields
    if any(isinstance(f.storage, PackType) for f in fields):
        b.generic(instr)
        return
    args = tuple(exact(e) for e in b.pop_many(len(fields)))
    b.effect()
    t = RefType(False, b.typist.deftype(instr.args[0]))
    made = b.fresh(t)
    new = node("struct_new", args, t, value=instr.args[0], state=True, at=instr.at)
    b.do(Call((str(made.value),), new, instr.at))
    b.stack.append(made)
