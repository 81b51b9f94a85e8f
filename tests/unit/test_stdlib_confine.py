"""Attempts to leave a granted folder. None may show, make or change anything outside of it."""

import contextlib
import gc
import os
import socket
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fdguest import CREATE, DIRECTORY, FOLLOW, TRUNCATE, WRITE, Guest
from watloom.stdlib import confine, walk
from watloom.stdlib.fd import FdModule

pytestmark = pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")

INVAL, ISDIR, LOOP, NAMETOOLONG, NOENT, NOTDIR, NOTSUP, NXIO, NOTCAPABLE = (
    28, 31, 32, 37, 44, 54, 58, 60, 76,
)  # fmt: skip
SECRET = b"what nobody may see"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """home/granted, with links that lead to home/outside, and what is inside itself."""
    outside, granted = tmp_path / "outside", tmp_path / "granted"
    (outside / "folder").mkdir(parents=True)
    (outside / "secret.txt").write_bytes(SECRET)
    (outside / "folder" / "secret.txt").write_bytes(SECRET)
    (granted / "a" / "b").mkdir(parents=True)
    (granted / "file.txt").write_bytes(b"inside")
    (granted / "a" / "b" / "deep.txt").write_bytes(b"deep inside")
    for name, target in {
        "link": "../outside/secret.txt",
        "absolute-link": str(outside / "secret.txt"),
        "folder-link": "../outside",
        "chain": "folder-link",
        "dangling": "../outside/new.txt",
        "round": "round",
        "parent": "..",
        "harmless": "file.txt",
        "harmless-folder": "a",
        "a/up": "../..",
    }.items():
        (granted / name).symlink_to(target)
    return tmp_path


@pytest.fixture
def guest(home: Path) -> Iterator[Guest]:
    """A guest to which home/granted is granted."""
    guest = Guest(FdModule([home / "granted"]))
    with guest.instance:
        yield guest


