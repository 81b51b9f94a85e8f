"""Annotations that mean something: names, custom sections, branch hints; in text and in binary."""

import pytest

from meaning import meaning
from watloom.interp.core.errors import InvalidError, MalformedError
from watloom.interp.core.features import DEFAULT, WASM3
from watloom.interp.core.module import Custom, Kind, Module, Names
from watloom.interp.core.source import Source
from watloom.interp.validate import validate
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module

pytestmark = pytest.mark.usefixtures("in_both_tiers")


def parse(text: str, features=WASM3) -> Module:
    return parse_module(Source("t.wat", text), features)


def decode(data: bytes) -> Module:
    return decode_module(Source("t.wasm", data=data), WASM3)


def round_trip(module: Module) -> None:
    """Printed and read, written and read, it is the same."""
    text, data = print_module(module), encode_module(module)
    assert meaning(parse(text, module.features)) == meaning(module)
    assert meaning(decode(data)) == meaning(module)
    assert encode_module(decode(data)) == data


def customs(module: Module) -> list[tuple[str, int]]:
    return [(custom.name, custom.after) for custom in module.customs]


# ------------------------------------------------------------------ names


def test_names_of_everything():
    module = parse(
        """(module $m (@name "M 1")
          (type $t (@name "T") (struct (field (@name "f 0") i32) (field $f i32)))
          (type (func (param (@name "ignored") i32)))
          (import "" "" (func $i (@name "imported")))
          (import "" "" (global (@name "g") i32))
          (func $f (@name "λ") (param (@name "p") i32) (param $q i32) (local $l (@name "") i32)
            (block $b (@name "block") (loop (@name "loop") (br $b)))
            if $i (@name "if") unreachable end)
          (table (@name "t") 1 funcref)
          (memory $mem (@name "mem") (data "x"))
          (elem (@name "e") declare func) (data $d (@name "d") ""))"""
    )
    assert module.names == Names(
        "M 1",
        {
            Kind.TYPE: {0: "T"},
            Kind.FUNC: {0: "imported", 1: "λ"},
            Kind.TABLE: {0: "t"},
            Kind.MEMORY: {0: "mem"},
            Kind.GLOBAL: {0: "g"},
        },
        locals={1: {0: "p", 1: "q", 2: ""}},
        labels={1: {0: "block", 1: "loop", 2: "if"}},
        fields={0: {0: "f 0", 1: "f"}},
        elems={0: "e"},
        datas={1: "d"},
    )
    round_trip(module)


def test_names_need_not_differ():
    module = parse('(func (@name "f")) (func (@name "f") (call 0)) (func (@name ""))')
    assert module.names.spaces == {Kind.FUNC: {0: "f", 1: "f", 2: ""}}
    assert print_module(module) == (
        '(module\n  (type (func))\n  (func $f (type 0))\n  (func (@name "f") (type 0)\n'
        '    call $f)\n  (func (@name "") (type 0)))\n'
    )
    round_trip(module)


def test_a_module_that_is_but_its_fields_has_a_name_too():
    assert parse('(@name "M") (func)').names.module == "M"
    assert parse('(func (@name "f"))').names == Names(spaces={Kind.FUNC: {0: "f"}})


def test_names_in_nested_modules():
    module = parse('(module (@name "out") (module $in (@name "in") (func (@name "f"))))', DEFAULT)
    (inner,) = [d.module for d in module.definitions]
    assert (module.names.module, inner.names.module) == ("out", "in")
    assert inner.names.spaces == {Kind.FUNC: {0: "f"}}


@pytest.mark.parametrize(
    "text",
    [
        '(func) (@name "M")',
        '(module) (@name "M")',
        '(func $f) (start $f (@name "f"))',
        '(func (local (@name "two") i32 i32))',
        '(func local.get $x (@name "x"))',
        '(func (param $x i32) (local.get $x (@name "x")) drop)',
        '(func) (export "f" (func 0 (@name "f")))',
        '(memory (data (@name "d") ""))',
        '(func (result (@name "r") i32) unreachable)',
    ],
)
def test_misplaced_names(text):
    with pytest.raises(MalformedError, match=r"^(misplaced @name|unknown local|unexpected token)"):
        parse(text)


# ------------------------------------------------------------------ custom sections


def test_the_order_of_the_specs_example():
    module = parse(
        """(module
          (@custom "A" "aaa")
          (type $t (func))
          (@custom "B" (after func) "bbb")
          (@custom "C" (before func) "ccc")
          (@custom "D" (after last) "ddd")
          (table 10 funcref)
          (func (type $t))
          (@custom "E" (after import) "eee")
          (@custom "F" (before type) "fff")
          (@custom "G" (after data) "ggg")
          (@custom "H" (after code) "hhh")
          (@custom "I" (after func) "iii")
          (@custom "J" (before func) "jjj")
          (@custom "K" (before first) "kkk")
        )"""
    )
    assert customs(module) == [
        ("K", 0), ("F", 0), ("E", 1), ("C", 1), ("J", 1), ("B", 3), ("I", 3), ("H", 10),
        ("G", 10), ("A", 10), ("D", 10),
    ]  # fmt: skip
    round_trip(module)


