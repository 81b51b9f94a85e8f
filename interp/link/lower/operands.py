"""What func.bind binds: its operand's type, which its immediate does not say."""

from __future__ import annotations

from watloom.interp.core.module import Func
from watloom.interp.core.types import DefType, RefType, ValType
from watloom.interp.validate import ValidModule
from watloom.interp.validate.checker import Checker

__all__ = ["bound_types"]


class _Watch(Checker):
    """A validator that notes what func.bind binds: by the place in the code, the type."""

    bound: dict[int, DefType]

    def pop(self, want: ValType | None = None) -> ValType | None:
        found = super().pop(want)
        binds = self.instr is not None and self.instr.op.mnemonic == "func.bind"
        if binds and isinstance(found, RefType) and isinstance(found.heap, DefType):
            self.bound.setdefault(self.pc, found.heap)  # the reference comes off first
        return found


def bound_types(module: ValidModule, number: int, func: Func) -> dict[int, DefType]:
    """The type of what each func.bind of the module's nth own function binds, by its place.

    One that is missing is never reached, or binds null.
    """
    if not any(i.op.mnemonic == "func.bind" for i in func.body):
        return {}
    valid = module.funcs[number]
    results = valid.type.func.results
    watch = _Watch(module.context, valid.locals, results, valid.params, func.at, valid.index)
    watch.bound = {}
    watch.check(func.body, func.end or func.at)
    return watch.bound
