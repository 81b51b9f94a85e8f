"""Streams as vnodes."""

from __future__ import annotations

import os
import select
from typing import Any

from watloom.interp.host.errnos import Errno, Refused
from watloom.stdlib.streams import Input, Output
from watloom.stdlib.vnode import Filetype, Vnode

__all__ = ["InputStream", "OutputStream", "wait_for"]


class _Stream(Vnode):
    """A stream: a terminal is a character device, anything else of no known kind."""

    def __init__(self, file: Any) -> None:
        self._file = file
        if _ask(file, "isatty"):
            self.filetype = Filetype.CHARACTER_DEVICE

    def fileno(self) -> int | None:
        number = _ask(self._file, "fileno")
        return number if isinstance(number, int) else None

    def _ready(self, reading: bool) -> bool:
        number = self.fileno()
        if number is None:
            return True
        try:
            return wait_for([number] if reading else [], [] if reading else [number], 0)
        except (OSError, ValueError):  # not on this platform, or closed: reading will tell
            return True


class InputStream(_Stream):
    """A stream to read from."""

    def __init__(self, input: Input) -> None:
        super().__init__(input.file)
        self.input = input

    def read(self, most: int) -> bytes:
        return self.input.read(most)

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether to read now does not wait, as far as one can tell."""
        number = self.fileno()
        if number is None or not hasattr(select, "poll") or not os.get_blocking(number):
            return True
        try:
            return wait_for([number], [], seconds)
        except (OSError, ValueError):  # closed: reading will tell
            return True

    def poll(self, for_writing: bool) -> int:
        if for_writing:
            raise Refused(Errno.BADF)
        if not self._ready(True):
            raise Refused(Errno.AGAIN)
        return 1


class OutputStream(_Stream):
    """A stream to write to."""

    def __init__(self, output: Output) -> None:
        super().__init__(output.file)
        self.output = output

    def write(self, data: bytes) -> int:
        return self.output.write(data)

    def poll(self, for_writing: bool) -> int:
        if not for_writing:
            raise Refused(Errno.BADF)
        if not self._ready(False):
            raise Refused(Errno.AGAIN)
        return 1


def wait_for(reading: list[int], writing: list[int], seconds: float | None) -> bool:
    """Wait until one of the host's descriptors is ready, or for so long; whether one is.

    Raises OSError, and ValueError for one that this platform can't wait for.
    """
    if not hasattr(select, "poll"):
        return any(select.select(reading, writing, [], seconds))
    poll = select.poll()
    for number in reading:
        poll.register(number, select.POLLIN)
    for number in writing:
        poll.register(number, select.POLLOUT)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def _ask(file: Any, method: str) -> Any:
    """What a file says; None where it has no answer."""
    try:
        return getattr(file, method)()
    except (AttributeError, OSError, ValueError):
        return None
