"""Arrays (https://webassembly.github.io/spec/core/exec/instructions.html#aggregate-reference-instructions)."""

from __future__ import annotations

from typing import Any

from watloom.interp.core.matching import matches_storage
from watloom.interp.core.numerics.bits import f32_from_bits, f64_from_bits
from watloom.interp.core.numerics.integers import extend_s
from watloom.interp.core.types import (
    F32,
    F64,
    I32,
    AbsHeap,
    ArrayType,
    FieldType,
    NumType,
    PackType,
    RefType,
    StorageType,
)
from watloom.interp.isa.immediates import DATAIDX, ELEMIDX, TYPEIDX, U32
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine
from watloom.interp.isa.struct import bits_of, default, is_defaultable_field, pack, unpacked

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("array")

OUT_OF_BOUNDS = "out of bounds array access"
NULL = "null array reference"


def _array(c: Checker, x: int) -> FieldType:
    comp = c.comp(x)
    if not isinstance(comp, ArrayType):
        raise c.fail(f"type mismatch: type {c.name('type', x)} is not an array: {comp}")
    return comp.field


def _mutable(c: Checker, x: int) -> FieldType:
    field = _array(c, x)
    if not field.mutable:
        raise c.fail(
            f"immutable array: the elements of type {c.name('type', x)} are not declared mut",
            f"declare it as (array (mut {c.shown(field.storage)}))",
        )
    return field


def _of(m: Machine, x: int) -> StorageType:
    comp = m.deftype(x).comp
    assert isinstance(comp, ArrayType)
    return comp.field.storage


# ------------------------------------------------------------------ making


@PROPOSAL.op("array.new", (0xFB, 6), TYPEIDX, constant=True)
class ArrayNew:
    """An array of one value repeated."""

    def check(c: Checker, x: int) -> None:
        c.pop_all((unpacked(_array(c, x).storage), I32))
        c.push(RefType(False, c.deftype(x)))

    def step(m: Machine, x: int) -> None:
        count, value = m.pop(), m.pop()
        m.push(m.array(m.deftype(x), count, pack(_of(m, x), value)))


@PROPOSAL.op("array.new_default", (0xFB, 7), TYPEIDX, constant=True)
class ArrayNewDefault:
    """An array of zeros or nulls."""

    def check(c: Checker, x: int) -> None:
        field = _array(c, x)
        if not is_defaultable_field(field):
            raise c.fail(
                f"type mismatch: the elements of type {c.name('type', x)} have no default: "
                f"{c.shown(field.storage)}",
                "give them a value with array.new",
            )
        c.pop(I32)
        c.push(RefType(False, c.deftype(x)))

    def step(m: Machine, x: int) -> None:
        m.push(m.array(m.deftype(x), m.pop(), default(_of(m, x))))


@PROPOSAL.op("array.new_fixed", (0xFB, 8), TYPEIDX, U32, constant=True)
class ArrayNewFixed:
    """An array of the operands."""

    def check(c: Checker, x: int, count: int) -> None:
        c.pop_many(count, unpacked(_array(c, x).storage))
        c.push(RefType(False, c.deftype(x)))

    def step(m: Machine, x: int, count: int) -> None:
        storage = _of(m, x)
        values = [pack(storage, v) for v in m.pop_many(count)]
        m.push(m.array(m.deftype(x), values))


def _size(storage: StorageType) -> int:
    """The bytes that an element takes in a data segment; 0 for a reference."""
    return 0 if isinstance(storage, RefType) else int(storage.value[1:]) // 8


def _from_data(storage: StorageType, data: bytes) -> list[Any]:
    size = _size(storage)
    numbers = [int.from_bytes(data[i : i + size], "little") for i in range(0, len(data), size)]
    if storage is F32:
        return [f32_from_bits(n) for n in numbers]
    return [f64_from_bits(n) for n in numbers] if storage is F64 else numbers


