"""From a file, a text or bytes to a validated module."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from watloom.interp.core.errors import Note
from watloom.interp.core.features import DEFAULT, Features
from watloom.interp.core.module import Module
from watloom.interp.core.source import Source
from watloom.interp.runtime.values import ModuleValue
from watloom.interp.validate import validate

if TYPE_CHECKING:
    from watloom.interp.cache.cache import Cache

__all__ = ["load_file", "load_source", "parse", "read_source", "source_of"]

MAGIC = b"\0asm"


def source_of(data: bytes | str, name: str, folder: str | None = None) -> Source:
    """A source, text and binary told apart by content; bytes that are text must be UTF-8."""
    if isinstance(data, str):
        return Source(name, text=data, folder=folder)
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"a module is text (str) or bytes, not {type(data).__name__}")
    if bytes(data[:4]) == MAGIC:
        return Source(name, data=bytes(data), folder=folder)
    try:
        return Source(name, text=bytes(data).decode("utf-8"), folder=folder)
    except UnicodeDecodeError as error:
        from watloom.parser.messages import malformed_utf8

        raise malformed_utf8(
            error.start,
            Source(name, data=bytes(data)),
            detail="neither a text nor a binary module",
            help="texts are UTF-8; binaries begin with the bytes 00 61 73 6d",
        ) from None


def read_source(path: str | os.PathLike[str]) -> Source:
    """The source in a file. Raises OSError where it cannot be read."""
    path = Path(path)
    return source_of(path.read_bytes(), str(path), str(path.resolve().parent))


def parse(source: Source, features: Features = DEFAULT) -> Module:
    """A source as module IR. Raises MalformedError."""
    if source.text is None:
        from watloom.parser.decode import decode_module

        return decode_module(source, features)
    from watloom.parser.text import parse_module

    return parse_module(source, features)


def load_source(
    source: Source,
    features: Features = DEFAULT,
    cache: Cache | None = None,
    warn: Callable[[list[Note], Source], None] | None = None,
) -> ModuleValue:
    """A source as a validated module, from the cache where it is there.

    `warn` gets the module's warnings. Raises MalformedError and InvalidError.
    """
    valid = cache.find(source, features) if cache is not None else None
    module = parse(source, features) if valid is None else valid.module
    if warn is not None:
        warn(module.warnings, source)
    if valid is None:
        valid = validate(module)
        if cache is not None:
            cache.keep(valid)
    return ModuleValue(valid)


def load_file(
    path: str | os.PathLike[str], features: Features = DEFAULT, cache: Cache | None = None
) -> ModuleValue:
    """A file as a validated module. Raises OSError, MalformedError and InvalidError."""
    return load_source(read_source(path), features, cache)
