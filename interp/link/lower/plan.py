"""Instantiation on paper: which instances there would be, and what each of them would hold.

    (module $M (global $g …) (func $f …))         copy 1 "a": function a.f, global a.g
    (instance $a (instantiate $M))                copy 2 "b": function b.f, global b.g
    (instance $b (instantiate $M))                copy 3:     the root, whose two instances they are

Naming: a *copy* is a module with the items of one of its instances; an *item* is a function, table,
memory, global or tag of the result, which a copy defines or the root imports.
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.errors import Bug
from watloom.interp.core.module import (
    Alias,
    Import,
    InstanceDef,
    Kind,
    NestedModule,
    OuterAlias,
)
from watloom.interp.core.types import ExternType, InstanceType, ModuleType, TagType
from watloom.interp.link.linker import Linker
from watloom.interp.link.lower import messages
from watloom.interp.runtime.values import ModuleValue
from watloom.interp.validate import ValidModule
from watloom.interp.validate.definitions import kind_of

__all__ = ["Copy", "Item", "Plan", "plan"]

#: As many instances as one module may become.
MAX_COPIES = 10_000

CORE = (Kind.FUNC, Kind.TABLE, Kind.MEMORY, Kind.GLOBAL, Kind.TAG)


@dataclass(eq=False)
class Item:
    """Something that stands in an index space of the result."""

    kind: Kind
    type: ExternType
    imported: tuple[str, str] | None = None
    home: Copy | None = None
    """The copy that defines it."""
    own: int = 0
    """Its number among what the home's module defines itself of that kind."""
    index: int = -1
    """In the result."""
    at: int = 0
    """Where the root imports it."""


@dataclass(eq=False)
class Nested:
    """A module as a value: its code, and the copy whose modules it can alias."""

    valid: ValidModule
    outer: Copy | None


@dataclass(eq=False)
class Copy:
    """An instance of a module: its index spaces. `path` says which one it is, "" for the root."""

    valid: ValidModule
    outer: Copy | None
    path: str
    spaces: dict[Kind, list[Any]] = field(
        default_factory=lambda: {kind: [] for kind in Kind if kind is not Kind.TYPE}
    )
    exports: dict[str, Any] = field(default_factory=dict)
    first_elem: int = 0
    first_data: int = 0

    def named(self, kind: Kind, index: int) -> str:
        """What an item of the module is called, with the path in front."""
        name = self.valid.module.names.of(kind, index) or str(index)
        return f"{self.path}.{name}" if self.path else name


@dataclass
class Plan:
    """The copies in the order in which they would be made, and the items by kind."""

    root: Copy
    copies: list[Copy]
    items: dict[Kind, list[Item]]


def plan(module: ModuleValue, linker: Linker) -> Plan:
    """The plan of a module.

    Raises LinkError for imports and exports that no standard module has.
    """
    planner = _Planner(linker)
    root = planner.copy(Nested(module.valid, None), planner.given(module.valid), "")
    _check_exports(root)
    for items in planner.items.values():
        items.sort(key=lambda item: item.imported is None)  # the order stays otherwise
        for index, item in enumerate(items):
            item.index = index
    return Plan(root, planner.copies, planner.items)


def _check_exports(root: Copy) -> None:
    for name, what in root.exports.items():
        if isinstance(what, Item):
            continue
        at = next((e.at for e in root.valid.module.exports if getattr(e, "name", "") == name), 0)
        refused = messages.module_export if isinstance(what, Nested) else messages.instance_export
        raise refused(at, root.valid.module.source, name=name)