def _check_numeric(c: Checker, x: int, field: FieldType) -> None:
    if not isinstance(field.storage, NumType | PackType):
        raise c.fail(
            f"array type is not numeric or vector: type {c.name('type', x)} "
            f"holds {c.shown(field.storage)}",
            "references come from element segments: array.new_elem, array.init_elem",
        )


def _slice_data(m: Machine, x: int, y: int, start: int, count: int) -> list[Any]:
    storage, data = _of(m, x), m.data(y)
    end = start + count * _size(storage)
    if end > len(data):
        raise m.trap("out of bounds memory access")
    return _from_data(storage, data[start:end])


def _check_elem(c: Checker, x: int, y: int, field: FieldType) -> None:
    elem = c.elem(y)
    if not matches_storage(elem, field.storage):
        raise c.fail(
            f"type mismatch: segment {c.name('elem segment', y)} holds {c.shown(elem)}, "
            f"but type {c.name('type', x)} wants {c.shown(field.storage)}"
        )


def _slice_elem(m: Machine, y: int, start: int, count: int) -> list[Any]:
    elem = m.elem(y)
    if start + count > len(elem):
        raise m.trap("out of bounds table access")
    return elem[start : start + count]


@PROPOSAL.op("array.new_data", (0xFB, 9), TYPEIDX, DATAIDX)
class ArrayNewData:
    """An array of numbers read from a data segment."""

    def check(c: Checker, x: int, y: int) -> None:
        _check_numeric(c, x, _array(c, x))
        c.data(y)
        c.pop_all((I32, I32))
        c.push(RefType(False, c.deftype(x)))

    def step(m: Machine, x: int, y: int) -> None:
        count, start = m.pop(), m.pop()
        m.push(m.array(m.deftype(x), _slice_data(m, x, y, start, count)))


@PROPOSAL.op("array.new_elem", (0xFB, 10), TYPEIDX, ELEMIDX)
class ArrayNewElem:
    """An array of references from an element segment."""

    def check(c: Checker, x: int, y: int) -> None:
        _check_elem(c, x, y, _array(c, x))
        c.pop_all((I32, I32))
        c.push(RefType(False, c.deftype(x)))

    def step(m: Machine, x: int, y: int) -> None:
        count, start = m.pop(), m.pop()
        m.push(m.array(m.deftype(x), _slice_elem(m, y, start, count)))


# ------------------------------------------------------------------ reading and writing


def _declare_get(mnemonic: str, opcode: int, packed: bool, signed: bool) -> None:
    @PROPOSAL.op(mnemonic, (0xFB, opcode), TYPEIDX)
    class ArrayGet:
        """An element; traps on null and out of bounds."""

        def check(c: Checker, x: int) -> None:
            field = _array(c, x)
            if isinstance(field.storage, PackType) != packed:
                is_packed = "packed" if not packed else "not packed"
                wanted = "array.get" if packed else "array.get_s or array.get_u"
                raise c.fail(
                    f"type mismatch: the elements of type {c.name('type', x)} are {is_packed}: "
                    f"{field.storage}",
                    f"read them with {wanted}",
                )
            c.pop_all((RefType(True, c.deftype(x)), I32))
            c.push(unpacked(field.storage))

        def step(m: Machine, x: int) -> None:
            i, ref = m.pop(), m.pop()
            if ref is None:
                raise m.trap(NULL)
            if i >= len(ref.fields):
                raise m.trap(OUT_OF_BOUNDS)
            value = ref.fields[i]
            m.push(extend_s(bits_of(_of(m, x)) or 32, 32, value) if signed else value)


_declare_get("array.get", 11, packed=False, signed=False)
_declare_get("array.get_s", 12, packed=True, signed=True)
_declare_get("array.get_u", 13, packed=True, signed=False)


