"""A crash in the middle of any write below leaves a file as it was before the call, or after it.

So it is with a write, a change of size, a truncation, and with what is moved when a log is made
shorter.
"""

import contextlib
from collections.abc import Callable

import pytest

from disk import Crash, Disk
from stacks import STACKS
from watloom.interp.host.errnos import Errno, errno_of
from watloom.interp.runtime.store import Store
from watloom.stdlib.vnode import OpenFlags, Vnode

CREATE, TRUNCATE, APPEND = OpenFlags.CREATE, OpenFlags.TRUNCATE, OpenFlags.APPEND
RW = OpenFlags.WRITE | OpenFlags.READ
NAME = b"file"
OLD = bytes(i * i % 251 for i in range(6000))

#: What is done to a file whose text is OLD.
OPERATIONS: dict[str, Callable[[Vnode], object]] = {
    "overwrite the middle": lambda folder: folder.open(NAME, RW).pwrite(b"new" * 100, 3000),
    "overwrite several blocks": lambda folder: folder.open(NAME, RW).pwrite(b"new" * 1990, 7),
    "append": lambda folder: folder.open(NAME, RW | APPEND).write(b"new" * 2000),
    "write beyond the end": lambda folder: folder.open(NAME, RW).pwrite(b"new", 20_000),
    "cut": lambda folder: folder.open(NAME, RW).set_size(4100),
    "fill up": lambda folder: folder.open(NAME, RW).set_size(9000),
    "truncate when it is opened": lambda folder: folder.open(NAME, RW | TRUNCATE),
}  # fmt: skip


def contents(folder: Vnode) -> bytes | Errno:
    try:
        return folder.open(NAME, OpenFlags(0)).read(100_000)
    except OSError as error:
        return Errno(errno_of(error))


class Crasher:
    """Does an operation again and again, interrupted a little later each time."""

    def __init__(self, stack: str) -> None:
        self.disk, self.store = Disk(), Store()
        # What crashed is not used any more; another instance looks at what it left.
        self.make = lambda: STACKS[stack](self.disk.root, self.store)
        self.reader = self.make()

    def every_way(self, operation: Callable[[Vnode], object]) -> tuple[set[object], int]:
        """What the file can be afterwards, and how many interruptions that took."""
        before, found, tries = self.disk.saved(), set[object](), 0
        for number in range(1, 1000):
            finished = False
            for most in (0, 1, 60, 127, 200, 4200):
                self.disk.files = {name: data[:] for name, data in before.items()}
                self.disk.crash_at = number, most
                try:
                    operation(self.make())
                    finished = self.disk.crash_at is not None  # not so many writes
                except Crash:
                    pass
                self.disk.crash_at = None
                tries += 1
                found.add(contents(self.reader))
                self.check_usable()
            if finished:
                return found, tries
        raise AssertionError("it never ends")

    def check_usable(self) -> None:
        """What is left can be written to, and an interrupted header does no harm a second time."""
        kept = self.disk.saved()
        text = contents(self.reader)
        assert isinstance(text, bytes)
        self.disk.crash_at = 2, 50
        with contextlib.suppress(Crash):
            self.reader.open(NAME, RW).pwrite(b"again", 0)
        self.disk.crash_at = None
        assert contents(self.reader) in (text, b"again" + text[5:])
        assert self.reader.open(NAME, RW).pwrite(b"AGAIN", 0) == 5
        assert contents(self.reader) == b"AGAIN" + text[5:]
        self.disk.files = kept


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("stack", ["encrypt", "compress"])
def test_a_crash_leaves_the_old_or_the_new(stack: str, name: str) -> None:
    crasher = Crasher(stack)
    crasher.make().open(NAME, CREATE | RW).write(OLD)
    before = crasher.disk.saved()
    OPERATIONS[name](crasher.make())
    new = contents(crasher.reader)
    assert new != OLD
    crasher.disk.files = before
    found, tries = crasher.every_way(OPERATIONS[name])
    assert found == {OLD, new}
    assert tries > 12


def test_in_a_stack_too() -> None:
    crasher = Crasher("compress over encrypt")
    crasher.make().open(NAME, CREATE | RW).write(OLD)
    found, _ = crasher.every_way(OPERATIONS["overwrite the middle"])
    assert found == {OLD, OLD[:3000] + b"new" * 100 + OLD[3300:]}


@pytest.mark.parametrize("stack", ["encrypt", "compress"])
def test_a_crash_while_the_log_is_made_shorter(stack: str) -> None:
    """The write that it comes with is done by then, and nothing else changes."""
    crasher = Crasher(stack)
    file = crasher.make().open(NAME, CREATE | RW)
    file.write(OLD)
    file.set_size(4200)
    file.set_size(6000)
    text = OLD[:4200] + bytes(1800)
    size = 0
    while True:  # until the next write makes it shorter
        before = crasher.disk.saved()
        size = len(crasher.disk.files[NAME])
        file.pwrite(text[:10], 0)
        if len(crasher.disk.files[NAME]) < size:
            break
    crasher.disk.files = before
    found, tries = crasher.every_way(lambda folder: folder.open(NAME, RW).pwrite(text[:10], 0))
    assert found == {text}
    assert tries > 6 * 6


def test_a_crash_while_a_file_is_made() -> None:
    """It is there then, perhaps, and cannot be read; truncating it makes it."""
    crasher = Crasher("encrypt")
    for number in (1, 2):
        for most in (0, 30, 127):
            crasher.disk.files = {}
            crasher.disk.crash_at = number, most
            with pytest.raises(Crash):
                crasher.make().open(NAME, CREATE | RW)
            crasher.disk.crash_at = None
            # From the second copy on there is one whole header, but the file is too short.
            assert contents(crasher.reader) == Errno.IO
            assert crasher.make().open(NAME, CREATE | RW | TRUNCATE).write(OLD) == 6000
            assert contents(crasher.reader) == OLD
