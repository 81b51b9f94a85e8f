"""The tree of a text: what is written, names and abbreviations included.

Naming: a `Token` is (text, offset). An *index* is a token, a number or a `$name`, or, with module
linking, a `LinkedItem` or an `OuterItem`. A *type* that needs no index is already a type of
`interp.core.types`; otherwise it is a `RefNode`. `at` is the offset where a node begins.

Code is flat: folded instructions stand behind their operands, blocks are opened and closed by
`BlockNode` and `EndNode`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.module import Kind
from watloom.interp.core.types import AbsHeap, NumType, PackType, RefType
from watloom.parser.comments import Annotation

__all__ = [
    "ActiveNode", "AliasNode", "ArgumentNode", "ArrayNode", "BlockNode", "CatchNode", "Code",
    "DataNode",
    "DeclaredNode", "DescNode", "ElemNode", "ElseNode", "EndNode", "ExportAllNode", "ExportNode",
    "FieldNode", "FuncNode", "FuncTypeNode", "GlobalNode", "GlobalTypeNode", "HeapNode",
    "ImportNode", "Index", "InstanceNode", "LinkedItem", "LinkingDesc", "LinkingType",
    "MemTypeNode", "MemoryNode", "ModuleField", "ModuleNode", "NestedNode", "Noted",
    "OuterAliasNode", "OuterItem", "PassiveNode", "PlainNode", "RecNode", "RefNode", "StartNode",
    "StructNode", "SubTypeNode", "TableNode", "TableTypeNode", "TagNode", "Token", "TypeExportNode",
    "TypeNode", "TypeUseNode", "ValNode", "Variable",
]  # fmt: skip

Token: TypeAlias = tuple[str, int]


# ------------------------------------------------------------------ indices


@dataclass(slots=True, eq=False)
class LinkedItem:
    """`(func $i "a" "b")` where an index may stand: an item of an instance, by its names."""

    kind: Kind
    index: Index
    path: list[Token]
    at: int


@dataclass(slots=True, eq=False)
class OuterItem:
    """`(type outer $P $T)`: an item of an enclosing module."""

    kind: Kind
    module: Token
    item: Token
    at: int


Index: TypeAlias = "Token | LinkedItem | OuterItem"


# ------------------------------------------------------------------ types


@dataclass(slots=True)
class RefNode:
    """`(ref null? $t)`."""

    nullable: bool
    index: Index


ValNode: TypeAlias = NumType | RefType | RefNode
HeapNode: TypeAlias = "AbsHeap | Index"


@dataclass(slots=True)
class FieldNode:
    """The type of a field of a struct or array."""

    storage: ValNode | PackType
    mutable: bool


@dataclass(slots=True)
class Variable:
    """One named or several unnamed parameters, locals or fields, as they stand in parentheses."""

    name: Token | None
    types: list[Any]
    at: int


@dataclass(slots=True)
class FuncTypeNode:
    """`(func (param …) (result …))`."""

    params: list[ValNode]
    results: list[ValNode]


@dataclass(slots=True)
class StructNode:
    """`(struct (field …) …)`."""

    fields: list[Variable]


@dataclass(slots=True)
class ArrayNode:
    """`(array …)`."""

    field: FieldNode


@dataclass(slots=True)
class SubTypeNode:
    """`(sub final? $super* …)`, or a composite type alone."""

    comp: FuncTypeNode | StructNode | ArrayNode
    supers: list[Index]
    final: bool
    at: int


@dataclass(slots=True)
class TypeUseNode:
    """`(type $t)` with parameters and results, all optional; `names` are the parameters' names."""

    index: Index | None
    params: list[ValNode]
    results: list[ValNode]
    names: dict[int, Token] | None
    inline: bool
    """Whether parameters or results are written, if only an empty list."""
    variables: list[Variable] = field(default_factory=list)
    """The parameters as they are written."""


@dataclass(slots=True)
class TableTypeNode:
    """`i64? min max? reftype`."""

    addr: NumType
    min: Token
    max: Token | None
    elem: ValNode


@dataclass(slots=True)
class MemTypeNode:
    """`i64? min max? shared? (pagesize …)?`."""

    addr: NumType
    min: Token
    max: Token | None
    shared: bool = False
    page_bits: int = 16


@dataclass(slots=True)
class GlobalTypeNode:
    """`(mut t)` or `t`."""

    type: ValNode
    mutable: bool


# ------------------------------------------------------------------ code


@dataclass(slots=True)
class PlainNode:
    """An instruction with its immediates as they are written; None for those left out."""

    word: str
    at: int
    args: list[Any]


@dataclass(slots=True)
class CatchNode:
    """`(catch $tag $label)` and its kin."""

    word: str
    at: int
    tag: Index | None
    label: Token


@dataclass(slots=True)
class BlockNode:
    """The beginning of `block`, `loop`, `if`, `try_table` or `let`."""

    word: str
    at: int
    label: Token | None
    type: TypeUseNode
    catches: Sequence[CatchNode] = ()
    locals: Sequence[Variable] = ()


@dataclass(slots=True)
class ElseNode:
    """`else`, with the label that may be repeated there."""

    at: int
    label: Token | None


@dataclass(slots=True)
class EndNode:
    """`end`, with the label that may be repeated there."""

    at: int
    label: Token | None


Code: TypeAlias = "list[PlainNode | BlockNode | ElseNode | EndNode]"


# ------------------------------------------------------------------ fields of modules


@dataclass(slots=True)
class TypeNode:
    """`(type $t …)`; `type` None is the bodyless type of the legacy dialect."""

    name: Token | None
    type: SubTypeNode | LinkingType | OuterItem | None
    at: int


