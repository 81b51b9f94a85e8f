"""From text to the module IR: abbreviations, index spaces, types, code."""

import pytest

from watloom.interp.core.errors import MalformedError, UnbuiltError
from watloom.interp.core.features import DEFAULT, WASM3
from watloom.interp.core.instr import MemArg
from watloom.interp.core.module import (
    Active,
    Declarative,
    Export,
    FuncDesc,
    Import,
    Kind,
    Passive,
    RecGroup,
)
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    EXTERNREF,
    FUNCREF,
    I32,
    I64,
    AbsHeap,
    ArrayType,
    FieldType,
    FuncType,
    GlobalType,
    Limits,
    MemType,
    PackType,
    RefType,
    StructType,
    SubType,
    TableType,
    TypeIdx,
)
from watloom.parser.text import parse_module


def parse(text, features=WASM3):
    return parse_module(Source("t.wat", text), features)


def types(text):
    """The type definitions of a module, group by group."""
    return [d.types for d in parse(text).definitions if isinstance(d, RecGroup)]


def body(code, fields=""):
    """The code of a function with some locals, as (mnemonic, immediates)."""
    func = parse(f"(func $f (param $p i32) (local $l i64) {code}) {fields}").funcs[0]
    return [(instr.op.mnemonic, *instr.args) for instr in func.body]


# ------------------------------------------------------------------ modules


@pytest.mark.parametrize("text", ["", "(module)", " ;; nothing\n", "(module $m)"])
def test_empty_modules(text):
    assert parse(text).definitions == []


def test_the_name_of_a_module():
    assert parse("(module $m)").names.module == "m"


def test_fields_may_stand_alone():
    assert len(parse("(func) (memory 1)").funcs) == 1


@pytest.mark.parametrize(
    "text", ["(module) (module)", "(module) (func)", "(func) (module)", "(module))"]
)
def test_a_text_holds_one_module(text):
    with pytest.raises(MalformedError, match=r"^unexpected token"):
        parse(text)


# ------------------------------------------------------------------ types


def test_function_types_have_flat_lists():
    ((sub,),) = types("(type (func (param $x i32) (param i64 i64) (result i32) (result)))")
    assert sub == SubType(FuncType((I32, I64, I64), (I32,)))


def test_structs_and_arrays():
    (group,) = types(
        "(rec (type $s (struct (field i8 (mut (ref null $a))) (field $x i32))) (type $a "
        "(array (mut i16))))"
    )
    assert group[0].comp == StructType(
        (FieldType(PackType.I8), FieldType(RefType(True, TypeIdx(1)), True), FieldType(I32))
    )
    assert group[1].comp == ArrayType(FieldType(PackType.I16, True))


def test_subtypes():
    groups = types("(type $a (sub (func))) (type (sub final $a (func))) (type (sub $a (func)))")
    assert [(g[0].final, g[0].supers) for g in groups] == [
        (False, ()),
        (True, (TypeIdx(0),)),
        (False, (TypeIdx(0),)),
    ]


def test_implied_types_come_last_and_serve_all_that_are_equal():
    module = parse(
        "(func (param i32)) (type $t (func)) (func) (func (param i32)) (func (result i64))"
    )
    assert [f.typeidx for f in module.funcs] == [1, 0, 1, 2]


@pytest.mark.parametrize(
    "definition",
    ["(type (sub (func)))", "(rec (type (func)) (type (func)))", "(type (struct))"],
)
def test_only_a_lone_final_type_serves_a_use(definition):
    module = parse(f"{definition} (func)")
    assert module.funcs[0].typeidx == sum(len(d.types) for d in module.definitions) - 1


def test_types_stand_before_imports_in_the_preamble():
    module = parse('(import "a" "b" (func (param i32))) (type (func))')
    assert [type(d) for d in module.definitions] == [RecGroup, RecGroup, Import]
    assert module.imports[0].desc == FuncDesc(1)


