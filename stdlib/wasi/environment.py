"""Preview 1: args_…, environ_…: texts that end in NUL, and pointers to them."""

from __future__ import annotations

import struct

from watloom.interp.core.errors import Trap
from watloom.interp.host.errnos import Errno
from watloom.interp.host.module import export
from watloom.interp.host.scalars import U32
from watloom.interp.runtime.values import Caller
from watloom.stdlib.wasi.base import Chapter, put

__all__ = ["Environment"]


class Environment(Chapter):
    """Arguments and environment variables."""

    @export
    def args_sizes_get(self, caller: Caller, argc: U32, size: U32) -> Errno:
        return _sizes(caller, self.args, argc, size)

    @export
    def args_get(self, caller: Caller, argv: U32, buf: U32) -> Errno:
        return _texts(caller, self.args, argv, buf)

    @export
    def environ_sizes_get(self, caller: Caller, count: U32, size: U32) -> Errno:
        return _sizes(caller, self.env, count, size)

    @export
    def environ_get(self, caller: Caller, environ: U32, buf: U32) -> Errno:
        return _texts(caller, self.env, environ, buf)


def _sizes(caller: Caller, texts: list[bytes], count: int, size: int) -> Errno:
    put(caller, count, len(texts), 4)
    put(caller, size, sum(len(text) + 1 for text in texts), 4)
    return Errno.SUCCESS


def _texts(caller: Caller, texts: list[bytes], pointers: int, buf: int) -> Errno:
    block = b"".join(text + b"\0" for text in texts)
    data = caller.memory.data
    if pointers + 4 * len(texts) > len(data) or buf + len(block) > len(data):
        raise Trap("out of bounds memory access")
    at = buf
    for i, text in enumerate(texts):
        struct.pack_into("<I", data, pointers + 4 * i, at)
        at += len(text) + 1
    data[buf : buf + len(block)] = block
    return Errno.SUCCESS
