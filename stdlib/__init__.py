"""The standard library: what can be imported without being given.

`library()` is what every program has; nothing in it touches the host. `granted(…)` adds the modules
that do, with what they are granted; it is what `watloom run --dir …` is made of. In Python a module
is granted by defining it:

    linker.define("fd", FdModule(preopens=["letters"]))      # watloom.stdlib.fd
    linker.define("wasi_file", WasiFile(stdout=file))        # watloom.stdlib.wasi_file
    linker.add(Wasi(["cat"], mounts={"/": "letters"}))       # watloom.stdlib.wasi

Either is a table for the linker: by import name, how to make the instance in a store. An instance
with a `close` is closed with the instances that could use it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watloom.interp.runtime.store import Store

if TYPE_CHECKING:
    from watloom.stdlib.fd import FdModule
    from watloom.stdlib.streams import Readable, Writable

__all__ = ["granted", "library"]


def library() -> dict[str, Callable[[Store], Any]]:
    """The modules that every program may import."""
    written = {name: _written(name) for name in ("bind_table", "struct_table")}
    return {"caller": _caller, "spectest": _spectest, "struct": _struct, **written}


def granted(
    preopens: Iterable[tuple[str | os.PathLike[str], str]] = (),
    *,
    args: Iterable[str | bytes] = (),
    stdin: Readable | bytes | None = None,
    stdout: Writable | None = None,
    stderr: Writable | None = None,
    random: Readable | None = None,
    env: Mapping[str, str] | None = None,
    mounts: Iterable[tuple[str, Callable[[Store], Any]]] = (),
    deny: Iterable[str] = (),
) -> dict[str, Callable[[Store], Any]]:
    """The same with `fd`, `wasi_file` and `wasi_snapshot_preview1`, which share the streams.

    `preopens` are pairs of a folder and its name for the guest, `mounts` of such a name and a
    function that makes the folder in a store (`stdlib.mounts`). `args` (the program's name comes
    first), `env` and `deny` are for WASI. Raises OSError for a folder that is none, ValueError for
    a name in `deny` that nothing has.
    """
    from watloom.stdlib.streams import Input, Output

    folders: list[tuple[Any, str]] = [*preopens, *((make, name) for name, make in mounts)]
    streams = Input.of(stdin), Output.of(stdout), Output.of(stderr)

    def fd_module() -> FdModule:
        from watloom.stdlib.fd import FdModule

        input, output, errors = streams
        return FdModule(folders, stdin=input, stdout=output, stderr=errors, random=random)

    checked = fd_module() if folders else None  # seldom imported where nothing is granted

    def fd(store: Store) -> Any:
        return (checked or fd_module()).instantiate(store)

    def wasi(store: Store) -> Any:
        from watloom.stdlib.wasi import Wasi

        below = {name: given for given, name in folders}
        input, output, errors = streams
        made = Wasi(
            args, env, below, stdin=input, stdout=output, stderr=errors, random=random, deny=deny
        )
        return made.instantiate(store)

    def wasi_file(store: Store) -> Any:
        from watloom.stdlib.wasi_file import WasiFile

        return WasiFile(*streams).instantiate(store)

    return {**library(), "fd": fd, "wasi_file": wasi_file, "wasi_snapshot_preview1": wasi}


def _caller(store: Store) -> Any:
    from watloom.stdlib.caller import caller

    return caller(store)


def _spectest(store: Store) -> Any:
    from watloom.stdlib.spectest import spectest

    return spectest(store)


def _struct(store: Store) -> Any:
    from watloom.stdlib.structs import structs

    return structs(store)


def _written(name: str) -> Callable[[Store], Any]:
    """A module that is a file in `wat`."""

    def instance(store: Store) -> Any:
        from watloom.interp.link.linker import Linker

        return Linker(store).instantiate(_module(name))

    return instance


@cache
def _module(name: str) -> Any:
    from watloom.interp.link.load import load_source, read_source

    return load_source(read_source(Path(__file__).parent / "wat" / f"{name}.wat"))
