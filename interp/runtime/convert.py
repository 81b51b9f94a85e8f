"""What crosses the boundary between Python and Wasm, and how.

    Wasm type     from Python                                    to Python
    i32           int, -2^31 ≤ x < 2^32 (bool too)               int, signed
    i64           int, -2^63 ≤ x < 2^64                          int, signed
    f32           float or int, rounded once; NaN bits kept      float, NaN bits kept
    f64           float or int; NaN bits kept                    float, NaN bits kept
    v128          16 bytes (bytes, bytearray, an array …),      bytes, lane 0 first
                  little-endian, lane 0 first
    funcref       None, a function of a store; for a typed       None, a callable function
                  reference also any callable
    externref     any object; None is null                       the same object
    anyref &c.    None, a struct or array, an int (i31)          None, a struct, an array, an int
    exnref        None, an exception that came from there        None, an exception (opaque)

A value that does not fit raises HostValueError (a TypeError); one of another store LinkError.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import HostValueError, LinkError
from watloom.interp.core.matching import top_of
from watloom.interp.core.numerics.bits import CANONICAL_NAN, f32_round, f64_from_bits, f64_to_bits
from watloom.interp.core.numerics.integers import signed
from watloom.interp.core.types import (
    F32,
    F64,
    I32,
    I64,
    V128,
    AbsHeap,
    DefType,
    FuncType,
    NumType,
    PackType,
    RefType,
    StructType,
    ValType,
)
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import LARGE_ARRAY
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.tally import Tally
from watloom.interp.runtime.values import (
    I31,
    ArrayInst,
    ExnInst,
    FuncInst,
    HostFunc,
    HostRef,
    StructInst,
    has_type,
    store_of,
)

if TYPE_CHECKING:
    from watloom.interp.runtime.store import Store

__all__ = ["Struct", "make_struct", "to_python", "to_python_all", "to_wasm", "to_wasm_all"]


def to_wasm(value: Any, t: ValType, store: Store | None = None) -> Any:
    """A Python value as a Wasm value of the closed type `t`.

    >>> to_wasm(-1, I32), to_wasm(0.1, F32)
    (4294967295, 0.10000000149011612)
    """
    if isinstance(t, RefType):
        return _to_reference(value, t, store)
    if t is I32 or t is I64:
        return _to_integer(value, t)
    if t is F32 or t is F64:
        return _to_float(value, t)
    return _to_vector(value)


def _to_integer(value: Any, t: NumType) -> int:
    bits = 32 if t is I32 else 64
    try:
        number = index(value)
    except TypeError:
        raise HostValueError(f"an int is wanted for {t}, not {value!r}") from None
    if not -(1 << (bits - 1)) <= number < 1 << bits:
        raise HostValueError(f"{number} does not fit in {t}")
    return number & ((1 << bits) - 1)


def _to_float(value: Any, t: NumType) -> float:
    if isinstance(value, str | bytes):
        raise HostValueError(f"a number is wanted for {t}, not {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise HostValueError(f"a number is wanted for {t}, not {value!r}") from None
    if t is F64:
        return number
    if number == number:
        return f32_round(number)
    kept = f64_to_bits(number) >> 29 << 29  # the payload bits that an f32 has
    narrowed = f64_from_bits(kept)
    return CANONICAL_NAN if math.isinf(narrowed) else narrowed


def _to_vector(value: Any) -> int:
    try:
        data = memoryview(value).tobytes()
    except TypeError:
        raise HostValueError(f"16 bytes are wanted for v128, not {value!r}") from None
    if len(data) != 16:
        raise HostValueError(f"16 bytes are wanted for v128, not {len(data)} bytes")
    return int.from_bytes(data, "little")


def _to_reference(value: Any, t: RefType, store: Store | None) -> Any:
    if value is None:
        if not t.nullable:
            raise HostValueError(f"null does not fit in {t}")
        return None
    top = top_of(t.heap)
    if top is AbsHeap.EXTERN:
        known = isinstance(value, StructInst | ArrayInst | HostRef)
        reference = value if known else HostRef(value)
    elif isinstance(value, int) and not isinstance(value, bool) and top is AbsHeap.ANY:
        if not -(1 << 30) <= value < 1 << 31:
            raise HostValueError(f"{value} does not fit in 31 bits")
        reference = I31(value & 0x7FFF_FFFF)
    elif top is AbsHeap.FUNC and not isinstance(value, FuncInst) and callable(value):
        if not isinstance(t.heap, DefType) or not isinstance(t.heap.comp, FuncType):
            raise HostValueError(
                f"{value!r} has no Wasm type", help="wrap it: watloom.Func(type, function)"
            )
        reference = HostFunc(t.heap, value, store=store)
    else:
        reference = value
    known = isinstance(reference, FuncInst | StructInst | ArrayInst | ExnInst | HostRef | I31)
    if not known or not has_type(reference, t):
        raise HostValueError(f"{value!r} is not a {t}")
    return adopt(reference, store)


def adopt(value: Any, store: Store | None) -> Any:
    """The value, which belongs to the store from now on; LinkError if it belongs to another."""
    own = store_of(value)
    if own is None and store is not None and not isinstance(value, HostRef | I31):
        value.store = store
        tally = tally_of(value)
        if tally is not None:
            tally.add(value)
    elif own is not None and store is not None and own is not store:
        raise LinkError(
            f"{value!r} belongs to another store",
            help="instantiate both in one store: Linker(store)",
        )
    return value


def tally_of(value: Any) -> Tally[Any] | None:
    """What counts such a value in its store, if anything does."""
    store: Store | None = getattr(value, "store", None)
    if store is None:
        return None
    if isinstance(value, Memory):
        return store.memories
    if isinstance(value, Table):
        return store.tables
    return store.arrays if isinstance(value, ArrayInst) and len(value) >= LARGE_ARRAY else None


def to_python(value: Any, t: ValType) -> Any:
    """A Wasm value of the closed type `t` as a Python value.

    >>> to_python(0xffffffff, I32)
    -1
    """
    if t is I32:
        return signed(32, value)
    if t is I64:
        return signed(64, value)
    if t is V128:
        return value.to_bytes(16, "little")
    if isinstance(value, HostRef):
        return value.object
    return signed(31, value.value) if isinstance(value, I31) else value


def make_struct(type: Any, fields: Sequence[Any], *, store: Store | None = None) -> StructInst:
    """A struct made by the host (`watloom.Struct`): its fields are converted one by one.

    Raises HostValueError for a type that is not a struct's and for values that do not fit.
    """
    comp = type.comp if isinstance(type, DefType) else None
    if not isinstance(comp, StructType):
        raise HostValueError(f"the type of a struct is wanted, not {type}")
    if len(fields) != len(comp.fields):
        raise HostValueError(f"{len(comp.fields)} fields are wanted, {len(fields)} given: {comp}")
    values = []
    for field, value in zip(comp.fields, fields, strict=True):
        if isinstance(field.storage, PackType):
            bits = int(field.storage.value[1:])
            values.append(to_wasm(value, I32, store) & ((1 << bits) - 1))
        else:
            values.append(to_wasm(value, field.storage, store))
    return StructInst(type, values, store)


class _Made(type):
    """Calling the class checks and converts; every struct, a guest's too, is an instance of it."""

    def __call__(cls, type: Any, fields: Sequence[Any], *, store: Store | None = None) -> Any:
        return make_struct(type, fields, store=store)

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, StructInst)


class Struct(StructInst, metaclass=_Made):
    """`watloom.Struct(type, fields)`: a struct made by the host, see `make_struct`."""

    __slots__ = ()


def field_to_python(struct: StructInst, i: int) -> Any:
    """A field of a struct as a Python value; a packed one unsigned. Raises IndexError."""
    comp = struct.type.comp
    assert isinstance(comp, StructType)
    storage = comp.fields[i].storage
    value = struct.fields[i]
    return value if isinstance(storage, PackType) else to_python(value, storage)


def to_wasm_all(values: Sequence[Any], types: Sequence[ValType], store: Store | None) -> list[Any]:
    """Several values at once."""
    return [to_wasm(value, t, store) for value, t in zip(values, types, strict=True)]


def to_python_all(values: Sequence[Any], types: Sequence[ValType]) -> Any:
    """The results of a call: None, the one value, or a tuple."""
    if not types:
        return None
    converted = tuple(to_python(value, t) for value, t in zip(values, types, strict=True))
    return converted[0] if len(types) == 1 else converted
