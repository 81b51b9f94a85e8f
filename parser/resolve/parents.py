"""Types of enclosing modules that the body of a module or instance type names directly.

    (module $P                                      (module $P
      (type $T (func))                                (type $T (func))
      (import "m" (module                             (import "m" (module
        (export "f" (func (type $T))))))                (export "f" (func (type outer $P $T))))))

A body has types of its own, so this is an error that shows the right form; the legacy dialect, in
which the proposal's own examples are written, reads the left form as the right one and warns.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from watloom.interp.core.errors import Note
from watloom.interp.core.module import Kind
from watloom.interp.core.source import Source, Span
from watloom.parser import ast, messages
from watloom.parser.resolve.scopes import Scope

__all__ = ["adopt_parents"]


def adopt_parents(
    node: ast.LinkingType, scope: Scope, source: Source, warnings: list[Note] | None
) -> None:
    """Replace the names of enclosing modules' types in a body by outer items.

    `warnings` is None in the strict dialect, where such a name raises MalformedError.
    """
    own: set[str] = set()
    for d in node.decls:
        if isinstance(d, ast.TypeNode | ast.RecNode | ast.OuterAliasNode):
            members = d.types if isinstance(d, ast.RecNode) else [d]
            own |= {member.name[0] for member in members if member.name}
    for number, decl in enumerate(node.decls):
        for holder, place in _names(decl):
            token = _get(holder, place)
            found = None if token[0] in own else _outer(scope, token)
            if found is None:
                continue
            item, written = found
            if warnings is None:
                span = Span(token[1], token[1] + len(token[0]))
                raise messages.parent_type(span, source, name=token[0], outer=written)
            text = f"{token[0]} is a type of an enclosing module: write {written}"
            warnings.append(Note(text, Span(token[1]), source))
            _set(holder, place, item)
            node.inline.setdefault(number, []).append(item)


def _outer(scope: Scope, token: ast.Token) -> tuple[ast.OuterItem, str] | None:
    """The item that the nearest enclosing module has under a name, and how to write it."""
    around, count = scope.parent, 0
    while around is not None:
        if token[0] in around.space.names:
            item = ast.OuterItem(Kind.TYPE, (str(count), token[1]), token, token[1])
            module = around.name[0] if around.name else str(count)
            return item, f"(type outer {module} {token[0]})"
        around, count = around.parent, count + 1
    return None


_Place = tuple[Any, str | int]


def _names(decl: Any) -> list[_Place]:
    """The places in a declaration where a type is named, bodies inside it left out."""
    found: list[_Place] = []
    work = [decl]
    while work:
        node = work.pop()
        if isinstance(node, list | tuple):
            work += node
        elif isinstance(node, ast.LinkingType) or not dataclasses.is_dataclass(node):
            continue
        else:
            found += _of(node)
            work += [getattr(node, f.name) for f in dataclasses.fields(node)]
    return [(holder, place) for holder, place in found if _is_name(_get(holder, place))]


def _of(node: Any) -> list[_Place]:
    """Where this node itself names a type."""
    if isinstance(node, ast.RefNode | ast.TypeUseNode):
        return [(node, "index")]
    if isinstance(node, ast.LinkingDesc):
        return [(node, "type")]
    if isinstance(node, ast.TypeExportNode):
        return [(node, "all")]
    if isinstance(node, ast.SubTypeNode):
        return [(node.supers, i) for i in range(len(node.supers))]
    return []


def _is_name(index: Any) -> bool:
    return isinstance(index, tuple) and str(index[0])[:1] == "$"


def _get(holder: Any, place: str | int) -> Any:
    return getattr(holder, place) if isinstance(place, str) else holder[place]


def _set(holder: Any, place: str | int, item: ast.OuterItem) -> None:
    if isinstance(place, str):
        setattr(holder, place, item)
    else:
        holder[place] = item
