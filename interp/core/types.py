"""The types of the spec's structure chapter (https://webassembly.github.io/spec/core/syntax/types.html).

Naming conventions, obeyed everywhere:

    typeidx, funcidx, …   an int that indexes the module's own space of that kind
    TypeIdx(i)            a typeidx standing as a heap type, inside the module that owns it
    RecIdx(i)             the i-th type of the rec group that is being defined
    DefType               a *closed* type: it means the same in every module, and two equal ones
                          are the same object (iso-recursive equality is `is`)
    close(t, types)       the closed form of t, every TypeIdx replaced through the space `types`

Module IR (`interp.core.module`) is written with TypeIdx; validation leaves closed types only.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import TypeAlias

from watloom.interp.core.dataclass import dataclass

__all__ = [
    "ANYREF", "EXTERNREF", "F32", "F64", "FUNCREF", "I32", "I64", "V128", "AbsHeap", "ArrayType",
    "CompType", "DefType", "ExternType", "FieldType", "FuncType", "GlobalType", "HeapType",
    "InstanceType", "Limits", "MAX_ANCESTORS", "MemType", "ModuleType", "NumType", "PackType",
    "RecIdx", "RefType", "StorageType", "StructType", "SubType", "TableType", "TagType", "TypeIdx",
    "ValType", "close", "close_functype", "define_rec_group", "functype",
]  # fmt: skip


class NumType(Enum):
    """The number types, and v128."""

    I32 = "i32"
    I64 = "i64"
    F32 = "f32"
    F64 = "f64"
    V128 = "v128"

    def __str__(self) -> str:
        return self.value


I32, I64, F32, F64, V128 = NumType.I32, NumType.I64, NumType.F32, NumType.F64, NumType.V128


class PackType(Enum):
    """The packed storage types of fields."""

    I8 = "i8"
    I16 = "i16"

    def __str__(self) -> str:
        return self.value


class AbsHeap(Enum):
    """The abstract heap types."""

    FUNC = "func"
    NOFUNC = "nofunc"
    EXTERN = "extern"
    NOEXTERN = "noextern"
    ANY = "any"
    EQ = "eq"
    I31 = "i31"
    STRUCT = "struct"
    ARRAY = "array"
    NONE = "none"
    EXN = "exn"
    NOEXN = "noexn"
    BOT = "bot"  # only while validating: below every heap type

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class TypeIdx:
    """A type of the module that the reference stands in."""

    index: int

    def __str__(self) -> str:
        return str(self.index)


@dataclass(frozen=True, slots=True)
class RecIdx:
    """A type of the rec group that the reference stands in."""

    index: int

    def __str__(self) -> str:
        return f"rec.{self.index}"


@dataclass(frozen=True, slots=True)
class RefType:
    """`(ref null? heaptype)`."""

    nullable: bool
    heap: HeapType

    def __str__(self) -> str:
        if self.nullable and isinstance(self.heap, AbsHeap):
            return _SHORT[self.heap]
        return f"(ref {'null ' if self.nullable else ''}{_brief(self.heap)})"


_SHORT = {
    heap: {
        AbsHeap.NOFUNC: "nullfuncref",
        AbsHeap.NOEXTERN: "nullexternref",
        AbsHeap.NONE: "nullref",
        AbsHeap.NOEXN: "nullexnref",
    }.get(heap, f"{heap.value}ref")
    for heap in AbsHeap
}


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field of a struct, or the element of an array."""

    storage: StorageType
    mutable: bool = False

    def __str__(self) -> str:
        return f"(mut {self.storage})" if self.mutable else str(self.storage)


@dataclass(frozen=True, slots=True)
class FuncType:
    """`params -> results`."""

    params: tuple[ValType, ...] = ()
    results: tuple[ValType, ...] = ()

    def __str__(self) -> str:
        params = f" (param {' '.join(map(str, self.params))})" if self.params else ""
        results = f" (result {' '.join(map(str, self.results))})" if self.results else ""
        return f"(func{params}{results})"