def everything(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """All that is below a folder: when it was last changed, and what is in it."""
    found = {}
    for path in sorted([folder, *folder.rglob("*")]):
        plain = path.is_file() and not path.is_symlink()
        content = path.read_bytes() if plain else None
        found[str(path)] = (path.lstat().st_mtime_ns, content)
    return found


ESCAPES: dict[str | bytes, int] = {
    # up
    "..": NOTCAPABLE,
    "../outside/secret.txt": NOTCAPABLE,
    "./../outside/secret.txt": NOTCAPABLE,
    "a/../../outside/secret.txt": NOTCAPABLE,
    "a/./../..": NOTCAPABLE,
    "a/b/../../../outside/secret.txt": NOTCAPABLE,
    "a//b//..//..//..//outside/secret.txt": NOTCAPABLE,
    "../granted/file.txt": NOTCAPABLE,
    "../granted/../outside/secret.txt": NOTCAPABLE,
    "a/b/../../..": NOTCAPABLE,
    "no/../../outside/secret.txt": NOENT,
    "file.txt/../../outside/secret.txt": NOTDIR,
    # from the top
    "/": NOTCAPABLE,
    "/etc/passwd": NOTCAPABLE,
    "//etc/passwd": NOTCAPABLE,
    "/../outside/secret.txt": NOTCAPABLE,
    # through links
    "link": LOOP,
    "absolute-link": LOOP,
    "folder-link": LOOP,
    "folder-link/": NOTCAPABLE,
    "folder-link/.": NOTCAPABLE,
    "folder-link/secret.txt": NOTCAPABLE,
    "folder-link//secret.txt": NOTCAPABLE,
    "folder-link/folder/secret.txt": NOTCAPABLE,
    "folder-link/new.txt": NOTCAPABLE,
    "folder-link/../file.txt": NOTCAPABLE,
    "chain": LOOP,
    "chain/secret.txt": NOTCAPABLE,
    "dangling": LOOP,
    "dangling/": NOTCAPABLE,
    "round": LOOP,
    "round/": LOOP,
    "round/x": LOOP,
    "parent": LOOP,
    "parent/": NOTCAPABLE,
    "parent/outside/secret.txt": NOTCAPABLE,
    "a/up": LOOP,
    "a/up/outside/secret.txt": NOTCAPABLE,
    "a/b/../up/outside/secret.txt": NOTCAPABLE,
    "a/../a/../link": LOOP,
    "harmless": LOOP,
    "harmless-folder": LOOP,
    "harmless/../../outside/secret.txt": NOTDIR,
    "harmless-folder/b/../../../outside/secret.txt": NOTCAPABLE,
    "harmless-folder/up/outside/secret.txt": NOTCAPABLE,
    # no paths at all
    "": NOENT,
    "link\0": INVAL,
    "file.txt\0/../../outside/secret.txt": INVAL,
    b"\xff\xfe": 25,
    "x" * 256: NAMETOOLONG,
    "a/" + "x" * 256 + "/../../outside": NAMETOOLONG,
    "./" * 3000 + "../outside/secret.txt": NAMETOOLONG,
    "a/../" * 1000 + "../outside/secret.txt": NAMETOOLONG,
    "a/../" * 500 + "../outside/secret.txt": NOTCAPABLE,
    # what other systems take for separators or roots are names like others here
    "..\\outside\\secret.txt": NOENT,
    "C:\\": NOENT,
    "~/x": NOENT,
    ".../x": NOENT,
    "%2e%2e/outside/secret.txt": NOENT,
    "．．/outside/secret.txt": NOENT,
}
ids = {path: repr(path)[:60] for path in ESCAPES}


@pytest.mark.parametrize(("path", "errno"), ESCAPES.items(), ids=ids.values())
def test_no_way_out(home: Path, guest: Guest, path: str | bytes, errno: int) -> None:
    before = everything(home / "outside")
    inside = everything(home / "granted")
    assert guest.open(guest.preopen(), path) == (errno, None)
    assert guest.open(guest.preopen(), path, DIRECTORY) == (errno, None)
    assert everything(home / "granted") == inside
    # A name that is free inside may be taken; that is all that may happen.
    for flags in (WRITE, CREATE, CREATE | WRITE, CREATE | WRITE | TRUNCATE, WRITE | TRUNCATE):
        answer, fd = guest.open(guest.preopen(), path, flags)
        if answer == 0:
            assert guest.write(fd, b"x") in (1, -8)
    assert everything(home / "outside") == before
    assert not os.path.exists(home / "outside" / "new.txt")


@pytest.mark.parametrize(
    ("path", "errno"),
    {"link": NOTCAPABLE, "absolute-link": NOTCAPABLE, "folder-link": NOTCAPABLE,
     "chain": NOTCAPABLE, "dangling": NOTCAPABLE, "round": LOOP, "parent": NOTCAPABLE,
     "a/up": NOTCAPABLE, "a/../link": NOTCAPABLE}.items(),
)  # fmt: skip
def test_no_way_out_through_the_last_link(home: Path, guest: Guest, path: str, errno: int) -> None:
    before = everything(home)
    for flags in (0, DIRECTORY, WRITE, CREATE, CREATE | WRITE, WRITE | TRUNCATE):
        assert guest.open(guest.preopen(), path, flags | FOLLOW) == (errno, None)
    assert everything(home) == before


def test_links_that_stay_inside(home: Path, guest: Guest) -> None:
    for i in range(39):
        (home / "granted" / f"hop{i}").symlink_to("a/../harmless" if i == 0 else f"hop{i - 1}")
    (home / "granted" / "a" / "climb").symlink_to("b/../../a/../file.txt")
    (home / "granted" / "later").symlink_to("a/new.txt")
    for path in ("harmless", "a/../harmless", "a/climb", "harmless-folder/climb", "hop38"):
        assert guest.read(guest.opened(path, FOLLOW)) == b"inside", path
    for path in ("harmless-folder/b/deep.txt", "harmless-folder/../a/b/deep.txt"):
        assert guest.read(guest.opened(path)) == b"deep inside", path
    for path in ("harmless-folder/", "harmless-folder/.", "harmless-folder/.."):
        assert guest.read(guest.opened(path, DIRECTORY)) == -ISDIR, path
    (home / "granted" / "hop39").symlink_to("hop38")
    assert guest.open(guest.preopen(), "hop39", FOLLOW) == (LOOP, None)
    guest.write(guest.opened("later", CREATE | WRITE | FOLLOW), b"made where the link leads")
    assert (home / "granted" / "a" / "new.txt").read_bytes() == b"made where the link leads"


def test_ways_inside(guest: Guest) -> None:
    for path in (
        "file.txt",
        "./file.txt",
        "a/../file.txt",
        "a/b/../../file.txt",
        "a//..//file.txt",
    ):
        assert guest.read(guest.opened(path)) == b"inside", path
    assert guest.read(guest.opened("a/b/deep.txt")) == b"deep inside"


def test_a_folder_opened_below_is_a_root_of_its_own(guest: Guest) -> None:
    folder = guest.opened("a/b", DIRECTORY)
    assert guest.open(folder, "../../file.txt") == (NOTCAPABLE, None)
    assert guest.open(folder, "..") == (NOTCAPABLE, None)
    assert guest.read(guest.open(folder, "deep.txt")[1]) == b"deep inside"
    for path in (".", "./", "a/..", "a/b/../..", "a/.", "a/", "a"):
        assert guest.read(guest.opened(path)) == -ISDIR, path
    again = guest.open(guest.opened("a/.."), ".")[1]
    assert guest.open(again, "..") == (NOTCAPABLE, None)
    assert guest.read(guest.open(again, "file.txt")[1]) == b"inside"


def test_slash_behind_a_file(guest: Guest, home: Path) -> None:
    assert guest.open(guest.preopen(), "file.txt/")[0] == NOTDIR
    assert guest.open(guest.preopen(), "file.txt/.")[0] == NOTDIR
    assert guest.open(guest.preopen(), "file.txt/..")[0] == NOTDIR
    assert guest.open(guest.preopen(), "new/", CREATE | WRITE)[0] == ISDIR
    assert not (home / "granted" / "new").exists()


def test_special_files_are_not_opened_and_nobody_waits(home: Path, guest: Guest) -> None:
    os.mkfifo(home / "granted" / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(home / "granted")  # a socket's path is short
    try:
        listener.bind("socket")
    finally:
        os.chdir(here)
        listener.close()
    for name in ("pipe", "socket"):
        for flags in (0, WRITE, CREATE | WRITE):
            assert guest.open(guest.preopen(), name, flags) == (NOTSUP, None)
        assert guest.open(guest.preopen(), name, DIRECTORY) == (NOTDIR, None)
        assert guest.open(guest.preopen(), f"{name}/x") == (NOTDIR, None)


def put_pipe(path: Path) -> None:
    os.mkfifo(path)


def put_link(path: Path) -> None:
    path.symlink_to("../outside/secret.txt")


def put_dangling_link(path: Path) -> None:
    path.symlink_to("../outside/new.txt")


@pytest.mark.parametrize("put", [put_pipe, put_link, put_dangling_link, Path.mkdir])
def test_what_comes_in_between(
    home: Path, guest: Guest, monkeypatch: pytest.MonkeyPatch, put: Callable[[Path], object]
) -> None:
    """The look at the name says "a file", and when it is opened, it is something else."""
    before = everything(home / "outside")
    put(home / "granted" / "new")
    monkeypatch.setattr(confine, "kind_at", lambda at, name: stat.S_IFREG)
    for flags in (0, WRITE, WRITE | TRUNCATE, CREATE, CREATE | WRITE, CREATE | WRITE | TRUNCATE):
        errno, _ = guest.open(guest.preopen(), "new", flags)
        assert errno in {put_pipe: (NOTSUP, NXIO), Path.mkdir: (ISDIR,)}.get(put, (LOOP,))
    assert everything(home / "outside") == before


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no /dev/null")
def test_devices() -> None:
    guest = Guest(FdModule(["/dev"]))
    assert guest.open(guest.preopen(), "null") == (NOTSUP, None)
    assert guest.open(guest.preopen(), "zero", WRITE) == (NOTSUP, None)


@pytest.mark.skipif(not os.path.islink("/proc/self/root"), reason="no /proc")
def test_links_that_are_more_than_links() -> None:
    """Even somebody who grants /proc/self grants no `root` and no `cwd`."""
    guest = Guest(FdModule([f"/proc/{os.getpid()}"]))
    for path in ("root/etc/passwd", "root", "cwd/x", "cwd", "exe", "task/../root/etc/passwd"):
        assert guest.open(guest.preopen(), path)[0] in (LOOP, NOTCAPABLE)
        assert guest.open(guest.preopen(), path, FOLLOW) == (NOTCAPABLE, None)


def test_a_granted_link_is_the_users_choice(home: Path) -> None:
    guest = Guest(FdModule([home / "granted" / "harmless-folder"]))
    assert guest.read(guest.opened("b/deep.txt")) == b"deep inside"
    assert guest.open(guest.preopen(), "../file.txt") == (NOTCAPABLE, None)


def test_a_granted_folder_stays_the_one_that_it_was(home: Path, guest: Guest) -> None:
    (home / "granted").rename(home / "moved")
    (home / "granted").symlink_to("outside")
    assert guest.open(guest.preopen(), "secret.txt") == (NOENT, None)
    assert guest.read(guest.opened("file.txt")) == b"inside"


def test_deep_paths(home: Path, guest: Guest) -> None:
    """However deep a path leads, only so many folders are open at once."""
    path = "d/" * walk.MAX_FOLDERS
    (home / "granted" / path / "d").mkdir(parents=True)
    (home / "granted" / path / "d" / "file.txt").write_bytes(b"inside")
    gc.collect()
    numbers = open_numbers()
    assert guest.open(guest.preopen(), path + "d/file.txt") == (NAMETOOLONG, None)
    folder = guest.opened(path)
    assert guest.read(guest.open(folder, "d/file.txt")[1]) == b"inside"
    guest.close(folder)
    gc.collect()
    assert open_numbers() == numbers


def open_numbers() -> set[int]:
    """The file descriptors of this process."""
    found = set()
    for number in range(512):
        with contextlib.suppress(OSError):
            os.fstat(number)
            found.add(number)
    return found


@pytest.mark.parametrize("path", ["swapped/secret.txt", "a/../swapped/folder/../secret.txt"])
def test_renaming_while_a_path_is_walked(home: Path, guest: Guest, path: str) -> None:
    """A thread swaps a folder for a link to the outside and back, as fast as it can."""
    swapped, kept, link = (home / "granted" / name for name in ("swapped", "kept", "other"))
    (swapped / "folder").mkdir(parents=True)
    (swapped / "secret.txt").write_bytes(b"inside")
    link.symlink_to("../outside")
    before = everything(home / "outside")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            swapped.rename(kept)
            link.rename(swapped)
            time.sleep(0.0001)
            swapped.rename(link)
            kept.rename(swapped)
            time.sleep(0.0001)

    thread = threading.Thread(target=swap)
    thread.start()
    seen: Counter[int] = Counter()
    try:
        for i in range(6000):
            writes = i % 3 == 0
            errno, fd = guest.open(guest.preopen(), path, CREATE | WRITE if writes else 0)
            if fd is not None:
                assert (guest.write(fd, b"inside") if writes else guest.read(fd)) in (6, b"inside")
                guest.close(fd)
            seen[errno] += 1
            if i >= 1000 and min(seen[0], seen[NOTCAPABLE]) >= 30:
                break
    finally:
        stop.set()
        thread.join()
    assert set(seen) <= {0, NOTCAPABLE, NOENT, NOTDIR}, seen
    assert everything(home / "outside") == before


def test_going_back_goes_to_where_one_was(
    home: Path, guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`..` of a folder that was moved outside meanwhile is the granted folder, not the outside."""
    enter = confine._Steps.enter

    def enter_and_move(steps: object, at: int, name: bytes) -> int | None:
        entered = enter(steps, at, name)  # type: ignore[arg-type]
        if name == b"b":
            (home / "granted" / "a" / "b").rename(home / "outside" / "b")
        return entered

    monkeypatch.setattr(confine._Steps, "enter", enter_and_move)
    (home / "granted" / "a" / "secret.txt").write_bytes(b"inside")
    assert guest.read(guest.opened("a/b/../secret.txt")) == b"inside"


def test_where_the_platform_cannot_confine_nothing_is_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confine, "SUPPORTED", False)
    guest = Guest(FdModule([home / "granted"]))
    assert guest.preopen(1) is None
    folder = guest.preopen(0)
    assert guest.open(folder, "file.txt") == (NOTSUP, None)
    assert guest.open(folder, ".", DIRECTORY) == (NOTSUP, None)
    assert guest.read(folder) == -ISDIR
    assert guest.close(folder) == 0
    with pytest.raises(OSError, match="NOTSUP"):
        confine.open_root(str(home))
