"""A machine that tells its probes what happens.

The plain machine knows nothing of probes, so that they cost nothing where there are none; this
one overrides the few methods through which everything changes.
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.errors import WatloomError
from watloom.interp.core.instr import Catch, Instr
from watloom.interp.machine.frames import Label
from watloom.interp.machine.machine import Machine, Suspended
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import ArrayInst, ExnInst, HostFunc, StructInst, WasmFunc
from watloom.interp.validate.valid import Handler

__all__ = ["ObservedMachine"]


class ObservedMachine(Machine):
    """Calls the methods of `debug.probes.Probe` on each of its `probes`."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.probes: list[Any] = []
        self.left_at: Instr | None = None
        """The call that the machine was left at, until `answer`."""
        self.asked: tuple[HostFunc, list[Any], int] | None = None
        """The function called there, its arguments, the height of the operand stack below them."""

    def _tell(self, event: str, *details: Any) -> None:
        for probe in self.probes:
            getattr(probe, event)(self, *details)

    def _step(self) -> None:
        instr = self.instr
        self._tell("before_step", instr)
        try:
            super()._step()
        except WatloomError as error:
            self._tell("trapped", self._with_stack(error))
            raise
        except Suspended:
            self.left_at = instr
            raise
        self._tell("after_step", instr)

    def _take(self, outcome: Any) -> None:
        instr, asked = self.left_at, self.asked
        self.left_at = self.asked = None
        try:
            super()._take(outcome)
        except WatloomError as error:
            self._tell("trapped", self._with_stack(error))
            raise
        if asked is not None and isinstance(outcome, list):
            func, args, height = asked
            self._tell("called_host", func, args, self.stack[height:])
        self._tell("after_step", instr)

    def _run_plain(self) -> None:
        while not self.done:
            self._step()

    def _enter_function(self, func: WasmFunc) -> None:
        super()._enter_function(func)
        self._tell("entered", func, list(self.locals[: len(func.type.func.params)]))

    def _call_host(self, func: HostFunc, caller: ModuleInst | None) -> bool:
        count = len(func.type.func.params)
        args = self.stack[len(self.stack) - count :]
        height = len(self.stack) - count
        try:
            came_back = super()._call_host(func, caller)
        except Suspended:
            self.asked = func, args, height
            raise
        if came_back:
            self._tell("called_host", func, args, self.stack[height:])
        return came_back

    def caught(self, exception: ExnInst, catch: Catch | Handler, label: Label) -> None:
        super().caught(exception, catch, label)
        self._tell("caught", exception)

    def return_(self) -> None:
        frame = self.frames[-1]
        super().return_()
        self._tell("returned", frame.func, self.stack[len(self.stack) - frame.arity :])

    def set_global(self, x: int, value: Any) -> None:
        super().set_global(x, value)
        self._tell("global_set", x, value)

    def write(self, memory: Memory, start: int, data: bytes) -> None:
        super().write(memory, start, data)
        self._tell("memory_written", memory, start, data)

    def write_table(self, table: Table, start: int, values: list[Any]) -> None:
        super().write_table(table, start, values)
        self._tell("table_written", table, start, values)

    def write_field(self, ref: StructInst | ArrayInst, i: int, value: Any) -> None:
        super().write_field(ref, i, value)
        self._tell("field_written", ref, i, value)
