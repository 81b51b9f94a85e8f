"""Any fd struct as a vnode: so Python calls what was written in WAT, or handed in from elsewhere.

Pointers need a memory, so every call is made on behalf of an instance that has only that. One whose
provider does not look at its caller's memory, but at one that it shares with others, cannot be
called from here.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from watloom.interp.core.types import RefType
from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.runtime.memory import Memory
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Caller, StructInst, has_type
from watloom.stdlib.caller import on_behalf
from watloom.stdlib.fd_types import FD, FIELDS, VNODE
from watloom.stdlib.scope import Scope
from watloom.stdlib.vnode import CHUNK, Entry, FdFlags, Filetype, FstFlags, OpenFlags, Stat, Vnode
from watloom.stdlib.vnode_struct import node_of, struct_of, unpack_entries, unpack_stat

__all__ = ["ForeignVnode", "fd_of", "refused", "vnode"]

_U32, _U64 = (1 << 32) - 1, (1 << 64) - 1
_SLOT = {name: i for i, name in enumerate(FIELDS)}
_PAGES = CHUNK // 65536


def vnode(given: StructInst, store: Store) -> Vnode:
    """What is behind a struct: our own vnode, or the struct's functions as one.

    Raises TypeError for what is no fd.
    """
    if not has_type(given, RefType(False, FD)):
        raise TypeError(f"an fd is wanted, not {given!r}")
    return node_of(given) or ForeignVnode(given, given.store or store)


def fd_of(node: Vnode, scope: Scope, store: Store) -> StructInst:
    """The struct for any vnode: the one that it is made of, or a new one that opens in a scope."""
    return node.fd if isinstance(node, ForeignVnode) else struct_of(node, scope, store)


class _Client:
    """An instance as far as callees look at it: a memory. Used by one call at a time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.memory = Memory(_PAGES)
        self.memories = [self.memory]

    def put(self, *pieces: bytes) -> list[int]:
        """Pointer and length of each piece, put one behind the other."""
        slots, at = [], 0
        for piece in pieces:
            self.memory.data[at : at + len(piece)] = piece
            slots += [at, len(piece)]
            at += len(piece)
        return slots

    def get(self, count: int) -> bytes:
        """The bytes at 0."""
        return bytes(memoryview(self.memory.data)[:count])


_spare: weakref.WeakKeyDictionary[Store, list[_Client]] = weakref.WeakKeyDictionary()


@contextmanager
def _client(store: Store) -> Iterator[_Client]:
    """A client that nobody else uses now: calls may be nested."""
    spare = _spare.setdefault(store, [])
    client = spare.pop() if spare else _Client(store)
    try:
        yield client
    finally:
        spare.append(client)


