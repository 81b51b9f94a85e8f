"""Copying a machine, and writing it down.

A snapshot is a list of records, one per object that the machine can reach (frames, instances,
memories, structs, …), each pickled on its own with the other objects as numbers:

    Machine ─ frames ─ Frame ─ func ─ WasmFunc      root: {frames: [#0], store: #1, …}
            └ store ─ Store                         0: Frame {func: #2, locals: [7], …}
                                                    1: Store {…}   2: WasmFunc {…}

so that a linked list of a million structs does not recurse. Code is not state: valid modules go by
the source they came from. Host functions go by the names that they were imported under and are
looked up again when the snapshot is restored; a copy shares them.
"""

from __future__ import annotations

import io
import pickle
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from watloom.interp.core.errors import WatloomError
from watloom.interp.machine.frames import Frame
from watloom.interp.runtime.convert import tally_of
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.shared import SharedMemory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.table import Table
from watloom.interp.runtime.values import (
    ArrayInst,
    BoundFunc,
    ExnInst,
    Global,
    HostFunc,
    HostRef,
    HostState,
    InstanceInst,
    ModuleValue,
    StructInst,
    Tag,
    WasmFunc,
)
from watloom.interp.validate import ValidFunc, ValidModule, revalidated

if TYPE_CHECKING:
    from watloom.interp.machine.machine import Machine

__all__ = ["SnapshotError", "copy", "restore", "snapshot"]

_VERSION = 1


class SnapshotError(WatloomError):
    """This machine cannot be written down, or these bytes cannot be restored here."""


#: What becomes a record of its own.
_RECORDS = (
    Frame, Store, Memory, Table, Global, Tag, StructInst, ArrayInst, ExnInst, WasmFunc, BoundFunc,
    InstanceInst, ModuleValue, HostState,
)  # fmt: skip

#: What is made anew when it is needed.
_DERIVED = {"__weakref__", "entry", "bounce", "watchers"}

#: What a copy shares with the original: it has no state that a program could change.
_SHARED = (HostFunc, HostRef, ValidModule, ValidFunc)


def copy(machine: Machine) -> Machine:
    """An independent machine in the same state, everything in the store copied that it reaches.

    Raises SnapshotError while a host function is on the stack.
    """
    writer = _Writer(share=True)
    root, classes, records = writer.write(machine)
    return _Reader(root, classes, records, writer.shared, {}).read()


def snapshot(machine: Machine) -> bytes:
    """The machine's state as bytes, for `restore` in this or another process.

    Raises SnapshotError while a host function is on the stack, and for a reference to a host
    function or object that has no name to find it by again.
    """
    return pickle.dumps((_VERSION, *_Writer(share=False).write(machine)), protocol=5)


def restore(data: bytes, imports: Mapping[str, Any] | None = None) -> Machine:
    """The machine that `snapshot` wrote down; `imports` are those it was instantiated with.

    Like any pickle, take it only from where you trust. Raises SnapshotError where a host function
    is not among the imports.
    """
    try:
        version, root, classes, records = pickle.loads(data)
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError) as error:
        raise SnapshotError(f"these bytes are no snapshot: {error}") from None
    if version != _VERSION:
        raise SnapshotError(
            f"a snapshot of version {version}; this watloom reads version {_VERSION}"
        )
    return _Reader(root, classes, records, [], imports or {}).read()


class _Writer:
    """Walks from the machine over everything it reaches, breadth first."""

    def __init__(self, share: bool) -> None:
        self.share = share
        self.numbers: dict[int, int] = {}
        self.objects: list[Any] = []
        self.shared: list[Any] = []

    def write(self, machine: Machine) -> tuple[bytes, list[type], list[bytes]]:
        if machine.in_host or any(other is not machine for other in machine.store.machines):
            raise SnapshotError(
                "a host function is on the stack: its Python frames cannot be written down"
            )
        state = {**machine.__dict__, "traced": None, "probes": []}
        root = self._record(state)
        records: list[bytes] = []
        while len(records) < len(self.objects):  # each record may find further objects
            records.append(self._record(_state(self.objects[len(records)])))
        return root, [type(value) for value in self.objects], records

    def _record(self, state: Any) -> bytes:
        buffer = io.BytesIO()
        pickler = _Pickler(buffer, protocol=5)
        pickler.writer = self
        try:
            pickler.dump(state)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise SnapshotError(f"a host object cannot be written down: {error}") from error
        return buffer.getvalue()

    def name(self, value: Any) -> tuple[str, Any] | None:
        """How a record refers to another object; None for plain values, which are pickled in it."""
        if isinstance(value, _RECORDS):
            if id(value) not in self.numbers:
                self.numbers[id(value)] = len(self.objects)
                self.objects.append(value)
            return "record", self.numbers[id(value)]
        if not isinstance(value, _SHARED):
            return None
        if self.share:
            self.shared.append(value)
            return "shared", len(self.shared) - 1
        return _portable(value)


