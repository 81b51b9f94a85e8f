"""Subtyping on closed types (https://webassembly.github.io/spec/core/valid/matching.html).

Every function asks "may a value of the first type stand where the second is wanted?".
Takes closed types only; TypeIdx must have been replaced (`types.close`).
"""

from __future__ import annotations

from watloom.interp.core.types import (
    AbsHeap,
    ArrayType,
    CompType,
    DefType,
    ExternType,
    FieldType,
    FuncType,
    GlobalType,
    HeapType,
    InstanceType,
    Limits,
    MemType,
    ModuleType,
    RefType,
    StorageType,
    StructType,
    TableType,
    TagType,
    ValType,
)

__all__ = [
    "bottom_of", "is_defaultable", "matches_comp", "matches_extern", "matches_heap",
    "matches_limits", "matches_ref", "matches_storage", "matches_val", "matches_vals", "top_of",
]  # fmt: skip

A = AbsHeap

#: Each abstract heap type with all that lie above it, itself included.
_ABOVE: dict[AbsHeap, frozenset[AbsHeap]] = {
    A.FUNC: frozenset({A.FUNC}),
    A.NOFUNC: frozenset({A.NOFUNC, A.FUNC}),
    A.EXTERN: frozenset({A.EXTERN}),
    A.NOEXTERN: frozenset({A.NOEXTERN, A.EXTERN}),
    A.EXN: frozenset({A.EXN}),
    A.NOEXN: frozenset({A.NOEXN, A.EXN}),
    A.ANY: frozenset({A.ANY}),
    A.EQ: frozenset({A.EQ, A.ANY}),
    A.I31: frozenset({A.I31, A.EQ, A.ANY}),
    A.STRUCT: frozenset({A.STRUCT, A.EQ, A.ANY}),
    A.ARRAY: frozenset({A.ARRAY, A.EQ, A.ANY}),
    A.NONE: frozenset({A.NONE, A.I31, A.STRUCT, A.ARRAY, A.EQ, A.ANY}),
    A.BOT: frozenset(A),
}


def _abstract(comp: CompType) -> AbsHeap:
    """The abstract type directly above a composite type."""
    if isinstance(comp, FuncType):
        return A.FUNC
    return A.STRUCT if isinstance(comp, StructType) else A.ARRAY


def top_of(heap: HeapType) -> AbsHeap:
    """The top of the hierarchy that a heap type lies in: any, func, extern or exn."""
    base = _abstract(heap.comp) if isinstance(heap, DefType) else heap
    assert isinstance(base, AbsHeap)
    above = _ABOVE[base]
    return next(t for t in (A.FUNC, A.EXTERN, A.EXN, A.ANY) if t in above)


def bottom_of(heap: HeapType) -> AbsHeap:
    """The bottom of the hierarchy that a heap type lies in."""
    return {A.ANY: A.NONE, A.FUNC: A.NOFUNC, A.EXTERN: A.NOEXTERN, A.EXN: A.NOEXN}[top_of(heap)]


def matches_heap(sub: HeapType, sup: HeapType) -> bool:
    """Heap types (Heaptype_sub).

    >>> matches_heap(AbsHeap.STRUCT, AbsHeap.ANY), matches_heap(AbsHeap.ANY, AbsHeap.EQ)
    (True, False)
    """
    if sub is sup:
        return True
    if isinstance(sub, DefType):
        if isinstance(sup, DefType):
            return sub.is_sub_of(sup)
        return isinstance(sup, AbsHeap) and sup in _ABOVE[_abstract(sub.comp)]
    assert isinstance(sub, AbsHeap), f"not a closed type: {sub}"
    if isinstance(sup, DefType):
        return sub is A.BOT or sub is bottom_of(sup)
    return sup in _ABOVE[sub]


def matches_ref(sub: RefType, sup: RefType) -> bool:
    """Reference types (Reftype_sub)."""
    return (sup.nullable or not sub.nullable) and matches_heap(sub.heap, sup.heap)


def matches_val(sub: ValType, sup: ValType) -> bool:
    """Value types (Valtype_sub)."""
    if sub is sup:
        return True
    return isinstance(sub, RefType) and isinstance(sup, RefType) and matches_ref(sub, sup)


