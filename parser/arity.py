"""How many operands an instruction takes and gives, as its own typing rule tells.

The rule is run with a `Checker` that only counts. It knows no types, so the rule goes on as in
unreachable code; where it insists on more, what has been counted until then stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.instr import BlockType, Instr
from watloom.interp.core.module import (
    FuncDesc,
    Import,
    InstanceTypeDef,
    Kind,
    Module,
    ModuleTypeDef,
    OuterAlias,
    RecGroup,
    TagDesc,
)
from watloom.interp.core.types import (
    FUNCREF,
    I32,
    AbsHeap,
    CompType,
    FuncType,
    GlobalType,
    Limits,
    MemType,
    RefType,
    TableType,
    ValType,
)

__all__ = ["Arities", "Counter", "comps_of"]

_ANY = RefType(True, AbsHeap.ANY)
_BOTTOM = RefType(False, AbsHeap.BOT)
_NOTHING = FuncType()


def comps_of(definitions: Sequence[Any]) -> dict[int, CompType]:
    """The composite types among the type definitions, by index."""
    found: dict[int, CompType] = {}
    count = 0
    for definition in definitions:
        if isinstance(definition, RecGroup):
            for sub in definition.types:
                found[count] = sub.comp
                count += 1
        elif isinstance(definition, ModuleTypeDef | InstanceTypeDef) or (
            isinstance(definition, OuterAlias) and definition.kind is Kind.TYPE
        ):
            count += 1
    return found


@dataclass
class Arities:
    """What a module's instructions take and give. What it does not know takes and gives nothing."""

    comps: dict[int, CompType]
    funcs: list[int | None] = field(default_factory=list)
    tags: list[int | None] = field(default_factory=list)

    @classmethod
    def of(cls, module: Module) -> Arities:
        """Those of a module's code."""
        spaces: dict[Kind, list[int | None]] = {Kind.FUNC: [], Kind.TAG: []}
        for definition in module.definitions:
            desc = getattr(definition, "desc", None)
            if isinstance(definition, Import) and isinstance(desc, FuncDesc | TagDesc):
                kind = Kind.FUNC if isinstance(desc, FuncDesc) else Kind.TAG
                spaces[kind].append(desc.typeidx)
            elif getattr(definition, "kind", None) in spaces:
                spaces[definition.kind].append(None)  # type: ignore[union-attr]
        funcs = spaces[Kind.FUNC] + [func.typeidx for func in module.funcs]
        tags = spaces[Kind.TAG] + [tag.typeidx for tag in module.tags]
        return cls(comps_of(module.definitions), funcs, tags)

    def functype(self, typeidx: int | None) -> FuncType:
        """A function type, or one without parameters and results."""
        comp = self.comps.get(typeidx) if typeidx is not None else None
        return comp if isinstance(comp, FuncType) else _NOTHING

    def block(self, t: BlockType) -> tuple[int, int]:
        """What a block takes and gives."""
        if isinstance(t, int):
            functype = self.functype(t)
            return len(functype.params), len(functype.results)
        return 0, int(t is not None)

    def of_instr(self, instr: Instr, labels: Sequence[int], results: int) -> tuple[int, int]:
        """What an instruction other than a block takes and gives.

        `labels` are the numbers of values that the open blocks' labels take, the outermost first.
        """
        counter = Counter(self, labels, results)
        with suppress(Exception):  # the module need not be valid: what a rule trips over is open
            instr.op.check(counter, *instr.args)
        return counter.taken, counter.given


class _Stopped(Exception):
    """A rule that will not go on."""


class _Type:
    """Stands for any type."""

    def __init__(self, functype: FuncType = _NOTHING) -> None:
        self.func = functype
        self.comp = functype


class Counter:
    """A `Checker` (see `isa.protocols`) that counts."""

    legacy = False

    def __init__(self, arities: Arities, labels: Sequence[int], results: int) -> None:
        self.arities = arities
        self.labels = labels
        self.count = results
        self.taken = self.given = 0

    # -------------------------------------------------------------- operands

    def push(self, *types: object) -> None:
        self.given += len(types)

    def push_unknown(self) -> None:
        self.given += 1

    def pop(self, want: object = None) -> None:
        self.taken += 1

    def pop_ref(self) -> RefType:
        self.taken += 1
        return _ANY

    def pop_all(self, types: Sequence[object]) -> None:
        self.taken += len(types)

    def pop_many(self, count: int, want: object) -> None:
        self.taken += count

    def peek_all(self, types: Sequence[object]) -> None: ...
    def unreachable(self) -> None: ...

    # -------------------------------------------------------------- what is known

    def label(self, depth: int) -> tuple[ValType, ...]:
        if depth < len(self.labels):
            return (_ANY,) * self.labels[-1 - depth]
        return self.results()

    def catches(self, depth: int) -> bool:
        return True

    def results(self) -> tuple[ValType, ...]:
        return (_ANY,) * self.count

    def functype(self, x: int) -> FuncType:
        return self.arities.functype(x)

    def func(self, x: int) -> _Type:
        return _Type(self.arities.functype(self.arities.funcs[x]))

    def tag(self, x: int) -> FuncType:
        return self.arities.functype(self.arities.tags[x])

    def comp(self, x: int) -> CompType:
        return self.arities.comps[x]

    # -------------------------------------------------------------- what is not asked

    def matches(self, sub: object, sup: object) -> bool:
        return True

    def closed(self, t: Any) -> Any:
        return t

    def close(self, heap: Any) -> Any:
        return heap

    def local(self, x: int) -> ValType:
        return I32

    get_local = set_local = local

    def global_(self, x: int) -> GlobalType:
        return GlobalType(I32, True)

    def table(self, x: int) -> TableType:
        return TableType(Limits(0), FUNCREF)

    def memory(self, x: int) -> MemType:
        return MemType(Limits(0))

    def elem(self, x: int) -> RefType:
        return _BOTTOM

    def data(self, x: int) -> None: ...
    def declared(self, x: int) -> None: ...
    def deftype(self, x: int) -> Any:
        return _Type(self.functype(x))

    def typeidx(self, t: object) -> int:
        return -1

    def name(self, kind: str, index: int, owner: int | None = None) -> str:
        return ""

    def shown(self, t: object) -> str:
        return ""

    def fail(self, text: str, help: str | None = None) -> Exception:
        return _Stopped()
