"""A folder over another one: as one folder of the host's, and what is its own."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from file_operations import Player, operations, tree_of
from watloom.interp.host.errnos import Errno, Refused, errno_of
from watloom.interp.runtime.store import Store
from watloom.stdlib import confine
from watloom.stdlib.native import HostFolder
from watloom.stdlib.providers.encrypt import encrypt
from watloom.stdlib.providers.layers import MOST_FOLDERS
from watloom.stdlib.providers.memory import memory
from watloom.stdlib.providers.observed import Call, Observed
from watloom.stdlib.providers.overlay import overlay
from watloom.stdlib.vnode import Filetype, FstFlags, OpenFlags, Vnode

pytestmark = pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")

NEW = OpenFlags.CREATE | OpenFlags.WRITE | OpenFlags.READ
READ, WRITE = OpenFlags.READ, OpenFlags.WRITE


def host(path: Path) -> HostFolder:
    return HostFolder(confine.open_root(str(path)))


def filled(path: Path) -> Path:
    """A folder with some of everything."""
    for folder in "a", "a/a", "a/b/c", "c":
        (path / folder).mkdir(parents=True)
    for file in "b", "a/c", "a/a/a", "a/b/b", "c/b":
        (path / file).write_text(f"this is {file}")
        os.utime(path / file, ns=(10**15, 10**15))
    for link, target in ("c/a", "../a"), ("c/c", "../b"), ("a/a/b", "b"), ("a/b/a", "../../.."):
        (path / link).symlink_to(target)
    return path


def state(path: Path) -> dict[str, object]:
    """All that is in a folder of the host's."""
    found: dict[str, object] = {}
    for inner in sorted([path, *path.rglob("*")]):
        known = inner.lstat()
        content = inner.read_bytes() if inner.is_file() and not inner.is_symlink() else None
        link = inner.readlink() if inner.is_symlink() else None
        times = known.st_mtime_ns, known.st_ctime_ns
        found[str(inner)] = known.st_mode, known.st_ino, known.st_nlink, times, content, link
    return found


@pytest.fixture
def lower(tmp_path: Path) -> Path:
    return filled(tmp_path / "lower")


UPPERS: dict[str, Callable[[Path], Vnode]] = {
    "memory": lambda path: memory(),
    "native": lambda path: (path.mkdir(), host(path))[1],  # type: ignore[func-returns-value]
}


def is_lower_folder(operation: tuple[Any, ...], plain: Player) -> bool:
    """Whether a call would rename a folder."""
    name, which, path, *_ = operation
    found = plain.folder(which).stat_at(path.rstrip(b"/"), False)
    return name == "rename" and found.filetype is Filetype.DIRECTORY


@pytest.mark.parametrize("upper", UPPERS)
@pytest.mark.parametrize("seed", range(50))
def test_as_one_folder(seed: int, upper: str, lower: Path, tmp_path: Path) -> None:
    """What the same calls give on a plain copy of the lower folder. That one is never changed."""
    shutil.copytree(lower, tmp_path / "plain", symlinks=True)
    before = state(lower)
    plain = Player(host(tmp_path / "plain"))
    mine = Player(overlay(host(lower), UPPERS[upper](tmp_path / "upper")))
    for operation in operations(seed, 150):
        answer = mine.play(operation)
        if answer == Errno.XDEV and is_lower_folder(operation, plain):
            continue
        if answer == Errno.ROFS and operation[0] == "touch_file":
            continue  # a file that was removed, but not copied
        assert answer == plain.play(operation), operation
    mine.end()
    plain.end()
    assert tree_of(mine.folders[0]) == tree_of(plain.folders[0])
    assert state(lower) == before


def refusal(call: Callable[..., object], *arguments: object) -> int:
    """The errno that a call is answered with; 0 for none."""
    try:
        call(*arguments)
    except OSError as error:
        return errno_of(error)
    return 0


def names(folder: Vnode) -> list[bytes]:
    """The names in a folder, without the two that each has."""
    return sorted(entry.name for entry in folder.readdir(0))[2:]


def content(folder: Vnode, path: bytes) -> bytes:
    file = folder.open(path, READ)
    data = file.read(1000)
    file.shut()
    return data


