"""What structs, arrays and functions are in the heap, and the functions that make them.

    struct, bound function   id ‖ fields          (a bound function's: slot, target, bound values)
    array                    id ‖ length ‖ elements
    function                 id ‖ slot            placed at build time

A slot is a number in the one table, which holds every function that a reference may be to.
"""

from __future__ import annotations

from watloom.interp.core.instr import Expr, Instr, MemArg
from watloom.interp.core.types import (
    I32,
    ArrayType,
    DefType,
    FuncType,
    NumType,
    StructType,
)
from watloom.interp.link.lower.mvp.build import Build, op
from watloom.interp.link.lower.mvp.heap import NULL
from watloom.interp.link.lower.mvp.layout import Field, Types, fields_of, lowered, storage_of

__all__ = ["Records", "lowered_func"]

_SLOT, _TARGET = I32, I32


def lowered_func(t: FuncType) -> FuncType:
    """A function type with i32 for references."""
    return FuncType(tuple(map(lowered, t.params)), tuple(map(lowered, t.results)))


class Records:
    """Makes each function when it is first asked for; gives its funcidx.

    `binds` says that the module has bound functions: whoever calls a reference then leaves it in
    the global `env`, where the code of a bound function finds its values.
    """

    def __init__(self, build: Build, types: Types, binds: bool) -> None:
        self.build = build
        self.types = types
        self.env = build.global_("env", I32, NULL, "env") if binds else None
        self.slots: dict[int, int] = {}
        """By funcidx."""
        self._functions: dict[int, int] = {}
        self._made: dict[object, int] = {}

    # -------------------------------------------------------------- access

    def load(self, field: Field, mnemonic: str = "") -> Instr:
        """Takes the address of the record."""
        return op(field.loads(mnemonic), self._at(field))

    def store(self, field: Field) -> Instr:
        """Takes the address of the record, and the value."""
        return op(field.store, self._at(field))

    def _at(self, field: Field) -> MemArg:
        return MemArg(self.build.heap.index, field.offset, field.size.bit_length() - 1)

    def field(self, t: DefType, index: int) -> Field:
        """A field of a struct."""
        assert isinstance(t.comp, StructType)
        return fields_of(f.storage for f in t.comp.fields)[0][index]

    def element(self, t: DefType) -> Field:
        """An element of an array, from the address that `element` gives."""
        assert isinstance(t.comp, ArrayType)
        return storage_of(t.comp.field.storage, 8)

    def length(self) -> Instr:
        """The length of an array."""
        return op("i32.load", MemArg(self.build.heap.index, 4, 2))

    def shift(self, t: DefType) -> Instr:
        """How many bytes an element has, as a power of two."""
        return op("i32.const", self.element(t).size.bit_length() - 1)

    # -------------------------------------------------------------- functions

    def function(self, index: int, t: DefType) -> int:
        """The address of the record of a function."""
        if index not in self._functions:
            record = self.build.heap.words(self.types.id(t), self.slot(index))
            self._functions[index] = record
        return self._functions[index]

    def slot(self, index: int) -> int:
        """The slot of a function."""
        return self.slots.setdefault(index, len(self.slots))

    def call(self, t: DefType) -> Expr:
        """Calls a reference, which is on top of its arguments."""
        take = [] if self.env is None else [op("global.set", self.env), op("global.get", self.env)]
        load = op("i32.load", MemArg(self.build.heap.index, 4, 2))
        return [*take, load, self.call_slot(t)]

    def call_slot(self, t: DefType) -> Instr:
        """Calls a slot, which is on top of its arguments."""
        return op("call_indirect", self.build.type(lowered_func(t.func)), 0)

    def bind(self, s: DefType, t: DefType) -> int:
        """Binds leading values of a function of type s, to one of type t."""
        key = "bind", s, t
        if key not in self._made:
            params, rest = lowered_func(s.func).params, lowered_func(t.func).params
            bound = params[: len(params) - len(rest)]
            fields, size = fields_of([_SLOT, _TARGET, *bound])
            code = self.slot(self._bound_code(s, t, fields))
            new = [op("local.get", len(bound)), op("i32.load", MemArg(self.build.heap.index, 0, 2))]
            new += [op("drop"), *self._new(len(bound) + 1, self.types.id(t), size)]
            new += self._put(len(bound) + 1, fields[0], [op("i32.const", code)])
            new += self._put(len(bound) + 1, fields[1], [op("local.get", len(bound))])
            for number, field in enumerate(fields[2:]):
                new += self._put(len(bound) + 1, field, [op("local.get", number)])
            new.append(op("local.get", len(bound) + 1))
            name = f"bind_{self.types.id(s)}_{self.types.id(t)}"
            self._made[key] = self.build.func(FuncType((*bound, I32), (I32,)), [I32], new, name)
        return self._made[key]

    def _bound_code(self, s: DefType, t: DefType, fields: list[Field]) -> int:
        """Calls the target with the bound values in front."""
        own = lowered_func(t.func)
        env = len(own.params)
        assert self.env is not None
        body = [op("global.get", self.env), op("local.set", env)]
        for field in fields[2:]:
            body += [op("local.get", env), self.load(field)]
        body += [op("local.get", i) for i in range(env)]
        body += [op("local.get", env), self.load(fields[1]), *self.call(s)]
        return self.build.func(own, [I32], body, f"bound_{self.types.id(s)}_{self.types.id(t)}")

    # -------------------------------------------------------------- structs

    def struct_new(self, t: DefType) -> int:
        """struct.new: [fields] -> [i32]."""
        key = "new", t
        if key not in self._made:
            fields, size = self._fields(t)
            body = self._new(len(fields), self.types.id(t), size)
            for number, field in enumerate(fields):
                body += self._put(len(fields), field, [op("local.get", number)])
            body.append(op("local.get", len(fields)))
            types = tuple(field.type for field in fields)
            self._made[key] = self.build.func(FuncType(types, (I32,)), [I32], body, self._name(key))
        return self._made[key]

    def struct_new_default(self, t: DefType) -> int:
        """struct.new_default: [] -> [i32]; what is allocated is zero."""
        key = "default", t
        if key not in self._made:
            fields, size = self._fields(t)
            body = self._new(0, self.types.id(t), size)
            for field in fields:
                if field.reference:
                    body += self._put(0, field, [op("i32.const", NULL)])
            body.append(op("local.get", 0))
            self._made[key] = self.build.func(FuncType((), (I32,)), [I32], body, self._name(key))
        return self._made[key]

    def _fields(self, t: DefType) -> tuple[list[Field], int]:
        assert isinstance(t.comp, StructType)
        return fields_of(f.storage for f in t.comp.fields)

    def id(self, t: DefType) -> Instr:
        """What records of the type begin with."""
        return op("i32.const", self.types.id(t))

    def _name(self, key: tuple[str, DefType]) -> str:
        return f"{key[0]}_{self.types.id(key[1])}"

    def _new(self, local: int, id: int, size: int) -> Expr:
        """Leaves the address of a new record with that id in a local."""
        put = op("i32.store", MemArg(self.build.heap.index, 0, 2))
        return [
            op("i32.const", size), self.build.call("alloc"), op("local.set", local),
            op("local.get", local), op("i32.const", id), put,
        ]  # fmt: skip

    def _put(self, local: int, field: Field, value: Expr) -> Expr:
        return [op("local.get", local), *value, self.store(field)]

    # -------------------------------------------------------------- arrays

    def array_new(self, t: DefType) -> int:
        """array.new: [value, length] -> [array]."""
        key = "array", t
        if key not in self._made:
            element = self.element(t)
            array, value = op("local.get", 2), op("local.get", 0)
            body = [
                op("i32.const", self.types.id(t)), op("local.get", 1), self.shift(t),
                self.build.call("alloc_array"), op("local.set", 2),
                array, op("i32.const", 0), value, op("local.get", 1), op("call", self.fill(t)),
                array,
            ]  # fmt: skip
            made = FuncType((element.type, I32), (I32,))
            self._made[key] = self.build.func(made, [I32], body, self._name(key))
        return self._made[key]

    def array_new_default(self, t: DefType) -> Expr:
        """array.new_default: takes the length."""
        if self.element(t).reference:
            key = "array_default", t
            if key not in self._made:
                body = [op("i32.const", NULL), op("local.get", 0), op("call", self.array_new(t))]
                made = FuncType((I32,), (I32,))
                self._made[key] = self.build.func(made, [], body, self._name(key))
            return [op("call", self._made[key])]
        key = "array_zero", t
        if key not in self._made:
            body = [
                op("i32.const", self.types.id(t)), op("local.get", 0), self.shift(t),
                self.build.call("alloc_array"),
            ]  # fmt: skip
            made = FuncType((I32,), (I32,))
            self._made[key] = self.build.func(made, [], body, self._name(key))
        return [op("call", self._made[key])]

    def array_new_fixed(self, t: DefType, count: int) -> int:
        """array.new_fixed: [elements] -> [array]."""
        key = "fixed", t, count
        if key not in self._made:
            element = self.element(t)
            body = [op("i32.const", self.types.id(t)), op("i32.const", count), self.shift(t)]
            body += [self.build.call("alloc_array"), op("local.set", count)]
            for number in range(count):
                place = Field(8 + number * element.size, *_rest(element))
                body += self._put(count, place, [op("local.get", number)])
            body.append(op("local.get", count))
            made = FuncType((element.type,) * count, (I32,))
            name = f"fixed_{self.types.id(t)}_{count}"
            self._made[key] = self.build.func(made, [I32], body, name)
        return self._made[key]

    def array_get(self, t: DefType, mnemonic: str) -> Expr:
        """array.get: takes the array and the index."""
        return [self.shift(t), self.build.call("element"), self.load(self.element(t), mnemonic)]

    def array_set(self, t: DefType) -> int:
        """array.set: [array, index, value] -> []."""
        key = "set", t
        if key not in self._made:
            element = self.element(t)
            place = [op("local.get", 0), op("local.get", 1), self.shift(t)]
            body = [*place, self.build.call("element"), op("local.get", 2), self.store(element)]
            made = FuncType((I32, I32, element.type), ())
            self._made[key] = self.build.func(made, [], body, self._name(key))
        return self._made[key]

    def fill(self, t: DefType) -> int:
        """array.fill: [array, index, value, count] -> []."""
        key = "fill", t
        if key not in self._made:
            element = self.element(t)
            at, count = 4, 3
            body = [
                op("local.get", 0), op("local.get", 1), op("local.get", count), self.shift(t),
                self.build.call("elements"), op("local.set", at),
                op("block", None), op("loop", None),
                op("local.get", count), op("i32.eqz"), op("br_if", 1),
                op("local.get", at), op("local.get", 2), self.store(element),
                op("local.get", at), op("i32.const", element.size), op("i32.add"),
                op("local.set", at),
                op("local.get", count), op("i32.const", 1), op("i32.sub"), op("local.set", count),
                op("br", 0), op("end"), op("end"),
            ]  # fmt: skip
            made = FuncType((I32, I32, element.type, I32), ())
            self._made[key] = self.build.func(made, [I32], body, self._name(key))
        return self._made[key]


def _rest(f: Field) -> tuple[int, NumType, str, str, bool]:
    return f.size, f.type, f.load, f.store, f.reference
