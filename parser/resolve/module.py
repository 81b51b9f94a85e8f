"""From the tree of a module to the module IR.

First every definition gets its place in an index space, then what refers to them is resolved, in
the order of the text, so that the function types that are only implied are numbered in that order.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from watloom.interp.core.errors import Note
from watloom.interp.core.features import Features
from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import (
    Active,
    Alias,
    Data,
    Declarative,
    Definition,
    Elem,
    Export,
    ExportAll,
    Func,
    Global,
    Import,
    InstanceArg,
    InstanceDef,
    Kind,
    Local,
    Memory,
    Module,
    Names,
    NestedModule,
    Passive,
    RecGroup,
    Start,
    Table,
    Tag,
)
from watloom.interp.core.source import Source, Span
from watloom.interp.core.types import AbsHeap, NumType, RefType
from watloom.interp.isa import op_table
from watloom.parser import ast, messages
from watloom.parser.resolve.annotations import BARE, Annotations
from watloom.parser.resolve.context import Context
from watloom.parser.resolve.customs import attach
from watloom.parser.resolve.instructions import Code, name_local
from watloom.parser.resolve.module_linking import Placement, resolve_bodies
from watloom.parser.resolve.scopes import Scope
from watloom.parser.strings import decode_name

__all__ = ["resolve"]


def resolve(
    tree: ast.ModuleNode, source: Source, features: Features, warnings: list[Note] | None = None
) -> Module:
    """The module IR of a tree; nested modules are resolved one after the other, not recursively.

    Raises MalformedError for what names, type uses and literals can be wrong in.
    """
    notes = [] if warnings is None else warnings
    annotations = Annotations(source, tree.noted)
    modules: list[Module] = []
    waiting = deque([(tree, Module(source, features), Scope(source, tree.name))])
    while waiting:
        node, made, scope = waiting.popleft()
        resolver = _Resolver(node, Context(source, features, scope, notes, annotations))
        resolver.run(made)
        modules.append(made)
        waiting += resolver.children
    annotations.check_names()
    attach(annotations, modules, source)
    modules[0].warnings = notes
    return modules[0]


class _Resolver:
    """Resolves one module; `children` are the modules inside it, still to be done."""

    def __init__(self, tree: ast.ModuleNode, context: Context) -> None:
        self.tree = tree
        self.context = context
        self.source = context.source
        self.scope = context.scope
        self.types = context.types
        self.annotations = context.annotations
        self.children: list[tuple[ast.ModuleNode, Module, Scope]] = []
        table = op_table(context.features).by_mnemonic
        self.ref_func = table["ref.func"][0]
        self.consts = {NumType.I32: table["i32.const"][0], NumType.I64: table["i64.const"][0]}
        self.preamble: list[Definition] = []
        self.field_names: dict[int, dict[int, str]] = {}
        """Those that are annotated, by typeidx."""
        name = tree.name[0][1:] if tree.name else None
        bare = self.annotations.bare and self.scope.parent is None
        annotated = self.annotations.name(BARE if bare else tree.at)
        self.names = Names(module=name if annotated is None else annotated)

    def run(self, made: Module) -> None:
        """Fill the module in."""
        self.made = made
        made.at = self.tree.at
        self.placement = Placement(self.tree, self.context)
        self.placement.place()
        self._type_names()
        for number, node in enumerate(self.tree.fields):
            if isinstance(node, ast.TypeNode | ast.RecNode) or (
                isinstance(node, ast.OuterAliasNode) and node.kind is Kind.TYPE
            ):
                self._type(node, number)
        inline = self.placement.inline
        for number, node in enumerate(self.tree.fields):
            self.preamble += inline.get(number, ())
            rule = _RULES.get(type(node))
            if rule is not None:
                rule(self, node)
        self.preamble += inline.get(-1, ())
        made.definitions = [*self.scope.definitions, *self.preamble]
        self._finish_names()
        warnings = self.context.warnings if self.context.features.legacy else None
        resolve_bodies(self.types.bodies, self.source, warnings)

    # -------------------------------------------------------------- types

    def _type_names(self) -> None:
        """The names of the fields of structs, which code may use before the type is defined."""
        for node in self.tree.fields:
            members = node.types if isinstance(node, ast.RecNode) else [node]
            for member in members:
                if not isinstance(member, ast.TypeNode) or not isinstance(
                    member.type, ast.SubTypeNode
                ):
                    continue
                comp = member.type.comp
                if isinstance(comp, ast.StructNode):
                    self._field_names(comp, self.placement.types[id(member)].index)

    def _field_names(self, comp: ast.StructNode, typeidx: int) -> None:
        names: dict[str, int] = {}
        count = 0
        for group in comp.fields:
            if group.name is not None:
                word, at = group.name
                if word in names:
                    span = Span(at, at + len(word))
                    first = next(g.name for g in comp.fields if g.name and g.name[0] == word)
                    notes = [Note("first given here", Span(first[1]), self.source)]
                    raise messages.duplicate_name(
                        span, self.source, kind="field", name=word, notes=notes
                    )
                names[word] = count
            count += len(group.types)
        if names:
            self.scope.fields[typeidx] = names
        if self.annotations.names:
            self.field_names[typeidx] = self._annotated(comp.fields)

    def _type(self, node: Any, number: int) -> None:
        for alias in self.placement.type_aliases.get(number, ()):
            self.scope.define(alias)
        if isinstance(node, ast.RecNode):
            self.scope.define(self.types.rec_group(node))
        elif isinstance(node, ast.OuterAliasNode):
            self.scope.define(self.scope.outer(node.outer))
        elif isinstance(node.type, ast.LinkingType):
            self.scope.define(self.types.body(node.type, node.at))
        elif isinstance(node.type, ast.OuterItem):
            self.scope.define(self.scope.outer(node.type))
        else:
            sub = self.types.subtype(node.type)
            self.scope.define(RecGroup((sub,), node.at, (node.at,)))

    # -------------------------------------------------------------- the preamble

    def name(self, token: ast.Token) -> str:
        """The name that a string token stands for."""
        return decode_name(token[0], token[1], self.source)

    def import_(self, node: ast.ImportNode) -> None:
        name = None if node.name is None else self.name(node.name)
        desc = self.types.desc(node.desc)
        self.preamble.append(Import(self.name(node.module), name, desc, node.at))
        self.exports(node, node.desc.kind)

    def nested(self, node: ast.NestedNode) -> None:
        made = Module(self.source, self.context.features)
        inner = self.scope.inner(node.module.name, node.at, node.at)
        self.children.append((node.module, made, inner))
        self.preamble.append(NestedModule(made, node.at))
        self.exports(node, Kind.MODULE)

    def instance(self, node: ast.InstanceNode) -> None:
        module = self.context.of(Kind.MODULE, node.module)
        args = [
            InstanceArg(self.name(arg.name), arg.kind, self.context.of(arg.kind, arg.index), arg.at)
            for arg in node.args
        ]
        self.preamble.append(InstanceDef(module, args, node.at))
        self.exports(node, Kind.INSTANCE)

    def alias(self, node: ast.AliasNode) -> None:
        instance = self.context.of(Kind.INSTANCE, node.instance)
        self.preamble.append(Alias(instance, self.name(node.item), node.kind, node.at))
        self.exports(node, node.kind)

    def outer_alias(self, node: ast.OuterAliasNode) -> None:
        if node.kind is Kind.MODULE:
            self.preamble.append(self.scope.outer(node.outer))
            self.exports(node, Kind.MODULE)

    # -------------------------------------------------------------- definitions

    def exports(self, node: Any, kind: Kind) -> None:
        """The exports that are written inside a definition."""
        for token in node.exports:
            index = self.placement.entries[id(node)].index
            self.made.exports.append(Export(self.name(token), kind, index, token[1]))

    def func(self, node: ast.FuncNode) -> None:
        typeidx = self.types.use(node.type, node.at)
        locals_, names = self._locals(node, typeidx)
        code = Code(self.context, names)
        body = code.resolve(node.body)
        self.made.funcs.append(Func(typeidx, locals_, body, node.at, node.end))
        index = self.placement.entries[id(node)].index
        given = {i: name[1:] for name, i in names.items()}
        if self.annotations.names:
            given |= self._annotated_locals(node, typeidx)
        functype = self.scope.functype(typeidx) if code.let_names else None
        if functype:  # where the validator will put them
            first = len(functype.params) + len(locals_)
            given |= {first + i: name for i, name in code.let_names.items()}
        if given:
            self.names.locals[index] = given
        if code.labels:
            self.names.labels[index] = code.labels
        self.exports(node, Kind.FUNC)

    def _locals(self, node: ast.FuncNode, typeidx: int) -> tuple[list[Local], dict[str, int]]:
        """The locals of a function and the names of parameters and locals."""
        names: dict[str, int] = {}
        for index, token in (node.type.names or {}).items():
            name_local(names, token, index, self.source)
        if not node.locals:
            return [], names
        locals_: list[Local] = []
        count = -1
        for group in node.locals:
            if group.name is not None:
                if count < 0:
                    count = self._param_count(node, typeidx)
                name_local(names, group.name, count + len(locals_), self.source)
            locals_ += [Local(self.types.val(t), group.at) for t in group.types]
        return locals_, names

    def _annotated_locals(self, node: ast.FuncNode, typeidx: int) -> dict[int, str]:
        """The names that are annotated to parameters and locals."""
        functype = self.scope.functype(typeidx)
        count = len(functype.params) if functype else len(node.type.params)
        return self._annotated(node.type.variables) | {
            count + i: name for i, name in self._annotated(node.locals).items()
        }

    def _annotated(self, groups: list[ast.Variable]) -> dict[int, str]:
        """The names that are annotated to parameters, locals or fields, by number."""
        found: dict[int, str] = {}
        count = 0
        for group in groups:
            if len(group.types) == 1:
                name = self.annotations.name(group.at)
                if name is not None:
                    found[count] = name
            count += len(group.types)
        return found

    def _param_count(self, node: ast.FuncNode, typeidx: int) -> int:
        if node.type.params or node.type.index is None:
            return len(node.type.params)
        functype = self.scope.functype(typeidx)
        if functype is None:
            index = node.type.index
            word, at = index if isinstance(index, tuple) else (str(typeidx), index.at)
            raise self.types.not_functype(typeidx, Span(at, at + len(word)), word)
        return len(functype.params)

    def expr(self, code: ast.Code) -> Expr:
        """A constant expression."""
        return Code(self.context).resolve(code)

    def zero(self, addr: NumType, at: int) -> Expr:
        """The offset of a segment that is written inside its table or memory."""
        return [Instr(self.consts[addr], (0,), at)]

    def table(self, node: ast.TableNode) -> None:
        type_ = self.types.table(node.type)
        init = self.expr(node.init) if node.init else None
        self.made.tables.append(Table(type_, init, node.at))
        if node.elems is not None:
            mode = Active(self.placement.entries[id(node)].index, self.zero(type_.addr, node.at))
            self.made.elems.append(Elem(type_.elem, self.items(node.elems), mode, node.at))
        self.exports(node, Kind.TABLE)

    def items(self, items: list[Any]) -> list[Expr]:
        """The elements of a segment: expressions, or functions by index."""
        return [
            self.expr(item)
            if isinstance(item, list)
            else [
                Instr(
                    self.ref_func,
                    (self.context.index("func", item),),
                    item[1] if isinstance(item, tuple) else item.at,
                )
            ]
            for item in items
        ]

    def memory(self, node: ast.MemoryNode) -> None:
        type_ = self.types.memory(node.type)
        self.made.memories.append(Memory(type_, node.at))
        if node.data is not None:
            mode = Active(self.placement.entries[id(node)].index, self.zero(type_.addr, node.at))
            self.made.datas.append(Data(node.data, mode, node.at))
        self.exports(node, Kind.MEMORY)

    def global_(self, node: ast.GlobalNode) -> None:
        type_ = self.types.global_(node.type)
        self.made.globals.append(Global(type_, self.expr(node.init), node.at))
        self.exports(node, Kind.GLOBAL)

    def tag(self, node: ast.TagNode) -> None:
        self.made.tags.append(Tag(self.types.use(node.type, node.at), node.at))
        self.exports(node, Kind.TAG)

    def export(self, node: ast.ExportNode) -> None:
        index = self.context.of(node.kind, node.index)
        self.made.exports.append(Export(self.name(node.name), node.kind, index, node.at))

    def export_all(self, node: ast.ExportAllNode) -> None:
        self.made.exports.append(ExportAll(self.context.of(Kind.INSTANCE, node.instance), node.at))

    def start(self, node: ast.StartNode) -> None:
        if self.made.start is not None:
            note = Note("the first one", Span(self.made.start.at), self.source)
            raise messages.multiple_starts(node.at, self.source, notes=[note])
        self.made.start = Start(self.context.of(Kind.FUNC, node.func), node.at)

    def elem(self, node: ast.ElemNode) -> None:
        type_ = RefType(False, AbsHeap.FUNC) if node.type is None else self.types.ref(node.type)
        mode = self._mode("table", node.mode)
        self.made.elems.append(Elem(type_, self.items(node.items), mode, node.at))

    def data(self, node: ast.DataNode) -> None:
        mode = self._mode("memory", node.mode)
        assert not isinstance(mode, Declarative)
        self.made.datas.append(Data(node.init, mode, node.at))

    def _mode(self, space: str, mode: Any) -> Active | Passive | Declarative:
        if isinstance(mode, ast.ActiveNode):
            target = 0 if mode.target is None else self.context.index(space, mode.target)
            return Active(target, self.expr(mode.offset))
        return Passive() if isinstance(mode, ast.PassiveNode) else Declarative()

    # -------------------------------------------------------------- names

    def _finish_names(self) -> None:
        names, spaces = self.names, self.context.spaces
        given = {name: space.given_names(self.annotations.name) for name, space in spaces.items()}
        names.spaces = {kind: given[kind.value] for kind in Kind if given.get(kind.value)}
        names.elems, names.datas = given["elem"], given["data"]
        for typeidx, fields in self.scope.fields.items():
            names.fields[typeidx] = {i: name[1:] for name, i in fields.items()}
        for typeidx, annotated in self.field_names.items():
            if annotated:
                names.fields.setdefault(typeidx, {}).update(annotated)
        self.made.names = names


_RULES: dict[type, Any] = {
    ast.ImportNode: _Resolver.import_,
    ast.NestedNode: _Resolver.nested,
    ast.InstanceNode: _Resolver.instance,
    ast.AliasNode: _Resolver.alias,
    ast.OuterAliasNode: _Resolver.outer_alias,
    ast.FuncNode: _Resolver.func,
    ast.TableNode: _Resolver.table,
    ast.MemoryNode: _Resolver.memory,
    ast.GlobalNode: _Resolver.global_,
    ast.TagNode: _Resolver.tag,
    ast.ExportNode: _Resolver.export,
    ast.ExportAllNode: _Resolver.export_all,
    ast.StartNode: _Resolver.start,
    ast.ElemNode: _Resolver.elem,
    ast.DataNode: _Resolver.data,
}