@dataclass(slots=True)
class RecNode:
    """`(rec (type …) …)`."""

    types: list[TypeNode]
    at: int


@dataclass(slots=True)
class LinkingType:
    """A module or instance type: its declarations."""

    kind: Kind
    decls: list[Decl]
    at: int
    inline: dict[int, list[LinkedItem | OuterItem]] = field(default_factory=dict)
    """As in `ModuleNode`."""


@dataclass(slots=True)
class LinkingDesc:
    """The type of a module or instance that is imported or exported: used, or written in place."""

    kind: Kind
    type: Index | LinkingType


@dataclass(slots=True)
class DescNode:
    """`(func $f …)` in an import: the kind, the name given to it, and its type."""

    kind: Kind
    name: Token | None
    type: TypeUseNode | TableTypeNode | MemTypeNode | GlobalTypeNode | LinkingDesc
    at: int


@dataclass(slots=True)
class ImportNode:
    """`(import "module" "name"? desc)`; the inline form may be exported at once."""

    module: Token
    name: Token | None
    desc: DescNode
    exports: list[Token]
    at: int


@dataclass(slots=True)
class TypeExportNode:
    """`(export "name" desc)` in a module or instance type, or `(export $type)`."""

    name: Token | None
    desc: DescNode | None
    all: Index | None
    at: int


@dataclass(slots=True)
class FuncNode:
    """A function."""

    name: Token | None
    exports: list[Token]
    type: TypeUseNode
    locals: list[Variable]
    body: Code
    at: int
    end: int


@dataclass(slots=True)
class TableNode:
    """A table; with `elems` its size is that of the segment written in it."""

    name: Token | None
    exports: list[Token]
    type: TableTypeNode
    init: Code
    elems: list[Index] | list[Code] | None
    at: int


@dataclass(slots=True)
class MemoryNode:
    """A memory; with `data` its size is that of the segment written in it."""

    name: Token | None
    exports: list[Token]
    type: MemTypeNode
    data: bytes | None
    at: int


@dataclass(slots=True)
class GlobalNode:
    """A global."""

    name: Token | None
    exports: list[Token]
    type: GlobalTypeNode
    init: Code
    at: int


@dataclass(slots=True)
class TagNode:
    """An exception tag."""

    name: Token | None
    exports: list[Token]
    type: TypeUseNode
    at: int


@dataclass(slots=True)
class ExportNode:
    """`(export "name" (kind index))`."""

    name: Token
    kind: Kind
    index: Index
    at: int


@dataclass(slots=True)
class ExportAllNode:
    """`(export $instance)`."""

    instance: Index
    at: int


@dataclass(slots=True)
class StartNode:
    """`(start $f)`."""

    func: Index
    at: int


@dataclass(slots=True)
class ActiveNode:
    """The place that an active segment is copied to; no target is the first table or memory."""

    target: Index | None
    offset: Code


@dataclass(slots=True)
class PassiveNode:
    """A passive segment."""


@dataclass(slots=True)
class DeclaredNode:
    """A declarative element segment."""


@dataclass(slots=True)
class ElemNode:
    """An element segment: functions by index (`type` None) or expressions."""

    name: Token | None
    type: ValNode | None
    items: list[Any]
    mode: ActiveNode | PassiveNode | DeclaredNode
    at: int


@dataclass(slots=True)
class DataNode:
    """A data segment."""

    name: Token | None
    init: bytes
    mode: ActiveNode | PassiveNode
    at: int


@dataclass(slots=True)
class NestedNode:
    """A module inside a module."""

    module: ModuleNode
    exports: list[Token]
    at: int


@dataclass(slots=True)
class ArgumentNode:
    """`(import "name" (kind index))` of an instantiation."""

    name: Token
    kind: Kind
    index: Index
    at: int


@dataclass(slots=True)
class InstanceNode:
    """`(instance $i (instantiate $m …))`."""

    name: Token | None
    exports: list[Token]
    module: Index
    args: list[ArgumentNode]
    at: int


@dataclass(slots=True)
class AliasNode:
    """`(alias $i "name" (kind $id))`, or the inverted form, which may be exported at once."""

    kind: Kind
    name: Token | None
    instance: Index
    item: Token
    exports: list[Token]
    at: int


@dataclass(slots=True)
class OuterAliasNode:
    """`(alias outer $P $T (kind $id))`, or the inverted form."""

    kind: Kind
    name: Token | None
    outer: OuterItem
    exports: list[Token]
    at: int


Decl: TypeAlias = "TypeNode | RecNode | ImportNode | TypeExportNode | OuterAliasNode"

ModuleField: TypeAlias = (
    TypeNode | RecNode | ImportNode | FuncNode | TableNode | MemoryNode | GlobalNode | ExportNode
    | ExportAllNode | StartNode | ElemNode | DataNode | NestedNode | InstanceNode | AliasNode
    | OuterAliasNode
)  # fmt: skip


@dataclass(slots=True)
class Noted:
    """The annotations in a text from offset `start` on; `text` is without them."""

    found: Sequence[Annotation]
    text: str
    start: int


@dataclass(slots=True)
class ModuleNode:
    """A module: its fields in order.

    `inline[n]` are the items of instances and of enclosing modules that field number n uses where
    an index may stand, in order.
    """

    name: Token | None
    fields: list[ModuleField]
    at: int
    inline: dict[int, list[LinkedItem | OuterItem]] = field(default_factory=dict)
    noted: Noted | None = None
    """Of the outermost module: the annotations in its text."""
