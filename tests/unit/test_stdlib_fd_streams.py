"""The fd module: streams, and pointers outside of memory."""

import contextlib
import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest

import watloom
from fdguest import TYPES, Guest
from watloom.stdlib import confine
from watloom.stdlib.fd import FdModule

pytestmark = pytest.mark.usefixtures("in_both_tiers")

needs_files = pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")

BADF = 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to grant."""
    (tmp_path / "granted" / "sub").mkdir(parents=True)
    (tmp_path / "granted" / "letter.txt").write_bytes(b"Dear Ada")
    return tmp_path / "granted"


# ------------------------------------------------------------------ streams


class Slow(io.RawIOBase):
    """Takes and gives two bytes at a time."""

    def __init__(self) -> None:
        self.taken = b""
        self.left = b"abcde"

    def write(self, data: Any) -> int:
        self.taken += bytes(data[:2])
        return len(data[:2])

    def read(self, n: int = -1) -> bytes:
        given, self.left = self.left[: min(n, 2)], self.left[min(n, 2) :]
        return given


def test_short_reads_and_writes() -> None:
    slow = Slow()
    guest = Guest(FdModule(stdin=slow, stdout=slow, stderr=slow))
    assert guest.write(guest.call.stdout(), b"xyz") == 2
    assert guest.write(guest.call.stderr(), b"z") == 1
    assert slow.taken == b"xyz"
    stdin = guest.call.stdin()
    assert [guest.read(stdin, n) for n in (10, 1, 10, 10)] == [b"ab", b"c", b"de", b""]


def test_streams_may_be_bytes_or_files(folder: Path) -> None:
    out, err = io.BytesIO(), io.BytesIO()
    guest = Guest(FdModule(stdin=b"typed", stdout=out, stderr=err))
    assert guest.read(guest.call.stdin(), 2) == b"ty"
    assert guest.read(guest.call.stdin()) == b"ped"
    guest.write(guest.call.stdout(), b"out")
    guest.write(guest.call.stderr(), b"err")
    assert (out.getvalue(), err.getvalue()) == (b"out", b"err")
    with open(folder / "log", "wb") as file, open(folder / "letter.txt", "rb") as letter:
        guest = Guest(FdModule(stdin=letter, stdout=file))
        assert guest.read(guest.call.stdin(), 4) == b"Dear"
        guest.write(guest.call.stdout(), b"at once")
        assert (folder / "log").read_bytes() == b"at once"


def test_a_text_file_is_no_stream() -> None:
    for grant in (
        {"stdout": io.StringIO()},
        {"stdin": io.StringIO("x")},
        {"stdin": "x"},
        {"stderr": 2},
    ):
        with pytest.raises(TypeError, match="binary"):
            FdModule(**grant)  # type: ignore[arg-type]


class Failing:
    """Raises on every use."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def read(self, n: int) -> bytes:
        raise self.error

    def write(self, data: bytes) -> int:
        raise self.error


def test_a_stream_that_fails_gives_an_errno() -> None:
    pipe = Failing(BrokenPipeError(errno.EPIPE, "broken pipe"))
    closed = io.BytesIO()
    closed.close()
    guest = Guest(FdModule(stdin=pipe, stdout=pipe, stderr=closed))
    assert guest.read(guest.call.stdin()) == -64
    assert guest.write(guest.call.stdout(), b"x") == -64
    assert guest.write(guest.call.stderr(), b"x") == -BADF
    with open(os.devnull, "rb") as reading:
        guest = Guest(FdModule(stdout=reading, random=Failing(OSError("without a number"))))
        assert guest.write(guest.call.stdout(), b"x") == -BADF
        assert guest.read(guest.call.random()) == -29


def test_a_hosts_own_exception_passes_through() -> None:
    guest = Guest(
        FdModule(stdin=Failing(KeyboardInterrupt()), stdout=Failing(RuntimeError("mine")))
    )  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        guest.read(guest.call.stdin())
    with pytest.raises(RuntimeError, match="mine"):
        guest.write(guest.call.stdout(), b"x")


def test_a_pipe_that_is_not_ready() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    with open(reading, "rb", buffering=0) as stdin, open(writing, "wb") as stdout:
        guest = Guest(FdModule(stdin=stdin, stdout=stdout))
        assert guest.read(guest.call.stdin()) == -6
        guest.call.memory.grow(20)
        written = guest.write(guest.call.stdout(), bytes(1 << 20))
        assert written == -6 or 0 < written < 1 << 20
        guest.read(guest.call.stdin(), 1 << 20)
        with contextlib.suppress(BlockingIOError):
            stdout.flush()
        while guest.read(guest.call.stdin(), 1 << 20) != -6:
            pass


