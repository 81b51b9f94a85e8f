"""A valid module as plain data, and back.

Kept is what making an instance and calling its compiled functions needs. Everything else (code,
locals, names of labels, …) is in the source, which is always at hand: it is read and validated
again when somebody asks, a debugger for example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from watloom.interp.cache.plain import Reader, Writer
from watloom.interp.core.dataclass import field_names
from watloom.interp.core.errors import Note
from watloom.interp.core.features import Features
from watloom.interp.core.module import (
    Alias,
    Definition,
    Import,
    InstanceArg,
    InstanceDef,
    Kind,
    Module,
    Names,
    NestedModule,
    OuterAlias,
    Start,
)
from watloom.interp.core.source import Source, Span
from watloom.interp.validate import revalidated
from watloom.interp.validate.valid import ValidData, ValidElem, ValidExpr, ValidFunc, ValidModule

__all__ = ["KeptModule", "kept", "plain"]

Plain = dict[str, Any]
Whole = Callable[[], ValidModule]
Read = Callable[[Source, Features, tuple[int, ...]], ValidModule]

#: How an expression is kept that needs the machine, and so its code.
_CODE = ("code", None)


# ------------------------------------------------------------------ to plain data


def plain(valid: ValidModule) -> Plain:
    """A module, and those nested in it, as plain data. Raises RecursionError for too many."""
    writer = Writer()
    module = _module(valid, writer)
    return {"groups": writer.groups, "externs": writer.externs, "module": module}


def _module(valid: ValidModule, w: Writer) -> Plain:
    ir = valid.module
    return {
        "types": [w.extern(t) for t in valid.types],
        "type": w.extern(valid.type),
        "funcs": [(f.index, w.deftype(f.type), f.name, f.at) for f in valid.funcs],
        "tables": [w.extern(t) for t in valid.tables],
        "memories": [w.extern(t) for t in valid.memories],
        "globals": [w.extern(t) for t in valid.globals],
        "tags": [w.deftype(t) for t in valid.tags],
        "imports": [w.extern(t) for t in valid.imports],
        "nested": [_module(inner, w) for inner in valid.nested],
        "exports": [(name, *_place(*place)) for name, place in valid.exports.items()],
        "table_inits": [_expr(expr) for expr in valid.table_inits],
        "global_inits": [_expr(expr) for expr in valid.global_inits],
        "elems": [
            (w.storage(e.type), [*map(_expr, e.init)], _expr(e.offset), e.target, e.passive, e.at)
            for e in valid.elems
        ],
        "datas": [(d.init, _expr(d.offset), d.target, d.at) for d in valid.datas],
        "preamble": [_definition(d, w) for d in valid.preamble],
        "at": ir.at,
        "start": ir.start and (ir.start.func, ir.start.at),
        "name": ir.names.module,
        "names": {kind.value: dict(space) for kind, space in ir.names.spaces.items()},
        "warnings": [(n.text, n.span and (n.span.start, n.span.end)) for n in ir.warnings],
    }


def _place(kind: Any, index: Any) -> tuple[Any, Any]:
    return (kind.value if isinstance(kind, Kind) else kind), index


def _expr(expr: ValidExpr | None) -> tuple[str, Any] | None:
    """A constant expression: the values of most are known by a word and a number."""
    if expr is None:
        return None
    mnemonic, argument = expr.simple or _CODE
    return mnemonic, None if mnemonic == "ref.null" else argument


def _definition(definition: Definition, w: Writer) -> Any:
    match definition:
        case Import(module, name, desc, at):
            return "import", module, name, w.desc(desc), at
        case NestedModule(_, at):
            return "module", at
        case InstanceDef(index, args, at):
            given = [(a.name, a.kind.value, a.index, a.at) for a in args]
            return "instance", index, given, at
        case Alias(index, name, kind, at):
            return "alias", index, name, kind.value, at
        case OuterAlias(count, kind, index, at):
            return "outer", count, kind.value, index, at
    raise AssertionError(definition)


# ------------------------------------------------------------------ and back


def kept(plain: Plain, source: Source, features: Features, read: Read = revalidated) -> KeptModule:
    """The module that was kept of a source; `read` reads that again where more is asked for."""
    reader = Reader(plain["groups"], plain["externs"])
    return KeptModule(plain["module"], reader, source, features, read)


class KeptModule(ValidModule):
    """A module from the cache."""

    def __init__(
        self,
        p: Plain,
        r: Reader,
        source: Source,
        features: Features,
        read: Read,
        position: tuple[int, ...] = (),
    ) -> None:
        def whole() -> ValidModule:
            return read(source, features, position)

        self._whole = whole
        self.position = position
        self.compiled = {}
        self.types = [r.extern(t) for t in p["types"]]
        self.type = r.extern(p["type"])
        self.funcs = [
            KeptFunc(i, whole, index, r.deftypes[t], name, at, source)
            for i, (index, t, name, at) in enumerate(p["funcs"])
        ]
        self.tables = [r.extern(t) for t in p["tables"]]
        self.memories = [r.extern(t) for t in p["memories"]]
        self.globals = [r.extern(t) for t in p["globals"]]
        self.tags = [r.deftypes[t] for t in p["tags"]]
        self.imports = [r.extern(t) for t in p["imports"]]
        self.nested = [
            KeptModule(inner, r, source, features, read, (*position, i))
            for i, inner in enumerate(p["nested"])
        ]
        self.exports = {name: (_kind(kind), index) for name, kind, index in p["exports"]}

        def expr(plain: tuple[str, Any] | None, *path: str | int) -> ValidExpr | None:
            return None if plain is None else KeptExpr(plain, whole, path)

        def some(plain: tuple[str, Any], *path: str | int) -> ValidExpr:
            return KeptExpr(plain, whole, path)

        self.table_inits = [expr(e, "table_inits", i) for i, e in enumerate(p["table_inits"])]
        self.global_inits = [some(e, "global_inits", i) for i, e in enumerate(p["global_inits"])]
        self.elems = [
            ValidElem(
                r.storage(t),
                [some(e, "elems", i, "init", k) for k, e in enumerate(init)],
                expr(offset, "elems", i, "offset"),
                target,
                passive,
                at,
            )
            for i, (t, init, offset, target, passive, at) in enumerate(p["elems"])
        ]
        self.datas = [
            ValidData(init, expr(offset, "datas", i, "offset"), target, at)
            for i, (init, offset, target, at) in enumerate(p["datas"])
        ]
        inner = iter(self.nested)
        self.preamble = [_kept_definition(d, r, inner) for d in p["preamble"]]
        self.module = KeptIR(p, source, features, whole, self.preamble)

    def __getattr__(self, name: str) -> Any:
        return _look_up(self, name, ValidModule, lambda: self._whole())


class KeptIR(Module):
    """The module IR behind one: its imports, start function and names."""

    def __init__(
        self,
        p: Plain,
        source: Source,
        features: Features,
        whole: Whole,
        preamble: list[Definition],
    ) -> None:
        self._whole = whole
        self._imports = [d for d in preamble if isinstance(d, Import)]
        self.source = source
        self.features = features
        self.at = p["at"]
        self.start = p["start"] and Start(*p["start"])
        self.names = KeptNames(p, whole)
        self.warnings = [Note(text, span and Span(*span), source) for text, span in p["warnings"]]

    @property
    def imports(self) -> list[Import]:
        return self._imports

    def __getattr__(self, name: str) -> Any:
        return _look_up(self, name, Module, lambda: self._whole().module)


class KeptNames(Names):
    """The names of what has an index space of the module."""

    def __init__(self, p: Plain, whole: Whole) -> None:
        self._whole = whole
        self.module = p["name"]
        self.spaces = {Kind(kind): space for kind, space in p["names"].items()}

    def __getattr__(self, name: str) -> Any:
        return _look_up(self, name, Names, lambda: self._whole().module.names)


class KeptFunc(ValidFunc):
    """A function of one: without its code and locals."""

    def __init__(
        self, number: int, whole: Whole, index: int, type: Any, name: str, at: int, source: Source
    ) -> None:
        self._find: Callable[[], Any] = lambda: whole().funcs[number]
        self.index = index
        self.type = type
        self.name = name
        self.at = at
        self.source = source

    def __getattr__(self, name: str) -> Any:
        return _look_up(self, name, ValidFunc, lambda: self._find())


class KeptExpr(ValidExpr):
    """A constant expression; `path` leads to it in the whole module."""

    def __init__(self, plain: tuple[str, Any], whole: Whole, path: tuple[str | int, ...]) -> None:
        self._simple = None if plain == _CODE else plain
        self._find: Callable[[], Any] = lambda: _follow(whole(), path)

    @property
    def simple(self) -> tuple[str, Any] | None:
        return self._simple

    def __getattr__(self, name: str) -> Any:
        return _look_up(self, name, ValidExpr, lambda: self._find())


def _look_up(thing: Any, name: str, kind: type, find: Callable[[], Any]) -> Any:
    """What was not kept, from the whole module, and kept from now on."""
    if name not in _FIELDS[kind]:
        raise AttributeError(f"{type(thing).__name__!r} object has no attribute {name!r}")
    value = getattr(find(), name)
    setattr(thing, name, value)
    return value


_FIELDS: dict[type, frozenset[str]] = {
    kind: frozenset(field_names(kind))
    for kind in (ValidModule, Module, Names, ValidFunc, ValidExpr)
}


def _follow(found: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        found = getattr(found, part) if isinstance(part, str) else found[part]
    return found


def _kind(plain: str | int) -> Any:
    return Kind(plain) if isinstance(plain, str) else plain


def _kept_definition(plain: Any, r: Reader, nested: Iterator[ValidModule]) -> Definition:
    match plain:
        case ("import", module, name, desc, at):
            return Import(module, name, r.desc(desc), at)
        case ("module", at):
            return NestedModule(next(nested).module, at)
        case ("instance", index, given, at):
            args = [InstanceArg(name, Kind(kind), i, a) for name, kind, i, a in given]
            return InstanceDef(index, args, at)
        case ("alias", index, name, kind, at):
            return Alias(index, name, Kind(kind), at)
    _, count, kind, index, at = plain
    return OuterAlias(count, Kind(kind), index, at)
