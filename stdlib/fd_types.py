"""The closed types of the fd vtable: those of the two rec groups in `wat/fd.wat`."""

from __future__ import annotations

from watloom.interp.core.types import (
    I32,
    I64,
    DefType,
    FieldType,
    FuncType,
    HeapType,
    RefType,
    StructType,
    SubType,
    TypeIdx,
    ValType,
    define_rec_group,
)

__all__ = ["CLOSE", "FD", "FIELDS", "FUNCS", "OPEN", "READ", "VNODE", "WRITE"]

#: The functions of a vnode by name, in the order of its fields; the first four are those of an fd.
FIELDS = (
    "open", "read", "write", "close",
    "pread", "pwrite", "seek", "sync", "set_size", "allocate", "stat", "set_times", "flags",
    "set_flags", "poll", "readdir", "stat_at", "set_times_at", "mkdir", "rmdir", "unlink", "rename",
    "link", "symlink", "readlink",
)  # fmt: skip


def _struct(fields: list[HeapType]) -> StructType:
    return StructType(tuple(FieldType(RefType(False, heap)) for heap in fields))


def _func(*params: ValType, result: ValType = I32) -> SubType:
    return SubType(FuncType(params, (result,)))


OPEN, READ, WRITE, CLOSE, FD = define_rec_group(
    [
        SubType(FuncType((I32, I32, I32), (I32, RefType(True, TypeIdx(4))))),
        _func(I32, I32),
        _func(I32, I32),
        _func(),
        SubType(_struct([TypeIdx(i) for i in range(4)]), final=False),
    ],
    lambda heap: heap,
    0,
)

_SMALL: tuple[DefType, ...] = (OPEN, READ, WRITE, CLOSE, FD)
_TO = RefType(False, TypeIdx(4))


def _outer(heap: HeapType) -> HeapType:
    assert isinstance(heap, TypeIdx)
    return _SMALL[heap.index]


_LARGE = define_rec_group(
    [
        _func(I32, I32, I64),  # pread
        _func(I32, I32, I64),  # pwrite
        _func(I64, I32, result=I64),  # seek
        _func(I32),  # sync
        _func(I64),  # set_size
        _func(I64, I64),  # allocate
        _func(I32),  # stat
        _func(I64, I64, I32),  # set_times
        _func(),  # flags
        _func(I32),  # set_flags
        _func(I32, result=I64),  # poll
        _func(I32, I32, I64),  # readdir
        _func(I32, I32, I32, I32),  # stat_at
        _func(I32, I32, I32, I64, I64, I32),  # set_times_at
        _func(I32, I32),  # mkdir
        _func(I32, I32),  # rmdir
        _func(I32, I32),  # unlink
        _func(I32, I32, _TO, I32, I32),  # rename
        _func(I32, I32, I32, _TO, I32, I32),  # link
        _func(I32, I32, I32, I32),  # symlink
        _func(I32, I32, I32, I32),  # readlink
        SubType(
            _struct([TypeIdx(i) for i in (0, 1, 2, 3, *range(5, 26))]), (TypeIdx(4),), final=False
        ),
    ],
    _outer,
    5,
)

VNODE: DefType = _LARGE[-1]

#: The type of each function, by its name.
FUNCS: dict[str, DefType] = dict(zip(FIELDS, (*_SMALL[:-1], *_LARGE[:-1]), strict=True))
