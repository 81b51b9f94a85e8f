"""Typed host modules: Python classes as WebAssembly modules.

    from watloom.host import Array, HostModule, I32, export, wasm_struct

    @wasm_struct
    class Point:
        x: I32
        y: I32

    class Geometry(HostModule, name="geometry"):
        @export
        def area(self, points: Array[Point]) -> I32:
            return int(points["x"] @ points["y"])

    linker.add(Geometry())

The annotations of an exported method are its Wasm type.
"""

from __future__ import annotations

from watloom.interp.core.errors import DefinitionError
from watloom.interp.host.buffers import Array, Bytes, String, utf8
from watloom.interp.host.decorators import Decorator, counted, denied, logged, timed
from watloom.interp.host.errnos import Errno
from watloom.interp.host.function import Function
from watloom.interp.host.module import HostModule, export
from watloom.interp.host.pointers import List, Ptr
from watloom.interp.host.protocols import Object, Param, Result
from watloom.interp.host.references import wasm_type
from watloom.interp.host.scalars import (
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Bool,
    Duration,
)
from watloom.interp.host.structs import wasm_struct
from watloom.interp.runtime.values import Caller

__all__ = [
    "F32", "F64", "I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64",
    "Array", "Bool", "Bytes", "Caller", "Decorator", "DefinitionError", "Duration", "Errno",
    "Function", "HostModule", "List", "Object", "Param", "Ptr", "Result", "String",
    "counted", "denied", "export", "logged", "timed", "utf8", "wasm_struct", "wasm_type",
]  # fmt: skip
