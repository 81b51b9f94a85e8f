"""What a target can say: WebAssembly 3.0, or the first release, called mvp (package `mvp`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from watloom.interp.core.features import WASM3
from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import Active, Data, Elem, Import, Memory, Module
from watloom.interp.core.source import Source
from watloom.interp.core.types import MemType
from watloom.interp.isa import op_table
from watloom.interp.link.lower import messages

__all__ = ["Target", "check_target", "instructions"]

Target = Literal["3.0", "mvp"]

_STANDARD = op_table(WASM3).by_opcode


def check_target(module: Module, origins: Mapping[int, Source]) -> None:
    """Raise LinkError for the first thing that WebAssembly 3.0 does not have.

    `origins` are the sources of the module's definitions, by their `id`.
    """
    for owner, at, what, why in _wrong(module):
        source = origins.get(id(owner))
        place = None if source is None else at
        how = "a standard engine has no such thing; compile without it"
        raise messages.not_standard(
            place, source, what=what, target="WebAssembly 3.0", why=why, how=how
        )


Complaint = tuple[object, int, str, str]
"""A definition, the place in it, what stands there, and why it cannot."""


def instructions(module: Module) -> Iterator[tuple[object, Instr]]:
    """All instructions of a module, each with the definition that it stands in."""
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
    for owner, instr in instructions(module):
        if _STANDARD.get(instr.op.opcode) is not instr.op:
            yield owner, instr.at, f"`{instr.op.mnemonic}`", "the instruction is a proposal's"
    for owner, t in _memory_types(module):
        if t.shared or t.page_bits != 16:
            what = "shared memories are" if t.shared else "other page sizes are"
            yield owner, owner.at, "a memory", f"{what} a proposal's"
