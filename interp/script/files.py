"""The files that a script puts in: `(input "path")`."""

from __future__ import annotations

from watloom.interp.core.source import Source
from watloom.interp.link.load import read_source
from watloom.interp.link.search import find_file
from watloom.interp.script.expect import Wrong

__all__ = ["read_input"]


def read_input(path: str, folder: str | None) -> Source:
    """What a file in or below the script's folder holds.

    Raises Wrong where there is none, or it cannot be read; LinkError where it lies outside.
    """
    found, _ = find_file(path, folder, ())
    if found is None:
        raise Wrong(f"there is no file {path!r} in the folder of the script")
    try:
        return read_source(found)
    except OSError as error:
        raise Wrong(f"{path}: {error.strerror}") from error
