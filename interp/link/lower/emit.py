"""From a plan to one module: items side by side, code with its indices in the result.

Segments and start functions keep the order of instantiation. An active segment stays one as long
as that order is the one in which a standard module does things (all element segments, all data
segments, the start function); from the first that would come too early, segments are passive and a
start function of the result copies them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watloom.interp.core.features import WASM3
from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import (
    Active,
    Data,
    Declarative,
    Elem,
    Export,
    ExternDesc,
    Func,
    FuncDesc,
    Global,
    Import,
    Kind,
    Local,
    Memory,
    Module,
    Names,
    Passive,
    Start,
    Table,
    Tag,
    TagDesc,
)
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    I32,
    AbsHeap,
    DefType,
    GlobalType,
    HeapType,
    MemType,
    NumType,
    RefType,
    TableType,
    TagType,
    TypeIdx,
    functype,
)
from watloom.interp.isa import op_table
from watloom.interp.link.lower import messages
from watloom.interp.link.lower.plan import CORE, Copy, Item, Plan
from watloom.interp.link.lower.target import Target
from watloom.interp.link.lower.types import TypePool
from watloom.parser.remap import Remap, map_val

__all__ = ["emit"]

_OPS = op_table(WASM3).by_mnemonic


def _op(mnemonic: str, *args: Any) -> Instr:
    return Instr(_OPS[mnemonic][0], args)


def emit(plan: Plan, target: Target) -> tuple[Module, dict[int, Source]]:
    """The module of a plan; and where its definitions come from, by their `id`."""
    emitter = _Emitter(plan, target)
    return emitter.run(), emitter.origins


class _Emitter:
    def __init__(self, plan: Plan, target: Target) -> None:
        self.plan = plan
        self.target = target
        self.types = TypePool()
        root = plan.root.valid.module
        self.out = Module(root.source, root.features.with_(["-module-linking", "-unique-imports"]))
        self.out.at = root.at
        self.maps = {copy: self._map(copy) for copy in plan.copies}
        self.origins: dict[int, Source] = {}
        self.steps: Expr = []
        """The code of the start function."""
        self.starts: list[int] = []
        """The functions that it calls, as long as it does nothing else."""

    def run(self) -> Module:
        out, plan = self.out, self.plan
        imports = [
            Import(*item.imported, self._desc(item), item.at)
            for kind in CORE
            for item in plan.items[kind]
            if item.imported is not None
        ]
        self._note_origin(imports, plan.root)
        for copy in plan.copies:
            self._own(copy)
        self._initialize()
        places = {getattr(e, "name", ""): e.at for e in plan.root.valid.module.exports}
        for name, item in plan.root.exports.items():
            out.exports.append(Export(name, item.kind, item.index, places.get(name, 0)))
        self._note_origin([e for e in out.exports if e.at], plan.root)
        self._declare_functions()
        self._name()
        out.definitions = [*self.types.definitions, *imports]
        return out

    def _note_origin(self, definitions: Sequence[object], copy: Copy) -> None:
        source = copy.valid.module.source
        self.origins |= {id(definition): source for definition in definitions}

    # -------------------------------------------------------------- code

    def _map(self, copy: Copy) -> Remap:
        def heap(t: HeapType) -> HeapType:
            return self.types.heap(copy.valid.types[t.index] if isinstance(t, TypeIdx) else t)  # type: ignore[arg-type]

        def index(space: str, i: int) -> int:
            if space == "type":
                found = copy.valid.types[i]
                assert isinstance(found, DefType)
                return self.types.index(found)
            if space == "elem":
                return copy.first_elem + i
            if space == "data":
                return copy.first_data + i
            item: Item = copy.spaces[Kind(space)][i]
            return item.index

        return Remap(index, heap)

    def _constant(self, copy: Copy, code: Expr) -> Expr:
        """A table's initial value: it may see imported globals only, so others are written out."""
        mapped = self.maps[copy].expr(code)
        found: Expr = []
        for before, after in zip(code, mapped, strict=True):
            item: Any = None
            if before.op.mnemonic == "global.get":
                item = copy.spaces[Kind.GLOBAL][before.args[0]]
            if item is None or item.home is None:
                found.append(after)
                continue
            inner = item.home.valid.module.globals[item.own].init
            found += self._constant(item.home, inner)
            made = next((i for i in found if "new" in i.op.mnemonic), None)
            if made is not None:
                source = item.home.valid.module.source
                raise messages.table_init(made.at, source, mnemonic=made.op.mnemonic)
        return found

    # -------------------------------------------------------------- what copies define

    def _desc(self, item: Item) -> ExternDesc:
        match item.type:
            case DefType():
                return FuncDesc(self.types.index(item.type))
            case TagType(t):
                return TagDesc(self.types.index(t))
            case TableType() as t:
                return self.types.table(t)
            case GlobalType() as t:
                return self.types.global_(t)
        assert isinstance(item.type, MemType)
        return item.type

    def _own(self, copy: Copy) -> None:
        out, valid, module = self.out, copy.valid, copy.valid.module
        code = self.maps[copy]
        first = {kind: len(copy.spaces[kind]) for kind in CORE}
        first[Kind.GLOBAL] -= len(module.globals)
        first[Kind.TABLE] -= len(module.tables)
        first[Kind.FUNC] -= len(module.funcs)
        for number, func in enumerate(module.funcs):
            locals_ = [Local(map_val(local.type, code.heap), local.at) for local in func.locals]
            typeidx = code.index("type", func.typeidx)
            out.funcs.append(Func(typeidx, locals_, code.expr(func.body), func.at, func.end))
            hints = module.hints.get(first[Kind.FUNC] + number)
            if hints:
                out.hints[code.index("func", first[Kind.FUNC] + number)] = dict(hints)
        for table, t in zip(module.tables, valid.tables[first[Kind.TABLE] :], strict=True):
            init = table.init and self._constant(copy, table.init)
            out.tables.append(Table(self.types.table(t), init, table.at))
        out.memories += [Memory(memory.type, memory.at) for memory in module.memories]
        for global_, gt in zip(module.globals, valid.globals[first[Kind.GLOBAL] :], strict=True):
            init = code.expr(global_.init)
            out.globals.append(Global(self.types.global_(gt), init, global_.at))
        out.tags += [Tag(code.index("type", tag.typeidx), tag.at) for tag in module.tags]
        lists: tuple[tuple[list[Any], list[Any]], ...] = (
            (out.funcs, module.funcs), (out.tables, module.tables), (out.memories, module.memories),
            (out.globals, module.globals), (out.tags, module.tags),
        )  # fmt: skip
        for made, own in lists:
            self._note_origin(made[len(made) - len(own) :], copy)

    # -------------------------------------------------------------- instantiation

    def _initialize(self) -> None:
        """The segments and start functions of the copies, in the order of instantiation."""
        seen_data = False
        mvp = self.target == "mvp"
        for copy in self.plan.copies:
            module, code = copy.valid.module, self.maps[copy]
            for number, (elem, valid) in enumerate(
                zip(module.elems, copy.valid.elems, strict=True), copy.first_elem
            ):
                t = self.types.ref(valid.type)
                init = [code.expr(item) for item in elem.init]
                late = self._started or (seen_data and not mvp)
                mode = self._mode(copy, elem, Kind.TABLE, number, len(init), late)
                self.out.elems.append(Elem(t, init, mode, elem.at))
                self._note_origin(self.out.elems[-1:], copy)
            for number, data in enumerate(module.datas, copy.first_data):
                mode = self._mode(copy, data, Kind.MEMORY, number, len(data.init), self._started)
                assert not isinstance(mode, Declarative)
                self.out.datas.append(Data(data.init, mode, data.at))
                self._note_origin(self.out.datas[-1:], copy)
                seen_data = seen_data or isinstance(mode, Active)
            if module.start is not None:
                func = code.index("func", module.start.func)
                self.starts.append(func)
                self.steps.append(_op("call", func))
        self._start()

    @property
    def _started(self) -> bool:
        return bool(self.steps)

    def _mode(
        self, copy: Copy, segment: Elem | Data, kind: Kind, number: int, count: int, late: bool
    ) -> Active | Passive | Declarative:
        mode = segment.mode
        if not isinstance(mode, Active):
            return mode
        target = self.maps[copy].index(kind.value, mode.target)
        if not late:
            return Active(target, self.maps[copy].expr(mode.offset))
        word = "table" if kind is Kind.TABLE else "memory"
        item: Item = copy.spaces[kind][mode.target]
        assert isinstance(item.type, TableType | MemType)
        assert item.type.addr in (I32, NumType.I64)
        self.steps += self.maps[copy].expr(mode.offset)
        self.steps += [_op("i32.const", 0), _op("i32.const", count)]
        order = (number, target) if _OPS["memory.init"][0].immediates[0].space == "data" else ()
        self.steps.append(_op(f"{word}.init", *order))
        self.steps.append(_op("elem.drop" if kind is Kind.TABLE else "data.drop", number))
        return Passive()

    def _start(self) -> None:
        if len(self.steps) == 1:
            self.out.start = Start(self.starts[0])
        elif self.steps:
            index = len(self.plan.items[Kind.FUNC])
            self.out.funcs.append(Func(self.types.index(functype()), [], self.steps))
            self.out.start = Start(index)
            self.out.names.spaces.setdefault(Kind.FUNC, {})[index] = "start"

    def _declare_functions(self) -> None:
        """What ref.func takes must be named outside of functions, too."""
        taken = {
            instr.args[0]
            for func in self.out.funcs
            for instr in func.body
            if instr.op.mnemonic == "ref.func"
        }
        codes = [code for elem in self.out.elems for code in elem.init]
        codes += [global_.init for global_ in self.out.globals]
        codes += [table.init for table in self.out.tables if table.init]
        taken -= {i.args[0] for code in codes for i in code if i.op.mnemonic == "ref.func"}
        taken -= {
            e.index for e in self.out.exports if isinstance(e, Export) and e.kind is Kind.FUNC
        }
        if taken:
            init = [[_op("ref.func", index)] for index in sorted(taken)]
            funcref = RefType(False, AbsHeap.FUNC)
            self.out.elems.append(Elem(funcref, init, Declarative()))

    # -------------------------------------------------------------- names

    def _name(self) -> None:
        names = self.out.names
        names.module = self.plan.root.valid.name
        for copy in self.plan.copies:
            given = copy.valid.module.names
            for kind in CORE:
                named = names.spaces.setdefault(kind, {})
                for i, item in enumerate(copy.spaces[kind]):
                    own = given.of(kind, i)
                    if own is None and kind is Kind.FUNC and item.home is copy:
                        own = copy.valid.funcs[item.own].name
                        own = None if own.startswith("func ") else own
                    if own is not None and (item.home is copy or item.index not in named):
                        path = f"{copy.path}." if copy.path and item.home is copy else ""
                        named[item.index] = path + own
            self._name_locals(copy, given)

    def _name_locals(self, copy: Copy, given: Names) -> None:
        for space in ("locals", "labels"):
            for i, inner in getattr(given, space).items():
                item: Item = copy.spaces[Kind.FUNC][i]
                if item.home is copy:
                    getattr(self.out.names, space)[item.index] = dict(inner)
