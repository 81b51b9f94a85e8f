"""Structs: dataclasses with the layout that C gives them.

    @wasm_struct
    class Point:          offset 0  x  4 bytes
        x: I32            offset 4  (padding)
        y: F64            offset 8  y  8 bytes       size 16, alignment 8

Fields are numbers, structs, and what is a pair of u32 in memory (String, List …) or one (Ptr).
A struct at an address that is not a multiple of its alignment is read all the same, as in Wasm.
"""

from __future__ import annotations

import dataclasses
import struct
import sys
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, dataclass_transform, overload

from watloom.interp.core.errors import DefinitionError, HostValueError
from watloom.interp.host import messages
from watloom.interp.host.codec import Codec, Unfit
from watloom.interp.host.hints import hints_of
from watloom.interp.runtime.memory import Memory

__all__ = ["StructOf", "struct_codec", "wasm_struct"]

C = TypeVar("C", bound=type)
_KEY = "__wasm_struct__"


class Field:
    """A field: where it lies, and what it is."""

    def __init__(self, name: str, codec: Codec, offset: int) -> None:
        self.name = name
        self.codec = codec
        self.offset = offset


class StructOf(Codec):
    """The codec of a `wasm_struct`; `fields` are in order."""

    def __init__(self, cls: type, codecs: dict[str, Codec]) -> None:
        super().__init__(cls.__name__)
        self.cls = cls
        self.fields: list[Field] = []
        end = 0
        for name, codec in codecs.items():
            at = -(-end // codec.align) * codec.align
            self.fields.append(Field(name, codec, at))
            end = at + codec.size
            self.align = max(self.align, codec.align)
        self.size = -(-end // self.align) * self.align
        self.packer = self._packer()

    def _packer(self) -> struct.Struct | None:
        """All fields at once, where they are plain numbers."""
        form, end = "<", 0
        for field in self.fields:
            if not field.codec.char:
                return None
            form += "x" * (field.offset - end) + field.codec.char
            end = field.offset + field.codec.size
        return struct.Struct(form + "x" * (self.size - end))

    def load(self, memory: Memory, address: int) -> Any:
        if self.packer is not None:
            return self.cls(*self.packer.unpack_from(memory.data, address))
        return self.cls(*[f.codec.load(memory, address + f.offset) for f in self.fields])

    def store(self, memory: Memory, address: int, value: Any) -> None:
        if not isinstance(value, self.cls):
            raise HostValueError(f"a {self} is wanted, not {value!r:.60}")
        for field in self.fields:
            try:
                field.codec.store(memory, address + field.offset, getattr(value, field.name))
            except HostValueError as error:
                raise HostValueError(f"{self}.{field.name}: {error.message}") from None

    def place(self, room: Any, address: int, value: Any) -> None:
        if not isinstance(value, self.cls):
            raise HostValueError(f"a {self} is wanted, not {value!r:.60}")
        for field in self.fields:
            field.codec.place(room, address + field.offset, getattr(value, field.name))

    @property
    def has_dtype(self) -> bool:
        return all(field.codec.has_dtype for field in self.fields)

    @cached_property
    def _dtype(self) -> Any:
        import numpy

        shape = {
            "names": [field.name for field in self.fields],
            "formats": [field.codec.dtype() for field in self.fields],
            "offsets": [field.offset for field in self.fields],
            "itemsize": self.size,
        }
        return numpy.dtype((numpy.record, shape))

    def dtype(self) -> Any:
        return self._dtype


def struct_codec(cls: Any) -> StructOf | None:
    """The codec of a class that is a `wasm_struct` itself; None for any other."""
    found = cls.__dict__.get(_KEY) if isinstance(cls, type) else None
    return found if isinstance(found, StructOf) else None


@overload
def wasm_struct(cls: C, /) -> C: ...
@overload
def wasm_struct(**options: Any) -> Callable[[C], C]: ...
@dataclass_transform()
def wasm_struct(cls: Any = None, /, **options: Any) -> Any:
    """Make a class a dataclass with C layout; options are those of `dataclass`.

    Raises DefinitionError for a field that has no form in memory.

    >>> from watloom.interp.host.scalars import F64, I32
    >>> @wasm_struct
    ... class Point:
    ...     x: I32
    ...     y: F64
    >>> [(field.name, field.offset) for field in struct_codec(Point).fields], struct_codec(Point)
    ([('x', 0), ('y', 8)], Point)
    """
    around = sys._getframe(1).f_locals
    if cls is not None:
        return _made(cls, options, around)
    return lambda given: _made(given, options, around)


def _made(cls: type, options: dict[str, Any], around: dict[str, Any]) -> type:
    from watloom.interp.host.annotations import in_memory

    for option in ("slots", "kw_only"):
        if options.get(option):
            raise messages.struct_option(struct=cls.__name__, option=option)
    made: type = dataclasses.dataclass(**options)(cls)
    hints = hints_of(cls, {**around, cls.__name__: cls}, cls.__name__)
    codecs = {}
    for name, hint in hints.items():
        if isinstance(hint, dataclasses.InitVar):
            raise messages.struct_field(struct=cls.__name__, field=name, kind="an InitVar")
    for field in dataclasses.fields(made):
        if not field.init:
            raise messages.struct_field(
                struct=cls.__name__, field=field.name, kind="one with init=False"
            )
        try:
            codecs[field.name] = in_memory(hints[field.name])
        except Unfit as unfit:
            raise _refused(cls, field.name, unfit) from None
    if not codecs:
        raise messages.empty_struct(struct=cls.__name__)
    setattr(made, _KEY, StructOf(made, codecs))
    return made


def _refused(cls: type, field: str, unfit: Unfit) -> DefinitionError:
    where = f"{cls.__name__}: field `{field}`"
    return messages.annotation(where=where, why=unfit.why, help=unfit.help)
