"""Structs (https://webassembly.github.io/spec/core/exec/instructions.html#aggregate-reference-instructions)."""

from __future__ import annotations

from typing import Any

from watloom.interp.core.numerics.integers import extend_s
from watloom.interp.core.types import (
    I32,
    FieldType,
    PackType,
    RefType,
    StorageType,
    StructType,
    ValType,
)
from watloom.interp.isa.immediates import FIELDIDX, TYPEIDX
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.protocols import Checker, Machine

__all__ = ["PROPOSAL", "bits_of", "is_defaultable_field", "pack", "unpacked"]

PROPOSAL = Proposal("struct")


def unpacked(storage: StorageType) -> ValType:
    """The value type that a field is read and written as (unpack)."""
    return I32 if isinstance(storage, PackType) else storage


def bits_of(storage: StorageType) -> int | None:
    """The width of a packed field."""
    return int(storage.value[1:]) if isinstance(storage, PackType) else None


def pack(storage: StorageType, value: Any) -> Any:
    """A value as a field keeps it (packfield)."""
    bits = bits_of(storage)
    return value if bits is None else value & ((1 << bits) - 1)


def is_defaultable_field(field: FieldType) -> bool:
    """Whether a field has a value to start with."""
    return not isinstance(field.storage, RefType) or field.storage.nullable


def default(storage: StorageType) -> Any:
    """The value that a defaultable field starts with."""
    if isinstance(storage, RefType):
        return None
    return 0.0 if storage.value.startswith("f") else 0


def _struct(c: Checker, x: int) -> StructType:
    comp = c.comp(x)
    if not isinstance(comp, StructType):
        raise c.fail(f"type mismatch: type {c.name('type', x)} is not a struct: {comp}")
    return comp


def _field(c: Checker, x: int, i: int) -> FieldType:
    fields = _struct(c, x).fields
    if i >= len(fields):
        raise c.fail(
            f"unknown field {i}: type {c.name('type', x)} has {len(fields)}",
            "fields are counted from 0",
        )
    return fields[i]


def _called(c: Checker, x: int, i: int) -> str:
    """A field in words."""
    return f"field {c.name('field', i, x)} of type {c.name('type', x)}"


@PROPOSAL.op("struct.new", (0xFB, 0), TYPEIDX, constant=True)
class StructNew:
    """A struct of the operands."""

    def check(c: Checker, x: int) -> None:
        c.pop_all(tuple(unpacked(f.storage) for f in _struct(c, x).fields))
        c.push(RefType(False, c.deftype(x)))

    def step(m: Machine, x: int) -> None:
        deftype = m.deftype(x)
        fields = deftype.comp.fields  # type: ignore[union-attr]
        values = m.pop_many(len(fields))
        m.push(m.struct(deftype, [pack(f.storage, v) for f, v in zip(fields, values, strict=True)]))


@PROPOSAL.op("struct.new_default", (0xFB, 1), TYPEIDX, constant=True)
class StructNewDefault:
    """A struct of zeros and nulls."""

    def check(c: Checker, x: int) -> None:
        for i, field in enumerate(_struct(c, x).fields):
            if not is_defaultable_field(field):
                raise c.fail(
                    f"type mismatch: {_called(c, x, i)} has no default: {c.shown(field.storage)}",
                    "give the fields their values with struct.new",
                )
        c.push(RefType(False, c.deftype(x)))

    def step(m: Machine, x: int) -> None:
        deftype = m.deftype(x)
        fields = deftype.comp.fields  # type: ignore[union-attr]
        m.push(m.struct(deftype, [default(f.storage) for f in fields]))


def _declare_get(mnemonic: str, opcode: int, packed: bool, signed: bool) -> None:
    @PROPOSAL.op(mnemonic, (0xFB, opcode), TYPEIDX, FIELDIDX)
    class StructGet:
        """A field of a struct; traps on null."""

        def check(c: Checker, x: int, i: int) -> None:
            field = _field(c, x, i)
            if isinstance(field.storage, PackType) != packed:
                is_packed = "packed" if not packed else "not packed"
                wanted = "struct.get" if packed else "struct.get_s or struct.get_u"
                raise c.fail(
                    f"type mismatch: {_called(c, x, i)} is {is_packed}: {field.storage}",
                    f"read it with {wanted}",
                )
            c.pop(RefType(True, c.deftype(x)))
            c.push(unpacked(field.storage))

        def step(m: Machine, x: int, i: int) -> None:
            ref = m.pop()
            if ref is None:
                raise m.trap("null structure reference")
            value = ref.fields[i]
            if signed:
                bits = bits_of(ref.type.comp.fields[i].storage)
                value = extend_s(bits or 32, 32, value)
            m.push(value)


_declare_get("struct.get", 2, packed=False, signed=False)
_declare_get("struct.get_s", 3, packed=True, signed=True)
_declare_get("struct.get_u", 4, packed=True, signed=False)


@PROPOSAL.op("struct.set", (0xFB, 5), TYPEIDX, FIELDIDX)
class StructSet:
    """Set a mutable field of a struct; traps on null."""

    def check(c: Checker, x: int, i: int) -> None:
        field = _field(c, x, i)
        if not field.mutable:
            raise c.fail(
                f"immutable field: {_called(c, x, i)} is not declared mut",
                f"declare it as (field (mut {c.shown(field.storage)}))",
            )
        c.pop_all((RefType(True, c.deftype(x)), unpacked(field.storage)))

    def step(m: Machine, x: int, i: int) -> None:
        value, ref = m.pop(), m.pop()
        if ref is None:
            raise m.trap("null structure reference")
        m.write_field(ref, i, pack(ref.type.comp.fields[i].storage, value))


PROPOSAL.explain({
    "struct.new": ("[t*] -> [(ref x)], where the fields of x are t*",
                   "(struct.get $pair $x (struct.new $pair (i32.const 1) (i32.const 2))) => i32 1"),
    "struct.new_default": ("[] -> [(ref x)], where all fields of x have defaults",
                           "(struct.get $pair $x (struct.new_default $pair)) => i32 0"),
    "struct.get": ("[(ref null x)] -> [t], where the field is t",
                   "(struct.get $pair $x (struct.new $pair (i32.const 1) (i32.const 2))) => i32 1"),
    "struct.get_s": ("[(ref null x)] -> [i32], where the field is i8 or i16",
                     "(struct.get_s $pair $y (struct.new $pair (i32.const 1) (i32.const 255))) "
                     "=> i32 -1"),
    "struct.get_u": ("[(ref null x)] -> [i32], where the field is i8 or i16",
                     "(struct.get_u $pair $y (struct.new $pair (i32.const 1) (i32.const 255))) "
                     "=> i32 255"),
    "struct.set": ("[(ref null x) t] -> [], where the field is mut t",
                   "(struct.set $pair $x (ref.null $pair) (i32.const 1)) "
                   "=> trap null structure reference"),
})  # fmt: skip
