"""A vnode as guests hold it: a struct of host functions, of the type `$vnode` in `wat/fd.wat`.

Each field is a method of `Slots`: pointers in, numbers out, what the vnode raises as an errno. A
pointer outside of the caller's memory is a trap.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import wraps
from typing import Any

from watloom.interp.host.errnos import Errno, Refused, errno_of
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Caller, HostFunc, StructInst
from watloom.stdlib.fd_types import FIELDS, FUNCS, VNODE
from watloom.stdlib.scope import Scope
from watloom.stdlib.vnode import (
    CHUNK,
    FDFLAGS,
    Entry,
    FdFlags,
    Filetype,
    FstFlags,
    OpenFlags,
    Stat,
    Vnode,
)
from watloom.stdlib.walk import MAX_PATH
from watloom.stdlib.window import Window

__all__ = [
    "Slots", "node_of", "pack_entry", "pack_stat", "slots_of", "struct_of", "unpack_entries",
    "unpack_stat",
]  # fmt: skip

_STAT = struct.Struct("<QQB7xQQQQQ")
_ENTRY = struct.Struct("<QQIB3x")
_U64 = (1 << 64) - 1


def struct_of(node: Vnode, scope: Scope, store: Store | None = None) -> StructInst:
    """The struct for a vnode. What is opened through it belongs to the scope.

    Values of two stores do not mix, so it belongs to `store`, else to the scope's.
    """
    store = store or scope.store
    slots = Slots(node, scope)
    fields = [
        HostFunc(FUNCS[name], getattr(slots, name), store=store, name=f"fd.{name}",
                 access_caller=True)
        for name in FIELDS
    ]  # fmt: skip
    return StructInst(VNODE, fields, store)


def slots_of(given: StructInst) -> Slots | None:
    """The functions of a vnode that a struct was made of; None for one that was made elsewhere, or
    pieced together from several."""
    if given.type is not VNODE:
        return None
    owner: Any = getattr(getattr(given.fields[0], "fn", None), "__self__", None)
    if not isinstance(owner, Slots):
        return None
    for name, func in zip(FIELDS, given.fields, strict=True):
        if not isinstance(func, HostFunc) or func.fn != getattr(owner, name):
            return None
    return owner


def node_of(given: StructInst) -> Vnode | None:
    """The vnode that a struct was made for, under the same conditions."""
    slots = slots_of(given)
    return slots.node if slots is not None else None


def pack_stat(stat: Stat) -> bytes:
    """Preview 1's filestat.

    >>> len(pack_stat(Stat()))
    64
    """
    numbers = stat.dev, stat.ino, stat.filetype, stat.nlink, stat.size, stat.atim, stat.mtim
    return _STAT.pack(*(n & _U64 for n in numbers), stat.ctim & _U64)


def pack_entry(entry: Entry) -> bytes:
    """Preview 1's dirent, with its name."""
    head = _ENTRY.pack(entry.next & _U64, entry.ino & _U64, len(entry.name), entry.filetype)
    return head + entry.name


def unpack_stat(data: bytes) -> Stat:
    """The reverse of `pack_stat`."""
    dev, ino, filetype, nlink, size, atim, mtim, ctim = _STAT.unpack(data)
    return Stat(_filetype(filetype), size, dev, ino, nlink, atim, mtim, ctim)


def unpack_entries(data: bytes) -> list[Entry]:
    """The dirents that are whole.

    >>> unpack_entries(pack_entry(Entry(1, b"a")) + pack_entry(Entry(2, b"b"))[:-1])
    [Entry(next=1, name=b'a', filetype=<Filetype.UNKNOWN: 0>, ino=0)]
    """
    entries, at = [], 0
    while at + _ENTRY.size <= len(data):
        cookie, ino, length, filetype = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size + length
        if at > len(data):
            break
        entries.append(Entry(cookie, data[at - length : at], _filetype(filetype), ino))
    return entries


def _filetype(number: int) -> Filetype:
    return Filetype(number) if number <= Filetype.SYMBOLIC_LINK else Filetype.UNKNOWN


def _errno(call: Callable[..., None]) -> Callable[..., int]:
    """A function that gives 0 or an errno."""

    @wraps(call)
    def slot(self: Slots, caller: Caller, *args: Any) -> int:
        try:
            self.node.check_open()
            call(self, caller, *args)
        except OSError as error:
            return errno_of(error)
        return 0

    return slot


def _count(call: Callable[..., int]) -> Callable[..., int]:
    """A function that gives a number or a negative errno."""

    @wraps(call)
    def slot(self: Slots, caller: Caller, *args: Any) -> int:
        try:
            return call(self, caller, *args)
        except OSError as error:
            return -errno_of(error)

    return slot


