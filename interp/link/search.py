"""Finding the file that an import names.

Only in or below the importing file's folder and the search folders, also through links: a module
cannot reach for files that its user did not put beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from watloom.interp.link import messages

__all__ = ["find_file"]

ENDINGS = ("", ".wat", ".wasm")


def find_file(name: str, folder: str | None, search: Iterable[str]) -> tuple[str | None, list[str]]:
    """The path of the file that `name` stands for, and the folders that were looked in.

    Raises LinkError for a name that leads out of the folder.
    """
    folders = ([folder] if folder is not None else []) + list(search)
    if "\0" in name:
        return None, folders
    outside = None
    for base in folders:
        for ending in ENDINGS:
            path = os.path.join(base, name + ending)
            if not os.path.isfile(path):
                continue
            real, root = os.path.realpath(path), os.path.realpath(base)
            if os.path.commonpath([real, root]) == root:
                return real, folders
            outside = path
    if outside is not None:
        raise messages.outside(name=f"`{name}`", path=outside)
    return None, folders
