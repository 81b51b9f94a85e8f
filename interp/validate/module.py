"""Validating a module: its definitions in order, then what it defines itself.

https://webassembly.github.io/spec/core/valid/modules.html, and for module linking the proposal's
Explainer: index spaces grow as definitions are met, and a definition sees only those before it.
"""

from __future__ import annotations

from watloom.interp.core.errors import Note
from watloom.interp.core.instr import Expr
from watloom.interp.core.matching import is_defaultable, matches_ref
from watloom.interp.core.module import (
    Active,
    Data,
    Elem,
    Export,
    ExportAll,
    Func,
    InstanceTypeDef,
    Kind,
    Local,
    Module,
    ModuleTypeDef,
    Passive,
    RecGroup,
    Start,
    Table,
)
from watloom.interp.core.source import Span
from watloom.interp.core.types import ExternType, FuncType, GlobalType, ModuleType, RefType
from watloom.interp.isa.let import expand
from watloom.interp.validate import messages
from watloom.interp.validate.checker import Checker, check_constant
from watloom.interp.validate.context import Context
from watloom.interp.validate.definitions import Preamble
from watloom.interp.validate.externs import check_memory, check_table
from watloom.interp.validate.valid import ValidData, ValidElem, ValidExpr, ValidFunc, ValidModule
from watloom.parser.hints import HINTED

__all__ = ["MAX_LOCALS", "validate"]

#: The most locals that a function may have; the spec lets an implementation choose.
MAX_LOCALS = 50_000


def validate(module: Module) -> ValidModule:
    """Check a module and all modules nested in it.

    Raises InvalidError for the first rule that is broken. The module itself is not changed,
    save that a legacy `call_ref` gets the type that it leaves out.
    """
    valid = _validate(module, None)
    unplaced = [valid]
    while unplaced:
        outer = unplaced.pop()
        for i, inner in enumerate(outer.nested):
            inner.position = (*outer.position, i)
            unplaced.append(inner)
    return valid


def _validate(module: Module, parent: Context | None) -> ValidModule:
    context = Context(module, parent)
    preamble = Preamble(context, _validate)
    preamble.define_all()
    own_funcs = len(context.funcs)
    for func in module.funcs:
        context.functype(func.typeidx, func.at)
        context.funcs.append(context.deftype(func.typeidx, func.at))
    context.refs = _declared_functions(module)
    for tag in module.tags:
        t = context.functype(tag.typeidx, tag.at)
        if t.results:
            raise context.error(messages.tag_results, tag.at, type=t)
        context.tags.append(context.deftype(tag.typeidx, tag.at))

    # Initial values of tables see imported globals only; a global sees those before it.
    memory_types = [check_memory(context, m.type, m.at) for m in module.memories]
    table_inits = [_table_init(context, table) for table in module.tables]
    table_types = [check_table(context, t.type, t.at) for t in module.tables]
    global_inits = [_define_global(context, g.type, g.init, g.at) for g in module.globals]
    context.memories += memory_types
    context.tables += table_types

    context.data_count = len(module.datas)
    context.elems = [
        RefType(e.type.nullable, context.close_heap(e.type.heap, e.at)) for e in module.elems
    ]
    elems = [_elem(context, elem, context.elems[i]) for i, elem in enumerate(module.elems)]
    datas = [_data(context, data) for data in module.datas]
    funcs = [_func(context, func, own_funcs + i) for i, func in enumerate(module.funcs)]
    if module.start is not None:
        _start(context, module.start)
    exports, export_types = _exports(context)
    return ValidModule(
        module=module,
        types=context.types,
        type=ModuleType(preamble.import_names(), export_types),
        funcs=funcs,
        func_types=context.funcs,
        tables=context.tables,
        memories=context.memories,
        globals=context.globals,
        tags=context.tags,
        imports=preamble.imports,
        nested=preamble.nested,
        exports=exports,
        table_inits=table_inits,
        global_inits=global_inits,
        elems=elems,
        datas=datas,
        preamble=[d for d in module.definitions if not isinstance(d, _TYPES)],
        context=context,
    )


_TYPES = (RecGroup, ModuleTypeDef, InstanceTypeDef)


def _declared_functions(module: Module) -> set[int]:
    """The functions that occur outside of bodies: ref.func may take these."""
    exprs: list[Expr] = [g.init for g in module.globals]
    exprs += [t.init for t in module.tables if t.init is not None]
    for elem in module.elems:
        exprs += elem.init
        if isinstance(elem.mode, Active):
            exprs.append(elem.mode.offset)
    found = {i.args[0] for expr in exprs for i in expr if i.op.mnemonic == "ref.func"}
    found |= {e.index for e in module.exports if isinstance(e, Export) and e.kind is Kind.FUNC}
    return found


