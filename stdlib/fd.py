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
from typing import Any, TypeAlias

from watloom.interp.core.types import I32, DefType, RefType, functype
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import Caller, Extern, HostFunc, InstanceInst, StructInst
from watloom.stdlib import confine
from watloom.stdlib.confine import HostFile
from watloom.stdlib.fd_kinds import Fd, FolderFd, InputFd, OutputFd
from watloom.stdlib.fd_types import FD
from watloom.stdlib.open_files import OpenFiles
from watloom.stdlib.streams import Input, Output, Readable, Sink, Source

__all__ = ["MAX_OPEN", "FdModule"]

#: Files and folders that one guest may have open at once, where nothing else is said.
MAX_OPEN = 256

Preopen: TypeAlias = "str | os.PathLike[str] | tuple[str | os.PathLike[str], str]"


class FdModule:
    """Grants folders and streams; a store's instance is made by `instantiate`.

    `preopens` are the folders, as paths or pairs of path and name for the guest; this module hands
    them out by number and has no use for the names. `stdin` is a binary file or bytes, `stdout` and
    `stderr` are binary files. `random` has a `read(n)`; without it the bytes are the system's.
    Raises OSError for a folder that is none, TypeError for a text file.
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
        self.preopens = [_folder(item) for item in preopens]
        self.stdin = Input.of(stdin)
        self.stdout = Output.of(stdout)
        self.stderr = Output.of(stderr)
        self.random = Input(_SystemRandom() if random is None else random)
        self.max_open = max_open

    def instantiate(self, store: Store) -> InstanceInst:
        """The instance in a store. Raises OSError where a folder is no longer there."""
        files = OpenFiles(store, self.max_open)
        folders = [
            files.add_root(confine.open_root(path)) if confine.SUPPORTED else None
            for path in self.preopens
        ]
        return _FdInstance(files, self._exports(files, folders))

    def _exports(self, files: OpenFiles, folders: list[HostFile | None]) -> dict[str, Extern]:
        def preopen(caller: Caller, n: int) -> StructInst | None:
            n &= 0xFFFF_FFFF
            return FolderFd(files, folders[n]).struct(caller) if n < len(folders) else None

        def giver(make: Callable[[], Fd]) -> Callable[[Caller], StructInst]:
            return lambda caller: make().struct(caller)

        some = functype((), [RefType(False, FD)])
        makers: dict[str, tuple[DefType, Callable[..., Any]]] = {
            "preopen": (functype([I32], [RefType(True, FD)]), preopen),
            "stdin": (some, giver(lambda: InputFd(files, self.stdin))),
            "stdout": (some, giver(lambda: OutputFd(files, self.stdout))),
            "stderr": (some, giver(lambda: OutputFd(files, self.stderr))),
            "random": (some, giver(lambda: InputFd(files, self.random))),
        }
        exports: dict[str, Extern] = {}
        for name, (type, fn) in makers.items():
            exports[name] = func = HostFunc(
                type, fn, store=files.store, name=f"fd.{name}", access_caller=True
            )
            func.key = ("fd", name)
        return exports


class _FdInstance(InstanceInst):
    """The instance, with its open files."""

    def __init__(self, files: OpenFiles, exports: dict[str, Extern]) -> None:
        super().__init__(exports, files.store)
        self.files = files

    def close(self) -> None:
        """Close every file that is still open, the newest first; all fds answer EBADF then."""
        self.files.close()


class _SystemRandom:
    def read(self, n: int, /) -> bytes:
        return os.urandom(n)


def _folder(item: Preopen) -> str:
    """The absolute path of a granted folder, checked while its user is still there to be told."""
    path = os.path.abspath(item[0] if isinstance(item, tuple) else item)
    if not stat.S_ISDIR(os.stat(path).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    return path