def test_what_lies_in_the_upper_folder(lower: Path, tmp_path: Path) -> None:
    """Copies, new files, and whiteouts; a second overlay of the same two goes on where one was."""
    (tmp_path / "upper").mkdir()
    folder = overlay(host(lower), host(tmp_path / "upper"))
    folder.open(b"a/c", WRITE).write(b"THIS")
    folder.unlink(b"b")
    folder.mkdir(b"new")
    for name in b"a/a/a", b"a/a/b":
        folder.unlink(name)
    folder.rmdir(b"a/a")
    folder.mkdir(b"a/a")
    folder.shut()
    found = {str(p.relative_to(tmp_path / "upper")) for p in (tmp_path / "upper").rglob("*")}
    assert found == {"a", "a/c", "a/a", "a/.wh.a", ".wh.b", "new"}
    again = overlay(host(lower), host(tmp_path / "upper"))
    assert names(again) == [b"a", b"c", b"new"]
    assert (names(again.open(b"a/a", READ)), content(again, b"a/c")) == ([], b"THIS is a/c")
    again.shut()


def test_reserved_names(lower: Path) -> None:
    (lower / ".wh.x").write_text("never seen")
    folder = overlay(host(lower), memory())
    folder.unlink(b"b")
    assert names(folder) == [b"a", b"c"]
    for name in b".wh.b", b".wh.x", b".wh.new":
        assert refusal(folder.stat_at, name, False) == Errno.NOENT
        assert refusal(folder.unlink, name) == refusal(folder.rmdir, name) == Errno.NOENT
        assert refusal(folder.open, name, READ) == Errno.NOENT
        assert refusal(folder.open, name + b"/x", NEW) == Errno.NOENT
        assert refusal(folder.open, name, NEW) == refusal(folder.mkdir, name) == Errno.PERM
        assert refusal(folder.symlink, b"a", name) == Errno.PERM
        assert refusal(folder.rename, b"a/c", folder, name) == Errno.PERM
        assert refusal(folder.link, b"a/c", False, folder, name) == Errno.PERM


def test_who_reads_goes_on_in_the_copy(lower: Path) -> None:
    folder = overlay(host(lower), memory())
    reader, other = folder.open(b"a/c", READ), folder.open(b"a/c", READ)
    assert reader.read(5) == b"this "
    folder.open(b"a/c", WRITE).pwrite(b"WAS", 5)
    assert (reader.read(20), other.read(20)) == (b"WASa/c", b"this WASa/c")
    third = folder.open(b"c/b", READ)
    folder.open(b"c/b", WRITE | OpenFlags.TRUNCATE).write(b"new")
    assert third.read(9) == b"new"
    last = folder.open(b"a/b/b", READ)
    folder.unlink(b"a/b/b")
    folder.open(b"a/b/b", NEW).write(b"another")
    assert last.read(20) == b"this is a/b/b"


def test_times_stay_when_something_is_copied_up(lower: Path) -> None:
    folder = overlay(host(lower), memory())
    above, inner = folder.stat_at(b"a", False), folder.stat_at(b"a/b", False)
    folder.link(b"a/b/b", False, folder, b"a/b/c/second")
    assert folder.stat_at(b"a/b/b", False).mtim == 10**15
    for path, was in (b"a", above), (b"a/b", inner):
        now = folder.stat_at(path, False)
        assert (now.mtim, now.ino, now.dev) == (was.mtim, was.ino, was.dev)
    folder.set_times_at(b"a/c", False, 5, 6, FstFlags.ATIM | FstFlags.MTIM)
    assert folder.stat_at(b"a/c", False).mtim == 6
    assert folder.stat_at(b"a", False).mtim == above.mtim


def test_renaming_folders(lower: Path) -> None:
    folder = overlay(host(lower), memory())
    assert refusal(folder.rename, b"a/b", folder, b"x") == Errno.XDEV
    folder.mkdir(b"x")
    folder.open(b"x/f", NEW).write(b"f")
    inner = folder.open(b"x", READ)
    folder.rename(b"x", folder, b"a/x")
    assert names(inner) == [b"f"] and content(folder, b"a/x/f") == b"f"
    inner.open(b"g", NEW).shut()
    folder.rmdir(b"a/b/c")
    folder.rename(b"a/x", folder, b"a/b/c")
    assert names(folder.open(b"a/b/c", READ)) == [b"f", b"g"]
    for path in b"a/b/c/f", b"a/b/c/g":
        folder.unlink(path)
    folder.mkdir(b"y")
    folder.rename(b"y", folder, b"a/b/c")
    assert refusal(folder.stat_at, b"y", False) == Errno.NOENT


