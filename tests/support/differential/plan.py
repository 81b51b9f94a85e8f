"""What a module is made of before its functions have bodies: the index spaces, by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from differential.draw import Weighted
from differential.families import PURE, PureOp
from differential.rule import EXPRESSIONS, STATEMENTS, Expression, Statement
from differential.types import BOTTOM, TOPS, Ref, Type, text

__all__ = [
    "ArrayType", "Data", "Elem", "Field", "FuncType", "Function", "Global", "Memory", "Plan",
    "StructType", "Table", "Tag",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct, or what an array holds."""

    storage: Type
    mutable: bool

    @property
    def packed(self) -> bool:
        return self.storage in ("i8", "i16")

    @property
    def type(self) -> Type:
        """The type it is read and written as."""
        return "i32" if self.packed else self.storage

    def __str__(self) -> str:
        return f"(mut {text(self.storage)})" if self.mutable else text(self.storage)


@dataclass(frozen=True, slots=True)
class StructType:
    name: str
    sup: str | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class ArrayType:
    name: str
    field: Field


@dataclass(frozen=True, slots=True)
class FuncType:
    name: str
    sup: str | None
    params: tuple[Type, ...]
    results: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """With pages of 64 KiB or, at least as large, of one byte (`page_bits` 0)."""

    name: str
    addr: str
    pages: int
    most: int
    page_bits: int = 16
    odd: int = 0

    @property
    def limits(self) -> str:
        """As the text has them."""
        if self.page_bits:
            return f"{self.addr} {self.pages} {self.most}"
        least, most = self.pages * 65536 + self.odd, self.most * 65536 + 2 * self.odd
        return f"{self.addr} {least} {most} (pagesize 1)"


@dataclass(frozen=True, slots=True)
class Table:
    """`calls` are the functions in a table that no code changes."""

    name: str
    addr: str
    size: int
    most: int
    elem: Ref
    init: str | None = None
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Global:
    name: str
    type: Type
    mutable: bool
    init: str


@dataclass(frozen=True, slots=True)
class Data:
    """A passive segment; a kept one is never dropped."""

    name: str
    data: bytes
    kept: bool


@dataclass(frozen=True, slots=True)
class Elem:
    """A passive segment; a kept one is never dropped."""

    name: str
    elem: Ref
    items: tuple[str, ...]
    kept: bool


@dataclass(frozen=True, slots=True)
class Tag:
    """An exception tag."""

    name: str
    params: tuple[Type, ...]


@dataclass(slots=True)
class Function:
    """A guarded function takes fuel when it is entered, so that it may recurse."""

    name: str
    type: FuncType
    guarded: bool
    public: bool
    cost: int = 0
    body: str = ""


@dataclass
class Plan:
    """The module: families that are on, how much may trap, and the index spaces."""

    families: frozenset[str]
    risk: float
    numbers: tuple[str, ...]
    structs: dict[str, StructType] = field(default_factory=dict)
    arrays: dict[str, ArrayType] = field(default_factory=dict)
    functypes: dict[str, FuncType] = field(default_factory=dict)
    grouped: bool = False
    refs: list[Ref] = field(default_factory=list)
    """The reference types that locals, parameters and the like may have."""
    memories: list[Memory] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    globals: list[Global] = field(default_factory=list)
    datas: list[Data] = field(default_factory=list)
    elems: list[Elem] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    supers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _expressions: dict[Type, Weighted[Expression]] = field(default_factory=dict)
    _statements: Weighted[Statement] | None = None
    _pure: dict[str, list[PureOp]] = field(default_factory=dict)
    _below: dict[str, list[str]] = field(default_factory=dict)

    def has(self, family: str) -> bool:
        """Whether a family is on."""
        return family in self.families

    # ------------------------------------------------------------------ rules

    def expressions(self, t: Type) -> Weighted[Expression]:
        """The rules that can make a value of the type."""
        found = self._expressions.get(t)
        if found is None:
            found = self._expressions[t] = Weighted(
                (rule, rule.weight)
                for rule in EXPRESSIONS
                if rule.family in self.families and rule.gives(self, t)
            )
        return found

    def statements(self) -> Weighted[Statement]:
        """The rules for statements."""
        if self._statements is None:
            self._statements = Weighted(
                (rule, rule.weight)
                for rule in STATEMENTS
                if rule.family in self.families and rule.needs(self)
            )
        return self._statements

    def pure_ops(self, result: str) -> list[PureOp]:
        """The pure instructions with that result whose operands this program has."""
        found = self._pure.get(result)
        if found is None:
            found = self._pure[result] = [
                op
                for family, ops in PURE.items()
                if family in self.families
                for op in ops
                if op.result == result and set(op.params) <= set(self.numbers)
            ]
        return found

    # ------------------------------------------------------------------ types

    def index_heaps(self) -> None:
        """Work out the supertypes of every heap type."""
        supers: dict[str, tuple[str, ...]] = {
            "any": ("any",),
            "eq": ("eq", "any"),
            "i31": ("i31", "eq", "any"),
            "struct": ("struct", "eq", "any"),
            "array": ("array", "eq", "any"),
            "func": ("func",),
            "extern": ("extern",),
            "exn": ("exn",),
        }
        for kind, types in (
            ("struct", self.structs), ("array", self.arrays), ("func", self.functypes),
        ):  # fmt: skip
            for name, t in types.items():
                sup: str | None = getattr(t, "sup", None)
                supers[name] = (name, *supers[sup or kind])
        for top, bottom in BOTTOM.items():
            supers[bottom] = (bottom, *(heap for heap in supers if top in supers[heap]))
        self.supers = supers
        self._below.clear()

    def matches(self, sub: Type, sup: Type) -> bool:
        """Subtyping."""
        if sub.__class__ is str or sup.__class__ is str:
            return sub == sup
        assert isinstance(sub, Ref) and isinstance(sup, Ref)
        return sub.null <= sup.null and sup.heap in self.supers[sub.heap]

    def top(self, heap: str) -> str:
        """The head of a heap type's hierarchy."""
        return next(top for top in TOPS if top in self.supers[heap])

    def below(self, heap: str) -> list[str]:
        """The heap types at or below it that this program has values of."""
        found = self._below.get(heap)
        if found is None:
            names = [*self.structs, *self.arrays, *self.functypes, *["i31"] * self.has("i31")]
            found = self._below[heap] = [name for name in names if heap in self.supers[name]]
        return found

    def functions_of(self, heap: str) -> list[Function]:
        """The functions that a reference of that type can refer to."""
        return [f for f in self.functions if heap in self.supers[f.type.name]]
