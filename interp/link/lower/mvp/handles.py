"""References become numbers: addresses of records in the heap.

    struct.new $t                 call $new_t
    struct.get $t 1               i32.load $heap offset=8        (null is where every load traps)
    ref.func $f                   i32.const: where the record of $f is
    call_ref $t                   i32.load $heap offset=4  call_indirect (type $t)
    func.bind $t                  call $bind_s_t: a record with the values, and a slot of its own
    ref.cast (ref $t)             call $as_t: the record's id tells
    table.get $x  elem.drop $e …  calls, tables being lists in the heap (`tables`)

Types have been checked before, so a number that stands for a reference can only have come from
here: nothing is checked again but what instructions check. A module without references keeps its
tables.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import Func, FuncDesc, Global, Local, Module
from watloom.interp.core.types import (
    I32,
    DefType,
    FuncType,
    GlobalType,
    NumType,
    RefType,
)
from watloom.interp.link.lower.mvp.build import Build, op
from watloom.interp.link.lower.mvp.casts import Casts
from watloom.interp.link.lower.mvp.heap import NULL
from watloom.interp.link.lower.mvp.layout import Types, lowered
from watloom.interp.link.lower.mvp.records import Records, lowered_func
from watloom.interp.link.lower.mvp.tables import Tables, plain_elems
from watloom.interp.link.lower.operands import bound_types
from watloom.interp.validate import ValidModule

__all__ = ["Handles"]


class Handles:
    """The pass; `references` says whether the module has any."""

    def __init__(self, build: Build, valid: ValidModule, references: bool) -> None:
        self.build = build
        self.valid = valid
        self.references = references
        self.closed: list[Any] = list(valid.types)
        codes = [func.body for func in build.module.funcs]
        binds = any(i.op.mnemonic == "func.bind" for code in codes for i in code)
        types = Types(t for t in self.closed if isinstance(t, DefType))
        self.records = Records(build, types, binds)
        self.casts = Casts(build, types, self.closed)
        self.tables = Tables(build, self.records, self.constant)
        self.locals: list[NumType] = []
        """What the function at hand has, parameters first."""
        self.temp: int | None = None

    def run(self) -> Module:
        """The module with numbers only, save for what its one table holds."""
        module, valid = self.build.module, self.valid
        for t in self.closed:
            if isinstance(t, DefType) and isinstance(t.comp, FuncType):
                self.build.type(lowered_func(t.func))
        own = list(module.funcs)
        for number, func in enumerate(own):
            self._func(func, number)
        if self.references:
            self._globals()
            self.tables.define(valid)
            self.build.boot = [*self.build.boot, *self.tables.boot]
        else:
            module.elems = plain_elems(module.elems)
        for imported in module.imports:
            if isinstance(imported.desc, FuncDesc):
                t = valid.types[imported.desc.typeidx]
                assert isinstance(t, DefType)
                imported.desc = FuncDesc(self.build.type(lowered_func(t.func)))
        if self.references:
            self.tables.fill_slots()
        return module

    # -------------------------------------------------------------- functions and globals

    def _func(self, func: Func, number: int) -> None:
        valid = self.valid.funcs[number]
        self.locals = [lowered(t) for t in valid.locals]
        self.temp = None
        bound = bound_types(self.valid, number, func)
        body: Expr = []
        for x, t in enumerate(valid.locals):
            if x >= valid.params and isinstance(t, RefType) and t.nullable:
                body += [op("i32.const", NULL), op("local.set", x)]
        for pc, instr in enumerate(func.body):
            body += self._instr(instr, bound.get(pc))
        func.typeidx = self.build.type(lowered_func(valid.type.func))
        func.body = body
        func.locals = [Local(t) for t in self.locals[valid.params :]]

    def _globals(self) -> None:
        """References are made before anything else runs."""
        module = self.build.module
        made: list[Global] = []
        boot: list[Expr] = []
        for index, global_ in enumerate(module.globals, self.build.first_global):
            if not isinstance(global_.type.type, RefType):
                made.append(global_)
                continue
            code = self.constant(global_.init)
            mutable = global_.type.mutable
            if len(code) != 1 or code[0].op.mnemonic != "i32.const":
                boot.append([*code, op("global.set", index)])
                code, mutable = [op("i32.const", NULL)], True
            made.append(replace(global_, type=GlobalType(I32, mutable), init=code))
        module.globals[: len(made)] = made  # those behind were made meanwhile
        self.build.boot += boot

    def constant(self, code: Expr) -> Expr:
        """What a constant expression becomes; of more than one instruction it is none any more."""
        return [new for instr in code for new in self._instr(instr, None)]

    # -------------------------------------------------------------- instructions

    def _instr(self, instr: Instr, bound: DefType | None) -> Expr:
        mnemonic, args = instr.op.mnemonic, instr.args
        family, _, _ = mnemonic.partition(".")
        if family in ("block", "loop", "if"):
            return [Instr(instr.op, (self._block(args[0]),), instr.at)]
        if family == "select":
            return [Instr(op("select").op, (), instr.at)]
        if not self.references:
            if mnemonic == "call_indirect":
                return [Instr(instr.op, (self._functype(args[0]), args[1]), instr.at)]
            return [instr]
        if family in ("struct", "array"):
            return self._aggregate(mnemonic, args)
        if family in ("table", "elem"):
            return self.tables.instr(mnemonic, args)
        if family in ("ref", "i31", "any", "extern"):
            return self._reference(mnemonic, instr)
        if mnemonic.startswith("br_on"):
            return self._branch(mnemonic, args)
        match mnemonic:
            case "call_ref":
                return self.records.call(self.closed[args[0]])
            case "call_indirect":
                t, table = args
                code = self.casts.code(self.closed[t], self.records.env)
                get = self.tables.instr("table.get", (table,))
                return [*get, op("call", code), self.records.call_slot(self.closed[t])]
            case "func.bind":
                if bound is None:
                    return [op("unreachable")]
                return [op("call", self.records.bind(bound, self.closed[args[0]]))]
        return [instr]

    def _functype(self, typeidx: int) -> int:
        return self.build.type(lowered_func(self.closed[typeidx].func))

    def _block(self, block: Any) -> Any:
        """A block type; one without parameters and with a result at most needs no type."""
        if not isinstance(block, int):
            return block if block is None else lowered(block)
        t = lowered_func(self.closed[block].func)
        if t.params or len(t.results) > 1:
            return self.build.type(t)
        return t.results[0] if t.results else None

    def _temp(self) -> int:
        if self.temp is None:
            self.temp = len(self.locals)
            self.locals.append(I32)
        return self.temp

    def _reference(self, mnemonic: str, instr: Instr) -> Expr:
        args, build = instr.args, self.build
        match mnemonic:
            case "ref.null":
                return [op("i32.const", NULL)]
            case "ref.is_null":
                return [op("i32.const", NULL), op("i32.eq")]
            case "ref.as_non_null":
                return [build.call("non_null")]
            case "ref.eq":
                return [op("i32.eq")]
            case "ref.func":
                t = self.valid.func_types[args[0]]
                return [op("i32.const", self.records.function(args[0], t))]
            case "ref.test":
                return [op("call", self.casts.test(args[0], instr.op.data["null"]))]
            case "ref.cast":
                return [op("call", self.casts.cast(args[0], instr.op.data["null"]))]
            case "ref.i31":
                return [op("i32.const", 1), op("i32.shl"), op("i32.const", 1), op("i32.or")]
            case "i31.get_s" | "i31.get_u":
                return [build.call(mnemonic.replace(".", "_"))]
        assert mnemonic in ("any.convert_extern", "extern.convert_any")
        return []  # one kind of number for both

    def _branch(self, mnemonic: str, args: tuple[Any, ...]) -> Expr:
        temp = self._temp()
        again = [op("local.tee", temp), op("local.get", temp)]
        null = [op("i32.const", NULL), op("i32.eq")]
        match mnemonic:
            case "br_on_null":
                keep = op("local.get", temp)
                return [op("local.tee", temp), *null, op("br_if", args[0]), keep]
            case "br_on_non_null":
                return [*again, *null, op("i32.eqz"), op("br_if", args[0]), op("drop")]
        label, _, target = args[0]
        test = [*again, op("call", self.casts.test(target.heap, target.nullable))]
        if mnemonic == "br_on_cast_fail":
            test.append(op("i32.eqz"))
        return [*test, op("br_if", label)]

    def _aggregate(self, mnemonic: str, args: tuple[Any, ...]) -> Expr:
        records, build = self.records, self.build
        if mnemonic == "array.len":
            return [records.length()]
        t = self.closed[args[0]]
        match mnemonic:
            case "struct.new":
                return [op("call", records.struct_new(t))]
            case "struct.new_default":
                return [op("call", records.struct_new_default(t))]
            case "struct.get" | "struct.get_s" | "struct.get_u":
                return [records.load(records.field(t, args[1]), mnemonic)]
            case "struct.set":
                return [records.store(records.field(t, args[1]))]
            case "array.new":
                return [op("call", records.array_new(t))]
            case "array.new_default":
                return records.array_new_default(t)
            case "array.new_fixed":
                return [op("call", records.array_new_fixed(t, args[1]))]
            case "array.set":
                return [op("call", records.array_set(t))]
            case "array.fill":
                return [op("call", records.fill(t))]
            case "array.init_data":
                segment = op("i32.const", build.segment(args[1]))
                return [segment, records.shift(t), build.call("array_init_data")]
            case "array.new_data":
                segment = op("i32.const", build.segment(args[1]))
                new = build.call("array_new_data")
                return [segment, records.shift(t), records.id(t), new]
            case "array.init_elem":
                return self.tables.instr(mnemonic, args)
            case "array.new_elem":
                *before, new = self.tables.instr(mnemonic, args)
                return [*before, records.id(t), new]
            case "array.copy":
                return [records.shift(t), build.call("array_copy")]
        assert mnemonic in ("array.get", "array.get_s", "array.get_u")
        return records.array_get(t, mnemonic)
