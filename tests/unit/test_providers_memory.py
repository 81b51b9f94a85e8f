"""The folder in memory: as the host's folders, and what is its own."""

from itertools import count, islice
from pathlib import Path

import pytest

from file_operations import Player, operations, tree_of
from watloom.interp.host.errnos import Errno, errno_of
from watloom.stdlib import confine
from watloom.stdlib.native import HostFolder
from watloom.stdlib.providers.memory import memory
from watloom.stdlib.vnode import FstFlags, OpenFlags, Stat, Vnode

NEW = OpenFlags.CREATE | OpenFlags.WRITE | OpenFlags.READ


@pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")
@pytest.mark.parametrize("seed", range(100))
def test_as_the_hosts_folders(seed: int, tmp_path: Path) -> None:
    """The same calls on both give the same results and errnos, and the same files in the end."""
    host = Player(HostFolder(confine.open_root(str(tmp_path))))
    mine = Player(memory())
    for operation in operations(seed, 150):
        assert mine.play(operation) == host.play(operation), operation
    host.end()
    mine.end()
    assert tree_of(mine.folders[0]) == tree_of(host.folders[0])
    host.folders[0].shut()


def refusal(call: object, *arguments: object) -> int:
    """The errno that a call is answered with; 0 for none."""
    assert callable(call)
    try:
        call(*arguments)
    except OSError as error:
        return errno_of(error)
    return 0


def names(folder: Vnode, cookie: int = 0) -> list[bytes]:
    return [entry.name for entry in folder.readdir(cookie)]


def test_files_that_are_given() -> None:
    folder = memory(files={"a.txt": b"text", "d/e/f": b"deep", "d/": b"", "empty/": b""})
    assert tree_of(folder).keys() == {
        b"./a.txt", b"./d", b"./d/e", b"./d/e/f", b"./empty",
    }  # fmt: skip
    assert folder.open(b"d/e/f", OpenFlags.READ).read(10) == b"deep"


def test_no_more_than_fits() -> None:
    folder = memory(2000)
    file = folder.open(b"f", NEW)  # a name takes 512 bytes and its own
    assert file.write(bytes(3000)) == 2000 - 513
    assert refusal(file.write, b"x") == Errno.NOSPC
    assert refusal(folder.mkdir, b"d") == refusal(folder.open, b"g", NEW) == Errno.NOSPC
    assert refusal(folder.symlink, b"x", b"l") == Errno.NOSPC
    assert refusal(folder.rename, b"f", folder, b"ff") == Errno.NOSPC
    assert names(folder) == [b".", b"..", b"f"]
    file.set_size(100)
    assert file.seek(0, 2) == 100
    assert file.write(b"x") == 1
    folder.unlink(b"f")
    assert refusal(memory, 100, {"f": b""}) == refusal(memory, 600, {"f": bytes(99)}) == Errno.NOSPC


def test_holes_take_no_room() -> None:
    folder = memory(1 << 30)
    file = folder.open(b"f", NEW)
    file.set_size(1 << 30)
    assert file.pwrite(b"end", (1 << 30) - 3) == 3
    assert file.stat().size == 1 << 30
    assert file.pread(10, 1 << 29) == bytes(10)
    assert file.pread(10, (1 << 30) - 4) == b"\0end"
    for size in (1 << 30) + 1, 1 << 62:
        assert refusal(file.set_size, size) == refusal(file.allocate, 0, size) == Errno.NOSPC
        assert refusal(file.pwrite, b"x", size) == Errno.NOSPC
    assert refusal(file.allocate, 0, 1 << 30) == Errno.NOSPC  # the names are in there as well
    assert refusal(memory(None).open(b"f", NEW).set_size, 1 << 63) == Errno.FBIG


def test_room_comes_back() -> None:
    folder = memory(100_000)
    for _ in range(3):
        file = folder.open(b"f", NEW)
        assert file.write(bytes(90_000)) == 90_000
        folder.unlink(b"f")
        assert file.pread(2, 89_999) == b"\0"  # still there: it is open
        assert refusal(folder.open(b"g", NEW).write, bytes(20_000)) == 0
        file.shut()
        folder.unlink(b"g")
    file = folder.open(b"f", NEW)
    file.allocate(0, 90_000)
    assert refusal(file.allocate, 90_000, 20_000) == Errno.NOSPC
    file.set_size(0)
    file.allocate(50_000, 40_000)
    assert refusal(folder.symlink, b"x/" * 2000, b"l") == 0
    folder.unlink(b"l")
    assert folder.open(b"f2", NEW).write(bytes(50_000)) == 50_000


