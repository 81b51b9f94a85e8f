"""`fd`: files and folders of the host as structs of functions (the types are in `wat/fd.wat`).

    import watloom
    from watloom.stdlib.fd import FdModule

    linker = watloom.Linker()
    linker.define("fd", FdModule(preopens=["letters"], stdout=sys.stdout.buffer))
    with linker.instantiate(Path("parent.wat")) as instance:
        instance.exports._start()

What is not granted is not there: `preopen` gives null, the standard input is empty, and what is
written to the other two goes nowhere. Every call of `preopen`, `stdin`, … gives a new fd, so that
closing one takes nothing away from whoever else was handed one.

What is wrong with a file is an errno; a pointer outside of memory is a trap.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from typing import Annotated, TypeAlias

from watloom.interp.core.types import RefType
from watloom.interp.host.module import HostModule, export
from watloom.interp.host.references import wasm_type
from watloom.interp.host.scalars import U32
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Caller, InstanceInst, StructInst
from watloom.stdlib import confine
from watloom.stdlib.fd_types import FD
from watloom.stdlib.native import HostFolder
from watloom.stdlib.scope import Scope
from watloom.stdlib.stream_nodes import InputStream, OutputStream
from watloom.stdlib.streams import Input, Output, Readable, Sink, Source
from watloom.stdlib.vnode import OpenFlags, Vnode
from watloom.stdlib.vnode_struct import struct_of

__all__ = ["MAX_OPEN", "FdModule", "folder_path"]

#: Files and folders that one guest may have open at once, where nothing else is said.
MAX_OPEN = 256

Folder: TypeAlias = "str | os.PathLike[str] | Callable[[Store], Vnode]"
Preopen: TypeAlias = "Folder | tuple[Folder, str]"


class FdModule:
    """Grants folders and streams; a store's instance is made by `instantiate`.

    `preopens` are the folders: paths, functions that make one in a store, or pairs of that and a
    name for the guest; this module hands them out by number and has no use for the names. `stdin`
    is a binary file or bytes, `stdout` and `stderr` are binary files. `random` has a `read(n)`;
    without it the bytes are the system's. Raises OSError for a folder that is none, TypeError for a
    text file.
    """

    name = "fd"

    def __init__(
        self,
        preopens: Iterable[Preopen] = (),
        *,
        stdin: Source = None,
        stdout: Sink = None,
        stderr: Sink = None,
        random: Readable | None = None,
        max_open: int = MAX_OPEN,
    ) -> None:
        folders = (item[0] if isinstance(item, tuple) else item for item in preopens)
        self.preopens = [item if callable(item) else folder_path(item) for item in folders]
        self.stdin = Input.of(stdin)
        self.stdout = Output.of(stdout)
        self.stderr = Output.of(stderr)
        self.random = Input(_SystemRandom() if random is None else random)
        self.max_open = max_open

    def instantiate(self, store: Store) -> InstanceInst:
        """The instance in a store. Raises OSError where a folder is no longer there."""
        return _FdFunctions(self, store).instantiate(store)


_Fd = Annotated[StructInst, wasm_type(RefType(False, FD))]


class _FdFunctions(HostModule, name="fd"):
    """What guests import, with their open files. Closed, all fds answer EBADF."""

    def __init__(self, granted: FdModule, store: Store) -> None:
        self.granted = granted
        self.scope = Scope(store, granted.max_open)
        self.folders = [_opened(folder, store) for folder in granted.preopens]

    @export
    def preopen(
        self, caller: Caller, n: U32
    ) -> Annotated[StructInst | None, wasm_type(RefType(True, FD))]:
        if n >= len(self.folders):
            return None
        folder = self.folders[n]
        if isinstance(folder, HostFolder):
            return self._struct(caller, folder.lent())
        if self.scope.closed:
            return self._struct(caller, HostFolder(None))
        return self._struct(caller, folder.open(b".", OpenFlags.DIRECTORY))

    @export
    def stdin(self, caller: Caller) -> _Fd:
        return self._struct(caller, InputStream(self.granted.stdin))

    @export
    def stdout(self, caller: Caller) -> _Fd:
        return self._struct(caller, OutputStream(self.granted.stdout))

    @export
    def stderr(self, caller: Caller) -> _Fd:
        return self._struct(caller, OutputStream(self.granted.stderr))

    @export
    def random(self, caller: Caller) -> _Fd:
        return self._struct(caller, InputStream(self.granted.random))

    def _struct(self, caller: Caller, node: Vnode) -> StructInst:
        node.scope = self.scope
        return struct_of(node, self.scope, caller.store)

    def close(self) -> None:
        """Close every file that is still open, the newest first."""
        self.scope.close()
        for folder in reversed(self.folders):
            folder.shut()


def _opened(folder: str | Callable[[Store], Vnode], store: Store) -> Vnode:
    """A granted folder, for as long as the module is open."""
    if callable(folder):
        return folder(store)
    return HostFolder(confine.open_root(folder) if confine.SUPPORTED else None)


class _SystemRandom:
    def read(self, n: int, /) -> bytes:
        return os.urandom(n)


def folder_path(given: str | os.PathLike[str]) -> str:
    """The absolute path of a granted folder, checked while its user is still there to be told."""
    path = os.path.abspath(given)
    if not stat.S_ISDIR(os.stat(path).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    return path
