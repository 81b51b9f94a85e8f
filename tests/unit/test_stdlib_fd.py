"""The fd module: its types, what is granted, files and their errnos."""

import errno
import gc
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import watloom
from fdguest import CREATE, DIRECTORY, GUEST, ROOT, TRUNCATE, TYPES, WRITE, Guest
from watloom.interp.core.types import DefType
from watloom.interp.host.errnos import Errno, errno_of
from watloom.interp.link.linker import Linker
from watloom.interp.runtime.values import StructInst
from watloom.stdlib import confine, fd_types, granted, library, vnode
from watloom.stdlib.fd import FdModule

pytestmark = pytest.mark.usefixtures("in_both_tiers")

needs_files = pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")

BADF, INVAL, ISDIR, MFILE, NOENT, NOTDIR = 8, 28, 31, 33, 44, 54


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to grant."""
    (tmp_path / "granted" / "sub").mkdir(parents=True)
    (tmp_path / "granted" / "letter.txt").write_bytes(b"Dear Ada")
    return tmp_path / "granted"


@pytest.fixture
def guest(folder: Path) -> Iterator[Guest]:
    """A guest with that folder."""
    guest = Guest(FdModule([folder]))
    with guest.instance:
        yield guest


# ------------------------------------------------------------------ types


@pytest.mark.parametrize("name", ["editor", "encrypt", "parent", None])
def test_the_types_are_those_of_the_text(name: str | None) -> None:
    path = f"samples/encrypted_editor/{name}.wat" if name else "stdlib/wat/fd.wat"
    types = watloom.Module.from_file(ROOT / path).valid.types
    ours = (fd_types.OPEN, fd_types.READ, fd_types.WRITE, fd_types.CLOSE, fd_types.FD)
    assert all(mine is theirs for mine, theirs in zip(ours, types, strict=False))


def test_the_types_of_vnodes_are_those_of_the_text() -> None:
    types = watloom.Module.from_file(ROOT / "stdlib/wat/fd.wat").valid.types
    funcs = [fd_types.FUNCS[name] for name in fd_types.FIELDS]
    ours = [*funcs[:4], fd_types.FD, *funcs[4:], fd_types.VNODE]
    assert len(ours) == 27
    assert all(mine is theirs for mine, theirs in zip(ours, types, strict=False))
    assert fd_types.VNODE.supers == (fd_types.FD,)


def test_an_fd_may_be_a_vnode_or_not() -> None:
    """`vnode` of fd.wat gives what the cast gives."""
    guest = Guest(FdModule())
    text = (ROOT / "stdlib/wat/fd.wat").read_text()
    vnode_of = watloom.instantiate(text, store=guest.instance.store).exports.vnode
    fd = guest.call.stdin()
    plain = StructInst(fd_types.FD, fd.fields[:4], guest.instance.store)
    assert vnode_of(fd) is fd
    assert vnode_of(plain) is None
    assert vnode_of(None) is None


def test_the_text_says_what_is_exported() -> None:
    types = watloom.Module.from_file(ROOT / "stdlib/wat/fd.wat").valid.types
    exports = FdModule().instantiate(watloom.Store()).type.exports
    preopen, stream = types[27:29]
    assert isinstance(preopen, DefType) and isinstance(stream, DefType)
    assert exports == {
        "preopen": preopen, "stdin": stream, "stdout": stream, "stderr": stream, "random": stream,
    }  # fmt: skip


def test_another_rec_group_does_not_link() -> None:
    """A mutable field makes another type; the error shows both."""
    linker = watloom.Linker()
    linker.define("fd", FdModule())
    text = GUEST.replace("(field $close (ref $close))", "(field $close (mut (ref $close)))")
    with pytest.raises(watloom.LinkError, match=r"incompatible import type") as raised:
        linker.instantiate(text)
    wanted, given = str(raised.value).splitlines()[1:3]
    assert "wanted" in wanted and "(mut (ref" in wanted
    assert "given" in given and "(mut (ref" not in given


def test_as_an_instance() -> None:
    """Module linking's form of import; the same module, the same instance."""
    linker = watloom.Linker()
    linker.define("fd", FdModule())
    types = TYPES.partition('(import "fd"')[0]
    instance = linker.instantiate(
        f"""(module $m {types}
          (import "fd" (instance $fd
            (alias outer $m $fd (type $fd))
            (export "stdin" (func (result (ref $fd)))) (export "random" (func (result (ref $fd))))))
          (func (export "f") (result (ref $fd)) (call (func $fd "stdin"))))"""
    )
    assert isinstance(instance.exports.f(), watloom.Struct)


