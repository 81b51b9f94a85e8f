"""What people are told: the nearest name, the parenthesis that was opened, what was expected."""

import pytest

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.source import Source
from watloom.parser.text import parse_module


def error(text):
    with pytest.raises(MalformedError) as caught:
        parse_module(Source("t.wat", text), DEFAULT)
    return caught.value


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("(func (i32.ad))", "did you mean i32.add?"),
        ("(func (local.ges 0))", "did you mean local.get?"),
        ("(fucn)", "did you mean func?"),
        ("(moduel)", "did you mean module?"),
        (
            "(func (get_local 0))",
            "get_local is an old spelling: write local.get (--dialect legacy takes both)",
        ),
        ("(func $foo) (func (call $fo))", "did you mean $foo?"),
        ("(func (param $count i32) (drop (local.get $cuont)))", "did you mean $count?"),
        ("(func block $outer (br $outre) end)", "did you mean $outer?"),
        (
            "(type $t (struct (field $width i32))) (func (struct.get $t $widht))",
            "did you mean $width?",
        ),
        ("(func (result i32) (param i32))", "parameters come before results"),
        ("(func (nop) (func))", 'is a ")" missing before it? The "(func" is still open'),
        (
            "(module) (module)",
            "a .wat file holds one module; several make a test script, a .wast file",
        ),
        ('(func) (import "a" "b" (func))', "put imports first"),
    ],
)
def test_help(text, help_):
    assert error(text).help == help_


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(func (call))", 'unexpected token ")", expected a name, a number or "(func"'),
        ("(func (i32.const))", 'unexpected token ")", expected a number'),
        (
            "(memory (func))",
            'unexpected token "(func", expected a name, a number, a type, "(alias", "(data", '
            '"(export" or "(import"',
        ),
        ("(func (nop) (param))", 'unexpected token "(param", expected an instruction or ")"'),
        (
            "(func 1)",
            'unexpected token "1", expected a name, an instruction, "(alias", "(export", '
            '"(import", "(local", "(param", "(result", "(type" or ")"',
        ),
        ("(module 1)", 'unexpected token "1", expected a field of the module, a name or ")"'),
        ('(data "a" (func))', 'unexpected token "(func", expected a string or ")"'),
        ("(func) 1", 'unexpected token "1", expected a field of the module or the end of the text'),
    ],
)
def test_what_was_expected(text, message):
    assert error(text).message.startswith(message)


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("(module\n (func", "(func"),
        ("(module\n (func (param i32)\n  (i32.add (local.get 0)", "(i32.add"),
        ("(module\n (func (block $l (nop)", "(block"),
        ("(module\n (func (if (i32.const 1)", "(if"),
        ("(module\n (func (if (i32.const 1) (then (nop)", "(then"),
        ("(module\n (func (if (i32.const 1) (then (nop)) (else", "(else"),
        ("(module\n (func) (memory 1)", "(module"),
    ],
)
def test_a_missing_parenthesis_names_the_one_that_was_opened(text, opened):
    found = error(text)
    assert found.slug == "unclosed-parenthesis"
    assert f'"{opened}" is not closed' in found.message
    (note,) = found.notes
    assert note.text == "opened here"
    assert text[note.span.start :].startswith(opened)


def test_an_unexpected_token_says_what_it_stands_in():
    text = "(module (func (nop)) (memory (i32.const 1)))"
    (note,) = error(text).notes
    assert note.text == 'in the "(memory" that is opened here'
    assert text[note.span.start :].startswith("(memory")


def test_a_whole_diagnostic():
    assert error(
        "(module\n  (func $add (param i32)\n    (i32.ad (local.get 0) (i32.const 1))))"
    ).render() == (
        "t.wat:3:6: error: unknown operator i32.ad\n"
        "  3 |     (i32.ad (local.get 0) (i32.const 1))))\n"
        "    |      ^^^^^^\n"
        "help: did you mean i32.add?"
    )


def test_a_name_given_twice_shows_the_first():
    text = "(func $f) (func $f)"
    found = error(text)
    assert (found.span.start, found.notes[0].span.start) == (16, 0)
