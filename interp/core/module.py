"""The module IR: what the text and the binary both become, with indices only.

A module is a *preamble* of definitions whose order counts (types, imports and, with module
linking, nested modules, instances and aliases), then the lists of what the module itself defines.
Each index space is filled by the preamble in order first, then by the module's own definitions.

    space      filled by the preamble's                                then by
    type       RecGroup (one per member), ModuleTypeDef, InstanceTypeDef,
               Alias of a type
    func       Import of FuncDesc, Alias of a func                     Module.funcs
    table      Import of TableType, Alias of a table                   Module.tables
    memory     Import of MemType, Alias                                Module.memories
    global     Import of GlobalType, Alias                             Module.globals
    tag        Import of TagDesc, Alias                                Module.tags
    module     Import of ModuleDesc, NestedModule, Alias
    instance   Import of InstanceDesc, InstanceDef, Alias, and, with module linking on, one implied
               instance per module name of two-level imports, at the first of them

Names: `at` is the offset where a definition stands in `Module.source`.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.errors import Note
from watloom.interp.core.features import DEFAULT, Features
from watloom.interp.core.instr import Expr
from watloom.interp.core.source import Source
from watloom.interp.core.types import GlobalType, MemType, RefType, SubType, TableType, ValType

__all__ = [
    "Active", "Alias", "Custom", "Data", "Declarative", "Definition", "Elem", "Export",
    "ExportAll", "ExternDesc", "Func", "FuncDesc", "Global", "Hints", "Import", "InstanceDef",
    "InstanceDesc", "InstanceTypeDef", "Kind", "Local", "Memory", "Module", "ModuleDesc",
    "ModuleTypeDef", "Names", "NestedModule", "OuterAlias", "Passive", "RecGroup", "Start",
    "Table", "Tag", "TagDesc", "TypeDecl", "TypeExport", "InstanceArg",
]  # fmt: skip


class Kind(Enum):
    """The kinds of things that have an index space at module level."""

    TYPE = "type"
    FUNC = "func"
    TABLE = "table"
    MEMORY = "memory"
    GLOBAL = "global"
    TAG = "tag"
    MODULE = "module"
    INSTANCE = "instance"

    def __str__(self) -> str:
        return "function" if self is Kind.FUNC else self.value


# ------------------------------------------------------------------ descriptions of imports


@dataclass(frozen=True, slots=True)
class FuncDesc:
    """A function of the type `typeidx`."""

    typeidx: int


@dataclass(frozen=True, slots=True)
class TagDesc:
    """A tag whose values are the parameters of the type `typeidx`."""

    typeidx: int


@dataclass(frozen=True, slots=True)
class ModuleDesc:
    """A module of the module type `typeidx`."""

    typeidx: int


@dataclass(frozen=True, slots=True)
class InstanceDesc:
    """An instance of the instance type `typeidx`."""

    typeidx: int


ExternDesc: TypeAlias = (
    FuncDesc | TableType | MemType | GlobalType | TagDesc | ModuleDesc | InstanceDesc
)


# ------------------------------------------------------------------ the preamble


@dataclass(slots=True)
class RecGroup:
    """Types that may refer to each other by TypeIdx; a lone type is a group of one."""

    types: tuple[SubType, ...]
    at: int = 0
    ats: tuple[int, ...] = ()
    """Where each member stands."""


@dataclass(slots=True)
class Import:
    """`name` is None for the single-level form `(import "module" …)`."""

    module: str
    name: str | None
    desc: ExternDesc
    at: int = 0


@dataclass(slots=True)
class TypeExport:
    """An export in a module or instance type; `name` None is the zero-level form.

    Zero-level, `desc` is the InstanceDesc whose exports are all injected.
    """

    name: str | None
    desc: ExternDesc
    at: int = 0


@dataclass(slots=True)
class ModuleTypeDef:
    """`(type (module …))`: declarations that fill their own, at first empty, type space."""

    decls: list[TypeDecl]
    at: int = 0


@dataclass(slots=True)
class InstanceTypeDef:
    """`(type (instance …))`: declarations that fill their own, at first empty, type space."""

    decls: list[TypeDecl]
    at: int = 0


@dataclass(slots=True)
class NestedModule:
    """A module inside a module."""

    module: Module
    at: int = 0


@dataclass(slots=True)
class InstanceArg:
    """One `(import "name" (kind index))` of an instantiation."""

    name: str
    kind: Kind
    index: int
    at: int = 0


@dataclass(slots=True)
class InstanceDef:
    """`(instance (instantiate module args))`."""

    module: int
    args: list[InstanceArg]
    at: int = 0


@dataclass(slots=True)
class Alias:
    """Export `name` of the instance `instance`, brought into this module's space of `kind`."""

    instance: int
    name: str
    kind: Kind
    at: int = 0


@dataclass(slots=True)
class OuterAlias:
    """Type or module `index` of the enclosing module `count` levels out (0 is the next one).

    Inside a module or instance type, 0 is the module that the type stands in.
    """

    count: int
    kind: Kind
    index: int
    at: int = 0


