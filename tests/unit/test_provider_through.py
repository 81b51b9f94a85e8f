"""Providers over a folder: read-only, logged, with a quota, and faulty."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from watloom.interp.host.errnos import Errno, errno_of
from watloom.stdlib import confine
from watloom.stdlib.native import HostFolder
from watloom.stdlib.providers.faulty import Chance, Fault, faulty
from watloom.stdlib.providers.logged import Record, logged
from watloom.stdlib.providers.quota import Quota, quota
from watloom.stdlib.providers.readonly import readonly
from watloom.stdlib.vnode import FdFlags, Filetype, FstFlags, OpenFlags, Vnode

pytestmark = pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")

NEW = OpenFlags.CREATE | OpenFlags.WRITE | OpenFlags.READ
WRITE = OpenFlags.WRITE | OpenFlags.READ


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[HostFolder]:
    (tmp_path / "a.txt").write_bytes(b"0123456789")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.txt").write_bytes(b"b")
    (tmp_path / "link").symlink_to("a.txt")
    found = HostFolder(confine.open_root(str(tmp_path)))
    yield found
    found.close()


def tree(path: Path) -> dict[str, object]:
    """All that is below a folder: texts, targets, times of change."""
    return {
        str(p.relative_to(path)): (
            p.readlink() if p.is_symlink() else p.read_bytes() if p.is_file() else "folder",
            p.lstat().st_mtime_ns,
            p.lstat().st_nlink,
        )
        for p in sorted(path.rglob("*"))
    }


def refused(call: object, *args: object) -> Errno | None:
    """The errno that a call answers."""
    try:
        call(*args)  # type: ignore[operator]
    except OSError as error:
        return Errno(errno_of(error))
    return None


# ------------------------------------------------------------------ read-only


def test_nothing_can_be_changed_in_a_read_only_folder(folder: HostFolder, tmp_path: Path) -> None:
    before = tree(tmp_path)
    ro = readonly(folder)
    file = ro.open(b"a.txt", OpenFlags.READ)
    now = FstFlags.ATIM_NOW | FstFlags.MTIM_NOW
    attempts = {
        "create": (ro.open, b"new", NEW),
        "create for reading": (ro.open, b"new", OpenFlags.CREATE),
        "write": (ro.open, b"a.txt", OpenFlags.WRITE),
        "append": (ro.open, b"a.txt", OpenFlags.WRITE | OpenFlags.APPEND),
        "truncate": (ro.open, b"a.txt", OpenFlags.WRITE | OpenFlags.TRUNCATE),
        "truncate through a link": (
            ro.open,
            b"link",
            WRITE | OpenFlags.TRUNCATE | OpenFlags.FOLLOW,
        ),
        "mkdir": (ro.mkdir, b"new"),
        "rmdir": (ro.rmdir, b"sub"),
        "unlink": (ro.unlink, b"a.txt"),
        "rename": (ro.rename, b"a.txt", ro, b"c.txt"),
        "link": (ro.link, b"a.txt", False, ro, b"c.txt"),
        "symlink": (ro.symlink, b"a.txt", b"c.txt"),
        "times": (ro.set_times, 0, 0, now),
        "times of a path": (ro.set_times_at, b"a.txt", True, 0, 0, now),
        "times of a file": (file.set_times, 0, 0, now),
        "size": (file.set_size, 0),
        "room": (file.allocate, 0, 100),
        "write to a file": (file.write, b"x"),
        "write somewhere": (file.pwrite, b"x", 0),
        "in a subfolder": (ro.open(b"sub", OpenFlags.DIRECTORY).unlink, b"b.txt"),
    }
    assert {name: refused(*attempt) for name, attempt in attempts.items()} == dict.fromkeys(
        attempts, Errno.ROFS
    )
    assert tree(tmp_path) == before


def test_all_can_be_read_in_a_read_only_folder(folder: HostFolder) -> None:
    ro = readonly(folder)
    file = ro.open(b"link", OpenFlags.READ | OpenFlags.FOLLOW)
    assert (file.read(4), file.pread(4, 8), file.seek(0, 1)) == (b"0123", b"89", 4)
    assert ro.open(b"a.txt", OpenFlags.CREATE).read(1) == b"0"  # it is there already
    assert refused(ro.open, b"a.txt", OpenFlags.CREATE | OpenFlags.EXCLUSIVE) is Errno.EXIST
    assert ro.readlink(b"link") == b"a.txt"
    assert ro.stat_at(b"sub", True).filetype is Filetype.DIRECTORY
    assert {entry.name for entry in ro.readdir(0)} == {b".", b"..", b"a.txt", b"link", b"sub"}


# ------------------------------------------------------------------ logged


def test_a_logged_folder_tells_each_call(folder: HostFolder) -> None:
    lines: list[str] = []
    log = logged(folder, lambda record: lines.append(str(record)))
    sub = log.open(b"sub", OpenFlags.DIRECTORY)
    file = sub.open(b"new\n.txt", NEW)
    file.write(b"dear reader")
    refused(log.open, b"nothing", OpenFlags.READ)
    file.set_flags(FdFlags.APPEND)
    list(log.readdir(0))
    file.shut()
    assert lines == [
        "open(b'sub', DIRECTORY) -> sub",
        "sub: open(b'new\\n.txt', CREATE|WRITE|READ) -> sub/new\\n.txt",
        "sub/new\\n.txt: write(b'dear reader') -> 11",
        "open(b'nothing', READ) -> NOENT",
        "sub/new\\n.txt: set_flags(APPEND)",
        "readdir(0) -> 5 entries",
        "sub/new\\n.txt: close()",
    ]


def test_records_are_typed(folder: HostFolder) -> None:
    records: list[Record] = []
    log = logged(folder, records.append)
    log.mkdir(b"made")
    refused(log.mkdir, b"made")
    assert records == [
        Record("", "mkdir", (b"made",)),
        Record("", "mkdir", (b"made",), errno=Errno.EXIST),
    ]


def test_a_logger_gets_lines(folder: HostFolder, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logged(folder, logging.getLogger("files")).unlink(b"a.txt")
    assert caplog.messages == ["unlink(b'a.txt')"]


# ------------------------------------------------------------------ quota


def test_a_quota_counts_what_is_there(folder: HostFolder, tmp_path: Path) -> None:
    (tmp_path / "again.txt").hardlink_to(tmp_path / "a.txt")
    assert quota(folder, 100).used == 11


def test_a_write_beyond_the_quota_is_cut_and_then_refused(folder: HostFolder) -> None:
    limited = quota(folder, 20)
    file = limited.open(b"new", NEW)
    assert file.write(b"x" * 15) == 9
    assert refused(file.write, b"x") is Errno.DQUOT
    assert refused(file.pwrite, b"x", 100) is Errno.DQUOT
    assert file.pwrite(b"over", 0) == 4  # needs no room
    assert refused(file.set_size, 10) is Errno.DQUOT
    assert refused(file.allocate, 0, 10) is Errno.DQUOT
    file.set_size(4)
    assert limited.used == 15
    assert file.pwrite(b"123456", 5) == 4  # a hole counts as what it makes of the file
    assert limited.used == 20 and file.stat().size == 9


def test_appending_counts_from_the_end(folder: HostFolder) -> None:
    limited = quota(folder, 15)
    file = limited.open(b"a.txt", OpenFlags.WRITE | OpenFlags.APPEND)
    assert file.write(b"abcdefgh") == 4
    assert limited.used == 15


@pytest.mark.parametrize(
    ("change", "used"),
    [
        (lambda q: q.unlink(b"a.txt"), 1),
        (lambda q: q.open(b"link", WRITE | OpenFlags.TRUNCATE | OpenFlags.FOLLOW), 1),
        (lambda q: q.rename(b"sub/b.txt", q, b"a.txt"), 1),
        (lambda q: q.rename(b"a.txt", q, b"c.txt"), 11),
        (lambda q: q.rename(b"a.txt", q, b"a.txt"), 11),
        (lambda q: (q.link(b"a.txt", False, q, b"two"), q.unlink(b"a.txt")), 11),
        (lambda q: refused(q.unlink, b"sub"), 11),
    ],
)
def test_room_comes_back(folder: HostFolder, change: object, used: int) -> None:
    limited = quota(folder, 100)
    change(limited)  # type: ignore[operator]
    assert limited.used == used == quota(folder, 100).used


def test_two_quotas_are_two_file_systems(folder: HostFolder) -> None:
    one, other = quota(folder, 100), quota(folder, 100)
    assert refused(one.rename, b"a.txt", other, b"b.txt") is Errno.XDEV
    assert refused(one.rename, b"a.txt", folder, b"b.txt") is Errno.XDEV
    assert isinstance(one.open(b"sub", OpenFlags.DIRECTORY), Quota)
    with pytest.raises(ValueError, match="a quota is a number of bytes, and not -1"):
        quota(folder, -1)


# ------------------------------------------------------------------ faults


def outcomes(folder: Vnode, count: int) -> list[int | Errno | None]:
    """What so many writes of four bytes give."""
    file = folder.open(b"new", NEW)
    found: list[int | Errno | None] = []
    for _ in range(count):
        try:
            found.append(file.write(b"abcd"))
        except OSError as error:
            found.append(Errno(errno_of(error)))
    return found


def test_a_fault_is_met_when_it_is_its_turn(folder: HostFolder) -> None:
    fault = Fault("write", Errno.NOSPC, after=1, times=2)
    assert outcomes(faulty(folder, fault), 4) == [4, Errno.NOSPC, Errno.NOSPC, 4]


def test_writes_and_reads_can_be_short(folder: HostFolder) -> None:
    bad = faulty(folder, Fault("write", short=1, times=None), Fault("pread", short=2))
    assert outcomes(bad, 2) == [1, 1]
    file = bad.open(b"a.txt", OpenFlags.READ)
    assert (file.pread(5, 3), file.pread(5, 3)) == (b"34", b"34567")


def test_a_fault_may_be_about_one_path(folder: HostFolder) -> None:
    bad = faulty(folder, Fault("unlink", Errno.PERM, path=b"a.txt", times=None))
    assert refused(bad.unlink, b"sub/b.txt") is None
    assert refused(bad.unlink, b"a.txt") is Errno.PERM


def test_chance_is_the_same_for_a_seed(folder: HostFolder) -> None:
    first, again, other = (
        outcomes(faulty(folder, Chance(0.5, seed)), 40)[1:]
        if refused(faulty(folder, Chance(0.0)).stat) is None
        else []
        for seed in (5, 5, 5)
    )
    assert first == again == other
    assert {4, Errno.IO} == set(first)


@pytest.mark.parametrize("wrong", [{"operation": "fly"}, {"operation": "mkdir", "short": 1}])
def test_a_fault_has_to_make_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"no operation 'fly'|mkdir moves no bytes"):
        Fault(**wrong)  # type: ignore[arg-type]
