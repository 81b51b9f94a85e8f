"""`Wasi`: WASI preview 1 for one program, or for several that do not know of each other."""

from __future__ import annotations

import copy
import os
import random as chance
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from watloom.interp.core.errors import LinkError
from watloom.interp.host.decorators import Decorator, denied
from watloom.interp.host.errnos import Errno
from watloom.interp.host.function import Function
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import InstanceInst, StructInst
from watloom.stdlib import confine
from watloom.stdlib.fd import MAX_OPEN, folder_path
from watloom.stdlib.foreign import fd_of
from watloom.stdlib.native import HostFolder
from watloom.stdlib.scope import Scope
from watloom.stdlib.stream_nodes import InputStream, OutputStream
from watloom.stdlib.streams import Input, Output, Readable, Sink, Source
from watloom.stdlib.vnode import Vnode
from watloom.stdlib.vnode_struct import struct_of
from watloom.stdlib.wasi.clock import Clock, make_clock
from watloom.stdlib.wasi.clocks import Clocks
from watloom.stdlib.wasi.environment import Environment
from watloom.stdlib.wasi.fds import Fds
from watloom.stdlib.wasi.files import Files
from watloom.stdlib.wasi.paths import Paths
from watloom.stdlib.wasi.poll import Poll
from watloom.stdlib.wasi.process import Process
from watloom.stdlib.wasi.rights import ALL, FOLDER, INPUT, OUTPUT
from watloom.stdlib.wasi.sockets import Sockets
from watloom.stdlib.wasi.table import Descriptor, FdTable

__all__ = ["Mount", "Wasi"]

Mount: TypeAlias = "str | os.PathLike[str] | Vnode | StructInst | Callable[[Store], Any]"
"""What may stand below a name: a folder of the host's by its path, a vnode, an fd, or a function
that makes one of the two last in a store."""


