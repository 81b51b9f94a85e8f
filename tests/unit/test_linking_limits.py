"""Deep, wide and branching programs of module linking: they work, or a limit says so."""

import pytest

import watloom
from watloom import ExhaustionError, InvalidError, LinkError
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.source import Source
from watloom.interp.link.lower import lower
from watloom.interp.link.unbundle import unbundle


def nested(depth):
    """A module in a module in a module …, each exporting what the next one inside exports."""
    text = '(func (export "f") (result i32) (i32.const 1))'
    for _ in range(depth):
        text = f"(module $M {text}) (instance $i (instantiate $M)) (export $i)"
    return f"(module {text})"


def fan(count):
    """Many instances of one module."""
    each = "".join(
        f'(instance $i{n} (instantiate $M)) (func (export "{n}") (call (func $i{n} "f")))'
        for n in range(count)
    )
    return f'(module (module $M (global (mut i32) (i32.const 0)) (func (export "f"))) {each})'


def chain(length, leaf="(func)", name="T"):
    """Types that each name the one before twice: written out the last has 2^length leaves."""
    text = f'(type ${name}0 (instance (export "f" {leaf})))'
    for n in range(1, length):
        inner = f"(instance (type outer 0 ${name}{n - 1}))"
        text += f'(type ${name}{n} (instance (export "a" {inner}) (export "b" {inner})))'
    return text


def given(length, leaf="(func)"):
    """An instance of one chain's type, given where the other's is wanted."""
    return f"""(module {chain(length)} {chain(length, leaf, "U")}
      (import "x" (instance $x (type $T{length - 1})))
      (module $M (import "y" (instance (type outer 0 $U{length - 1}))))
      (instance (instantiate $M (import "y" (instance $x)))))"""


def doubling(length):
    """Modules that each instantiate the one before twice: 2^length instances."""
    text = '(module $M0 (func (export "f")))'
    for n in range(1, length):
        text += f"""(module $M{n} (module $M (alias outer 0 $M{n - 1}))
          (instance $a (instantiate $M)) (instance $b (instantiate $M)) (export $a))"""
    return f"(module {text} (instance (instantiate $M{length - 1})))"


@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_nested_modules(tier):
    store = watloom.Store(tier=tier)
    assert watloom.instantiate(nested(200), store=store).exports.f() == 1
    assert len(lower(watloom.Module(nested(200))).funcs) == 1


def test_many_instances():
    instance = watloom.instantiate(fan(2_000))
    assert len(instance.instances) == 2_000
    assert instance.exports["1999"]() is None
    assert len(instance.graph.nodes) == 2_001
    assert len(lower(watloom.Module(fan(2_000))).globals) == 2_000


def test_a_chain_of_files(tmp_path):
    for n in range(1_000):
        (tmp_path / f"f{n}.wat").write_text(
            f'(import "f{n + 1}" "f" (func $f (result i32))) (export "f" (func $f))'
        )
    (tmp_path / "f1000.wat").write_text('(func (export "f") (result i32) (i32.const 1))')
    assert watloom.instantiate(tmp_path / "f950.wat").exports.f() == 1
    with pytest.raises(ExhaustionError, match=r"^too many files: f1\.wat → … → f51\.wat"):
        watloom.instantiate(tmp_path / "f0.wat")


def test_a_chain_of_types():
    watloom.Module(given(60))


def test_a_chain_of_types_that_does_not_fit():
    with pytest.raises(InvalidError, match="incompatible argument"):
        watloom.Module(given(60, "(func (param i32))"))
    with pytest.raises(InvalidError, match="missing argument"):
        watloom.Module(
            f'(module {chain(60)} (module $M (import "x" (instance (type outer 0 $T59))))'
            "(instance (instantiate $M)))"
        )


def test_a_chain_of_types_is_unbundled():
    sizes = []
    for length in (60, 120, 240):
        text = f"""(module $P {chain(length)} (import "x" (instance $x (type $T{length - 1})))
          (module $M (import "y" (instance $y (type outer $P $T{length - 1}))) (export $y))
          (instance (instantiate $M (import "y" (instance $x)))))"""
        files = unbundle(Source("p.wat", text=text), DEFAULT, "p.wat")
        assert len(watloom.Module(files["m.wat"]).exports) == 2
        watloom.Module(files["p.wat"])
        sizes.append(sum(map(len, files.values())))
    assert sizes[2] < 4.4 * sizes[0]


def test_an_instance_that_is_exported_twice_over_and_over():
    text = '(module $M0 (func (export "f")))(instance $i0 (instantiate $M0))'
    inner = '(export "f" (func))'
    text += f"""(module $M (import "x" (instance $x {inner}))
      (export "f" (func $x "f")) (export "a" (instance $x)) (export "b" (instance $x)))"""
    for n in range(1, 40):
        text += f'(instance $i{n} (instantiate $M (import "x" (instance $i{n - 1}))))'
    instance = watloom.instantiate(f'(module {text} (export "last" (instance $i39)))')
    taker = '(module (import "last" (instance (export "a" (instance (export "f" (func)))))))'
    watloom.instantiate(taker, {"last": instance.exports.last})


def test_instances_without_end():
    with pytest.raises(ExhaustionError, match="too many instances"):
        watloom.instantiate(doubling(16))
    with pytest.raises(LinkError, match="more than 10000 instances"):
        lower(watloom.Module(doubling(16)))
    assert watloom.instantiate(doubling(8)) is not None
