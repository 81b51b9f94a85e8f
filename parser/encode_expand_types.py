"""`(export $instance_type)` in a type, in a form that binaries have: a copy of what it stands for.

    (type $I (instance (type $t (func)) (export "f" (func (type $t)))))
    (type (module (alias outer … $I (type $J)) (export $J)))
      the second becomes
    (type (module (alias outer … $I (type $J)) (type $u (func)) (export "f" (func (type $u)))))

Copies come last, so that no other index moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from watloom.interp.core.dataclass import replace
from watloom.interp.core.module import (
    Definition,
    ExternDesc,
    Import,
    InstanceDesc,
    InstanceTypeDef,
    Kind,
    Module,
    ModuleTypeDef,
    OuterAlias,
    RecGroup,
    TypeDecl,
    TypeExport,
)
from watloom.interp.core.types import (
    ArrayType,
    CompType,
    FieldType,
    FuncType,
    GlobalType,
    HeapType,
    MemType,
    PackType,
    RefType,
    StructType,
    SubType,
    TableType,
    TypeIdx,
    close,
    close_functype,
)
from watloom.parser.binary_messages import no_binary_form

__all__ = ["expand_types"]

_OF_NO_INSTANCE = "a zero-level export of what is not known to be an instance type"
_TOO_DEEP = "a zero-level export in types that are nested so deep"
_TOO_MANY = "a zero-level export that stands for so many"
_DEPTH_LIMIT = 100
_COPY_LIMIT = 10_000  # where exports of the same names (invalid) would double at each level

_Found: TypeAlias = "ModuleTypeDef | InstanceTypeDef | OuterAlias | None"


def expand_types(module: Module, around: Sequence[Module]) -> list[Definition]:
    """The definitions of a module without zero-level exports in types.

    `around` are the modules that it stands in, the next one first. Raises UnbuiltError where such
    an export is of nothing that is known to be an instance type.
    """
    expansion = _Expansion([module, *around])
    return [
        replace(d, decls=expansion.decls(d.decls, 0))
        if isinstance(d, ModuleTypeDef | InstanceTypeDef) and _has_zero_level(d)
        else d
        for d in module.definitions
    ]


def _has_zero_level(definition: ModuleTypeDef | InstanceTypeDef) -> bool:
    todo = [definition]
    while todo:
        for decl in todo.pop().decls:
            if isinstance(decl, ModuleTypeDef | InstanceTypeDef):
                todo.append(decl)
            elif isinstance(decl, TypeExport) and decl.name is None:
                return True
    return False


def _type_at(module: Module, index: int) -> _Found:
    """What a typeidx of a module stands for; None for what isn't of module linking."""
    space: list[_Found] = []
    for d in module.definitions:
        _fill(space, d)
    return space[index] if index < len(space) else None


def _fill(space: list[_Found], definition: Definition | TypeDecl) -> None:
    """Enter into a type space what a definition adds to it."""
    if isinstance(definition, RecGroup):
        space += [None] * len(definition.types)
    elif isinstance(definition, ModuleTypeDef | InstanceTypeDef) or (
        isinstance(definition, OuterAlias) and definition.kind is Kind.TYPE
    ):
        space.append(definition)


