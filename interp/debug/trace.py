"""The trace: a line for each step, with what the step changed.

    step depth function   place            instruction      what changed
       1     0 factorial  hello.wat:9:26   local.get $n     → 3
       2     0 factorial  hello.wat:9:17   i64.eqz          3 → 0

`Tracer` is a probe like any other; it hands each step that is over to a function, as a `Step`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.errors import WatloomError
from watloom.interp.core.instr import Instr
from watloom.interp.core.types import ValType
from watloom.interp.debug.effects import Effect, Effects
from watloom.interp.debug.format import (
    Namer,
    References,
    end_of,
    field_type,
    identifier,
    place,
    show_instr,
)
from watloom.interp.debug.probes import Probe
from watloom.interp.debug.steps import Step
from watloom.interp.machine import Frame, Machine
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import ArrayInst, ExnInst, HostFunc, StructInst, WasmFunc

__all__ = ["LimitReached", "Tracer"]


class LimitReached(BaseException):
    """The wanted number of steps has been traced. Not an Exception: no host function catches it."""


@dataclass(slots=True)
class _Open:
    """A step under way."""

    machine: Machine
    step: Step
    frame: Frame | None
    pc: int
    effect: Effect
    height: int
    told: bool = False


class Tracer(Probe):
    """Tells `emit` each step; before the step that follows the last of `limit`, LimitReached.

    One tracer may watch many machines, as when host functions call back: its numbers go on.
    """

    def __init__(self, emit: Callable[[Step], object], limit: int | None = None) -> None:
        self.emit = emit
        self.limit = limit
        self.count = 0
        self._effects = Effects()
        self._references = References()
        self._namers: dict[int, Namer] = {}
        self._open: list[_Open] = []

    # ------------------------------------------------------------------ a step begins and ends

    def before_step(self, machine: Machine, instr: Instr | None) -> None:
        if self.limit is not None and self.count >= self.limit:
            raise LimitReached
        self._tell_broken(machine)
        if self._open and not self._open[-1].told:
            self._tell_early(self._open[-1])
        self.count += bool(machine.frames)
        outer = sum(len(m.frames) for m in machine.store.machines if m is not machine)
        step = Step(self.count, outer + max(len(machine.frames) - 1, 0))
        frame = machine.frames[-1] if machine.frames else None
        opened = _Open(machine, step, frame, 0, Effect(), len(machine.stack))
        self._open.append(opened)
        if frame is None:
            step.instr = "(the host calls)"
            return
        opened.pc = frame.pc
        source = frame.module.valid.module.source
        step.function = frame.name
        if instr is None:
            step.instr, step.place = "end", place(source, end_of(frame))
            return
        step.place = place(source, instr.at)
        step.instr = show_instr(frame, frame.pc, self._namer(frame.module))
        if frame.func is not None:
            opened.effect = self._effects.of(frame.func.code, frame.module, frame.pc)
        pops = opened.effect.pops
        step.pops = self._show(machine.stack[len(machine.stack) - len(pops) :], pops, frame)

    def after_step(self, machine: Machine, instr: Instr | None) -> None:
        opened = self._take(machine)
        if opened is None:
            return
        frame, step, effect = opened.frame, opened.step, opened.effect
        if instr is not None and frame is not None and machine.frames and machine.frame is frame:
            self._local(step, frame, instr)
            if frame.pc == opened.pc + 1:
                base = opened.height - len(effect.pops)
                step.pushes = self._show(machine.stack[base:], effect.pushes, frame)
            else:
                step.change("branch", to=_target(frame))
        if step.changes or not opened.told:
            self.emit(step)

    def trapped(self, machine: Machine, error: WatloomError) -> None:
        opened = self._take(machine)
        if opened is not None:
            opened.step.change("trap", kind=error.kind, message=error.message)
            self.emit(opened.step)

    def finish(self) -> None:
        """Tell the steps that a host function's exception, or an interrupt, has broken off."""
        self._tell_broken(None)

    def _tell_broken(self, machine: Machine | None) -> None:
        """Of a machine that steps now, and of those that no longer run, no step is under way."""
        running = machine.store.machines if machine else []
        while self._open and (
            (opened := self._open[-1]).machine is machine or opened.machine not in running
        ):
            self._open.pop()
            if not opened.told:
                opened.step.change("broken")
                self.emit(opened.step)

    def _tell_early(self, opened: _Open) -> None:
        """A host function calls back: its own step is told as far as it has come."""
        opened.told = True
        opened.step.change("outside")
        self.emit(opened.step)
        step = opened.step
        opened.step = Step(step.number, step.depth, step.function, step.place, step.instr)

    def _take(self, machine: Machine) -> _Open | None:
        """The open step of a machine; those above it were broken off."""
        while self._open:
            opened = self._open.pop()
            if opened.machine is machine:
                return opened
        return None

    # ------------------------------------------------------------------ what a step changed

    def entered(self, machine: Machine, func: WasmFunc, args: list[Any]) -> None:
        namer = self._namer(func.module)
        shown = self._show(args, func.type.func.params, machine.frame)
        names = [namer.local(func.code, i) for i in range(len(shown))]
        named = [f"{n}={arg}" if n[0] == "$" else arg for n, arg in zip(names, shown, strict=True)]
        self._change(machine, "call", function=func.name, args=named)

    def returned(self, machine: Machine, func: WasmFunc | None, results: list[Any]) -> None:
        if func is not None:
            shown = self._references.all(results, func.type.func.results, self._namer(func.module))
            self._change(machine, "return", results=shown)

    def caught(self, machine: Machine, exception: ExnInst) -> None:
        tag, namer = exception.tag, self._namer(machine.module) if machine.frames else None
        values = self._references.all(exception.values, tag.type.func.params, namer)
        name = identifier(tag.name) if tag.name else "a tag without a name"
        self._change(machine, "catch", tag=name, values=values)

    def called_host(
        self, machine: Machine, func: HostFunc, args: list[Any], results: list[Any]
    ) -> None:
        t = func.type.func
        namer = self._namer(machine.module) if machine.frames else None
        given = self._references.all(args, t.params, namer)
        back = self._references.all(results, t.results, namer)
        self._change(machine, "host", function=func.name, args=given, results=back)

    def global_set(self, machine: Machine, x: int, value: Any) -> None:
        namer = self._namer(machine.module)
        shown = self._references.show(value, machine.module.valid.globals[x].type, namer)
        self._change(
            machine, "global", name=_named("global", namer.index("global", x)), value=shown
        )

    def memory_written(self, machine: Machine, memory: Memory, start: int, data: bytes) -> None:
        name = self._item(machine, "memory", machine.module.memories, memory)
        self._change(machine, "memory", memory=name, start=start, bytes=bytes(data).hex())

    def table_written(self, machine: Machine, table: Table, start: int, values: list[Any]) -> None:
        types = [table.type.elem] * len(values)
        shown = self._references.all(values, types, self._namer(machine.module))
        name = self._item(machine, "table", machine.module.tables, table)
        self._change(machine, "table", table=name, start=start, values=shown)

    def field_written(
        self, machine: Machine, ref: StructInst | ArrayInst, i: int, value: Any
    ) -> None:
        namer = self._namer(machine.module)
        name = namer.field(ref.type, i)
        shown = self._references.show(value, field_type(ref.type, i), namer)
        whose = self._references.show(ref, None, namer)
        self._change(machine, "field", ref=whose, field=name, value=shown)

    def _local(self, step: Step, frame: Frame, instr: Instr) -> None:
        """What takes an operand and names a local sets it."""
        if not step.pops or frame.func is None:
            return
        for immediate, x in zip(instr.op.immediates, instr.args, strict=False):
            if immediate.space == "local":
                t = frame.func.code.locals[x]
                namer = self._namer(frame.module)
                shown = self._references.show(frame.locals[x], t, namer)
                name = _named("local", namer.local(frame.func.code, x))
                step.change("local", name=name, value=shown)

    def _show(
        self, values: Sequence[Any], types: Sequence[ValType | None], frame: Frame
    ) -> list[str]:
        return self._references.all(values, types, self._namer(frame.module))

    def _namer(self, module: ModuleInst) -> Namer:
        if id(module) not in self._namers:
            self._namers[id(module)] = Namer(module)
        return self._namers[id(module)]

    def _item(self, machine: Machine, space: str, known: Sequence[object], thing: object) -> str:
        """A memory or table as the current instance calls it."""
        for i, other in enumerate(known):
            if other is thing:
                return self._namer(machine.module).item(space, i)
        return f"another {space}"

    def _change(self, machine: Machine, what: str, **details: Any) -> None:
        for opened in reversed(self._open):
            if opened.machine is machine:
                opened.step.change(what, **details)
                return


def _target(frame: Frame) -> str:
    """Where a frame went on."""
    source = frame.module.valid.module.source
    return place(source, frame.instr.at if frame.instr else end_of(frame))


def _named(space: str, shown: str) -> str:
    """A name as it is, and of a bare index also what it is an index of."""
    return shown if shown.startswith("$") else f"{space} {shown}"