@PROPOSAL.op("array.set", (0xFB, 14), TYPEIDX)
class ArraySet:
    """Set an element; traps on null and out of bounds."""

    def check(c: Checker, x: int) -> None:
        field = _mutable(c, x)
        c.pop_all((RefType(True, c.deftype(x)), I32, unpacked(field.storage)))

    def step(m: Machine, x: int) -> None:
        value, i, ref = m.pop(), m.pop(), m.pop()
        if ref is None:
            raise m.trap(NULL)
        if i >= len(ref.fields):
            raise m.trap(OUT_OF_BOUNDS)
        m.write_field(ref, i, pack(_of(m, x), value))


@PROPOSAL.op("array.len", (0xFB, 15))
class ArrayLen:
    """The number of elements; traps on null."""

    def check(c: Checker) -> None:
        c.pop(RefType(True, AbsHeap.ARRAY))
        c.push(I32)

    def step(m: Machine) -> None:
        ref = m.pop()
        if ref is None:
            raise m.trap(NULL)
        m.push(len(ref.fields))


# ------------------------------------------------------------------ bulk


def _write(m: Machine, ref: Any, start: int, values: list[Any]) -> None:
    for i, value in enumerate(values, start):
        m.write_field(ref, i, value)


@PROPOSAL.op("array.fill", (0xFB, 16), TYPEIDX)
class ArrayFill:
    """Set elements to a value."""

    def check(c: Checker, x: int) -> None:
        field = _mutable(c, x)
        c.pop_all((RefType(True, c.deftype(x)), I32, unpacked(field.storage), I32))

    def step(m: Machine, x: int) -> None:
        count, value, start, ref = m.pop(), m.pop(), m.pop(), m.pop()
        if ref is None:
            raise m.trap(NULL)
        if start + count > len(ref.fields):
            raise m.trap(OUT_OF_BOUNDS)
        _write(m, ref, start, [pack(_of(m, x), value)] * count)


@PROPOSAL.op("array.copy", (0xFB, 17), TYPEIDX, TYPEIDX)
class ArrayCopy:
    """Copy elements between arrays, or within one, as if all were read first."""

    def check(c: Checker, x: int, y: int) -> None:
        to, source = _mutable(c, x), _array(c, y)
        if not matches_storage(source.storage, to.storage):
            raise c.fail(
                f"array types do not match: {c.name('type', y)} holds {c.shown(source.storage)}, "
                f"but {c.name('type', x)} wants {c.shown(to.storage)}",
                "the array that is copied to comes first",
            )
        c.pop_all((RefType(True, c.deftype(x)), I32, RefType(True, c.deftype(y)), I32, I32))

    def step(m: Machine, x: int, y: int) -> None:
        count, start, source, to, target = m.pop(), m.pop(), m.pop(), m.pop(), m.pop()
        if target is None or source is None:
            raise m.trap(NULL)
        if to + count > len(target.fields) or start + count > len(source.fields):
            raise m.trap(OUT_OF_BOUNDS)
        _write(m, target, to, source.fields[start : start + count])


@PROPOSAL.op("array.init_data", (0xFB, 18), TYPEIDX, DATAIDX)
class ArrayInitData:
    """Copy numbers from a data segment."""

    def check(c: Checker, x: int, y: int) -> None:
        _check_numeric(c, x, _mutable(c, x))
        c.data(y)
        c.pop_all((RefType(True, c.deftype(x)), I32, I32, I32))

    def step(m: Machine, x: int, y: int) -> None:
        count, start, to, ref = m.pop(), m.pop(), m.pop(), m.pop()
        if ref is None:
            raise m.trap(NULL)
        if to + count > len(ref.fields):
            raise m.trap(OUT_OF_BOUNDS)
        _write(m, ref, to, _slice_data(m, x, y, start, count))


