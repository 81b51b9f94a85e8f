"""Validating the preamble: types, imports, nested modules, instances and aliases, in their order.

(type $t (func))                          type 0
(import "a" "f" (func (type $t)))         function 0, and instance 0: what "a" must be
(module $m (import "g" (func)))           module 0
(instance $i (instantiate $m              instance 1
  (import "g" (func 0))))
"""

from __future__ import annotations

from collections.abc import Callable

from watloom.interp.core.difference import explained, side_by_side
from watloom.interp.core.matching import matches_comp, matches_extern
from watloom.interp.core.messages import nearest
from watloom.interp.core.module import (
    Alias,
    Import,
    InstanceDef,
    InstanceTypeDef,
    Kind,
    Module,
    ModuleTypeDef,
    NestedModule,
    OuterAlias,
    RecGroup,
    TypeDecl,
    TypeExport,
)
from watloom.interp.core.types import (
    MAX_ANCESTORS,
    ArrayType,
    CompType,
    DefType,
    ExternType,
    FuncType,
    GlobalType,
    HeapType,
    InstanceType,
    MemType,
    ModuleType,
    StructType,
    TableType,
    TagType,
    TypeIdx,
    define_rec_group,
)
from watloom.interp.validate import messages
from watloom.interp.validate.context import Context
from watloom.interp.validate.externs import close_extern
from watloom.interp.validate.valid import ValidModule

__all__ = ["Preamble", "kind_of"]

_EARLIER = (
    "an instance can be given what stands before it: imports, aliases, instances and modules; "
    "the module's own functions, tables, memories and globals are made after all instances"
)


def kind_of(t: ExternType) -> Kind:
    """The kind of thing that an external type describes."""
    kinds = {
        DefType: Kind.FUNC,
        TableType: Kind.TABLE,
        MemType: Kind.MEMORY,
        GlobalType: Kind.GLOBAL,
        TagType: Kind.TAG,
        ModuleType: Kind.MODULE,
        InstanceType: Kind.INSTANCE,
    }
    return kinds[type(t)]


class Preamble:
    """Fills a context from the definitions of its module."""

    def __init__(
        self, context: Context, validate: Callable[[Module, Context], ValidModule]
    ) -> None:
        self.context = context
        self.validate = validate
        self.imports: list[ExternType] = []
        self.nested: list[ValidModule] = []
        self._implied: dict[str, InstanceType] = {}
        self._single: dict[str, ExternType] = {}

    def define_all(self) -> None:
        """Check every definition and add it to its index space."""
        for definition in self.context.module.definitions:
            match definition:
                case RecGroup() | ModuleTypeDef() | InstanceTypeDef():
                    define_type(self.context, definition)
                case Import():
                    self._import(definition)
                case NestedModule():
                    valid = self.validate(definition.module, self.context)
                    self.nested.append(valid)
                    self.context.modules.append(valid.type)
                case InstanceDef():
                    self._instance(definition)
                case Alias():
                    self._alias(definition)
                case OuterAlias():
                    outer_alias(self.context, definition)

    # ------------------------------------------------------------------ imports

    def _import(self, imported: Import) -> None:
        context = self.context
        t = close_extern(context, imported.desc, imported.at)
        self.imports.append(t)
        if imported.name is None:
            self._no_duplicate(
                imported.module in self._single or imported.module in self._implied, imported
            )
            self._single[imported.module] = t
        else:
            if imported.module not in self._implied:
                self._no_duplicate(imported.module in self._single, imported)
                self._implied[imported.module] = InstanceType({})
                if context.module.features.has("module-linking"):
                    context.instances.append(self._implied[imported.module])
            exports = self._implied[imported.module].exports
            self._no_duplicate(imported.name in exports, imported)
            exports.setdefault(imported.name, t)
        context.add(t)

    def _no_duplicate(self, seen: bool, imported: Import) -> None:
        if seen and self.context.module.features.has("unique-imports"):
            name = (
                imported.module if imported.name is None else f"{imported.module}.{imported.name}"
            )
            raise self.context.error(messages.duplicate_import, imported.at, name=name)

    def import_names(self) -> dict[str, ExternType]:
        """The imports as module linking sees them: by their first name alone."""
        return {**self._implied, **self._single}

    # ------------------------------------------------------------------ instances and aliases

    def _instance(self, definition: InstanceDef) -> None:
        context, at = self.context, definition.at
        wanted = context.find("module", context.modules, definition.module, at)
        given: dict[str, ExternType] = {}
        for arg in definition.args:
            if arg.name in given:
                raise context.error(messages.argument_duplicate, arg.at, name=arg.name)
            given[arg.name] = context.extern(arg.kind, arg.index, arg.at, _EARLIER)
            want = wanted.imports.get(arg.name)
            if want is not None and not matches_extern(given[arg.name], want):
                why = explained(given[arg.name], want)
                raise context.error(messages.argument_type, arg.at, name=arg.name, **why)
        for name, want in wanted.imports.items():
            if name not in given:
                word = kind_of(want).value
                raise context.error(messages.argument_missing, at, name=name, type=want, word=word)
        context.instances.append(InstanceType(wanted.exports))

    def _alias(self, alias: Alias) -> None:
        context, at = self.context, alias.at
        exports = context.find("instance", context.instances, alias.instance, at).exports
        if alias.name not in exports:
            known = ", ".join(repr(n) for n in exports) or "nothing"
            near = nearest(alias.name, list(exports))
            help = f"did you mean {near!r}?" if near else None
            raise context.error(
                messages.no_such_export, at, name=alias.name, exports=known, help=help
            )
        t = exports[alias.name]
        if kind_of(t) is not alias.kind:
            have = kind_of(t)
            raise context.error(
                messages.export_kind,
                at,
                name=alias.name,
                have=have,
                want=alias.kind,
                word=have.value,
            )
        context.add(t)


