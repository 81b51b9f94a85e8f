"""Runs of bytes: pointer and length, two i32 slots; in memory a pair of u32.

Bytes, bytes    a copy            memoryview   the caller's memory itself, to be written to
String, str     UTF-8, decoded    Array[T]     a numpy array on the caller's memory
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeAlias, TypeVar

from watloom.interp.core.errors import HostValueError, Trap
from watloom.interp.core.types import I32
from watloom.interp.host import messages
from watloom.interp.host.access import inside, outside
from watloom.interp.host.codec import Codec, Unfit, Writer
from watloom.interp.runtime.memory import Memory

__all__ = [
    "BYTES",
    "STRING",
    "VIEW",
    "Array",
    "ArrayOf",
    "BadText",
    "Bytes",
    "Run",
    "String",
    "utf8",
]

T = TypeVar("T")
_PAIR = struct.Struct("<II")


class BadText(Trap):
    """Bytes that are not UTF-8: a trap, or EILSEQ where the function gives back an Errno."""


class Run(Codec):
    """What is passed as pointer and length."""

    slots = (I32, I32)
    size, align = 8, 4
    unit = 1
    """Bytes of one element: the length counts elements."""
    takes = "an object with bytes"

    def __init__(self, name: str, nullable: bool = False) -> None:
        super().__init__(name)
        self.is_nullable = nullable

    def value(self, memory: Memory, address: int, length: int, what: str) -> Any:
        """The Python value of a run that lies in memory."""
        raise NotImplementedError

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        address, length = names
        memory = w.memory()
        size = length if self.unit == 1 else f"{length} * {self.unit}"
        w.name("len", len)
        w.name("outside", outside)
        w.line(f"if {address} + {size} > _len({memory}.data):")
        w.line(f"    _outside({memory}, {address}, {size}, {what!r})")
        found = self.expression(w, address, length, what)
        return f"(None if {address} == 0 else {found})" if self.is_nullable else found

    def expression(self, w: Writer, address: str, length: str, what: str) -> str:
        """The value as an expression, once the bounds were checked."""
        return f"{w.name(self.name, self.value)}(_memory, {address}, {length}, {what!r})"

    def load(self, memory: Memory, address: int) -> Any:
        start, length = _PAIR.unpack_from(memory.data, address)
        if self.is_nullable and start == 0:
            return None
        inside(memory, start, length * self.unit, f"{self} at {address:#x}")
        return self.value(memory, start, length, f"{self} at {address:#x}")

    def store(self, memory: Memory, address: int, value: Any) -> None:
        raise HostValueError(f"{self} cannot be put into memory: there is no room for its bytes")

    def raw(self, value: Any) -> tuple[bytes, int]:
        """A value's bytes and how many elements they are."""
        data = bytes(value)
        return data, len(data)

    def give(self, room: Any, value: Any) -> list[Any]:
        if value is None and self.is_nullable:
            return [0, 0]
        if hasattr(value, "address"):  # a List that lies there already
            return [value.address, len(value)]
        data, length = self.raw(value)
        return [room.put(data, 8), length]

    def place(self, room: Any, address: int, value: Any) -> None:
        _PAIR.pack_into(room.memory.data, address, *self.give(room, value))


class _Bytes(Run):
    def expression(self, w: Writer, address: str, length: str, what: str) -> str:
        w.name("bytes", bytes)
        return f"_bytes(_memory.data[{address}:{address} + {length}])"

    def value(self, memory: Memory, address: int, length: int, what: str) -> bytes:
        return bytes(memory.data[address : address + length])


class _View(Run):
    def value(self, memory: Memory, address: int, length: int, what: str) -> memoryview:
        return memoryview(memory.data)[address : address + length]


class Text(Run):
    """UTF-8; `policy` says what happens to bytes that are not, by Python's names of it."""

    def __init__(self, name: str, policy: str = "strict", nullable: bool = False) -> None:
        super().__init__(name, nullable)
        self.policy = policy

    def or_none(self) -> Text:
        """The same, None where the pointer is 0."""
        return Text(f"{self.name} | None", self.policy, True)

    def value(self, memory: Memory, address: int, length: int, what: str) -> str:
        try:
            return bytes(memory.data[address : address + length]).decode("utf-8", self.policy)
        except UnicodeDecodeError as error:
            at = f"{what}: byte {error.start} of {length} at {address:#x}"
            raise BadText(f"malformed UTF-8 encoding in {at}") from None

    def raw(self, value: Any) -> tuple[bytes, int]:
        data = value if isinstance(value, bytes) else value.encode()
        return data, len(data)


class ArrayOf(Run):
    """A numpy array on the caller's memory, without a copy."""

    def __init__(self, element: Codec, nullable: bool = False) -> None:
        super().__init__(f"Array[{element}]", nullable)
        if not element.has_dtype:
            raise Unfit(
                f"`{self.name}`: numpy has no type for `{element}`",
                f"write List[{element}], which reads its elements one by one",
            )
        self.element = element
        self.unit = element.stride

    @cached_property
    def _make(self) -> Any:
        from numpy import frombuffer

        dtype = self.element.dtype()
        return lambda data, length, address: frombuffer(data, dtype, length, address)

    def value(self, memory: Memory, address: int, length: int, what: str) -> Any:
        return self._make(memory.data, length, address) if memory.data else self._empty()

    def _empty(self) -> Any:
        import numpy

        return numpy.empty(0, self.element.dtype())

    def raw(self, value: Any) -> tuple[bytes, int]:
        import numpy

        return numpy.asarray(value, self.element.dtype()).tobytes(), len(value)

    def give(self, room: Any, value: Any) -> list[Any]:
        if value is None or hasattr(value, "address") or hasattr(value, "tobytes"):
            return super().give(room, value)
        return [room.place(self.element, value), len(value)]


if TYPE_CHECKING:
    import numpy as np

    class Array(np.ndarray[Any, np.dtype[Any]], Generic[T]):
        """See below."""

else:

    class Array(Generic[T]):
        """A parameter that is a numpy array on the caller's memory: a pointer and a length.

        T is a number (`I32`, `np.float32`) or a struct (`wasm_struct`), whose fields are then
        `points["x"]`, and of one element `points[0].x`. Writing to it writes to memory. It shows
        the memory as it was when the call came in: it is not for keeping.
        """


def utf8(errors: str = "strict") -> Text:
    """A String with another policy for bytes that are not UTF-8, by Python's names.

    `Annotated[str, utf8("replace")]`; "strict", which String is, traps, or is EILSEQ.
    Raises DefinitionError for a name that Python does not know.
    """
    try:
        codecs.lookup_error(errors)
    except (LookupError, TypeError):
        raise messages.text_policy(policy=errors) from None
    return Text("String" if errors == "strict" else f"String({errors!r})", errors)


BYTES = _Bytes("Bytes")
VIEW = _View("memoryview")
STRING = utf8()
NULLABLE: dict[Codec, Codec] = {
    BYTES: _Bytes("Bytes | None", True),
    VIEW: _View("memoryview | None", True),
}

Bytes: TypeAlias = Annotated[bytes, BYTES]
String: TypeAlias = Annotated[str, STRING]