# ------------------------------------------------------------------ what is granted


def test_nothing_is_granted_by_default() -> None:
    guest = Guest(FdModule())
    assert guest.preopen(0) is None
    assert guest.read(guest.call.stdin()) == b""
    assert guest.write(guest.call.stdout(), b"heard by nobody") == 15
    assert guest.write(guest.call.stderr(), b"heard by nobody") == 15


def test_without_a_grant_there_is_no_module() -> None:
    assert set(library()) == {"bind_table", "caller", "spectest", "struct", "struct_table"}
    with pytest.raises(watloom.LinkError, match="unknown import"):
        watloom.instantiate(GUEST)


@needs_files
def test_preopens_go_by_number(tmp_path: Path) -> None:
    for name in "one", "two":
        (tmp_path / name).mkdir()
        (tmp_path / name / "name").write_text(name)
    guest = Guest(FdModule([(tmp_path / "one", "/"), str(tmp_path / "two")]))
    for n, name in enumerate([b"one", b"two"]):
        errno, fd = guest.open(guest.preopen(n), "name")
        assert (errno, guest.read(fd)) == (0, name)
    for n in (2, 3, -1, 0x7FFF_FFFF, -0x8000_0000):
        assert guest.preopen(n) is None


def test_a_folder_that_is_none_is_the_users_mistake(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FdModule([folder / "missing"])
    with pytest.raises(NotADirectoryError):
        FdModule([folder / "letter.txt"])
    with pytest.raises(NotADirectoryError):
        granted([(folder / "letter.txt", "x")])


@needs_files
def test_ways_to_grant(folder: Path) -> None:
    module = FdModule([folder], stdin=b"abc")
    linker = watloom.Linker()
    linker.add(module)
    table = granted([(folder, "x")], stdin=b"abc", random=io.BytesIO())
    made = (
        watloom.instantiate(GUEST, {"fd": module}),
        linker.instantiate(GUEST),
        Linker(library=table).instantiate(watloom.Module(GUEST)),
    )
    for instance in made:
        with instance:
            fd = instance.exports.preopen(0)
            assert instance.exports.close(fd) == 0
    again = watloom.Linker()
    again.define("fd", module)
    again.define("fd", "stdin", made[0].exports.stdin)  # one item replaced: another store's
    with pytest.raises(watloom.LinkError, match="another store"):
        again.instantiate(GUEST)


# ------------------------------------------------------------------ files


@needs_files
def test_write_and_read_back(guest: Guest, folder: Path) -> None:
    fd = guest.opened("new.txt", CREATE | WRITE)
    assert (guest.write(fd, b"one "), guest.write(fd, b""), guest.write(fd, b"two")) == (4, 0, 3)
    assert guest.close(fd) == 0
    assert (folder / "new.txt").read_bytes() == b"one two"
    assert (folder / "new.txt").stat().st_mode & 0o111 == 0
    fd = guest.opened("new.txt")
    assert [guest.read(fd, n) for n in (3, 0, 3, 3, 3)] == [b"one", b"", b" tw", b"o", b""]


@needs_files
def test_truncate_or_write_over(guest: Guest, folder: Path) -> None:
    guest.write(guest.opened("letter.txt", WRITE), b"Deer")
    assert (folder / "letter.txt").read_bytes() == b"Deer Ada"
    guest.write(guest.opened("letter.txt", CREATE | WRITE), b"DEER")
    assert (folder / "letter.txt").read_bytes() == b"DEER Ada"
    guest.write(guest.opened("letter.txt", WRITE | TRUNCATE), b"Hi")
    assert (folder / "letter.txt").read_bytes() == b"Hi"


@needs_files
def test_create_for_reading(guest: Guest, folder: Path) -> None:
    assert guest.read(guest.opened("new.txt", CREATE)) == b""
    assert (folder / "new.txt").exists()


@needs_files
@pytest.mark.parametrize(
    ("path", "flags", "expected"),
    [
        ("missing", 0, NOENT),
        ("missing", WRITE | TRUNCATE, NOENT),
        ("missing/x", CREATE | WRITE, NOENT),
        ("letter.txt/x", 0, NOTDIR),
        ("letter.txt/x", CREATE | WRITE, NOTDIR),
        ("letter.txt", DIRECTORY, NOTDIR),
        ("sub", WRITE, ISDIR),
        ("sub", CREATE, ISDIR),
        ("sub", CREATE | WRITE, ISDIR),
        ("sub", DIRECTORY | WRITE, ISDIR),
        (".", WRITE, ISDIR),
        ("new", DIRECTORY | CREATE, ISDIR),
        ("letter.txt", TRUNCATE, INVAL),
        ("letter.txt", 4096, INVAL),
        ("letter.txt", -1, INVAL),
    ],
)
def test_errnos_of_open(guest: Guest, folder: Path, path: str, flags: int, expected: int) -> None:
    assert guest.open(guest.preopen(), path, flags) == (expected, None)
    assert sorted(p.name for p in folder.rglob("*")) == ["letter.txt", "sub"]
    assert (folder / "letter.txt").read_bytes() == b"Dear Ada"


@needs_files
def test_what_an_fd_cannot_do(guest: Guest) -> None:
    reading, writing = guest.opened("letter.txt"), guest.opened("letter.txt", WRITE)
    assert guest.write(reading, b"x") == -BADF
    assert guest.read(writing) == -BADF
    assert guest.open(reading, "x") == (NOTDIR, None)
    for directory in guest.preopen(), guest.opened("sub", DIRECTORY):
        assert guest.read(directory) == -ISDIR
        assert guest.write(directory, b"x") == -ISDIR
    for name in "stdin", "random":
        assert guest.write(guest.call[name](), b"x") == -BADF
        assert guest.open(guest.call[name](), "x") == (NOTDIR, None)
    for name in "stdout", "stderr":
        assert guest.read(guest.call[name]()) == -BADF
        assert guest.open(guest.call[name](), "x") == (NOTDIR, None)


@needs_files
def test_a_big_file_comes_in_pieces(guest: Guest, folder: Path) -> None:
    """As much at once as one likes; more than a chunk never."""
    (folder / "big").write_bytes(os.urandom(2 * vnode.CHUNK + 5))
    guest.call.memory.grow(40)
    fd = guest.opened("big")
    got = list(iter(lambda: guest.read(fd, 40 * 65536), b""))
    assert [len(piece) for piece in got if isinstance(piece, bytes)] == [vnode.CHUNK] * 2 + [5]
    assert b"".join(p for p in got if isinstance(p, bytes)) == (folder / "big").read_bytes()
    copy = guest.opened("copy", CREATE | WRITE)
    assert guest.write(copy, bytes(vnode.CHUNK + 7)) == vnode.CHUNK


@needs_files
def test_only_so_many_files(folder: Path) -> None:
    guest = Guest(FdModule([folder], max_open=2))
    first, second = guest.opened("letter.txt"), guest.opened("sub")
    assert guest.open(guest.preopen(), "letter.txt") == (MFILE, None)
    assert guest.open(second, ".") == (MFILE, None)
    guest.close(first)
    third = guest.opened("letter.txt")
    assert guest.open(guest.preopen(), "letter.txt") == (MFILE, None)
    del third
    gc.collect()
    assert guest.open(guest.preopen(), "letter.txt")[0] == 0


# ------------------------------------------------------------------ errnos


def test_errnos_are_wasis() -> None:
    for name, expected in {
        "EACCES": 2,
        "EEXIST": 20,
        "ENOSPC": 51,
        "EROFS": 69,
        "EPERM": 63,
    }.items():
        assert errno_of(OSError(getattr(errno, name), "")) == expected
    assert errno_of(OSError(99999, "")) == Errno.IO
    assert errno_of(io.UnsupportedOperation("not readable")) == Errno.BADF
    assert [int(e) for e in Errno] == sorted(int(e) for e in Errno)