# ------------------------------------------------------------------ types


def define_type(context: Context, definition: RecGroup | ModuleTypeDef | InstanceTypeDef) -> None:
    """Add a rec group, a module type or an instance type to the type space."""
    if isinstance(definition, RecGroup):
        _rec_group(context, definition)
        return
    imports, exports = _type_body(context, definition.decls)
    is_module = isinstance(definition, ModuleTypeDef)
    context.types.append(ModuleType(imports, exports) if is_module else InstanceType(exports))


def _rec_group(context: Context, group: RecGroup) -> None:
    """Rectype_ok: members may refer to earlier types and to one another."""
    first = len(context.types)

    def outer(heap: HeapType) -> HeapType:
        if isinstance(heap, TypeIdx) and heap.index >= first:
            name = context.name("type", heap.index)
            raise context.error(messages.forward_type, group.at, name=name)
        return context.close_heap(heap, group.at)

    defined = define_rec_group(group.types, outer, first)
    for i, (deftype, subtype) in enumerate(zip(defined, group.types, strict=True)):
        at = group.ats[i] if i < len(group.ats) else group.at
        context.types.append(deftype)
        _check_count(context, deftype.comp, at)
        if len(deftype.ancestors) > MAX_ANCESTORS + 1:
            raise context.error(messages.deep_sub_type, at, index=first + i, most=MAX_ANCESTORS)
        for heap, above in zip(subtype.supers, deftype.supers, strict=True):
            assert isinstance(heap, TypeIdx)
            wrong = _wrong_super(deftype, above, late=heap.index >= first + i)
            if wrong:
                why, help = wrong
                raise context.error(
                    messages.unknown_super, at, index=first + i, super=heap, why=why, help=help
                )


#: As many parameters, and as many results, a function type may have (as in other engines): each
#: branch and call moves all of them.
MAX_VALUES = 1_000


def _check_count(context: Context, comp: CompType, at: int) -> None:
    if isinstance(comp, FuncType):
        for what, types in (("parameters", comp.params), ("results", comp.results)):
            if len(types) > MAX_VALUES:
                raise context.error(
                    messages.too_many_values, at, what=what, count=len(types), most=MAX_VALUES
                )


_SUB_RULES: dict[type, str] = {
    FuncType: "a sub type takes the same or more general types, and gives the same or sub types",
    StructType: "a sub type has the same fields in front; only immutable ones may be narrowed",
    ArrayType: "a sub type has the same elements; only immutable ones may be narrowed",
}


def _wrong_super(sub: DefType, above: DefType, late: bool) -> tuple[str, str] | None:
    """Why a type cannot be the supertype of another, and what to do; None if it can."""
    if late:
        return ": a super type must come first", "change the order of the two"
    if above.final:
        return ": the super type is final", "declare it open to sub types: (sub (struct …))"
    if not matches_comp(sub.comp, above.comp):
        types = side_by_side(str(above.comp), str(sub.comp), ("super", "sub  "))
        return f"\n{types}", _SUB_RULES[type(above.comp)]
    return None


def _type_body(
    context: Context, decls: list[TypeDecl]
) -> tuple[dict[str, ExternType], dict[str, ExternType]]:
    """The imports and exports that a module or instance type declares, in its own type space."""
    inner = Context(context.module, context)
    imports: dict[str, ExternType] = {}
    exports: dict[str, ExternType] = {}
    for decl in decls:
        match decl:
            case RecGroup() | ModuleTypeDef() | InstanceTypeDef():
                define_type(inner, decl)
            case OuterAlias():
                outer_alias(inner, decl)
            case Import():
                t = close_extern(inner, decl.desc, decl.at)
                if decl.name is None:
                    imports[decl.module] = t
                else:
                    instance = imports.setdefault(decl.module, InstanceType({}))
                    assert isinstance(instance, InstanceType)
                    instance.exports[decl.name] = t
            case TypeExport():
                t = close_extern(inner, decl.desc, decl.at)
                if decl.name is None:
                    assert isinstance(t, InstanceType)
                    found = t.exports
                else:
                    found = {decl.name: t}
                for name, exported in found.items():
                    if name in exports:
                        raise context.error(messages.duplicate_export, decl.at, name=name)
                    exports[name] = exported
    return imports, exports


def outer_alias(context: Context, alias: OuterAlias) -> None:
    """Bring a type or a module of an enclosing module into this one's space."""
    outer = context.parent
    depth = 0
    for _ in range(alias.count):
        outer = outer.parent if outer else None
    walk = context.parent
    while walk is not None:
        walk, depth = walk.parent, depth + 1
    if outer is None:
        around = "no module" if not depth else f"{depth} module{'s' * (depth > 1)}"
        raise context.error(messages.outer_depth, alias.at, index=alias.count, depth=around)
    space = outer.types if alias.kind is Kind.TYPE else outer.modules
    if alias.index >= len(space):
        kind, index = alias.kind.value, outer.name(alias.kind.value, alias.index)
        known = f"that module defines {len(space)} {kind}{'s' * (len(space) != 1)} before this one"
        raise context.error(messages.unknown_outer, alias.at, kind=kind, index=index, known=known)
    found = space[alias.index]
    if alias.kind is Kind.TYPE:
        context.types.append(found)
    else:
        assert isinstance(found, ModuleType)
        context.modules.append(found)
