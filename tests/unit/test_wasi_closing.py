"""When the fds of a WASI program are closed: each once, the newest first, however it ends."""

import contextlib
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import watloom
from below import TYPES
from wasiguest import ALL, BADF, CREAT, FILE, OUT, READ, TEXT, WasiGuest
from watloom.host import HostModule, export
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import StructInst
from watloom.stdlib import confine
from watloom.stdlib.scope import Scope
from watloom.stdlib.vnode import Filetype, OpenFlags, Stat, Vnode
from watloom.stdlib.vnode_struct import struct_of
from watloom.stdlib.wasi import Wasi

pytestmark = pytest.mark.usefixtures("in_both_tiers")

needs_files = pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")


class Recording(Vnode):
    """Notes when something is closed; whatever is opened in it is another of its kind."""

    filetype = Filetype.DIRECTORY

    def __init__(self, name: str, closed: list[str]) -> None:
        self.name = name
        self.log = closed

    def open(self, path: bytes, flags: OpenFlags) -> Vnode:
        return Recording(path.decode(), self.log)

    def close(self) -> None:
        self.log.append(self.name)
        if self.name == "fails":
            raise OSError("this one fails, and the others are closed all the same")
        if self.name == "traps":
            raise watloom.Trap("so does this one")


# Passes all on to another vnode, but closing: for that it calls the host first.
WRAPPER = f"""(module {TYPES}
  (import "env" "closing" (func $closing))
  (global $inner (mut (ref null $vnode)) (ref.null $vnode))
  (elem declare func $close)
  (func $close (type $close)
    (call $closing)
    (call_ref $close (struct.get $vnode $close (global.get $inner))))
  (func (export "wrap") (param $v (ref $vnode)) (result (ref $vnode))
    (global.set $inner (local.get $v))
    (struct.new $vnode
      (struct.get $vnode $open (local.get $v)) (struct.get $vnode $read (local.get $v))
      (struct.get $vnode $write (local.get $v)) (ref.func $close)
      FIELDS)))"""


def wrapped(log: list[str]) -> Callable[[Store], StructInst]:
    """A function that makes a folder in WAT around one that records."""
    from watloom.stdlib.fd_types import FIELDS

    fields = " ".join(f"(struct.get $vnode ${name} (local.get $v))" for name in FIELDS[4:])

    def make(store: Store) -> StructInst:
        imports = {"env": {"closing": lambda: log.append("in WAT")}}
        text = WRAPPER.replace("FIELDS", fields)
        inner = struct_of(Recording("inner", log), Scope(store, 10))
        made: StructInst = watloom.instantiate(text, imports, store=store).exports.wrap(inner)
        return made

    return make


@pytest.fixture
def log() -> list[str]:
    """What was closed, in order."""
    return []


@pytest.fixture
def guest(log: list[str]) -> Iterator[WasiGuest]:
    """A program with folders that record: one that was made for it, and one that was lent."""
    mounts = {"/": lambda store: Recording("made", log), "/lent": Recording("lent", log)}
    guest = WasiGuest(Wasi(mounts=mounts))
    yield guest
    guest.instance.close()


def test_the_newest_first_and_each_once(guest: WasiGuest, log: list[str]) -> None:
    opened = [guest.opened(name, rights=READ) for name in ("a", "b", "fails", "c", "traps", "d")]
    assert opened == [5, 6, 7, 8, 9, 10]
    assert guest("fd_close", opened[1]) == 0
    assert log == ["b"]
    guest.instance.close()
    assert log == ["b", "d", "traps", "c", "fails", "a", "made"]
    guest.instance.close()
    assert len(log) == 7


def test_what_was_lent_stays_open(guest: WasiGuest, log: list[str]) -> None:
    assert guest("fd_close", 4) == 0
    assert guest("fd_close", 4) == guest.open("x", at=4)[0] == BADF
    guest.instance.close()
    assert log == ["made"]


def test_also_after_a_trap(guest: WasiGuest, log: list[str]) -> None:
    with pytest.raises(watloom.Trap), guest:
        guest.opened("a")
        guest.opened("b")
        guest.instance.exports.trap()
    assert log == ["b", "a", "made"]


def test_also_after_an_exit(guest: WasiGuest, log: list[str]) -> None:
    with pytest.raises(watloom.WasiExit), guest:
        guest.opened("a")
        guest.instance.exports.proc_exit(1)
    assert log == ["a", "made"]


def test_also_where_the_start_function_traps(log: list[str]) -> None:
    text = (
        TEXT.rstrip()[:-1]
        + """
      (data (i32.const 0) "a")
      (start $start) (func $start
        (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1)
          (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8)))
        unreachable))"""
    )
    linker = watloom.Linker()
    linker.add(Wasi(mounts={"/": lambda store: Recording("made", log)}))
    with pytest.raises(watloom.Trap):
        linker.instantiate(text)
    assert log == ["a", "made"]


def test_a_provider_in_wat_is_closed_as_well(log: list[str]) -> None:
    guest = WasiGuest(Wasi(mounts={"/": wrapped(log)}))
    with pytest.raises(watloom.Trap), guest:
        guest.opened("a")
        guest.instance.exports.trap()
    assert log == ["a", "in WAT", "inner"]


def test_renumbering_closes_what_had_the_number(guest: WasiGuest, log: list[str]) -> None:
    """What moved is as old as it was, and is closed once."""
    a, b, c = (guest.opened(name, rights=READ) for name in "abc")
    assert guest("fd_renumber", c, a) == 0
    assert log == ["a"]
    assert guest("fd_close", c) == BADF
    assert guest("fd_renumber", a, a) == guest("fd_renumber", b, 3) == 0
    assert log == ["a", "made"]
    guest.instance.close()
    assert log == ["a", "made", "c", "b"]


