"""What instructions do to the reference machine: the methods of `isa.protocols.Machine`.

Operands are on one stack, a Wasm call is a frame, and a block an open label of its frame. Nothing
here runs the next instruction: that is `machine`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import ExhaustionError, Trap, WasmException
from watloom.interp.core.instr import BlockType, Catch, MemArg
from watloom.interp.core.types import DefType, RefType, TypeIdx
from watloom.interp.isa import protocols
from watloom.interp.machine.frames import Frame, Label
from watloom.interp.runtime.exceptions import received, uncaught
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.invoke import call_host
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.recursion import recursion
from watloom.interp.runtime.store import LARGE_ARRAY, MAX_ELEMENTS, MAX_SLOTS, Store
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
from watloom.interp.validate.valid import Handler

__all__ = ["Operations"]

#: Python frames for host functions that call the guest that calls host functions … (MAX_NESTING).
_HOST_FRAMES = 3_000


class Operations:
    """The machine as instructions see it."""

    store: Store
    stack: list[Any]
    """The operands of all frames."""
    frames: list[Frame]
    """The open calls, the innermost last."""
    slots: int
    """Their locals, counted."""
    depth_limit: int
    in_host: bool
    """Whether a host function is running."""

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

    def _keeps_the_protocol(machine: Operations) -> protocols.Machine:
        return machine
