"""Bundling: the files that a module imports as modules become modules inside it.

    (module $PARENT                                   (module $PARENT
      (import "child" (module $CHILD                    (module $CHILD
        (export "play" (func))))                          … child.wat, word for word …)
      (instance $c (instantiate $CHILD)))               (instance $c (instantiate $CHILD)))

Text stays text, with its names and comments. Only the parent's own imports are found in files: what
a child imports, its parent gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from watloom.interp.core.dataclass import replace
from watloom.interp.core.errors import InvalidError, MalformedError
from watloom.interp.core.features import Features
from watloom.interp.core.module import ExportAll, Module, NestedModule
from watloom.interp.core.source import Source
from watloom.interp.core.types import ModuleType
from watloom.interp.link.forms import column, form_end, indented
from watloom.interp.link.linker import Linker
from watloom.interp.link.load import load_source
from watloom.interp.validate import ValidModule
from watloom.interp.validate.definitions import kind_of
from watloom.parser import ast
from watloom.parser.printer import print_module
from watloom.parser.strings import quote_name
from watloom.parser.text import parse_module, parse_tree

__all__ = ["as_text", "bundle", "edited"]

Edit = tuple[int, int, str]
"""The first offset, the last, and what is to stand there."""


def bundle(source: Source, linker: Linker) -> str:
    """The text of a module with the modules that it imports inside it.

    Raises MalformedError, InvalidError, and LinkError where a module is not found or does not fit.
    """
    source = as_text(source, linker.features)
    source = replace(source, text=_whole(source, linker.features))
    assert source.text is not None
    valid = load_source(source, linker.features).valid
    tree, _ = parse_tree(source, linker.features)
    nodes = [node for node in tree.fields if isinstance(node, ast.ImportNode)]
    edits: list[Edit] = []
    for node, imported, wanted in zip(nodes, valid.module.imports, valid.imports, strict=True):
        if isinstance(wanted, ModuleType) and imported.name is None:
            found = linker.find_module(imported, wanted, source).valid.module
            end = form_end(source.text, node.at)
            place = column(source.text, node.at)
            edits.append((node.at, end, indented(_nested(found, node, linker.features), place)))
    made = edited(source.text, edits)
    return _same_exports(made, source, valid, linker.features)


def as_text(source: Source, features: Features) -> Source:
    """The source, or of a binary its text."""
    if source.text is not None:
        return source
    from watloom.interp.link.load import parse

    text = print_module(parse(source, features))
    return Source(source.name, text=text, folder=source.folder)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text with some parts replaced."""
    for first, last, new in sorted(edits, reverse=True):
        text = text[:first] + new + text[last:]
    return text


# ------------------------------------------------------------------ one module


def _nested(found: Module, node: ast.ImportNode, features: Features) -> str:
    """The text of an imported module as a nested one, under the name that the import gives it."""
    text = _whole(as_text(found.source, features), features)
    source = Source(found.source.name, text=text)
    tree, _ = parse_tree(source, features)
    name = node.desc.name[0] if node.desc.name else None
    exports = "".join(f" (export {word})" for word, _ in node.exports)
    head = tree.at + len("(module")
    own = tree.name[0] if tree.name else None
    behind = tree.name[1] + len(own) if tree.name and own else head
    title = f" {name or own}" if name or own else ""
    made = text[: tree.at] + f"(module{title}{exports}" + text[behind:].rstrip()
    if own and name and own != name:
        made = re.sub(rf"(?<=\bouter ){re.escape(own)}(?![^\s()])", name, made)
    if not _means(made, found, features):
        body = print_module(replace(found, names=replace(found.names, module=None)))
        made = f"(module{title}{exports}" + body[len("(module") :].rstrip()
    return made


def _whole(source: Source, features: Features) -> str:
    """The text with its `(module …)`, which may be left out."""
    assert source.text is not None
    tree, _ = parse_tree(source, features)
    if source.text.startswith("(module", tree.at):
        return source.text
    return f"(module\n{indented('  ' + source.text.strip(), 2)})"


def _means(text: str, wanted: Module, features: Features) -> bool:
    """Whether a text in a module means a module by itself."""
    try:
        around = parse_module(Source("bundle", text=f"(module $bundle {text}\n)"), features)
    except MalformedError:
        return False
    inner = [d.module for d in around.definitions if isinstance(d, NestedModule)]
    return len(inner) == 1 and _nameless(inner[0]) == _nameless(wanted)


def _nameless(module: Module) -> str:
    return print_module(replace(module, names=replace(module.names, module=None)))


# ------------------------------------------------------------------ exports


def _same_exports(made: str, source: Source, before: ValidModule, features: Features) -> str:
    """The bundle, exporting what its parent did.

    A module may have more exports than its import says: `(export $instance)` would let them out.
    """
    bundled = Source(source.name, text=made)
    try:
        if list(load_source(bundled, features).valid.exports) == list(before.exports):
            return made
    except InvalidError:  # two of the exports have one name
        pass
    tree, _ = parse_tree(bundled, features)
    nodes = [node for node in tree.fields if isinstance(node, ast.ExportAllNode)]
    alls = [e for e in before.module.exports if isinstance(e, ExportAll)]
    edits: list[Edit] = []
    for node, export in zip(nodes, alls, strict=True):
        names = [n for n, (what, _) in before.exports.items() if what == export.instance]
        assert isinstance(node.instance, tuple)
        lines = [_export(n, before, node.instance[0]) for n in names]
        indent = "\n" + " " * column(made, node.at)
        edits.append((node.at, form_end(made, node.at), indent.join(lines)))
    return edited(made, edits)


def _export(name: str, before: ValidModule, instance: str) -> str:
    kind = kind_of(before.type.exports[name]).value
    shown = quote_name(name)
    return f"(export {shown} ({kind} {instance} {shown}))"
