"""What validation gives: the module together with what the executors need to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.instr import Expr
from watloom.interp.core.module import Definition, Kind, Module
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    DefType,
    ExternType,
    GlobalType,
    MemType,
    ModuleType,
    RefType,
    TableType,
    ValType,
)

if TYPE_CHECKING:
    from watloom.interp.validate.context import Context

__all__ = [
    "Closed", "Handler", "Handlers", "ValidData", "ValidElem", "ValidExpr", "ValidFunc",
    "ValidModule",
]  # fmt: skip

#: A member of the closed type space (module and instance types stand there with module linking).
Closed = ExternType


class Handler(NamedTuple):
    """A handler of a `try`: its tag (None: all), and where its `catch` stands."""

    tag: int | None
    pc: int


class Handlers(NamedTuple):
    """What a `try` does with exceptions: its handlers, or the outer label that it delegates to."""

    own: tuple[Handler, ...] = ()
    delegate: int | None = None


_SIMPLE = {"ref.func", "ref.null", "global.get"}


@dataclass(slots=True)
class ValidExpr:
    """Valid code with its side tables.

    `jumps[pc]` of a `block`, `loop`, `if` or `else` gives the places behind its `else` (its `end`
    where there is none) and of its `end`.
    """

    code: Expr
    jumps: dict[int, tuple[int, int]] = field(default_factory=dict)
    handlers: dict[int, Handlers] = field(default_factory=dict)
    """Those of each `try` by its place."""
    _prices: dict[int, int] | None = None

    @property
    def simple(self) -> tuple[str, Any] | None:
        """Of a lone instruction that needs no machine, its mnemonic and immediate."""
        if len(self.code) != 1:
            return None
        mnemonic = self.code[0].op.mnemonic
        known = mnemonic in _SIMPLE or mnemonic.endswith(".const")
        return (mnemonic, self.code[0].args[0]) if known else None

    @property
    def prices(self) -> dict[int, int]:
        """What the basic blocks cost, by the place where each begins (`validate.prices`)."""
        if self._prices is None:
            from watloom.interp.validate.prices import prices

            self._prices = prices(self.code)
        return self._prices


@dataclass(slots=True)
class ValidFunc:
    """A function of the module's own: its index, type, all locals (parameters first) and code."""

    index: int
    type: DefType
    locals: tuple[ValType, ...]
    body: ValidExpr
    name: str
    at: int
    source: Source
    params: int = field(init=False)
    """The number of parameters."""
    results: int = field(init=False)
    """The number of results."""
    defaults: list[Any] = field(init=False, repr=False)
    """What the locals behind the parameters start with."""

    def __post_init__(self) -> None:
        t = self.type.func
        self.params, self.results = len(t.params), len(t.results)
        self.defaults = [_default(local) for local in self.locals[self.params :]]


def _default(t: ValType) -> Any:
    """What a local starts with (null for a reference that has to be set first, too)."""
    if isinstance(t, RefType):
        return None
    return 0.0 if t.value.startswith("f") else 0


@dataclass(eq=False)
class ValidModule:
    """A module that passed validation; `instantiate` takes nothing else. All types are closed."""

    module: Module
    types: list[Closed]
    type: ModuleType
    funcs: list[ValidFunc]
    func_types: list[DefType]
    tables: list[TableType]
    memories: list[MemType]
    globals: list[GlobalType]
    tags: list[DefType]
    imports: list[ExternType]
    """The closed type of each import, in the order of `module.imports`."""
    nested: list[ValidModule]
    """The nested modules, in the order of their definitions."""
    exports: dict[str, tuple[Kind, int] | tuple[int, str]]
    """What each export is: (kind, index), or (instance, name) from a zero-level export."""
    table_inits: list[ValidExpr | None]
    global_inits: list[ValidExpr]
    elems: list[ValidElem]
    datas: list[ValidData]
    preamble: list[Definition]
    """The definitions that give an instance something: not those of types."""
    context: Context
    """The index spaces with their types, for compilers that ask about single instructions."""
    compiled: dict[Any, Any] = field(default_factory=dict)
    """What the compiled tier has made of functions, by index and by what it counts."""
    position: tuple[int, ...] = ()
    """Which nested module of which nested module … of its source it is."""

    @property
    def name(self) -> str | None:
        """The module's own name."""
        return self.module.names.module

    @property
    def export_types(self) -> Mapping[str, ExternType]:
        """The exports with their types."""
        return self.type.exports


@dataclass(slots=True)
class ValidElem:
    """An element segment: its type, its elements and, if active, the table and where it goes."""

    type: RefType
    init: list[ValidExpr]
    offset: ValidExpr | None = None
    target: int = 0
    passive: bool = False
    at: int = 0


@dataclass(slots=True)
class ValidData:
    """A data segment: its bytes and, if active, the memory and where they go."""

    init: bytes
    offset: ValidExpr | None = None
    target: int = 0
    at: int = 0
