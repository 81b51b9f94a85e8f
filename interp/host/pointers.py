"""Pointers and lists: memory of the caller, read and written when asked for."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

from watloom.interp.core.errors import HostValueError
from watloom.interp.core.types import I32
from watloom.interp.host.access import inside, outside
from watloom.interp.host.buffers import Run
from watloom.interp.host.codec import Codec, Unfit, Writer
from watloom.interp.runtime.memory import Memory

__all__ = ["List", "ListOf", "PointerTo", "Ptr"]

T = TypeVar("T")
_U32 = struct.Struct("<I")
_PAIR = struct.Struct("<II")


class List(Sequence[T]):
    """Values one behind the other in the caller's memory: pointer and length.

    Each is read when it is asked for, and written when it is set. The whole of it lies in memory,
    also after the memory has grown.
    """

    __slots__ = ("_codec", "_length", "_memory", "_stride", "address")

    def __init__(self, memory: Memory, address: int, length: int, codec: Codec) -> None:
        self._memory = memory
        self._codec = codec
        self._length = length
        self._stride = codec.stride
        self.address = address
        """Where the first one lies."""

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, key: int) -> T: ...
    @overload
    def __getitem__(self, key: slice) -> list[T]: ...
    def __getitem__(self, key: int | slice) -> Any:
        if isinstance(key, slice):
            return [self[i] for i in range(*key.indices(self._length))]
        return self._codec.load(self._memory, self._at(key))

    @overload
    def __setitem__(self, key: int, value: T) -> None: ...
    @overload
    def __setitem__(self, key: slice, value: Iterable[T]) -> None: ...
    def __setitem__(self, key: int | slice, value: Any) -> None:
        if isinstance(key, slice):
            places, values = range(*key.indices(self._length)), list(value)
            if len(places) != len(values):
                raise ValueError(f"{len(places)} values are replaced, {len(values)} given")
            for i, item in zip(places, values, strict=True):
                self[i] = item
        else:
            self._codec.store(self._memory, self._at(key), value)

    def __iter__(self) -> Iterator[T]:
        load, memory = self._codec.load, self._memory
        for i in range(self._length):
            yield load(memory, self.address + i * self._stride)

    def _at(self, i: int) -> int:
        if not -self._length <= i < self._length:
            raise IndexError(f"{i} lies outside of a list of {self._length}")
        return self.address + i % self._length * self._stride

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self._length} {self._codec} at {self.address:#x}>"


class Ptr(Generic[T]):
    """A pointer into the caller's memory, to one T and, as in C, to those behind it.

    One T lies in memory for certain; whatever else is asked for and lies outside is a trap.
    """

    __slots__ = ("_codec", "_memory", "address")

    def __init__(self, memory: Memory, address: int, codec: Codec) -> None:
        self._memory = memory
        self._codec = codec
        self.address = address

    @property
    def value(self) -> T:
        """What it points to; may be set."""
        return self[0]

    @value.setter
    def value(self, value: T) -> None:
        self[0] = value

    @overload
    def __getitem__(self, key: int) -> T: ...
    @overload
    def __getitem__(self, key: slice) -> List[T]: ...
    def __getitem__(self, key: int | slice) -> Any:
        """The i-th T from here, as in C; `p[0:n]` is a List of the first n."""
        if isinstance(key, slice):
            if key.step not in (None, 1) or key.stop is None:
                raise ValueError("a slice of a pointer has an end, and no step: p[0:n]")
            return (self + (key.start or 0)).slice(key.stop - (key.start or 0))
        return self._codec.load(self._memory, self._at(key, 1))

    @overload
    def __setitem__(self, key: int, value: T) -> None: ...
    @overload
    def __setitem__(self, key: slice, value: Iterable[T]) -> None: ...
    def __setitem__(self, key: int | slice, value: Any) -> None:
        if isinstance(key, slice):
            self[key][:] = value
        else:
            self._codec.store(self._memory, self._at(key, 1), value)

    def slice(self, length: int) -> List[T]:
        """So many Ts from here on."""
        return List(self._memory, self._at(0, max(length, 0)), max(length, 0), self._codec)

    def __add__(self, count: int) -> Ptr[T]:
        return Ptr(self._memory, self.address + count * self._codec.stride, self._codec)

    def _at(self, i: int, count: int) -> int:
        stride = self._codec.stride
        return inside(self._memory, self.address + i * stride, count * stride, repr(self))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Ptr)
            and other._memory is self._memory
            and other.address == self.address
        )

    def __hash__(self) -> int:
        return hash((id(self._memory), self.address))

    def __repr__(self) -> str:
        return f"<Ptr[{self._codec}] {self.address:#x}>"


class ListOf(Run):
    """The codec of List[T]."""

    def __init__(self, element: Codec, nullable: bool = False) -> None:
        super().__init__(f"List[{element}]", nullable)
        if element.size == 0:
            raise Unfit(f"`{self.name}`: `{element}` has no form in memory", "use a wasm_struct")
        self.element = element
        self.unit = element.stride

    def expression(self, w: Writer, address: str, length: str, what: str) -> str:
        kind, element = w.name("List", List), w.name(f"{self.element}", self.element)
        return f"{kind}(_memory, {address}, {length}, {element})"

    def value(self, memory: Memory, address: int, length: int, what: str) -> List[Any]:
        return List(memory, address, length, self.element)

    def store(self, memory: Memory, address: int, value: Any) -> None:
        if not isinstance(value, List) or value._memory is not memory:
            raise HostValueError(
                f"{self} in memory is a List of the same memory, not {value!r:.60}"
            )
        _PAIR.pack_into(memory.data, address, value.address, len(value))

    def give(self, room: Any, value: Any) -> list[Any]:
        if value is None and self.is_nullable:
            return [0, 0]
        if isinstance(value, List):
            return [value.address, len(value)]
        return [room.place(self.element, value), len(value)]


class PointerTo(Codec):
    """The codec of Ptr[T]; its target may be found later, as a struct may point to its like."""

    slots = (I32,)
    size = align = 4

    def __init__(self, target: Any, name: str, nullable: bool = False) -> None:
        super().__init__(f"Ptr[{name}]" + " | None" * nullable)
        self._target = target
        self.is_nullable = nullable

    @property
    def target(self) -> Codec:
        """The codec of what it points to."""
        if not isinstance(self._target, Codec):
            from watloom.interp.host.annotations import in_memory

            self._target = in_memory(self._target)
        return self._target

    def decode(self, w: Writer, names: Sequence[str], what: str) -> str:
        (address,), memory = names, w.memory()
        w.name("len", len)
        null = f"{address} and " if self.is_nullable else ""
        w.line(f"if {null}{address} + {self.target.stride} > _len({memory}.data):")
        w.line(
            f"    {w.name('outside', outside)}({memory}, {address}, {self.target.stride}, {what!r})"
        )
        target = w.name(f"{self.target}", self.target)
        found = f"{w.name('Ptr', Ptr)}({memory}, {address}, {target})"
        return f"({found} if {address} else None)" if self.is_nullable else found

    def load(self, memory: Memory, address: int) -> Any:
        (to,) = _U32.unpack_from(memory.data, address)
        return None if self.is_nullable and to == 0 else Ptr(memory, to, self.target)

    def store(self, memory: Memory, address: int, value: Any) -> None:
        if value is None and self.is_nullable:
            _U32.pack_into(memory.data, address, 0)
        elif isinstance(value, Ptr) and value._memory is memory:
            _U32.pack_into(memory.data, address, value.address)
        else:
            raise HostValueError(f"{self} in memory is a Ptr of the same memory, not {value!r:.60}")

    def dtype(self) -> Any:
        import numpy

        return numpy.dtype("<u4")

    @property
    def has_dtype(self) -> bool:
        return True

    def give(self, room: Any, value: Any) -> list[Any]:
        if value is None and self.is_nullable:
            return [0]
        if isinstance(value, Ptr):
            return [value.address]
        return [room.place(self.target, [value])]

    def place(self, room: Any, address: int, value: Any) -> None:
        _U32.pack_into(room.memory.data, address, *self.give(room, value))
