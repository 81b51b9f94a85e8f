"""The observer API: what anything that watches a running machine implements.

class Counter(Probe):
    def __init__(self) -> None:
        self.calls = 0
    def entered(self, machine, func, args) -> None:
        self.calls += 1

store.probes.append(Counter())        # watches every call from now on
machine.attach(Counter())             # watches one machine from now on
"""

from __future__ import annotations

from typing import Any

from watloom.interp.core.errors import WatloomError
from watloom.interp.core.instr import Instr
from watloom.interp.machine import Machine
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import ArrayInst, ExnInst, HostFunc, StructInst, WasmFunc

__all__ = ["Probe"]


class Probe:
    """Every method is called with the machine and does nothing by default; override what you need.

    Values are as the machine holds them (`runtime.values`). A probe must not change the machine;
    what it raises ends the run.
    """

    def before_step(self, machine: Machine, instr: Instr | None) -> None:
        """An instruction is about to run; None is the return at a function's end."""

    def after_step(self, machine: Machine, instr: Instr | None) -> None:
        """An instruction has run."""

    def trapped(self, machine: Machine, error: WatloomError) -> None:
        """An instruction raised."""

    def entered(self, machine: Machine, func: WasmFunc, args: list[Any]) -> None:
        """A frame was pushed."""

    def returned(self, machine: Machine, func: WasmFunc | None, results: list[Any]) -> None:
        """A frame was popped."""

    def caught(self, machine: Machine, exception: ExnInst) -> None:
        """The current frame has caught an exception; the frames above it were popped."""

    def called_host(
        self, machine: Machine, func: HostFunc, args: list[Any], results: list[Any]
    ) -> None:
        """A host function was called and has come back."""

    def global_set(self, machine: Machine, x: int, value: Any) -> None:
        """A global of the current instance was set."""

    def memory_written(self, machine: Machine, memory: Memory, start: int, data: bytes) -> None:
        """Bytes of a memory were set."""

    def table_written(self, machine: Machine, table: Table, start: int, values: list[Any]) -> None:
        """Entries of a table were set."""

    def field_written(
        self, machine: Machine, ref: StructInst | ArrayInst, i: int, value: Any
    ) -> None:
        """A field of a struct or an element of an array was set."""
