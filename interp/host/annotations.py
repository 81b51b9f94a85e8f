"""From an annotation to its codec.

I32, U8, F32 …                themselves        int          refused: 32 or 64 bits?
float, bool, str, bytes       F64, Bool, String, Bytes       timedelta   Duration
memoryview                    the caller's bytes, writable   np.float32  F32
Array[T], List[T], Ptr[T]     pointers          X | None     null where the pointer is 0
object                        externref         Callable     funcref
a class with from_wasm, to_wasm, or load and store           users' own
"""

from __future__ import annotations

import collections.abc
import types
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Annotated, Any, Never, NoReturn, Union, get_args, get_origin

from watloom.interp.core.types import EXTERNREF, FUNCREF
from watloom.interp.host import scalars
from watloom.interp.host.buffers import BYTES, NULLABLE, STRING, VIEW, Array, ArrayOf, Text
from watloom.interp.host.codec import Codec, Unfit, Writer
from watloom.interp.host.errnos import Errno
from watloom.interp.host.pointers import List, ListOf, PointerTo, Ptr
from watloom.interp.host.references import CoreValue, ObjectOf, ParamOf
from watloom.interp.host.results import Result
from watloom.interp.host.structs import StructOf, struct_codec
from watloom.interp.runtime.memory import Memory

__all__ = ["in_memory", "parameter", "reached", "result"]

#: Names for names that are followed.
_NAMES = 100

_PLAIN: dict[Any, Codec] = {
    float: scalars.FLOATS["F64"],
    bool: scalars.BOOL,
    str: STRING,
    bytes: BYTES,
    memoryview: VIEW,
    timedelta: scalars.DURATION,
    object: CoreValue(EXTERNREF),
    Any: CoreValue(EXTERNREF),
    Callable: CoreValue(FUNCREF),
    collections.abc.Callable: CoreValue(FUNCREF),
}

_INSTEAD: dict[Any, tuple[str, str]] = {
    int: (
        "`int` does not say how many bits it has",
        "write I32 or I64, or U32 or U64 for one without a sign",
    ),
    list: ("`list` is Python's own", "write List[T], or Array[T] for numbers: pointer and length"),
    tuple: ("`tuple` is for results", "write a parameter for each value, or a Ptr to a struct"),
    dict: ("`dict` has no form in Wasm", "write a Ptr to a wasm_struct"),
    bytearray: (
        "`bytearray` has no form in Wasm",
        "write memoryview: the caller's bytes, writable",
    ),
    complex: ("`complex` has no form in Wasm", "write two F64"),
    Errno: ("`Errno` is for results", "write I32, or U16"),
    None: ("`None` is for results", "leave the parameter out"),
}


def parameter(annotation: Any) -> Codec:
    """The codec of a parameter. Raises Unfit."""
    found = _codec(annotation)
    if not found.slots and not isinstance(found, ParamOf):
        raise Unfit(
            f"`{found}` lives in memory, and is passed by its address",
            f"write Ptr[{found}] for one, List[{found}] for several",
        )
    # says no at definition time, rather than at the first call
    found.decode(Writer(), [f"a{i}" for i in range(len(found.slots))], "")
    for _ in reached(found):
        pass
    return found


def reached(codec: Codec) -> Iterator[Codec]:
    """A codec and all that its pointers, elements and fields lead to, each once. Raises Unfit."""
    seen: list[Codec] = []
    waiting = [codec]
    while waiting:
        codec = waiting.pop(0)
        if codec in seen:
            continue
        seen.append(codec)
        yield codec
        if isinstance(codec, StructOf):
            waiting += [field.codec for field in codec.fields]
        elif isinstance(codec, PointerTo):
            waiting.append(codec.target)
        elif isinstance(codec, ListOf | ArrayOf):
            waiting.append(codec.element)


def in_memory(annotation: Any) -> Codec:
    """The codec of something in memory: a field, an element, what a Ptr points to. Raises Unfit."""
    found = _codec(annotation)
    if not found.size:
        raise Unfit(f"`{found}` has no form in memory", "use a number, a Ptr or a wasm_struct")
    return found


def result(annotation: Any) -> Result:
    """What a method gives back. Raises Unfit."""
    if annotation in (None, type(None), Never, NoReturn):
        return Result([])
    parts = list(get_args(annotation)) if _is_union(annotation) else [annotation]
    errno = Errno in parts
    parts = [part for part in parts if part is not Errno]
    if errno and parts in ([], [type(None)]):
        return Result([], errno=True)
    if len(parts) != 1:
        raise Unfit(
            f"`{_shown(annotation)}` may be several things",
            "a result is one type, or that and Errno: I32 | Errno",
        )
    (only,) = parts
    several = get_origin(only) is tuple
    inner = get_args(only) if several else (only,)
    if only is tuple or not inner or ... in inner:
        raise Unfit(
            f"`{_shown(only)}` does not say how many results there are",
            "write a type for each: tuple[I32, F64]; None for no result",
        )
    codecs = [c.as_result() if isinstance(c, ParamOf) else c for c in map(_codec, inner)]
    found = Result(codecs, errno=errno, several=several)
    found.encode(Writer(), "")
    return found


