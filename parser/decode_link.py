"""Reading what module linking adds: module and instance types, instances, aliases
(https://github.com/WebAssembly/module-linking/blob/main/design/proposals/module-linking/Binary.md).
"""

from __future__ import annotations

from watloom.interp.core.module import (
    Alias,
    Import,
    InstanceArg,
    InstanceDef,
    InstanceTypeDef,
    Kind,
    ModuleTypeDef,
    OuterAlias,
    RecGroup,
    TypeDecl,
    TypeExport,
)
from watloom.parser import binary_messages as msg
from watloom.parser.decode_code import CodeReader
from watloom.parser.type_codes import INSTANCE_TYPE, KINDS, MODULE_TYPE

__all__ = ["NESTING_LIMIT", "LinkReader"]

#: How many modules, and types of modules, may lie inside one another; in text as many.
NESTING_LIMIT = 250

_OUTER_KINDS = {5: Kind.MODULE, 7: Kind.TYPE}
_DECL_TYPE, _DECL_IMPORT, _DECL_EXPORT, _DECL_ALIAS = 0x01, 0x02, 0x07, 0x0F
_SINGLE_LEVEL = b"\x00\xff"


class LinkReader(CodeReader):
    """A reader that knows imports, exports and what module linking adds."""

    __slots__ = ()

    def check_depth(self, depth: int) -> None:
        """Refuse what is nested deeper than anybody needs."""
        if depth > NESTING_LIMIT:
            raise msg.nested_too_deep(self.pos, limit=NESTING_LIMIT)

    def typedef(self, depth: int) -> RecGroup | ModuleTypeDef | InstanceTypeDef:
        """An entry of the type section; types in types are on a list, not recursion."""
        found, count = self._begin_type()
        if isinstance(found, RecGroup):
            return found
        opened = [(found, count)]  # with the number of declarations that will follow
        while opened:
            self.check_depth(depth + len(opened))
            outer, left = opened.pop()
            if not left:
                continue
            opened.append((outer, left - 1))
            decl, count = self._declaration(isinstance(outer, ModuleTypeDef))
            outer.decls.append(decl)
            if isinstance(decl, ModuleTypeDef | InstanceTypeDef):
                opened.append((decl, count))
        return found

    def _begin_type(self) -> tuple[RecGroup | ModuleTypeDef | InstanceTypeDef, int]:
        """A type, of module linking without its declarations, and their number."""
        at = self.pos
        code = self.peek()
        if not self.linking or code not in (MODULE_TYPE, INSTANCE_TYPE):
            return self.rectype(), 0
        self.pos += 1
        count = self.count("declarations")
        return (ModuleTypeDef if code == MODULE_TYPE else InstanceTypeDef)([], at), count

    def _declaration(self, in_module: bool) -> tuple[TypeDecl, int]:
        """A declaration, and the number of those that it has in turn."""
        at = self.pos
        kind = self.byte()
        if kind == _DECL_TYPE:
            return self._begin_type()
        if kind == _DECL_IMPORT and in_module:
            return self.import_(), 0
        if kind == _DECL_EXPORT:
            name = self.name()
            return TypeExport(name, self.externdesc(), at), 0
        if kind == _DECL_ALIAS:
            return self._outer_alias({7: Kind.TYPE}), 0
        where = "a module type" if in_module else "an instance type"
        raise msg.malformed_declaration_kind(at, found=self.found(at), where=where)

    def import_(self) -> Import:
        """An import; with linking on it may have a single name."""
        at = self.pos
        module = self.name()
        if self.linking and self.data[self.pos : min(self.pos + 2, self.end)] == _SINGLE_LEVEL:
            self.pos += 2
            return Import(module, None, self.externdesc(), at)
        name = self.name()
        return Import(module, name, self.externdesc(), at)

    def item(self) -> tuple[Kind, int]:
        """The kind and the index of what is exported, or given to an instance."""
        at = self.pos
        kind = KINDS.get(self.byte())
        if kind is None or (not self.linking and kind in (Kind.MODULE, Kind.INSTANCE)):
            help = kind and f"with --proposal +module-linking it is for {kind}s"
            raise msg.malformed_export_kind(at, found=self.found(at), help=help)
        return kind, self.u32()

    def instance(self) -> InstanceDef:
        """An entry of the instance section."""
        at = self.pos
        if self.byte() != 0:
            raise msg.malformed_instance_kind(at, found=self.found(at))
        module = self.u32()
        return InstanceDef(module, self.vec(self._arg, "arguments"), at)

    def _arg(self) -> InstanceArg:
        at = self.pos
        name = self.name()
        kind, index = self.item()
        return InstanceArg(name, kind, index, at)

    def alias(self) -> Alias | OuterAlias:
        """An entry of the alias section."""
        at = self.pos
        if self.peek() != 0:
            return self._outer_alias(_OUTER_KINDS)
        self.pos += 1
        instance = self.u32()
        kind_at = self.pos
        kind = KINDS.get(self.byte())
        if kind is None:
            raise msg.malformed_alias_kind(kind_at, found=self.found(kind_at))
        return Alias(instance, self.name(), kind, at)

    def _outer_alias(self, kinds: dict[int, Kind]) -> OuterAlias:
        at = self.pos
        if self.byte() != 1:
            raise msg.malformed_alias_kind(at, found=self.found(at))
        count = self.u32()
        kind_at = self.pos
        kind = kinds.get(self.byte())
        if kind is None:
            raise msg.malformed_alias_kind(kind_at, found=self.found(kind_at))
        return OuterAlias(count, kind, self.u32(), at)
