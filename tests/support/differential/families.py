"""The families of instructions that a program may use, each to be switched on or off by name.

The families of pure instructions are the instruction set's own: a proposal with pure instructions
is a family by itself, once its number types have corners (`differential.constants`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from differential.constants import NUMBERS
from differential.draw import Draw
from watloom.interp import isa
from watloom.interp.core.features import PROPOSALS as FEATURES

__all__ = [
    "ALWAYS",
    "DEFAULT",
    "FAMILIES",
    "FUSED",
    "ONLY_WATLOOM",
    "PROPOSED",
    "PURE",
    "PureOp",
    "chosen",
    "known",
]


@dataclass(frozen=True, slots=True)
class PureOp:
    """A pure instruction of the instruction set."""

    mnemonic: str
    params: tuple[str, ...]
    result: str
    constant: bool


def _pure_ops() -> dict[str, list[PureOp]]:
    families: dict[str, list[PureOp]] = {}
    for proposal in isa.ALL:
        for op in proposal.ops:
            if op.pure is None or op.immediates:
                continue
            params, results = (tuple(side.split()) for side in op.signature.split("->"))
            if proposal.name in FEATURES:
                continue  # they have families and rules of their own
            if "relaxed_dot" in op.mnemonic:
                continue  # with bounds: rules.vectors
            if len(results) == 1 and {*params, *results} <= set(NUMBERS):
                made = PureOp(op.mnemonic, params, results[0], op.constant)
                families.setdefault(proposal.name, []).append(made)
    return families


#: Family → its pure instructions.
PURE = _pure_ops()

#: What other engines round once: in a family that only watloom knows.
FUSED = [op for op in PURE["relaxed-simd"] if op.mnemonic.endswith("madd")]
PURE["relaxed-simd"] = [op for op in PURE["relaxed-simd"] if op not in FUSED]

FAMILIES: dict[str, str] = {
    **{family: f"the pure instructions of {family}" for family in PURE},
    "variable": "globals, local.tee",
    "corners": "pure instructions on corner values, each result looked at",
    "chains": "integer instructions in a row, every bit of the last one looked at",
    "nans": "NaNs through all that keeps a float, their bits looked at",
    "waiting": "operands that wait while what they were read from changes",
    "select": "select, with and without a type",
    "memory": "loads, stores, size and grow",
    "bulk-memory": "fill, copy, init, data.drop",
    "multi-memory": "a second memory",
    "memory64": "memories with 64-bit addresses",
    "control": "block, loop, if, br, br_if, br_table, return",
    "deep": "long chains of nested blocks and loops",
    "dead-code": "code behind a branch, also with a polymorphic stack",
    "multi-value": "several results, blocks with parameters",
    "calls": "direct calls, bounded recursion",
    "indirect": "call_indirect",
    "tail-call": "return_call in its forms",
    "tables": "get, set, size, grow, fill, copy, init, elem.drop",
    "table64": "tables with 64-bit indices",
    "reference": "typed function references, call_ref, branches on null",
    "struct": "structs, with subtypes",
    "array": "arrays, packed and not",
    "i31": "unboxed integers",
    "cast": "ref.test, ref.cast, br_on_cast, br_on_cast_fail",
    "extern": "external references and their conversions",
    "extended-const": "arithmetic in constant expressions",
    "start": "a start function",
    "exceptions": "tags, throw, throw_ref, try_table",
    "host": "calls of an imported function",
    "idioms": "loops as compilers write them",
    "exhaustion": "recursion without end",
    "traps": "operands that may trap",
    "custom-page-sizes": "memories with pages of one byte (a proposal)",
    "threads": "atomic instructions, on one thread (a proposal)",
    "wide-arithmetic": "sums and products of 128 bits (a proposal)",
    "legacy-exceptions": "try, catch, delegate, rethrow (a proposal)",
    "let": "blocks with locals of their own (a proposal)",
    "relaxed-fused": "relaxed products and sums, here rounded twice",
    "func-bind": "closures by func.bind (not of WebAssembly 3.0)",
}

#: Families that only watloom knows.
ONLY_WATLOOM = frozenset({"func-bind", "legacy-exceptions", "let", "relaxed-fused"})

#: Families of proposals that are off unless they are asked for.
PROPOSED = frozenset({"wide-arithmetic", "custom-page-sizes", "threads"})

#: Families that are on if nothing is said.
DEFAULT = frozenset(FAMILIES) - ONLY_WATLOOM - PROPOSED

#: Families that every program needs.
ALWAYS = frozenset({"integer"})


def known(names: Iterable[str]) -> frozenset[str]:
    """The names as a set; ValueError for one that is no family."""
    found = frozenset(names)
    if strange := found - frozenset(FAMILIES):
        raise ValueError(f"unknown family {min(strange)!r}; known are {', '.join(FAMILIES)}")
    return found


def chosen(draw: Draw, allowed: frozenset[str]) -> frozenset[str]:
    """The families of one program: some of the allowed ones, so that few things are dense in it.

    Programs that lack a feature find what programs with all of them hide ("swarm testing").
    """
    if len(allowed) <= 8:
        return allowed | ALWAYS
    share = draw.pick((0.35, 0.6, 0.85, 1.0))
    rare = {"exhaustion": 0.04, "deep": 0.3, "start": 0.3}
    often = {
        "float": 1.5,
        "conversion": 1.5,
        "corners": 1.5,
        "chains": 1.2,
        "nans": 1.2,
        "waiting": 1.2,
    }
    names = [name for name in FAMILIES if name in allowed]  # in a fixed order
    return ALWAYS | {name for name in names if draw.chance(share * (rare | often).get(name, 1.0))}
