"""From a Module to bytes, the inverse of `decode`: deterministic, integers in their shortest form.

Where the binary has a choice, it is made like this: types before imports unless module linking
needs another order; a lone type instead of a rec group of one; the smallest kind of segment; a
data count section only where it is required or was there; the name section last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TypeVar

from watloom.interp.core.dataclass import replace
from watloom.interp.core.errors import MalformedError
from watloom.interp.core.module import (
    Definition,
    Export,
    ExportAll,
    Global,
    Import,
    InstanceDef,
    InstanceTypeDef,
    Kind,
    Module,
    ModuleTypeDef,
    NestedModule,
    RecGroup,
    Table,
)
from watloom.parser.binary_messages import no_binary_form
from watloom.parser.decode import MAGIC, VERSION
from watloom.parser.encode_expand import expand_exports
from watloom.parser.encode_expand_types import expand_types
from watloom.parser.encode_link import LinkWriter
from watloom.parser.hints import is_marker, write_hints
from watloom.parser.names import read_names, write_names
from watloom.parser.sections import counts_data, place_behind, preamble, section_of

__all__ = ["InstanceExports", "encode_module"]

#: What an instance of a module exports, by its index there.
InstanceExports = Callable[[Module, int], dict[str, Kind]]

T = TypeVar("T")
Section = tuple[int, bytes]


def encode_module(module: Module, instance_exports: InstanceExports | None = None) -> bytes:
    """The binary form of a module.

    `(export $instance)` has no binary form; if `instance_exports` tells what instances export, it
    becomes an alias and an export of each. In a type it becomes a copy of what it stands for.

    >>> from watloom.interp.core.source import Source
    >>> encode_module(Module(Source("empty.wat", "(module)"))).hex(" ")
    '00 61 73 6d 01 00 00 00'

    Raises UnbuiltError for what has no binary form.
    """
    done: dict[int, bytes] = {}  # the nested ones by id, made before what they stand in
    try:
        for each, around in reversed(_with_nested(module)):
            definitions = expand_types(each, around)
            done[id(each)] = _encode(each, definitions, done, instance_exports)
    except MalformedError as error:
        error.located(module.source)
        raise
    return done[id(module)]


def _with_nested(module: Module) -> list[tuple[Module, tuple[Module, ...]]]:
    """The module and all nested in it, outer ones first; with each, those that it stands in."""
    found: list[tuple[Module, tuple[Module, ...]]] = [(module, ())]
    for each, around in found:  # grows while it is walked through
        nested = [d.module for d in each.definitions if isinstance(d, NestedModule)]
        found += [(inner, (each, *around)) for inner in nested]
    return found


def _encode(
    module: Module,
    definitions: list[Definition],
    done: dict[int, bytes],
    exports_of: InstanceExports | None,
) -> bytes:
    expanded = expand_exports(module, exports_of)
    module = replace(expanded, definitions=definitions + expanded.definitions[len(definitions) :])
    sections = [*_preamble(module, done), *_own_sections(module)]
    sections = _with_customs(module, sections)
    w = LinkWriter()
    w.bytes(MAGIC)
    w.bytes(VERSION)
    for number, content in sections:
        w.byte(number)
        w.sized(content)
    return w.done()


# ------------------------------------------------------------------ the preamble


def _preamble(module: Module, done: dict[int, bytes]) -> list[Section]:
    sections: list[Section] = []
    for number, run in groupby(preamble(module.definitions), section_of):
        sections += _vector(number, list(run), lambda w, d: _definition(w, d, done))
    return sections


def _definition(w: LinkWriter, definition: Definition, done: dict[int, bytes]) -> None:
    if isinstance(definition, RecGroup | ModuleTypeDef | InstanceTypeDef):
        w.typedef(definition)
    elif isinstance(definition, Import):
        w.import_(definition)
    elif isinstance(definition, NestedModule):
        w.sized(done[id(definition.module)])
    elif isinstance(definition, InstanceDef):
        w.instance(definition)
    else:
        w.alias(definition)


# ------------------------------------------------------------------ the module's own


def _vector(
    number: int, items: Iterable[T], write: Callable[[LinkWriter, T], None]
) -> list[Section]:
    """A section that is a vector; none if it is empty."""
    w, count = LinkWriter(), 0
    for count, item in enumerate(items, 1):  # noqa: B007 (counted)
        write(w, item)
    head = LinkWriter()
    head.u32(count)
    return [(number, head.done() + w.done())] if count else []


def _number(number: int, value: int) -> list[Section]:
    """A section that is a number."""
    w = LinkWriter()
    w.u32(value)
    return [(number, w.done())]


def _own_sections(module: Module) -> list[Section]:
    return [
        *_vector(3, module.funcs, lambda w, f: w.u32(f.typeidx)),
        *_vector(4, module.tables, _table),
        *_vector(5, module.memories, lambda w, m: w.memtype(m.type)),
        *_vector(13, module.tags, lambda w, t: w.tagtype(t.typeidx)),
        *_vector(6, module.globals, _global),
        *_vector(7, module.exports, _export),
        *(_number(8, module.start.func) if module.start else []),
        *_vector(9, module.elems, lambda w, e: w.elem(e)),
        *(_number(12, len(module.datas)) if counts_data(module) else []),
        *_vector(10, module.funcs, lambda w, f: w.func(f)),
        *_vector(11, module.datas, lambda w, d: w.data(d)),
    ]


def _table(w: LinkWriter, table: Table) -> None:
    if table.init is None:
        w.tabletype(table.type)
    else:
        w.bytes(b"\x40\x00")
        w.tabletype(table.type)
        w.expr(table.init)


def _global(w: LinkWriter, global_: Global) -> None:
    w.globaltype(global_.type)
    w.expr(global_.init)


def _export(w: LinkWriter, export: Export | ExportAll) -> None:
    if isinstance(export, ExportAll):
        raise no_binary_form(export.at, form="`(export $instance)`")
    w.name(export.name)
    w.item(export.kind, export.index)


def _with_customs(module: Module, sections: list[Section]) -> list[Section]:
    """The sections with the custom ones where they stood; the name section at the end."""
    numbers = [number for number, _ in sections]
    before: dict[int, list[Section]] = {}  # by the place in `sections`
    named = False
    for custom in module.customs:
        data = write_hints(module) if is_marker(custom, module) else custom.data
        place = place_behind(custom.after, numbers)
        before.setdefault(place, []).append((0, _custom(custom.name, data)))
        named = named or (custom.name == "name" and read_names(data) == module.names)
    found: list[Section] = []
    for place in range(len(sections) + 1):
        found += before.get(place, [])
        found += sections[place : place + 1]
    names = b"" if named else write_names(module.names)
    if names:
        found.append((0, _custom("name", names)))
    return found


def _custom(name: str, data: bytes) -> bytes:
    w = LinkWriter()
    w.name(name)
    w.bytes(data)
    return w.done()
