"""The fds of one program: numbers → structs of functions, with rights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from watloom.interp.core.errors import WatloomError
from watloom.interp.core.types import RefType
from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.runtime.values import Caller, StructInst, has_type
from watloom.stdlib.caller import on_behalf
from watloom.stdlib.fd_types import FIELDS, FUNCS, VNODE
from watloom.stdlib.foreign import refused, vnode
from watloom.stdlib.vnode import Filetype, Vnode
from watloom.stdlib.vnode_struct import Slots, slots_of

__all__ = ["Descriptor", "FdTable"]

_SLOT = {name: i for i, name in enumerate(FIELDS)}
_MASK = {"i32": (1 << 32) - 1, "i64": (1 << 64) - 1}
_SIGN = {name: 1 << (63 if str(FUNCS[name].func.results[0]) == "i64" else 31) for name in FIELDS}


class Descriptor:
    """What a number stands for. `name` is that of a preopened folder.

    One that is `borrowed` stays open when the program closes it: it was given, and may be given
    again.
    """

    def __init__(
        self,
        fd: StructInst,
        base: int,
        inheriting: int = 0,
        *,
        name: bytes | None = None,
        borrowed: bool = False,
    ) -> None:
        self.fd = fd
        self.base = base
        self.inheriting = inheriting
        self.name = name
        self.borrowed = borrowed
        self.slots: Slots | None = slots_of(fd)
        """The functions where they are our own: called without a detour, to the same effect."""
        self.is_vnode = has_type(fd, RefType(False, VNODE))
        self._filetype: Filetype | None = None

    @property
    def node(self) -> Vnode:
        """What is behind it, in Python."""
        if self.slots is not None:
            return self.slots.node
        assert self.fd.store is not None
        return vnode(self.fd, self.fd.store)

    @property
    def filetype(self) -> Filetype:
        """What it is: asked for once, as it stays that."""
        if self._filetype is None:
            try:
                self._filetype = self.node.stat().filetype
            except OSError:
                return Filetype.UNKNOWN
        return self._filetype

    def count(self, caller: Caller, name: str, *values: Any) -> int:
        """Call a function with the caller's pointers; what it gives. Raises Refused."""
        if self.slots is not None:
            number: int = getattr(self.slots, name)(caller, *values)
        else:
            [number] = self._call(caller, name, values)
            number -= (number & _SIGN[name]) << 1
        if number < 0:
            raise refused(-number)
        return number

    def do(self, caller: Caller, name: str, *values: Any) -> None:
        """The same for a function that gives 0 or an errno."""
        if self.slots is not None:
            errno: int = getattr(self.slots, name)(caller, *values)
        else:
            [errno] = self._call(caller, name, values)
        if errno:
            raise refused(errno)

    def open(self, caller: Caller, path: int, length: int, flags: int) -> StructInst:
        """Open what stands at a path in the caller's memory."""
        if self.slots is not None:
            errno, fd = self.slots.open(caller, path, length, flags)
        else:
            errno, fd = self._call(caller, "open", (path, length, flags))
        if errno:
            raise refused(errno)
        if fd is None:
            raise Refused(Errno.IO)
        return fd

    def _call(self, caller: Caller, name: str, values: tuple[Any, ...]) -> list[Any]:
        slot = _SLOT[name]
        if slot >= 4 and not self.is_vnode:
            raise Refused(Errno.NOTSUP)
        types = FUNCS[name].func.params
        unsigned = [
            value & _MASK[str(t)] if isinstance(value, int) else value
            for value, t in zip(values, types, strict=True)
        ]
        return on_behalf(caller, self.fd.fields[slot], unsigned)

    def close(self, caller: Caller) -> None:
        """Close what is behind it. Raises Refused."""
        if not self.borrowed:
            self.do(caller, "close")


class FdTable:
    """The lowest free number is given to what is opened next."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: dict[int, Descriptor] = {}  # the oldest first, whatever its number

    def __iter__(self) -> Iterator[tuple[int, Descriptor]]:
        return iter(self._open.items())

    def get(self, number: int, rights: int = 0) -> Descriptor:
        """What a number stands for. Raises Refused: EBADF, ENOTCAPABLE where it lacks a right."""
        found = self._open.get(number)
        if found is None:
            raise Refused(Errno.BADF)
        if rights & ~found.base:
            raise Refused(Errno.NOTCAPABLE)
        return found

    def check_room(self) -> None:
        """Raises Refused (EMFILE) where no more may be opened."""
        if len(self._open) >= self.most:
            raise Refused(Errno.MFILE)

    def add(self, descriptor: Descriptor) -> int:
        """The number that it has from now on."""
        number = next(n for n in range(len(self._open) + 1) if n not in self._open)
        self._open[number] = descriptor
        return number

    def pop(self, number: int) -> Descriptor:
        """What a number stood for until now. Raises Refused (EBADF)."""
        found = self.get(number)
        del self._open[number]
        return found

    def move(self, source: int, target: int, caller: Caller) -> None:
        """Give what has one number another, and close what had that. Raises Refused."""
        moved, replaced = self.get(source), self.get(target)
        if moved is replaced:
            return
        # the order stays that in which they were opened
        self._open = {
            (target if n == source else n): d for n, d in self._open.items() if n != target
        }
        replaced.close(caller)

    def close(self) -> None:
        """Close all, the newest first; one that fails to close keeps no other from it."""
        with contextlib.ExitStack() as stack:
            for descriptor in self._open.values():
                stack.callback(_close, descriptor)
            self._open = {}


def _close(descriptor: Descriptor) -> None:
    with contextlib.suppress(OSError, WatloomError):
        descriptor.close(Caller(None))
