"""What converts one parameter or result: a codec per type.

A codec is asked three things, and says no (`Unfit`) where its type cannot do one of them:

    decode   Wasm values (its `slots`) → a Python value, as Python source for the adapter
    encode   a Python value → Wasm values, as source too
    load, store, size, align, dtype      its form in memory, behind a Ptr or in a List or Array

Wasm values are as everywhere inside: i32 and i64 unsigned, floats Python's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from watloom.interp.core.types import ValType
from watloom.interp.host.access import memory_of
from watloom.interp.runtime.instance import ModuleInst
from watloom.interp.runtime.memory import Memory

__all__ = ["Codec", "Unfit", "Writer", "reader"]


class Unfit(Exception):
    """An annotation that does not do; becomes a DefinitionError that says where.

    `why` continues "parameter `x`: "; `help` says what to write.
    """

    def __init__(self, why: str, help: str) -> None:
        super().__init__(why)
        self.why = why
        self.help = help


class Writer:
    """The adapter under way: its lines, the Python objects that they name, what they need."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {}
        self.needs_memory = False
        self.needs_instance = False

    def line(self, text: str) -> None:
        """One more line; indentation within is the line's own."""
        self.lines.append(text)

    def name(self, hint: str, value: Any) -> str:
        """A name for an object; the same one again for the same object."""
        base = "_" + "".join(c if c.isalnum() else "_" for c in hint)
        name, n = base, 1
        while name in self.names and self.names[name] is not value:
            n += 1
            name = f"{base}_{n}"
        self.names[name] = value
        return name

    def memory(self) -> str:
        """The name of the caller's memory."""
        self.needs_memory = True
        return "_memory"

    def instance(self) -> str:
        """The name of the instance that called, None for the host itself."""
        self.needs_instance = True
        return "_instance"


class Codec:
    """The base: a type that can do nothing yet.

    `load` and `store` are asked of types with a `size` only, `give` of those with `slots`.
    """

    slots: tuple[ValType, ...] = ()
    size: int = 0
    """Bytes in memory, without padding behind it; 0 for a type that has no form there."""
    align: int = 1
    char: str = ""
    """What `struct` calls it, where that alone makes the Python value."""
    nullable: Codec | None = None

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    # ------------------------------------------------------------------ parameters and results

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        """The Python value of a parameter, as an expression over its slots' names."""
        raise Unfit(f"`{self.name}` is for results only", "take the value apart: see watloom.host")

    def encode(self, w: Writer, value: str, what: str) -> tuple[str, ...]:
        """The slots of a result, as expressions; `value` is a variable that may be written to."""
        raise Unfit(
            f"`{self.name}` is for parameters only",
            "a result is a number: let the caller pass a Ptr or a memoryview to be filled",
        )

    # ------------------------------------------------------------------ in memory

    def load(self, memory: Memory, address: int) -> Any:
        """The value at an address that lies in memory."""
        raise NotImplementedError

    def store(self, memory: Memory, address: int, value: Any) -> None:
        """Put a value at an address that lies in memory. Raises HostValueError."""
        raise NotImplementedError

    def dtype(self) -> Any:
        """The numpy type, None where it has none. Imports numpy."""
        return None

    @property
    def has_dtype(self) -> bool:
        """Whether there is a numpy type: known without numpy."""
        return False

    @property
    def stride(self) -> int:
        """From one element of an array to the next."""
        return -(-self.size // self.align) * self.align

    # ------------------------------------------------------------------ for tests

    def give(self, room: Any, value: Any) -> list[Any]:
        """The slots that a guest would pass for a value, put into the memory of `room`."""
        raise NotImplementedError(self.name)

    def place(self, room: Any, address: int, value: Any) -> None:
        """Put a value at an address of the memory of `room`, and what it points to elsewhere."""
        self.store(room.memory, address, value)


def reader(codec: Codec, what: str) -> Callable[..., Any]:
    """`decode` as a function of an instance and the slots, for whoever looks on."""
    w = Writer()
    names = [f"a{i}" for i in range(len(codec.slots))]
    found = codec.decode(w, names, what)
    head = ["    _memory = _memory_of(_instance)"] * w.needs_memory
    lines = [f"def read({', '.join(['_instance', *names])}):", *head]
    lines += [f"    {line}" for line in w.lines] + [f"    return {found}"]
    names_of: dict[str, Any] = {**w.names, "_memory_of": memory_of}
    exec("\n".join(lines), names_of)
    read: Callable[[ModuleInst | None], Any] = names_of["read"]
    return read