def test_inline_types_must_match():
    parse("(type $t (func (param i32))) (func (type $t) (param i32)) (func (type 0))")
    with pytest.raises(MalformedError, match=r"^inline function type"):
        parse("(type $t (func (param i32))) (func (type $t) (result i32))")


# ------------------------------------------------------------------ definitions


def test_inline_imports_and_exports():
    module = parse('(func $f (export "a") (export "b") (import "m" "f")) (memory (export "c") 1)')
    assert module.imports == [Import("m", "f", FuncDesc(0), 0)]
    assert [(e.name, e.kind, e.index) for e in module.exports if isinstance(e, Export)] == [
        ("a", Kind.FUNC, 0),
        ("b", Kind.FUNC, 0),
        ("c", Kind.MEMORY, 0),
    ]


def test_tables():
    module = parse(
        """(table 1 funcref) (table i64 0 2 externref) (table 1 (ref func) (ref.func $f)) (func $f)
        (table $t funcref (elem $f 0)) (table i64 funcref (elem (ref.null func) (item ref.func
            $f)))"""
    )
    assert [t.type for t in module.tables] == [
        TableType(Limits(1), FUNCREF),
        TableType(Limits(0, 2), EXTERNREF, I64),
        TableType(Limits(1), RefType(False, AbsHeap.FUNC)),
        TableType(Limits(2, 2), FUNCREF),
        TableType(Limits(2, 2), FUNCREF, I64),
    ]
    assert [t.init is not None for t in module.tables] == [False, False, True, False, False]
    assert [(e.mode.target, repr(e.mode.offset)) for e in module.elems] == [
        (3, "[i32.const 0]"),
        (4, "[i64.const 0]"),
    ]


def test_memories():
    module = parse('(memory 1 2) (memory i64 (data "a" "b"))')
    assert [m.type for m in module.memories] == [MemType(Limits(1, 2)), MemType(Limits(1, 1), I64)]
    assert module.datas[0].init == b"ab"


def test_globals():
    module = parse("(global i32 i32.const 1) (global (mut i64) (i64.const 1))")
    assert [g.type for g in module.globals] == [GlobalType(I32), GlobalType(I64, True)]


def test_segments():
    module = parse(
        """(table $t 1 funcref) (memory $m 1) (func $f)
        (elem $p func $f) (elem declare func $f) (elem (table $t) (offset i32.const 0) func $f)
        (elem (i32.const 0) $f) (elem externref (ref.null extern)) (elem 0 (i32.const 0) $f)
        (data $d "x") (data (i32.const 0) "y") (data (memory $m) (offset (i32.const 0))) (data 0
            (i32.const 1) "")"""
    )
    modes = [type(e.mode) for e in module.elems]
    assert modes == [Passive, Declarative, Active, Active, Passive, Active]
    assert module.elems[0].type == RefType(False, AbsHeap.FUNC)
    assert [d.init for d in module.datas] == [b"x", b"y", b"", b""]
    assert module.names.elems == {0: "p"}


def test_names_are_kept():
    names = parse(
        """(module $m (type $t (struct (field $a i32) (field i32) (field $b i32)))
        (func $f (param $x i32) (local i32) (local $y i32) block loop $l end end))"""
    ).names
    assert names.spaces == {Kind.TYPE: {0: "t"}, Kind.FUNC: {0: "f"}}
    assert names.fields == {0: {0: "a", 2: "b"}}
    assert names.locals == {0: {0: "x", 2: "y"}}
    assert names.labels == {0: {1: "l"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(func $f) (func $f)", "duplicate function"),
        ('(import "" "" (memory $m 1)) (memory $m 1)', "duplicate memory"),
        ("(func (param $x i32) (local $x i32))", "duplicate local"),
        ("(type (struct (field $x i32) (field $x i32)))", "duplicate field"),
        ('(func) (import "" "" (func))', "import after function"),
        ('(memory 1) (func) (table (import "" "") 1 funcref)', "import after function"),
        ("(func $f) (start $f) (start $f)", "multiple start sections"),
        ("(func (type $t))", "unknown type"),
        ("(start $f)", "unknown function"),
        ("(func (local.get $x))", "unknown local"),
        ("(func (br $l))", "unknown label"),
        ("(func (block $l) (br $l))", "unknown label"),
        ("(func block $a end $b)", "mismatching label"),
        ("(func i32.const 0 if $a else $b end)", "mismatching label"),
        ("(func block end $b)", "mismatching label"),
        ("(func (type 3) (local $x i32))", "unknown type"),
        ("(type (struct)) (func (type 0) (local $x i32))", "non-function type"),
        ("(type (struct)) (func (type 0) (param i32))", "non-function type"),
        ("(type $s (struct)) (func (struct.get $s $x))", "unknown field"),
        ("(func (br 4294967296))", "i32 constant out of range"),
        ("(memory 0x1_0000_0000_0000_0000)", "i64 constant out of range"),
        ("(func (i32.load align=3 (i32.const 0)))", "alignment"),
    ],
)
def test_malformed(text, message):
    with pytest.raises(MalformedError, match=rf"^{message}"):
        parse(text)


