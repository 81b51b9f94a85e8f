"""`let`: scopes of locals, in text and binary, and what the validator makes of it."""

import pytest

import watloom
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.source import Source
from watloom.interp.validate import validate
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module

FEATURES = DEFAULT.with_(["+let"])

TEXT = """(module
  (func (export "f") (param $x i32) (result i32)
    (local $y i32)
    (local.set $y (i32.const 30))
    (i32.const 1) (i32.const 200)
    (let (result i32) (local $a i32) (local $b i32)
      (i32.const 4000)
      (let $l (result i32) (local $a i32)
        (local.set $y (i32.add (local.get $y) (i32.const 70000)))
        (br $l (i32.add (local.get $a) (i32.add (local.get $b)
          (i32.add (local.get $x) (local.get $y)))))))))"""


def run(module: watloom.Module, tier: str) -> int:
    store = watloom.Store(features=FEATURES, tier=tier)
    return watloom.instantiate(module, store=store).exports.f(500000)


@pytest.mark.parametrize("tier", ["reference", "fast"])
def test_locals_are_prepended(tier: str) -> None:
    source = Source("let.wat", text=TEXT)
    read = parse_module(source, FEATURES)
    printed = print_module(read)
    binary = encode_module(read)  # before the validator, so that `let` is written as such
    assert "let (result i32) (local $a i32) (local $b i32)" in printed
    assert "let $l (result i32) (local $a i32)" in printed  # it hides the other one
    assert b"\x17\x7f\x01\x02\x7f" in binary  # one run of two i32
    for form in (TEXT, printed, binary):
        assert run(watloom.Module(form, features=FEATURES), tier) == 574230
    again = decode_module(Source("let.wasm", data=binary), FEATURES)
    assert encode_module(again) == binary


def test_names_are_printed_and_kept() -> None:
    text = """(module
  (type (func (param i32) (result i32)))
  (func (type 0) (param $x i32) (result i32)
    local.get $x
    i32.const 1
    let (result i32) (local $a i32) (local i32)
      local.get $a
      i32.const 2
      let (type 0) (param i32) (result i32) (local $b i32)
        local.get $x
        local.get $a
        local.get 2
        local.get $b
        i32.add
        i32.add
        i32.add
        i32.add
      end
    end))"""
    read = parse_module(Source("let.wat", text=text), FEATURES)
    assert print_module(read) == text + "\n"
    binary = Source("let.wasm", data=encode_module(read))
    assert print_module(decode_module(binary, FEATURES)) == text + "\n"
    assert read.names.locals == {0: {0: "x", 1: "a", 3: "b"}}
    printed = print_module(validate(read).module)
    assert "(local $a i32)\n    (local i32)\n    (local $b i32)" in printed
    assert printed.count("local.get $a") == 2


def test_a_validated_let_is_plain_webassembly() -> None:
    valid = validate(parse_module(Source("let.wat", text=TEXT), FEATURES))
    assert run(watloom.Module(encode_module(valid.module)), "fast") == 574230


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("(let (local i32))", "type mismatch"),
        ("(i32.const 1) (let (local i32) (drop (local.get 1)))", "unknown local"),
        ("(i32.const 1) (let (local i32)) (drop (local.get 0))", "unknown local"),
        ("(let (local.set 0 (i32.const 1)))", "unknown local"),
    ],
)
def test_locals_end_with_their_block(body: str, message: str) -> None:
    with pytest.raises(watloom.InvalidError, match=message):
        watloom.Module(f"(module (func {body}))", features=FEATURES)


def test_many_locals_in_few_bytes() -> None:
    code = b"\x00\x17\x40\x01\xff\xff\xff\xff\x0f\x7f\x0b\x0b"
    binary = (
        b"\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\x0a" + bytes([len(code) + 2, 1, len(code)]) + code
    )
    with pytest.raises(watloom.MalformedError, match="too many locals"):
        watloom.Module(binary, features=FEATURES)


def test_hints_stay_with_their_instructions() -> None:
    text = """(module (func (param i32) (result i32) (i32.const 1)
      (let (result i32) (local i32) (@metadata.code.branch_hint "\\01")
        (if (result i32) (local.get 1) (then (local.get 0)) (else (i32.const 2))))))"""
    valid = validate(parse_module(Source("hints.wat", text=text), FEATURES))
    body = valid.module.funcs[0].body
    assert [body[pc].op.mnemonic for pc in valid.module.hints[0]] == ["if"]
