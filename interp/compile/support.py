"""What compiled functions call besides one another."""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import fabs, sqrt
from time import monotonic
from typing import Any

from watloom.interp.core.errors import Trap
from watloom.interp.core.numerics import floats
from watloom.interp.core.numerics.bits import CANONICAL_NAN, f32_from_bits, f32_to_bits
from watloom.interp.core.numerics.integers import NumericError
from watloom.interp.core.types import DefType
from watloom.interp.runtime.exceptions import Thrown
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.limits import out_of_fuel, out_of_time
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import ExnInst, FuncInst, StructInst, Tag, has_type

__all__ = ["NAMES", "VECTOR_PREFIXES", "Handlers", "Tail"]

#: How the names in `support_vectors` begin, which is imported for code that has one of them.
VECTOR_PREFIXES = ("i8x16_", "i16x8_", "i32x4_", "i64x2_", "f32x4_", "f64x2_", "v128_")


class Tail:
    """A call to be made in place of the function that gives this back.

    `instance` refers weakly to the instance whose code that is: a host function may ask for it.
    """

    __slots__ = ("args", "func", "instance")

    def __init__(
        self, func: FuncInst, args: tuple[Any, ...], instance: Callable[[], ModuleInst | None]
    ) -> None:
        self.func = func
        self.args = args
        self.instance = instance


def no_fuel() -> None:
    """The next block costs more than is left."""
    raise out_of_fuel()


def no_time(store: Store) -> None:
    """The call took too long."""
    raise out_of_time(store.limits.seconds)


def non_null(ref: Any) -> Any:
    """ref.as_non_null"""
    if ref is None:
        raise Trap("null reference")
    return ref


def callee(func: FuncInst | None) -> FuncInst:
    """The function of a tail call through a reference."""
    if func is None:
        raise Trap("null function reference")
    return func


def checked(func: FuncInst, wanted: DefType) -> FuncInst:
    """The function of an indirect call whose type is another one: a subtype, or a trap."""
    if not func.type.is_sub_of(wanted):
        raise Trap("indirect call type mismatch")
    return func


def again(exn: ExnInst | None) -> Thrown:
    """throw_ref"""
    if exn is None:
        raise Trap("null exception reference")
    return Thrown(exn)


#: The region of each block; for each region its clauses, and the region around it.
Handlers = tuple[tuple[int, ...], tuple[tuple[tuple[tuple[int | None, int], ...], int], ...]]


def clause(tag: Tag, handlers: Handlers, block: int, tags: list[Tag]) -> int:
    """The block of the first clause that takes a tag thrown in a block, or -1."""
    region = handlers[0][block]
    while region:
        clauses, region = handlers[1][region]
        for wanted, target in clauses:
            if wanted is None or tags[wanted] is tag:
                return target
    return -1


def fdiv(a: float, b: float) -> float:
    """A quotient; Python refuses to divide by zero."""
    return a / b if b else floats.div(float, a, b)


def fsqrt(a: float) -> float:
    """The square root of what Python has none of: a negative number or NaN."""
    return floats.sqrt(float, a)


def memory_fill(data: bytearray, start: int, value: int, count: int) -> None:
    """Set bytes to a value."""
    if start + count > len(data):
        raise Trap("out of bounds memory access")
    for done in range(start, start + count, _CHUNK):
        size = min(_CHUNK, start + count - done)
        data[done : done + size] = bytes((value & 0xFF,)) * size


def memory_copy(to: bytearray, data: bytearray, at: int, start: int, count: int) -> None:
    """Copy bytes, as if all were read first."""
    if start + count > len(data) or at + count > len(to):
        raise Trap("out of bounds memory access")
    to[at : at + count] = data[start : start + count]


_CHUNK = 1 << 20  # bytes that are made at a time
_U32 = struct.Struct("<I")


def load_f32(data: bytearray, address: int) -> float:
    """A float from memory, NaN bits kept."""
    return f32_from_bits(_U32.unpack_from(data, address)[0])


def store_f32(data: bytearray, address: int, value: float) -> None:
    """A float into memory, NaN bits kept."""
    _U32.pack_into(data, address, f32_to_bits(value))


NAMES: dict[str, Any] = {
    "Exn": ExnInst,
    "NAN": CANONICAL_NAN,
    "NumericError": NumericError,
    "Struct": StructInst,
    "Tail": Tail,
    "Thrown": Thrown,
    "Trap": Trap,
    "again": again,
    "callee": callee,
    "checked": checked,
    "clause": clause,
    "clock": monotonic,
    "fabs": fabs,
    "fdiv": fdiv,
    "fsqrt": fsqrt,
    "has_type": has_type,
    "load_f32": load_f32,
    "memory_copy": memory_copy,
    "memory_fill": memory_fill,
    "no_fuel": no_fuel,
    "no_time": no_time,
    "non_null": non_null,
    "sqrt": sqrt,
    "store_f32": store_f32,
}
for _form in "hHiIqQd":
    _struct = struct.Struct("<" + _form)
    NAMES[f"unpack_{_form}"] = _struct.unpack_from
    NAMES[f"pack_{_form}"] = _struct.pack_into
# what goes between memory and vectors
for _form in ("16s", "8b", "8B", "4h", "4H", "2i", "2I"):
    NAMES[f"unpack_{_form}"] = struct.Struct("<" + _form).unpack_from
for _form in ("8h", "8H", "4i", "4I", "2q", "2Q"):
    NAMES[f"put_{_form}"] = struct.Struct("<" + _form).pack
NAMES["pack_16s"] = struct.Struct("16s").pack_into
NAMES["from_bytes"] = int.from_bytes
