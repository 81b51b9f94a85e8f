"""Constant expressions: offsets, initial values, elements."""

from __future__ import annotations

from typing import Any

from watloom.interp.machine.machine import Machine
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.validate import ValidExpr

__all__ = ["evaluate"]


def evaluate(module: ModuleInst, expr: ValidExpr) -> Any:
    """The value of a constant expression in a module instance."""
    if len(expr.code) == 1 and expr.code[0].op.mnemonic.endswith(".const"):
        return expr.code[0].args[0]  # by far the most common: an offset
    return Machine(module.store).evaluate(module, expr)
