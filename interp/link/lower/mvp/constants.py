"""Constant expressions of one instruction: what is computed is worked out here, or before all else.

(global $a i32 (i32.add (global.get $b) (i32.const 1)))     where $b is 4: (i32.const 5)
where $b is imported: (global $a (mut i32) (i32.const 0)), which `boot` sets
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from watloom.interp.core.instr import Expr, Instr
from watloom.interp.core.module import Active, Data, Elem, Module
from watloom.interp.core.types import GlobalType, NumType
from watloom.interp.link.lower.mvp.build import Build, op

__all__ = ["known_globals", "lower_constants"]


def lower_constants(build: Build) -> None:
    """Initial values and offsets of the module, in which references are numbers already."""
    module = build.module
    known = known_globals(module, build.first_global)
    boot: list[Expr] = []
    for index, global_ in enumerate(module.globals, build.first_global):
        found = known[index]
        if found is None:
            t = global_.type.type
            assert isinstance(t, NumType)
            boot.append([*global_.init, op("global.set", index)])
            found = op(f"{t}.const", 0 if t.value.startswith("i") else 0.0)
            global_.type = GlobalType(t, True)
        global_.init = [found]
    own = _immutable(module, build.first_global)
    segments: list[Elem | Data] = [*module.elems, *module.datas]
    for segment in segments:
        if isinstance(segment.mode, Active):
            constant = _folded(segment.mode.offset, known, own)
            if constant is not None:
                segment.mode = replace(segment.mode, offset=[constant])
    build.boot[:0] = boot


def known_globals(module: Module, first: int) -> dict[int, Instr | None]:
    """The one instruction that each of the module's own globals begins with, or None."""
    known: dict[int, Instr | None] = {}
    own = _immutable(module, first)
    for index, global_ in enumerate(module.globals, first):
        known[index] = _folded(global_.init, known, own)
    return known


def _immutable(module: Module, first: int) -> set[int]:
    return {i for i, g in enumerate(module.globals, first) if not g.type.mutable}


def _folded(code: Expr, known: dict[int, Instr | None], own: set[int]) -> Instr | None:
    """The one instruction that a constant expression comes to, if it does."""
    stack: list[Instr] = []
    for instr in code:
        pure = instr.op.pure
        if instr.op.mnemonic == "global.get":
            found = known[instr.args[0]] if instr.args[0] in own else instr
            if found is None:
                return None
            stack.append(found)
        elif pure is None:
            stack.append(instr)  # a constant, or what makes a reference
        else:
            operands: list[Any] = stack[-2:]
            if any(not x.op.mnemonic.endswith(".const") for x in operands):
                return None
            value = pure(*(x.args[0] for x in operands))
            stack[-2:] = [Instr(op(f"{instr.op.mnemonic[:3]}.const").op, (value,), instr.at)]
    return stack[0] if len(stack) == 1 else None
