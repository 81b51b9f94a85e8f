"""A state of a machine that it can be put back into, in place.

`snapshot.copy` makes a second machine beside the first; stepping back wants the first one again.
A checkpoint keeps the same records together with the objects that they describe, and `restore`
fills those very objects: instances, memories and structs stay who they are, so that what the host
holds of them (a host function its memory, Python code an export) stays right too.

    mark = Checkpoint(machine)
    machine.run()
    mark.restore()          # machine, its memories, globals, … are as they were
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watloom.interp.machine.snapshot import _Reader, _Writer
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.table import Table

if TYPE_CHECKING:
    from watloom.interp.machine.machine import Machine

__all__ = ["Checkpoint"]

#: What belongs to the host, or to compiled code, and not to the state, per class.
_KEPT: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Store, ("lock", "machines", "probes", "open_calls", "deadline")),
    (ModuleInst, ("closers", "compiled")),
)

Pages = list[bytes]

_PIECE = 1 << 16  # bytes of a memory that are compared and kept as one


class Checkpoint:
    """The state of a machine now. `earlier` shares the memory pages not changed since then.

    Raises SnapshotError while a host function is on the machine's stack.
    """

    def __init__(self, machine: Machine, earlier: Checkpoint | None = None) -> None:
        writer = _WithoutBytes(share=True)
        self._machine = machine
        self._root, _, self._records = writer.write(machine)
        self._objects: list[Any] = writer.objects
        self._shared: list[Any] = writer.shared
        self.count = len(self._objects)
        """The number of objects in it."""
        self._memories: dict[int, Pages] = {}
        self.size = len(self._root) + sum(map(len, self._records))
        """The bytes that it takes, without those shared with `earlier`."""
        for value in self._objects:
            if isinstance(value, Memory):
                before = earlier._memories.get(id(value), []) if earlier else []
                pages = self._memories[id(value)] = _pages(value, before)
                known = set(map(id, before))
                self.size += sum(_PIECE for page in pages if id(page) not in known)

    def restore(self) -> None:
        """Put the machine, and everything that it reached then, back into this state."""
        kept = [
            (value, {name: getattr(value, name) for name in names})
            for value in self._objects
            for cls, names in _KEPT
            if isinstance(value, cls)
        ]
        buffers = [(value, value.data) for value in self._objects if isinstance(value, Memory)]
        tables = [(value, value.entries) for value in self._objects if isinstance(value, Table)]
        reader = _Reader(self._root, [], self._records, self._shared, {})
        reader.objects = self._objects
        state = reader.read().__dict__
        del state["probes"]
        self._machine.__dict__.update(state)
        for value, attributes in kept:
            for name, attribute in attributes.items():
                setattr(value, name, attribute)
        for table, entries in tables:  # compiled code, also of other instances, holds the list
            entries[:] = table.entries
            table.entries = entries
        for memory, buffer in buffers:
            memory.data = buffer
            filled = _filled(buffer, self._memories[id(memory)])
            if filled is not buffer:
                memory.replace(filled)


class _WithoutBytes(_Writer):
    """Leaves the bytes of memories out of the records: they are kept page by page."""

    def name(self, value: Any) -> tuple[str, Any] | None:
        if isinstance(value, bytearray):
            self.shared.append(None)
            return "shared", len(self.shared) - 1
        return super().name(value)


def _pages(memory: Memory, before: Pages) -> Pages:
    """The memory's bytes, each page the one from before where it is the same."""
    pages: Pages = []
    for i, start in enumerate(range(0, len(memory.data), _PIECE)):
        page = bytes(memoryview(memory.data)[start : start + _PIECE])
        pages.append(before[i] if i < len(before) and before[i] == page else page)
    return pages


def _filled(buffer: bytearray, pages: Pages) -> bytearray:
    """The buffer with these bytes in it: itself where it has the right size, so that views last."""
    data = b"".join(pages)
    if len(data) != len(buffer):
        return bytearray(data)
    buffer[:] = data
    return buffer