@PROPOSAL.op("array.init_elem", (0xFB, 19), TYPEIDX, ELEMIDX)
class ArrayInitElem:
    """Copy references from an element segment."""

    def check(c: Checker, x: int, y: int) -> None:
        _check_elem(c, x, y, _mutable(c, x))
        c.pop_all((RefType(True, c.deftype(x)), I32, I32, I32))

    def step(m: Machine, x: int, y: int) -> None:
        count, start, to, ref = m.pop(), m.pop(), m.pop(), m.pop()
        if ref is None:
            raise m.trap(NULL)
        if to + count > len(ref.fields):
            raise m.trap(OUT_OF_BOUNDS)
        _write(m, ref, to, _slice_elem(m, y, start, count))


_MADE = "(array.new_fixed $numbers 3 (i32.const 10) (i32.const 20) (i32.const 30))"

PROPOSAL.explain({
    "array.new": ("[t i32] -> [(ref x)], where x holds t",
                  "(array.get $numbers (array.new $numbers (i32.const 7) (i32.const 3)) "
                  "(i32.const 2)) => i32 7"),
    "array.new_default": ("[i32] -> [(ref x)], where what x holds has a default",
                          "(array.len (array.new_default $numbers (i32.const 3))) => i32 3"),
    "array.new_fixed": ("[t^n] -> [(ref x)], where x holds t", f"(array.len {_MADE}) => i32 3"),
    "array.new_data": ("[i32 i32] -> [(ref x)]: from where in the segment, how many",
                       "(array.get_u $bytes (array.new_data $bytes $hello (i32.const 1) "
                       "(i32.const 4)) (i32.const 0)) => i32 101"),
    "array.new_elem": ("[i32 i32] -> [(ref x)]: from where in the segment, how many",
                       "(array.len (array.new_elem $funcs $elems (i32.const 0) (i32.const 2))) "
                       "=> i32 2"),
    "array.get": ("[(ref null x) i32] -> [t], where x holds t",
                  f"(array.get $numbers {_MADE} (i32.const 1)) => i32 20"),
    "array.get_s": ("[(ref null x) i32] -> [i32], where x holds i8 or i16",
                    "(array.get_s $bytes (array.new $bytes (i32.const 255) (i32.const 1)) "
                    "(i32.const 0)) => i32 -1"),
    "array.get_u": ("[(ref null x) i32] -> [i32], where x holds i8 or i16",
                    "(array.get_u $bytes (array.new $bytes (i32.const 255) (i32.const 1)) "
                    "(i32.const 0)) => i32 255"),
    "array.set": ("[(ref null x) i32 t] -> [], where x holds mut t",
                  f"(array.set $numbers {_MADE} (i32.const 3) (i32.const 1)) "
                  "=> trap out of bounds array access"),
    "array.len": ("[arrayref] -> [i32]", f"(array.len {_MADE}) => i32 3"),
    "array.fill": ("[(ref null x) i32 t i32] -> []: the array, where, the value, how many",
                   f"(array.fill $numbers {_MADE} (i32.const 2) (i32.const 7) (i32.const 2)) "
                   "=> trap out of bounds array access"),
    "array.copy": ("[(ref null x) i32 (ref null y) i32 i32] -> []: to, from, how many",
                   f"(array.copy $numbers $numbers {_MADE} (i32.const 0) {_MADE} (i32.const 1) "
                   "(i32.const 3)) => trap out of bounds array access"),
    "array.init_data": ("[(ref null x) i32 i32 i32] -> []: to, where, from where, how many",
                        "(array.init_data $bytes $hello (array.new_default $bytes (i32.const 2)) "
                        "(i32.const 0) (i32.const 4) (i32.const 2)) "
                        "=> trap out of bounds memory access"),
    "array.init_elem": ("[(ref null x) i32 i32 i32] -> []: to, where, from where, how many",
                        "(array.init_elem $funcs $elems (array.new_default $funcs (i32.const 2)) "
                        "(i32.const 0) (i32.const 1) (i32.const 2)) "
                        "=> trap out of bounds table access"),
})  # fmt: skip