def test_random_bytes_can_be_chosen() -> None:
    guest = Guest(FdModule(random=io.BytesIO(bytes(range(10)))))
    assert guest.read(guest.call.random(), 4) == bytes(range(4))
    assert guest.read(guest.call.random(), 40) == bytes(range(4, 10))


def test_random_bytes_are_the_systems_otherwise() -> None:
    guest = Guest(FdModule())
    first, second = guest.read(guest.call.random(), 32), guest.read(guest.call.random(), 32)
    assert isinstance(first, bytes) and len(first) == 32
    assert first != second


# ------------------------------------------------------------------ bounds


OUTSIDE = [(65536, 1), (65535, 2), (0, 65537), (-1, 1), (-1, -1), (0, -1), (4, -4), (65537, 0)]


@needs_files
@pytest.mark.parametrize(("start", "length"), OUTSIDE)
@pytest.mark.parametrize("which", ["file", "preopen", "stdin", "stdout", "random", "closed"])
def test_pointers_outside_of_memory_trap(folder: Path, which: str, start: int, length: int) -> None:
    stdout = io.BytesIO()
    guest = Guest(FdModule([folder], stdin=b"x", stdout=stdout))
    match which:
        case "file":
            fd = guest.opened("letter.txt")
        case "closed":
            fd = guest.preopen()
            guest.close(fd)
        case _:
            fd = guest.call[which](*[0] * (which == "preopen"))
    for call, rest in ("read", ()), ("write", ()), ("open", (0,)):
        with pytest.raises(watloom.Trap, match=r"^out of bounds memory access") as trap:
            guest.call[call](fd, start, length, *rest)
        assert trap.value.stack
    assert stdout.getvalue() == b""
    # … and it goes on after that
    assert guest.read(guest.call.stdin()) == b"x"


def test_the_last_byte_of_memory() -> None:
    guest = Guest(FdModule(stdin=b"ab"))
    stdin = guest.call.stdin()
    assert guest.call.read(stdin, 65536, 0) == 0
    assert guest.call.read(stdin, 65535, 1) == 1
    assert guest.call.memory[65535:65536] == b"a"


def test_the_memory_is_that_of_the_code_that_calls() -> None:
    """Two modules with a memory each call the same fd."""
    linker = watloom.Linker()
    one = Guest(FdModule(stdin=b"abcdef"), linker)
    two = Guest(FdModule(), linker)
    stdin = one.call.stdin()
    assert one.read(stdin, 2) == b"ab"
    assert two.read(stdin, 2) == b"cd"
    assert one.call.memory[0:4] == b"ab\0\0"


def test_without_a_memory_it_traps() -> None:
    linker = watloom.Linker()
    linker.define("fd", FdModule())
    instance = linker.instantiate(
        f"""(module {TYPES} (func (export "f") (result i32)
          (call_ref $read (i32.const 0) (i32.const 0) (struct.get $fd $read (call $stdin)))))"""
    )
    with pytest.raises(watloom.Trap, match="no memory"):
        instance.exports.f()
    with pytest.raises(watloom.Trap, match="no memory"):
        FdModule().instantiate(watloom.Store()).exports["stdin"]().fields[1](0, 0)  # type: ignore[operator]


def test_a_memory_that_grows_while_bytes_are_awaited() -> None:
    class Grower:
        def read(self, n: int) -> bytes:
            guest.call.memory.grow(20)
            return b"late"

    guest = Guest(FdModule(stdin=Grower()))
    assert guest.read(guest.call.stdin(), 4) == b"late"


def test_a_stream_that_cannot_count_is_the_hosts_mistake() -> None:
    class Generous:
        def read(self, n: int) -> bytes:
            return bytes(n + 1)

        def write(self, data: bytes) -> int:
            return len(data) + 1

    guest = Guest(FdModule(stdin=Generous(), stdout=Generous()))
    with pytest.raises(ValueError, match="gave 5 bytes where 4"):
        guest.read(guest.call.stdin(), 4)
    with pytest.raises(ValueError, match="took 5 bytes where 4"):
        guest.write(guest.call.stdout(), b"four")
