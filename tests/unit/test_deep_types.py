"""Types made of types: as deep as they are many, or doubling with every level; also in messages."""

import pytest

import watloom

LEVELS = 60
DEPTH = 3_000


def functions(count: int, uses: int) -> str:
    """Function types, each with parameters of the one before."""
    later = [f"(type $f{i} (func (param{f' (ref $f{i - 1})' * uses})))" for i in range(1, count)]
    return "(type $f0 (func))" + "".join(later)


def instances(name: str, count: int, uses: int, first: str) -> str:
    """Instance types, each with exports of the one before."""
    later = (
        f"(type ${name}{i} (instance "
        + "".join(f'(export "{n}" (instance (type outer 0 ${name}{i - 1})))' for n in range(uses))
        + "))"
        for i in range(1, count)
    )
    return f'(type ${name}0 (instance (export "x" {first})))' + "".join(later)


def given(count: int, uses: int, wanted: str) -> str:
    """An instance of a type is given where one is wanted that differs in the innermost, or not."""
    types = instances("a", count, uses, "(func)") + instances("b", count, uses, wanted)
    return f"""(module {types}
      (module $m (import "i" (instance (type outer 0 $b{count - 1}))))
      (import "i" (instance $i (type $a{count - 1})))
      (instance (instantiate $m (import "i" (instance $i)))))"""


@pytest.mark.parametrize(("count", "uses"), [(LEVELS, 2), (DEPTH, 1)])
def test_function_types(count, uses):
    last = f"$f{count - 1}"
    types = functions(count, uses)
    with pytest.raises(watloom.InvalidError) as invalid:
        watloom.Module(f"(module {types} (func (param (ref {last})) (result i32) local.get 0))")
    assert f"got (ref {last})" in str(invalid.value)
    text = f'(module {types} (import "m" "f" (func (type {last}))))'
    with pytest.raises(watloom.LinkError) as unlinkable:
        watloom.instantiate(text, {"m": {"f": watloom.Memory(1)}})
    assert len(unlinkable.value.render()) < 2_000
    assert len(str(watloom.Module(text).imports)) < 2_000


@pytest.mark.parametrize(("count", "uses"), [(LEVELS, 2), (DEPTH // 2, 1)])
def test_instance_types(count, uses):
    assert watloom.Module(given(count, uses, "(func)")).exports == {}
    with pytest.raises(watloom.InvalidError, match=r"^incompatible argument") as caught:
        watloom.Module(given(count, uses, "(memory 1)"))
    assert len(caught.value.render()) < 3_000
