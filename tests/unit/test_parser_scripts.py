"""Test scripts: their commands, and what happens to those that cannot be read."""

import pytest

from watloom.interp.core.errors import MalformedError, UnbuiltError
from watloom.interp.core.features import WASM3
from watloom.interp.core.source import Source
from watloom.interp.core.types import F32, F64, I32, I64, AbsHeap
from watloom.parser.wast import (
    AssertException,
    AssertExhaustion,
    AssertInvalid,
    AssertInvalidCustom,
    AssertMalformed,
    AssertMalformedCustom,
    AssertReturn,
    AssertTrap,
    AssertUnlinkable,
    BinaryModule,
    BrokenCommand,
    Const,
    Either,
    Get,
    InstanceCmd,
    Invoke,
    ModuleCmd,
    NanPattern,
    QuoteModule,
    RefExtern,
    RefHost,
    RefNull,
    RefPattern,
    Register,
    TextModule,
    parse_script,
)


def parse(text):
    return parse_script(Source("t.wast", text), WASM3)


def one(text):
    (command,) = parse(text)
    return command


# ------------------------------------------------------------------ commands


def test_modules():
    text, binary, quote, definition = parse(
        r"""(module $a (func)) (module $b binary "\00asm" "\01\00") (module quote "(func)")
        (module definition $c)"""
    )
    assert (text.id, text.definition, text.at) == ("a", False, 0)
    assert isinstance(text.module, TextModule) and len(text.module.resolve().funcs) == 1
    assert isinstance(binary.module, BinaryModule) and binary.module.data == b"\0asm\1\0"
    assert isinstance(quote.module, QuoteModule) and len(quote.module.resolve().funcs) == 1
    assert (definition.id, definition.definition) == ("c", True)


def test_instances():
    assert [
        (c.id, c.module_id)
        for c in parse("(module instance) (module instance $m) (module instance $i $m)")
    ] == [
        (None, None),
        (None, "m"),
        ("i", "m"),
    ]
    assert isinstance(one("(module instance $a $b $c)"), BrokenCommand)


def test_actions_and_registrations():
    assert one('(register "m" $i)') == Register("m", "i", 0)
    assert one('(invoke $i "f" (i32.const -1))') == Invoke("i", "f", (Const(I32, 0xFFFF_FFFF),), 0)
    assert one('(get "g")') == Get(None, "g", 0)


def test_values():
    action = one(
        '(invoke "f" (i64.const 1) (f32.const 0.1) (f64.const 0x1p-1) (ref.null func) '
        "(ref.extern 3) (ref.host 4))"
    )
    assert action.args == (
        Const(I64, 1),
        Const(F32, 0.10000000149011612),
        Const(F64, 0.5),
        RefNull(AbsHeap.FUNC),
        RefExtern(3),
        RefHost(4),
    )


def test_patterns():
    command = one(
        """(assert_return (invoke "f") (i32.const 1) (f32.const nan:canonical) (f64.const
            nan:arithmetic)
        (ref.null) (ref.null any) (ref.extern) (ref.extern 1) (ref.func) (ref.i31) (ref.struct)
            (ref.array)
        (ref.eq) (ref.any) (ref) (either (i32.const 1) (i32.const 2)))"""
    )
    assert isinstance(command, AssertReturn)
    assert command.results == (
        Const(I32, 1),
        NanPattern(F32, True),
        NanPattern(F64, False),
        RefNull(None),
        RefNull(AbsHeap.ANY),
        RefExtern(None),
        RefExtern(1),
        RefPattern(AbsHeap.FUNC),
        RefPattern(AbsHeap.I31),
        RefPattern(AbsHeap.STRUCT),
        RefPattern(AbsHeap.ARRAY),
        RefPattern(AbsHeap.EQ),
        RefPattern(AbsHeap.ANY),
        RefPattern(None),
        Either((Const(I32, 1), Const(I32, 2))),
    )


def test_assertions():
    commands = parse(
        """(assert_trap (invoke "f") "t") (assert_trap (module) "t") (assert_trap (module
            instance $m) "t")
        (assert_exhaustion (invoke "f") "e") (assert_exception (invoke "f"))
        (assert_malformed (module quote "(") "m") (assert_invalid (module (func drop)) "i")
        (assert_unlinkable (module) "u") (assert_unlinkable (module instance) "u")"""
    )
    assert [type(c) for c in commands] == [
        AssertTrap,
        AssertTrap,
        AssertTrap,
        AssertExhaustion,
        AssertException,
        AssertMalformed,
        AssertInvalid,
        AssertUnlinkable,
        AssertUnlinkable,
    ]
    assert [type(c.action) for c in commands[:3]] == [Invoke, ModuleCmd, InstanceCmd]
    assert commands[5].message == "m"


