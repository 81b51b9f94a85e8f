"""Modules made by hand for the tests of the binary format."""

import dataclasses

from watloom.interp.core.features import DEFAULT
from watloom.interp.core.instr import Instr, Op
from watloom.interp.core.module import (
    Active,
    Alias,
    Custom,
    Data,
    Declarative,
    Elem,
    Export,
    Func,
    FuncDesc,
    Global,
    Import,
    InstanceArg,
    InstanceDef,
    InstanceDesc,
    InstanceTypeDef,
    Kind,
    Local,
    Memory,
    Module,
    ModuleDesc,
    ModuleTypeDef,
    Names,
    NestedModule,
    OuterAlias,
    Passive,
    RecGroup,
    Start,
    Table,
    Tag,
    TagDesc,
    TypeExport,
)
from watloom.interp.core.numerics.bits import f64_to_bits
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    ANYREF,
    F32,
    F64,
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
from watloom.interp.isa import op_table

SOURCE = Source("made.wat", "(module)")
OPS = op_table(DEFAULT).by_mnemonic
FUNCTIONS = RefType(False, AbsHeap.FUNC)


def op(mnemonic: str, *args: object) -> Instr:
    """An instruction of a mnemonic that only one op has."""
    (found,) = OPS[mnemonic]
    return Instr(found, args)


def plain(thing: object) -> object:
    """A module as tuples without positions, floats by their bits, to be compared and shown."""
    if isinstance(thing, Op | Source):
        return repr(thing) if isinstance(thing, Op) else None
    if dataclasses.is_dataclass(thing):
        skip = {"at", "ats", "end", "source", "data_count"}
        fields = [f.name for f in dataclasses.fields(thing) if f.name not in skip]
        return type(thing).__name__, *((f, plain(getattr(thing, f))) for f in fields)
    if isinstance(thing, list | tuple):
        return [plain(item) for item in thing]
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in sorted(thing.items(), key=str)}
    return f64_to_bits(thing) if isinstance(thing, float) else thing


TYPES = [
    RecGroup((SubType(FuncType()),)),
    RecGroup((SubType(FuncType((I32, I64), (F32, F64, FUNCREF))),)),
    RecGroup(
        (
            SubType(StructType((FieldType(RefType(True, TypeIdx(3)), True),)), (), False),
            SubType(ArrayType(FieldType(PackType.I8, True)), (), True),
        )
    ),
    RecGroup((SubType(StructType((FieldType(PackType.I16), FieldType(ANYREF))), (TypeIdx(2),)),)),
    RecGroup(()),
    *(RecGroup((SubType(FuncType((RefType(null, heap),))),)) for null in (True, False)
      for heap in AbsHeap if heap is not AbsHeap.BOT),
]  # fmt: skip


def everything() -> Module:
    """A module with something of every kind that WebAssembly 3.0 has."""
    zero = [op("i32.const", 0)]
    functions = [op("ref.func", 1)]
    return Module(
        SOURCE,
        definitions=[
            TYPES[0],
            Import("env", "f", FuncDesc(0)),
            Import("env", "t", TableType(Limits(1, 2), FUNCREF)),
            Import("env", "m", MemType(Limits(0), I64)),
            Import("env", "g", GlobalType(RefType(False, TypeIdx(0)), True)),
            Import("é", "", TagDesc(0)),
        ],
        funcs=[
            Func(0, [Local(I32)] * 300 + [Local(I64), Local(I32)], [op("nop")]),
            Func(0, [], []),
        ],
        tables=[
            Table(TableType(Limits(1 << 40), FUNCREF, I64)),
            Table(TableType(Limits(0, 9), RefType(False, AbsHeap.FUNC)), functions),
        ],
        memories=[Memory(MemType(Limits(1, 1 << 48), I64)), Memory(MemType(Limits(65536)))],
        tags=[Tag(0)],
        globals=[Global(GlobalType(I32, True), [*zero, op("i32.const", 7), op("i32.add")])],
        exports=[Export(f"e{i}", kind, i) for i, kind in enumerate(list(Kind)[1:6])],
        start=Start(1),
        elems=[
            Elem(type_, init, mode)
            for mode in (Active(0, zero), Active(200, zero), Passive(), Declarative())
            for type_, init in (
                (FUNCTIONS, [functions, functions]),
                (FUNCTIONS, [[op("call", 0)]]),
                (FUNCREF, [functions, [op("ref.null", AbsHeap.NOFUNC)]]),
                (RefType(True, TypeIdx(0)), []),
                (FUNCTIONS, []),
            )
        ],
        datas=[
            Data(b"ab" * 100, Active(0, zero)),
            Data(b"", Active(1, zero)),
            Data(b"x", Passive()),
        ],
        customs=[
            Custom("at the start", b"\1"),
            Custom("", b"", 3),
            Custom("x", b"", 3),
            Custom("y", b"y", 11),
        ],
        names=Names(
            "m",
            {kind: {0: kind.value, 300: "é"} for kind in Kind},
            {0: {0: "x"}, 7: {1: "y"}},
            {0: {2: "l"}},
            {2: {0: "f"}},
            {1: "e"},
            {2: "d"},
        ),
    )


def linked() -> Module:
    """A module with something of every kind that module linking adds, three levels deep."""
    inner = Module(SOURCE, DEFAULT, definitions=[OuterAlias(0, Kind.TYPE, 0), TYPES[0]])
    inner.funcs = [Func(0, [], [])]
    inner.names = Names("inner")
    outer = Module(
        SOURCE,
        DEFAULT,
        definitions=[TYPES[0], NestedModule(inner), NestedModule(Module(SOURCE, DEFAULT))],
    )
    instance_type = InstanceTypeDef(
        [TYPES[0], TypeExport("f", FuncDesc(0)), TypeExport("m", MemType(Limits(1)))]
    )
    module_type = ModuleTypeDef(
        [
            OuterAlias(0, Kind.TYPE, 0),
            instance_type,
            ModuleTypeDef([]),
            Import("a", None, InstanceDesc(1)),
            Import("b", "", FuncDesc(0)),
            TypeExport("x", ModuleDesc(2)),
        ]
    )
    return Module(
        SOURCE,
        definitions=[
            Import("late", "types", TableType(Limits(0), FUNCREF)),
            TYPES[0],
            instance_type,
            module_type,
            Import("i", None, InstanceDesc(1)),
            Import("m", None, ModuleDesc(2)),
            Import("m", "", ModuleDesc(2)),
            Import("g", None, GlobalType(I32)),
            Import("", None, FuncDesc(0)),
            *(Alias(0, f"a{kind}", kind) for kind in Kind if kind is not Kind.TYPE),
            NestedModule(outer),
            InstanceDef(
                0, [InstanceArg(f"{kind}", kind, 0) for kind in Kind if kind is not Kind.TYPE]
            ),
            OuterAlias(1, Kind.MODULE, 3),
            TYPES[1],
            InstanceDef(1, []),
        ],
        exports=[Export("i", Kind.INSTANCE, 1), Export("m", Kind.MODULE, 0)],
        customs=[Custom("in between", b"", 14)],
    )
