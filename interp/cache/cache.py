"""The cache of compiled modules: a file for each source, read under one configuration.

    key   what can change what is made of a source: its content, the features and the dialect, the
          versions of watloom and Python, how Python compiles
    file  the module, and its functions that have been called, by nested module, index and what is
          counted (fuel, the clock)

A file that a program imports has a file here of its own. Names and places of sources are not kept,
so that a copy elsewhere finds the same file.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from typing import Any

from watloom.interp.cache.codes import Codes, plain_code
from watloom.interp.cache.modules import kept, plain
from watloom.interp.cache.plain import Unkeepable
from watloom.interp.core.cache_folder import CacheFolder, default_path, digest
from watloom.interp.core.features import Features
from watloom.interp.core.source import Source
from watloom.interp.validate.valid import ValidModule

__all__ = ["Cache"]

_FORM = 1  # of the files

Code = dict[tuple[Any, ...], bytes]


class Cache:
    """Compiled modules on disk, for `watloom.Module(…, cache=…)` and the linker.

    `folder` is where, `$WATLOOM_CACHE_DIR` or the system's folder for caches where it is not given.
    What was compiled is written when the cache is closed, as at the end of a `with`. A folder that
    cannot be used is an empty one.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = CacheFolder(default_path() if folder is None else os.path.abspath(folder))
        self._entries: list[_Entry] = []

    def find(self, source: Source, features: Features) -> ValidModule | None:
        """The module that was made of a source under these features; None if it is not kept."""
        name = _name(source, features)
        try:
            module, known = _parts(self.folder.read(name))
            valid = kept(marshal.loads(module), source, features)
        except _UNREADABLE:
            return None
        for inner in _all(valid):
            mine = {key[1:]: code for key, code in known.items() if key[0] == inner.position}
            inner.compiled = Codes(inner, mine)
        self._entries.append(_Entry(name, valid, module, known))
        return valid

    def keep(self, valid: ValidModule) -> None:
        """Keep a module that was not found, with what will have been compiled of it."""
        name = _name(valid.module.source, valid.module.features)
        self._entries.append(_Entry(name, valid, None, {}))

    def close(self) -> None:
        """Write what is new; a second time does nothing."""
        while self._entries:
            entry = self._entries.pop()
            fresh = entry.fresh()
            if entry.module is None or fresh:
                entry.write(self.folder, fresh)

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Entry:
    def __init__(self, name: str, valid: ValidModule, module: bytes | None, known: Code) -> None:
        self.name = name
        self.valid = valid
        self.module = module
        self.known = known

    def fresh(self) -> Code:
        """The functions that are compiled and not kept yet."""
        found: Code = {}
        for valid in _all(self.valid):
            for key, compiled in valid.compiled.items():
                whole = (valid.position, *key)
                if whole not in self.known:
                    with suppress(Unkeepable, ValueError, RecursionError):
                        found[whole] = plain_code(compiled)
        return found

    def write(self, folder: CacheFolder, fresh: Code) -> None:
        """Write the file, with what others have added meanwhile."""
        try:
            module = self.module or marshal.dumps(plain(self.valid))
        except (Unkeepable, ValueError, RecursionError, MemoryError):
            return
        codes = {**self.known, **fresh}
        with suppress(*_UNREADABLE):
            codes = {**_parts(folder.read(self.name))[1], **codes}
        folder.write(self.name, marshal.dumps((module, marshal.dumps(codes))))


#: What reading a file raises that is not there, or of another form, though we wrote it.
_UNREADABLE = (ValueError, TypeError, EOFError, LookupError, RecursionError)


def _parts(data: bytes | None) -> tuple[bytes, Code]:
    """What a file holds: a module, still packed, and its functions."""
    if data is None:
        raise LookupError("not there")
    module, codes = marshal.loads(data)
    return module, dict(marshal.loads(codes))


def _all(valid: ValidModule) -> list[ValidModule]:
    """A module and those nested in it."""
    found = [valid]
    for outer in found:
        found += outer.nested
    return found


def _name(source: Source, features: Features) -> str:
    """The file's name: a digest of all that can change what is in it."""
    text = source.text
    content = (source.data or b"") if text is None else text.encode("utf-8", "surrogatepass")
    key = (
        _FORM,
        "text" if text is not None else "binary",
        content,
        sorted(features.on),
        features.dialect,
        _engine(),
        sys.version,
        sys.implementation.name,
        sys.byteorder,
        sys.flags.optimize,
        "no_debug_ranges" in sys._xoptions or bool(os.environ.get("PYTHONNODEBUGRANGES")),
    )
    return f"{digest(marshal.dumps(key, 2)).hex()}.module"


_known_engine: list[str] = []


def _engine() -> str:
    """The version of watloom; in a checkout also when its files were changed."""
    if not _known_engine:
        package = sys.modules["watloom"]
        said = [str(getattr(package, "__version__", ""))]
        inner = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
        if os.path.exists(os.path.join(os.path.dirname(inner), "pyproject.toml")):
            said += _changes(inner) + _changes(os.path.join(os.path.dirname(inner), "parser"))
        _known_engine.append("\n".join(said))
    return _known_engine[0]


def _changes(folder: str) -> list[str]:
    """The files of the source in a folder, each with its size and when it was changed."""
    found, folders = [], [folder]
    for inner in folders:
        with os.scandir(inner) as entries:
            for entry in entries:
                if entry.name.endswith((".py", ".lark")):
                    known = entry.stat()
                    found.append(f"{entry.path} {known.st_size} {known.st_mtime_ns}")
                elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                    folders.append(entry.path)
    return sorted(found)
