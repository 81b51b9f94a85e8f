"""`(export $instance)` becomes an alias and an export of each export; indices move with it."""

import pytest

from binary_samples import plain
from watloom.interp.core.errors import UnbuiltError
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.instr import Instr, MemArg
from watloom.interp.core.module import (
    Active,
    Alias,
    Data,
    Definition,
    Elem,
    Export,
    ExportAll,
    Func,
    FuncDesc,
    Import,
    InstanceDef,
    InstanceDesc,
    InstanceTypeDef,
    Kind,
    Memory,
    Module,
    ModuleTypeDef,
    Names,
    NestedModule,
    OuterAlias,
    RecGroup,
    Start,
    TypeExport,
)
from watloom.interp.core.source import Source
from watloom.interp.core.types import AbsHeap, FuncType, Limits, MemType, RefType, SubType, TypeIdx
from watloom.interp.isa import op_table
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module

SOURCE = Source("zero.wat", "(module)")


def op(mnemonic: str, *args: object) -> Instr:
    return Instr(op_table(DEFAULT).by_mnemonic[mnemonic][0], args)


def sample() -> Module:
    """One imported function; two functions and a memory of its own; all exports of instance 1."""
    body = [
        op("call", 0),
        op("call", 1),
        op("i32.const", 0),
        op("i32.load", MemArg(0, 4, 2)),
        op("drop"),
    ]
    return Module(
        SOURCE,
        definitions=[
            RecGroup((SubType(FuncType()),)),
            Import("env", "f", FuncDesc(0)),
            NestedModule(Module(SOURCE)),
            InstanceDef(0, []),
        ],
        funcs=[Func(0, [], body), Func(0, [], [])],
        memories=[Memory(MemType(Limits(1)))],
        exports=[Export("own", Kind.FUNC, 2), ExportAll(1, 0), Export("env", Kind.FUNC, 0)],
        start=Start(2),
        elems=[
            Elem(
                RefType(False, AbsHeap.FUNC), [[op("ref.func", 1)]], Active(0, [op("i32.const", 0)])
            )
        ],
        datas=[Data(b"", Active(0, [op("i32.const", 0)]))],
        names=Names(None, {Kind.FUNC: {0: "f", 1: "g"}}, {1: {0: "x"}}),
    )


def exports_of(module: Module, instance: int) -> dict[str, Kind]:
    assert instance == 1
    return {"a": Kind.FUNC, "m": Kind.MEMORY, "b": Kind.FUNC}


def test_without_knowing_the_exports_it_is_refused():
    with pytest.raises(UnbuiltError, match="no binary form") as caught:
        encode_module(sample())
    assert caught.value.feature == "binary"


def test_expanded():
    data = encode_module(sample(), exports_of)
    module = decode_module(Source("zero.wasm", data=data), DEFAULT)
    aliases = [(d.instance, d.name, d.kind) for d in module.definitions if isinstance(d, Alias)]
    assert aliases == [(1, "a", Kind.FUNC), (1, "m", Kind.MEMORY), (1, "b", Kind.FUNC)]
    assert [(e.name, e.kind, e.index) for e in module.exports if isinstance(e, Export)] == [
        ("own", Kind.FUNC, 4),
        ("a", Kind.FUNC, 1),
        ("m", Kind.MEMORY, 0),
        ("b", Kind.FUNC, 2),
        ("env", Kind.FUNC, 0),
    ]
    calls_and_load = [module.funcs[0].body[i].args[0] for i in (0, 1, 3)]
    assert calls_and_load == [0, 3, MemArg(1, 4, 2)]
    assert module.start is not None
    assert module.start.func == 4
    assert module.elems[0].init[0][0].args == (3,)
    assert isinstance(module.elems[0].mode, Active)
    assert module.elems[0].mode.target == 0
    assert isinstance(module.datas[0].mode, Active)
    assert module.datas[0].mode.target == 1
    assert module.names == Names(None, {Kind.FUNC: {0: "f", 3: "g"}}, {3: {0: "x"}})


def test_the_module_itself_stays_as_it_was():
    module = sample()
    before = repr(module)
    encode_module(module, exports_of)
    assert repr(module) == before


# ------------------------------------------------------------------ in types


def test_in_a_type_it_becomes_a_copy():
    """`$I` through an alias, from a module that aliases it from further out."""
    func = RecGroup((SubType(FuncType()),))
    of_itself = RecGroup((SubType(FuncType((RefType(True, TypeIdx(1)),))),))
    instance_type = InstanceTypeDef(
        [
            OuterAlias(0, Kind.TYPE, 0),
            of_itself,
            TypeExport("f", FuncDesc(0)),
            TypeExport("g", FuncDesc(1)),
        ]
    )
    module_type = ModuleTypeDef(
        [
            OuterAlias(0, Kind.TYPE, 0),
            func,
            TypeExport(None, InstanceDesc(0)),
            Import("a", "b", FuncDesc(1)),
        ]
    )
    inner = Module(SOURCE, definitions=[OuterAlias(0, Kind.TYPE, 1), module_type])
    outer = Module(SOURCE, definitions=[func, instance_type, NestedModule(inner)])
    read = decode_module(Source("zero.wasm", data=encode_module(outer)), DEFAULT)
    nested = read.definitions[2]
    assert isinstance(nested, NestedModule)
    assert plain(nested.module.definitions[1]) == plain(
        ModuleTypeDef(
            [
                OuterAlias(0, Kind.TYPE, 0),
                func,
                Import("a", "b", FuncDesc(1)),
                OuterAlias(1, Kind.TYPE, 0),
                RecGroup((SubType(FuncType((RefType(True, TypeIdx(3)),))),)),
                TypeExport("f", FuncDesc(2)),
                TypeExport("g", FuncDesc(3)),
            ]
        )
    )


def test_an_instance_type_may_be_made_of_others():
    first = InstanceTypeDef([TypeExport("m", MemType(Limits(1)))])
    second = InstanceTypeDef([first, TypeExport(None, InstanceDesc(0))])
    third = InstanceTypeDef([OuterAlias(0, Kind.TYPE, 1), TypeExport(None, InstanceDesc(0))])
    module = Module(SOURCE, definitions=[first, second, third])
    read = decode_module(Source("zero.wasm", data=encode_module(module)), DEFAULT)
    assert plain(read.definitions[2]) == plain(
        InstanceTypeDef([OuterAlias(0, Kind.TYPE, 1), first, TypeExport("m", MemType(Limits(1)))])
    )


def test_copies_that_double_are_refused():
    """Each type has all exports of the one before, twice."""
    types: list[Definition] = [InstanceTypeDef([TypeExport("m", MemType(Limits(1)))])]
    for i in range(60):
        twice = [TypeExport(None, InstanceDesc(0)), TypeExport(None, InstanceDesc(0))]
        types.append(InstanceTypeDef([OuterAlias(0, Kind.TYPE, i), *twice]))
    with pytest.raises(UnbuiltError, match="no binary form"):
        encode_module(Module(SOURCE, definitions=types))
