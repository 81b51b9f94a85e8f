"""The context that a module is validated in: its index spaces with closed types.

https://webassembly.github.io/spec/core/valid/conventions.html#contexts
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.errors import InvalidError
from watloom.interp.core.messages import Message
from watloom.interp.core.module import Kind, Module
from watloom.interp.core.types import (
    DefType,
    ExternType,
    FuncType,
    GlobalType,
    HeapType,
    InstanceType,
    MemType,
    ModuleType,
    RefType,
    StorageType,
    TableType,
    TypeIdx,
    ValType,
)
from watloom.interp.validate import messages
from watloom.interp.validate.naming import name_of, shown

__all__ = ["Context"]

T = TypeVar("T")


@dataclass(eq=False)
class Context:
    """Index spaces, filled as the definitions are met."""

    module: Module
    parent: Context | None = None
    types: list[ExternType] = field(default_factory=list)
    funcs: list[DefType] = field(default_factory=list)
    tables: list[TableType] = field(default_factory=list)
    memories: list[MemType] = field(default_factory=list)
    globals: list[GlobalType] = field(default_factory=list)
    tags: list[DefType] = field(default_factory=list)
    modules: list[ModuleType] = field(default_factory=list)
    instances: list[InstanceType] = field(default_factory=list)
    elems: list[RefType] = field(default_factory=list)
    data_count: int = 0
    refs: set[int] = field(default_factory=set)
    """The functions that ref.func may take inside bodies."""

    def error(self, message: Message[InvalidError], at: int, **values: Any) -> InvalidError:
        """The error of a message at an offset of this module."""
        return message(at, self.module.source, **values)

    def find(
        self, kind: str, space: Sequence[T], index: int, at: int, help: str | None = None
    ) -> T:
        """The item of an index space; raises "unknown …"."""
        if index >= len(space):
            things = "memories" if kind == "memory" else f"{kind}s"
            last = len(space) - 1
            known = f"the {things} here are 0 to {last}" if last > 0 else f"there is only {kind} 0"
            known = known if space else f"there are no {things} here"
            name = self.name(kind, index)
            raise self.error(messages.unknown, at, kind=kind, index=name, known=known, help=help)
        return space[index]

    # ------------------------------------------------------------------ what messages call things

    def name(self, kind: str, index: int, owner: int = 0) -> str:
        """`$name` or the index of an item; `owner` is a local's function, a field's type."""
        return name_of(self.module.names, kind, index, owner)

    def shown(self, t: StorageType | FuncType) -> str:
        """A closed type as the text has it."""
        return shown(t, self.types, self.module.names)

    # ------------------------------------------------------------------ types

    def deftype(self, index: int, at: int) -> DefType:
        """The plain type at a typeidx."""
        found = self.find("type", self.types, index, at)
        if not isinstance(found, DefType):
            raise self.not_the_kind(index, found, "a plain type", "func", at)
        return found

    def functype(self, index: int, at: int) -> FuncType:
        """The function type at a typeidx."""
        comp = self.deftype(index, at).comp
        if not isinstance(comp, FuncType):
            name = self.name("type", index)
            raise self.error(messages.not_a_functype, at, name=name, type=comp)
        return comp

    def not_the_kind(
        self, index: int, found: ExternType, wanted: str, kind: str, at: int
    ) -> InvalidError:
        """The error of a type of another kind: plain, of modules, of instances."""
        name = self.name("type", index)
        return self.error(
            messages.not_the_kind, at, name=name, wanted=wanted, kind=kind, type=found
        )

    def close_heap(self, heap: HeapType, at: int) -> HeapType:
        """A heap type without TypeIdx."""
        return self.deftype(heap.index, at) if isinstance(heap, TypeIdx) else heap

    def close(self, t: ValType, at: int) -> ValType:
        """A value type without TypeIdx."""
        return RefType(t.nullable, self.close_heap(t.heap, at)) if isinstance(t, RefType) else t

    # ------------------------------------------------------------------ everything that has a kind

    def space(self, kind: Kind) -> Sequence[ExternType]:
        """The index space of a kind."""
        spaces: dict[Kind, Sequence[ExternType]] = {
            Kind.TYPE: self.types,
            Kind.FUNC: self.funcs,
            Kind.TABLE: self.tables,
            Kind.MEMORY: self.memories,
            Kind.GLOBAL: self.globals,
            Kind.TAG: self.tags,
            Kind.MODULE: self.modules,
            Kind.INSTANCE: self.instances,
        }
        return spaces[kind]

    def extern(self, kind: Kind, index: int, at: int, help: str | None = None) -> ExternType:
        """The external type of an item."""
        from watloom.interp.core.types import TagType

        found = self.find(str(kind), self.space(kind), index, at, help)
        if kind is Kind.TAG:
            assert isinstance(found, DefType)
            return TagType(found)
        return found

    def add(self, t: ExternType) -> None:
        """Add an imported or aliased item to the space of its kind."""
        from watloom.interp.core.types import TagType

        match t:
            case DefType():
                self.funcs.append(t)
            case TableType():
                self.tables.append(t)
            case MemType():
                self.memories.append(t)
            case GlobalType():
                self.globals.append(t)
            case TagType():
                self.tags.append(t.type)
            case ModuleType():
                self.modules.append(t)
            case InstanceType():
                self.instances.append(t)