# ------------------------------------------------------------------ code


def test_folded_code_is_put_in_the_order_in_which_it_runs():
    flat = (
        "local.get 0 i32.const 1 i32.add if $x (result i32) nop i32.const 1 else "
        "i32.const 2 end drop"
    )
    folded = """(drop (if $x (result i32) (i32.add (local.get $p) (i32.const 1))
        (then nop (i32.const 1)) (else (i32.const 2))))"""
    assert body(flat) == body(folded)


def test_blocks():
    fields = "(type $t (func (param i32) (result i32)))"
    code = (
        "(block) (block (result i64)) (loop (type $t)) (block (param i32)) (block (type "
        "$t) (param i32) (result i32))"
    )
    found = [b for b in body(code, fields) if b[0] != "end"]
    assert found == [("block", None), ("block", I64), ("loop", 0), ("block", 1), ("block", 0)]


def test_labels():
    code = "block $a loop $b block $a br $a br $b br 2 br_table $a $b 3 end br $a end end"
    assert [b[1:] for b in body(code) if b[0].startswith("br")] == [
        (0,),
        (1,),
        (2,),
        ((0, 1, 3),),
        (1,),
    ]


def test_immediates_are_in_binary_order():
    fields = """(table $t 1 funcref) (table $u 1 funcref) (memory $m 1) (memory $n 1) (global $g
        (mut i32) (i32.const 0))
        (elem $e func) (data $d "") (type $v (func)) (type $s (struct (field $a i32) (field $b
            i32)))
        (type $r (array i32))"""
    code = """call_indirect $u (type $v) call_indirect (param i32) table.init $u $e table.init $e
        table.copy $t $u
        memory.init $n $d memory.init $d memory.copy $n $m table.get $u table.get memory.size $n
        struct.get $s $b struct.get 1 0 array.new_data $r $d array.new_fixed $r 3 global.set $g
            data.drop $d"""
    assert [b[1:] for b in body(code, fields)] == [
        (0, 1),
        (3, 0),
        (0, 1),
        (0, 0),
        (0, 1),
        (0, 1),
        (0, 0),
        (1, 0),
        (1,),
        (0,),
        (1,),
        (1, 1),
        (1, 0),
        (2, 0),
        (2, 3),
        (0,),
        (0,),
    ]


def test_memory_accesses():
    fields = "(memory $a 1) (memory $b 1)"
    code = "i32.load i64.load16_u offset=0x10 align=1 f64.store $b align=4 i32.load8_s 1"
    assert [b[1] for b in body(code, fields)] == [
        MemArg(0, 0, 2),
        MemArg(0, 16, 0),
        MemArg(1, 0, 2),
        MemArg(1, 0, 0),
    ]


def test_constants_and_references():
    code = "i32.const -1 i64.const 0xf f32.const 0.1 ref.null func ref.null $t ref.func $f"
    assert [b[1] for b in body(code, "(type $t (func))")] == [
        0xFFFF_FFFF,
        15,
        0.10000000149011612,
        AbsHeap.FUNC,
        TypeIdx(0),
        0,
    ]


