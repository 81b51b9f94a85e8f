"""Closing and checking external types: limits of tables and memories, descriptions of imports."""

from __future__ import annotations

from watloom.interp.core.errors import InvalidError
from watloom.interp.core.messages import Message
from watloom.interp.core.module import ExternDesc, FuncDesc, InstanceDesc, ModuleDesc, TagDesc
from watloom.interp.core.types import (
    I32,
    ExternType,
    GlobalType,
    InstanceType,
    Limits,
    MemType,
    ModuleType,
    RefType,
    TableType,
    TagType,
)
from watloom.interp.validate import messages
from watloom.interp.validate.context import Context

__all__ = ["check_memory", "check_table", "close_extern"]


def check_memory(context: Context, t: MemType, at: int) -> MemType:
    """A memory type whose limits are in order."""
    if t.shared and t.limits.max is None:
        raise context.error(messages.shared_max, at)
    if t.page_bits not in (0, 16):
        raise context.error(messages.page_size, at, size=1 << t.page_bits)
    page = "64 KiB" if t.page_bits else "1 byte"
    space = "4GiB" if t.addr is I32 else "16EiB"
    _check_limits(context, t.limits, t.most, messages.memory_size, at, page=page, bytes=space)
    return t


def check_table(context: Context, t: TableType, at: int) -> TableType:
    """A table type whose limits are in order, closed."""
    most = (1 << (32 if t.addr is I32 else 64)) - 1
    _check_limits(context, t.limits, most, messages.table_size, at)
    return TableType(
        t.limits, RefType(t.elem.nullable, context.close_heap(t.elem.heap, at)), t.addr
    )


def _check_limits(
    context: Context,
    limits: Limits,
    most: int,
    too_large: Message[InvalidError],
    at: int,
    **values: str,
) -> None:
    for size in (limits.min, limits.max or 0):
        if size > most:
            raise context.error(too_large, at, most=most, size=size, **values)
    if limits.max is not None and limits.min > limits.max:
        raise context.error(messages.limits_order, at, min=limits.min, max=limits.max)


def close_extern(context: Context, desc: ExternDesc, at: int) -> ExternType:
    """The closed external type that an import or export declares."""
    match desc:
        case FuncDesc(typeidx):
            context.functype(typeidx, at)
            return context.deftype(typeidx, at)
        case TagDesc(typeidx):
            t = context.functype(typeidx, at)
            if t.results:
                raise context.error(messages.tag_results, at, type=t)
            return TagType(context.deftype(typeidx, at))
        case TableType():
            return check_table(context, desc, at)
        case MemType():
            return check_memory(context, desc, at)
        case GlobalType():
            return GlobalType(context.close(desc.type, at), desc.mutable)
        case ModuleDesc(typeidx):
            found = context.find("type", context.types, typeidx, at)
            if not isinstance(found, ModuleType):
                raise context.not_the_kind(typeidx, found, "a module type", "module", at)
            return found
        case InstanceDesc(typeidx):
            found = context.find("type", context.types, typeidx, at)
            if not isinstance(found, InstanceType):
                raise context.not_the_kind(typeidx, found, "an instance type", "instance", at)
            return found
