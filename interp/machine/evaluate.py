"""Constant expressions: offsets, initial values, elements."""

from __future__ import annotations

from typing import Any

from watloom.interp.machine.machine import Machine
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.validate import ValidExpr

__all__ = ["evaluate"]


def evaluate(module: ModuleInst, expr: ValidExpr) -> Any:
    """The value of a constant expression in a module instance."""
    return Machine(module.store).evaluate(module, expr)
