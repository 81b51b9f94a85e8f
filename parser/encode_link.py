"""Writing what module linking adds; the inverse of `decode_link`."""

from __future__ import annotations

from collections.abc import Iterator

from watloom.interp.core.module import (
    Alias,
    Import,
    InstanceDef,
    InstanceTypeDef,
    Kind,
    ModuleTypeDef,
    OuterAlias,
    RecGroup,
    TypeDecl,
    TypeExport,
)
from watloom.parser.encode_code import CodeWriter
from watloom.parser.type_codes import INSTANCE_TYPE, KINDS, MODULE_TYPE

__all__ = ["LinkWriter"]

_KINDS = {kind: code for code, kind in KINDS.items()}
_OUTER_KINDS = {Kind.MODULE: 5, Kind.TYPE: 7}
_DECL_TYPE, _DECL_IMPORT, _DECL_EXPORT, _DECL_ALIAS = 0x01, 0x02, 0x07, 0x0F


class LinkWriter(CodeWriter):
    """A writer that knows imports, exports and what module linking adds."""

    __slots__ = ()

    def typedef(self, definition: RecGroup | ModuleTypeDef | InstanceTypeDef) -> None:
        """An entry of the type section; types in types are on a list, not recursion."""
        opened: list[Iterator[TypeDecl]] = []
        self._begin_type(definition, opened)
        while opened:
            decl = next(opened[-1], None)
            if decl is None:
                opened.pop()
            elif isinstance(decl, RecGroup | ModuleTypeDef | InstanceTypeDef):
                self.byte(_DECL_TYPE)
                self._begin_type(decl, opened)
            else:
                self._declaration(decl)

    def _begin_type(
        self,
        definition: RecGroup | ModuleTypeDef | InstanceTypeDef,
        opened: list[Iterator[TypeDecl]],
    ) -> None:
        if isinstance(definition, RecGroup):
            self.rectype(definition)
            return
        self.byte(MODULE_TYPE if isinstance(definition, ModuleTypeDef) else INSTANCE_TYPE)
        self.u32(len(definition.decls))
        opened.append(iter(definition.decls))

    def _declaration(self, decl: Import | TypeExport | OuterAlias) -> None:
        if isinstance(decl, Import):
            self.byte(_DECL_IMPORT)
            self.import_(decl)
        elif isinstance(decl, TypeExport):
            assert decl.name is not None, "encode_expand_types has written these out"
            self.byte(_DECL_EXPORT)
            self.name(decl.name)
            self.externdesc(decl.desc)
        else:
            self.byte(_DECL_ALIAS)
            self.alias(decl)

    def import_(self, import_: Import) -> None:
        """An import; one with a single name is marked by 00 ff."""
        self.name(import_.module)
        if import_.name is None:
            self.bytes(b"\x00\xff")
        else:
            self.name(import_.name)
        self.externdesc(import_.desc)

    def item(self, kind: Kind, index: int) -> None:
        """The kind and the index of what is exported, or given to an instance."""
        self.byte(_KINDS[kind])
        self.u32(index)

    def instance(self, instance: InstanceDef) -> None:
        """An entry of the instance section."""
        self.byte(0)
        self.u32(instance.module)
        self.u32(len(instance.args))
        for arg in instance.args:
            self.name(arg.name)
            self.item(arg.kind, arg.index)

    def alias(self, alias: Alias | OuterAlias) -> None:
        """An entry of the alias section."""
        if isinstance(alias, Alias):
            self.byte(0)
            self.u32(alias.instance)
            self.byte(_KINDS[alias.kind])
            self.name(alias.name)
        else:
            self.byte(1)
            self.u32(alias.count)
            self.byte(_OUTER_KINDS[alias.kind])
            self.u32(alias.index)