class _Pickler(pickle.Pickler):
    writer: _Writer

    def persistent_id(self, value: Any) -> tuple[str, Any] | None:
        return self.writer.name(value)


def _portable(value: Any) -> tuple[str, Any] | None:
    """How a shared thing is found again in another process."""
    if isinstance(value, HostFunc):
        if value.key is None:
            raise SnapshotError(
                f"{value!r} was not imported by name, so it could not be found again"
            )
        return "host", (*value.key, value.type)
    if isinstance(value, ValidModule):
        return "module", (value.module.source, value.module.features, value.position)
    if isinstance(value, ValidFunc):
        raise SnapshotError("code outside of a module instance")
    return None  # a host reference: its object is pickled


def _state(value: Any) -> dict[str, Any]:
    """The attributes of an object, from its slots and its dictionary."""
    if isinstance(value, Frame | Store):
        return dict(value.__getstate__())
    if isinstance(value, WasmFunc):
        return {"module": value.module, "index": value.code.index}
    if isinstance(value, SharedMemory):
        raise SnapshotError(
            "a shared memory is other threads' too: with one there is no copy and no way back"
        )
    slots = [s for cls in type(value).__mro__ for s in getattr(cls, "__slots__", ())]
    state = {s: getattr(value, s) for s in slots if s not in _DERIVED}
    state.update(getattr(value, "__dict__", {}))
    if isinstance(value, Memory):
        state["data"] = bytearray(value.data)
    if isinstance(value, ModuleInst):
        state["compiled"] = None
        state["closers"] = []  # what was opened stays the original's to close
    return state


class _Reader:
    """Makes all objects first, empty, then fills them: records refer to each other in circles."""

    def __init__(
        self,
        root: bytes,
        classes: list[type],
        records: list[bytes],
        shared: list[Any],
        imports: Mapping[str, Any],
    ) -> None:
        self.root = root
        self.records = records
        self.shared = shared
        self.imports = imports
        self.objects: list[Any] = [object.__new__(cls) for cls in classes]
        self.hosts: dict[tuple[str, str], HostFunc] = {}

    def read(self) -> Machine:
        from watloom.interp.machine.machine import Machine

        states = [self._load(record) for record in self.records]
        functions = []
        for value, state in zip(self.objects, states, strict=True):
            if isinstance(value, Frame | Store):
                value.__setstate__(state)
            elif isinstance(value, WasmFunc):
                functions.append((value, state))
            else:
                for name, attribute in state.items():
                    setattr(value, name, attribute)
        for value in self.objects:
            self._adopt(value)
        for func, state in functions:  # these need their instances, which are whole now
            module: ModuleInst = state["module"]
            valid = module.valid
            first = len(valid.func_types) - len(valid.funcs)
            WasmFunc.__init__(func, valid.funcs[state["index"] - first], module)
        machine = Machine.__new__(Machine)
        machine.__dict__.update(self._load(self.root))
        for frame in machine.frames:
            frame.relink()
        for host in self.hosts.values():
            host.store = machine.store
        return machine

    def _adopt(self, value: Any) -> None:
        """Give a value what is not written down, and have its store count it."""
        if isinstance(value, Memory) and not hasattr(value, "watchers"):
            value.watchers = weakref.WeakSet()
        tally = tally_of(value)
        if tally is not None:  # its store counts all when it matters
            tally.add(value, 0)

    def _load(self, record: bytes) -> Any:
        unpickler = _Unpickler(io.BytesIO(record))
        unpickler.reader = self
        return unpickler.load()

    def find(self, kind: str, what: Any) -> Any:
        """The object that a record refers to."""
        if kind == "record":
            return self.objects[what]
        if kind == "shared":
            return self.shared[what]
        if kind == "module":
            return revalidated(*what)
        module, name, type = what
        if (module, name) not in self.hosts:
            self.hosts[module, name] = self._host_function(module, name, type)
        return self.hosts[module, name]

    def _host_function(self, module: str, name: str, type: Any) -> HostFunc:
        space = self.imports.get(module)
        typed = getattr(space, "functions", {}).get(name)
        if typed is not None:  # a watloom.host.HostModule
            from watloom.interp.host.binding import bound

            assert space is not None
            store = next(value for value in self.objects if isinstance(value, Store))
            return bound(space, typed, store)
        if name:
            space = getattr(space, "exports", space)
            found = space.get(name) if isinstance(space, Mapping) else None
        else:
            found = space
        if isinstance(found, HostFunc):
            return found
        if not callable(found):
            raise SnapshotError(
                f"the host function {module!r} {name!r} is not among the imports",
                help="pass restore the imports that the machine was instantiated with",
            )
        made = HostFunc(type, found, name=f"{module}.{name}")
        made.key = (module, name)
        return made


class _Unpickler(pickle.Unpickler):
    reader: _Reader

    def persistent_load(self, name: tuple[str, Any]) -> Any:
        return self.reader.find(*name)
