"""Addresses as indices of a view, where they are known to be aligned.

    i32.load (i32.shl (local.get $i) (i32.const 2))      →    m0_I[i & 0x3fffffff]
    f64.load offset=8 (local.get $p), $p a multiple of 8 →    m0_d[p + 8 >> 3]

An access of 2, 4 or 8 bytes through a view of such items takes no test for alignment then.
"""

from __future__ import annotations

from watloom.interp.compile.arith import exact
from watloom.interp.compile.ir import Expr, bits_of, const, node
from watloom.interp.core.dataclass import replace

__all__ = ["view_index", "zeros"]

#: More low zero bits than any access asks for.
MANY = 5


def zeros(e: Expr) -> int:
    """The number of low bits that are surely zero, at most `MANY`."""
    match e.op:
        case "const":
            value = e.value
            return MANY if value == 0 else min((value & -value).bit_length() - 1, MANY)
        case "var":
            return e.zeros
        case "add" | "sub" | "or" | "xor":
            return min(zeros(e.args[0]), zeros(e.args[1]))
        case "mul":
            return min(zeros(e.args[0]) + zeros(e.args[1]), MANY)
        case "shl":
            by = e.args[1].value if e.args[1].op == "const" else 0
            return min(zeros(e.args[0]) + by, MANY)
        case "and":
            return max(zeros(e.args[0]), zeros(e.args[1]))
        case "mask" | "sign" | "sign_wrap" | "named" | "as":
            return zeros(e.args[0])
        case "select":
            return min(zeros(e.args[0]), zeros(e.args[2]))
    return 0


def view_index(address: Expr, offset: int, shift: int) -> Expr | None:
    """The index that `address + offset` has among items of 2^shift bytes; None if it may lie
    between two."""
    if offset % (1 << shift):
        return None
    top = (1 << bits_of(address.type)) - 1 >> shift
    inner = address.args[0] if address.op == "mask" else address
    index = _divided(inner, shift)
    if index is None:
        if zeros(address) < shift:
            return None
        whole = _plus(exact(address), offset)
        bounds = (whole.low >> shift, whole.high >> shift)
        return node("shr", (whole, const(address.type, shift)), address.type, bounds=bounds)
    if index.low < 0 or index.high > top:
        index = node("mask", (index,), address.type, bounds=(0, top), value=top)
    return _plus(index, offset >> shift)


def _plus(e: Expr, offset: int) -> Expr:
    """A sum that is not wrapped: an address beyond the memory is one."""
    if not offset:
        return e
    if e.op == "const":
        return const(e.type, e.value + offset)
    bounds = (e.low + offset, e.high + offset)
    return node("add", (e, const(e.type, offset)), e.type, bounds=bounds)


def _divided(e: Expr, shift: int) -> Expr | None:
    """An expression that is `e >> shift` without a shift, `e` being a multiple by its form."""
    bounds = (e.low >> shift, e.high >> shift)
    match e.op:
        case "const" if e.value % (1 << shift) == 0:
            return const(e.type, e.value >> shift)
        case "shl" if e.args[1].op == "const" and e.args[1].value >= shift:
            by = e.args[1].value - shift
            if by == 0:
                return replace(e.args[0], type=e.type)
            return node("shl", (e.args[0], const(e.type, by)), e.type, bounds=bounds)
        case "add" | "sub":
            left, right = (_divided(arg, shift) for arg in e.args)
            if left is not None and right is not None:
                return node(e.op, (left, right), e.type, bounds=bounds)
        case "mul":
            for i, arg in enumerate(e.args):
                part = _divided(arg, shift)
                if part is not None:
                    args = (part, e.args[1]) if i == 0 else (e.args[0], part)
                    return node("mul", args, e.type, bounds=bounds)
        case "mask":
            part = _divided(e.args[0], shift)
            if part is not None:
                return node("mask", (part,), e.type, bounds=bounds, value=e.value >> shift)
    return None