def test_a_folder_in_place_of_one_that_was_emptied(lower: Path) -> None:
    folder = overlay(host(lower), memory())
    emptied = folder.open(b"a/a", READ)
    folder.mkdir(b"new")
    folder.open(b"new/f", NEW).shut()
    assert refusal(folder.rename, b"new", folder, b"a/a") == Errno.NOTEMPTY
    for name in b"a", b"b":
        emptied.unlink(name)
    folder.rename(b"new", folder, b"a/a")
    assert names(folder.open(b"a/a", READ)) == [b"f"]
    assert names(emptied) == []
    assert refusal(emptied.mkdir, b"x") == refusal(emptied.open, b"f", NEW) == Errno.NOENT
    assert names(folder.open(b"a/a", READ)) == [b"f"]


def test_no_room_for_a_copy(lower: Path) -> None:
    """What can't be copied as a whole is not there at all, and stays what it was."""
    (lower / "big").write_bytes(bytes(5000))
    upper = memory(4000)
    folder = overlay(host(lower), upper)
    assert refusal(folder.open, b"big", WRITE) == Errno.NOSPC
    assert (names(upper), folder.stat_at(b"big", False).size) == ([], 5000)


def test_links_from_the_top(lower: Path) -> None:
    """A link that begins with a slash can't be made; it can be copied up, and leads nowhere."""
    (lower / "l").symlink_to("/etc/passwd")
    folder = overlay(host(lower), memory())
    folder.link(b"l", False, folder, b"second")
    folder.rename(b"l", folder, b"third")
    for name in b"second", b"third":
        assert folder.readlink(name) == b"/etc/passwd"
        assert folder.stat_at(name, False).size == 11
        assert refusal(folder.open, name, READ | OpenFlags.FOLLOW) == Errno.NOTCAPABLE
    folder.symlink(b".wh.x", b"fourth")
    assert folder.readlink(b"fourth") == b".wh.x"


def test_over_and_under_others(lower: Path) -> None:
    """An overlay below, and a provider in WAT above."""
    store = Store()
    first = overlay(host(lower), memory())
    first.unlink(b"b")
    folder = overlay(first, encrypt(memory(), bytes(32), store))
    folder.open(b"a/c", WRITE | OpenFlags.APPEND).write(b", too")
    folder.rename(b"c/b", folder, b"a/new")
    assert (content(folder, b"a/c"), content(first, b"a/c")) == (
        b"this is a/c, too",
        b"this is a/c",
    )
    assert (content(folder, b"a/new"), names(first.open(b"c", READ))) == (
        b"this is c/b", [b"a", b"b", b"c"],
    )  # fmt: skip
    assert (names(folder), names(folder.open(b"c", READ))) == ([b"a", b"c"], [b"a", b"c"])


def test_a_listing_goes_on_while_names_go(lower: Path) -> None:
    folder = overlay(host(lower), memory(files={"x": b"", "y": b""}))
    first = next(e for e in folder.readdir(0) if e.name not in (b".", b".."))
    folder.unlink(b"y")
    folder.open(b"z", NEW).shut()
    rest = [e.name for e in folder.readdir(first.next)]
    assert sorted([first.name, *rest]) == [b"a", b"b", b"c", b"x"]


def test_closing(lower: Path) -> None:
    """Both are closed with the overlay, once no folder below is open; not before."""
    below, above = host(lower), memory()
    folder = overlay(below, above)
    inner = folder.open(b"a", READ)
    folder.shut()
    assert refusal(names, folder) == refusal(folder.stat) == Errno.BADF
    inner.mkdir(b"still")
    assert not below.closed and not above.closed
    inner.shut()
    assert below.closed and above.closed
    lent = host(lower)
    overlay(lent, memory())
    assert not lent.closed