class ForeignVnode(Vnode):
    """A struct's functions as a vnode. `fd` is the struct."""

    def __init__(self, fd: StructInst, store: Store) -> None:
        self.fd = fd
        self.store = store
        self._filetype: Filetype | None = None

    @property
    def filetype(self) -> Filetype:  # type: ignore[override]
        """What it says that it is; asked for once."""
        if self._filetype is None:
            try:
                self._filetype = self.stat().filetype
            except OSError:
                return Filetype.UNKNOWN
        return self._filetype

    def __repr__(self) -> str:
        return f"<foreign {self.fd}>"

    # ------------------------------------------------------------------ calls

    def _call(self, client: _Client, name: str, *values: Any) -> list[Any]:
        slot = _SLOT[name]
        if slot >= 4 and not has_type(self.fd, RefType(False, VNODE)):
            raise Refused(Errno.NOTSUP)
        func = self.fd.fields[slot]
        return on_behalf(Caller(cast(Any, client)), func, values)

    def _errno(self, client: _Client, name: str, *values: Any) -> None:
        [errno] = self._call(client, name, *values)
        if errno:
            raise refused(errno)

    def _count(self, client: _Client, name: str, *values: Any, most: int = _U32 >> 1) -> int:
        [count] = self._call(client, name, *values)
        if count >> 31:
            raise refused((1 << 32) - count)
        if count > most:  # a provider that lies about it
            raise Refused(Errno.IO)
        return int(count)

    def _plain(self, name: str, *values: Any) -> None:
        """A call without pointers that gives 0 or an errno."""
        with _client(self.store) as client:
            self._errno(client, name, *values)

    def _path(self, name: str, path: bytes, *values: Any) -> None:
        """The same with a path."""
        with _client(self.store) as client:
            self._errno(client, name, *client.put(path), *values)

    # ------------------------------------------------------------------ of every fd

    def close(self) -> None:
        self._plain("close")

    def stat(self) -> Stat:
        with _client(self.store) as client:
            self._errno(client, "stat", 0)
            return unpack_stat(client.get(64))

    def flags(self) -> FdFlags:
        with _client(self.store) as client:
            return FdFlags(self._count(client, "flags") & 0x1F)

    def set_flags(self, flags: FdFlags) -> None:
        self._plain("set_flags", int(flags))

    def sync(self, data_only: bool) -> None:
        self._plain("sync", int(data_only))

    def set_times(self, atim: int, mtim: int, flags: FstFlags) -> None:
        self._plain("set_times", atim, mtim, int(flags))

    # ------------------------------------------------------------------ of files and streams

    def read(self, most: int) -> bytes:
        most = min(most, CHUNK)
        with _client(self.store) as client:
            return client.get(self._count(client, "read", 0, most, most=most))

    def write(self, data: bytes) -> int:
        with _client(self.store) as client:
            slots = client.put(data[:CHUNK])
            return self._count(client, "write", *slots, most=slots[1])

    def poll(self, for_writing: bool) -> int:
        with _client(self.store) as client:
            return self._long(client, "poll", int(for_writing))

    def pread(self, most: int, offset: int) -> bytes:
        most = min(most, CHUNK)
        with _client(self.store) as client:
            return client.get(self._count(client, "pread", 0, most, offset, most=most))

    def pwrite(self, data: bytes, offset: int) -> int:
        with _client(self.store) as client:
            slots = client.put(data[:CHUNK])
            return self._count(client, "pwrite", *slots, offset, most=slots[1])

    def seek(self, offset: int, whence: int) -> int:
        with _client(self.store) as client:
            return self._long(client, "seek", offset & _U64, whence)

    def _long(self, client: _Client, name: str, *values: Any) -> int:
        [number] = self._call(client, name, *values)
        if number >> 63:
            raise refused((1 << 64) - number)
        return int(number)

    def set_size(self, size: int) -> None:
        self._plain("set_size", size)

    def allocate(self, offset: int, length: int) -> None:
        self._plain("allocate", offset, length)

    # ------------------------------------------------------------------ of folders

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        with _client(self.store) as client:
            errno, fd = self._call(client, "open", *client.put(path), int(flags))
            if errno:
                raise refused(errno)
            if fd is None:
                raise Refused(Errno.IO)
            return vnode(fd, self.store)

    def readdir(self, cookie: int) -> Iterator[Entry]:
        size = 4096
        while True:
            with _client(self.store) as client:
                used = self._count(client, "readdir", 0, size, cookie, most=size)
                entries = unpack_entries(client.get(used))
            yield from entries
            if used < size:
                return
            if entries:
                cookie = entries[-1].next
            elif size < CHUNK:
                size *= 2
            else:
                raise Refused(Errno.IO)

    def stat_at(self, path: bytes, follow: bool) -> Stat:
        with _client(self.store) as client:
            at, length = client.put(bytes(64), path)[2:]
            self._errno(client, "stat_at", int(follow), at, length, 0)
            return unpack_stat(client.get(64))

    def set_times_at(
        self, path: bytes, follow: bool, atim: int, mtim: int, flags: FstFlags
    ) -> None:
        with _client(self.store) as client:
            times = atim, mtim, int(flags)
            self._errno(client, "set_times_at", int(follow), *client.put(path), *times)

    def mkdir(self, path: bytes) -> None:
        self._path("mkdir", path)

    def rmdir(self, path: bytes) -> None:
        self._path("rmdir", path)

    def unlink(self, path: bytes) -> None:
        self._path("unlink", path)

    def rename(self, path: bytes, to: Vnode, new: bytes) -> None:
        with _client(self.store) as client:
            slots = client.put(path, new)
            self._errno(client, "rename", *slots[:2], self._struct(to), *slots[2:])

    def link(self, path: bytes, follow: bool, to: Vnode, new: bytes) -> None:
        with _client(self.store) as client:
            slots = client.put(path, new)
            self._errno(client, "link", int(follow), *slots[:2], self._struct(to), *slots[2:])

    def symlink(self, target: bytes, path: bytes) -> None:
        with _client(self.store) as client:
            self._errno(client, "symlink", *client.put(target, path))

    def readlink(self, path: bytes) -> bytes:
        with _client(self.store) as client:
            most = 4096
            at, length = client.put(bytes(most), path)[2:]
            return client.get(self._count(client, "readlink", at, length, 0, most, most=most))

    def _struct(self, to: Vnode) -> StructInst:
        """A vnode as this provider gets it: a struct that it made itself, or one of ours."""
        return fd_of(to, to.scope or Scope(self.store, 0), self.store)


def refused(errno: int) -> Refused:
    """The error for an errno that a provider gave; EIO for what is none."""
    try:
        return Refused(Errno(errno))
    except ValueError:
        return Refused(Errno.IO)
