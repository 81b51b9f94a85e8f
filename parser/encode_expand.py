"""`(export $instance)` in a form that binaries have: an alias and an export of each export.

    (instance $i …) (export $i) (func $f …)
      becomes, if $i exports a function "a":
    (instance $i …) (alias $i "a" (func $a)) (export "a" (func $a)) (func $f …)

Aliases come before a module's own functions and the like, whose indices grow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom.interp.core.dataclass import dataclass, field, replace
from watloom.interp.core.instr import Expr
from watloom.interp.core.module import (
    Active,
    Alias,
    Declarative,
    Definition,
    Export,
    ExportAll,
    FuncDesc,
    Import,
    InstanceDef,
    InstanceDesc,
    Kind,
    Module,
    ModuleDesc,
    Names,
    NestedModule,
    Passive,
    TagDesc,
)
from watloom.interp.core.types import GlobalType, MemType, TableType
from watloom.parser.remap import Remap

__all__ = ["expand_exports"]

_DESC_KINDS = {
    FuncDesc: Kind.FUNC, TableType: Kind.TABLE, MemType: Kind.MEMORY, GlobalType: Kind.GLOBAL,
    TagDesc: Kind.TAG, ModuleDesc: Kind.MODULE, InstanceDesc: Kind.INSTANCE,
}  # fmt: skip


_SPACES = ("func", "table", "memory", "global", "tag")


def expand_exports(
    module: Module, instance_exports: Callable[[Module, int], dict[str, Kind]] | None
) -> Module:
    """The module without ExportAll; the same one if it has none, or nobody tells the exports."""
    if instance_exports is None or not any(isinstance(e, ExportAll) for e in module.exports):
        return module
    shift = _Shift(_preamble_sizes(module))
    aliases: list[Definition] = []
    exports: list[tuple[Export, bool]] = []  # is the index that of an alias?
    for export in module.exports:
        if isinstance(export, ExportAll):
            for name, kind in instance_exports(module, export.instance).items():
                aliases.append(Alias(export.instance, name, kind, export.at))
                exports.append((Export(name, kind, shift.add(kind), export.at), True))
        else:
            exports.append((export, False))
    shifted = shift.module(module)
    shifted.definitions = [*module.definitions, *aliases]
    shifted.exports = [
        export if new else replace(export, index=shift(export.kind, export.index))
        for export, new in exports
    ]
    return shifted


def _preamble_sizes(module: Module) -> dict[Kind, int]:
    """How many items of each space the definitions before the module's own fill."""
    sizes = dict.fromkeys(Kind, 0)
    implied: set[str] = set()
    for d in module.definitions:
        if isinstance(d, Import):
            sizes[_DESC_KINDS[type(d.desc)]] += 1
            if d.name is not None and d.module not in implied:
                implied.add(d.module)
                sizes[Kind.INSTANCE] += 1
        elif isinstance(d, NestedModule):
            sizes[Kind.MODULE] += 1
        elif isinstance(d, InstanceDef):
            sizes[Kind.INSTANCE] += 1
        elif kind := getattr(d, "kind", None):  # aliases of both sorts
            sizes[kind] += 1
    return sizes


@dataclass
class _Shift:
    """Indices from the end of a module's preamble on move, by as many as were added there."""

    start: dict[Kind, int]
    added: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))

    def add(self, kind: Kind) -> int:
        """Make room for one more; gives its index."""
        self.added[kind] += 1
        return self.start[kind] + self.added[kind] - 1

    def __call__(self, kind: Kind, index: int) -> int:
        return index + self.added[kind] if index >= self.start[kind] else index

    def expr(self, code: Expr) -> Expr:
        """Code with its indices moved."""
        return Remap(self._index, lambda heap: heap).expr(code)

    def _index(self, space: str, index: int) -> int:
        return self(Kind(space), index) if space in _SPACES else index

    def _mode(self, kind: Kind, mode: Active | Passive | Declarative) -> Any:
        if isinstance(mode, Active):
            return Active(self(kind, mode.target), self.expr(mode.offset))
        return mode

    def module(self, module: Module) -> Module:
        """The module's own part with its indices moved."""
        start = module.start
        return replace(
            module,
            funcs=[replace(f, body=self.expr(f.body)) for f in module.funcs],
            tables=[replace(t, init=t.init and self.expr(t.init)) for t in module.tables],
            globals=[replace(g, init=self.expr(g.init)) for g in module.globals],
            start=start and replace(start, func=self(Kind.FUNC, start.func)),
            elems=[
                replace(e, init=[self.expr(x) for x in e.init], mode=self._mode(Kind.TABLE, e.mode))
                for e in module.elems
            ],
            datas=[replace(d, mode=self._mode(Kind.MEMORY, d.mode)) for d in module.datas],
            names=self._names(module.names),
        )

    def _names(self, names: Names) -> Names:
        spaces = {
            kind: {self(kind, index): name for index, name in named.items()}
            for kind, named in names.spaces.items()
        }
        locals = {self(Kind.FUNC, func): named for func, named in names.locals.items()}
        labels = {self(Kind.FUNC, func): named for func, named in names.labels.items()}
        return replace(names, spaces=spaces, locals=locals, labels=labels)