def test_ever_deeper_with_one_folder_open(lower: Path, tmp_path: Path) -> None:
    """The folders on the way are the host's to hold open: only so many are."""
    (tmp_path / "upper").mkdir()
    folder = overlay(host(lower), host(tmp_path / "upper"))
    here = folder.open(b"a", READ)
    depth = 2
    with pytest.raises(Refused, match="NFILE"):
        while True:
            here.mkdir(b"d")
            here = here.open(b"d", READ)
            depth += 1
    assert depth == MOST_FOLDERS
    assert refusal(folder.mkdir, b"c/d") == Errno.NFILE
    here.shut()
    del here
    assert refusal(folder.mkdir, b"c/d") == 0
    assert names(folder.open(b"a/d/d", READ)) == [b"d"]


def test_names_that_have_no_whiteout(lower: Path) -> None:
    """They are seen and copied up; they can't be removed."""
    name = b"x" * 252
    (lower / name.decode()).write_text("long")
    folder = overlay(host(lower), memory())
    assert names(folder) == [b"a", b"b", b"c", name]
    assert refusal(folder.unlink, name) == Errno.NAMETOOLONG
    assert refusal(folder.rename, name, folder, b"short") == Errno.NAMETOOLONG
    assert content(folder, name) == b"long"
    folder.open(name, WRITE).write(b"LO")
    assert content(folder, name) == b"LOng"


def test_what_is_neither_file_nor_folder(lower: Path) -> None:
    os.mkfifo(lower / "fifo")
    folder = overlay(host(lower), memory())
    assert refusal(folder.open, b"fifo", READ) == Errno.NOTSUP
    assert refusal(folder.link, b"fifo", False, folder, b"second") == Errno.NOTSUP
    folder.unlink(b"fifo")
    assert names(folder) == [b"a", b"b", b"c"]


def test_names_of_one_lower_file_part_when_it_is_copied(lower: Path) -> None:
    os.link(lower / "b", lower / "same")
    folder = overlay(host(lower), memory())
    folder.rename(b"b", folder, b"same")  # as POSIX has it: nothing
    assert names(folder) == [b"a", b"b", b"c", b"same"]
    folder.open(b"b", WRITE).write(b"THIS")
    assert (content(folder, b"b"), content(folder, b"same")) == (b"THIS is b", b"this is b")


class Crashing(Observed):
    """A folder of which nothing is left to be called after so many calls."""

    left = 0

    def around(self, call: Call) -> Any:
        if Crashing.left == 0:
            raise Refused(Errno.IO)
        Crashing.left -= 1
        return call.make()


CHANGES: dict[str, Callable[[Vnode], object]] = {
    "unlink": lambda f: f.unlink(b"a/a/a"),
    "unlink a copy": lambda f: f.unlink(b"b"),
    "rmdir": lambda f: f.rmdir(b"a/b/c"),
    "open for writing": lambda f: f.open(b"a/b/b", WRITE).shut(),
    "rename": lambda f: f.rename(b"a/c", f, b"c/b"),
    "rename a copy": lambda f: f.rename(b"b", f, b"a/c"),
    "rename a folder": lambda f: f.rename(b"new", f, b"a/b/c"),
    "link": lambda f: f.link(b"a/a/b", False, f, b"a/b/l"),
    "mkdir": lambda f: f.mkdir(b"a/b/c/new"),
    "touch": lambda f: f.set_times_at(b"a/b/b", False, 1, 2, FstFlags.ATIM | FstFlags.MTIM),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_crash_in_between(name: str, lower: Path) -> None:
    """Whatever call of the upper folder is the last, there is the old or the new; only an empty
    folder that another takes the place of may be gone before that."""
    found = []
    for calls in range(100):
        below, above = host(lower), memory()
        folder = overlay(below, above)
        folder.open(b"b", WRITE).write(b"copy")
        folder.mkdir(b"new")
        folder.open(b"new/f", NEW).shut()
        found.append(tree_of(folder))
        Crashing.left = calls
        fails = refusal(CHANGES[name], overlay(below, Crashing(above)))
        found.append(tree_of(overlay(below, above)))
        if not fails:
            break
    old, new = found[0], found[-1]
    gone = {path: was for path, was in old.items() if path != b"./a/b/c"}
    assert len(found) > 10
    assert (new == old) is (name in ("open for writing", "touch"))
    for tree in found:
        assert tree in ((old, new, gone) if name == "rename a folder" else (old, new))