class _Planner:
    def __init__(self, linker: Linker) -> None:
        self.linker = linker
        self.items: dict[Kind, list[Item]] = {kind: [] for kind in CORE}
        self.copies: list[Copy] = []
        self.elems = self.datas = 0

    # -------------------------------------------------------------- what the root is given

    def given(self, valid: ValidModule) -> list[Any]:
        """What the root's imports stand for: imports of the result, or modules in files."""
        pairs = zip(valid.module.imports, valid.imports, strict=True)
        return [self._given(imported, wanted, valid) for imported, wanted in pairs]

    def _given(self, imported: Import, wanted: ExternType, valid: ValidModule) -> Any:
        source, name = valid.module.source, imported.module
        if isinstance(wanted, ModuleType):
            if imported.name is not None:
                raise messages.module_of_instance(imported.at, source, name=imported.name)
            found = self.linker.find_module(imported, wanted, source)
            return Nested(found.valid, None)
        if isinstance(wanted, InstanceType):
            if imported.name is not None:
                raise messages.deep_import(imported.at, source, name=name, item=imported.name)
            return {n: self._of_instance(n, t, imported, source) for n, t in wanted.exports.items()}
        if imported.name is None:
            raise messages.single_import(imported.at, source, name=name, kind=kind_of(wanted))
        return self._import((name, imported.name), wanted, imported.at)

    def _of_instance(self, item: str, t: ExternType, imported: Import, source: Any) -> Item:
        if isinstance(t, ModuleType | InstanceType):
            raise messages.deep_import(imported.at, source, name=imported.module, item=item)
        return self._import((imported.module, item), t, imported.at)

    def _import(self, names: tuple[str, str], t: ExternType, at: int) -> Item:
        return self._add(Item(kind_of(t), t, imported=names, at=at))

    def _add(self, item: Item) -> Item:
        self.items[item.kind].append(item)
        return item

    # -------------------------------------------------------------- instances

    def copy(self, module: Nested, given: list[Any], path: str) -> Copy:
        """An instance of a module with these imports; those inside it are made first."""
        valid = module.valid
        made = Copy(valid, module.outer, path)
        values, nested = iter(given), iter(valid.nested)
        implied: dict[str, dict[str, Any]] = {}
        linking = valid.module.features.has("module-linking")
        for definition in valid.module.definitions:
            match definition:
                case Import(module_name, name):
                    value = next(values)
                    if name is not None and linking:
                        if module_name not in implied:
                            implied[module_name] = {}
                            made.spaces[Kind.INSTANCE].append(implied[module_name])
                        implied[module_name].setdefault(name, value)
                    made.spaces[_kind(value)].append(value)
                case NestedModule():
                    made.spaces[Kind.MODULE].append(Nested(next(nested), made))
                case InstanceDef():
                    self._instance(made, definition)
                case Alias(index, name, kind):
                    made.spaces[kind].append(made.spaces[Kind.INSTANCE][index][name])
                case OuterAlias(count, Kind.MODULE, index):
                    made.spaces[Kind.MODULE].append(
                        _outwards(made, count).spaces[Kind.MODULE][index]
                    )
        self._define(made)
        self.copies.append(made)
        if len(self.copies) > MAX_COPIES:
            raise messages.too_many(valid.module.at, valid.module.source, most=MAX_COPIES)
        return made

    def _instance(self, made: Copy, definition: InstanceDef) -> None:
        module: Nested = made.spaces[Kind.MODULE][definition.module]
        named = {arg.name: made.spaces[arg.kind][arg.index] for arg in definition.args}
        values = [
            named[imported.module]
            if imported.name is None
            else named[imported.module][imported.name]
            for imported in module.valid.module.imports
        ]
        path = made.named(Kind.INSTANCE, len(made.spaces[Kind.INSTANCE]))
        made.spaces[Kind.INSTANCE].append(self.copy(module, values, path).exports)

    def _define(self, made: Copy) -> None:
        """What the module defines itself, and its exports."""
        valid = made.valid
        types: dict[Kind, list[Any]] = {
            Kind.FUNC: valid.func_types, Kind.TABLE: valid.tables, Kind.MEMORY: valid.memories,
            Kind.GLOBAL: valid.globals, Kind.TAG: [TagType(t) for t in valid.tags],
        }  # fmt: skip
        for kind, space in types.items():
            first = len(made.spaces[kind])
            for own, t in enumerate(space[first:]):
                made.spaces[kind].append(self._add(Item(kind, t, home=made, own=own)))
        made.first_elem, made.first_data = self.elems, self.datas
        self.elems += len(valid.elems)
        self.datas += len(valid.module.datas)
        for name, (what, index) in valid.exports.items():
            if isinstance(what, Kind):
                made.exports[name] = made.spaces[what][index]  # type: ignore[index]
            else:
                made.exports[name] = made.spaces[Kind.INSTANCE][what][str(index)]


def _kind(value: Any) -> Kind:
    if isinstance(value, Item):
        return value.kind
    return Kind.MODULE if isinstance(value, Nested) else Kind.INSTANCE


def _outwards(copy: Copy, count: int) -> Copy:
    outer = copy.outer
    for _ in range(count):
        outer = outer.outer if outer else None
    if outer is None:
        raise Bug("an outer alias leads out of the outermost module")
    return outer
