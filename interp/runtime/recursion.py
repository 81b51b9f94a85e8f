"""Room for deep recursion: Python's limit is raised for as long as somebody needs it.

The limit is one for the whole process. So it is put back by the last of those who raised it, in
whatever thread they are. Both functions may be interrupted anywhere and called again.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["give_back", "make_room", "recursion"]

_lock = threading.RLock()  # a signal's handler may come here while it is held
_users: dict[object, int] = {}
"""The limit that each of them needs."""
_found = 0
"""The limit before the first of them came."""
_raised = 0


def make_room(user: object, frames: int) -> None:
    """Let this thread open so many more Python frames, until `give_back(user)`."""
    global _found
    with _lock:
        limit = sys.getrecursionlimit()
        if not _users:
            _found = limit
        _users[user] = open_frames() + frames
        if limit < _users[user]:
            _set(_users[user])


def give_back(user: object) -> None:
    """A user is done: what the others need is left; what somebody else has set, too."""
    with _lock:
        _users.pop(user, None)
        if sys.getrecursionlimit() == _raised:
            _set(max(_found, *_users.values()) if _users else _found)


@contextmanager
def recursion(frames: int) -> Iterator[None]:
    """The same for a `with`, where every microsecond does not count.

    >>> before = sys.getrecursionlimit()
    >>> with recursion(123_456):
    ...     assert sys.getrecursionlimit() > 123_456
    >>> sys.getrecursionlimit() == before
    True
    """
    user = object()
    try:
        make_room(user, frames)
        yield
    finally:
        try:
            give_back(user)
        except BaseException:  # an interrupt in the middle of it: it may be done twice
            give_back(user)
            raise


def _set(limit: int) -> None:
    global _raised
    _raised = limit
    sys.setrecursionlimit(limit)


def open_frames() -> int:
    """The depth of this thread's recursion as the limit counts it.

    Asked of the refusal of a limit that is too low: as cheap at any depth, and exact where calls
    through C count as well (3.11).
    """
    try:
        sys.setrecursionlimit(1)
    except RecursionError as error:
        number = str(error).partition("recursion depth ")[2].partition(":")[0]
        if number.isdecimal():
            return int(number) - 1
    depth, frame = 0, sys._getframe(1).f_back
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    return depth
