"""The name section, both ways (https://webassembly.github.io/spec/core/appendix/custom.html).

Besides the spec's subsections it has those that other tools write too (labels, tables, memories,
globals, segments) and two of our own, 14 and 15, for modules and instances.
"""

from __future__ import annotations

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.module import Kind, Names
from watloom.parser.decode_bytes import ByteReader
from watloom.parser.encode_bytes import ByteWriter

__all__ = ["read_names", "write_names"]

_MODULE, _LOCALS, _LABELS, _ELEMS, _DATAS, _FIELDS = 0, 2, 3, 8, 9, 10
_SPACES = {
    1: Kind.FUNC, 4: Kind.TYPE, 5: Kind.TABLE, 6: Kind.MEMORY, 7: Kind.GLOBAL, 11: Kind.TAG,
    14: Kind.MODULE, 15: Kind.INSTANCE,
}  # fmt: skip

NameMap = dict[int, str]


def read_names(data: bytes) -> Names | None:
    """The names in the content of a name section; None if it is malformed, which is no error."""
    r = ByteReader(data, 0, len(data))
    names = Names()
    try:
        while r.pos < r.end:
            _read_subsection(r, names)
    except MalformedError:
        return None
    return names


def _read_subsection(r: ByteReader, names: Names) -> None:
    number = r.byte()
    size = r.count("bytes of a subsection")
    content = r.bytes(size)
    inner = ByteReader(content, 0, size)
    if number == _MODULE:
        names.module = inner.name()
    elif number in _SPACES:
        names.spaces[_SPACES[number]] = _name_map(inner)
    elif number == _LOCALS:
        names.locals = _indirect_map(inner)
    elif number == _LABELS:
        names.labels = _indirect_map(inner)
    elif number == _FIELDS:
        names.fields = _indirect_map(inner)
    elif number == _ELEMS:
        names.elems = _name_map(inner)
    elif number == _DATAS:
        names.datas = _name_map(inner)


def _name_map(r: ByteReader) -> NameMap:
    found: NameMap = {}
    for _ in range(r.count("names")):
        index = r.u32()
        found[index] = r.name()
    return found


def _indirect_map(r: ByteReader) -> dict[int, NameMap]:
    found: dict[int, NameMap] = {}
    for _ in range(r.count("maps of names")):
        index = r.u32()
        found[index] = _name_map(r)
    return found


def write_names(names: Names) -> bytes:
    """The content of a name section; empty if there are no names.

    >>> write_names(Names(spaces={Kind.FUNC: {0: "f"}})).hex(" ")
    '01 04 01 00 01 66'
    >>> read_names(_).spaces[Kind.FUNC]  # doctest: +SKIP
    {0: 'f'}
    """
    subsections: dict[int, bytes] = {}
    if names.module is not None:
        w = ByteWriter()
        w.name(names.module)
        subsections[_MODULE] = w.done()
    for number, kind in _SPACES.items():
        subsections[number] = _write_map(names.spaces.get(kind, {}))
    for number, maps in ((_LOCALS, names.locals), (_LABELS, names.labels), (_FIELDS, names.fields)):
        subsections[number] = _write_indirect(maps)
    for number, name_map in ((_ELEMS, names.elems), (_DATAS, names.datas)):
        subsections[number] = _write_map(name_map)
    out = ByteWriter()
    for number, content in sorted(subsections.items()):
        if content:
            out.byte(number)
            out.sized(content)
    return out.done()


def _write_map(names: NameMap) -> bytes:
    w = ByteWriter()
    if names:
        w.u32(len(names))
    for index, name in sorted(names.items()):
        w.u32(index)
        w.name(name)
    return w.done()


def _write_indirect(maps: dict[int, NameMap]) -> bytes:
    filled = {index: names for index, names in sorted(maps.items()) if names}
    w = ByteWriter()
    if filled:
        w.u32(len(filled))
    for index, names in filled.items():
        w.u32(index)
        w.bytes(_write_map(names))
    return w.done()
