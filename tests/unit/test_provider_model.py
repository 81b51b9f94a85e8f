"""Random histories of a file, through each provider and stacks of them, against plain bytes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import block_files
from disk import Disk
from stacks import KEY, STACKS
from watloom.interp.runtime.store import Store, Tier
from watloom.stdlib.vnode import OpenFlags, Vnode

CREATE, APPEND = OpenFlags.CREATE, OpenFlags.APPEND
RW = OpenFlags.WRITE | OpenFlags.READ
NAME = b"file"

# Places around the ends of blocks of both sizes, and anywhere else.
EDGES = (0, 1, 4095, 4096, 4097, 8192, 16383, 16384, 16385, 20000)
PLACES = st.sampled_from(EDGES) | st.integers(0, 20_000)
COUNTS = st.integers(0, 40) | st.integers(0, 9000) | st.sampled_from((4096, 16384))
SMALL = st.integers(0, 5000), st.integers(0, 300)

Step = tuple[Any, ...]


def steps(places: st.SearchStrategy[int], counts: st.SearchStrategy[int]) -> Any:
    """Histories: which fd, what it does, where, how much."""
    fd = st.integers(0, 1)
    return st.lists(
        st.one_of(
            st.tuples(st.just("pwrite"), fd, places, counts, st.integers(0, 255)),
            st.tuples(st.just("pread"), fd, places, counts),
            st.tuples(st.just("set_size"), fd, places),
            st.tuples(st.just("allocate"), fd, places, counts.map(lambda n: n + 1)),
            st.tuples(st.just("write"), fd, counts, st.integers(0, 255)),
            st.tuples(st.just("read"), fd, counts),
            st.tuples(st.just("seek"), fd, st.integers(-300, 300), st.integers(0, 2)),
            st.tuples(st.just("append"), counts, st.integers(0, 255)),
            st.tuples(st.just("truncate")),
            st.tuples(st.just("reopen"), fd),
        ),
        min_size=1,
        max_size=25,
    )


def noise(count: int, seed: int) -> bytes:
    """Bytes that compress, but not to nothing."""
    return bytes((seed * i * i >> 3) & 0xFF if i % 7 else seed for i in range(count))


class Model:
    """What a file is, and where each of its two fds stands."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.at = [0, 0]

    def resize(self, size: int) -> None:
        self.data.extend(bytes(max(0, size - len(self.data))))
        del self.data[size:]

    def pwrite(self, text: bytes, at: int) -> int:
        if text:
            self.resize(max(len(self.data), at))
            self.data[at : at + len(text)] = text
        return len(text)

    def do(self, step: Step) -> Any:
        match step:
            case ("pwrite", _, at, count, seed):
                return self.pwrite(noise(count, seed), at)
            case ("pread", _, at, count):
                return bytes(self.data[at : at + count])
            case ("set_size", _, size):
                self.resize(size)
            case ("allocate", _, at, count):
                self.resize(max(len(self.data), at + count))
            case ("write", fd, count, seed):
                done = self.pwrite(noise(count, seed), self.at[fd])
                self.at[fd] += done
                return done
            case ("read", fd, count):
                found = bytes(self.data[self.at[fd] : self.at[fd] + count])
                self.at[fd] += len(found)
                return found
            case ("seek", fd, offset, whence):
                to = (0, self.at[fd], len(self.data))[whence] + offset
                if to < 0:
                    return None
                self.at[fd] = to
                return to
            case ("append", count, seed):
                return self.pwrite(noise(count, seed), len(self.data))
            case ("truncate",):
                self.data.clear()
            case ("reopen", fd):
                self.at[fd] = 0
        return None


class Real:
    """The same with a provider."""

    def __init__(self, folder: Vnode) -> None:
        self.folder = folder
        self.fds = [folder.open(NAME, CREATE | RW) for _ in range(2)]

    def do(self, step: Step) -> Any:
        match step:
            case ("pwrite", fd, at, count, seed):
                return self.fds[fd].pwrite(noise(count, seed), at)
            case ("pread", fd, at, count):
                return self.fds[fd].pread(count, at)
            case ("set_size", fd, size):
                return self.fds[fd].set_size(size)
            case ("allocate", fd, at, count):
                return self.fds[fd].allocate(at, count)
            case ("write", fd, count, seed):
                return self.fds[fd].write(noise(count, seed))
            case ("read", fd, count):
                return self.fds[fd].read(count)
            case ("seek", fd, offset, whence):
                try:
                    return self.fds[fd].seek(offset, whence)
                except OSError:
                    return None
            case ("append", count, seed):
                return self.folder.open(NAME, RW | APPEND).write(noise(count, seed))
            case ("truncate",):
                self.folder.open(NAME, RW | OpenFlags.TRUNCATE)
            case ("reopen", fd):
                self.fds[fd].shut()
                self.fds[fd] = self.folder.open(NAME, RW)
        return None


def check(stack: str, store: Store, history: list[Step]) -> Disk:
    disk = Disk()
    model, real = Model(), Real(STACKS[stack](disk.root, store))
    for step in history:
        assert real.do(step) == model.do(step), step
        assert real.fds[0].stat().size == len(model.data), step
    assert real.fds[1].pread(1 << 20, 0) == bytes(model.data)
    assert real.folder.stat_at(NAME, False).size == len(model.data)
    # What was there once does not stay there for ever.
    if stack in ("encrypt", "compress"):
        assert len(disk.files[NAME]) < 8 * len(model.data) + 300_000
    if stack == "encrypt":
        assert block_files.decrypted(bytes(disk.files[NAME]), KEY) == bytes(model.data)
    if stack == "compress":
        assert block_files.unpacked(bytes(disk.files[NAME])) == bytes(model.data)
    return disk


FAST = Store()


@pytest.mark.parametrize("stack", ["encrypt", "compress"])
@settings(deadline=None, max_examples=60)
@given(history=steps(PLACES, COUNTS))
def test_a_provider_is_a_file(stack: str, history: list[Step]) -> None:
    check(stack, FAST, history)


@pytest.mark.parametrize("stack", [name for name in STACKS if " over " in name])
@settings(deadline=None, max_examples=12)
@given(history=steps(*SMALL))
def test_a_stack_is_a_file(stack: str, history: list[Step]) -> None:
    check(stack, FAST, history)


@pytest.mark.parametrize("stack", ["encrypt", "compress", "compress over encrypt"])
@settings(deadline=None, max_examples=2)
@given(history=steps(st.integers(0, 300), st.integers(0, 100)))
def test_the_reference_machine_does_the_same(stack: str, history: list[Step]) -> None:
    tier: Tier = "reference"
    check(stack, Store(tier=tier), history[:6])


def test_a_long_history_of_small_writes_makes_the_log_shorter_again() -> None:
    small = [("pwrite", i % 2, i * 37 % 900, 50, i % 256) for i in range(600)]
    disk = check("encrypt", FAST, small)
    assert len(disk.files[NAME]) < 50_000
    cuts: list[Step] = []
    for i in range(60):
        cuts += [
            ("set_size", 0, 9000 - i * 100),
            ("pwrite", 1, 5000, 3000, i),
            ("set_size", 1, 7000),
        ]
    check("encrypt", FAST, cuts)
    check("compress", FAST, cuts)
