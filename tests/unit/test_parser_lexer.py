"""Tokens, comments, annotations, strings and names."""

import pytest

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.features import DEFAULT, WASM3
from watloom.interp.core.module import Kind
from watloom.interp.core.source import Source
from watloom.parser.comments import blank
from watloom.parser.keywords import vocabulary
from watloom.parser.strings import decode_name, decode_string, quote_bytes, quote_name
from watloom.parser.text import parse_module


def parse(text, features=WASM3):
    return parse_module(Source("t.wat", text), features)


def blanked(text):
    return blank(Source("t.wat", text), text)


# ------------------------------------------------------------------ comments and annotations


@pytest.mark.parametrize(
    "comment",
    [
        "(;;)",
        "(;a;)",
        "(;(;a;)b;)",
        "(;;a\n;)",
        '(;";)',
        "(;;;;)",
        "(;Würstchen;)",
        "(@a)",
        "(@a (b (c)) )",
        '(@"a b" ")" ; , [{ (;x;) ;; )\n)',
        "(@@)",
        "(@x (@) (@ y))",
    ],
)
def test_comments_and_annotations_become_spaces_of_the_same_length(comment):
    assert blanked(f"(module{comment}(func))") == f"(module{' ' * len(comment)}(func))"


@pytest.mark.parametrize("text", ['"(;"', '"(@"', ";; (; (@\n", '"\\"(;"', "$a", "( ;;)\n"])
def test_what_looks_like_one_stays(text):
    assert blanked(text + "(;;)") == text + "    "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(; (; ;)", "unclosed comment"),
        ("(@a (b)", "unclosed annotation"),
        ("(@a ;; )", "unclosed annotation"),
        ('(@a ")', "unclosed string"),
        ('(@a "\\q")', "illegal escape"),
        ('(@a "\\u{d800}")', "illegal escape"),
        ("(@)", "empty annotation id"),
        ('(@"")', "empty annotation id"),
        ("(@ a)", "empty annotation id"),
        ('(@"\\ff")', "malformed UTF-8 encoding"),
        ("(@a \x01)", "illegal character U\\+0001"),
        ("(@a ü)", "illegal character 'ü'"),
        ('(@a "\x01")', "illegal control character U\\+0001"),
    ],
)
def test_malformed_comments_and_annotations(text, message):
    with pytest.raises(MalformedError, match=rf"^{message}"):
        parse(f"(module {text}")


def test_a_comment_may_stand_between_a_parenthesis_and_its_keyword():
    module = parse("( (;c;) module ;; x\n ( ;; y\n func) ((@a) memory 1))")
    assert len(module.funcs) == len(module.memories) == 1


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_line_comment_ends_with_its_line(end):
    assert len(parse(f"(func) ;; (func){end}(func)").funcs) == 2


# ------------------------------------------------------------------ tokens


@pytest.mark.parametrize(
    "text",
    [
        "(func br 0drop)",
        '(data"a")',
        '(data "a""b")',
        '(data $l"a")',
        '(func (br_table 0$"l"))',
        '(func "a"x)',
        "(func (i32.const 0x))",
        "(func (i32.const 1__0))",
        "(func (i32.const _1))",
        "(func (f64.const 0x1.p))",
        "(func (f64.const .5))",
        "(func (f64.const nan:1))",
        "(func (i32.load offset=-1))",
        "(func (i32.load align= 4))",
        "(func i32.const0)",
        "(func ,)",
        "(func [)",
        "(func a)",
        "(funcs)",
        "(func.)",
    ],
)
def test_what_is_no_token_is_an_unknown_operator(text):
    with pytest.raises(MalformedError, match=r"^unknown operator"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(func $)", "empty identifier"),
        ('(func $"")', "empty identifier"),
        ('(func $ "a")', "empty identifier"),
        ('(func $"a\nb")', "empty identifier"),
        ('(func $"\\ff")', "malformed UTF-8 encoding"),
        ('(data "a\n")', "unclosed string"),
        ('(data "a', "unclosed string"),
        ('(data "a\tb")', "illegal control character U\\+0009"),
        ('(data "\\q")', "illegal escape \\\\q"),
        ('(data "\\u{110000}")', "illegal escape"),
        ('(data "\\u{d800}")', "illegal escape"),
        ('(data "\\u{' + "1" * 200 + '}")', "illegal escape"),
        ("(func \x00)", "illegal character U\\+0000"),
        ("(func é)", "illegal character 'é'"),
    ],
)
def test_malformed_tokens(text, message):
    with pytest.raises(MalformedError, match=rf"^{message}"):
        parse(text)


def test_names_are_what_they_spell():
    module = parse(r'(func $"\41B") (func (call $AB) (call $"A\u{42}")) (func $"two words")')
    assert [instr.args for instr in module.funcs[1].body] == [(0,), (0,)]
    assert module.names.spaces[Kind.FUNC] == {0: "AB", 2: "two words"}


def test_every_word_that_opens_a_construct_is_known_alone_too():
    words = vocabulary(DEFAULT, script=True)
    for word in words:
        if word[0] == "(" and word != "(":
            assert word[1:] in words


# ------------------------------------------------------------------ strings


@pytest.mark.parametrize(
    ("token", "data"),
    [
        (r'""', b""),
        (r'"abc"', b"abc"),
        (r'"\t\n\r\"\'\\"', b"\t\n\r\"'\\"),
        (r'"\00\ff\Ab"', b"\x00\xff\xab"),
        (r'"\u{1F600}é"', "😀é".encode()),
        (r'"\u{0_41}"', b"A"),
    ],
)
def test_strings(token, data):
    assert decode_string(token, 0) == data
    assert decode_string(quote_bytes(data), 0) == data


@pytest.mark.parametrize("name", ["", "a", 'quo"te\\', "line\nend", "é😀", "\x7f\x00"])
def test_names_are_quoted_and_read_back(name):
    assert decode_name(quote_name(name), 0) == name


def test_names_are_utf8():
    with pytest.raises(MalformedError, match=r"^malformed UTF-8 encoding: byte 0xff at position 1"):
        parse('(import "a\\ff" "b" (func))')
