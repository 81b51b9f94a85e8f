"""Types: equality by identity, subtyping, printing, pickling."""

import pickle

from watloom.interp.core.matching import matches_extern, matches_heap, matches_ref
from watloom.interp.core.types import (
    ANYREF,
    FUNCREF,
    I32,
    I64,
    AbsHeap,
    DefType,
    FieldType,
    FuncType,
    GlobalType,
    HeapType,
    InstanceType,
    Limits,
    MemType,
    ModuleType,
    RefType,
    StructType,
    SubType,
    TypeIdx,
    define_rec_group,
    functype,
)


def same(heap: HeapType) -> HeapType:
    return heap


def list_type(first: int) -> DefType:
    """(rec (type $list (struct (field i32) (field (ref null $list)))))"""
    tail = FieldType(RefType(True, TypeIdx(first)))
    return define_rec_group([SubType(StructType((FieldType(I32), tail)))], same, first)[0]


def test_equal_recursive_types_are_one_object_wherever_they_stand() -> None:
    assert list_type(0) is list_type(5)
    inner = list_type(0).comp
    assert isinstance(inner, StructType)
    assert inner.fields[1].storage == RefType(True, list_type(3))


def test_a_type_in_another_group_is_another_type() -> None:
    pair = define_rec_group([SubType(FuncType((I32,))), SubType(FuncType((I32,)))], same, 0)
    assert pair[0] is not pair[1]
    assert pair[0] is not functype([I32])


def test_pickling_gives_the_same_object() -> None:
    t = list_type(0)
    assert pickle.loads(pickle.dumps(t)) is t


def test_declared_supertypes_are_followed() -> None:
    base, derived, other = define_rec_group(
        [
            SubType(StructType((FieldType(I32),)), final=False),
            SubType(StructType((FieldType(I32), FieldType(I64))), (TypeIdx(0),), final=False),
            SubType(StructType((FieldType(I32), FieldType(I64))), final=False),
        ],
        same,
        0,
    )
    assert matches_heap(derived, base) and not matches_heap(base, derived)
    assert not matches_heap(other, base)
    assert matches_heap(derived, AbsHeap.STRUCT) and matches_heap(AbsHeap.NONE, derived)
    assert not matches_heap(AbsHeap.NOFUNC, derived)


def test_null_fits_only_where_it_is_allowed() -> None:
    assert matches_ref(RefType(False, AbsHeap.FUNC), FUNCREF)
    assert not matches_ref(FUNCREF, RefType(False, AbsHeap.FUNC))
    assert not matches_ref(FUNCREF, ANYREF)


def test_limits_and_mutability() -> None:
    assert matches_extern(MemType(Limits(2, 3)), MemType(Limits(1)))
    assert not matches_extern(MemType(Limits(2)), MemType(Limits(1, 3)))
    nofunc = RefType(True, AbsHeap.NOFUNC)
    assert matches_extern(GlobalType(nofunc), GlobalType(FUNCREF))
    assert not matches_extern(GlobalType(nofunc, True), GlobalType(FUNCREF, True))


def test_modules_match_by_fewer_imports_and_more_exports() -> None:
    f, g = functype(), functype([I32])
    small = ModuleType({}, {"a": f, "b": g})
    assert matches_extern(small, ModuleType({"x": f}, {"a": f}))
    assert not matches_extern(ModuleType({"x": f}, {"a": f}), ModuleType({}, {"a": f}))
    assert not matches_extern(small, ModuleType({}, {"a": g}))
    assert matches_extern(InstanceType({"a": f, "b": g}), InstanceType({"b": g}))


def test_types_read_like_the_text_format() -> None:
    assert str(functype([I32, FUNCREF], [I64])) == "(func (param i32 funcref) (result i64))"
    assert str(InstanceType({"f": functype()})) == '(instance (export "f" (func)))'
    assert str(MemType(Limits(1, 2))) == "(memory 1 2)"
    assert str(list_type(0)) == "(rec (type (struct (field i32) (field (ref null rec.0)))))"
