"""A folder that tells what is done in it.

    folder = logged(folder, print)

    open('letter.txt', CREATE|WRITE) -> letter.txt
    letter.txt: write(b'Dear reader') -> 11
    stat_at('nothing', True) -> NOENT

Each call is a `Record`: who, which operation, with what, and its result or errno. A logger gets it
as a line at level INFO; any function gets the record, whose `str` is that line.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import IntEnum, IntFlag
from typing import Any, TypeAlias

from watloom.interp.core.dataclass import dataclass
from watloom.interp.host.errnos import Errno, errno_of
from watloom.stdlib.providers.observed import Call, Observed
from watloom.stdlib.vnode import Vnode

__all__ = ["Record", "Sink", "logged"]

#: Bytes of data that a line shows.
_SHOWN = 32


@dataclass(frozen=True, slots=True)
class Record:
    """A call that is over. `node` is the name that it was opened by, "" for the folder itself."""

    node: str
    operation: str
    arguments: tuple[Any, ...]
    result: Any = None
    errno: Errno | None = None

    def __str__(self) -> str:
        shown = ", ".join(map(_show, self.arguments))
        before = f"{self.node}: " if self.node else ""
        outcome = _show(self.result) if self.errno is None else self.errno.name
        return f"{before}{self.operation}({shown})" + (
            f" -> {outcome}" if outcome != "None" else ""
        )


Sink: TypeAlias = "Callable[[Record], object] | logging.Logger"


def logged(folder: Vnode, sink: Sink) -> Vnode:
    """The folder; what is done in it, and with what is opened there, goes to `sink`."""
    if isinstance(sink, logging.Logger):
        logger = sink
        return Logged(folder, lambda record: logger.info("%s", record))
    return Logged(folder, sink)


class Logged(Observed):
    """A folder, or what was opened in it by a name."""

    def __init__(self, inner: Vnode, tell: Callable[[Record], object], name: str = "") -> None:
        super().__init__(inner)
        self.tell = tell
        self.name = name

    def like(self, node: Vnode) -> Vnode:
        return Logged(node, self.tell)

    def around(self, call: Call) -> Any:
        try:
            result = call.make()
        except OSError as error:
            number = Errno(errno_of(error))
            self.tell(Record(self.name, call.operation, call.arguments, errno=number))
            raise
        if isinstance(result, Logged):
            below = _readable(call.arguments[0])
            result.name = f"{self.name}/{below}" if self.name else below
        self.tell(Record(self.name, call.operation, call.arguments, result))
        return result


def _show(value: Any) -> str:
    """A value in a line: one that a program cannot use to write another line."""
    if isinstance(value, bytes):
        more = "…" if len(value) > _SHOWN else ""
        return repr(value[:_SHOWN]) + more
    if isinstance(value, IntFlag):
        return value.name or "0"
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, Logged):
        return value.name
    if isinstance(value, list):
        return f"{len(value)} entries"
    return repr(value)


def _readable(path: bytes) -> str:
    """A path without anything that would move the rest of its line."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
