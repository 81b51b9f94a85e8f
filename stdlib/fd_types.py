"""The closed types of the fd vtable: those of the rec group in `wat/fd.wat`."""

from __future__ import annotations

from watloom.interp.core.types import (
    I32,
    FieldType,
    FuncType,
    RefType,
    StructType,
    SubType,
    TypeIdx,
    define_rec_group,
)

__all__ = ["CLOSE", "FD", "OPEN", "READ", "WRITE"]

OPEN, READ, WRITE, CLOSE, FD = define_rec_group(
    [
        SubType(FuncType((I32, I32, I32), (I32, RefType(True, TypeIdx(4))))),
        SubType(FuncType((I32, I32), (I32,))),
        SubType(FuncType((I32, I32), (I32,))),
        SubType(FuncType((), (I32,))),
        SubType(StructType(tuple(FieldType(RefType(False, TypeIdx(i))) for i in range(4)))),
    ],
    lambda heap: heap,
    0,
)
