"""Whether a module has nothing but what the first release has: lowering leaves nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from watloom.interp.core.errors import Bug
from watloom.interp.core.instr import Instr, MemArg
from watloom.interp.core.module import (
    Active,
    Data,
    Elem,
    FuncDesc,
    Global,
    Memory,
    Module,
    RecGroup,
    Table,
)
from watloom.interp.core.types import (
    FUNCREF,
    I32,
    V128,
    FuncType,
    GlobalType,
    MemType,
    NumType,
    SubType,
    TableType,
)

__all__ = ["FIRST", "check_standard", "is_first"]

#: The opcodes of the first release, as ranges.
FIRST = ((0x00, 0x05), (0x0B, 0x11), (0x1A, 0x1B), (0x20, 0x24), (0x28, 0x44), (0x45, 0xBF))


def is_first(instr: Instr) -> bool:
    """Whether the instruction itself is of the first release."""
    code = instr.op.opcode
    return len(code) == 1 and any(a <= code[0] <= b for a, b in FIRST)


def check_standard(module: Module) -> None:
    """Raise Bug for anything else."""
    for what in _others(module):
        raise Bug(f"lowered to mvp, the module still has {what}")


def _others(module: Module) -> Iterator[str]:
    types = [d for d in module.definitions if isinstance(d, RecGroup)]
    for group in types:
        sub = group.types[0]
        if len(group.types) > 1 or not isinstance(sub.comp, FuncType) or sub != SubType(sub.comp):
            yield "types that are no functions"
        elif len(sub.comp.results) > 1 or any(map(_is_late, (*sub.comp.params, *sub.comp.results))):
            yield f"the type {sub.comp}"
    own: list[Memory | Table | Global] = [*module.memories, *module.tables, *module.globals]
    items = [*(i.desc for i in module.imports), *(definition.type for definition in own)]
    for kind in (MemType, TableType):
        if sum(isinstance(item, kind) for item in items) > 1:
            yield "several memories or tables"
    for item in items:
        if not _is_first_type(item):
            yield f"a {item}"
    for func in module.funcs:
        if any(_is_late(local.type) for local in func.locals):
            yield "locals that are no numbers"
        yield from (f"the instruction {i}" for i in func.body if not _is_first_instr(i))
    segments: list[Elem | Data] = [*module.elems, *module.datas]
    for segment in segments:
        if not isinstance(segment.mode, Active) or segment.mode.target:
            yield "segments that are not copied at once"
        if isinstance(segment, Elem) and any(x[0].op.mnemonic != "ref.func" for x in segment.init):
            yield "elements that are no functions"
    codes = [global_.init for global_ in module.globals]
    codes += [s.mode.offset for s in segments if isinstance(s.mode, Active)]
    if any(len(code) != 1 for code in codes) or any(table.init for table in module.tables):
        yield "initial values that are computed"
    if module.tags:
        yield "tags"


def _is_late(t: object) -> bool:
    return not isinstance(t, NumType) or t is V128


def _is_first_type(t: object) -> bool:
    match t:
        case FuncDesc():
            return True
        case GlobalType(held):
            return not _is_late(held)
        case MemType():
            return t.addr is I32 and not t.shared and t.page_bits == 16
        case TableType():
            return t.addr is I32 and t.elem == FUNCREF
    return False


def _is_first_instr(instr: Instr) -> bool:
    for kind, arg in zip(instr.op.immediates, instr.args, strict=True):
        place = arg.mem if isinstance(arg, MemArg) else arg
        if kind.space in ("memory", "table") and place:
            return False
        if kind.name == "blocktype" and isinstance(arg, int):
            return False
    return is_first(instr)