@pytest.mark.parametrize("call", ["fd_close", "fd_sync", "fd_datasync"])
def test_use_after_close(guest: WasiGuest, call: str) -> None:
    fd = guest.opened("a", rights=ALL & ~(1 << 28))
    assert guest("fd_close", fd) == 0
    assert guest(call, fd) == BADF
    assert guest.read(fd) == BADF and guest("fd_fdstat_get", fd, OUT) == BADF
    assert guest("fd_renumber", fd, 0) == guest("fd_renumber", 0, fd) == BADF


def test_a_number_that_is_used_again_revives_nothing(log: list[str]) -> None:
    """A program holds the struct of an fd beside its number: closed is closed."""
    seen: list[StructInst] = []

    class Handing(Recording):
        def open(self, path: bytes, flags: OpenFlags) -> Vnode:
            node = Recording(path.decode(), self.log)
            assert self.scope is not None
            seen.append(struct_of(node, self.scope))
            return node

    guest = WasiGuest(Wasi(mounts={"/": lambda store: Handing("made", log)}))
    old = guest.opened("old")
    assert guest("fd_close", old) == 0
    assert guest.opened("new") == old
    first, second = seen
    assert first.fields[3]() == BADF and first.fields[8](0) == BADF  # type: ignore[operator]
    assert log == ["old"]
    assert second.fields[3]() == 0  # type: ignore[operator]
    assert guest("fd_close", old) == BADF  # the number was given back; what it stood for is closed
    assert log == ["old", "new"]


# ------------------------------------------------------------------ the host's files


def open_numbers() -> set[int]:
    """The file descriptors of this process."""
    found = set()
    for number in range(256):
        with contextlib.suppress(OSError):
            os.fstat(number)
            found.add(number)
    return found


@needs_files
def test_no_descriptor_is_left(tmp_path: Path) -> None:
    gc.collect()
    before = open_numbers()
    for ending in ("close", "trap", "forgotten"):
        guest = WasiGuest(Wasi(mounts={"/": tmp_path, "/again": tmp_path}))
        for name in "abcd":
            guest.opened(name, oflags=CREAT, rights=FILE)
        guest.folder(".")
        if ending == "trap":
            with pytest.raises(watloom.Trap), guest:
                guest.instance.exports.trap()
        elif ending == "close":
            guest.instance.close()
            assert open_numbers() == before
            assert guest.open("a")[0] == guest.read(5) == BADF
        del guest
        gc.collect()
        assert open_numbers() == before, ending


@needs_files
def test_so_many_at_once(tmp_path: Path) -> None:
    with WasiGuest(Wasi(mounts={"/": tmp_path}, max_open=3)) as guest:
        opened = [guest.open(name, oflags=CREAT, rights=FILE) for name in "abcd"]
        assert [errno for errno, _ in opened] == [0, 0, 0, 33]
        assert not (tmp_path / "d").exists()
        assert guest("fd_close", opened[1][1]) == 0
        assert guest.open("d", oflags=CREAT, rights=FILE) == (0, opened[1][1])


@needs_files
def test_two_programs_have_fds_of_their_own(tmp_path: Path) -> None:
    wasi = Wasi(mounts={"/": tmp_path})
    one, two = WasiGuest(wasi), WasiGuest(wasi)
    file = one.opened("a", oflags=CREAT, rights=FILE)
    assert two("fd_close", file) == BADF
    one.instance.close()
    assert two.opened("a") == file
    two.instance.close()


def test_a_mistake_of_the_hosts_keeps_nothing_from_being_closed(log: list[str]) -> None:
    """Neither other fds nor what other modules have open; it is raised after that."""

    class Mistaken(Recording):
        def close(self) -> None:
            super().close()
            raise ValueError("nobody expects this")

    class Other(HostModule, name="other"):
        @export
        def nothing(self) -> None: ...

        def close(self) -> None:
            log.append("the other module")

    linker = watloom.Linker()
    linker.add(Other())
    linker.add(
        Wasi(mounts={"/a": lambda _: Recording("a", log), "/b": lambda _: Mistaken("b", log)})
    )
    text = TEXT.replace("(module", '(module (import "other" "nothing" (func))', 1)
    instance = linker.instantiate(text)
    with pytest.raises(ValueError, match="nobody expects this"):
        instance.close()
    assert log == ["b", "a", "the other module"]


def test_a_scope_closes_all(log: list[str]) -> None:
    scope = Scope(Store(), 10)
    root = scope.add_root(Recording("root", log))
    nodes = [scope.add(Recording(name, log)) for name in ("a", "traps", "fails", "b")]
    scope.close()
    assert log == ["b", "fails", "traps", "a", "root"]
    assert all(node.closed for node in [root, *nodes])


def test_what_fails_right_after_it_was_opened(log: list[str]) -> None:
    """It has a number already, by which it is closed with the program."""

    class Halfway(Recording):
        def open(self, path: bytes, flags: OpenFlags) -> Vnode:
            return Halfway(path.decode(), self.log)

        def stat(self) -> Stat:
            raise watloom.Trap("asked what it is")

    guest = WasiGuest(Wasi(mounts={"/": lambda store: Halfway("made", log)}))
    with pytest.raises(watloom.Trap, match="asked what it is"):
        guest.open("file")
    guest.instance.close()
    assert log == ["file", "made"]
