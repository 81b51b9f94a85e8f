"""Instantiation (https://webassembly.github.io/spec/core/exec/modules.html#instantiation).

With module linking one instantiation makes a tree of instances: the instances that a module
defines are made before the module's own functions, memories, tables and globals exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watloom.interp.core.errors import Bug, ExhaustionError
from watloom.interp.core.module import (
    Alias,
    Import,
    InstanceDef,
    Kind,
    NestedModule,
    OuterAlias,
)
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.invoke import invoke
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import (
    Extern,
    FuncInst,
    Global,
    InstanceInst,
    ModuleValue,
    Tag,
    WasmFunc,
)
from watloom.interp.validate.valid import ValidExpr

__all__ = ["instantiate"]


#: As many instances as one module may become with all that it instantiates.
MAX_INSTANCES = 20_000


def instantiate(
    module: ModuleValue, imports: Sequence[Extern], store: Store, made: list[int] | None = None
) -> ModuleInst:
    """Make an instance; `imports` are in the module's order and have been matched.

    `made` counts the instances of the outermost one; ExhaustionError where they are too many.
    Raises what the start function or an active segment raises (Trap); what they did until then
    stays done, as the spec says.
    """
    instance = ModuleInst(module.valid, store, module.outer)
    instance.made = [0] if made is None else made
    _define(instance, list(imports))
    _allocate(instance)
    _initialize(instance)
    return instance


# ------------------------------------------------------------------ the preamble


def _define(instance: ModuleInst, imports: list[Extern]) -> None:
    """Fill the index spaces from the definitions, in order."""
    given = iter(imports)
    nested = iter(instance.valid.nested)
    implied: dict[str, InstanceInst] = {}
    linking = instance.valid.module.features.has("module-linking")
    for definition in instance.valid.preamble:
        match definition:
            case Import(module, name):
                value = next(given)
                if name is not None and linking:
                    if module not in implied:
                        implied[module] = InstanceInst({}, instance.store)
                        instance.instances.append(implied[module])
                    implied[module].exports.setdefault(name, value)
                _add(instance, value)
            case NestedModule():
                instance.modules.append(ModuleValue(next(nested), instance))
            case InstanceDef():
                instance.instances.append(_instantiate_nested(instance, definition))
            case Alias(index, name, _):
                _add(instance, instance.instances[index].exports[name])
            case OuterAlias(count, Kind.MODULE, index):
                outer = instance.outer
                for _ in range(count):
                    outer = outer.outer if outer else None
                if outer is None:
                    raise Bug("an outer alias leads out of the outermost module")
                instance.modules.append(outer.modules[index])


def _instantiate_nested(instance: ModuleInst, definition: InstanceDef) -> ModuleInst:
    """Arguments go by name; an argument that is an instance answers two-level imports."""
    instance.made[0] += 1
    if instance.made[0] > MAX_INSTANCES:
        raise ExhaustionError(f"too many instances: one module may become {MAX_INSTANCES} at most")
    module = instance.modules[definition.module]
    named = {arg.name: item(instance, arg.kind, arg.index) for arg in definition.args}
    values: list[Extern] = []
    for imported in module.valid.module.imports:
        value = named[imported.module]
        if imported.name is not None:
            assert isinstance(value, InstanceInst)
            value = value.exports[imported.name]
        values.append(value)
    return instantiate(module, values, instance.store, instance.made)


def item(instance: ModuleInst, kind: Kind, index: int) -> Extern:
    """The item of an index space."""
    spaces: dict[Kind, Sequence[Extern]] = {
        Kind.FUNC: instance.funcs,
        Kind.TABLE: instance.tables,
        Kind.MEMORY: instance.memories,
        Kind.GLOBAL: instance.globals,
        Kind.TAG: instance.tags,
        Kind.MODULE: instance.modules,
        Kind.INSTANCE: instance.instances,
    }
    return spaces[kind][index]


def _add(instance: ModuleInst, value: Extern) -> None:
    match value:
        case FuncInst():
            instance.funcs.append(value)
        case Table():
            instance.tables.append(value)
        case Memory():
            instance.memories.append(value)
        case Global():
            instance.globals.append(value)
        case Tag():
            instance.tags.append(value)
        case ModuleValue():
            instance.modules.append(value)
        case InstanceInst():
            instance.instances.append(value)


# ------------------------------------------------------------------ what the module defines itself


def _allocate(instance: ModuleInst) -> None:
    """Allocmodule: functions first, since initial values may refer to any of them."""
    valid, store = instance.valid, instance.store
    instance.funcs += [WasmFunc(code, instance) for code in valid.funcs]
    imported = len(instance.tags)
    names = valid.module.names
    for x, t in enumerate(valid.tags[imported:], imported):
        instance.tags.append(Tag(t, store=store, name=names.of(Kind.TAG, x)))
    instance.memories += [Memory(t, store=store) for t in valid.memories[len(instance.memories) :]]
    own_tables = valid.tables[len(instance.tables) :]
    inits = [_value(instance, expr) for expr in valid.table_inits]
    own_globals = valid.globals[len(instance.globals) :]
    for global_type, expr in zip(own_globals, valid.global_inits, strict=True):
        value = _value(instance, expr)
        instance.globals.append(Global(global_type, value, store=store, raw=True))
    for table_type, init in zip(own_tables, inits, strict=True):
        instance.tables.append(Table(table_type, init, store=store))
    instance.elems = [[_value(instance, expr) for expr in elem.init] for elem in valid.elems]
    instance.datas = [data.init for data in valid.datas]
    for name, (kind, index) in valid.exports.items():
        if isinstance(kind, Kind):
            assert isinstance(index, int)
            exported = instance.exports[name] = item(instance, kind, index)
            if isinstance(exported, Tag) and exported.name is None:
                exported.name = name
        else:  # from a zero-level export: an instance and a name
            instance.exports[name] = instance.instances[kind].exports[str(index)]


def _value(instance: ModuleInst, expr: ValidExpr | None) -> Any:
    """The value of a constant expression; the most common ones without a machine."""
    if expr is None:
        return None
    match expr.simple:
        case ("ref.func", index):
            return instance.funcs[index]
        case ("global.get", index):
            return instance.globals[index].raw
        case ("ref.null", _):
            return None
        case (_, number):
            return number
    from watloom.interp.machine.evaluate import evaluate

    return evaluate(instance, expr)


def _initialize(instance: ModuleInst) -> None:
    """Active segments in order, elements first, then the start function."""
    from watloom.interp.core.errors import Trap

    valid = instance.valid
    for i, elem in enumerate(valid.elems):
        if elem.offset is not None:
            start, table = _value(instance, elem.offset), instance.tables[elem.target]
            values = instance.elems[i]
            if start + len(values) > len(table.entries):
                raise Trap("out of bounds table access", source=valid.module.source).located(
                    None, _span(elem.at)
                )
            table.entries[start : start + len(values)] = values
        if not elem.passive:
            instance.elems[i] = []
    for i, data in enumerate(valid.datas):
        if data.offset is not None:
            start, memory = _value(instance, data.offset), instance.memories[data.target]
            if start + len(data.init) > len(memory.data):
                raise Trap("out of bounds memory access", source=valid.module.source).located(
                    None, _span(data.at)
                )
            memory.data[start : start + len(data.init)] = data.init
            instance.datas[i] = b""
    if valid.module.start is not None:
        invoke(instance.funcs[valid.module.start.func], [])


def _span(at: int) -> Any:
    from watloom.interp.core.source import Span

    return Span(at)
