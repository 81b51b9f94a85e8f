"""What may be behind an fd: a folder, a file, a stream.

Each kind says what it can do by the methods it overrides; they raise OSError, and `Fd` turns that
into errnos. The numbers of the flags and what answers what are in `wat/fd.wat`.
"""

from __future__ import annotations

import os
from typing import NoReturn

from watloom.interp.host.errnos import Errno, Refused, errno_of
from watloom.interp.runtime.values import Caller, HostFunc, StructInst
from watloom.stdlib.confine import MAX_PATH, Access, HostFile, open_below
from watloom.stdlib.fd_types import CLOSE, FD, OPEN, READ, WRITE
from watloom.stdlib.open_files import OpenFiles
from watloom.stdlib.streams import Input, Output
from watloom.stdlib.window import Window

__all__ = ["CHUNK", "FileFd", "FolderFd", "InputFd", "OutputFd"]

#: What one read or write moves at most: the host's memory is not the guest's to ask for.
CHUNK = 1 << 20

CREATE, TRUNCATE, FOR_WRITING, DIRECTORY = 1, 2, 4, 8


class Fd:
    """An fd. The methods that guests call are `call_…`; the others are the kind's own."""

    def __init__(self, files: OpenFiles) -> None:
        self.files = files
        self.closed = False

    def struct(self, caller: Caller) -> StructInst:
        """This fd as guests hold it."""
        store = caller.store or self.files.store
        fields = [
            HostFunc(OPEN, self.call_open, store=store, name="fd.open", access_caller=True),
            HostFunc(READ, self.call_read, store=store, name="fd.read", access_caller=True),
            HostFunc(WRITE, self.call_write, store=store, name="fd.write", access_caller=True),
            HostFunc(CLOSE, self.call_close, store=store, name="fd.close"),
        ]
        return StructInst(FD, fields, store)

    # ------------------------------------------------------------------ what guests call

    def call_open(
        self, caller: Caller, path: int, path_len: int, flags: int
    ) -> tuple[int, StructInst | None]:
        """0 and an fd, or an errno and null."""
        window = Window(caller, path, path_len)
        try:
            self._check_open()
            if window.length > MAX_PATH:
                raise Refused(Errno.NAMETOOLONG)
            return 0, self.open(window.read(MAX_PATH), flags).struct(caller)
        except OSError as error:
            return errno_of(error), None

    def call_read(self, caller: Caller, buf: int, length: int) -> int:
        """How many bytes were put at `buf`, 0 at the end, or a negative errno."""
        window = Window(caller, buf, length)
        try:
            self._check_open()
            return window.write(self.read(min(window.length, CHUNK)))
        except OSError as error:
            return -errno_of(error)

    def call_write(self, caller: Caller, buf: int, length: int) -> int:
        """How many of the bytes at `buf` were taken, or a negative errno."""
        window = Window(caller, buf, length)
        try:
            self._check_open()
            return self.write(window.read(CHUNK))
        except OSError as error:
            return -errno_of(error)

    def call_close(self) -> int:
        """0 or an errno; a second time EBADF."""
        try:
            self._check_open()
            self.closed = True
            self.close()
        except OSError as error:
            return errno_of(error)
        return 0

    def _check_open(self) -> None:
        if self.closed or self.files.closed:
            raise Refused(Errno.BADF)

    # ------------------------------------------------------------------ what kinds override

    def open(self, path: bytes, flags: int) -> Fd:
        """Only a folder has something in it."""
        raise Refused(Errno.NOTDIR)

    def read(self, most: int) -> bytes:
        """Up to `most` bytes."""
        raise Refused(Errno.BADF)

    def write(self, data: bytes) -> int:
        """How many of the bytes were taken."""
        raise Refused(Errno.BADF)

    def close(self) -> None:
        """Give back what the host has opened for this fd."""


class InputFd(Fd):
    """A stream to read from."""

    def __init__(self, files: OpenFiles, input: Input) -> None:
        super().__init__(files)
        self.input = input

    def read(self, most: int) -> bytes:
        return self.input.read(most)


class OutputFd(Fd):
    """A stream to write to."""

    def __init__(self, files: OpenFiles, output: Output) -> None:
        super().__init__(files)
        self.output = output

    def write(self, data: bytes) -> int:
        return self.output.write(data)


class FileFd(Fd):
    """A file, for reading or for writing: for the other one the host says EBADF."""

    def __init__(self, files: OpenFiles, file: HostFile) -> None:
        super().__init__(files)
        self.file = file

    def read(self, most: int) -> bytes:
        return os.read(self.file.number, most)

    def write(self, data: bytes) -> int:
        return os.write(self.file.number, data)

    def close(self) -> None:
        self.file.close()


class FolderFd(Fd):
    """A folder: a granted one, which stays open for others, or one that a guest has opened.

    `folder` is None for a granted one on a platform where nothing below it can be opened safely.
    """

    def __init__(self, files: OpenFiles, folder: HostFile | None, own: bool = False) -> None:
        super().__init__(files)
        self.folder = folder
        self.own = own

    def open(self, path: bytes, flags: int) -> Fd:
        if self.folder is None:
            raise Refused(Errno.NOTSUP)
        access = access_of(flags)
        self.files.check_room()
        file = self.files.add(open_below(self.folder, path, access))
        return FolderFd(self.files, file, own=True) if file.is_folder else FileFd(self.files, file)

    def read(self, most: int) -> NoReturn:
        raise Refused(Errno.ISDIR)

    def write(self, data: bytes) -> NoReturn:
        raise Refused(Errno.ISDIR)

    def close(self) -> None:
        if self.own and self.folder is not None:
            self.folder.close()


def access_of(flags: int) -> Access:
    """What `open`'s flags ask for. Raises Refused (EINVAL) for what makes no sense.

    >>> access_of(CREATE | FOR_WRITING)
    Access(create=True, truncate=False, write=True, folder=False)
    """
    if flags & ~(CREATE | TRUNCATE | FOR_WRITING | DIRECTORY):
        raise Refused(Errno.INVAL)
    if flags & TRUNCATE and not flags & FOR_WRITING:
        raise Refused(Errno.INVAL)
    return Access(
        create=bool(flags & CREATE),
        truncate=bool(flags & TRUNCATE),
        write=bool(flags & FOR_WRITING),
        folder=bool(flags & DIRECTORY),
    )