TypeDecl: TypeAlias = RecGroup | ModuleTypeDef | InstanceTypeDef | OuterAlias | Import | TypeExport
Definition: TypeAlias = (
    RecGroup
    | ModuleTypeDef
    | InstanceTypeDef
    | Import
    | NestedModule
    | InstanceDef
    | Alias
    | OuterAlias
)

# ------------------------------------------------------------------ what a module defines itself


@dataclass(slots=True)
class Local:
    """A declared local of a function (parameters are not among them)."""

    type: ValType
    at: int = 0


@dataclass(slots=True)
class Func:
    """A function: its type, the locals after the parameters, and its code."""

    typeidx: int
    locals: list[Local]
    body: Expr
    at: int = 0
    end: int = 0
    """Where the function ends (its closing parenthesis, or the last `end`)."""


@dataclass(slots=True)
class Table:
    """A table; `init` fills it (None: null)."""

    type: TableType
    init: Expr | None = None
    at: int = 0


@dataclass(slots=True)
class Memory:
    """A memory."""

    type: MemType
    at: int = 0


@dataclass(slots=True)
class Global:
    """A global with its initial value."""

    type: GlobalType
    init: Expr
    at: int = 0


@dataclass(slots=True)
class Tag:
    """An exception tag."""

    typeidx: int
    at: int = 0


@dataclass(slots=True)
class Export:
    """An export of the item `index` of the space of `kind`."""

    name: str
    kind: Kind
    index: int
    at: int = 0


@dataclass(slots=True)
class ExportAll:
    """`(export $instance)`: all exports of that instance become this module's."""

    instance: int
    at: int = 0


@dataclass(slots=True)
class Start:
    """The start function."""

    func: int
    at: int = 0


@dataclass(slots=True)
class Active:
    """A segment that is copied to `offset` of table or memory `target` at instantiation."""

    target: int
    offset: Expr


@dataclass(slots=True)
class Passive:
    """A segment for table.init, memory.init and their kin."""


@dataclass(slots=True)
class Declarative:
    """An element segment that only declares functions for ref.func."""


@dataclass(slots=True)
class Elem:
    """An element segment: one constant expression per element."""

    type: RefType
    init: list[Expr]
    mode: Active | Passive | Declarative
    at: int = 0


@dataclass(slots=True)
class Data:
    """A data segment."""

    init: bytes
    mode: Active | Passive
    at: int = 0


@dataclass(slots=True)
class Custom:
    """A custom section, kept as it was.

    The data of the one that holds branch hints are in `Module.hints`. A name section that is
    written as we would, at the end, is in `Module.names` only.
    """

    name: str
    data: bytes
    after: int = 0
    """The number of the section that it follows, 0 at the start."""


#: For instructions of a function, by their number in its code: whether the branch is likely taken.
Hints: TypeAlias = dict[int, bool]


@dataclass
class Names:
    """The names that the text (or the name section) gave, for messages, printing and traces.

    `spaces[kind][index]`, `locals[funcidx][localidx]` (those of each `let` stand behind the
    function's), `labels[funcidx][n]` with n counting the blocks of the body in order,
    `fields[typeidx][fieldidx]`.
    """

    module: str | None = None
    spaces: dict[Kind, dict[int, str]] = field(default_factory=dict)
    locals: dict[int, dict[int, str]] = field(default_factory=dict)
    labels: dict[int, dict[int, str]] = field(default_factory=dict)
    fields: dict[int, dict[int, str]] = field(default_factory=dict)
    elems: dict[int, str] = field(default_factory=dict)
    datas: dict[int, str] = field(default_factory=dict)

    def of(self, kind: Kind, index: int) -> str | None:
        """The name of an item, without its `$`."""
        return self.spaces.get(kind, {}).get(index)


@dataclass
class Module:
    """A module, not yet validated."""

    source: Source
    features: Features = DEFAULT
    definitions: list[Definition] = field(default_factory=list)
    funcs: list[Func] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    memories: list[Memory] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    globals: list[Global] = field(default_factory=list)
    exports: list[Export | ExportAll] = field(default_factory=list)
    start: Start | None = None
    elems: list[Elem] = field(default_factory=list)
    datas: list[Data] = field(default_factory=list)
    data_count: int | None = None
    """The data count section of a binary; the text always implies one."""
    names: Names = field(default_factory=Names)
    customs: list[Custom] = field(default_factory=list)
    """In the order of the binary."""
    hints: dict[int, Hints] = field(default_factory=dict)
    """Branch hints by funcidx."""
    warnings: list[Note] = field(default_factory=list)
    """Old spellings that the legacy dialect took, each with its place."""
    at: int = 0

    @property
    def imports(self) -> list[Import]:
        """The imports, in order."""
        return [d for d in self.definitions if isinstance(d, Import)]

    @property
    def first_func(self) -> int:
        """The funcidx of the first function that the module defines itself."""
        return sum(
            isinstance(d.desc, FuncDesc) if isinstance(d, Import) else d.kind is Kind.FUNC
            for d in self.definitions
            if isinstance(d, Import | Alias)
        )
