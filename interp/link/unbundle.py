"""Unbundling: each module nested in a module becomes a file, and an import of that file.

    (module $PARENT                                   (module $PARENT
      (module $CHILD                                    (import "child" (module $CHILD
        (func (export "play") …))                         (export "play" (func))))
      (instance $c (instantiate $CHILD)))               (instance $c (instantiate $CHILD)))

    and child.wat: (module $CHILD (func (export "play") …))

The inverse of bundling. Modules inside a nested module stay inside it: what a file imports as a
module is for its parent to give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from watloom.interp.core.dataclass import replace
from watloom.interp.core.features import Features
from watloom.interp.core.module import Kind, Module, ModuleTypeDef
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    DefType,
    ExternType,
    FuncType,
    GlobalType,
    InstanceType,
    MemType,
    ModuleType,
    RefType,
    TableType,
)
from watloom.interp.link.bundle import as_text
from watloom.interp.link.detach import detached, escapes, type_body
from watloom.interp.link.forms import (
    Edit,
    comments_above,
    edited,
    form_end,
    outdented,
    removed,
    word,
)
from watloom.interp.link.load import load_source
from watloom.interp.validate import ValidModule
from watloom.parser import ast
from watloom.parser.printer import print_module
from watloom.parser.strings import quote_name
from watloom.parser.text import parse_tree

__all__ = ["unbundle"]


def unbundle(
    source: Source, features: Features, name: str, reserved: Iterable[str] = ()
) -> dict[str, str]:
    """The texts of the files by name; `name` is the parent's own, the others end in .wat.

    No file is named as something that is found before files are: what is `reserved` (the standard
    library), and the other imports of the parent.

    Raises MalformedError, InvalidError, and LinkError for what cannot stand in a file of its own.
    """
    source = as_text(source, features)
    text = source.text
    assert text is not None
    valid = load_source(source, features).valid
    tree, _ = parse_tree(source, features)
    nodes = [node for node in tree.fields if isinstance(node, ast.NestedNode)]
    names = [*reserved, *(imported.module for imported in valid.module.imports)]
    taken = {name.casefold(), *(f"{each.casefold()}.wat" for each in names)}
    files: dict[str, str] = {}
    edits: list[Edit] = []
    siblings = _by_index(valid)
    for number, (node, inner) in enumerate(zip(nodes, valid.nested, strict=True)):
        file = _file_name(node, number, taken)
        first, end = comments_above(text, node.at), form_end(text, node.at)
        files[f"{file}.wat"] = _file(text, first, end, node, inner, siblings)
        edits.append((first, end, _import(file, node, inner)))
    return {name: edited(text, edits), **files}


def _by_index(valid: ValidModule) -> list[dict[int, ValidModule]]:
    """The nested modules of the parent by their index, as nested modules can alias them."""
    from watloom.interp.core.module import NestedModule, OuterAlias

    found: dict[int, ValidModule] = {}
    nested = iter(valid.nested)
    index = 0
    imports = iter(valid.imports)
    for definition in valid.module.definitions:
        if isinstance(definition, NestedModule):
            found[index] = next(nested)
            index += 1
        elif hasattr(definition, "desc"):
            index += isinstance(next(imports), ModuleType)
        elif getattr(definition, "kind", None) is Kind.MODULE:
            assert not isinstance(definition, OuterAlias)
            index += 1
    return [found]


def _file_name(node: ast.NestedNode, number: int, taken: set[str]) -> str:
    name = node.module.name[0][1:] if node.module.name else f"module-{number}"
    name = re.sub(r"[^\w.-]+", "-", name.lower()).strip(".-") or f"module-{number}"
    chosen, count = name, 1
    while f"{chosen}.wat" in taken:
        count += 1
        chosen = f"{name}-{count}"
    taken.add(f"{chosen}.wat")
    return chosen


# ------------------------------------------------------------------ the nested module as a file


def _file(
    text: str,
    first: int,
    end: int,
    node: ast.NestedNode,
    inner: ValidModule,
    siblings: list[dict[int, ValidModule]],
) -> str:
    name = f" {word(node.module.name)}" if node.module.name else ""
    if escapes(inner.module):
        alone = detached(inner, siblings)
        shown = print_module(replace(alone, names=replace(alone.names, module=None)))
        comments = outdented(text, first, node.at).rstrip()
        above = f"{comments}\n" if comments else ""
        return f"{above}(module{name}{shown.removeprefix('(module')}"
    exports = [_export_of(text, node.at, at) for _, at in node.exports]  # those are the parent's
    body = removed(text[first:end], [(a - first, b - first) for a, b in exports])
    return outdented(text[:first] + body, first, first + len(body)) + "\n"


_EXPORT = re.compile(r"\(\s*export\b")


def _export_of(text: str, first: int, at: int) -> tuple[int, int]:
    """Where the `(export "name")` begins and ends whose name is at an offset."""
    begin = [found.start() for found in _EXPORT.finditer(text, first, at)][-1]
    return begin, form_end(text, begin)


# ------------------------------------------------------------------ the import of it


def _import(file: str, node: ast.NestedNode, inner: ValidModule) -> str:
    name = f" {word(node.module.name)}" if node.module.name else ""
    lines = "".join(f"\n{line}" for line in _type_lines(inner.type, "  "))
    if not node.exports:
        return f"(import {quote_name(file)} (module{name}{lines}))"
    exports = "".join(f" (export {shown})" for shown, _ in node.exports)
    return f"(module{name}{exports} (import {quote_name(file)}){lines})"


def _type_lines(t: ModuleType | InstanceType, indent: str) -> list[str]:
    if not _is_plain(t):
        made = Module(Source("type"), definitions=[ModuleTypeDef(type_body(t))])
        return [indent + line[4:] for line in print_module(made).rstrip()[:-3].splitlines()[2:]]
    lines = []
    if isinstance(t, ModuleType):
        lines = [line for n, i in t.imports.items() for line in _item("import", n, i, indent)]
    return lines + [line for n, e in t.exports.items() for line in _item("export", n, e, indent)]


def _item(word: str, name: str, t: ExternType, indent: str) -> list[str]:
    head = f"{indent}({word} {quote_name(name)} "
    if not isinstance(t, ModuleType | InstanceType):
        return [f"{head}{t})"]
    kind = "module" if isinstance(t, ModuleType) else "instance"
    lines = [f"{head}({kind}", *_type_lines(t, indent + "  ")]
    lines[-1] += "))"
    return lines


#: How many imports and exports a type may have, those inside them included, to be written in place.
_IN_PLACE = 1000


def _is_plain(t: ExternType) -> bool:
    """Whether a type can be written in place: it names no other types, and is not long.

    Types share their parts: forty of them, written out, may have no end that anybody sees.
    """
    work, count = [t], 0
    while work:
        count += 1
        match work.pop():
            case ModuleType(imports, exports):
                work += [*imports.values(), *exports.values()]
            case InstanceType(exports):
                work += exports.values()
            case DefType(comp=FuncType(params, results)) as func:
                alone = len(func.group) == 1 and func.final and not func.supers
                if not (alone and all(map(_is_plain_val, (*params, *results)))):
                    return False
            case TableType() as table if _is_plain_val(table.elem):
                pass
            case GlobalType() as made if _is_plain_val(made.type):
                pass
            case MemType():
                pass
            case _:
                return False
        if count > _IN_PLACE:
            return False
    return True


def _is_plain_val(t: object) -> bool:
    return not (isinstance(t, RefType) and isinstance(t.heap, DefType))
