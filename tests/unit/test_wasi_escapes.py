"""Attempts of WASI programs to leave a mounted folder, whatever is below. None may read, make or
change anything outside of it."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import wasiguest as w
from below import PROVIDERS, Below
from wasiguest import (
    BADF,
    CREAT,
    DIRECTORY,
    EXIST,
    FILE,
    FOLLOW,
    INVAL,
    ISDIR,
    LOOP,
    NAMETOOLONG,
    NOENT,
    NOTCAPABLE,
    NOTDIR,
    OUT,
    PERM,
    READ,
    TRUNC,
    WRITE,
    WasiGuest,
)  # fmt: skip
from watloom.stdlib import confine
from watloom.stdlib.native import HostFolder
from watloom.stdlib.providers.readonly import readonly
from watloom.stdlib.wasi import Wasi

pytestmark = [
    pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused"),
    pytest.mark.usefixtures("in_both_tiers"),
]

ILSEQ = 25
SECRET = b"what nobody may see"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """home/granted, with links that lead to home/outside, and what is inside itself."""
    outside, granted = tmp_path / "outside", tmp_path / "granted"
    (outside / "folder").mkdir(parents=True)
    (outside / "secret.txt").write_bytes(SECRET)
    (outside / "folder" / "secret.txt").write_bytes(SECRET)
    (outside / "empty").mkdir()
    (granted / "a" / "b").mkdir(parents=True)
    (granted / "file.txt").write_bytes(b"inside")
    (granted / "a" / "b" / "deep.txt").write_bytes(b"deep inside")
    for name, target in {
        "link": "../outside/secret.txt",
        "absolute-link": str(outside / "secret.txt"),
        "folder-link": "../outside",
        "absolute-folder": str(outside),
        "chain": "folder-link",
        "chain2": "a/../chain",
        "dangling": "../outside/new.txt",
        "round": "round2",
        "round2": "round",
        "parent": "..",
        "harmless": "a",
        "a/up": "../..",
        "a/b/far": "../../../outside/folder",
    }.items():
        (granted / name).symlink_to(target)
    return tmp_path


@pytest.fixture(params=PROVIDERS)
def below(request: pytest.FixtureRequest, home: Path) -> Below:
    """home/granted, seen through each provider."""
    return PROVIDERS[request.param](home / "granted")


@pytest.fixture
def guest(below: Below, home: Path) -> Iterator[WasiGuest]:
    """A program with that folder; in the end nothing outside has changed, nor did it see it."""
    before = everything(home / "outside")
    with WasiGuest(Wasi(mounts={"/": below.mount})) as guest:
        if not below.reads_host:
            fill(guest)
        yield guest
        assert SECRET not in guest.memory[0 : len(guest.memory)]
    assert everything(home / "outside") == before
    assert sorted(p.name for p in home.iterdir()) == ["granted", "outside"]


def fill(guest: WasiGuest) -> None:
    """The same files, written by the program."""
    for folder in "a", "a/b":
        assert guest("path_create_directory", 3, folder) in (0, EXIST)
    for path, text in ("file.txt", b"inside"), ("a/b/deep.txt", b"deep inside"):
        assert guest("path_unlink_file", 3, path) in (0, NOENT)
        fd = guest.opened(path, oflags=CREAT, rights=FILE)
        assert guest.write(fd, text) == len(text)
        assert guest("fd_close", fd) == 0


def everything(folder: Path) -> dict[str, object]:
    """All that is below a folder: what it is, when it was changed, its links and what is in it."""
    found: dict[str, object] = {}
    for path in sorted([folder, *folder.rglob("*")]):
        known = path.lstat()
        content = path.read_bytes() if path.is_file() else None
        links = known.st_nlink if content is not None else 0
        found[str(path)] = (known.st_mode, known.st_mtime_ns, known.st_size, links, content)
    return found


#: Ways to the folder outside, or to none; with what is to be answered to all that is done there.
FOLDERS: dict[str | bytes, int] = {
    "..": NOTCAPABLE,
    "../outside": NOTCAPABLE,
    "./../outside": NOTCAPABLE,
    "a/../..": NOTCAPABLE,
    "a/../../outside": NOTCAPABLE,
    "a/b/../../../outside": NOTCAPABLE,
    "a//b//..//..//..//outside": NOTCAPABLE,
    "../granted": NOTCAPABLE,
    "../granted/../outside": NOTCAPABLE,
    "harmless/../../outside": NOTCAPABLE,
    "harmless/b/../../../outside": NOTCAPABLE,
    "/": NOTCAPABLE,
    "//": NOTCAPABLE,
    "/../outside": NOTCAPABLE,
    "/tmp": NOTCAPABLE,
    "folder-link": NOTCAPABLE,
    "folder-link/folder": NOTCAPABLE,
    "folder-link/../outside": NOTCAPABLE,
    "folder-link/.": NOTCAPABLE,
    "absolute-folder": NOTCAPABLE,
    "absolute-folder/folder": NOTCAPABLE,
    "chain": NOTCAPABLE,
    "chain2": NOTCAPABLE,
    "chain2/folder": NOTCAPABLE,
    "parent": NOTCAPABLE,
    "parent/outside": NOTCAPABLE,
    "a/up": NOTCAPABLE,
    "a/up/outside": NOTCAPABLE,
    "a/b/../up/outside": NOTCAPABLE,
    "harmless/up/outside": NOTCAPABLE,
    "a/b/far": NOTCAPABLE,
    "harmless/b/far": NOTCAPABLE,
    "round": LOOP,
    "round/x": LOOP,
    "file.txt/../../outside": NOTDIR,
    "no/../../outside": NOENT,
    "a/\0/../../../outside": INVAL,
    "folder-link\0": INVAL,
    b"a/\xff/../../../outside": ILSEQ,
    b"\xc0\xae\xc0\xae/outside": ILSEQ,
    "a/" + "x" * 256 + "/../../../outside": NAMETOOLONG,
    "./" * 2000 + "../outside": NOTCAPABLE,
    "a/../" * 900 + "../outside": NAMETOOLONG,
    "..\\outside": NOENT,
    ".../outside": NOENT,
    "%2e%2e/outside": NOENT,
    "．．/outside": NOENT,
    "~": NOENT,
    "C:": NOENT,
}
#: Those of them that go by a link that lies there beforehand.
_LINKS = ("link", "-folder", "chain", "parent", "up", "far", "round", "harm")
BY_LINK = [path for path in FOLDERS if any(part in repr(path) for part in _LINKS)]

ids = [repr(path)[:50] for path in FOLDERS]


def attempts(guest: WasiGuest, path: bytes, name: bytes) -> Iterator[tuple[str, int]]:
    """All that can be done to `name` in the folder at a path outside: what, and the errno."""
    there = path + b"/" + name
    new = path + b"/new.txt"
    yield "open", guest.open(there)[0]
    yield "open and follow", guest.open(there, follow=FOLLOW)[0]
    yield "open folder", guest.open(path + b"/", oflags=DIRECTORY, follow=FOLLOW)[0]
    yield "create", guest.open(new, oflags=CREAT, rights=FILE)[0]
    yield "truncate", guest.open(there, oflags=TRUNC, rights=FILE, follow=FOLLOW)[0]
    yield "append", guest.open(there, rights=WRITE, fdflags=1)[0]
    yield "stat", guest("path_filestat_get", 3, 0, there, OUT)
    yield "stat and follow", guest("path_filestat_get", 3, FOLLOW, there, OUT)
    yield "stat folder", guest("path_filestat_get", 3, FOLLOW, path + b"/", OUT)
    yield "touch", guest("path_filestat_set_times", 3, 0, there, 1, 1, 5)
    yield "touch and follow", guest("path_filestat_set_times", 3, FOLLOW, there, 1, 1, 5)
    yield "mkdir", guest("path_create_directory", 3, new)
    yield "rmdir", guest("path_remove_directory", 3, path + b"/empty")
    yield "unlink", guest("path_unlink_file", 3, there)
    yield "rename from", guest("path_rename", 3, there, 3, "stolen.txt")
    yield "rename to", guest("path_rename", 3, "file.txt", 3, new)
    yield "rename over", guest("path_rename", 3, "file.txt", 3, there)
    yield "link from", guest("path_link", 3, 0, there, 3, "stolen.txt")
    yield "link from, followed", guest("path_link", 3, FOLLOW, there, 3, "stolen.txt")
    yield "link to", guest("path_link", 3, 0, "file.txt", 3, new)
    yield "symlink", guest("path_symlink", "x", 3, new)
    yield "readlink", guest("path_readlink", 3, there, 0x9000, 100, OUT)


@pytest.mark.parametrize(("path", "errno"), FOLDERS.items(), ids=ids)
def test_no_way_out(guest: WasiGuest, below: Below, path: str | bytes, errno: int) -> None:
    """22 calls for each path."""
    data = path.encode() if isinstance(path, str) else path
    allowed = {errno} if below.shows_host or path not in BY_LINK else {errno, NOENT, NOTDIR}
    for what, answer in attempts(guest, data, b"secret.txt"):
        moves = {w.XDEV} if not below.unwraps and what.startswith(("rename", "link")) else set()
        assert answer in allowed | moves, what


@pytest.mark.parametrize(("path", "errno"), FOLDERS.items(), ids=ids)
def test_no_way_out_for_reading_alone(home: Path, path: str | bytes, errno: int) -> None:
    """The same through a provider that lets nothing be changed: nor is anything inside."""
    before = everything(home)
    folder = readonly(HostFolder(confine.open_root(str(home / "granted"))))
    with WasiGuest(Wasi(mounts={"/": lambda _: folder})) as guest:
        data = path.encode() if isinstance(path, str) else path
        for what, answer in attempts(guest, data, b"secret.txt"):
            assert answer in (errno, w.ROFS), what
        assert SECRET not in guest.memory[0 : len(guest.memory)]
    assert everything(home) == before


def test_so_many_attempts() -> None:
    assert len(FOLDERS) * 22 > 1000


LINKS = ["link", "absolute-link", "folder-link", "chain", "chain2", "dangling", "parent", "a/up"]


@pytest.mark.parametrize("name", LINKS)
def test_through_the_last_link(guest: WasiGuest, below: Below, name: str) -> None:
    allowed = {NOTCAPABLE} if below.shows_host else {NOTCAPABLE, NOENT}
    for oflags, rights in (0, READ), (DIRECTORY, READ), (TRUNC, FILE), (0, WRITE):
        assert guest.open(name, oflags=oflags, rights=rights, follow=FOLLOW)[0] in allowed
    if below.shows_host:
        assert guest.open(name, oflags=CREAT, rights=FILE, follow=FOLLOW)[0] == NOTCAPABLE
        assert guest.open(name, oflags=CREAT | w.EXCL, rights=FILE, follow=FOLLOW)[0] == EXIST
        for oflags in (0, CREAT, TRUNC):
            assert guest.open(name, oflags=oflags, rights=FILE)[0] == LOOP
    assert guest("path_filestat_get", 3, FOLLOW, name, OUT) in allowed
    assert guest("path_filestat_set_times", 3, FOLLOW, name, 1, 1, 5) in allowed
    assert guest("path_link", 3, FOLLOW, name, 3, "stolen.txt") in allowed


@pytest.mark.parametrize("name", LINKS)
def test_what_is_done_to_a_link_itself(
    guest: WasiGuest, below: Below, home: Path, name: str
) -> None:
    """It moves, is touched, gets another name and goes away; what it says stays what it says."""
    if not below.shows_host:
        pytest.skip("nothing lies there beforehand")
    stat = guest.stat(name)
    assert isinstance(stat, tuple) and stat[2] == 7
    assert guest("path_readlink", 3, name, 0x9000, 4096, OUT) == 0
    said = (home / "granted" / name).readlink()
    assert guest.memory[0x9000 : 0x9000 + guest.u32()] == bytes(said)
    assert guest("path_filestat_set_times", 3, 0, name, 10**9, 10**9, 5) == 0
    assert guest("path_link", 3, 0, name, 3, "second") == 0
    assert guest("path_rename", 3, name, 3, "moved") == 0
    for slash in "moved/", "second/":
        assert guest("path_remove_directory", 3, slash) == NOTDIR
        assert guest("path_unlink_file", 3, slash) == NOTDIR
        assert guest("path_rename", 3, slash, 3, "x") == NOTDIR
        assert guest("path_create_directory", 3, slash) in (EXIST, NOTDIR)
    assert guest("path_remove_directory", 3, "moved") == NOTDIR
    assert guest("path_unlink_file", 3, "moved") == guest("path_unlink_file", 3, "second") == 0


def test_links_of_the_programs_own(guest: WasiGuest) -> None:
    """It may make links that say anything relative, and follow none of them out."""
    assert guest("path_symlink", "/etc/passwd", 3, "mine") == NOTCAPABLE
    assert guest("path_symlink", "/", 3, "mine") == NOTCAPABLE
    assert guest("path_symlink", "", 3, "mine") == NOENT
    assert guest("path_symlink", "a\0b", 3, "mine") == INVAL
    for i, said in enumerate(
        ["../outside", "..", "a/../..", "./../outside/secret.txt", "a/b/../../.."]
    ):
        assert guest("path_symlink", said, 3, f"mine{i}") == 0
        assert guest.open(f"mine{i}", follow=FOLLOW)[0] == NOTCAPABLE
        assert guest.open(f"mine{i}/secret.txt")[0] in (NOTCAPABLE, NOTDIR)
    assert guest("path_symlink", "mine0", 3, "a/b/inner") == 0
    assert guest.open("a/b/inner/secret.txt")[0] == NOENT
    assert guest("path_symlink", "../../mine0", 3, "a/b/outer") == 0
    assert guest.open("a/b/outer/secret.txt")[0] == NOTCAPABLE


def test_a_link_that_is_harmless_until_it_is_moved(guest: WasiGuest) -> None:
    """What a link says is taken from where it stands now."""
    assert guest("path_symlink", "../../file.txt", 3, "a/b/l") == 0
    fd = guest.opened("a/b/l", follow=FOLLOW)
    assert guest.read(fd) == b"inside"
    assert guest("path_rename", 3, "a/b/l", 3, "a/l") == 0
    assert guest.open("a/l", follow=FOLLOW)[0] == NOTCAPABLE
    assert guest("path_rename", 3, "a", 3, "file.txt") == NOTDIR
    assert guest("path_link", 3, 0, "a/l", 3, "l") == 0
    assert guest.open("l", follow=FOLLOW)[0] == NOTCAPABLE


def test_long_chains_end(guest: WasiGuest) -> None:
    assert guest("path_symlink", "file.txt", 3, "hop0") == 0
    for i in range(1, 45):
        assert guest("path_symlink", f"hop{i - 1}", 3, f"hop{i}") == 0
    assert guest.open("hop39", follow=FOLLOW)[0] == 0
    for i in 40, 44:
        assert guest.open(f"hop{i}", follow=FOLLOW)[0] == LOOP
    assert guest("path_symlink", "bomb/bomb/bomb/bomb", 3, "bomb") == 0
    assert guest.open("bomb", follow=FOLLOW)[0] == LOOP
    assert guest("path_symlink", "d/" * 1000 + "..", 3, "deep") == 0
    assert guest.open("deep", follow=FOLLOW)[0] in (NOENT, NAMETOOLONG)


def test_a_folder_opened_below_is_a_root_of_its_own(guest: WasiGuest) -> None:
    inner = guest.folder("a/b")
    for path in "..", "../..", "../b", "../../file.txt", "/a/b/deep.txt":
        assert guest.open(path, at=inner)[0] == NOTCAPABLE
        assert guest("path_filestat_get", inner, 0, path + "/", OUT) == NOTCAPABLE
        assert guest("path_rename", inner, path + "/x", inner, "y") == NOTCAPABLE
        assert guest("path_rename", inner, "deep.txt", inner, path + "/x") == NOTCAPABLE
        assert guest("path_link", inner, 0, "deep.txt", inner, path + "/x") == NOTCAPABLE
    assert guest.read(guest.opened("deep.txt", at=inner)) == b"deep inside"
    here = guest.folder(".", at=inner)
    assert guest.open("..", at=here)[0] == NOTCAPABLE


def test_a_folder_that_its_program_moves_up(guest: WasiGuest, below: Below) -> None:
    """An open folder stays what it is, and `..` from it leads nowhere."""
    inner = guest.folder("a/b")
    moved = guest("path_rename", 3, "a/b", 3, "b")
    assert moved == (0 if below.moves_folders else w.XDEV)
    assert guest.open("..", at=inner)[0] == NOTCAPABLE
    assert guest.open("../file.txt", at=inner)[0] == NOTCAPABLE
    assert guest.read(guest.opened("deep.txt", at=inner)) == b"deep inside"
    assert guest("path_rename", 3, ".", 3, "x") != 0
    name = "b" if below.moves_folders else "a/b"
    assert guest("path_rename", 3, name, inner, "b") in (INVAL, EXIST, w.XDEV)
    assert guest("path_remove_directory", 3, ".") in (INVAL, w.NOTEMPTY)
    assert guest("path_remove_directory", 3, f"{name}/..") in (INVAL, w.NOTEMPTY)


def test_a_folder_that_others_move_outside(home: Path) -> None:
    """Whoever holds it open holds it; the way back is not the outside."""
    with WasiGuest(Wasi(mounts={"/": home / "granted"})) as guest:
        inner = guest.folder("a/b")
        (home / "granted" / "a" / "b").rename(home / "outside" / "b")
        for path in "..", "../secret.txt", "x/../../secret.txt":
            assert guest.open(path, at=inner)[0] in (NOTCAPABLE, NOENT)
        assert guest.names(inner)[:2] == [b".", b".."]
        assert guest.open("a/b/deep.txt")[0] == NOENT


def test_numbers_grant_nothing(guest: WasiGuest) -> None:
    """Renumbering moves what was granted; it makes nothing of it."""
    inner = guest.folder("a/b")
    file = guest.opened("file.txt")
    base = guest.rights(inner)[0]
    assert guest("fd_fdstat_set_rights", inner, base & ~(1 << 13), w.ALL) == 0
    assert guest("fd_renumber", inner, 3) == 0
    assert guest.open("deep.txt")[0] == NOTCAPABLE
    assert guest("fd_fdstat_set_rights", 3, base, w.ALL) == NOTCAPABLE
    assert guest.open("file.txt")[0] == NOTCAPABLE
    assert guest("fd_prestat_get", 3, OUT) == BADF
    assert guest("fd_renumber", file, 99) == guest("fd_renumber", 99, file) == BADF
    assert guest("fd_renumber", -1, 3) == guest("fd_renumber", 3, -1) == BADF
    assert guest("fd_renumber", file, 0) == 0
    assert guest.open("../../file.txt", at=0)[0] in (NOTCAPABLE, NOTDIR)
    assert guest.read(0) == b"inside" and guest.read(file) == BADF


def test_between_two_folders(home: Path, below: Below) -> None:
    """Each of them is its own; to move from one to the other is neither to leave."""
    (home / "other").mkdir()
    with WasiGuest(Wasi(mounts={"/": below.mount, "/other": home / "other"})) as guest:
        assert guest.open("../other/x", rights=FILE, oflags=CREAT)[0] == NOTCAPABLE
        assert guest.open("other/x", rights=FILE, oflags=CREAT)[0] == NOENT
        for name in ("path_rename", "path_link"):
            follow = [0] if name == "path_link" else []
            assert guest(name, 3, *follow, "file.txt", 4, "../x") in (NOTCAPABLE, w.XDEV)
            assert guest(name, 4, *follow, "../granted/file.txt", 4, "x") == NOTCAPABLE
    assert list((home / "other").iterdir()) == []


def test_files_are_no_folders(guest: WasiGuest) -> None:
    file = guest.opened("file.txt", rights=w.ALL & ~(1 << 28), inheriting=w.ALL)
    for path in "..", "x", "../../outside/secret.txt", ".", "/":
        assert guest.open(path, at=file)[0] == NOTDIR
        assert guest("path_unlink_file", file, path) == NOTDIR
        assert guest("path_rename", file, path, 3, "x") == NOTDIR
        assert guest("path_rename", 3, "file.txt", file, path) in (NOTDIR, w.XDEV)
    for slash in "file.txt/", "file.txt/.", "file.txt/..", "file.txt/x":
        assert guest.open(slash)[0] == NOTDIR
        assert guest("path_unlink_file", 3, slash) in (NOTDIR, ISDIR)
        assert guest("path_filestat_get", 3, 0, slash, OUT) == NOTDIR


# ------------------------------------------------------------------ while others rename


def open_it(guest: WasiGuest) -> int:
    errno, fd = guest.open("swapped/secret.txt", follow=FOLLOW)
    if errno == 0:
        assert guest.read(fd) == b"inside"
        guest("fd_close", fd)
    return errno


def write_it(guest: WasiGuest) -> int:
    errno, fd = guest.open("swapped/new.txt", rights=FILE, oflags=CREAT | TRUNC, follow=FOLLOW)
    if errno == 0:
        assert guest.write(fd, b"inside") == 6
        guest("fd_close", fd)
    return errno


def make_and_remove(guest: WasiGuest) -> int:
    errno = guest("path_create_directory", 3, "swapped/empty2")
    return errno or guest("path_remove_directory", 3, "swapped/empty2")


def rename_back_and_forth(guest: WasiGuest) -> int:
    errno = guest("path_rename", 3, "swapped/secret.txt", 3, "swapped/other.txt")
    return errno or guest("path_rename", 3, "swapped/other.txt", 3, "swapped/secret.txt")


def unlink_it(guest: WasiGuest) -> int:
    return guest("path_unlink_file", 3, "swapped/folder/secret.txt")


def touch_it(guest: WasiGuest) -> int:
    return guest("path_filestat_set_times", 3, FOLLOW, "swapped/secret.txt", 1, 1, 5)


def stat_it(guest: WasiGuest) -> int:
    errno = guest("path_filestat_get", 3, FOLLOW, "swapped/secret.txt", OUT)
    assert errno or guest.u64(OUT + 32) == len(b"inside")
    return errno


RACES = [open_it, write_it, make_and_remove, rename_back_and_forth, unlink_it, touch_it, stat_it]


@pytest.mark.parametrize("attempt", RACES, ids=lambda f: f.__name__)
def test_while_a_folder_is_swapped_for_a_link(
    home: Path, attempt: Callable[[WasiGuest], int]
) -> None:
    """A thread swaps a folder for a link to the outside and back, as fast as it can."""
    swapped, kept, link = (home / "granted" / name for name in ("swapped", "kept", "other"))
    (swapped / "folder").mkdir(parents=True)
    (swapped / "secret.txt").write_bytes(b"inside")
    (swapped / "folder" / "secret.txt").write_bytes(b"inside")
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

    seen: Counter[int] = Counter()
    thread = threading.Thread(target=swap)
    with WasiGuest(Wasi(mounts={"/": home / "granted"})) as guest:
        attempt(guest)
        thread.start()
        try:
            for i in range(3000):
                seen[attempt(guest)] += 1
                if i >= 300 and seen[NOTCAPABLE] >= 20 and len(seen) > 1:
                    break
        finally:
            stop.set()
            thread.join()
    assert seen[NOTCAPABLE] and set(seen) <= {0, NOTCAPABLE, NOENT, NOTDIR, EXIST, PERM}, seen
    assert everything(home / "outside") == before