# ------------------------------------------------------------------ the parts


def _table_init(context: Context, table: Table) -> ValidExpr | None:
    t = check_table(context, table.type, table.at)
    if table.init is not None:
        return check_constant(context, table.init, t.elem, table.at)
    if not is_defaultable(t.elem):
        raise context.error(messages.table_needs_init, table.at, type=context.shown(t.elem))
    return None


def _define_global(context: Context, t: GlobalType, init: Expr, at: int) -> ValidExpr:
    closed = GlobalType(context.close(t.type, at), t.mutable)
    valid = check_constant(context, init, closed.type, at)
    context.globals.append(closed)
    return valid


def _elem(context: Context, elem: Elem, t: RefType) -> ValidElem:
    init = [check_constant(context, e, t, elem.at) for e in elem.init]
    if not isinstance(elem.mode, Active):
        return ValidElem(t, init, passive=isinstance(elem.mode, Passive), at=elem.at)
    x = elem.mode.target
    table = context.find("table", context.tables, x, elem.at)
    if not matches_ref(t, table.elem):
        have, want = context.shown(t), context.shown(table.elem)
        name = context.name("table", x)
        raise context.error(messages.segment_type, elem.at, have=have, want=want, table=name)
    offset = check_constant(context, elem.mode.offset, table.addr, elem.at)
    return ValidElem(t, init, offset, x, at=elem.at)


def _data(context: Context, data: Data) -> ValidData:
    if not isinstance(data.mode, Active):
        return ValidData(data.init, at=data.at)
    memory = context.find("memory", context.memories, data.mode.target, data.at)
    offset = check_constant(context, data.mode.offset, memory.addr, data.at)
    return ValidData(data.init, offset, data.mode.target, data.at)


def _func(context: Context, func: Func, index: int) -> ValidFunc:
    t = context.functype(func.typeidx, func.at)
    if context.module.features.has("let"):
        _expand_lets(context.module, func, len(t.params) + len(func.locals), index)
    count = len(t.params) + len(func.locals)
    if count > MAX_LOCALS:
        raise context.error(messages.too_many_locals, func.at, count=count, most=MAX_LOCALS)
    locals = (*t.params, *(context.close(local.type, local.at) for local in func.locals))
    for number in context.module.hints.get(index, ()):
        instr = func.body[number]
        if instr.op.mnemonic not in HINTED:
            mnemonic = instr.op.mnemonic
            raise context.error(messages.branch_hint_target, instr.at, mnemonic=mnemonic)
    checker = Checker(context, locals, t.results, len(t.params), func.at, index)
    body = checker.check(func.body, func.end or func.at)
    deftype = context.deftype(func.typeidx, func.at)
    name = (
        context.module.names.of(Kind.FUNC, index)
        or _exported_as(context.module, index)
        or f"func {index}"
    )
    return ValidFunc(index, deftype, locals, body, name, func.at, context.module.source)


def _expand_lets(module: Module, func: Func, count: int, index: int) -> None:
    """Read `let` as what it stands for, in the module itself."""
    func.body, added, places = expand(func.body, count)
    func.locals += [Local(t, at) for t, at in added]
    if index in module.hints:
        module.hints[index] = {places[pc]: hint for pc, hint in module.hints[index].items()}


def _exported_as(module: Module, index: int) -> str | None:
    """The first name that a function is exported under."""
    for export in module.exports:
        if isinstance(export, Export) and export.kind is Kind.FUNC and export.index == index:
            return export.name
    return None


def _start(context: Context, start: Start) -> None:
    t = context.find("function", context.funcs, start.func, start.at).comp
    if t != FuncType():
        raise context.error(messages.start_type, start.at, type=t)


Exports = dict[str, tuple[Kind, int] | tuple[int, str]]


def _exports(context: Context) -> tuple[Exports, dict[str, ExternType]]:
    exports: Exports = {}
    types: dict[str, ExternType] = {}
    places: dict[str, int] = {}
    for export in context.module.exports:
        found: list[tuple[str, tuple[Kind, int] | tuple[int, str], ExternType]]
        if isinstance(export, ExportAll):
            instance = context.find("instance", context.instances, export.instance, export.at)
            found = [(n, (export.instance, n), t) for n, t in instance.exports.items()]
        else:
            t = context.extern(export.kind, export.index, export.at)
            found = [(export.name, (export.kind, export.index), t)]
        for name, what, t in found:
            if name in exports:
                notes = [Note("the first one", Span(places[name]))]
                raise context.error(messages.duplicate_export, export.at, name=name, notes=notes)
            exports[name], types[name] = what, t
            places[name] = export.at
    return exports, types
