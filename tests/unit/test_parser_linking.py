"""Module linking in text, seen through the printer: what is implied is written out."""

import pytest

from watloom.interp.core.errors import MalformedError, UnbuiltError
from watloom.interp.core.features import DEFAULT, WASM3
from watloom.interp.core.module import Alias, Kind, NestedModule, OuterAlias
from watloom.interp.core.source import Source
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module

pytestmark = pytest.mark.usefixtures("in_both_tiers")


def parse(text, features=DEFAULT):
    return parse_module(Source("t.wat", text), features)


def same(short, long):
    """Whether two texts mean the same module."""
    assert print_module(parse(short)) == print_module(parse(long))


INSTANCE = (
    '(import "i" (instance $i (export "f" (func)) (export "j" (instance (export "g" (func))))))'
)


# ------------------------------------------------------------------ aliases


def test_inverted_aliases():
    same(f'{INSTANCE} (func $f (alias $i "f"))', f'{INSTANCE} (alias $i "f" (func $f))')


def test_an_item_may_stand_where_an_index_may():
    same(
        f'{INSTANCE} (func (call (func $i "f"))) (start (func $i "f"))',
        f'{INSTANCE} (alias $i "f" (func)) (func (call 0)) (start 0)',
    )


def test_items_of_any_depth_share_their_aliases():
    same(
        f'{INSTANCE} (func (call (func $i "j" "g")) (call (func $i "j" "g")))',
        f'{INSTANCE} (alias $i "j" (instance)) (alias 1 "g" (func)) (func (call 0) (call 0))',
    )


def test_an_explicit_alias_serves():
    same(
        f'{INSTANCE} (alias $i "f" (func $f)) (func (call (func $i "f")))',
        f'{INSTANCE} (alias $i "f" (func $f)) (func (call $f))',
    )


def test_numbers_count_what_is_written():
    text = f"""{INSTANCE}
        (module $m (import "" (func)))
        (instance $a (instantiate $m (import "" (func $i "f"))))
        (import "x" (func $x))
        (instance $b (instantiate 0 (import "" (func 0))))
        (func $own (call 0) (call 1) (call (func $i "j" "g")))
        (export "b" (instance 2))"""
    module = parse(text)
    assert [type(d).__name__ for d in module.definitions[-6:]] == [
        "Alias",
        "InstanceDef",
        "Import",
        "InstanceDef",
        "Alias",
        "Alias",
    ]
    args = [d.args[0].index for d in module.definitions if type(d).__name__ == "InstanceDef"]
    assert args == [0, 1]  # the alias of "f", then $x
    assert [i.args[0] for i in module.funcs[0].body] == [1, 3, 2]  # $x, $own, "g"
    assert module.exports[0].index == 2


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        ('(func (drop (global.get (global $i "x"))))', Kind.GLOBAL),
        ('(func (drop (i32.load (memory $i "x") (i32.const 0))))', Kind.MEMORY),
        ('(func (drop (memory.size (memory $i "x"))))', Kind.MEMORY),
        ('(func (drop (table.size (table $i "x"))))', Kind.TABLE),
        ('(func (call_indirect (table $i "x") (i32.const 0)))', Kind.TABLE),
        ('(func (drop (ref.func (func $i "x"))))', Kind.FUNC),
        ('(elem (table $i "x") (i32.const 0) func)', Kind.TABLE),
        ('(elem func (func $i "x"))', Kind.FUNC),
        ('(data (memory $i "x") (i32.const 0))', Kind.MEMORY),
        ('(export "e" (func $i "x"))', Kind.FUNC),
        ('(export (instance $i "x"))', Kind.INSTANCE),
        ('(instance (instantiate (module $i "x")))', Kind.MODULE),
    ],
)
def test_every_place_of_an_index(use, kind):
    module = parse(f'(import "i" (instance $i)) {use}')
    (alias,) = [d for d in module.definitions if isinstance(d, Alias)]
    assert (alias.instance, alias.name, alias.kind) == (0, "x", kind)


def test_unknown_instances():
    with pytest.raises(MalformedError, match=r"^unknown instance \$k"):
        parse('(import "i" (instance $i)) (func (call (func $k "f")))')
    with pytest.raises(MalformedError, match=r"^unknown instance 7"):
        parse('(func (call (func 7 "f")))')


# ------------------------------------------------------------------ outer aliases


def outer(text):
    """The outer aliases of the innermost nested module."""
    module = parse(text)
    while nested := [d for d in module.definitions if isinstance(d, NestedModule)]:
        module = nested[-1].module
    found = [d for d in module.definitions if isinstance(d, OuterAlias)]
    return [(d.count, d.kind, d.index) for d in found]


def test_outer_aliases_by_name_and_number():
    text = "(module $P (type (func)) (type $T (func)) (module $m) (module (module {})))"
    for use in (
        "(func (type outer $P $T))",
        "(func (type outer 1 1))",
        "(alias outer $P $T (type $U))",
        "(type $U (alias outer 1 $T))",
    ):
        assert outer(text.format(use)) == [(1, Kind.TYPE, 1)]
    for use in ("(instance (instantiate (module outer $P $m)))", "(alias outer 1 0 (module))",
                "(module (export \"x\") (alias outer $P $m))"):  # fmt: skip
        assert outer(text.format(use)) == [(1, Kind.MODULE, 0)]


