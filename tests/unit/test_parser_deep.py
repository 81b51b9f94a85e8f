"""Depth and length: nothing recurses on the input, nothing is quadratic."""

import pytest

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.source import Source
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module

DEEP = 200_000


def parse(text):
    return parse_module(Source("deep.wat", text), DEFAULT)


@pytest.mark.parametrize(
    ("opening", "core", "closing"),
    [
        ("(i32.add ", "(i32.const 1)", " (i32.const 2))"),
        ("(i32.add (i32.const 1) ", "(i32.const 1)", ")"),
        ("(block ", "", ")"),
        ("(if (i32.const 0) (then ", "", "))"),
        ("(if ", "(i32.const 0)", "(then))"),
        ("block ", "", "end "),
    ],
)
def test_code_of_any_depth(opening, core, closing):
    func = parse(f"(func {opening * DEEP}{core}{closing * DEEP})").funcs[0]
    assert len(func.body) >= DEEP


def test_deep_code_is_printed():
    module = parse(f"(func {'(block ' * 2000}{')' * 2000})")
    text = print_module(module)
    assert print_module(parse(text)) == text


@pytest.mark.parametrize("depth", [1, 200])
def test_modules_in_modules(depth):
    module = parse("(module " * depth + ")" * depth)
    text = print_module(module)
    assert text.count("(module") == depth
    assert print_module(parse(text)) == text


def test_types_of_modules_in_types_of_modules():
    depth = 100
    text = '(instance (export "a" ' * depth + "(func)" + "))" * depth
    module = parse(f"(type {text})")
    assert print_module(module).count("(instance\n") == depth


@pytest.mark.parametrize(
    "text",
    [
        "(module " * 1000 + ")" * 1000,
        "(type " + '(instance (export "a" ' * 1000 + "(func)" + "))" * 1000 + ")",
    ],
)
def test_too_many_modules_in_modules(text):
    with pytest.raises(MalformedError, match=r"^nesting too deep: more than 250"):
        parse(text)


@pytest.mark.parametrize("text", ["(func " + "(block " * DEEP, "(" * DEEP, ")" * DEEP, "(;" * DEEP])
def test_deep_and_malformed(text):
    with pytest.raises(MalformedError):
        parse(text)


def test_deep_comments_and_annotations():
    parse("(;" * DEEP + ";)" * DEEP + "(@a " + "(" * DEEP + ")" * DEEP + ")")
