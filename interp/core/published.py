"""Sources of generated Python, where tracebacks, pdb and doctest find them (`linecache`).

Each is there as long as somebody has what it belongs to. An entry is not removed when that goes:
garbage is collected at any time, also while `linecache` looks through its entries, which would fail
then. So it is emptied, and removed when the next one is published.
"""

from __future__ import annotations

import linecache
import weakref

__all__ = ["publish"]

_gone: list[str] = []


def publish(owner: object, filename: str, source: str) -> None:
    """Show a source under a file name, which must be a new one, as long as `owner` lives."""
    while _gone:
        linecache.cache.pop(_gone.pop(), None)
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    weakref.finalize(owner, _empty, filename).atexit = False


def _empty(filename: str) -> None:
    if filename in linecache.cache:
        linecache.cache[filename] = (0, None, [], filename)
        _gone.append(filename)