def test_equal_outer_aliases_are_one():
    text = "(module $P (type $T (func)) (module (func (type outer $P $T)) (func (type outer 0 0))))"
    assert outer(text) == [(0, Kind.TYPE, 0)]


def test_a_type_that_uses_an_outer_type_stands_behind_it():
    same(
        """(type $T (func))
        (module (type $a (func (param (ref (type outer 0 $T))))) (func (type 0)))""",
        """(type $T (func))
        (module (alias outer 0 $T (type)) (type $a (func (param (ref 0)))) (func (type $a)))""",
    )


def test_locals_stand_behind_the_parameters_of_an_outer_type():
    module = parse(
        "(type $T (func (param i32 i32)))"
        "(module (func (type outer 0 $T) (local $x i32) local.get $x))"
    )
    nested = next(d for d in module.definitions if isinstance(d, NestedModule))
    assert nested.module.funcs[0].body[0].args == (2,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "(module $P (module (func (type outer $P $T))) (type $T (func)))",
            "unknown type \\$T: it is defined",
        ),
        (
            "(module $P (module (func (type outer 0 0))) (type (func)))",
            "unknown type 0: it is defined",
        ),
        (
            "(module $P (module $m (instance (instantiate (module outer $P $m)))))",
            "unknown module \\$m: it is",
        ),
        ("(module $P (module (func (type outer $Q $T))))", "unknown outer module \\$Q"),
        ("(module $P (module (func (type outer $P $T))))", "unknown type \\$T"),
        ("(alias outer 0 0 (func))", "unexpected token: a function of an outer module"),
        (
            '(import "i" (instance $i)) (alias $i "t" (type))',
            "unexpected token: an instance exports no types",
        ),
    ],
)
def test_what_cannot_be_seen_from_inside(text, message):
    with pytest.raises(MalformedError, match=rf"^{message}"):
        parse(text)


# ------------------------------------------------------------------ imports and types


def test_two_level_imports_take_a_place_among_the_instances():
    module = parse(
        '(import "a" "f" (func)) (import "b" (instance $b)) (import "a" "g" (func))'
        '(export "x" (instance $b))'
    )
    assert module.exports[0].index == 1


def test_types_of_modules_begin_empty():
    with pytest.raises(MalformedError, match=r"^unknown type \$T"):
        parse('(type $T (func)) (import "m" (module (export "f" (func (type $T)))))')
    same(
        '(module $P (type $T (func)) (import "m" (module (export "f" (func (type outer $P $T))))))',
        """(module $P (type $T (func))
        (type (module (alias outer 0 0 (type)) (export "f" (func (type 0)))))
        (import "m" (module (type 1))))""",
    )


def test_types_in_bodies_may_name_one_another():
    text = """(type (module
      (rec (type $a (struct (field (ref null $b)))) (type $b (struct (field (ref null $a)))))
      (export "f" (func (param (ref $a) (ref $b))))))"""
    data = encode_module(parse(text))
    printed = print_module(decode_module(Source("m", data=data), DEFAULT))
    assert "(rec\n" in printed
    assert encode_module(parse(printed)) == data


def test_zero_level_exports():
    text = """(type $I (instance)) (import "m" (module (export (type outer 0 $I))))
        (import "i" (instance $i)) (export $i)"""
    printed = print_module(parse(text))
    assert "(alias outer 0 0 (type))\n    (export 0)" in printed
    assert printed.endswith("(export $i))\n")


def test_instance_types_have_no_imports():
    with pytest.raises(MalformedError, match=r"^unexpected token: an instance type has no imports"):
        parse('(type (instance (import "a" (func))))')


def test_nested_modules_may_be_imported_exported_and_stand_before_imports():
    text = """(module (module $m (export "m") (import "n") (export "f" (func)))
        (module $n (export "n")) (import "x" (func))
        (instance $i (export "i") (import "j") (export "g" (func)))
        (instance $k (export "k") (instantiate $m)))"""
    assert [e.name for e in parse(text).exports] == ["m", "n", "i", "k"]


def test_names_of_nested_modules_are_their_own():
    same(
        "(module (module $a (func $f)) (func $f) (start $f))",
        "(module (module $a (func $f)) (func $f) (start 0))",
    )


# ------------------------------------------------------------------ the proposal is off


@pytest.mark.parametrize(
    "text",
    [
        "(module (module))",
        '(module (import "a" (func)))',
        '(module (alias 0 "a" (func)))',
        "(module (export 0))",
        "(module (instance (instantiate 0)))",
        '(module (func (call (func 0 "f"))))',
        '(module (export "a" (func 0 "b")))',
        '(module (func (import "a")))',
        "(module (type (module)))",
        "(module (type (instance)))",
        '(module (import "a" "b" (module)))',
        "(module (func (type outer 0 0)))",
        "(module ( instance))",
    ],
)
def test_module_linking_off(text):
    with pytest.raises(UnbuiltError, match=r"^(unexpected token|unknown operator)") as caught:
        parse(text, WASM3)
    assert caught.value.feature == "module-linking"