def test_two_ops_of_one_mnemonic():
    code = (
        "select select (result i32) select (result) ref.test (ref null eq) ref.cast (ref "
        "0) ref.cast i31ref"
    )
    func = parse(f"(type (func)) (func {code})").funcs[0]
    shown = [
        (i.op.immediates and i.op.immediates[0].name, i.args, i.op.data.get("null"))
        for i in func.body
    ]
    assert shown == [
        ((), (), None),
        ("valtype*", ((I32,),), None),
        ("valtype*", ((),), None),
        ("reftype", (AbsHeap.EQ,), True),
        ("reftype", (TypeIdx(0),), False),
        ("reftype", (AbsHeap.I31,), True),
    ]


def test_br_on_cast_is_one_immediate():
    code = "block $l (br_on_cast $l anyref (ref i31) (unreachable)) end"
    assert body(code)[2][1] == (0, RefType(True, AbsHeap.ANY), RefType(False, AbsHeap.I31))


def test_instructions_know_where_they_stand():
    text = "(func (drop\n (i32.const 1)))"
    func = parse(text).funcs[0]
    assert [text[i.at :].split()[0] for i in func.body] == ["i32.const", "drop"]
    assert text[func.end] == ")"


@pytest.mark.parametrize(
    "text",
    [
        "(func (result i32) (param i32))",
        "(func (block (param $x i32)))",
        "(func (i32.const 1.5))",
        "(func (f32.const))",
        "(func (nop) (local i32))",
        "(func block)",
        "(func end)",
        "(func (then))",
        "(func (if (i32.const 1) (nop)))",
        "(func (if (then) (else) (else)))",
        "(func (br_table))",
        "(func (call_ref))",
        "(memory)",
        "(table 1)",
        "(global i32 (param))",
        "(func (param $x i32 i32))",
        '(import "a" (func))',
        "(export 0)",
        "(func (call (func 0)))",
        "(func (ref.null (type 0)))",
        "(elem (table 0) (i32.const 0) 0)",
        "(func (table.copy 0))",
        "(func (nan:canonical))",
    ],
)
def test_syntax_errors(text):
    with pytest.raises(MalformedError, match=r"^unexpected token"):
        parse(text)


# ------------------------------------------------------------------ func.bind


@pytest.mark.parametrize(
    ("code", "typeidx"),
    [
        ("func.bind $t", 0),
        ("func.bind (type $t)", 0),
        ("func.bind (param i32)", 1),
        ("func.bind (type 0) (result i32)", 0),
    ],
)
def test_func_bind(code, typeidx):
    module = parse(f"(type $t (func (result i32))) (func (type $t) {code})", DEFAULT)
    assert module.funcs[0].body[0].args == (typeidx,)


def test_func_bind_needs_a_type_and_its_proposal():
    with pytest.raises(MalformedError, match=r"^unexpected token: func.bind needs"):
        parse("(func func.bind)", DEFAULT)
    with pytest.raises(UnbuiltError, match=r"^unknown operator func.bind") as caught:
        parse("(func func.bind 0)")
    assert caught.value.feature == "func-bind"


# ------------------------------------------------------------------ what is not built


@pytest.mark.parametrize(
    ("text", "feature", "word"),
    [
        ("(memory 1 1 shared)", "threads", "shared"),
        ("(func i32.atomic.load)", "threads", "i32.atomic.load"),
        ("(memory 1 (pagesize 1))", "custom-page-sizes", "pagesize"),
        ("(func (result (ref (exact 0))))", "custom-descriptors", "exact"),
        ("(func i64.add128)", "wide-arithmetic", "i64.add128"),
        ("(func try end)", "legacy-exceptions", "try"),
    ],
)
def test_unbuilt_features_are_reported_where_they_are_used(text, feature, word):
    with pytest.raises(UnbuiltError, match=r"^unknown operator") as caught:
        parse(text)
    assert caught.value.feature == feature
    assert caught.value.span.start == text.index(word)
