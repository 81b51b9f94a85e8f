"""A nested module that stands by itself: what it aliases from around it is written out in it.

    (module $P (type $T (func))                     (type $T (func))
      (module $C (import "f" (func (type outer $P $T)))))     (import "f" (func (type $T)))

The types of the module are made anew from their closed forms, so that nothing leads out any more.
"""

from __future__ import annotations

from watloom.interp.core.dataclass import replace
from watloom.interp.core.module import (
    Definition,
    ExternDesc,
    Func,
    FuncDesc,
    Import,
    InstanceDesc,
    InstanceTypeDef,
    Kind,
    Local,
    Module,
    ModuleDesc,
    ModuleTypeDef,
    NestedModule,
    OuterAlias,
    RecGroup,
    TagDesc,
    TypeDecl,
    TypeExport,
)
from watloom.interp.core.types import (
    DefType,
    ExternType,
    GlobalType,
    HeapType,
    InstanceType,
    MemType,
    ModuleType,
    TableType,
    TagType,
    TypeIdx,
)
from watloom.interp.link import messages
from watloom.interp.link.lower.types import TypePool
from watloom.interp.validate import ValidModule
from watloom.parser.remap import Remap, map_val

__all__ = ["detached", "escapes", "type_body"]


def escapes(module: Module) -> bool:
    """Whether something in a module is an alias of what lies around the module."""
    work: list[tuple[list[Definition] | list[TypeDecl], int]] = [(module.definitions, 0)]
    while work:
        definitions, depth = work.pop()
        for definition in definitions:
            match definition:
                case OuterAlias(count) if count >= depth:
                    return True
                case ModuleTypeDef() | InstanceTypeDef():
                    work.append((definition.decls, depth + 1))
                case NestedModule(inner):
                    work.append((inner.definitions, depth + 1))
                case _:
                    pass
    return False


# ------------------------------------------------------------------ types


class _Types(TypePool):
    """A type space: closed types of all kinds, in order; `definitions` makes them.

    A module or instance type is defined once, behind those inside it, which its body aliases:
    written out, types that share their parts could be exponentially many.
    """

    def __init__(self) -> None:
        super().__init__()
        self._linking: dict[int, tuple[ExternType, int]] = {}
        self._equal: dict[object, int] = {}

    def of(self, t: ExternType) -> int:
        """The typeidx of a closed type, of a module or instance too."""
        if isinstance(t, DefType):
            return self.index(t)
        work: list[ExternType] = [t]
        while work:
            top = work[-1]
            known = id(top) in self._linking
            missing = [] if known else [p for p in _inside(top) if id(p) not in self._linking]
            if missing:
                work += missing
                continue
            work.pop()
            if not known:
                self._linking[id(top)] = (top, self._made(top))
        return self._linking[id(t)][1]

    def _made(self, t: ExternType) -> int:
        """The typeidx of a module or instance type, those inside it being there."""
        assert isinstance(t, ModuleType | InstanceType)
        key = (type(t), *(tuple(map(self._key, part.items())) for part in _spaces(t)))
        if key not in self._equal:
            self._equal[key] = self.append(self._definition(t))
        return self._equal[key]

    def _key(self, item: tuple[str, ExternType]) -> object:
        name, t = item
        return name, self._linking[id(t)][1] if _spaces(t) else t

    def adopt(self, parts: list[ExternType], around: _Types) -> list[OuterAlias]:
        """Aliases of types in the space around this one, which is empty yet."""
        indices = {id(part): around.of(part) for part in parts}
        own = {index: number for number, index in enumerate(dict.fromkeys(indices.values()))}
        self._linking = {id(part): (part, own[indices[id(part)]]) for part in parts}
        self._count = len(own)
        return [OuterAlias(0, Kind.TYPE, index) for index in own]

    def _definition(self, t: ModuleType | InstanceType) -> ModuleTypeDef | InstanceTypeDef:
        decls = type_body(t, self)
        return ModuleTypeDef(decls) if isinstance(t, ModuleType) else InstanceTypeDef(decls)

    def desc(self, t: ExternType) -> ExternDesc:
        """The description of something of a closed type."""
        match t:
            case DefType():
                return FuncDesc(self.index(t))
            case TagType(functype):
                return TagDesc(self.index(functype))
            case TableType():
                return self.table(t)
            case GlobalType():
                return self.global_(t)
            case MemType():
                return t
            case ModuleType():
                return ModuleDesc(self.of(t))
            case InstanceType():
                return InstanceDesc(self.of(t))


def _spaces(t: ExternType) -> list[dict[str, ExternType]]:
    """The imports and exports of a module or instance type."""
    if isinstance(t, ModuleType):
        return [t.imports, t.exports]
    return [t.exports] if isinstance(t, InstanceType) else []


