"""The fd module: when files are closed, and what a copied machine has of them."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import watloom
from fdguest import CREATE, GUEST, TYPES, WRITE, Guest
from watloom.interp.host.module import _HostInstance
from watloom.interp.machine.snapshot import SnapshotError, snapshot
from watloom.stdlib import confine
from watloom.stdlib.fd import FdModule, _FdFunctions
from watloom.stdlib.native import HostFolder
from watloom.stdlib.vnode_struct import node_of

pytestmark = pytest.mark.usefixtures("in_both_tiers")

needs_files = pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")

BADF = 8


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


def number(fd: Any) -> int:
    """The host's descriptor behind a file's fd."""
    return int(node_of(fd).handle.number)  # type: ignore[union-attr]


def is_open(descriptor: int) -> bool:
    """Whether this process has it open."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


@needs_files
def test_close_once(guest: Guest) -> None:
    granted = guest.preopen()
    fd = guest.open(granted, "letter.txt")[1]
    descriptor = number(fd)
    assert (guest.close(fd), guest.close(fd)) == (0, BADF)
    assert not is_open(descriptor)
    assert (guest.read(fd), guest.write(fd, b"x")) == (-BADF, -BADF)
    assert guest.open(fd, "x") == (BADF, None)
    # The number is the next file's now, which is not to be closed by closing the old one again.
    other = guest.open(granted, "letter.txt")[1]
    assert number(other) == descriptor
    assert guest.close(fd) == BADF
    assert guest.read(other) == b"Dear Ada"


@needs_files
def test_closing_one_fd_closes_no_other(guest: Guest) -> None:
    one, other = guest.preopen(), guest.preopen()
    assert (guest.close(one), guest.close(one)) == (0, BADF)
    assert guest.open(one, "letter.txt") == (BADF, None)
    assert guest.open(other, "letter.txt")[0] == 0
    assert guest.open(guest.preopen(), "letter.txt")[0] == 0
    sub = guest.opened("sub")
    below = guest.open(sub, "x", CREATE | WRITE)[1]
    guest.close(sub)
    assert guest.open(sub, "x") == (BADF, None)
    assert guest.write(below, b"x") == 1
    for name in "stdin", "stdout", "stderr", "random":
        fd = guest.call[name]()
        assert (guest.close(fd), guest.close(fd)) == (0, BADF)
        assert guest.read(fd) == guest.write(fd, b"x") == -BADF
    assert guest.write(guest.call.stdout(), b"x") == 1


@needs_files
def test_closing_the_instance_closes_what_is_left_the_newest_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = Guest(FdModule([folder]))
    files = [guest.opened("letter.txt") for _ in range(4)]
    numbers = [number(fd) for fd in files]
    guest.close(files[1])
    closed: list[int] = []
    close = os.close

    def recording(descriptor: int) -> None:
        closed.append(descriptor)
        close(descriptor)
        if descriptor == numbers[2]:
            raise OSError("this one fails, and the others are closed all the same")

    monkeypatch.setattr(os, "close", recording)
    guest.instance.close()
    monkeypatch.undo()
    assert closed[:3] == [numbers[3], numbers[2], numbers[0]]
    assert len(closed) == 4  # and the granted folder
    assert not any(map(is_open, numbers))
    assert guest.read(files[0]) == -BADF
    assert guest.open(guest.preopen(), "letter.txt") == (BADF, None)
    assert guest.read(guest.call.stdin()) == -BADF
    guest.instance.close()


@needs_files
def test_an_fd_that_nobody_has_is_closed(guest: Guest) -> None:
    fd = guest.opened("letter.txt")
    descriptor = number(fd)
    del fd
    gc.collect()
    assert not is_open(descriptor)


@needs_files
def test_a_forgotten_instance_closes(folder: Path) -> None:
    guest = Guest(FdModule([folder]))
    fd = guest.opened("letter.txt")
    descriptor = number(fd)
    del guest
    gc.collect()
    assert is_open(descriptor)
    del fd
    gc.collect()
    assert not is_open(descriptor)