def _codec(annotation: Any) -> Codec:
    annotation = _meant(annotation)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        given = [meta for meta in args[1:] if isinstance(meta, Codec)]
        return given[0] if given else _codec(args[0])
    if _is_union(annotation):
        return _nullable(annotation, args)
    if origin in (Array, List, Ptr):
        return _pointing(origin, args[0])
    if annotation in (Array, List, Ptr):
        raise Unfit(f"`{_shown(annotation)}` of what?", f"write {_shown(annotation)}[I32], say")
    if origin in (Callable, collections.abc.Callable):
        return _PLAIN[Callable]
    known = _PLAIN.get(annotation) if isinstance(annotation, collections.abc.Hashable) else None
    return known or _of_class(origin or annotation, annotation)


def _meant(annotation: Any) -> Any:
    """What a name for a type stands for: `type Id = U32` (3.12), NewType("Id", U32)."""
    seen = 0
    while seen < _NAMES and not isinstance(annotation, type):
        inner = getattr(annotation, "__supertype__", None) or getattr(annotation, "__value__", None)
        if inner is None:
            break
        annotation, seen = inner, seen + 1
    return annotation


def _pointing(origin: Any, target: Any) -> Codec:
    if origin is Ptr:
        codec = struct_codec(target)
        if isinstance(target, type) and codec is None and not _is_known(target):
            return PointerTo(target, target.__name__)  # a struct that is being defined
        inner = codec or in_memory(target)
        return PointerTo(inner, inner.name)
    inner = in_memory(target)
    return ArrayOf(inner) if origin is Array else ListOf(inner)


def _is_known(target: type) -> bool:
    try:
        return in_memory(target) is not None
    except Unfit:
        # only a class of the user's own may still become a struct
        return target in _INSTEAD or target.__module__ in ("builtins", "typing", "numpy")


def _nullable(annotation: Any, args: tuple[Any, ...]) -> Codec:
    inner = [arg for arg in args if arg is not type(None)]
    if len(inner) == 1:
        codec = _codec(inner[0])
        if isinstance(codec, Text):
            return codec.or_none()
        if codec in NULLABLE:
            return NULLABLE[codec]
        if isinstance(codec, PointerTo):
            return PointerTo(codec._target, codec.name[4:-1], nullable=True)
        if isinstance(codec, ArrayOf):
            return ArrayOf(codec.element, nullable=True)
        if isinstance(codec, ListOf):
            return ListOf(codec.element, nullable=True)
        if isinstance(codec, CoreValue):
            return codec
    raise Unfit(
        f"`{_shown(annotation)}` may be several things",
        "only a pointer may be absent (Ptr[T] | None, String | None), and a result have an errno "
        "beside it (I32 | Errno)",
    )


def _of_class(cls: Any, annotation: Any) -> Codec:
    """A class: a struct, one of numpy's numbers, a user's own."""
    found = struct_codec(cls)
    if found is not None:
        return found
    if cls in _INSTEAD:
        raise Unfit(*_INSTEAD[cls])
    if getattr(cls, "__module__", "") == "numpy" or type(cls).__module__.startswith("numpy"):
        return _of_numpy(cls)
    if hasattr(cls, "wasm_params") or hasattr(cls, "wasm_results"):
        return ParamOf(cls)
    if hasattr(cls, "wasm_size") and hasattr(cls, "load") and hasattr(cls, "store"):
        return ObjectOf(cls)
    raise Unfit(
        f"`{_shown(annotation)}` has no form in Wasm",
        "make it a @wasm_struct, or give it from_wasm and to_wasm, or load and store: see "
        "watloom.host.Param, Result, Object",
    )


def _of_numpy(cls: Any) -> Codec:
    import numpy

    if cls is numpy.ndarray:
        raise Unfit("`numpy.ndarray` of what?", "write Array[np.float32], say")
    try:
        dtype = numpy.dtype(cls)
    except TypeError:
        raise Unfit(
            f"`{_shown(cls)}` has no form in Wasm", "write Array[np.float32], say"
        ) from None
    if dtype.kind == "b":
        return scalars.BOOL
    letter = {"i": "I", "u": "U", "f": "F"}.get(dtype.kind, "")
    name = f"{letter}{8 * dtype.itemsize}"
    found = {**scalars.INTEGERS, **scalars.FLOATS}.get(name)
    return found or _Elements(dtype)


class _Elements(Codec):
    """Other numbers of numpy's (complex, half): elements of an Array only."""

    def __init__(self, dtype: Any) -> None:
        super().__init__(str(dtype))
        if dtype.hasobject or not dtype.itemsize:
            raise Unfit(f"`{dtype}` has no form in memory", "write a number's type")
        self._dtype = dtype.newbyteorder("<")
        self.size, self.align = dtype.itemsize, dtype.alignment

    def load(self, memory: Memory, address: int) -> Any:
        import numpy

        return numpy.frombuffer(memory.data, self._dtype, 1, address)[0]

    def store(self, memory: Memory, address: int, value: Any) -> None:
        import numpy

        memory.data[address : address + self.size] = numpy.array(value, self._dtype).tobytes()

    def dtype(self) -> Any:
        return self._dtype

    @property
    def has_dtype(self) -> bool:
        return True


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def _shown(annotation: Any) -> str:
    """An annotation as its user wrote it, about."""
    if get_origin(annotation) is Annotated:
        return str(_codec(annotation))
    if _is_union(annotation):
        return " | ".join(map(_shown, get_args(annotation)))
    if get_origin(annotation) is tuple:
        inner = ["..." if arg is ... else _shown(arg) for arg in get_args(annotation)]
        return f"tuple[{', '.join(inner) or '()'}]"
    if isinstance(annotation, type) and not get_args(annotation):
        return "None" if annotation is type(None) else annotation.__name__
    return str(annotation).replace("typing.", "").replace("watloom.interp.host.", "")