def _inside(t: ExternType) -> list[ExternType]:
    """The module and instance types among the imports and exports of one."""
    return [part for space in _spaces(t) for part in space.values() if _spaces(part)]


def type_body(t: ModuleType | InstanceType, around: _Types | None = None) -> list[TypeDecl]:
    """The declarations of a module or instance type: of itself, or with the types `around` it."""
    types = _Types()
    aliases = types.adopt(_inside(t), around) if around else []
    decls: list[TypeDecl] = []
    if isinstance(t, ModuleType):
        decls += [Import(name, None, types.desc(i)) for name, i in t.imports.items()]
    decls += [TypeExport(name, types.desc(e)) for name, e in t.exports.items()]
    return [*aliases, *types.definitions, *decls]


# ------------------------------------------------------------------ modules


def detached(valid: ValidModule, around: list[dict[int, ValidModule]] | None = None) -> Module:
    """The module with the types and modules that it aliases in it.

    `around` are, the nearest first, the nested modules of those around it, by their index. Raises
    LinkError for an alias of a module that one around it imports.
    """
    return _Detacher(valid, around or []).run()


class _Detacher:
    def __init__(self, valid: ValidModule, around: list[dict[int, ValidModule]]) -> None:
        self.valid = valid
        self.around = around
        self.types = _Types()
        self.code = Remap(self._index, self._heap)
        self.own: dict[int, ValidModule] = {}
        """The nested modules, by their index."""
        self.modules = 0

    def run(self) -> Module:
        module = self.valid.module
        definitions: list[Definition] = []
        imports, nested = iter(self.valid.imports), iter(self.valid.nested)
        for definition in module.definitions:
            match definition:
                case Import():
                    t = next(imports)
                    self.modules += isinstance(t, ModuleType)
                    definitions.append(replace(definition, desc=self.types.desc(t)))
                case NestedModule():
                    definitions.append(self._nested(next(nested), definition.at))
                case OuterAlias(count, Kind.MODULE, index):
                    found = self.around[count].get(index) if count < len(self.around) else None
                    if found is None:
                        raise messages.outer_import(definition.at, module.source)
                    definitions.append(self._nested(found, definition.at, self.around[count:]))
                case OuterAlias() | RecGroup() | ModuleTypeDef() | InstanceTypeDef():
                    pass
                case _:
                    self.modules += getattr(definition, "kind", None) is Kind.MODULE
                    definitions.append(definition)
        made = self._own(module)
        made.definitions = [*self.types.definitions, *definitions]
        return made

    def _nested(
        self, valid: ValidModule, at: int, around: list[dict[int, ValidModule]] | None = None
    ) -> NestedModule:
        inner = detached(valid, [self.own, *self.around] if around is None else around)
        self.own[self.modules] = valid
        self.modules += 1
        return NestedModule(inner, at)

    def _own(self, module: Module) -> Module:
        code = self.code
        names = replace(
            module.names,
            spaces={k: v for k, v in module.names.spaces.items() if k is not Kind.TYPE},
            fields={},
        )
        own_tables = self.valid.tables[len(self.valid.tables) - len(module.tables) :]
        own_globals = self.valid.globals[len(self.valid.globals) - len(module.globals) :]
        return replace(
            module,
            names=names,
            funcs=[self._func(func) for func in module.funcs],
            tables=[
                replace(table, type=self.types.table(t), init=table.init and code.expr(table.init))
                for table, t in zip(module.tables, own_tables, strict=True)
            ],
            globals=[
                replace(g, type=self.types.global_(t), init=code.expr(g.init))
                for g, t in zip(module.globals, own_globals, strict=True)
            ],
            tags=[replace(tag, typeidx=self._index("type", tag.typeidx)) for tag in module.tags],
            elems=[
                replace(e, type=self.types.ref(v.type), init=[code.expr(x) for x in e.init])
                for e, v in zip(module.elems, self.valid.elems, strict=True)
            ],
        )

    def _func(self, func: Func) -> Func:
        return replace(
            func,
            typeidx=self._index("type", func.typeidx),
            locals=[Local(map_val(x.type, self._heap), x.at) for x in func.locals],
            body=self.code.expr(func.body),
        )

    def _index(self, space: str, index: int) -> int:
        return self.types.of(self.valid.types[index]) if space == "type" else index

    def _heap(self, heap: HeapType) -> HeapType:
        found = self.valid.types[heap.index] if isinstance(heap, TypeIdx) else heap
        assert not isinstance(found, TableType | MemType | GlobalType | TagType)
        return self.types.heap(found)  # type: ignore[arg-type]
