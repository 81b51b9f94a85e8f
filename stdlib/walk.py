"""The way that a path leads from a folder, for every kind of file system.

Component by component: a folder is entered from the one before it, a link is read and what it says
is walked from where it stands, and `..` goes back to the folder that one came from. So it makes no
difference what others rename meanwhile, and nothing leads out:

    root ──enter──► a ──enter──► b      "a/b/../l" where l says "../x":
                    a ◄── ..     │      back to a, then back to the root, then x is looked for there

What a file system has to bring along are the three steps of `Steps`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from watloom.interp.core.dataclass import dataclass
from watloom.interp.host.errnos import Errno, Refused

__all__ = [
    "MAX_FOLDERS",
    "MAX_LINKS",
    "MAX_NAME",
    "MAX_PATH",
    "Place",
    "Steps",
    "check_target",
    "walk",
]

#: The longest path, the longest name in one, the most folders that one may lead through, and links.
MAX_PATH = 4096
MAX_NAME = 255
MAX_FOLDERS = 128
MAX_LINKS = 40

F = TypeVar("F")


class Steps(Protocol[F]):
    """What a walk asks of a file system, for its kind of folder."""

    def enter(self, folder: F, name: bytes) -> F | None:
        """The folder at a name, entered; None where a link stands there. Raises OSError else."""

    def target(self, folder: F, name: bytes) -> bytes | None:
        """What the link at a name says; None where something else stands there, or nothing."""

    def leave(self, folder: F) -> None:
        """The walk is done with a folder that was entered."""


@dataclass(frozen=True, slots=True)
class Place(Generic[F]):
    """Where a path leads: a name in a folder, or None for that folder itself.

    `is_folder`: only a folder can be meant (the path ends in a slash).
    """

    folder: F
    name: bytes | None
    is_folder: bool


@contextmanager
def walk(
    steps: Steps[F], root: F, path: bytes, follow: bool, slash: bool = True
) -> Iterator[Place[F]]:
    """The place that a path leads to; its folder is good as long as this is open.

    With `follow` a link at the end is followed as well; nothing needs to stand there. With `slash`
    so is one that has a slash behind it: what makes or removes names leaves it alone. Raises
    Refused for a path that leads out (ENOTCAPABLE), through too many links (ELOOP), or is none;
    OSError for what does not lead on.
    """
    way = _Way(steps, root)
    try:
        yield way.place(path, follow, slash)
    finally:
        for folder in reversed(way.entered[1:]):
            steps.leave(folder)


class _Way(Generic[F]):
    """The folders from the root to where the walk stands, and what is still to be walked."""

    def __init__(self, steps: Steps[F], root: F) -> None:
        self.steps = steps
        self.entered = [root]
        self.ahead: list[bytes] = []  # the last comes first
        self.links = 0

    def place(self, path: bytes, follow: bool, slash: bool) -> Place[F]:
        is_folder = self._put(path)
        while self.ahead:
            name = self.ahead.pop()
            if name == b"..":
                self._back()
            elif self.ahead:
                self._on(name)
            else:
                target = None
                if follow or (is_folder and slash):
                    target = self.steps.target(self.entered[-1], name)
                if target is None:
                    return Place(self.entered[-1], name, is_folder)
                is_folder = self._follow(target) or is_folder
        return Place(self.entered[-1], None, True)

    def _put(self, path: bytes) -> bool:
        names, is_folder = split(path)
        self.ahead.extend(reversed(names))
        return is_folder

    def _on(self, name: bytes) -> None:
        here = self.entered[-1]
        if len(self.entered) > MAX_FOLDERS:
            raise Refused(Errno.NAMETOOLONG)
        folder = self.steps.enter(here, name)
        if folder is not None:
            self.entered.append(folder)
            return
        target = self.steps.target(here, name)
        if target is None:  # it was replaced meanwhile
            raise Refused(Errno.NOTDIR)
        self._follow(target)

    def _back(self) -> None:
        if len(self.entered) == 1:
            raise Refused(Errno.NOTCAPABLE)
        self.steps.leave(self.entered.pop())

    def _follow(self, target: bytes) -> bool:
        self.links += 1
        if self.links > MAX_LINKS:
            raise Refused(Errno.LOOP)
        return self._put(target)


def split(path: bytes) -> tuple[list[bytes], bool]:
    """The components that lead somewhere, and whether the path can only mean a folder.

    Raises Refused for what is no path below a folder.

    >>> split(b"./a//b/.")
    ([b'a', b'b'], True)
    """
    if not path:
        raise Refused(Errno.NOENT)
    if b"\0" in path:
        raise Refused(Errno.INVAL)
    if path.startswith(b"/"):
        raise Refused(Errno.NOTCAPABLE)
    names = path.split(b"/")
    if len(path) > MAX_PATH or any(len(name) > MAX_NAME for name in names):
        raise Refused(Errno.NAMETOOLONG)
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(Errno.ILSEQ) from None
    return [name for name in names if name not in (b"", b".")], names[-1] in (b"", b".", b"..")


def check_target(target: bytes) -> None:
    """Whether a link may be made to say this. Raises Refused: ENOTCAPABLE from the top."""
    split(target)
