"""What a definition can see: the type space of its module or type body, and what lies outside.

Naming: a *scope* is a module, or the body of a module or instance type, which begins with an empty
type space of its own; `position` is where it stands in the scope around it.
"""

from __future__ import annotations

from typing import TypeAlias

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.module import (
    InstanceTypeDef,
    Kind,
    ModuleTypeDef,
    OuterAlias,
    RecGroup,
)
from watloom.interp.core.source import Source, Span
from watloom.interp.core.types import FuncType, StructType, SubType, TypeIdx
from watloom.parser import messages
from watloom.parser.ast import OuterItem, Token
from watloom.parser.numbers import parse_nat
from watloom.parser.resolve.spaces import Space

__all__ = ["Scope", "TypeDefinition", "is_closed"]

#: How many modules, and types of modules, may lie inside one another.
MAX_NESTING = 250

TypeDefinition: TypeAlias = RecGroup | ModuleTypeDef | InstanceTypeDef | OuterAlias


@dataclass(eq=False)
class Scope:
    """One scope. `types[i]` is a SubType or another definition of the type with index i."""

    source: Source
    name: Token | None = None
    parent: Scope | None = None
    position: int = 0
    depth: int = 0
    space: Space = field(init=False)
    modules: Space = field(init=False)
    types: list[SubType | TypeDefinition] = field(default_factory=list)
    definitions: list[TypeDefinition] = field(default_factory=list)
    """The type definitions, in the order of the IR."""
    by_functype: dict[FuncType, int] = field(default_factory=dict)
    by_outer: dict[tuple[Kind, int, int], int] = field(default_factory=dict)
    fields: dict[int, dict[str, int]] = field(default_factory=dict)
    """Names of fields by typeidx."""

    def __post_init__(self) -> None:
        self.space = Space("type", self.source)
        self.modules = Space("module", self.source)

    def inner(self, name: Token | None, position: int, at: int) -> Scope:
        """A scope inside this one.

        Raises MalformedError where too many lie inside one another.
        """
        if self.depth >= MAX_NESTING:
            raise messages.nesting_too_deep(at, self.source, limit=MAX_NESTING)
        return Scope(self.source, name, self, position, self.depth + 1)

    # -------------------------------------------------------------- types

    def define(self, definition: TypeDefinition) -> int:
        """Append a type definition; the index of its first type."""
        index = len(self.types)
        self.definitions.append(definition)
        if isinstance(definition, RecGroup):
            self.types += definition.types
            if len(definition.types) == 1:
                self.note_functype(definition.types[0], index)
        else:
            self.types.append(definition)
            if isinstance(definition, OuterAlias):
                self.by_outer.setdefault(
                    (definition.kind, definition.count, definition.index), index
                )
        return index

    def note_functype(self, sub: SubType, index: int) -> None:
        """A type use without an index can mean this type, if it is a plain function type."""
        if isinstance(sub.comp, FuncType) and sub.final and not sub.supers:
            self.by_functype.setdefault(sub.comp, index)

    def implicit(self, functype: FuncType, at: int) -> int:
        """The index of a function type that is written in place: an equal one, or a new one."""
        found = self.by_functype.get(functype)
        if found is None:
            found = self.define(RecGroup((SubType(functype),), at, (at,)))
        return found

    def functype(self, index: int) -> FuncType | None:
        """The function type with an index; None where it is none, or not known here.

        One of an outer module is written with that module's indices.
        """
        scope: Scope = self
        while index < len(scope.types):
            found = scope.types[index]
            if isinstance(found, SubType):
                return found.comp if isinstance(found.comp, FuncType) else None
            outer = scope.outwards(found.count) if isinstance(found, OuterAlias) else None
            if outer is None or not isinstance(found, OuterAlias):
                return None
            scope, index = outer, found.index
        return None

    def is_outer(self, index: int) -> bool:
        """Whether a type is one of an outer module."""
        return index < len(self.types) and isinstance(self.types[index], OuterAlias)

    def struct(self, index: int) -> StructType | None:
        """The struct type with an index of this scope."""
        found = self.types[index] if index < len(self.types) else None
        return (
            found.comp
            if isinstance(found, SubType) and isinstance(found.comp, StructType)
            else None
        )

    # -------------------------------------------------------------- outwards

    def outwards(self, count: int) -> Scope | None:
        """The scope `count` levels out, 0 being the one around this."""
        scope = self.parent
        while scope is not None and count:
            scope, count = scope.parent, count - 1
        return scope

    def outer(self, item: OuterItem) -> OuterAlias:
        """The alias for an item of an outer module.

        Raises MalformedError where the names mean nothing, or what is defined later.
        """
        count, scope, position = self._outer_module(item.module, item.item)
        if scope is None:
            return OuterAlias(count, item.kind, parse_nat(item.item[0], 32), item.at)
        space = scope.space if item.kind is Kind.TYPE else scope.modules
        entry = space.find(item.item)
        if entry is None:
            number = parse_nat(item.item[0], 32, item.item[1], self.source)
            return OuterAlias(
                count, item.kind, number + len(space.order) - len(space.written), item.at
            )
        if entry.at >= position:
            word, at = item.item
            span = Span(at, at + len(word))
            raise messages.outer_later(span, self.source, kind=item.kind, name=word)
        return OuterAlias(count, item.kind, entry.index, item.at)

    def _outer_module(self, token: Token, item: Token) -> tuple[int, Scope | None, int]:
        """How far out a module is, its scope, and where this scope stands in it.

        The scope is None for a number that is too large; the validator will say so. Raises
        MalformedError for an unknown name, and where the name of an item cannot be looked up.
        """
        word, at = token
        scope, count = self, 0
        wanted = None if word[0] == "$" else parse_nat(word, 32, at, self.source)
        names: list[str] = []
        while scope.parent is not None:
            position, scope = scope.position, scope.parent
            if count == wanted or (wanted is None and scope.name and scope.name[0] == word):
                return count, scope, position
            if scope.name:
                names.append(scope.name[0])
            count += 1
        if wanted is not None and item[0][0] != "$":
            return wanted, None, 0
        known = "nothing stands around this module"
        if count:
            known = f"what stands around it is counted outwards, 0 to {count - 1}"
        if names:
            known = f"around it there {'are' if len(names) > 1 else 'is'} {', '.join(names)}"
        raise messages.unknown_outer(
            Span(at, at + len(word)), self.source, module=word, known=known
        )


def is_closed(functype: FuncType) -> bool:
    """Whether a function type means the same in every module."""
    types = (*functype.params, *functype.results)
    return not any(isinstance(getattr(t, "heap", None), TypeIdx) for t in types)
