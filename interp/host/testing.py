"""A test kit: calls exports of a host module with Python values, no guest needed.

    guest = Guest()
    guest.call(Geometry(scale=2), "area", [Point(1, 2), Point(3, 4)])    # 28

The values are put into a memory of its own, and the call goes through the same adapter and the same
decorators as a guest's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from watloom.interp.core.errors import HostValueError
from watloom.interp.core.source import Source
from watloom.interp.host.annotations import in_memory
from watloom.interp.host.binding import Binding
from watloom.interp.host.codec import Codec, Unfit, reader
from watloom.interp.host.errnos import Errno
from watloom.interp.host.function import Function
from watloom.interp.host.module import HostModule
from watloom.interp.host.pointers import Ptr
from watloom.interp.link.load import load_source
from watloom.interp.runtime.convert import to_python, to_python_all, to_wasm
from watloom.interp.runtime.instantiate import instantiate
from watloom.interp.runtime.store import Store

__all__ = ["Guest", "call"]


class Guest:
    """A memory that stands for a guest's, with room for arguments.

    `memory` may be read and written between calls; it grows where there is no room left.
    """

    def __init__(self, pages: int = 1) -> None:
        self.store = Store()
        source = Source("<test>", text=f'(module (memory (export "memory") {pages}))')
        self.instance = instantiate(load_source(source), [], self.store)
        self.memory = self.instance.memories[0]
        self._free = 16  # so that no pointer is null

    def put(self, data: bytes, align: int = 1) -> int:
        """The address of bytes, put where there is room."""
        address = -(-self._free // align) * align
        self._free = address + max(len(data), 1)
        short = self._free - len(self.memory)
        if short > 0 and self.memory.grow(-(-short // self.memory.page)) is None:
            raise MemoryError("the memory of a test's guest cannot grow any more")
        self.memory[address : address + len(data)] = data
        return address

    def new(self, kind: Any, *values: Any) -> Ptr[Any]:
        """A pointer to values of a type, put into memory: `guest.new(I32, 0)` for an out parameter.

        Raises HostValueError where they are none of it, TypeError for a type without such a form.
        """
        try:
            codec = in_memory(kind)
        except Unfit as unfit:
            raise TypeError(f"{unfit.why}; {unfit.help}") from None
        return Ptr(self.memory, self.place(codec, values), codec)

    def place(self, codec: Codec, values: Sequence[Any]) -> int:
        """The address of values put one behind the other, with whatever they point to."""
        address = self.put(bytes(codec.stride * len(values)), codec.align)
        for i, value in enumerate(values):
            codec.place(self, address + i * codec.stride, value)
        return address

    def call(self, module: HostModule, name: str, *args: Any) -> Any:
        """Call an export: what it gives back, an Errno where it is one. Raises what it raises.

        An asynchronous one is run to its end. Raises KeyError for a name that is not exported.
        """
        function = module.functions[name]
        if function.is_async:
            return asyncio.run(self.call_async(module, name, *args))
        binding = Binding(module, function, getattr(module, function.method), self.store)
        return _result(function, self.adapter(binding)(*self._slots(function, args)))

    async def call_async(self, module: HostModule, name: str, *args: Any) -> Any:
        """The same for an asynchronous export, within a loop."""
        function = module.functions[name]
        binding = Binding(module, function, getattr(module, function.method), self.store)
        return _result(function, await self.adapter(binding)(*self._slots(function, args)))

    def adapter(self, binding: Binding) -> Any:
        """The adapter of a function, called by this guest."""
        return binding.adapter(lambda: self.instance, lambda error: error)

    def _slots(self, function: Function, args: tuple[Any, ...]) -> list[Any]:
        if function.is_raw:
            types = function.type.func.params
            _count(function, args, [str(t) for t in types])
            return [to_wasm(v, t, self.store) for v, t in zip(args, types, strict=True)]
        codecs = [(p.name, p.codec) for p in function.params if p.codec is not None]
        _count(function, args, [name for name, _ in codecs])
        slots: list[Any] = []
        for (name, codec), value in zip(codecs, args, strict=True):
            try:
                slots += codec.give(self, value)
            except HostValueError as error:
                raise HostValueError(f"{function}: `{name}`: {error.message}") from None
        return slots


def _count(function: Function, args: tuple[Any, ...], names: list[str]) -> None:
    if len(args) != len(names):
        shown = ", ".join(names) or "none"
        raise HostValueError(
            f"{function} takes {len(names)} arguments ({shown}), {len(args)} given"
        )


def _result(function: Function, raw: Any) -> Any:
    """What a method gave back, from its slots."""
    types = function.type.func.results
    slots = () if not types else (raw,) if len(types) == 1 else tuple(raw)
    if function.is_raw:
        return to_python_all(slots, types)
    if function.result.errno:
        *values, number = slots
        if number or not values:
            return Errno(number) if number < len(Errno) else number
        slots = tuple(values)
    found, at = [], 0
    for codec in function.result.codecs:
        own = slots[at : at + len(codec.slots)]
        at += len(codec.slots)
        try:
            found.append(reader(codec, "the result")(None, *own))
        except Unfit:  # a type that is for results only
            found.append(tuple(to_python(v, t) for v, t in zip(own, codec.slots, strict=True)))
    return tuple(found) if function.result.several else found[0] if found else None


def call(module: HostModule, name: str, *args: Any) -> Any:
    """Call an export of a host module with Python values, once, with a memory of its own."""
    return Guest().call(module, name, *args)
