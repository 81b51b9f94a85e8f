"""Types with names to types with indices (https://webassembly.github.io/spec/core/text/types.html)."""

from __future__ import annotations

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.module import (
    ExternDesc,
    FuncDesc,
    InstanceDesc,
    InstanceTypeDef,
    Kind,
    ModuleDesc,
    ModuleTypeDef,
    RecGroup,
    TagDesc,
)
from watloom.interp.core.source import Source, Span
from watloom.interp.core.types import (
    ArrayType,
    CompType,
    FieldType,
    FuncType,
    GlobalType,
    HeapType,
    Limits,
    MemType,
    PackType,
    RefType,
    StructType,
    SubType,
    TableType,
    TypeIdx,
    ValType,
)
from watloom.parser import ast, messages
from watloom.parser.numbers import parse_nat
from watloom.parser.resolve.scopes import Scope, is_closed

__all__ = ["Body", "Types"]

#: A module or instance type whose declarations are still to be resolved, and its scope.
Body = tuple[ast.LinkingType, Scope, ModuleTypeDef | InstanceTypeDef]


class Types:
    """Resolves the types of one scope; those of modules and instances are put off in `bodies`."""

    def __init__(self, scope: Scope, source: Source, bodies: list[Body]) -> None:
        self.scope = scope
        self.source = source
        self.bodies = bodies

    # -------------------------------------------------------------- indices

    def index(self, index: ast.Index) -> int:
        """A typeidx; one of an outer module becomes an alias."""
        if isinstance(index, tuple):
            return self.scope.space.index(index)
        assert isinstance(index, ast.OuterItem)
        alias = self.scope.outer(index)
        found = self.scope.by_outer.get((alias.kind, alias.count, alias.index))
        return self.scope.define(alias) if found is None else found

    def heap(self, node: ast.HeapNode) -> HeapType:
        """A heap type."""
        if isinstance(node, tuple | ast.LinkedItem | ast.OuterItem):
            return TypeIdx(self.index(node))
        return node

    def val(self, node: ast.ValNode) -> ValType:
        """A value type."""
        if isinstance(node, ast.RefNode):
            return RefType(node.nullable, TypeIdx(self.index(node.index)))
        return node

    def ref(self, node: ast.ValNode) -> RefType:
        """A reference type."""
        found = self.val(node)
        assert isinstance(found, RefType)
        return found

    def vals(self, nodes: list[ast.ValNode]) -> tuple[ValType, ...]:
        """Value types."""
        return tuple([self.val(node) for node in nodes])

    # -------------------------------------------------------------- uses

    def use(self, node: ast.TypeUseNode, at: int) -> int:
        """The typeidx of a type use: the one named, or that of an equal or new function type.

        Raises MalformedError where parameters and results are written that the type has not.
        """
        if node.index is None:
            return self.scope.implicit(
                FuncType(self.vals(node.params), self.vals(node.results)), at
            )
        index = self.index(node.index)
        if node.params or node.results:
            inline = FuncType(self.vals(node.params), self.vals(node.results))
            self.check_inline(index, inline, node.index)
        return index

    def check_inline(self, index: int, inline: FuncType, written: ast.Index) -> None:
        """Compare the function type that is written with the one that is named."""
        functype = self.scope.functype(index)
        if self.scope.is_outer(index) and not (functype and is_closed(functype)):
            return  # written with the indices of another module: the validator compares
        word, at = written if isinstance(written, tuple) else ("(type", written.at)
        span = Span(at, at + len(word))
        if functype is None:
            raise self.not_functype(index, span, word)
        if functype != inline:
            raise messages.inline_functype(span, self.source, inline=inline, explicit=functype)

    def not_functype(self, index: int, span: Span, word: str) -> MalformedError:
        """The error of a type use whose type is no function type, or is not there."""
        if index >= len(self.scope.types):
            return messages.unknown_index(span, self.source, kind="type", index=word)
        return messages.not_functype(span, self.source, index=word)

    # -------------------------------------------------------------- composite types

    def subtype(self, node: ast.SubTypeNode | None) -> SubType:
        """A definition of a function, struct or array type; None is the bodyless type."""
        if node is None:
            return SubType(FuncType())
        comp = self._comp(node.comp)
        supers = tuple([TypeIdx(self.index(i)) for i in node.supers])
        return SubType(comp, supers, node.final)

    def rec_group(self, node: ast.RecNode) -> RecGroup:
        """Types that may name one another."""
        members = [member.type for member in node.types]
        subtypes = [self.subtype(m) for m in members if isinstance(m, ast.SubTypeNode)]
        assert len(subtypes) == len(members), "the grammar has no others in a group"
        return RecGroup(tuple(subtypes), node.at, tuple([m.at for m in node.types]))

    def _comp(self, node: ast.FuncTypeNode | ast.StructNode | ast.ArrayNode) -> CompType:
        if isinstance(node, ast.FuncTypeNode):
            return FuncType(self.vals(node.params), self.vals(node.results))
        if isinstance(node, ast.ArrayNode):
            return ArrayType(self._field(node.field))
        return StructType(tuple([self._field(f) for group in node.fields for f in group.types]))

    def _field(self, node: ast.FieldNode) -> FieldType:
        storage = node.storage if isinstance(node.storage, PackType) else self.val(node.storage)
        return FieldType(storage, node.mutable)

    # -------------------------------------------------------------- external types

    def limits(self, low: ast.Token, high: ast.Token | None) -> Limits:
        """Limits; numbers of up to 64 bits, which the validator narrows."""
        most = parse_nat(high[0], 64, high[1], self.source) if high else None
        return Limits(parse_nat(low[0], 64, low[1], self.source), most)

    def table(self, node: ast.TableTypeNode) -> TableType:
        """A table type."""
        return TableType(self.limits(node.min, node.max), self.ref(node.elem), node.addr)

    def memory(self, node: ast.MemTypeNode) -> MemType:
        """A memory type."""
        limits = self.limits(node.min, node.max)
        return MemType(limits, node.addr, node.shared, node.page_bits)

    def global_(self, node: ast.GlobalTypeNode) -> GlobalType:
        """A global type."""
        return GlobalType(self.val(node.type), node.mutable)

    def desc(self, node: ast.DescNode) -> ExternDesc:
        """The description of an import, or of an export in a type."""
        type_ = node.type
        if isinstance(type_, ast.TypeUseNode):
            made = TagDesc if node.kind is Kind.TAG else FuncDesc
            return made(self.use(type_, node.at))
        if isinstance(type_, ast.TableTypeNode):
            return self.table(type_)
        if isinstance(type_, ast.MemTypeNode):
            return self.memory(type_)
        if isinstance(type_, ast.GlobalTypeNode):
            return self.global_(type_)
        index = self.linking(type_.type, node.at)
        return ModuleDesc(index) if type_.kind is Kind.MODULE else InstanceDesc(index)

    def linking(self, node: ast.Index | ast.LinkingType, position: int) -> int:
        """The typeidx of a module or instance type, used or written in place."""
        if isinstance(node, ast.LinkingType):
            return self.scope.define(self.body(node, position))
        return self.index(node)

    def body(self, node: ast.LinkingType, position: int) -> ModuleTypeDef | InstanceTypeDef:
        """The definition of a module or instance type; its declarations are filled in later."""
        made = (ModuleTypeDef if node.kind is Kind.MODULE else InstanceTypeDef)([], node.at)
        self.bodies.append((node, self.scope.inner(None, position, node.at), made))
        return made
