"""Places in the index spaces, and what module linking adds to them.

    (instance $i (instantiate $M))                  (instance $i (instantiate $M))
    (func (call (func $i "a" "f")))                 (alias $i "a" (instance))
                                                    (alias <that> "f" (func))
                                                    (func (call <that>))

An item of an instance that stands where an index may stand becomes an alias: in front of the field
that uses it if that belongs to the preamble, else behind the whole preamble; equal ones become one.
The module name of a two-level import takes a place in the space of instances, where it is met
first.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from watloom.interp.core.errors import Note
from watloom.interp.core.module import (
    Alias,
    Definition,
    Import,
    InstanceDesc,
    Kind,
    OuterAlias,
    RecGroup,
    TypeDecl,
    TypeExport,
)
from watloom.interp.core.source import Source, Span
from watloom.parser import ast, messages
from watloom.parser.resolve.context import Context
from watloom.parser.resolve.parents import adopt_parents
from watloom.parser.resolve.scopes import Scope
from watloom.parser.resolve.spaces import Entry
from watloom.parser.resolve.types import Body, Types
from watloom.parser.strings import decode_name

__all__ = ["Placement", "resolve_bodies"]

_OWN_NODES = (ast.FuncNode, ast.TableNode, ast.MemoryNode, ast.GlobalNode, ast.TagNode)
_OWN = dict(zip(_OWN_NODES, ("func", "table", "memory", "global", "tag"), strict=True))
_Own: TypeAlias = ast.FuncNode | ast.TableNode | ast.MemoryNode | ast.GlobalNode | ast.TagNode
_PREAMBLE = (
    ast.ImportNode, ast.NestedNode, ast.InstanceNode, ast.AliasNode, ast.OuterAliasNode,
)  # fmt: skip


class Placement:
    """The places of all definitions of a module.

    `entries` and `types` find an entry by the id of its node. `inline[n]` are the aliases that
    stand before field n, `inline[-1]` those behind the preamble, `type_aliases[n]` those among the
    types.
    """

    def __init__(self, tree: ast.ModuleNode, context: Context) -> None:
        self.tree = tree
        self.context = context
        self.spaces = context.spaces
        self.scope = context.scope
        self.linking = context.features.has("module-linking")
        self.entries: dict[int, Entry] = {}
        self.types: dict[int, Entry] = {}
        self.inline: dict[int, list[Definition]] = {}
        self.type_aliases: dict[int, list[OuterAlias]] = {}
        self._implied: dict[str, Entry] = {}
        self._aliases: dict[tuple[int, str, Kind], Entry] = {}
        self._outer: dict[tuple[int, int], Entry] = {}
        self._pending: list[tuple[Alias, Entry]] = []

    def place(self) -> None:
        """Number everything.

        Raises MalformedError for names given twice, unknown instances, imports after definitions.
        """
        self._add_all()
        if not self.tree.inline:
            self._order_plainly()
        else:
            self._order_with_inline()
        for space in self.spaces.values():
            space.number()
        for alias, instance in self._pending:
            alias.instance = instance.index

    # -------------------------------------------------------------- what is written

    def _add_all(self) -> None:
        last_own: _Own | None = None
        for node in self.tree.fields:
            if isinstance(node, _OWN_NODES):
                own, last_own = _OWN[type(node)], node
                self.entries[id(node)] = self.spaces[own].add(node.name, node.at, own=True)
            elif isinstance(node, ast.TypeNode):
                self.types[id(node)] = self.spaces["type"].add(node.name, node.at)
            elif isinstance(node, ast.RecNode):
                for member in node.types:
                    self.types[id(member)] = self.spaces["type"].add(member.name, member.at)
            elif isinstance(node, ast.ImportNode):
                if last_own is not None:
                    own, source = _OWN[type(last_own)], self.context.source
                    kind = "function" if own == "func" else own
                    notes = [Note(f"the {kind}", Span(last_own.at), source)]
                    raise messages.import_after(node.at, source, kind=kind, notes=notes)
                self._add_import(node)
            elif isinstance(node, ast.NestedNode):
                self.entries[id(node)] = self.spaces["module"].add(node.module.name, node.at)
            elif isinstance(node, ast.InstanceNode):
                self.entries[id(node)] = self.spaces["instance"].add(node.name, node.at)
            elif isinstance(node, ast.AliasNode | ast.OuterAliasNode):
                self.entries[id(node)] = self.spaces[node.kind.value].add(node.name, node.at)
            elif isinstance(node, ast.ElemNode):
                self.spaces["elem"].add(node.name, node.at)
            elif isinstance(node, ast.DataNode):
                self.spaces["data"].add(node.name, node.at)
            if isinstance(node, ast.TableNode) and node.elems is not None:
                self.spaces["elem"].add(None, node.at, opener=-1)
            if isinstance(node, ast.MemoryNode) and node.data is not None:
                self.spaces["data"].add(None, node.at, opener=-1)

    def _add_import(self, node: ast.ImportNode) -> None:
        if self.linking and node.name is not None:
            module = decode_name(*node.module, self.context.source)
            if module not in self._implied:
                self._implied[module] = self.spaces["instance"].add(None, node.at, opener=-1)
        desc = node.desc
        space = self.spaces[desc.kind.value]
        self.entries[id(node)] = space.add(desc.name, node.at, opener=desc.at)

    # -------------------------------------------------------------- the order of the IR

    def _order_plainly(self) -> None:
        for space in self.spaces.values():
            space.order = [entry for entry in space.written if not entry.own]

    def _order_with_inline(self) -> None:
        implied = {entry.at: entry for entry in self._implied.values()}
        own: list[int] = []
        for number, node in enumerate(self.tree.fields):
            if isinstance(node, ast.TypeNode | ast.RecNode):
                self._type_inline(number)
                members = node.types if isinstance(node, ast.RecNode) else [node]
                self.spaces["type"].order += [self.types[id(member)] for member in members]
                continue
            if not isinstance(node, _PREAMBLE):
                own.append(number)
                continue
            self._inline(number, number)
            if node.at in implied:
                self.spaces["instance"].order.append(implied[node.at])
            entry = self.entries[id(node)]
            kind = node.desc.kind if isinstance(node, ast.ImportNode) else self._kind(node)
            self.spaces[kind.value].order.append(entry)
            if isinstance(node, ast.AliasNode):
                self._note_alias(node, entry)
        for number in own:
            self._inline(number, -1)
        for name in ("elem", "data"):
            self.spaces[name].order = list(self.spaces[name].written)

    @staticmethod
    def _kind(node: Any) -> Kind:
        if isinstance(node, ast.NestedNode):
            return Kind.MODULE
        return Kind.INSTANCE if isinstance(node, ast.InstanceNode) else node.kind

    def _note_alias(self, node: ast.AliasNode, entry: Entry) -> None:
        """An explicit alias serves equal inline items behind it."""
        instance = self._instance(node.instance)
        if instance is not None:
            key = (id(instance), decode_name(*node.item, self.context.source), node.kind)
            self._aliases.setdefault(key, entry)

    def _instance(self, index: ast.Index) -> Entry | None:
        if not isinstance(index, tuple):
            return self.context.inline[id(index)]
        return self.spaces["instance"].find(index)

    def _type_inline(self, number: int) -> None:
        """Outer types used by type definitions: their aliases stand in front."""
        for item in self.tree.inline.get(number, ()):
            assert isinstance(item, ast.OuterItem)
            alias = self.scope.outer(item)
            key = (alias.count, alias.index)
            if key not in self._outer:
                self._outer[key] = Entry(item.at)
                self.spaces["type"].order.append(self._outer[key])
                self.type_aliases.setdefault(number, []).append(alias)

    def _inline(self, number: int, place: int) -> None:
        made = self.inline.setdefault(place, [])
        for item in self.tree.inline.get(number, ()):
            if isinstance(item, ast.LinkedItem):
                self.context.inline[id(item)] = self._linked(item, made)
            elif item.kind is Kind.MODULE:
                self.context.inline[id(item)] = self._outer_module(item, made)

    def _outer_module(self, item: ast.OuterItem, made: list[Definition]) -> Entry:
        alias = self.scope.outer(item)
        key = (alias.count, -1 - alias.index)
        if key not in self._outer:
            self._outer[key] = Entry(item.at)
            self.spaces["module"].order.append(self._outer[key])
            made.append(alias)
        return self._outer[key]

    def _linked(self, item: ast.LinkedItem, made: list[Definition]) -> Entry:
        instance = self._instance(item.index)
        if instance is None:
            word, at = item.index if isinstance(item.index, tuple) else ("", item.at)
            span = Span(at, at + len(word))
            raise messages.unknown_index(span, self.context.source, kind="instance", index=word)
        for token in item.path[:-1]:
            instance = self._alias(instance, token, Kind.INSTANCE, made)
        return self._alias(instance, item.path[-1], item.kind, made)

    def _alias(
        self, instance: Entry, token: ast.Token, kind: Kind, made: list[Definition]
    ) -> Entry:
        name = decode_name(*token, self.context.source)
        key = (id(instance), name, kind)
        found = self._aliases.get(key)
        if found is None:
            found = self._aliases[key] = Entry(token[1])
            self.spaces[kind.value].order.append(found)
            alias = Alias(-1, name, kind, token[1])
            made.append(alias)
            self._pending.append((alias, instance))
        return found


# ------------------------------------------------------------------ module and instance types


def resolve_bodies(bodies: list[Body], source: Source, warnings: list[Note] | None = None) -> None:
    """Fill in the declarations of module and instance types, those inside them included.

    `warnings` takes what the legacy dialect reads otherwise; it is None in the strict one.
    """
    while bodies:
        node, scope, made = bodies.pop()
        adopt_parents(node, scope, source, warnings)
        resolver = _BodyResolver(node, scope, source, bodies)
        made.decls = resolver.run()


class _BodyResolver:
    """Resolves one body: its types come first, then what uses them."""

    def __init__(
        self, node: ast.LinkingType, scope: Scope, source: Source, bodies: list[Body]
    ) -> None:
        self.node = node
        self.scope = scope
        self.source = source
        self.types = Types(scope, source, bodies)

    def run(self) -> list[TypeDecl]:
        """The declarations."""
        aliases = self._place()
        decls: list[TypeDecl] = []
        for number, decl in enumerate(self.node.decls):
            for alias in aliases.get(number, ()):
                self.scope.define(alias)
            if isinstance(decl, ast.TypeNode):
                self._type(decl)
            elif isinstance(decl, ast.RecNode):
                self.scope.define(self.types.rec_group(decl))
            elif isinstance(decl, ast.OuterAliasNode):
                self.scope.define(self.scope.outer(decl.outer))
        for decl in self.node.decls:
            if isinstance(decl, ast.ImportNode):
                if self.node.kind is Kind.INSTANCE:
                    raise messages.import_in_instance(decl.at, self.source)
                name = None if decl.name is None else self.name(decl.name)
                desc = self.types.desc(decl.desc)
                decls.append(Import(self.name(decl.module), name, desc, decl.at))
            elif isinstance(decl, ast.TypeExportNode):
                decls.append(self._export(decl))
        return [*self.scope.definitions, *decls]

    def name(self, token: ast.Token) -> str:
        """The name that a string token stands for."""
        return decode_name(token[0], token[1], self.source)

    def _place(self) -> dict[int, list[OuterAlias]]:
        """Number the types; the outer types that they use are put in front of them."""
        space = self.scope.space
        aliases: dict[int, list[OuterAlias]] = {}
        seen: set[tuple[int, int]] = set()
        for number, decl in enumerate(self.node.decls):
            if not isinstance(decl, ast.TypeNode | ast.RecNode | ast.OuterAliasNode):
                continue
            for item in self.node.inline.get(number, ()):
                assert isinstance(item, ast.OuterItem)
                alias = self.scope.outer(item)
                if (alias.count, alias.index) not in seen:
                    seen.add((alias.count, alias.index))
                    space.order.append(Entry(item.at))
                    aliases.setdefault(number, []).append(alias)
            for each in decl.types if isinstance(decl, ast.RecNode) else [decl]:
                space.order.append(space.add(each.name, each.at))
        space.number()
        return aliases

    def _type(self, decl: ast.TypeNode) -> None:
        if isinstance(decl.type, ast.LinkingType):
            self.scope.define(self.types.body(decl.type, decl.at))
        elif isinstance(decl.type, ast.OuterItem):
            self.scope.define(self.scope.outer(decl.type))
        else:
            self.scope.define(RecGroup((self.types.subtype(decl.type),), decl.at, (decl.at,)))

    def _export(self, decl: ast.TypeExportNode) -> TypeExport:
        if decl.name is None:
            assert decl.all is not None
            return TypeExport(None, InstanceDesc(self.types.index(decl.all)), decl.at)
        assert decl.desc is not None
        return TypeExport(self.name(decl.name), self.types.desc(decl.desc), decl.at)