@needs_files
def test_a_start_function_that_traps_leaves_nothing_open(folder: Path) -> None:
    kept: list[Any] = []
    text = f"""(module {TYPES}
      (import "env" "keep" (func $keep (param (ref null $fd))))
      (memory 1) (data (i32.const 0) "letter.txt")
      (start $start) (func $start (local $fd (ref null $fd))
        (call_ref $open (i32.const 0) (i32.const 10) (i32.const 0)
          (struct.get $fd $open (call $preopen (i32.const 0))))
        (local.set $fd) (drop) (call $keep (local.get $fd)) (unreachable)))"""
    linker = watloom.Linker()
    linker.define("fd", FdModule([folder]))
    linker.define("env", "keep", kept.append)
    with pytest.raises(watloom.Trap, match="unreachable"):
        linker.instantiate(text)
    assert number(kept[0]) == -1


@needs_files
def test_two_instances_of_one_linker_share_a_module(folder: Path) -> None:
    linker = watloom.Linker()
    module = FdModule([folder], stdin=b"abcd")
    one = Guest(module, linker)
    two = linker.instantiate(GUEST)
    assert one.instance.exports.preopen is two.exports.preopen
    one.instance.close()
    fd = one.opened("letter.txt")
    assert one.read(fd) == b"Dear Ada"
    two.close()
    assert one.read(fd) == -BADF
    # Another linker, another store, the same grant: an instance of its own.
    other = Guest(module)
    assert other.read(other.opened("letter.txt")) == b"Dear Ada"


def test_snapshots() -> None:
    """A machine that holds an fd can be copied, but not written down: a file has no name."""
    linker = watloom.Linker()
    linker.define("fd", FdModule(stdin=b"abc"))
    instance = linker.instantiate(
        f"""(module {TYPES} (memory 1) (func (export "f") (result i32) (local $fd (ref null $fd))
          (local.set $fd (call $stdin))
          (call_ref $read (i32.const 0) (i32.const 2) (struct.get $fd $read (local.get $fd)))))"""
    )
    machine = instance.start("f")
    assert snapshot(machine)
    machine.run(until=lambda m: m.instr is not None and m.instr.op.mnemonic == "struct.get")
    copy = machine.copy()
    machine.run()
    copy.run()
    assert (machine.results, copy.results) == ((2,), (1,))
    machine = instance.start("f")
    machine.run(until=lambda m: m.instr is not None and m.instr.op.mnemonic == "struct.get")
    with pytest.raises(SnapshotError, match="could not be found again"):
        snapshot(machine)


def test_what_is_open_stays_with_the_original(folder: Path) -> None:
    """A copy of the machine uses the same functions; the instance it reaches has no files."""
    linker = watloom.Linker()
    linker.define("fd", FdModule([folder], stdin=b"abc"))
    types = TYPES.partition('(import "fd"')[0]
    instance = linker.instantiate(
        f"""(module $m {types}
          (import "fd" (instance $fd (alias outer $m $fd (type $fd))
            (export "stdin" (func (result (ref $fd))))))
          (memory 1)
          (func (export "f") (result i32) (call_ref $read (i32.const 0) (i32.const 2)
            (struct.get $fd $read (call (func $fd "stdin"))))))"""
    )
    machine = instance.start("f")
    copy = machine.copy()
    assert snapshot(machine)
    fd, copied = machine.pending.module.instances[0], copy.pending.module.instances[0]
    copied.close()
    assert isinstance(fd, _HostInstance) and isinstance(fd.module, _FdFunctions)
    assert not fd.module.scope.closed
    root = fd.module.folders[0]
    assert isinstance(root, HostFolder) and is_open(root.number)
    copy.run()
    machine.run()
    assert (copy.results, machine.results) == ((2,), (1,))