class Wasi(Environment, Clocks, Files, Fds, Paths, Poll, Process, Sockets,
           name="wasi_snapshot_preview1"):  # fmt: skip
    """WASI preview 1: all 46 functions. What is not granted is not there.

        wasi = Wasi(["cat", "letter.txt"], mounts={"/": "data"}, stdout=sys.stdout.buffer)
        linker.add(wasi)

    `args` begin with the program's name. `mounts` are the preopened folders by the names that the
    program sees. A vnode or fd that is given stays open; what a function made is closed with the
    program, as is all that the program opened, the newest first. `stdin` is a binary file or bytes,
    `stdout` and `stderr` are binary files. `clock` is one (`wasi.clock`), or the nanoseconds since
    1970 that a steady one begins at; `random` has a `read(n)`, or is the seed of a generator: so a
    program does the same each time. `deny` names functions, or the first words of their names
    ("clock", "random", "path", …); they answer ENOTCAPABLE, or trap (`denial="trap"`).

    proc_exit raises WasiExit. Each store that this is linked in gets a table of fds of its own.
    Raises OSError for a folder that is none, TypeError for a text file, ValueError for texts with
    a NUL and for names in `deny` that nothing has.
    """

    def __init__(
        self,
        args: Iterable[str | bytes] = (),
        env: Mapping[str, str] | None = None,
        mounts: Mapping[str, Mount] | None = None,
        *,
        stdin: Source = None,
        stdout: Sink = None,
        stderr: Sink = None,
        clock: Clock | int | None = None,
        random: Readable | int | None = None,
        deny: Iterable[str] = (),
        denial: Any = Errno.NOTCAPABLE,
        max_open: int = MAX_OPEN,
    ) -> None:
        self.args = [_text(arg) for arg in args]
        self.env = [_text(f"{key}={value}") for key, value in (env or {}).items()]
        self.mounts = {
            name: folder_path(given) if isinstance(given, str | os.PathLike) else given
            for name, given in (mounts or {}).items()
        }
        self.streams = Input.of(stdin), Output.of(stdout), Output.of(stderr)
        self.clock = make_clock(clock)
        self.entropy = _entropy(random)
        self.max_open = max_open
        words = set(deny)
        known = {word for name in self.functions for word in (name, name.split("_")[0])}
        if words - known:
            raise ValueError(f"nothing to deny by the name of {', '.join(sorted(words - known))}")
        if words:
            _Denying(words, denial)(self)

    def instantiate(self, store: Store) -> InstanceInst:
        """Its instance in a store, with fds of its own. Raises OSError where a folder is gone."""
        mine = copy.copy(self)
        for key in ("_open", "_entered", "_is_closed"):
            mine.__dict__.pop(key, None)
        mine.store = store
        mine.scope = Scope(store, self.max_open)
        mine.table = FdTable(self.max_open + 3 + len(self.mounts))
        try:
            mine._fill()
        except BaseException:
            mine.close()
            raise
        return super(Wasi, mine).instantiate(store)

    def close(self) -> None:
        """Close what the program has open, the newest first."""
        if "table" in self.__dict__:
            try:
                self.table.close()
            finally:
                self.scope.close()

    # ------------------------------------------------------------------ what a program begins with

    def _fill(self) -> None:
        stdin, stdout, stderr = self.streams
        self._add(InputStream(stdin), INPUT)
        self._add(OutputStream(stdout), OUTPUT)
        self._add(OutputStream(stderr), OUTPUT)
        for name, given in self.mounts.items():
            made, borrowed = self._mount(given)
            if isinstance(made, Vnode) and not borrowed:
                made.scope = self.scope
            fd = made if isinstance(made, StructInst) else fd_of(made, self.scope, self.store)
            if fd.store is not self.store:
                raise LinkError(f"the fd that is mounted at {name!r} belongs to another store")
            self.table.add(Descriptor(fd, FOLDER, ALL, name=_text(name), borrowed=borrowed))

    def _add(self, node: Vnode, rights: int) -> None:
        node.scope = self.scope
        self.table.add(Descriptor(struct_of(node, self.scope), rights))

    def _mount(self, given: Any) -> tuple[Vnode | StructInst, bool]:
        """A folder to begin with, and whether it is somebody else's to close."""
        if isinstance(given, str):
            if not confine.SUPPORTED:
                return HostFolder(None), False
            return HostFolder(confine.open_root(given)), False
        borrowed = isinstance(given, Vnode | StructInst)
        made = given if borrowed or not callable(given) else given(self.store)
        if not isinstance(made, Vnode | StructInst):
            raise TypeError(f"a path, a vnode or an fd can be mounted, not {made!r}")
        return made, borrowed


class _Denying(Decorator):
    """Denies the functions of some names, or whose names begin with some words."""

    def __init__(self, words: set[str], how: Any) -> None:
        self.words = words
        self.denied = denied(how)

    def _matches(self, function: Function) -> bool:
        return bool(self.words & {function.name, function.name.split("_")[0]})

    def check(self, function: Function) -> None:
        if self._matches(function):
            self.denied.check(function)

    def wrap(self, function: Function, call: Any, caller: Any) -> Any:
        return self.denied.wrap(function, call, caller) if self._matches(function) else call


class _System:
    def read(self, n: int, /) -> bytes:
        return os.urandom(n)


class _Seeded:
    def __init__(self, seed: int) -> None:
        self.generator = chance.Random(seed)

    def read(self, n: int, /) -> bytes:
        return self.generator.randbytes(n)


def _entropy(given: Readable | int | None) -> Readable:
    if given is None:
        return _System()
    return _Seeded(given) if isinstance(given, int) else Input(given)


def _text(text: str | bytes) -> bytes:
    """UTF-8, as the program gets it; what was no UTF-8 to begin with comes through as it was."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    if b"\0" in data:
        raise ValueError(f"{text!r} has a NUL in it, which would end it")
    return data
