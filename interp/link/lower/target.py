"""What a target can say: WebAssembly 3.0, or the first release, called mvp."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from watloom.interp.core.features import WASM3
from watloom.interp.core.instr import Expr, Instr, MemArg
from watloom.interp.core.module import (
    Active,
    Data,
    Elem,
    FuncDesc,
    Import,
    Memory,
    Module,
    RecGroup,
    TagDesc,
)
from watloom.interp.core.source import Source
from watloom.interp.core.types import (
    AbsHeap,
    FuncType,
    GlobalType,
    MemType,
    NumType,
    RefType,
    SubType,
    TableType,
    ValType,
)
from watloom.interp.isa import op_table
from watloom.interp.link.lower import messages

__all__ = ["Target", "check_target"]

Target = Literal["3.0", "mvp"]

_STANDARD = op_table(WASM3).by_opcode
_HOW = {
    "3.0": "a standard engine has no such thing; compile without it",
    "mvp": "--target 3.0 takes it",
}
#: The opcodes of the first release, as ranges.
_FIRST = ((0x00, 0x05), (0x0B, 0x11), (0x1A, 0x1B), (0x20, 0x24), (0x28, 0x44), (0x45, 0xBF))


def check_target(module: Module, target: Target, origins: Mapping[int, Source]) -> None:
    """Raise LinkError for the first thing that the target does not have.

    `origins` are the sources of the module's definitions, by their `id`.
    """
    for owner, at, what, why in _wrong(module) if target == "3.0" else _too_new(module):
        shown = f"WebAssembly {target}" if target == "3.0" else target
        source = origins.get(id(owner))
        place = None if source is None else at
        raise messages.not_standard(
            place, source, what=what, target=shown, why=why, how=_HOW[target]
        )


Complaint = tuple[object, int, str, str]
"""A definition, the place in it, what stands there, and why it cannot."""


def _codes(module: Module) -> Iterator[tuple[object, Instr]]:
    for owner, code in _expressions(module):
        for instr in code:
            yield owner, instr


def _expressions(module: Module) -> Iterator[tuple[object, Expr]]:
    for func in module.funcs:
        yield func, func.body
    for global_ in module.globals:
        yield global_, global_.init
    for table in module.tables:
        yield table, table.init or []
    for segment in _segments(module):
        if isinstance(segment.mode, Active):
            yield segment, segment.mode.offset
        if isinstance(segment, Elem):
            for item in segment.init:
                yield segment, item


def _segments(module: Module) -> list[Elem | Data]:
    return [*module.elems, *module.datas]


def _memory_types(module: Module) -> Iterator[tuple[Import | Memory, MemType]]:
    for imported in module.imports:
        if isinstance(imported.desc, MemType):
            yield imported, imported.desc
    for memory in module.memories:
        yield memory, memory.type


def _wrong(module: Module) -> Iterator[Complaint]:
    """What is no part of WebAssembly 3.0."""
    for owner, instr in _codes(module):
        if _STANDARD.get(instr.op.opcode) is not instr.op:
            yield owner, instr.at, f"`{instr.op.mnemonic}`", "the instruction is a proposal's"
    for owner, t in _memory_types(module):
        if t.shared or t.page_bits != 16:
            what = "shared memories are" if t.shared else "other page sizes are"
            yield owner, owner.at, "a memory", f"{what} a proposal's"


# ------------------------------------------------------------------ the first release


def _too_new(module: Module) -> Iterator[Complaint]:
    """What came after the first release."""
    yield from _new_types(module)
    yield from _new_items(module)
    for owner, instr in _codes(module):
        yield from _new_instr(owner, instr)
    for segment in _segments(module):
        if not isinstance(segment.mode, Active):
            yield (
                segment,
                segment.at,
                "a segment",
                "it is passive or declarative, and mvp copies them all",
            )
        elif segment.mode.target:
            yield (
                segment,
                segment.at,
                "a segment",
                "it is copied to another table or memory than the first",
            )


def _new_types(module: Module) -> Iterator[Complaint]:
    for group in module.definitions:
        if not isinstance(group, RecGroup):
            continue
        for sub in group.types:
            if (
                not isinstance(sub.comp, FuncType)
                or len(group.types) > 1
                or sub != SubType(sub.comp)
            ):
                yield group, group.at, "a type", "mvp has function types only"
            elif len(sub.comp.results) > 1:
                yield (
                    group,
                    group.at,
                    f"the type {sub.comp}",
                    "mvp functions have one result at most",
                )
            else:
                for t in (*sub.comp.params, *sub.comp.results):
                    yield from _new_val(group, group.at, t)
    for func in module.funcs:
        for local in func.locals:
            yield from _new_val(func, local.at, local.type)


def _new_val(owner: object, at: int, t: ValType) -> Iterator[Complaint]:
    if isinstance(t, RefType) or t is NumType.V128:
        yield owner, at, f"the type {t}", "mvp has numbers only"


def _new_items(module: Module) -> Iterator[Complaint]:
    types: list[tuple[Any, Any]] = [(i, i.desc) for i in module.imports]
    own: list[Any] = [*module.memories, *module.tables, *module.globals]
    types += [(definition, definition.type) for definition in own]
    for owner, t in types:
        if isinstance(t, TagDesc):
            yield owner, owner.at, "a tag", "mvp has no exceptions"
        elif isinstance(t, GlobalType):
            yield from _new_val(owner, owner.at, t.type)
        elif isinstance(t, MemType) and (
            t.addr is not NumType.I32 or t.shared or t.page_bits != 16
        ):
            yield (
                owner,
                owner.at,
                f"the memory {t}",
                "mvp memories have 32-bit addresses and 64 KiB pages",
            )
        elif isinstance(t, TableType) and (
            t.addr is not NumType.I32 or t.elem != RefType(True, AbsHeap.FUNC)
        ):
            yield owner, owner.at, f"the table {t}", "mvp tables hold funcref"
        else:
            assert isinstance(t, FuncDesc | MemType | TableType)
    if module.tags:
        yield module.tags[0], module.tags[0].at, "a tag", "mvp has no exceptions"
    for table in module.tables:
        if table.init:
            yield table, table.at, "a table with an initial value", "mvp tables begin with null"
    for kind, plural in ((MemType, "memories"), (TableType, "tables")):
        found = [owner for owner, t in types if isinstance(t, kind)]
        if len(found) > 1:
            why = f"its instances have {len(found)} {plural}, and mvp has room for one"
            yield found[1], found[1].at, plural, why


def _new_instr(owner: object, instr: Instr) -> Iterator[Complaint]:
    op = instr.op
    first = len(op.opcode) == 1 and any(a <= op.opcode[0] <= b for a, b in _FIRST)
    if not first:
        yield owner, instr.at, f"`{op.mnemonic}`", "the instruction came after mvp"
        return
    for kind, arg in zip(op.immediates, instr.args, strict=True):
        late = arg.mem if isinstance(arg, MemArg) else arg
        if kind.space in ("memory", "table") and late:
            why = f"it uses another {kind.space} than the first"
            yield owner, instr.at, f"`{op.mnemonic}`", why
        if kind.name == "blocktype" and isinstance(arg, int):
            why = "mvp blocks have no parameters and one result at most"
            yield owner, instr.at, f"`{op.mnemonic}`", why