def test_cookies_while_names_come_and_go() -> None:
    folder = memory(files=dict.fromkeys("abcdef", b""))
    first = list(islice(folder.readdir(0), 5))
    assert [entry.name for entry in first] == [b".", b"..", b"a", b"b", b"c"]
    at = first[-1].next
    for gone in b"a", b"c", b"d":
        folder.unlink(gone)
    folder.open(b"g", NEW).shut()
    folder.rename(b"b", folder, b"h")
    assert names(folder, at) == [b"e", b"f", b"g", b"h"]
    assert names(folder, at) == names(folder.open(b".", OpenFlags.DIRECTORY), at)
    assert names(folder, 2**64 - 1) == []


def test_inode_numbers() -> None:
    folder = memory(files={"a": b"", "b": b""})
    folder.link(b"a", False, folder, b"c")
    found = {e.name: e.ino for e in folder.readdir(0)}
    assert found[b"a"] == found[b"c"] != found[b"b"]
    stat = folder.stat_at(b"c", False)
    assert (stat.ino, stat.nlink) == (found[b"a"], 2)
    assert stat.dev == folder.stat().dev != memory().stat().dev


def test_times_are_those_of_the_clock() -> None:
    def story() -> list[Stat]:
        folder = memory(clock=count(1000).__next__, device=7)
        file = folder.open(b"f", NEW)
        file.write(b"x")
        folder.mkdir(b"d")
        file.set_times(5, 6, FstFlags.ATIM | FstFlags.MTIM_NOW)
        file.read(1)
        return [folder.stat(), file.stat(), folder.stat_at(b"d", False)]

    folder, file, _ = story()
    assert (file.atim, file.mtim, file.ctim) == (5, 1006, 1006)
    assert (folder.atim, folder.mtim, folder.ctim) == (1000, 1005, 1005)
    assert story() == story()
    assert refusal(memory().set_times, 1 << 63, 0, FstFlags.ATIM) == Errno.INVAL


def test_each_is_a_file_system_of_its_own() -> None:
    one, two = memory(files={"f": b""}), memory()
    assert refusal(one.rename, b"f", two, b"f") == Errno.XDEV
    assert refusal(one.link, b"f", False, two, b"f") == Errno.XDEV


def test_in_a_folder_that_was_removed() -> None:
    """Nothing is in it, and nothing can be made in it."""
    folder = memory(files={"f": b"", "d/": b"", "e/": b"", "g/": b""})
    for name in b"d", b"e":
        gone = folder.open(name, OpenFlags.DIRECTORY)
        if name == b"d":
            folder.rmdir(b"d")
        else:
            folder.rename(b"g", folder, b"e")
        assert (names(gone), gone.stat().nlink) == ([b".", b".."], 0)
        assert refusal(gone.mkdir, b"x") == refusal(gone.open, b"x", NEW) == Errno.NOENT
        assert refusal(gone.symlink, b"x", b"l") == Errno.NOENT
        assert refusal(folder.link, b"f", False, gone, b"f") == Errno.NOENT
        assert refusal(folder.rename, b"f", gone, b"f") == Errno.NOENT
        assert refusal(gone.stat_at, b".", False) == 0


def test_what_is_closed_stays_closed() -> None:
    folder = memory(files={"f": b"x", "d/": b""})
    file, inner = folder.open(b"f", NEW), folder.open(b"d", OpenFlags.DIRECTORY)
    file.shut()
    inner.shut()
    for call in (file.shut, inner.shut, file.stat, inner.stat):
        assert refusal(call) == Errno.BADF
    assert refusal(file.read, 1) == refusal(file.write, b"x") == Errno.BADF
    assert refusal(file.seek, 0, 2) == refusal(file.set_size, 0) == Errno.BADF
    assert refusal(inner.mkdir, b"x") == refusal(names, inner) == Errno.BADF


def test_twenty_thousand_folders_deep() -> None:
    """Through open folders one gets as deep as there is room; nothing recurses on that."""
    root = here = memory()
    for _ in range(20_000):
        here.mkdir(b"d")
        here = here.open(b"d", OpenFlags.DIRECTORY)
    assert refusal(root.rename, b"d", here, b"d") == Errno.INVAL
    del root, here