@dataclass(frozen=True, slots=True)
class StructType:
    """The fields of a struct, in order."""

    fields: tuple[FieldType, ...] = ()

    def __str__(self) -> str:
        return f"(struct{''.join(f' (field {f})' for f in self.fields)})"


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An array of one kind of element."""

    field: FieldType

    def __str__(self) -> str:
        return f"(array {self.field})"


@dataclass(frozen=True, slots=True)
class SubType:
    """A composite type with its declared supertypes; `final` when no type may extend it."""

    comp: CompType
    supers: tuple[HeapType, ...] = ()
    final: bool = True

    def __str__(self) -> str:
        if self.final and not self.supers:
            return str(self.comp)
        supers = "".join(f" {_brief(s)}" for s in self.supers)
        return f"(sub{' final' if self.final else ''}{supers} {self.comp})"


class DefType:
    """A closed type: member `index` of the rec group whose closed form is `group`.

    Made by `define_rec_group` only, which gives the same object for the same type, so that
    equality is identity. `supers`, `comp` and `final` are unrolled: closed and ready to use.
    """

    __slots__ = (
        "__weakref__", "ancestors", "brief", "comp", "final", "group", "index", "supers", "whole",
    )  # fmt: skip

    group: tuple[SubType, ...]
    index: int
    comp: CompType
    supers: tuple[DefType, ...]
    final: bool
    whole: _Group
    ancestors: tuple[DefType, ...]
    """The chain of first supertypes, the farthest first and the type itself last."""
    brief: str
    """How it is shown inside of another; made when first asked for."""

    def __repr__(self) -> str:
        return f"<DefType {self}>"

    def __str__(self) -> str:
        if len(self.group) == 1:
            text = str(self.group[0])
            return text if not self.supers and "rec." not in text else f"(rec (type {text}))"
        return f"(rec {' '.join(f'(type {t})' for t in self.group)}).{self.index}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_member, (self.group, self.index))

    @property
    def func(self) -> FuncType:
        """The function type; only for those that are one."""
        assert isinstance(self.comp, FuncType)
        return self.comp

    def is_sub_of(self, other: DefType) -> bool:
        """Whether the declared supertypes lead to `other` (or it is the type itself)."""
        depth = len(other.ancestors) - 1
        return depth < len(self.ancestors) and self.ancestors[depth] is other


def _brief(heap: HeapType) -> str:
    """A heap type inside of another type, cut short where it is long.

    Types that refer to types are as deep as they are many, and written out in full they double
    with every level: so each is shown once, the inner ones first.
    """
    if not isinstance(heap, DefType):
        return str(heap)
    work = [heap]
    while work:
        t = work[-1]
        unknown = (
            [] if hasattr(t, "brief") else [d for d in _mentioned(t) if not hasattr(d, "brief")]
        )
        if unknown:
            work += unknown
            continue
        work.pop()
        if not hasattr(t, "brief"):
            text = str(t) if len(t.group) <= _MANY else ""
            kind = type(t.comp).__name__.removesuffix("Type").lower()
            t.brief = text if 0 < len(text) <= _LONG else f"({kind} …)"
    return heap.brief


_LONG, _MANY = 500, 50


def _mentioned(t: DefType) -> Iterable[DefType]:
    """The types outside of its rec group that a type is made of."""
    found: list[HeapType] = []

    def note(heap: HeapType) -> HeapType:
        found.append(heap)
        return heap

    for sub in t.group if len(t.group) <= _MANY else ():
        _close_comp(sub.comp, note)
        found += sub.supers
    return (heap for heap in found if isinstance(heap, DefType))


HeapType: TypeAlias = AbsHeap | TypeIdx | RecIdx | DefType
ValType: TypeAlias = NumType | RefType
StorageType: TypeAlias = NumType | RefType | PackType
CompType: TypeAlias = FuncType | StructType | ArrayType

FUNCREF = RefType(True, AbsHeap.FUNC)
EXTERNREF = RefType(True, AbsHeap.EXTERN)
ANYREF = RefType(True, AbsHeap.ANY)

# ------------------------------------------------------------------ closing and interning

Closing: TypeAlias = Callable[[HeapType], HeapType]


def close(t: ValType, types: Sequence[object] | Closing) -> ValType:
    """A value type with every TypeIdx replaced from the closed type space `types`."""
    if isinstance(t, RefType):
        return RefType(t.nullable, _close_heap(t.heap, types))
    return t


def _close_heap(heap: HeapType, types: Sequence[object] | Closing) -> HeapType:
    if callable(types):
        return types(heap)
    if isinstance(heap, TypeIdx):
        found = types[heap.index]
        assert isinstance(found, DefType)
        return found
    return heap


def close_functype(t: FuncType, types: Sequence[object] | Closing) -> FuncType:
    """A function type with closed parameters and results."""
    return FuncType(
        tuple(close(p, types) for p in t.params), tuple(close(r, types) for r in t.results)
    )


def _close_comp(comp: CompType, types: Closing) -> CompType:
    def field(f: FieldType) -> FieldType:
        storage = f.storage if isinstance(f.storage, PackType) else close(f.storage, types)
        return FieldType(storage, f.mutable)

    if isinstance(comp, FuncType):
        return close_functype(comp, types)
    if isinstance(comp, StructType):
        return StructType(tuple(field(f) for f in comp.fields))
    return ArrayType(field(comp.field))


class _Group:
    """The members of a closed rec group; each keeps it, and so the others, alive."""

    __slots__ = ("__weakref__", "members")

    members: tuple[DefType, ...]


#: The most types above a type, and above one another, that validation takes (as engines do): each
#: type lists all of them.
MAX_ANCESTORS = 63

_groups: weakref.WeakValueDictionary[tuple[SubType, ...], _Group] = weakref.WeakValueDictionary()
_lock = threading.RLock()  # what collects garbage or handles a signal may come here meanwhile


def define_rec_group(
    group: Iterable[SubType], close_outer: Closing, first: int
) -> tuple[DefType, ...]:
    """The closed types of a rec group whose members have the typeidx `first`, `first+1`, ….

    `close_outer` gives the DefType of every TypeIdx below `first`. Follows the spec's rolling and
    unrolling (https://webassembly.github.io/spec/core/valid/conventions.html#rolling-and-unrolling).

    >>> a = define_rec_group([SubType(FuncType((I32,)))], lambda h: h, 0)
    >>> b = define_rec_group([SubType(FuncType((I32,)))], lambda h: h, 7)
    >>> a[0] is b[0]
    True
    """
    members = tuple(group)

    def roll(heap: HeapType) -> HeapType:
        if isinstance(heap, TypeIdx):
            inside = heap.index - first
            return RecIdx(inside) if 0 <= inside < len(members) else close_outer(heap)
        return heap

    rolled = tuple(
        SubType(_close_comp(m.comp, roll), tuple(roll(s) for s in m.supers), m.final)
        for m in members
    )
    return _intern(rolled)


def _intern(rolled: tuple[SubType, ...]) -> tuple[DefType, ...]:
    with _lock:
        known = _groups.get(rolled)
        if known is not None:
            return known.members
        made = [DefType.__new__(DefType) for _ in rolled]
        whole = _Group()
        whole.members = tuple(made)

        def unroll(heap: HeapType) -> HeapType:
            return made[heap.index] if isinstance(heap, RecIdx) else heap

        for i, (deftype, sub) in enumerate(zip(made, rolled, strict=True)):
            deftype.group, deftype.index, deftype.final = rolled, i, sub.final
            deftype.comp = _close_comp(sub.comp, unroll)
            supers = [unroll(s) for s in sub.supers]
            deftype.supers = tuple(s for s in supers if isinstance(s, DefType))
            above = getattr(deftype.supers[0], "ancestors", ()) if deftype.supers else ()
            deftype.ancestors = (*above[: MAX_ANCESTORS + 1], deftype)
            deftype.whole = whole
        return _groups.setdefault(rolled, whole).members


def _member(rolled: tuple[SubType, ...], index: int) -> DefType:
    return _intern(rolled)[index]


def functype(params: Sequence[ValType] = (), results: Sequence[ValType] = ()) -> DefType:
    """The closed type of a plain function type (closed parameters and results).

    >>> print(functype([I32, I32], [I64]))
    (func (param i32 i32) (result i64))
    """
    return _intern((SubType(FuncType(tuple(params), tuple(results))),))[0]


# ------------------------------------------------------------------ types of what modules pass


@dataclass(frozen=True, slots=True)
class Limits:
    """A size range: pages of a memory, entries of a table."""

    min: int
    max: int | None = None

    def __str__(self) -> str:
        return f"{self.min}" if self.max is None else f"{self.min} {self.max}"


@dataclass(frozen=True, slots=True)
class MemType:
    """A memory: its limits in pages and the type of its addresses (I32 or I64).

    `shared` between threads (the proposal threads); a page has 2^`page_bits` bytes, 64 KiB unless
    the proposal custom-page-sizes says otherwise.
    """

    limits: Limits
    addr: NumType = NumType.I32
    shared: bool = False
    page_bits: int = 16

    def __str__(self) -> str:
        return f"(memory {self.inner})"

    @property
    def inner(self) -> str:
        """What the text has between `memory` and the parenthesis."""
        address = "i64 " if self.addr is NumType.I64 else ""
        page = f" (pagesize {1 << self.page_bits})" if self.page_bits != 16 else ""
        return f"{address}{self.limits}{' shared' * self.shared}{page}"

    @property
    def most(self) -> int:
        """The pages that such a memory may have: bytes are counted and addressed in `addr`."""
        bits = 64 if self.addr is NumType.I64 else 32
        return min(1 << (bits - self.page_bits), (1 << bits) - 1)


@dataclass(frozen=True, slots=True)
class TableType:
    """A table: its limits in entries, what it holds, and the type of its indices."""

    limits: Limits
    elem: RefType
    addr: NumType = NumType.I32

    def __str__(self) -> str:
        return f"(table {'i64 ' if self.addr is NumType.I64 else ''}{self.limits} {self.elem})"


@dataclass(frozen=True, slots=True)
class GlobalType:
    """A global."""

    type: ValType
    mutable: bool = False

    def __str__(self) -> str:
        return f"(global (mut {self.type}))" if self.mutable else f"(global {self.type})"


@dataclass(frozen=True, slots=True)
class TagType:
    """An exception tag: the function type of its values."""

    type: DefType

    def __str__(self) -> str:
        shown = str(self.type)
        return f"(tag{shown[5:]}" if shown.startswith("(func") else f"(tag {shown})"


@dataclass(frozen=True)
class InstanceType:
    """The exports of an instance by name (module linking); closed."""

    exports: dict[str, ExternType]

    def __str__(self) -> str:
        return _shown(self, [MAX_SHOWN])


@dataclass(frozen=True)
class ModuleType:
    """The imports and exports of a module by name (module linking); closed.

    Two-level imports of one module name stand here as one import of an instance.
    """

    imports: dict[str, ExternType]
    exports: dict[str, ExternType]

    def __str__(self) -> str:
        return _shown(self, [MAX_SHOWN])


#: About as many characters as a module or instance type is shown with: types share their parts, and
#: written out a chain of them would be 2^n long.
MAX_SHOWN = 10_000


def _shown(t: ExternType, room: list[int]) -> str:
    if not isinstance(t, ModuleType | InstanceType):
        return str(t)
    parts = ["(module" if isinstance(t, ModuleType) else "(instance"]
    imports = t.imports if isinstance(t, ModuleType) else {}
    for word, items in (("import", imports), ("export", t.exports)):
        for name, inner in items.items():
            if room[0] < 0:
                parts.append("…")
                break
            room[0] -= len(name) + 20
            parts.append(f'({word} "{name}" {_shown(inner, room)})')
    return " ".join(parts) + ")"


ExternType: TypeAlias = (
    DefType | TableType | MemType | GlobalType | TagType | ModuleType | InstanceType
)
"""A closed external type; a function's is its DefType."""
