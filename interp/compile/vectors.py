"""Vector instructions as expressions.

A vector on the operand stack is an int of 128 bits. What works on bytes takes them as they are from
what made them, so that only the ends of a chain are converted (`from_bytes`, `to_bytes`):

    f32x4.mul (v128.load $a) (v128.load $b)
      →  from_bytes(f32x4_mul(unpack_16s(m0, a_)[0], unpack_16s(m0, b_)[0]), "little")

A local that is mostly set from bytes and used as bytes is kept so (`facts`); on the stack it is an
int like any other, `from_bytes($v)`.

What stands here neither as a rule nor in `simd_fast` runs its own declaration.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from watloom.interp.compile.arith import OPERATORS, loose
from watloom.interp.compile.effects import address_of, loaded, stored
from watloom.interp.compile.ir import Do, Expr, const, node, var
from watloom.interp.compile.rules import rule
from watloom.interp.core.instr import Instr
from watloom.interp.core.numerics.simd import FULL
from watloom.interp.core.numerics.simd_fast import BYTES, MASKS, WORDS
from watloom.interp.core.numerics.simd_swar import lows
from watloom.interp.core.types import F32, F64, I32, I64, V128, NumType
from watloom.interp.isa import simd
from watloom.interp.isa.memory import Access

if TYPE_CHECKING:
    from watloom.interp.compile.build import Builder

__all__ = ["as_bytes", "from_bytes"]

Operands = tuple[Expr, ...]


# ------------------------------------------------------------------ the two forms


def as_bytes(e: Expr) -> Expr:
    """A vector as sixteen bytes."""
    return e.args[0] if e.op == "from_bytes" else node("to_bytes", (e,), V128)


def from_bytes(e: Expr) -> Expr:
    """Sixteen bytes as a vector."""
    return node("from_bytes", (e,), V128)


def called(name: str, args: Operands, t: NumType = V128, high: int = 0) -> Expr:
    """A call of one of the functions that compiled code knows by name."""
    bounds = (0, high) if t in (I32, I64) else None
    return node("vector", args, t, value=name, bounds=bounds)


def _on_words(name: str, result: NumType, high: int, args: Operands, at: int) -> Expr:
    return called(name, tuple([loose(a) if a.type is I32 else a for a in args]), result, high)


def _on_bytes(name: str, args: Operands, at: int) -> Expr:
    return from_bytes(called(name, tuple(map(as_bytes, args))))


def _masks(name: str, args: Operands, at: int) -> Expr:
    return called(name, tuple(map(as_bytes, args)))


def _mnemonic(name: str) -> str:
    return name.replace("_", ".", 1)


for _name in WORDS:
    if _name.endswith("all_true"):
        OPERATORS[_mnemonic(_name)] = partial(_on_words, _name, I32, 1)
    elif _name.endswith("bitmask"):
        OPERATORS[_mnemonic(_name)] = partial(_on_words, _name, I32, 0xFFFF)
    else:
        OPERATORS[_mnemonic(_name)] = partial(_on_words, _name, V128, 0)
for _name in BYTES:
    OPERATORS[_mnemonic(_name)] = partial(_on_bytes, _name)
for _name in MASKS:
    OPERATORS[_mnemonic(_name)] = partial(_masks, _name)


# ------------------------------------------------------------------ all bits at once


def vector(value: int) -> Expr:
    """A constant vector."""
    return const(V128, value)


def operator(op: str, a: Expr, b: Expr) -> Expr:
    """A Python operator on two vectors, or on a vector and a number."""
    return node(op, (a, b), V128)


def invert(a: Expr) -> Expr:
    """All bits flipped, as an int that may be negative: for one side of an `and`."""
    return vector(~a.value & FULL) if a.op == "const" else node("invert", (a,), V128)


def _bitwise(op: str) -> Callable[[Operands, int], Expr]:
    return lambda args, at: operator(op, *args)


for _op in ("and", "or", "xor"):
    OPERATORS[f"v128.{_op}"] = _bitwise(_op)
OPERATORS["v128.andnot"] = lambda args, at: operator("and", args[0], invert(args[1]))
OPERATORS["v128.any_true"] = lambda args, at: node("!=", (args[0], vector(0)), I32, bounds=(0, 1))


def _with(op: str, constant: int, args: Operands, at: int) -> Expr:
    return operator(op, args[0], vector(constant))


for _shape, _high in (("f32x4", lows(32) << 31), ("f64x2", lows(64) << 63)):
    OPERATORS[f"{_shape}.neg"] = partial(_with, "xor", _high)
    OPERATORS[f"{_shape}.abs"] = partial(_with, "and", FULL ^ _high)
OPERATORS["v128.not"] = partial(_with, "xor", FULL)


# ------------------------------------------------------------------ written out

# The commonest operations without a call: a third of their time would be the call.


def _twice(b: Builder, e: Expr) -> tuple[Expr, Expr]:
    """An expression for two uses: named at the first one, which Python computes first."""
    if e.op in ("var", "const"):
        return e, e
    name = str(b.fresh(V128, "v").value)
    return node("named", (e,), V128, value=name), var(name, V128)


def _sum(n: int, b: Builder, instr: Instr) -> None:
    """Lanes without their highest bits added, those by xor (`simd_swar.add`)."""
    second, first = b.pop(), b.pop()
    x, x_again = _twice(b, first)
    y, y_again = _twice(b, second)
    high = lows(n) << (n - 1)
    rest = vector(FULL ^ high)
    total = operator("add", operator("and", x, rest), operator("and", y, rest))
    carried = operator("and", operator("xor", x_again, y_again), vector(high))
    b.push(operator("xor", total, carried))


def _difference(n: int, b: Builder, instr: Instr) -> None:
    """With the highest bits set, no lane borrows from the next (`simd_swar.sub`)."""
    second, first = b.pop(), b.pop()
    x, x_again = _twice(b, first)
    y, y_again = _twice(b, second)
    high = vector(lows(n) << (n - 1))
    low = operator("sub", operator("or", x, high), operator("and", y, vector(FULL ^ high.value)))
    same = operator("and", invert(operator("xor", x_again, y_again)), high)
    b.push(operator("xor", low, same))


def _shift(name: str, n: int, b: Builder, instr: Instr) -> None:
    """By a constant: the whole, and what entered a lane from another cleared."""
    if b.stack[-1].op != "const" or name == "shr_s":
        count, v = b.pop(), b.pop()
        b.push(called(f"{simd.SHAPES[n]}_{name}", (v, loose(count))))
        return
    by = b.pop().value % n
    kept = (1 << n) - (1 << by) if name == "shl" else (1 << (n - by)) - 1
    moved = operator("shl" if name == "shl" else "shr", b.pop(), const(I32, by))
    b.push(operator("and", moved, vector(lows(n) * kept)))


for _n, _shape in simd.SHAPES.items():
    rule(f"{_shape}.add")(partial(_sum, _n))
    rule(f"{_shape}.sub")(partial(_difference, _n))
    for _name in ("shl", "shr_s", "shr_u"):
        rule(f"{_shape}.{_name}")(partial(_shift, _name, _n))


# ------------------------------------------------------------------ products and sums


def _madd(shape: str, args: Operands, at: int) -> Expr:
    a, b, c = map(as_bytes, args)
    product = called(f"{shape}_mul", (a, b))
    return from_bytes(called(f"{shape}_add", (product, c)))


def _nmadd(shape: str, args: Operands, at: int) -> Expr:
    return _madd(shape, (OPERATORS[f"{shape}.neg"](args[:1], at), *args[1:]), at)


for _shape in ("f32x4", "f64x2"):
    OPERATORS[f"{_shape}.relaxed_madd"] = partial(_madd, _shape)
    OPERATORS[f"{_shape}.relaxed_nmadd"] = partial(_nmadd, _shape)


def _dot_add(args: Operands, at: int) -> Expr:
    products = OPERATORS["i16x8.relaxed_dot_i8x16_i7x16_s"](args[:2], at)
    sums = called("i32x4_extadd_pairwise_i16x8_s", (products,))
    return called("i32x4_add", (sums, args[2]))


OPERATORS["i32x4.relaxed_dot_i8x16_i7x16_add_s"] = _dot_add


# ------------------------------------------------------------------ lanes


def _low_bits(e: Expr, n: int) -> Expr:
    """The low N bits of a number, for a lane."""
    mask = (1 << n) - 1
    if e.op == "const":
        return const(e.type, e.value & mask)
    e = loose(e)
    if e.low >= 0 and e.high <= mask:
        return e
    return node("and", (e, const(e.type, mask)), e.type, bounds=(0, mask))


def _splat(n: int, args: Operands, at: int) -> Expr:
    lane = _low_bits(args[0], n)
    if lane.op == "const":
        return vector(lane.value * lows(n))
    return operator("mul", lane, vector(lows(n)))


def _splat_float(name: str, args: Operands, at: int) -> Expr:
    return from_bytes(called(name, args))


for _n, _shape in simd.SHAPES.items():
    OPERATORS[f"{_shape}.splat"] = partial(_splat, _n)
for _shape in simd.FLOAT_SHAPES.values():
    OPERATORS[f"{_shape}.splat"] = partial(_splat_float, f"{_shape}_splat")


def lane_of(v: Expr, n: int, lane: int) -> Expr:
    """One lane, unsigned."""
    t, mask = I64 if n == 64 else I32, (1 << n) - 1
    if lane:
        v = node("shr", (v, const(I32, n * lane)), t, bounds=(0, mask))
    if n * (lane + 1) == 128:
        return v
    return node("and", (v, const(t, mask)), t, bounds=(0, mask))


def _extract(n: int, b: Builder, instr: Instr) -> None:
    found = lane_of(b.pop(), n, instr.args[0])
    if instr.op.mnemonic.endswith("_s"):
        half = 1 << (n - 1)
        found = node("sign", (found,), I32, bounds=(-half, half - 1), value=half)
    b.push(found)


def _replace(n: int, b: Builder, instr: Instr) -> None:
    lane, value = instr.args[0], b.pop()
    b.push(with_lane(b.pop(), _low_bits(value, n), n, lane))


def with_lane(v: Expr, value: Expr, n: int, lane: int) -> Expr:
    """A vector with one lane set to a number of N bits."""
    cleared = operator("and", v, vector(FULL ^ ((1 << n) - 1) << n * lane))
    placed = operator("shl", value, const(I32, n * lane)) if lane else value
    return operator("or", cleared, placed)


def _extract_float(name: str, t: NumType, b: Builder, instr: Instr) -> None:
    b.push(called(name, (as_bytes(b.pop()), const(I32, instr.args[0])), t))


def _replace_float(name: str, b: Builder, instr: Instr) -> None:
    value = b.pop()
    lane = const(I32, instr.args[0])
    b.push(from_bytes(called(name, (as_bytes(b.pop()), value, lane))))


for _n, _shape in simd.SHAPES.items():
    for _word in ("extract_lane", "extract_lane_s", "extract_lane_u"):
        rule(f"{_shape}.{_word}")(partial(_extract, _n))
    rule(f"{_shape}.replace_lane")(partial(_replace, _n))
for _t, _shape in ((F32, "f32x4"), (F64, "f64x2")):
    rule(f"{_shape}.extract_lane")(partial(_extract_float, f"{_shape}_extract", _t))
    rule(f"{_shape}.replace_lane")(partial(_replace_float, f"{_shape}_replace"))


@rule("i8x16.shuffle")
def shuffle(b: Builder, instr: Instr) -> None:
    """Both operands as one table, in which each number of a lane finds its byte."""
    args = tuple(b.pop_many(2))
    b.push(from_bytes(node("shuffle", args, V128, value=instr.args[0])))


# ------------------------------------------------------------------ memory


def _part(n: int) -> Access:
    """An access to one lane, as if by an instruction of integers."""
    return Access(mnemonic="", opcode=0, type=I64 if n == 64 else I32, size=n // 8)


def _read(b: Builder, instr: Instr, form: str) -> Expr:
    """Bytes of memory by `struct`; the parts that `form` names, or all of them as bytes."""
    memarg = instr.args[0]
    address = address_of(b, memarg)
    value = (memarg.mem, form)
    return node("read", (address,), V128, value=value, traps=True, state=True, at=instr.at)


@rule("v128.load")
def load(b: Builder, instr: Instr) -> None:
    """Sixteen bytes as they are."""
    b.push(from_bytes(_read(b, instr, "16s")))


@rule("v128.store")
def store(b: Builder, instr: Instr) -> None:
    """Sixteen bytes as they are."""
    value = as_bytes(b.pop())
    address = address_of(b, instr.args[0])
    b.effect()
    b.do(Do("store_vector", (address, value), instr.args[0].mem, instr.at))


def _load_extended(forms: tuple[str, str], b: Builder, instr: Instr) -> None:
    narrow, wide = forms
    lanes = _read(b, instr, narrow)
    b.push(from_bytes(node("put", (lanes,), V128, value=wide)))


for _wide, _sign, _forms in (
    ("8x8", "s", ("8b", "8h")),
    ("8x8", "u", ("8B", "8H")),
    ("16x4", "s", ("4h", "4i")),
    ("16x4", "u", ("4H", "4I")),
    ("32x2", "s", ("2i", "2q")),
    ("32x2", "u", ("2I", "2Q")),
):
    rule(f"v128.load{_wide}_{_sign}")(partial(_load_extended, _forms))


def _load_splat(n: int, b: Builder, instr: Instr) -> None:
    lane = loaded(b, _part(n), instr.args[0], instr.at)
    b.push(operator("mul", lane, vector(lows(n))))


def _load_zero(n: int, b: Builder, instr: Instr) -> None:
    b.push(node("as", (loaded(b, _part(n), instr.args[0], instr.at),), V128))


def _load_lane(n: int, b: Builder, instr: Instr) -> None:
    memarg, lane = instr.args
    v = b.pop()
    if v.traps:  # before the load itself, and behind its address
        b.push(v)
        b.settle_traps()
        v = b.pop()
    b.push(with_lane(v, loaded(b, _part(n), memarg, instr.at), n, lane))


def _store_lane(n: int, b: Builder, instr: Instr) -> None:
    memarg, lane = instr.args
    stored(b, _part(n), memarg, lane_of(b.pop(), n, lane), instr.at)


for _n in (8, 16, 32, 64):
    rule(f"v128.load{_n}_lane")(partial(_load_lane, _n))
    rule(f"v128.store{_n}_lane")(partial(_store_lane, _n))
    rule(f"v128.load{_n}_splat")(partial(_load_splat, _n))
    if _n >= 32:
        rule(f"v128.load{_n}_zero")(partial(_load_zero, _n))
