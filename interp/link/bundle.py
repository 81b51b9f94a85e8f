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

from watloom.interp.core.dataclass import replace
from watloom.interp.core.errors import InvalidError, MalformedError
from watloom.interp.core.features import Features
from watloom.interp.core.module import ExportAll, Module, NestedModule
from watloom.interp.core.source import Source
from watloom.interp.core.types import ModuleType
from watloom.interp.link.forms import Edit, edited, form_end, word, word_end
from watloom.interp.link.linker import Linker
from watloom.interp.link.load import load_source
from watloom.interp.validate import ValidModule
from watloom.interp.validate.definitions import kind_of
from watloom.parser import ast
from watloom.parser.printer import print_module
from watloom.parser.strings import quote_name
from watloom.parser.text import parse_module, parse_tree

__all__ = ["as_text", "bundle"]


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
            nested = _nested(found, node, linker.features)
            if ";;" in nested[form_end(nested, 0) :] and not re.match(
                r"[^\S\n]*\n", source.text[end:]
            ):
                nested += "\n"  # what stands behind the import is no comment
            edits.append((node.at, end, nested))
    made = edited(source.text, edits)
    return _same_exports(made, source, valid, linker.features)


def as_text(source: Source, features: Features) -> Source:
    """The source, or of a binary its text."""
    if source.text is not None:
        return source
    from watloom.interp.link.load import parse

    text = print_module(parse(source, features))
    return Source(source.name, text=text, folder=source.folder)


# ------------------------------------------------------------------ one module


def _nested(found: Module, node: ast.ImportNode, features: Features) -> str:
    """The text of an imported module as a nested one, under the name that the import gives it."""
    text = _whole(as_text(found.source, features), features)
    source = Source(found.source.name, text=text)
    tree, _ = parse_tree(source, features)
    name = word(node.desc.name) if node.desc.name else None
    exports = "".join(f" (export {shown})" for shown, _ in node.exports)
    own = word(tree.name) if tree.name else None
    behind = word_end(text, tree.name[1]) if tree.name else tree.at + len("(module")
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
    return edited("(module\n  )", [(10, 10, source.text.strip())])


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
        lines = [_export(n, before, _path(node.instance)) for n in names]
        edits.append((node.at, form_end(made, node.at), "\n".join(lines)))
    return edited(made, edits)


def _path(instance: ast.Index) -> str:
    """An instance as it is written in an item: its index, or the way to it."""
    if isinstance(instance, ast.LinkedItem):
        return " ".join([_path(instance.index), *(shown for shown, _ in instance.path)])
    assert isinstance(instance, tuple), "instances are not outer items"
    return word(instance)


def _export(name: str, before: ValidModule, instance: str) -> str:
    kind = kind_of(before.type.exports[name]).value
    shown = quote_name(name)
    return f"(export {shown} ({kind} {instance} {shown}))"