def matches_vals(sub: tuple[ValType, ...], sup: tuple[ValType, ...]) -> bool:
    """Result types (Resulttype_sub)."""
    return len(sub) == len(sup) and all(map(matches_val, sub, sup))


def matches_storage(sub: StorageType, sup: StorageType) -> bool:
    """Storage types (Storagetype_sub)."""
    if sub is sup:
        return True
    return isinstance(sub, RefType) and isinstance(sup, RefType) and matches_ref(sub, sup)


def _matches_field(sub: FieldType, sup: FieldType) -> bool:
    """Field types (Fieldtype_sub): a mutable field is invariant."""
    if sub.mutable != sup.mutable or not matches_storage(sub.storage, sup.storage):
        return False
    return not sub.mutable or matches_storage(sup.storage, sub.storage)


def matches_comp(sub: CompType, sup: CompType) -> bool:
    """Composite types (Comptype_sub)."""
    if isinstance(sub, FuncType) and isinstance(sup, FuncType):
        return matches_vals(sup.params, sub.params) and matches_vals(sub.results, sup.results)
    if isinstance(sub, StructType) and isinstance(sup, StructType):
        return len(sub.fields) >= len(sup.fields) and all(
            map(_matches_field, sub.fields, sup.fields)
        )
    if isinstance(sub, ArrayType) and isinstance(sup, ArrayType):
        return _matches_field(sub.field, sup.field)
    return False


def matches_limits(sub: Limits, sup: Limits) -> bool:
    """Limits (Limits_sub)."""
    if sub.min < sup.min:
        return False
    return sup.max is None or (sub.max is not None and sub.max <= sup.max)


def matches_extern(sub: ExternType, sup: ExternType) -> bool:
    """External types (Externtype_sub), with module linking's modules and instances.

    Types of instances can be nested as deep as they are many, and share their parts: pairs of them
    are on a list, and each is looked at once.
    """
    work, seen = [(sub, sup)], set()
    while work:
        given, wanted = work.pop()
        if given is wanted or (id(given), id(wanted)) in seen:
            continue
        seen.add((id(given), id(wanted)))
        parts = _parts(given, wanted)
        if parts is None:
            return False
        work += parts
    return True


_Pair = tuple[ExternType, ExternType]


def _parts(sub: ExternType, sup: ExternType) -> list[_Pair] | None:
    """What must match for the types to match; None if they do not anyway."""
    match sub, sup:
        case InstanceType(), InstanceType():
            return _pairs(sub.exports, sup.exports)
        case ModuleType(), ModuleType():
            # exports covariant, imports contravariant: fewer imports and more exports are fine
            exports, imports = _pairs(sub.exports, sup.exports), _pairs(sup.imports, sub.imports)
            return None if exports is None or imports is None else exports + imports
    return [] if _matches_plain(sub, sup) else None


def _pairs(given: dict[str, ExternType], wanted: dict[str, ExternType]) -> list[_Pair] | None:
    if any(name not in given for name in wanted):
        return None
    return [(given[name], t) for name, t in wanted.items()]


def _matches_plain(sub: ExternType, sup: ExternType) -> bool:
    match sub, sup:
        case DefType(), DefType():
            return sub.is_sub_of(sup)
        case TableType(), TableType():
            same_elem = matches_ref(sub.elem, sup.elem) and matches_ref(sup.elem, sub.elem)
            return sub.addr is sup.addr and same_elem and matches_limits(sub.limits, sup.limits)
        case MemType(), MemType():
            same_kind = sub.addr is sup.addr and sub.shared == sup.shared
            same_kind = same_kind and sub.page_bits == sup.page_bits
            return same_kind and matches_limits(sub.limits, sup.limits)
        case GlobalType(), GlobalType():
            if sub.mutable != sup.mutable or not matches_val(sub.type, sup.type):
                return False
            return not sub.mutable or matches_val(sup.type, sub.type)
        case TagType(), TagType():
            return sub.type is sup.type
    return False


def is_defaultable(t: ValType) -> bool:
    """Whether a local of this type starts with a value (zero or null)."""
    return not isinstance(t, RefType) or t.nullable
