"""Examples and typing made for instructions whose declaration says enough.

    i32.add          a signature        (i32.add (i32.const 7) (i32.const 3)) => i32 10
    i32.load8_s      loads bytes        (i32.load8_s (i32.const 4)) => i32 -12
    i32.store8       stores them        … (i32.load8_u (i32.const 0)) => i32 44

The result is computed from the declaration alone; a test runs each example in both executors.
"""

from __future__ import annotations

import struct
from typing import Any

from watloom.interp.core.instr import Op
from watloom.interp.core.numerics import simd
from watloom.interp.core.numerics.bits import f32_from_bits, f64_from_bits
from watloom.interp.core.numerics.integers import signed
from watloom.interp.core.types import F32, F64, I32, I64, V128, ValType
from watloom.interp.isa.immediates import LANEIDX, LANES
from watloom.interp.isa.proposal import parse_signature

__all__ = ["CONTENT", "made_for"]

#: What loads find in memory: bytes that count up from f0, 1.5 as an f32 at 16, 2.5 as an f64 at 24.
CONTENT = bytes(range(0xF0, 0x100)) + b"\0\0\xc0\x3f\0\0\0\0" + b"\0\0\0\0\0\0\x04\x40"
_AT = {F32: 16, F64: 24}
_RMW = {"add": 17, "sub": 7, "and": 4, "or": 13, "xor": 9, "xchg": 5, "cmpxchg": 5}  # of 12 and 5


def made_for(op: Op) -> tuple[str, str] | None:
    """Typing and example of an instruction; None where its declaration does not say enough."""
    access = op.data.get("access")
    if access is not None and ".atomic." in op.mnemonic:
        return _atomic(op)
    if access is not None and ".store" in op.mnemonic:
        return _store(op)
    if access is not None:
        return _load(op)
    if op.pure is not None:
        return _pure(op)
    if op.mnemonic.endswith(".const"):
        t = parse_signature(op.signature)[1][0]
        return _typing(
            op.signature
        ), f"{_const(t, _operand(t, 0, op))} => {_shown(t, _operand(t, 0, op))}"
    return None


def _typing(signature: str) -> str:
    before, after = signature.split("->")
    return f"[{before.strip()}] -> [{after.strip()}]"


# ------------------------------------------------------------------ values


def _operand(t: ValType, i: int, op: Op) -> Any:
    """The i-th operand of an example."""
    if t is V128:
        floats = op.mnemonic.startswith(("f32x4", "f64x2"))
        numbers = [(1, 2, 3, 4), (10, 20, 30, 40), (5, 6, 7, 8)][i]
        if floats or "_f32x4" in op.mnemonic:
            return simd.pack(32, [_F32_BITS[n] for n in numbers])
        return simd.pack(32, numbers)
    if t in (F32, F64):
        return (2.5, 1.5, 0.5)[i]
    return (7, 3, 2, 1)[i]


#: The bits of small numbers as f32.
_F32_BITS = {n: int.from_bytes(struct.pack("<f", n), "little") for n in range(41)}


def _const(t: ValType, value: Any) -> str:
    return f"({t}.const {_text(t, value)})"


def _shown(t: ValType, value: Any) -> str:
    return f"{t} {_text(t, value)}"


def _text(t: ValType, value: Any) -> str:
    if t is V128:
        return simd.shown(value)
    if t in (F32, F64):
        return repr(float(value))
    return str(signed(64 if t is I64 else 32, value))


# ------------------------------------------------------------------ instructions


def _pure(op: Op) -> tuple[str, str]:
    assert op.pure is not None
    params, results = parse_signature(op.signature)
    immediates: list[Any] = [
        1 if kind is LANEIDX else bytes(range(15, -1, -1)) if kind is LANES else None
        for kind in op.immediates
    ]
    operands = [_operand(t, i, op) for i, t in enumerate(params)]
    given = op.pure(*immediates, *operands)
    several = given if len(results) > 1 else (given,)
    words = [" ".join(map(str, i)) if isinstance(i, bytes) else str(i) for i in immediates]
    consts = [_const(t, value) for t, value in zip(params, operands, strict=True)]
    shown = ", ".join(_shown(t, value) for t, value in zip(results, several, strict=True))
    return _typing(op.signature), f"({' '.join([op.mnemonic, *words, *consts])}) => {shown}"


def _load(op: Op) -> tuple[str, str]:
    access = op.data["access"]
    at = _AT.get(access.type, 4)
    found = CONTENT[at : at + access.size]
    lane = LANEIDX in op.immediates
    if access.type is V128:
        number = int.from_bytes(found, "little")
        value = simd.replace(8 * access.size, 1, 0, number) if lane else op.data["meaning"](found)
    elif access.type is F32:
        value = f32_from_bits(int.from_bytes(found, "little"))
    elif access.type is F64:
        value = f64_from_bits(int.from_bytes(found, "little"))
    else:
        mask = (1 << (64 if access.type is I64 else 32)) - 1
        value = int.from_bytes(found, "little", signed=access.signed) & mask
    operand = f" {_const(V128, 0)}" if lane else ""
    code = f"({op.mnemonic}{' 1' * lane} (i32.const {at}){operand})"
    return f"[at{' v128' * lane}] -> [{access.type}]", f"{code} => {_shown(access.type, value)}"


def _store(op: Op) -> tuple[str, str]:
    access = op.data["access"]
    t = access.type
    lane = LANEIDX in op.immediates
    value: Any = 300 if t in (I32, I64) else _operand(t, 0, op)
    there = value
    if t in (I32, I64):
        there = value & ((1 << 8 * access.size) - 1)
    elif lane:
        n = 8 * access.size
        there = simd.lanes(n, value)[1]
    code = f"({op.mnemonic}{' 1' * lane} (i32.const 0) {_const(t, value)}) ({t}.load (i32.const 0))"
    return f"[at {t}] -> []", f"{code} => {_shown(t, there)}"


def _atomic(op: Op) -> tuple[str, str] | None:
    access = op.data["access"]
    t, name = access.type, op.mnemonic.rsplit(".", 1)[1].removesuffix("_u")
    if op.mnemonic.startswith("memory."):
        return None
    width = "" if access.size == (8 if t is I64 else 4) else str(8 * access.size)
    store = f"({t}.atomic.store{width} (i32.const 0) {_const(t, 12)})"
    load = f"({t}.atomic.load{width}{'_u' * bool(width)} (i32.const 0))"
    if name.startswith(("load", "store")):
        typing = f"[at] -> [{t}]" if name.startswith("load") else f"[at {t}] -> []"
        return typing, f"{store} {load} => {_shown(t, 12)}"
    values = [12, 5] if name == "cmpxchg" else [5]
    operands = " ".join(_const(t, value) for value in values)
    code = f"{store} ({op.mnemonic} (i32.const 0) {operands}) {load}"
    typing = f"[at{f' {t}' * len(values)}] -> [{t}]"
    return typing, f"{code} => {_shown(t, 12)}, {_shown(t, _RMW[name])}"