class Slots:
    """The functions of one vnode, by the names of the fields."""

    def __init__(self, node: Vnode, scope: Scope) -> None:
        self.node = node
        self.scope = scope

    def _path(self, caller: Caller, path: int, length: int) -> bytes:
        window = Window(caller, path, length)
        self.node.check_open()
        if window.length > MAX_PATH:
            raise Refused(Errno.NAMETOOLONG)
        return window.read(MAX_PATH)

    # ------------------------------------------------------------------ the four of an fd

    def open(
        self, caller: Caller, path: int, length: int, flags: int
    ) -> tuple[int, StructInst | None]:
        try:
            name = self._path(caller, path, length)
            checked = OpenFlags.checked(flags)
            self.scope.check_room()
            opened = self.scope.add(self.node.open(name, checked))
            return 0, struct_of(opened, self.scope, caller.store)
        except OSError as error:
            return errno_of(error), None

    @_count
    def read(self, caller: Caller, buf: int, length: int) -> int:
        window = Window(caller, buf, length)
        self.node.check_open()
        return window.write(self.node.read(min(window.length, CHUNK)))

    @_count
    def write(self, caller: Caller, buf: int, length: int) -> int:
        window = Window(caller, buf, length)
        self.node.check_open()
        return self.node.write(window.read(CHUNK))

    @_errno
    def close(self, _: Caller) -> None:
        self.node.shut()

    # ------------------------------------------------------------------ files

    @_count
    def pread(self, caller: Caller, buf: int, length: int, offset: int) -> int:
        window = Window(caller, buf, length)
        self.node.check_open()
        return window.write(self.node.pread(min(window.length, CHUNK), _offset(offset)))

    @_count
    def pwrite(self, caller: Caller, buf: int, length: int, offset: int) -> int:
        window = Window(caller, buf, length)
        self.node.check_open()
        return self.node.pwrite(window.read(CHUNK), _offset(offset))

    @_count
    def seek(self, _: Caller, offset: int, whence: int) -> int:
        self.node.check_open()
        if not 0 <= whence <= 2:
            raise Refused(Errno.INVAL)
        return self.node.seek(offset, whence)

    @_errno
    def sync(self, _: Caller, data_only: int) -> None:
        self.node.sync(bool(data_only))

    @_errno
    def set_size(self, _: Caller, size: int) -> None:
        self.node.set_size(_offset(size))

    @_errno
    def allocate(self, _: Caller, offset: int, length: int) -> None:
        self.node.allocate(_offset(offset), _offset(length))

    @_errno
    def stat(self, caller: Caller, buf: int) -> None:
        window = Window(caller, buf, _STAT.size)
        window.write(pack_stat(self.node.stat()))

    @_errno
    def set_times(self, _: Caller, atim: int, mtim: int, flags: int) -> None:
        self.node.set_times(atim & _U64, mtim & _U64, FstFlags.checked(flags))

    @_count
    def flags(self, _: Caller) -> int:
        self.node.check_open()
        return self.node.flags()

    @_errno
    def set_flags(self, _: Caller, flags: int) -> None:
        if flags & ~FDFLAGS:
            raise Refused(Errno.INVAL)
        self.node.set_flags(FdFlags(flags))

    @_count
    def poll(self, _: Caller, for_writing: int) -> int:
        self.node.check_open()
        return self.node.poll(bool(for_writing))

    # ------------------------------------------------------------------ folders

    @_count
    def readdir(self, caller: Caller, buf: int, length: int, cookie: int) -> int:
        window = Window(caller, buf, length)
        self.node.check_open()
        data = bytearray()
        for entry in self.node.readdir(cookie & _U64):
            data += pack_entry(entry)
            if len(data) >= window.length:
                break
        return window.write(bytes(data[: window.length]))

    @_errno
    def stat_at(self, caller: Caller, follow: int, path: int, length: int, buf: int) -> None:
        window = Window(caller, buf, _STAT.size)
        stat = self.node.stat_at(self._path(caller, path, length), bool(follow))
        window.write(pack_stat(stat))

    @_errno
    def set_times_at(
        self, caller: Caller, follow: int, path: int, length: int, atim: int, mtim: int, flags: int
    ) -> None:
        name, checked = self._path(caller, path, length), FstFlags.checked(flags)
        self.node.set_times_at(name, bool(follow), atim & _U64, mtim & _U64, checked)

    @_errno
    def mkdir(self, caller: Caller, path: int, length: int) -> None:
        self.node.mkdir(self._path(caller, path, length))

    @_errno
    def rmdir(self, caller: Caller, path: int, length: int) -> None:
        self.node.rmdir(self._path(caller, path, length))

    @_errno
    def unlink(self, caller: Caller, path: int, length: int) -> None:
        self.node.unlink(self._path(caller, path, length))

    @_errno
    def rename(
        self, caller: Caller, path: int, length: int, to: StructInst, new: int, new_length: int
    ) -> None:
        names = self._path(caller, path, length), self._path(caller, new, new_length)
        self.node.rename(names[0], self._folder(to), names[1])

    @_errno
    def link(
        self, caller: Caller, follow: int, path: int, length: int,
        to: StructInst, new: int, new_length: int,
    ) -> None:  # fmt: skip
        names = self._path(caller, path, length), self._path(caller, new, new_length)
        self.node.link(names[0], bool(follow), self._folder(to), names[1])

    @_errno
    def symlink(
        self, caller: Caller, target: int, target_length: int, path: int, length: int
    ) -> None:
        text = self._path(caller, target, target_length)
        self.node.symlink(text, self._path(caller, path, length))

    @_count
    def readlink(self, caller: Caller, path: int, length: int, buf: int, most: int) -> int:
        window = Window(caller, buf, most)
        text = self.node.readlink(self._path(caller, path, length))
        return window.write(text[: window.length])

    def _folder(self, to: StructInst) -> Vnode:
        from watloom.stdlib.foreign import vnode

        node = vnode(to, self.scope.store)
        node.check_open()
        return node


def _offset(number: int) -> int:
    """A u64 that has to be an offset in a file. Raises Refused (EINVAL) beyond all of them."""
    if number < 0:
        raise Refused(Errno.INVAL)
    return number
