"""Instructions without a rule in the compiled tier: their own step, called like a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom.interp.core.instr import Instr
from watloom.interp.machine.frames import Frame
from watloom.interp.machine.operations import Operations
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.validate import ValidExpr

__all__ = ["make_step"]


class _Steps(Operations):
    """The reference machine as an instruction's own step sees it, for that one step."""

    def __init__(self, instance: ModuleInst, frame: Frame) -> None:
        self.store = instance.store
        self.frames = [frame]
        self.stack = []


def make_step(instance: ModuleInst, instr: Instr, results: int) -> Callable[..., Any]:
    """An instruction's own step as a Python function of its operands."""
    frame = Frame(None, instance, ValidExpr([instr]), [], 0, 0)
    step, immediates = instr.op.step, instr.args

    def run(*operands: Any) -> Any:
        machine = _Steps(instance, frame)
        machine.stack.extend(operands)
        step(machine, *immediates)
        if results == 1:
            return machine.stack[0]
        return tuple(machine.stack) if results else None

    return run
