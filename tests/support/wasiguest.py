"""A guest of WASI preview 1 that does what Python tells it to: each export calls one function."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import watloom
from watloom.interp.core.types import FuncType
from watloom.stdlib.wasi import Wasi

ALL = (1 << 30) - 1
READ, WRITE, SEEK, READDIR = 1 << 1, 1 << 6, 1 << 2, 1 << 14
FILE = READ | WRITE | SEEK | 0xE001B9  # all that there is for files
CREAT, DIRECTORY, EXCL, TRUNC = 1, 2, 4, 8
FOLLOW = 1

SUCCESS, ACCES, AGAIN, BADF, EXIST, INVAL, IO, ISDIR, LOOP = 0, 2, 6, 8, 20, 28, 29, 31, 32
MFILE, NAMETOOLONG, NOENT, NOTDIR, NOTEMPTY, NOTSOCK, NOTSUP, PERM, SPIPE, XDEV, NOTCAPABLE = (
    33, 37, 44, 54, 55, 57, 58, 63, 70, 75, 76,
)  # fmt: skip
ROFS = 69


def text(functions: Any = None) -> str:
    """The guest's module: a wrapper for each function, so that the guest is who calls."""
    imports, wrappers = [], []
    for name, function in (functions or Wasi.functions).items():
        t: FuncType = function.type.func
        params = "".join(f" (param {p})" for p in t.params)
        results = "".join(f" (result {r})" for r in t.results)
        got = "".join(f" (local.get {i})" for i in range(len(t.params)))
        imports.append(
            f'(import "wasi_snapshot_preview1" "{name}" (func ${name}{params}{results}))'
        )
        wrappers.append(f'(func (export "{name}"){params}{results} (call ${name}{got}))')
    return "\n".join(
        ["(module", *imports, '(memory (export "memory") 2)', *wrappers,
         '(func (export "trap") unreachable)', ")"]
    )  # fmt: skip


TEXT = text()


@cache
def _module() -> watloom.Module:
    return watloom.Module(TEXT)


#: Where results are put; what is passed begins above.
OUT, IN = 0x100, 0x4000


class WasiGuest:
    """Paths and bytes go through the guest's memory; each method gives what the function does."""

    def __init__(self, wasi: Wasi, store: watloom.Store | None = None) -> None:
        linker = watloom.Linker(store)
        linker.add(wasi)
        self.instance = linker.instantiate(_module())
        self.memory = self.instance.exports.memory

    def __enter__(self) -> WasiGuest:
        return self

    def __exit__(self, *_: object) -> None:
        self.instance.close()

    def __call__(self, name: str, *args: int | str | bytes) -> int:
        """Call a function; a text is passed as pointer and length. Gives the errno."""
        slots: list[int] = []
        at = IN
        for arg in args:
            if isinstance(arg, int):
                slots.append(arg)
                continue
            data = arg.encode() if isinstance(arg, str) else arg
            self.memory[at : at + len(data)] = data
            slots += [at, len(data)]
            at += len(data) + 8
        return int(self.instance.exports[name](*slots))

    def u32(self, at: int = OUT) -> int:
        """A number that was put somewhere."""
        return int.from_bytes(self.memory[at : at + 4], "little")

    def u64(self, at: int = OUT) -> int:
        """The same with 64 bits."""
        return int.from_bytes(self.memory[at : at + 8], "little")

    # ------------------------------------------------------------------ comfortable

    def open(
        self, path: str | bytes, *, at: int = 3, oflags: int = 0, rights: int = READ,
        inheriting: int = 0, follow: int = 0, fdflags: int = 0,
    ) -> tuple[int, int]:  # fmt: skip
        """Errno and number."""
        errno = self("path_open", at, follow, path, oflags, rights, inheriting, fdflags, OUT)
        return errno, self.u32() if errno == 0 else -1

    def opened(self, path: str | bytes, **how: int) -> int:
        """The number of what must be there."""
        errno, fd = self.open(path, **how)
        assert errno == 0, f"errno {errno}"
        return fd

    def folder(self, path: str | bytes, at: int = 3) -> int:
        """A folder, opened with all rights that there are for one."""
        base = self.rights(at)[0]
        return self.opened(path, at=at, oflags=DIRECTORY, rights=base, inheriting=ALL)

    def read(self, fd: int, most: int = 1000) -> bytes | int:
        """The bytes, or the errno."""
        self.memory[0:8] = struct.pack("<II", IN, most)
        errno = self("fd_read", fd, 0, 1, OUT)
        return errno or self.memory[IN : IN + self.u32()]

    def write(self, fd: int, data: bytes) -> int:
        """How many bytes were taken, or the negative errno."""
        self.memory[IN : IN + len(data)] = data
        self.memory[0:8] = struct.pack("<II", IN, len(data))
        errno = self("fd_write", fd, 0, 1, OUT)
        return -errno or self.u32()

    def rights(self, fd: int) -> tuple[int, int]:
        """Base and inheriting."""
        assert self("fd_fdstat_get", fd, OUT) == 0
        return self.u64(OUT + 8), self.u64(OUT + 16)

    def filetype(self, fd: int) -> int:
        """What it is."""
        assert self("fd_fdstat_get", fd, OUT) == 0
        return self.memory[OUT]  # type: ignore[no-any-return]

    def stat(self, path: str | bytes, *, at: int = 3, follow: int = 0) -> tuple[int, ...] | int:
        """dev, ino, filetype, nlink, size, atim, mtim, ctim; or the errno."""
        errno = self("path_filestat_get", at, follow, path, OUT)
        return errno or struct.unpack("<QQB7xQQQQQ", self.memory[OUT : OUT + 64])

    def names(self, fd: int, size: int = 4096) -> list[bytes]:
        """All names in a folder, in pieces of some size."""
        found, cookie = [], 0
        while True:
            assert self("fd_readdir", fd, 0x8000, size, cookie, OUT) == 0
            used, at = self.u32(), 0
            while at + 24 <= used:
                cookie_here, _, length, _ = struct.unpack_from(
                    "<QQIB", self.memory[0x8000 + at : 0x8000 + at + 24]
                )
                if at + 24 + length > used:
                    break
                found.append(self.memory[0x8000 + at + 24 : 0x8000 + at + 24 + length])
                cookie = cookie_here
                at += 24 + length
            if used < size:
                return found
            assert at, "a buffer that holds no entry"