class _Expansion:
    """The expansion of types that stand in the first of `modules`."""

    def __init__(self, modules: Sequence[Module], copied: int = 0, chain: int = 0) -> None:
        self.modules = modules
        self.copied = copied
        self.chain = chain
        """How many exports of all exports have led here."""

    def decls(self, decls: list[TypeDecl], depth: int) -> list[TypeDecl]:
        """Declarations without zero-level exports."""
        found: list[TypeDecl] = []
        space: list[_Found] = []
        zero_level: list[TypeExport] = []
        for decl in decls:
            if isinstance(decl, TypeExport) and decl.name is None:
                zero_level.append(decl)
                continue
            if isinstance(decl, ModuleTypeDef | InstanceTypeDef):
                if depth > _DEPTH_LIMIT:
                    raise no_binary_form(decl.at, form=_TOO_DEEP)
                decl = replace(decl, decls=self.decls(decl.decls, depth + 1))
            _fill(space, decl)
            found.append(decl)
        types = len(space)
        for export in zero_level:
            for decl in self._copy(export, space, types, depth):
                _fill(space, decl)
                found.append(decl)
            types = len(space)
        return found

    def _copy(
        self, export: TypeExport, space: list[_Found], base: int, depth: int
    ) -> list[TypeDecl]:
        """What an export of all exports stands for, its types from the index `base` on."""
        desc = export.desc
        index = desc.typeidx if isinstance(desc, InstanceDesc) else len(space)
        target = space[index] if index < len(space) else None
        levels = -1  # how far out the type was found; -1 is beside the export
        out = -depth  # from a body in bodies, those come first
        while isinstance(target, OuterAlias):
            further = levels + 1 + target.count + out
            if not levels < further < len(self.modules):
                break
            levels, out = further, 0
            target = _type_at(self.modules[levels], target.index)
        if not isinstance(target, InstanceTypeDef):
            raise no_binary_form(export.at, form=_OF_NO_INSTANCE)
        decls = target.decls
        if levels >= 0:
            outer = _Expansion(self.modules[levels:], self.copied, self.chain + 1)
            decls = outer.decls(decls, 0) if self.chain <= _DEPTH_LIMIT else decls
            self.copied = outer.copied
        self.copied += len(decls)
        if self.copied > _COPY_LIMIT:
            raise no_binary_form(export.at, form=_TOO_MANY)
        return [_moved(decl, base, levels + depth if levels >= 0 else 0) for decl in decls]


# ------------------------------------------------------------------ moving a declaration


def _moved(decl: TypeDecl, base: int, levels: int) -> TypeDecl:
    """A declaration of a type space that now begins at `base`, `levels` modules further in."""
    if isinstance(decl, RecGroup):
        return replace(decl, types=tuple(_moved_subtype(t, base) for t in decl.types))
    if isinstance(decl, OuterAlias):
        return replace(decl, count=decl.count + levels)
    if isinstance(decl, Import | TypeExport):
        return replace(decl, desc=_moved_desc(decl.desc, base))
    if not levels:
        return decl  # a type of its own space: only its outer aliases look out of it
    return replace(decl, decls=[_moved(inner, 0, levels) for inner in decl.decls])


def _moved_heap(heap: HeapType, base: int) -> HeapType:
    return TypeIdx(heap.index + base) if isinstance(heap, TypeIdx) else heap


def _moved_subtype(t: SubType, base: int) -> SubType:
    supers = tuple(_moved_heap(above, base) for above in t.supers)
    return SubType(_moved_comp(t.comp, base), supers, t.final)


def _moved_comp(comp: CompType, base: int) -> CompType:
    if isinstance(comp, FuncType):
        return close_functype(comp, lambda heap: _moved_heap(heap, base))
    if isinstance(comp, StructType):
        return StructType(tuple(_moved_field(field, base) for field in comp.fields))
    return ArrayType(_moved_field(comp.field, base))


def _moved_field(field: FieldType, base: int) -> FieldType:
    if isinstance(field.storage, PackType):
        return field
    return replace(field, storage=close(field.storage, lambda heap: _moved_heap(heap, base)))


def _moved_desc(desc: ExternDesc, base: int) -> ExternDesc:
    if isinstance(desc, MemType):
        return desc
    if isinstance(desc, TableType):
        return replace(desc, elem=RefType(desc.elem.nullable, _moved_heap(desc.elem.heap, base)))
    if isinstance(desc, GlobalType):
        return replace(desc, type=close(desc.type, lambda heap: _moved_heap(heap, base)))
    return replace(desc, typeidx=desc.typeidx + base)
