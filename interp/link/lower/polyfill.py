"""The polyfill `struct` in what WebAssembly 3.0 has: a struct of functions is an array of them.

(import "struct" "create" (func $create (param i32) (result anyref)))
  becomes
(type $fields (array (mut funcref)))
(func $create (param i32) (result anyref) (array.new_default $fields (local.get 0)))
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.dataclass import replace
from watloom.interp.core.features import WASM3
from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import Export, Func, FuncDesc, Import, Kind, Module, RecGroup
from watloom.interp.core.types import (
    FUNCREF,
    ArrayType,
    FieldType,
    HeapType,
    SubType,
    TypeIdx,
)
from watloom.interp.isa import op_table
from watloom.parser.remap import Remap

__all__ = ["define_structs"]

#: As many fields as the polyfill's structs may have.
MOST = 10_000

_OPS = op_table(WASM3).by_mnemonic


def _op(mnemonic: str, *args: Any) -> Instr:
    return Instr(_OPS[mnemonic][0], args)


def define_structs(module: Module) -> Module:
    """The module with the imports of `struct` defined in it; the same one if it has none."""
    imports = module.imports
    wanted = [i for i in imports if i.module == "struct" and isinstance(i.desc, FuncDesc)]
    wanted = [i for i in wanted if i.name in _BODIES]
    if not wanted:
        return module
    fields = _count_types(module)
    groups: list[Any] = [d for d in module.definitions if isinstance(d, RecGroup)]
    groups.append(RecGroup((SubType(ArrayType(FieldType(FUNCREF, True))),), 0, (0,)))
    kept = [i for i in imports if i not in wanted]
    func_imports = [i for i in imports if isinstance(i.desc, FuncDesc)]
    moved = _moved(func_imports, wanted, len(module.funcs))
    code = Remap(lambda space, i: moved[i] if space == "func" else i, _same)
    names = replace(module.names)
    names.spaces = dict(names.spaces)
    names.spaces[Kind.FUNC] = {moved[i]: n for i, n in names.spaces.get(Kind.FUNC, {}).items()}
    names.locals = {moved[i]: n for i, n in names.locals.items()}
    names.labels = {moved[i]: n for i, n in names.labels.items()}
    made = [_func(imported, fields) for imported in wanted]
    for imported, index in zip(func_imports, moved, strict=False):
        if imported in wanted:
            names.spaces[Kind.FUNC].setdefault(index, f"struct.{imported.name}")
    return replace(
        module,
        definitions=[*groups, *kept],
        funcs=[*made, *(_with(func, body=code.expr(func.body)) for func in module.funcs)],
        tables=[replace(t, init=t.init and code.expr(t.init)) for t in module.tables],
        globals=[replace(g, init=code.expr(g.init)) for g in module.globals],
        elems=[replace(e, init=[code.expr(x) for x in e.init]) for e in module.elems],
        exports=[
            replace(e, index=moved[e.index]) if isinstance(e, Export) and e.kind is Kind.FUNC else e
            for e in module.exports
        ],
        start=module.start and replace(module.start, func=moved[module.start.func]),
        hints={moved[i]: hint for i, hint in module.hints.items()},
        names=names,
    )


def _with(func: Func, body: Expr) -> Func:
    func.body = body  # the same object: it is known where it comes from
    return func


def _same(heap: HeapType) -> HeapType:
    return heap


def _count_types(module: Module) -> int:
    return sum(len(d.types) for d in module.definitions if isinstance(d, RecGroup))


def _moved(imports: list[Import], wanted: list[Import], own: int) -> list[int]:
    """The new index of each function: imports that stay, what is defined here, the module's own."""
    stay = [i for i in imports if not any(i is w for w in wanted)]
    order = {id(i): n for n, i in enumerate([*stay, *wanted])}
    return [order[id(i)] for i in imports] + [len(imports) + n for n in range(own)]


def _func(imported: Import, fields: int) -> Func:
    assert isinstance(imported.desc, FuncDesc) and imported.name is not None
    return Func(imported.desc.typeidx, [], _BODIES[imported.name](fields), imported.at)


def _cast(fields: int) -> Expr:
    # two opcodes, one mnemonic: that of a type without null comes first
    return [_op("local.get", 0), Instr(_OPS["ref.cast"][0], (TypeIdx(fields),))]


def _create(fields: int) -> Expr:
    return [
        _op("local.get", 0), _op("i32.const", MOST), _op("i32.gt_u"),
        _op("if", None), _op("unreachable"), _op("end"),
        _op("local.get", 0), _op("array.new_default", fields),
    ]  # fmt: skip


def _set(fields: int) -> Expr:
    return [*_cast(fields), _op("local.get", 1), _op("local.get", 2), _op("array.set", fields)]


def _get(fields: int) -> Expr:
    return [*_cast(fields), _op("local.get", 1), _op("array.get", fields)]


_BODIES = {"create": _create, "set": _set, "get": _get}
