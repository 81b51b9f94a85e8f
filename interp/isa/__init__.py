"""The verbs: every instruction, declared once, one file per family or proposal.

`op_table(features)` is the instruction set of a configuration; from it come the lexer's classes,
both codecs, the validator's rules and the machine's steps.
"""

from __future__ import annotations

from functools import lru_cache

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.features import PROPOSALS, Features
from watloom.interp.core.instr import Op
from watloom.interp.isa import (
    array,
    control,
    conversion,
    exceptions,
    func_bind,
    i31,
    integer,
    legacy_exceptions,
    let,
    memory,
    parametric,
    reference,
    relaxed_simd,
    simd,
    simd_float,
    simd_integer,
    simd_memory,
    struct,
    table,
    tail_call,
    threads,
    variable,
    wide_arithmetic,
)
from watloom.interp.isa import float as float_
from watloom.interp.isa.proposal import Proposal

__all__ = ["ALL", "OpTable", "op_table", "switched_off"]

#: Every proposal file, WebAssembly's own families first.
ALL: tuple[Proposal, ...] = tuple(
    family.PROPOSAL
    for family in (
        control, parametric, variable, integer, float_, conversion, memory, table, reference,
        struct, array, i31, tail_call, exceptions, simd, simd_integer, simd_float, simd_memory,
        relaxed_simd, func_bind, wide_arithmetic, let, legacy_exceptions, threads,
    )
)  # fmt: skip


@dataclass(frozen=True)
class OpTable:
    """The instructions of one configuration.

    `by_mnemonic` gives one op, or two that share a mnemonic (see `Op.data`): `select` and
    `select` with types, `ref.test`/`ref.cast` of a non-null and of a nullable type.
    """

    by_mnemonic: dict[str, tuple[Op, ...]]
    by_opcode: dict[tuple[int, ...], Op]


@lru_cache(maxsize=16)
def op_table(features: Features) -> OpTable:
    """The instruction set under these features."""
    by_mnemonic: dict[str, tuple[Op, ...]] = {}
    by_opcode: dict[tuple[int, ...], Op] = {}
    for proposal in ALL:
        if proposal.name in PROPOSALS and not features.has(proposal.name):
            continue
        for op in proposal.ops:
            by_mnemonic[op.mnemonic] = (*by_mnemonic.get(op.mnemonic, ()), op)
            by_opcode[op.opcode] = op
    return OpTable(by_mnemonic, by_opcode)


def switched_off(opcode: tuple[int, ...]) -> Op | None:
    """The instruction that an opcode would be if all proposals were on."""
    return op_table(Features(frozenset(PROPOSALS))).by_opcode.get(opcode)
