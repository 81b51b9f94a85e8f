"""The legacy dialect: old spellings, each with a warning; and what to write where it is strict."""

import pytest

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.source import Source
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module

LEGACY = DEFAULT.with_(dialect="legacy")


def parse(text, features=LEGACY):
    return parse_module(Source("t.wat", text), features)


def same(old, new):
    """Whether an old text means the module of a new one, and draws warnings."""
    module = parse(old)
    assert print_module(module) == print_module(parse(new, DEFAULT))
    return [note.text for note in module.warnings]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(func (param i32) (drop (get_local 0)))", "(func (param i32) (drop (local.get 0)))"),
        (
            "(func (param i32) (set_local 0 (tee_local 0 (i32.const 1))))",
            "(func (param i32) (local.set 0 (local.tee 0 (i32.const 1))))",
        ),
        (
            "(memory 1) (func (drop (grow_memory (current_memory))))",
            "(memory 1) (func (drop (memory.grow (memory.size))))",
        ),
        ("(func $f (drop (func.ref $f)))", "(func $f (drop (ref.func $f)))"),
        ("(func (param anyRef funcRef))", "(func (param anyref funcref))"),
        (
            (
                "(type $s (struct (field $f i32))) (func (param (ref $s)) (drop (get_field $s $f "
                "(get_local 0))))"
            ),
            (
                "(type $s (struct (field $f i32))) (func (param (ref $s)) (drop (struct.get $s "
                "$f (local.get 0))))"
            ),
        ),
        ("(type $close_func)", "(type $close_func (func))"),
        (
            "(func (drop (i32.wrap/i64 (i64.const 1))))",
            "(func (drop (i32.wrap_i64 (i64.const 1))))",
        ),
        (
            "(func (drop (i32.trunc_s:sat/f32 (f32.const 1))))",
            "(func (drop (i32.trunc_sat_f32_s (f32.const 1))))",
        ),
        ("(global anyfunc (ref.null func))", "(global funcref (ref.null func))"),
        (
            '(type $f (func)) (import "m" (instance (export "f" (func (type $f)))))',
            '(type $f (func)) (import "m" (instance (export "f" (func (type outer 0 $f)))))',
        ),
        (
            "(type $i (instance)) (type $s (struct)) "
            '(type (module (type $g (func (param (ref $s)))) (export "g" (func (type $g))) '
            "(export $i)))",
            "(type $i (instance)) (type $s (struct)) "
            "(type (module (alias outer 0 $s (type $s)) (type $g (func (param (ref $s)))) "
            '(export "g" (func (type $g))) (export (type outer 0 $i))))',
        ),
    ],
)
def test_old_spellings(old, new):
    warnings = same(old, new)
    told = ("old spelling", "without a body", "is a type of an enclosing module")
    assert warnings and all(any(words in w for words in told) for w in warnings)
    with pytest.raises(MalformedError) as caught:
        parse(old, DEFAULT)
    assert "--dialect legacy" in (caught.value.help or "")


def test_warnings_say_where():
    (warning,) = parse("(func (param i32)\n  (drop (get_local 0)))").warnings
    assert warning.source.where(warning.span) == "t.wat:2:10"


def test_call_ref_without_a_type():
    module = parse("(func (param funcref) call_ref (return_call_ref (local.get 0)))")
    assert [i.args for i in module.funcs[0].body if "call_ref" in i.op.mnemonic] == [
        (None,),
        (None,),
    ]
    with pytest.raises(MalformedError, match=r"^unexpected token"):
        parse("(func call_ref)", DEFAULT)


def test_func_bind_without_a_type_is_the_empty_one():
    assert parse("(type (func (param i32))) (func (type 0) (func.bind (ref.func 0)))").funcs[
        0
    ].body[1].args == (1,)


def test_let_is_known_and_not_built():
    with pytest.raises(MalformedError, match=r"^unknown operator let") as caught:
        parse("(func (let))")
    assert caught.value.feature == "let"


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("(type $f (func (param i32) ... ))", "`...` is a placeholder"),
        ("(func mk-fd (param i32))", "names begin with $: write $mk-fd"),
        ("(func (param i32 (result i32)))", 'close the "(param" first'),
        ("(func $f (nop)) (call $f)", "an instruction stands outside of any function"),
        ("(module (func $f (nop)) call 0)", "an instruction stands outside of any function"),
        (
            (
                "(type $o (func)) (type $fd (struct (field $open (ref $o)))) (func (get_field $o "
                "$open (unreachable)))"
            ),
            "$o is a function type; the struct type that has the field $open is $fd",
        ),
    ],
)
def test_what_stays_wrong_says_what_to_write(text, help_):
    with pytest.raises(MalformedError) as caught:
        parse(text)
    assert (caught.value.help or "").startswith(help_)