def test_a_text_of_fields_alone_is_one_module():
    command = one("(func) (memory 1) ;; x")
    assert isinstance(command, ModuleCmd)
    assert len(command.module.resolve().memories) == 1


def test_an_empty_script():
    assert parse("") == parse(" ;; nothing (\n (; ) ;) ") == []


def test_forms_are_cut_out_of_the_text_only():
    text = '(module (data ")") (; ( ;)) ;; (\n (register "(")'
    assert [type(c) for c in parse(text)] == [ModuleCmd, Register]


# ------------------------------------------------------------------ what cannot be read


def test_a_broken_form_does_not_stop_the_others():
    first, broken, last = parse('(module) (module $m (fnc)) (invoke "f")')
    assert isinstance(first, ModuleCmd) and isinstance(last, Invoke)
    assert (broken.keyword, broken.id, broken.at) == ("module", "m", 9)
    assert broken.error.message == "unknown operator fnc"


def test_unbuilt_features_are_reported_at_their_line():
    text = "(module)\n(module\n  (func (param (ref (exact 0)))))"
    _, broken = parse(text)
    assert isinstance(broken.error, UnbuiltError)
    assert broken.error.feature == "custom-descriptors"
    assert broken.error.source.position(broken.error.span.start)[0] == 3


def test_assertions_on_annotations():
    command = one('(assert_malformed_custom (module quote "(@custom)") "@custom annotation")')
    assert isinstance(command, AssertMalformedCustom)
    with pytest.raises(MalformedError, match=r"^@custom annotation: missing section name"):
        command.module.resolve()
    command = one('(assert_invalid_custom (module) "@custom annotation")')
    assert isinstance(command, AssertInvalidCustom)


def test_the_commands_of_a_script_in_a_script_stand_in_its_place():
    text = '(module $a) (script $s ;; (\n (module $b) (script (get "x") (script))) (module $c)'
    a, b, get, c = parse(text)
    assert (a.id, b.id, get.name, c.id) == ("a", "b", "x", "c")
    deep = "(script " * 50_000 + "(module)" + ")" * 50_000
    assert len(parse(deep)) == 1


def test_input_and_output():
    read, written, last = parse('(input $m "a.wat") (output $m) (output "m.wasm")')
    assert (read.id, read.path) == ("m", "a.wat")
    assert (written.id, written.path, last.id, last.path) == ("m", None, None, "m.wasm")


def test_a_module_has_the_annotations_in_it():
    first, second = parse(
        '(@custom "0") (module (@custom "1")) (@custom "2") (module (@custom "3"))'
    )
    assert [c.name for c in first.module.resolve().customs] == ["1"]
    assert [c.name for c in second.module.resolve().customs] == ["3"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo (module)", "unknown operator foo"),
        ("(module) foo", "unknown operator foo"),
        ("(module) )", "unexpected token"),
        ("(module", "unexpected token: the text ends here"),
        ("(module) (assert_return)", "unexpected token"),
        ("(module) (func)", "unexpected token"),
        ("(input)", "unexpected token"),
        ('(output $m "file" "another")', "unexpected token"),
        ("(module) (script (module)", 'unexpected token "(script"'),
        ("(script) )", "unexpected token"),
        ("(script foo)", "unknown operator foo"),
        ('(assert_return (invoke "f") (ref.is_null))', "unexpected token"),
        ('(invoke "f" (ref.null 0))', "unexpected token"),
        ('(invoke "f" (i32.const nan:canonical))', "unexpected token"),
        ('(register "\\ff")', "malformed UTF-8 encoding"),
    ],
)
def test_broken_forms(text, message):
    (broken,) = [c for c in parse(text) if isinstance(c, BrokenCommand)]
    assert broken.error.message.startswith(message)


def test_a_script_with_an_unclosed_comment_cannot_be_cut():
    with pytest.raises(MalformedError, match=r"^unclosed comment"):
        parse("(module) (; ")


def test_errors_of_names_come_when_a_module_is_resolved():
    command = one('(assert_invalid (module (func (call $f))) "unknown function")')
    with pytest.raises(MalformedError, match=r"^unknown function"):
        command.module.resolve()


def test_quoted_text_must_be_utf8():
    command = one(r'(assert_malformed (module quote "(@a \80)") "malformed UTF-8")')
    with pytest.raises(MalformedError, match=r"^malformed UTF-8 encoding"):
        command.module.resolve()


def test_errors_in_quoted_text_show_it():
    command = one('(module quote\n "(func $f)"\n "(func $f)")')
    with pytest.raises(MalformedError) as caught:
        command.module.resolve()
    assert caught.value.render().startswith("t.wast:1 (quoted):1:16: error: duplicate function $f")
