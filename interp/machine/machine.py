"""The reference machine.

Its whole state is plain data: an operand stack, a list of frames (each with its locals, its open
labels and its place in the code), and the store that the instances in it live in. One `step` runs
one instruction's own rule (`Op.step`), which works on the machine through the methods here
(`isa.protocols.Machine`). A Wasm call pushes a frame and never recurses in Python.

    operand stack   [1 2]                       frames   main  pc 3  locals [7]  labels []
    step: i32.add   [3]                                  main  pc 4
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import (
    ExhaustionError,
    GuestError,
    LimitError,
    Trap,
    WasmException,
    WatloomError,
)
from watloom.interp.core.instr import BlockType, Catch, Instr, MemArg
from watloom.interp.core.types import DefType, RefType, TypeIdx, ValType
from watloom.interp.isa import protocols
from watloom.interp.machine.frames import Frame, Label
from watloom.interp.runtime.convert import to_python
from watloom.interp.runtime.exceptions import received, uncaught
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.invoke import call_host
from watloom.interp.runtime.limits import out_of_fuel, out_of_time
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.recursion import recursion
from watloom.interp.runtime.store import (
    LARGE_ARRAY,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_NESTING,
    MAX_SLOTS,
    Store,
)
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import (
    I31,
    ArrayInst,
    BoundFunc,
    ExnInst,
    FuncInst,
    Global,
    HostFunc,
    StructInst,
    Tag,
    WasmFunc,
    has_type,
)
from watloom.interp.validate import ValidExpr
from watloom.interp.validate.valid import Handler

__all__ = ["Machine", "Suspended"]

#: Python frames for host functions that call the guest that calls host functions … (MAX_NESTING).
_HOST_FRAMES = 3_000
_CLOCK_EVERY = 1024  # steps between two looks at the clock


class Suspended(BaseException):
    """What a host function raises to leave the machine at its call, until `answer`."""


class Machine:
    """A call in progress. Made by `Machine.for_call`; finished when `frames` is empty."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.stack: list[Any] = []
        self.frames: list[Frame] = []
        self.steps = 0
        self.slots = 0
        self.depth_limit = MAX_DEPTH if store.limits.depth is None else store.limits.depth
        self.in_host = False
        self.pending: FuncInst | None = None
        self.traced: WatloomError | None = None
        self.failed: GuestError | None = None
        self.result_types: tuple[ValType, ...] = ()

    @classmethod
    def for_call(cls, store: Store, func: FuncInst, values: Sequence[Any]) -> Machine:
        """A machine about to run a call with Wasm values; it has not moved yet."""
        from watloom.interp.machine.observed import ObservedMachine

        machine = cls(store)
        if store.probes:
            machine = ObservedMachine(store)
            machine.probes = list(store.probes)
        machine.result_types = func.type.func.results
        machine.stack.extend(values)
        machine._start(func)
        return machine

    def _start(self, func: FuncInst) -> None:
        """Enter the outermost function; a host function is called when the machine first moves."""
        outer = self.store.machines
        if len(outer) >= MAX_NESTING:
            raise ExhaustionError("call stack exhausted: guest and host call each other too deeply")
        self.depth_limit -= self.store.open_calls
        self.pending = func

    # ------------------------------------------------------------------ running

    @property
    def done(self) -> bool:
        """Whether the call has returned."""
        return not self.frames and self.pending is None

    @property
    def results(self) -> tuple[Any, ...]:
        """The results as Python values, once done."""
        types = self.result_types if self.done else ()
        return tuple(to_python(value, t) for value, t in zip(self.stack, types, strict=False))

    def step(self) -> None:
        """Run one instruction; raises what it raises, and once it trapped the same again.

        Does nothing when the call is done.
        """
        if not self.done:
            self._move(self._step_metered)

    def _step_metered(self) -> None:
        self._charge()
        self._step()

    def _move(self, work: Callable[[], object]) -> None:
        """Run what moves this machine: meanwhile its store is its own, and knows it."""
        if self.failed is not None:
            raise self.failed
        if self.in_host:
            raise WatloomError("this machine waits for the host function that it called")
        with self.store.lock:
            self.store.begin()
            machines = self.store.machines
            outside = len(machines)
            try:
                machines.append(self)
                work()
            except WatloomError as error:
                if isinstance(error, GuestError) and not isinstance(error, LimitError):
                    self.failed = error
                raise self._with_stack(error) from error.__cause__
            finally:
                del machines[outside:]

    def _step(self) -> None:
        if self.pending is not None:
            func, self.pending = self.pending, None
            self.call(func)
            return
        frame = self.frames[-1]
        pc = frame.pc
        self.steps += 1
        if pc >= len(frame.code):
            self.return_()
            return
        instr = frame.code[pc]
        frame.pc = pc + 1
        instr.op.step(self, *instr.args)

    def run(self, until: Callable[[Machine], object] | None = None) -> bool:
        """Step until `until(machine)` is true or the call is done; says whether it is done."""
        if not self.done:
            self._move(lambda: self._run_metered(until))
        return self.done

    def run_to_end(self) -> list[Any]:
        """Run the whole call: its results."""
        metered = self.store.metering.fuel or self.store.metering.clock
        self._move(self._run_metered if metered else self._run_plain)
        return self.stack

    def _run_plain(self) -> None:
        """`_step` in a loop, written out: this is where the time goes."""
        self._step()  # enters the outermost function
        frames = self.frames
        while frames:
            frame = frames[-1]
            code = frame.code
            end = len(code)
            depth = len(frames)
            while True:  # as long as this frame is the innermost one
                pc = frame.pc
                self.steps += 1
                if pc >= end:
                    self.return_()
                    break
                instr = code[pc]
                frame.pc = pc + 1
                instr.op.step(self, *instr.args)
                if len(frames) != depth or frames[-1] is not frame:
                    break

    def _run_metered(self, until: Callable[[Machine], object] | None = None) -> None:
        """The same with fuel, the clock and somebody's condition looked at."""
        deadline = self.store.deadline
        while not self.done:
            self._charge()
            if (
                deadline is not None
                and self.steps % _CLOCK_EVERY == 0
                and time.monotonic() > deadline
            ):
                raise self._with_stack(out_of_time(self.store.limits.seconds), before=True)
            self._step()
            if until is not None and until(self):
                return

    def _charge(self) -> None:
        """Take the fuel of the basic block that begins here, where fuel is counted."""
        fuel = self.store.fuel
        if fuel is None or not self.frames or self.pending is not None:
            return
        frame = self.frames[-1]
        price = frame.body.prices.get(frame.pc, 0)
        if fuel < price:
            raise self._with_stack(out_of_fuel(), before=True)
        self.store.fuel = fuel - price

    # ------------------------------------------------------------------ what a person asks

    @property
    def frame(self) -> Frame:
        """The innermost frame."""
        return self.frames[-1]

    @property
    def locals(self) -> list[Any]:
        """The locals of the innermost frame."""
        return self.frames[-1].locals

    @property
    def module(self) -> ModuleInst:
        """The instance whose code runs."""
        return self.frames[-1].module

    @property
    def instr(self) -> Instr | None:
        """The instruction that comes next."""
        return self.frames[-1].instr if self.frames else None

    def copy(self) -> Machine:
        """An independent copy, with copies of everything in the store that it can reach."""
        from watloom.interp.machine.snapshot import copy

        return copy(self)

    __copy__ = copy

    def __deepcopy__(self, _: dict[int, object]) -> Machine:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        from watloom.interp.machine.snapshot import restore, snapshot

        return restore, (snapshot(self),)

    def attach(self, probe: Any) -> None:
        """Let a probe (`debug.probes.Probe`) watch this machine from now on."""
        from watloom.interp.machine.observed import ObservedMachine

        if not isinstance(self, ObservedMachine):
            # the same state, watched: only then do the observed methods cost anything
            self.__class__ = ObservedMachine
        self.probes = [*getattr(self, "probes", ()), probe]

    def _with_stack(self, error: WatloomError, *, before: bool = False) -> WatloomError:
        """The error with the Wasm call stack and the place, as far as it has none.

        The place is the instruction that ran last, or the one that it was raised `before`.
        """
        if not isinstance(error, GuestError) or self.traced is error:
            return error
        self.traced = (
            error  # an error that passes a host function collects the frames of both sides
        )
        entries = [frame.entry(max(frame.pc - 1, 0)) for frame in reversed(self.frames)]
        if before:
            entries[0] = self.frames[-1].entry(self.frames[-1].pc)
        error.stack += entries
        if entries:
            error.located(entries[0].source, entries[0].span)
        return error

    # ------------------------------------------------------------------ operands

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        return self.stack.pop()

    def pop_many(self, count: int) -> list[Any]:
        if count == 0:
            return []
        values = self.stack[-count:]
        del self.stack[-count:]
        return values

    def trap(self, text: str) -> Trap:
        return Trap(text)

    # ------------------------------------------------------------------ control

    def _arity(self, block: BlockType) -> tuple[int, int]:
        if block is None:
            return 0, 0
        if isinstance(block, int):
            t = self.module.deftype(block).func
            return len(t.params), len(t.results)
        return 0, 1

    def enter(
        self, block: BlockType, *, loop: bool = False, catches: tuple[Catch, ...] = ()
    ) -> None:
        frame = self.frames[-1]
        params, results = self._arity(block)
        height = len(self.stack) - params
        start = frame.pc - 1
        if loop:  # a branch goes back to the loop instruction, which enters anew
            frame.labels.append(Label(params, height, start, start))
        else:
            frame.labels.append(Label(results, height, frame.jumps[start][1] + 1, start, catches))

    def skip_to_else(self, block: BlockType) -> None:
        frame = self.frames[-1]
        behind_else, end = frame.jumps[frame.pc - 1]
        if behind_else == end:  # no `else`, or an empty one
            frame.pc = end + 1
        else:
            self.enter(block)
            frame.pc = behind_else

    def leave(self) -> None:
        frame = self.frames[-1]
        frame.labels.pop()
        here = frame.pc - 1
        if here in frame.jumps:  # an `else`
            frame.pc = frame.jumps[here][1] + 1

    def branch(self, depth: int) -> None:
        frame = self.frames[-1]
        if depth >= len(frame.labels):
            self.return_()
            return
        label = frame.labels[-1 - depth]
        del frame.labels[len(frame.labels) - 1 - depth :]
        self._keep(label.arity, label.height)
        frame.pc = label.target

    def _keep(self, count: int, height: int) -> None:
        """Keep the topmost values and drop what lies between them and `height`."""
        stack = self.stack
        if len(stack) != height + count:
            stack[height:] = stack[len(stack) - count :]

    def return_(self) -> None:
        frame = self.frames.pop()
        self.slots -= len(frame.locals)
        self._keep(frame.arity, frame.height)

    # ------------------------------------------------------------------ exceptions

    def exception(self, tag: Tag) -> ExnInst:
        return ExnInst(tag, self.pop_many(len(tag.type.func.params)), self.store)

    def throw(self, exception: ExnInst, error: WasmException | None = None) -> None:
        """`error` is what a host function raised: it goes on if nothing here catches it."""
        for depth in range(len(self.frames) - 1, -1, -1):
            frame = self.frames[depth]
            i = len(frame.labels) - 1
            while i >= 0:
                label = frame.labels[i]
                for catch in label.catches:
                    if catch.tag is None or frame.module.tags[catch.tag] is exception.tag:
                        self._unwind(depth, i)
                        self.caught(exception, catch, label)
                        return
                i -= 1 + label.delegate
        raise error if error is not None else uncaught(exception)

    def _unwind(self, depth: int, label: int) -> None:
        """Drop the frames above one, and its labels from one on, with their operands."""
        while len(self.frames) > depth + 1:
            self.slots -= len(self.frames.pop().locals)
        frame = self.frames[-1]
        del self.stack[frame.labels[label].height :]
        del frame.labels[label:]

    def caught(self, exception: ExnInst, catch: Catch | Handler, label: Label) -> None:
        """A clause of the current frame catches: branch to its label, or enter the handler."""
        if catch.tag is not None:
            self.stack.extend(exception.values)
        if isinstance(catch, Catch):
            if catch.ref:
                self.stack.append(exception)
            self.branch(catch.label)
        else:
            frame = self.frames[-1]
            frame.labels.append(label._replace(catches=(), caught=exception))
            frame.pc = catch.pc + 1

    def enter_try(self, block: BlockType) -> None:
        frame = self.frames[-1]
        handlers = frame.body.handlers[frame.pc - 1]
        self.enter(block)
        label = frame.labels[-1]
        delegate = 0 if handlers.delegate is None else handlers.delegate
        frame.labels[-1] = label._replace(catches=handlers.own, delegate=delegate)

    def caught_at(self, depth: int) -> ExnInst:
        found = self.frames[-1].labels[-1 - depth].caught
        assert found is not None, "validation has seen to it"
        return found

    # ------------------------------------------------------------------ calls

    def call(self, func: FuncInst) -> None:
        while isinstance(func, BoundFunc):
            func = self._unbind(func)
        if isinstance(func, WasmFunc):
            self._enter_function(func)
        else:
            assert isinstance(func, HostFunc)
            self._call_host(func, self.frames[-1].module if self.frames else None)

    def _unbind(self, func: BoundFunc) -> FuncInst:
        """Slip the bound values in front of the arguments."""
        given = len(func.type.func.params)
        at = len(self.stack) - given
        self.stack[at:at] = func.values
        return func.target

    def _enter_function(self, func: WasmFunc) -> None:
        code = func.code
        if len(self.frames) >= self.depth_limit or self.slots + len(self.stack) > MAX_SLOTS:
            raise ExhaustionError("call stack exhausted")
        locals = self.pop_many(code.params)
        locals += code.defaults
        self.slots += len(locals)
        frame = Frame(func, func.module, code.body, locals, code.results, len(self.stack))
        self.frames.append(frame)

    def _call_host(self, func: HostFunc, caller: ModuleInst | None) -> bool:
        """Call a host function; says whether it came back, rather than throw."""
        values = self.pop_many(len(func.type.func.params))
        self.in_host = True
        self.store.open_calls += len(self.frames)
        try:
            if len(self.store.machines) == 1:
                with recursion(_HOST_FRAMES):
                    self.stack.extend(call_host(func, values, caller))
            else:
                self.stack.extend(call_host(func, values, caller))
            return True
        except WasmException as error:
            thrown = error
        finally:
            self.store.open_calls -= len(self.frames)
            self.in_host = False
        self.throw(received(thrown, self.store), thrown)
        return False

    def answer(self, outcome: Any) -> None:
        """Go on from a host function that was left waiting: with its results, or an error."""
        self._move(lambda: self._take(outcome))

    def _take(self, outcome: Any) -> None:
        if isinstance(outcome, WasmException):
            self.throw(received(outcome, self.store), outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            self.stack.extend(outcome)

    def tail_call(self, func: FuncInst) -> None:
        while isinstance(func, BoundFunc):
            func = self._unbind(func)
        caller = self.frames[-1].module
        frame = self.frames[-1]
        self._keep(len(func.type.func.params), frame.height)
        self.frames.pop()
        self.slots -= len(frame.locals)
        if isinstance(func, WasmFunc):
            self._enter_function(func)
        else:
            assert isinstance(func, HostFunc)
            self._call_host(func, caller)

    def bind(self, func: FuncInst, values: list[Any], deftype: DefType) -> FuncInst:
        return BoundFunc(func, values, deftype)

    def evaluate(self, module: ModuleInst, expr: ValidExpr) -> Any:
        """The value of a constant expression."""
        self.frames.append(Frame(None, module, expr, [], 1, 0))
        self.pending = None
        try:
            while self.frames:
                self._step()
        except WatloomError as error:
            raise self._with_stack(error) from error.__cause__
        return self.stack.pop()

    # ------------------------------------------------------------------ the current instance

    def func(self, x: int) -> FuncInst:
        return self.frames[-1].module.funcs[x]

    def table(self, x: int) -> Table:
        return self.frames[-1].module.tables[x]

    def memory(self, x: int) -> Memory:
        return self.frames[-1].module.memories[x]

    def global_(self, x: int) -> Global:
        return self.frames[-1].module.globals[x]

    def set_global(self, x: int, value: Any) -> None:
        self.frames[-1].module.globals[x].raw = value

    def tag(self, x: int) -> Tag:
        return self.frames[-1].module.tags[x]

    def elem(self, x: int) -> list[Any]:
        return self.frames[-1].module.elems[x]

    def drop_elem(self, x: int) -> None:
        self.frames[-1].module.elems[x] = []

    def data(self, x: int) -> bytes:
        return self.frames[-1].module.datas[x]

    def drop_data(self, x: int) -> None:
        self.frames[-1].module.datas[x] = b""

    def deftype(self, x: int) -> DefType:
        return self.frames[-1].module.deftype(x)

    def has_type(self, ref: Any, t: RefType) -> bool:
        heap = t.heap
        return has_type(
            ref, RefType(t.nullable, self.deftype(heap.index)) if isinstance(heap, TypeIdx) else t
        )

    # ------------------------------------------------------------------ memory and the heap

    def load_bytes(self, memarg: MemArg, address: int, size: int) -> bytes:
        data = self.frames[-1].module.memories[memarg.mem].data
        start = address + memarg.offset
        if start + size > len(data):
            raise Trap("out of bounds memory access")
        return bytes(data[start : start + size])

    def store_bytes(self, memarg: MemArg, address: int, data: bytes) -> None:
        memory = self.frames[-1].module.memories[memarg.mem]
        start = address + memarg.offset
        if start + len(data) > len(memory.data):
            raise Trap("out of bounds memory access")
        self.write(memory, start, data)

    def write(self, memory: Memory, start: int, data: bytes) -> None:
        memory.data[start : start + len(data)] = data

    def wait(
        self, memory: Any, address: int, size: int, expected: int, nanoseconds: int | None
    ) -> int:
        store = self.store
        seconds = store.limits.seconds
        woken: int = memory.wait(address, size, expected, nanoseconds, store.deadline, seconds)
        return woken

    def write_table(self, table: Table, start: int, values: list[Any]) -> None:
        table.entries[start : start + len(values)] = values

    def write_field(self, ref: StructInst | ArrayInst, i: int, value: Any) -> None:
        ref.fields[i] = value

    def struct(self, deftype: DefType, fields: list[Any]) -> StructInst:
        return StructInst(deftype, fields, self.store)

    def array(
        self, deftype: DefType, count_or_values: int | list[Any], value: Any = None
    ) -> ArrayInst:
        values = count_or_values
        size = values if isinstance(values, int) else len(values)
        large = size >= LARGE_ARRAY
        if large and not self.store.arrays.fits(size, MAX_ELEMENTS, collect=True):
            raise Trap("allocation size too large")
        try:
            fields = [value] * values if isinstance(values, int) else values
        except MemoryError:
            raise Trap("allocation size too large") from None
        made = ArrayInst(deftype, fields, self.store)
        if large:
            self.store.arrays.add(made)
        return made

    def i31(self, value: int) -> I31:
        return I31(value)


if TYPE_CHECKING:

    def _keeps_the_protocol(machine: Machine) -> protocols.Machine:
        return machine