def test_what_a_custom_section_holds():
    module = parse('(module (@"custom" "ä\\00" (before first) "\\ff" ;;\n "é" (; ;) "") (func))')
    assert module.customs == [Custom("ä\0", b"\xff\xc3\xa9")]
    round_trip(module)


def test_custom_sections_of_module_linking():
    text = """(module (type (func)) (@custom "a" (after module) "1")
      (module (@custom "inner" "2") (func)) (instance (instantiate 0))
      (@custom "b" (after type)))"""
    module = parse(text, DEFAULT)
    assert customs(module) == [("b", 1), ("a", 14)]
    assert customs(module.definitions[1].module) == [("inner", 10)]
    assert meaning(parse(print_module(module), DEFAULT)) == meaning(module)


@pytest.mark.parametrize(
    "text",
    [
        '(func (@custom "a"))',
        '(module) (@custom "a")',
        '(@custom "a") (module)',
        '(type (@custom "a") (func))',
    ],
)
def test_misplaced_custom_sections(text):
    with pytest.raises(MalformedError, match=r"^misplaced @custom"):
        parse(text)


def test_a_name_section_that_is_written_otherwise_is_kept():
    """Its names are known, and its bytes stay where they are."""
    contents = {
        "02 01 00 80 00 01 02": None,  # a length that is too long, and something behind it
        "63 01 ff 00 02 01 6d": "m",  # an unknown subsection
        "00 82 00 01 6d": "m",  # an integer longer than it must be
        "01 01 00 00 02 01 6d": "m",  # not in order
        "": None,
    }
    for content, name in contents.items():
        for behind in ("", "00 02 01 78"):  # another custom section
            section = bytes.fromhex(f"04 6e 61 6d 65 {content}")
            data = b"\0asm\1\0\0\0\0" + bytes((len(section),)) + section
            data += bytes.fromhex(behind)
            module = decode(data)
            assert (module.names.module, module.customs[0].name) == (name, "name")
            assert encode_module(module) == data


def test_a_name_section_before_another_section_stays_there():
    data = encode_module(parse("(module $m)")) + bytes.fromhex("00 02 01 78")
    assert customs(decode(data)) == [("name", 0), ("x", 0)]
    assert encode_module(decode(data)) == data
    again = parse(print_module(decode(data)))
    assert encode_module(again) == data
    assert customs(decode(encode_module(parse("(module $m)")))) == []


# ------------------------------------------------------------------ branch hints

HINTED = """(module
  (import "" "" (func))
  (func (param i32)
    local.get 0
    (@metadata.code.branch_hint "\\01") if
      nop
    end)
  (func)
  (func (param i32) (local i64 i64 i32)
    (block
      (@metadata.code.branch_hint "\\00")
      (br_if 0 (block (result i32) (local.get 0) (local.get 0)
        (@metadata.code.branch_hint "\\01") (br_if 0)))
      (if (local.get 0) (then)))))"""


def test_hints_are_kept_by_the_number_of_the_instruction():
    module = parse(HINTED)
    assert module.hints == {1: {1: True}, 3: {4: True, 6: False}}
    assert customs(module) == [("metadata.code.branch_hint", 3)]
    validate(module)
    round_trip(module)
    assert bytes.fromhex("02 01 01 03 01 01 03 02 0d 01 01 10 01 00") in encode_module(module)


def test_hints_stand_beside_custom_sections():
    texts = ('(@custom "a" (after func)) (@custom "b" (before code) "x")', '(@custom "c")')
    for before, behind in (texts, texts[::-1]):
        module = parse(HINTED.replace("(module", f"(module {before}")[:-1] + behind + ")")
        assert len(module.customs) == 4
        round_trip(module)


def test_hints_that_mean_nothing_are_kept_as_bytes():
    data = encode_module(parse(HINTED))
    good = bytes.fromhex("02 01 01 03 01 01 03 02 0d 01 01 10 01 00")
    for bad in (
        "02 01 01 03 01 01 03 02 0d 01 01 0f 01 00",  # not at a conditional branch
        "02 01 01 03 01 01 03 02 0c 01 01 10 01 00",  # not at an instruction
        "02 01 01 03 01 01 03 02 10 01 01 0d 01 00",  # not in order
        "02 03 01 03 01 01 01 02 0d 01 01 10 01 00",
        "02 00 01 03 01 01 03 02 0d 01 01 10 01 00",  # of an import
        "02 01 01 03 02 01 03 02 0d 01 01 10 01 00",  # of another size
        "02 01 01 03 01 01 03 02 0d 01 01 10 01 02",  # of another value
        "ff 01 01 03 01 01 03 02 0d 01 01 10 01 00",
    ):
        other = data.replace(good, bytes.fromhex(bad))
        module = decode(other)
        assert module.hints == {}
        assert [c.data for c in module.customs] == [bytes.fromhex(bad)]
        assert encode_module(module) == other


def test_a_hint_belongs_to_a_conditional_branch():
    text = '(func (param i32) (@metadata.code.branch_hint "\\01") (drop (local.get 0)))'
    with pytest.raises(InvalidError, match=r"^@metadata\.code\.branch_hint.*: invalid target"):
        validate(parse(text))
