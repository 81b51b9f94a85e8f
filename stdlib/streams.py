"""Python's binary file objects as what guests read from and write to.

Both ends may be short: fewer bytes than asked for is no error. Raises OSError, as files do.
"""

from __future__ import annotations

import errno
import io
from typing import Any, Protocol, TypeAlias

__all__ = ["Input", "Output", "Readable", "Writable"]


class Readable(Protocol):
    """`read(n)` gives up to n bytes, none at the end; `read1(n)` is preferred, as it waits less."""

    def read(self, n: int, /) -> bytes | None: ...


class Writable(Protocol):
    """`write(data)` gives how many bytes it took; None stands for all of them."""

    def write(self, data: bytes, /) -> Any: ...


Source: TypeAlias = "bytes | Readable | Input | None"
Sink: TypeAlias = "Writable | Output | None"


class Input:
    """Something to read from; None is an empty one.

    >>> Input(b"letter").read(3)
    b'let'
    """

    def __init__(self, source: bytes | Readable | None) -> None:
        if source is None or isinstance(source, bytes | bytearray):
            source = io.BytesIO(source or b"")
        _check(source, "read")
        self.file = source
        """What was given, or a file over the bytes."""
        self._read = getattr(source, "read1", source.read)

    @classmethod
    def of(cls, source: Source) -> Input:
        """The input itself, or a new one, so that several readers share what is left."""
        return source if isinstance(source, Input) else cls(source)

    def read(self, most: int) -> bytes:
        """Up to `most` bytes; none at the end."""
        if getattr(self.file, "closed", False):
            raise OSError(errno.EBADF, "closed")
        data = self._read(most)
        if data is None:
            raise BlockingIOError(errno.EAGAIN, "nothing there yet")
        if len(data) > most:
            raise ValueError(f"{self.file!r} gave {len(data)} bytes where {most} were asked for")
        return bytes(data)


class Output:
    """Something to write to; None is one that swallows everything.

    >>> file = io.BytesIO()
    >>> Output(file).write(b"letter"), file.getvalue()
    (6, b'letter')
    """

    def __init__(self, sink: Writable | None) -> None:
        if sink is not None:
            _check(sink, "write")
        self.file = sink
        """What was given."""

    @classmethod
    def of(cls, sink: Sink) -> Output:
        """The output itself, or a new one."""
        return sink if isinstance(sink, Output) else cls(sink)

    def write(self, data: bytes) -> int:
        """Write and flush; how many bytes were taken."""
        if self.file is None:
            return len(data)
        if getattr(self.file, "closed", False):
            raise OSError(errno.EBADF, "closed")
        try:
            count = self.file.write(data)
        except BlockingIOError as error:
            if not error.characters_written:
                raise
            return error.characters_written
        if count is None and isinstance(self.file, io.RawIOBase):
            raise BlockingIOError(errno.EAGAIN, "no room yet")
        # What a guest has written is out, whatever becomes of this process.
        flush = getattr(self.file, "flush", None)
        if flush is not None:
            flush()
        if count is not None and not 0 <= count <= len(data):
            raise ValueError(f"{self.file!r} took {count} bytes where {len(data)} were given")
        return len(data) if count is None else int(count)


def _check(file: Any, method: str) -> None:
    if isinstance(file, io.TextIOBase):
        raise TypeError(f"a binary file is wanted, not the text file {file!r}: use its .buffer")
    if not callable(getattr(file, method, None)):
        raise TypeError(f"a binary file or bytes are wanted, not {file!r}")
