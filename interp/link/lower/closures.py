"""func.bind in what WebAssembly 3.0 has: a reference to a function becomes a struct.

    (ref $t)               (ref $t-closure): a struct whose first field is the code
    ref.func $f            ref.func $f-code  struct.new $t-closure
    … call_ref $t          … local.tee $c  local.get $c  struct.get $t-closure 0  call_ref $t-code
    … func.bind $t         … call $bind: a struct of a subtype, with the values behind the code

The code of a closure takes the closure behind its parameters. All references to functions of the
module change in this way, so none may pass its boundary. A module without func.bind stays as it is.

Naming: `t` and `s` are typeidx of function types before the change; `clo[t]` and `code[t]` are the
typeidx of their closures and codes after it.
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.dataclass import dataclass, field, replace
from watloom.interp.core.features import WASM3
from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import (
    Active,
    Declarative,
    Elem,
    Export,
    Func,
    FuncDesc,
    Kind,
    Local,
    Module,
    RecGroup,
    TagDesc,
)
from watloom.interp.core.types import (
    AbsHeap,
    CompType,
    DefType,
    FieldType,
    FuncType,
    GlobalType,
    HeapType,
    RefType,
    StructType,
    SubType,
    TableType,
    TypeIdx,
    ValType,
)
from watloom.interp.isa import op_table
from watloom.interp.link.lower import messages
from watloom.interp.link.lower.operands import bound_types
from watloom.interp.link.lower.types import heaps_of
from watloom.interp.validate import ValidModule, validate
from watloom.parser.remap import Remap, map_subtype, map_val

__all__ = ["bind_functions"]

_OPS = op_table(WASM3).by_mnemonic


def _op(mnemonic: str, *args: Any) -> Instr:
    return Instr(_OPS[mnemonic][0], args)


def bind_functions(module: Module) -> Module:
    """The module without func.bind. Raises LinkError where references pass its boundary."""
    if not any(i.op.mnemonic == "func.bind" for f in module.funcs for i in f.body):
        return module
    return _Closures(module, validate(module)).run()


@dataclass
class _Temps:
    """The locals that a function gets for closures: one for each type."""

    first: int
    by_type: dict[int, int] = field(default_factory=dict)

    def of(self, t: int) -> int:
        return self.by_type.setdefault(t, self.first + len(self.by_type))


class _Closures:
    def __init__(self, module: Module, valid: ValidModule) -> None:
        self.module = module
        self.valid = valid
        self.groups = [d for d in module.definitions if isinstance(d, RecGroup)]
        self.subs = [sub for group in self.groups for sub in group.types]
        self.functions = [t for t, sub in enumerate(self.subs) if isinstance(sub.comp, FuncType)]
        self.clean: set[int] = set()
        self.new: dict[int, int] = {}
        self.clo: dict[int, int] = {}
        self.code: dict[int, int] = {}
        self.added: list[SubType] = []
        """What is appended to the one group that all changed types are in."""
        self.pairs: dict[tuple[int, int], int] = {}
        self.wrappers: dict[int, int] = {}
        self.made: list[Func] = []
        self.next_func = len(valid.func_types)

    def run(self) -> Module:
        self._number_types()
        self._check_boundary()
        module = self.module
        remap = Remap(lambda space, i: self.new[i] if space == "type" else i, self._heap)
        self.remap = remap
        bodies = [self._func(n, func) for n, func in enumerate(module.funcs)]
        tables = [
            replace(t, type=self._table(t.type), init=t.init and self._constant(t.init))
            for t in module.tables
        ]
        globals_ = [
            replace(
                g,
                type=GlobalType(map_val(g.type.type, self._heap), g.type.mutable),
                init=self._constant(g.init),
            )
            for g in module.globals
        ]
        elems = [self._elem(e) for e in module.elems]
        funcs = [*bodies, *self.made]
        taken = {i.args[0] for f in funcs for i in f.body if i.op.mnemonic == "ref.func"}
        init = [[_op("ref.func", index)] for index in sorted(taken)]
        elems.append(Elem(RefType(False, AbsHeap.FUNC), init, Declarative()))
        imports: list[Any] = [
            replace(i, desc=FuncDesc(self.new[i.desc.typeidx]))
            if isinstance(i.desc, FuncDesc)
            else replace(i, desc=TagDesc(self.new[i.desc.typeidx]))
            if isinstance(i.desc, TagDesc)
            else i
            for i in module.imports
        ]
        return replace(
            module,
            definitions=[*self._types(), *imports],
            funcs=funcs,
            tables=tables,
            globals=globals_,
            tags=[replace(tag, typeidx=self.new[tag.typeidx]) for tag in module.tags],
            elems=elems,
            hints={},
        )

    # -------------------------------------------------------------- types

    def _is_clean(self, comp: CompType, supers: tuple[HeapType, ...], group: range) -> bool:
        """Whether a type has nothing to do with references to functions."""
        for heap in (*heaps_of(comp), *supers):
            if heap in (AbsHeap.FUNC, AbsHeap.NOFUNC):
                return False
            if isinstance(heap, TypeIdx) and heap.index not in group:
                is_func = isinstance(self.subs[heap.index].comp, FuncType)
                if heap.index not in self.clean or (is_func and heap not in supers):
                    return False
            elif isinstance(heap, TypeIdx) and isinstance(self.subs[heap.index].comp, FuncType):
                return False
        return True

    def _number_types(self) -> None:
        first = count = 0
        for group in self.groups:
            members = range(first, first + len(group.types))
            if all(self._is_clean(sub.comp, sub.supers, members) for sub in group.types):
                self.clean |= set(members)
                for t in members:
                    self.new[t] = count
                    count += 1
            first = members.stop
        for t in range(len(self.subs)):
            if t not in self.clean:
                self.new[t] = count
                count += 1
        self.base = count
        count += 1
        for t in self.functions:
            self.clo[t], self.code[t] = count, count + 1
            count += 2
        self.count = count

    def _heap(self, heap: HeapType) -> HeapType:
        if heap is AbsHeap.FUNC:
            return TypeIdx(self.base)
        if heap is AbsHeap.NOFUNC:
            return AbsHeap.NONE
        if isinstance(heap, TypeIdx):
            found = self.clo.get(heap.index)
            return TypeIdx(self.new[heap.index] if found is None else found)
        return heap

    def _add(self, sub: SubType) -> int:
        self.added.append(sub)
        self.count += 1
        return self.count - 1

    def _types(self) -> list[RecGroup]:
        kept: list[RecGroup] = []
        changed: list[SubType] = []
        first = 0
        for group in self.groups:
            types = [map_subtype(sub, self._plain) for sub in group.types]
            if first in self.clean:
                kept.append(RecGroup(tuple(types)))
            else:
                changed += [self._changed(sub) for sub in group.types]
            first += len(group.types)
        changed.append(SubType(StructType(), (), False))
        for t in self.functions:
            changed += [self._clo_type(t), self._code_type(t)]
        return [*kept, RecGroup((*changed, *self.added))]

    def _plain(self, heap: HeapType) -> HeapType:
        return TypeIdx(self.new[heap.index]) if isinstance(heap, TypeIdx) else heap

    def _changed(self, sub: SubType) -> SubType:
        mapped = map_subtype(sub, self._heap)
        return SubType(mapped.comp, tuple(map(self._plain, sub.supers)), sub.final)

    def _clo_type(self, t: int) -> SubType:
        supers = [TypeIdx(self.clo[h.index]) for h in self.subs[t].supers if isinstance(h, TypeIdx)]
        code = RefType(False, TypeIdx(self.code[t]))
        return SubType(StructType((FieldType(code),)), tuple(supers or [TypeIdx(self.base)]), False)

    def _code_type(self, t: int) -> SubType:
        supers = tuple(
            TypeIdx(self.code[h.index]) for h in self.subs[t].supers if isinstance(h, TypeIdx)
        )
        params, results = self._signature(t)
        closure = RefType(True, TypeIdx(self.base))
        return SubType(FuncType((*params, closure), results), supers, False)

    def _signature(self, t: int) -> tuple[tuple[ValType, ...], tuple[ValType, ...]]:
        comp = self.subs[t].comp
        assert isinstance(comp, FuncType)
        return (
            tuple(map_val(p, self._heap) for p in comp.params),
            tuple(map_val(r, self._heap) for r in comp.results),
        )

    def _table(self, t: TableType) -> TableType:
        return replace(t, elem=RefType(t.elem.nullable, self._heap(t.elem.heap)))

    # -------------------------------------------------------------- the boundary

    def _check_boundary(self) -> None:
        module, valid = self.module, self.valid
        for imported in module.imports:
            desc = imported.desc
            types = [desc.typeidx] if isinstance(desc, FuncDesc | TagDesc) else []
            if any(t not in self.clean for t in types) or self._lets_through(desc):
                what = f"the import `{imported.module}` `{imported.name}`"
                raise messages.bound_boundary(imported.at, module.source, what=what)
        funcs = [i.desc.typeidx for i in module.imports if isinstance(i.desc, FuncDesc)]
        funcs += [func.typeidx for func in module.funcs]
        for export in module.exports:
            assert isinstance(export, Export)
            unclean = export.kind is Kind.FUNC and funcs[export.index] not in self.clean
            tables = valid.tables if export.kind is Kind.TABLE else []
            globals_ = valid.globals if export.kind is Kind.GLOBAL else []
            held = [t.elem for t in tables[export.index : export.index + 1]]
            held += [
                g.type
                for g in globals_[export.index : export.index + 1]
                if isinstance(g.type, RefType)
            ]
            if unclean or any(map(_is_function, held)):
                raise messages.bound_boundary(what=f"the export `{export.name}`")

    def _lets_through(self, desc: object) -> bool:
        if isinstance(desc, TableType):
            return self._refers(desc.elem)
        return isinstance(desc, GlobalType) and self._refers(desc.type)

    def _refers(self, t: ValType) -> bool:
        if not isinstance(t, RefType):
            return False
        if isinstance(t.heap, TypeIdx):
            return t.heap.index in self.clo or t.heap.index not in self.clean
        return t.heap in (AbsHeap.FUNC, AbsHeap.NOFUNC)

    # -------------------------------------------------------------- code

    def _func(self, number: int, func: Func) -> Func:
        valid = self.valid.funcs[number]
        bound = bound_types(self.valid, number, func)
        temps = _Temps(len(valid.locals))
        body: Expr = []
        for pc, instr in enumerate(func.body):
            body += self._instr(instr, pc, temps, bound)
        locals_ = [Local(map_val(x.type, self._heap), x.at) for x in func.locals]
        locals_ += [Local(RefType(True, TypeIdx(self.clo[t]))) for t in temps.by_type]
        func.typeidx, func.locals, func.body = self.new[func.typeidx], locals_, body
        return func

    def _instr(self, instr: Instr, pc: int, temps: _Temps, bound: dict[int, DefType]) -> Expr:
        match instr.op.mnemonic:
            case "ref.func":
                return self._closure(instr.args[0])
            case "call_ref" | "return_call_ref" as mnemonic:
                return self._call(mnemonic, instr.args[0], temps)
            case "call_indirect" | "return_call_indirect" as mnemonic:
                t, table = instr.args
                cast = Instr(_OPS["ref.cast"][1], (TypeIdx(self.clo[t]),))
                called = self._call(mnemonic.replace("indirect", "ref"), t, temps)
                return [_op("table.get", table), cast, *called]
            case "func.bind":
                if pc not in bound:
                    return [_op("unreachable")]
                return [_op("call", self._binder(self._typeidx(bound[pc]), instr.args[0]))]
        return [self.remap.instr(instr)]

    def _typeidx(self, t: DefType) -> int:
        return next(i for i, found in enumerate(self.valid.types) if found is t)

    def _call(self, mnemonic: str, t: int, temps: _Temps) -> Expr:
        temp = temps.of(t)
        return [
            _op("local.tee", temp), _op("local.get", temp), _op("struct.get", self.clo[t], 0),
            _op(mnemonic, self.code[t]),
        ]  # fmt: skip

    def _constant(self, code: Expr) -> Expr:
        found: Expr = []
        for instr in code:
            if instr.op.mnemonic == "ref.func":
                found += self._closure(instr.args[0])
            else:
                found.append(self.remap.instr(instr))
        return found

    def _elem(self, elem: Elem) -> Elem:
        mode = elem.mode
        if isinstance(mode, Active):
            mode = Active(mode.target, self._constant(mode.offset))
        t = RefType(elem.type.nullable, self._heap(elem.type.heap))
        return replace(elem, type=t, init=[self._constant(x) for x in elem.init], mode=mode)

    # -------------------------------------------------------------- functions that are made

    def _make(self, typeidx: int, locals_: list[Local], body: Expr) -> int:
        self.made.append(Func(typeidx, locals_, body))
        self.next_func += 1
        return self.next_func - 1

    def _closure(self, func: int) -> Expr:
        """A reference to a function, as a closure without bound values."""
        t = self._typeidx(self.valid.func_types[func])
        if func not in self.wrappers:
            params, _ = self._signature(t)
            body = [*(_op("local.get", i) for i in range(len(params))), _op("call", func)]
            self.wrappers[func] = self._make(self.code[t], [], body)
        return [_op("ref.func", self.wrappers[func]), _op("struct.new", self.clo[t])]

    def _binder(self, s: int, t: int) -> int:
        """The function that binds leading values of a closure of type s, to one of type t."""
        if (s, t) in self.pairs:
            return self.pairs[s, t]
        (params, _), (rest, _) = self._signature(s), self._signature(t)
        bound = params[: len(params) - len(rest)]
        code_ref, target = RefType(False, TypeIdx(self.code[t])), TypeIdx(self.clo[s])
        fields = [code_ref, RefType(False, target), *bound]
        struct = self._add(
            SubType(StructType(tuple(map(FieldType, fields))), (TypeIdx(self.clo[t]),))
        )
        code = self._bound_code(s, t, struct, len(bound), len(rest))
        result = RefType(False, TypeIdx(self.clo[t]))
        typeidx = self._add(SubType(FuncType((*bound, RefType(True, target)), (result,))))
        values = [_op("local.get", i) for i in range(len(bound))]
        body = [
            _op("ref.func", code), _op("local.get", len(bound)), _op("ref.as_non_null"), *values,
            _op("struct.new", struct),
        ]  # fmt: skip
        self.pairs[s, t] = self._make(typeidx, [], body)
        return self.pairs[s, t]

    def _bound_code(self, s: int, t: int, struct: int, bound: int, rest: int) -> int:
        """The code of a closure with bound values: calls its target with these in front."""
        own = rest + 1
        target = [_op("local.get", own), _op("struct.get", struct, 1)]
        body: Expr = [
            _op("local.get", rest), Instr(_OPS["ref.cast"][0], (TypeIdx(struct),)),
            _op("local.set", own),
        ]  # fmt: skip
        for i in range(bound):
            body += [_op("local.get", own), _op("struct.get", struct, 2 + i)]
        body += [_op("local.get", i) for i in range(rest)]
        body += [*target, *target, _op("struct.get", self.clo[s], 0)]
        body.append(_op("call_ref", self.code[s]))
        return self._make(self.code[t], [Local(RefType(True, TypeIdx(struct)))], body)


def _is_function(t: RefType) -> bool:
    if isinstance(t.heap, DefType):
        return isinstance(t.heap.comp, FuncType)
    return t.heap in (AbsHeap.FUNC, AbsHeap.NOFUNC)
