"""Preview 1: poll_oneoff: waiting for fds and clocks."""

from __future__ import annotations

import contextlib
import struct
import time

from watloom.interp.core.dataclass import dataclass
from watloom.interp.core.errors import Trap
from watloom.interp.host.errnos import Errno, Refused, errno_of
from watloom.interp.host.module import export
from watloom.interp.host.scalars import U32
from watloom.interp.runtime.values import Caller
from watloom.stdlib.stream_nodes import wait_for
from watloom.stdlib.wasi.base import Chapter, put, time_left
from watloom.stdlib.wasi.clocks import now
from watloom.stdlib.wasi.rights import Rights
from watloom.stdlib.wasi.table import Descriptor

__all__ = ["Poll"]

_CLOCK, _READ, _WRITE = range(3)
_HEAD = struct.Struct("<QB")
_CLOCK_FORM = struct.Struct("<16xI4xQQH")
_FD_FORM = struct.Struct("<16xI")
_SUBSCRIPTION = 48
_EVENT = struct.Struct("<QHB5xQH6x")
#: How often an fd that the system can't wait for is asked, in seconds.
_OFTEN = 0.01
#: What the host can sleep at once, in nanoseconds.
_LONGEST = 3600 * 10**9
#: How many things can be waited for at once.
_MOST = 8192


@dataclass
class _Subscription:
    """One thing that is waited for, and what became of it."""

    userdata: int
    kind: int
    descriptor: Descriptor | None = None
    end: int = 0
    """Of a clock: how many nanoseconds it is from the beginning of the call."""
    happened: bool = False
    errno: int = 0
    count: int = 0

    def event(self) -> bytes:
        return _EVENT.pack(self.userdata, self.errno, self.kind, self.count, 0)

    def look(self, caller: Caller) -> None:
        """Whether the fd is ready now."""
        assert self.descriptor is not None
        try:
            self.count = self.descriptor.count(caller, "poll", int(self.kind == _WRITE))
        except OSError as error:
            errno = errno_of(error)
            if errno == Errno.AGAIN:
                return
            # what knows nothing of polling can be read, and that may wait
            self.errno, self.count = (0, 1) if errno == Errno.NOTSUP else (errno, 0)
        self.happened = True

    @property
    def number(self) -> int | None:
        """The host's descriptor, where the system can wait for it."""
        slots = self.descriptor.slots if self.descriptor is not None else None
        return slots.node.fileno() if slots is not None else None


class Poll(Chapter):
    """Waits until one thing has happened at least, and tells all that have."""

    @export
    def poll_oneoff(
        self, caller: Caller, subscriptions: U32, events: U32, count: U32, nevents: U32
    ) -> Errno:
        data = caller.memory.data
        end = max(subscriptions + count * _SUBSCRIPTION, events + count * _EVENT.size, nevents + 4)
        if end > len(data):
            raise Trap("out of bounds memory access")
        if not 0 < count <= _MOST:
            raise Refused(Errno.INVAL)
        with memoryview(data) as view:
            asked = [
                self._subscription(bytes(view[at : at + _SUBSCRIPTION]))
                for at in range(subscriptions, subscriptions + count * 48, 48)
            ]
        self._wait(caller, asked)
        happened = [one for one in asked if one.happened]
        found = b"".join(one.event() for one in happened)
        caller.memory.data[events : events + len(found)] = found
        put(caller, nevents, len(happened), 4)
        return Errno.SUCCESS

    def _subscription(self, data: bytes) -> _Subscription:
        userdata, kind = _HEAD.unpack_from(data)
        made = _Subscription(userdata, kind)
        try:
            if kind == _CLOCK:
                which, timeout, _, flags = _CLOCK_FORM.unpack_from(data)
                moment = now(self.clock, which)
                made.end = max(0, timeout - moment) if flags & 1 else timeout
            elif kind in (_READ, _WRITE):
                (fd,) = _FD_FORM.unpack_from(data)
                made.descriptor = self.table.get(fd, Rights.POLL_FD_READWRITE)
            else:
                raise Refused(Errno.INVAL)
        except OSError as error:
            made.happened, made.errno = True, errno_of(error)
        return made

    def _wait(self, caller: Caller, asked: list[_Subscription]) -> None:
        """Wait for the first of them, as long as the store's programs may run."""
        began = self.clock.monotonic()
        clocks = [one for one in asked if one.kind == _CLOCK and not one.happened]
        fds = [one for one in asked if one.descriptor is not None]
        while True:
            for one in fds:
                one.look(caller)
            gone = self.clock.monotonic() - began
            for one in clocks:
                one.happened = one.end <= gone
            if any(one.happened for one in asked):
                return
            left = min((one.end - gone for one in clocks), default=None)
            self._pause(caller, fds, left)

    def _pause(self, caller: Caller, fds: list[_Subscription], left: int | None) -> None:
        """Wait a while: `left` nanoseconds at most, and not beyond the time that there is."""
        if left is not None and self.clock_is_real:
            left = min(left, _LONGEST)
        seconds = None if left is None else left / 1e9
        rest = time_left(caller)
        if rest is not None:
            seconds = rest if seconds is None else min(seconds, rest)
        if left is not None and (not fds or not self.clock_is_real):
            self.clock.sleep(left if seconds is None else min(left, int(seconds * 1e9) + 1))
            return
        numbers = [(one.number, one.kind) for one in fds]
        if any(number is None for number, _ in numbers):
            seconds = _OFTEN if seconds is None else min(seconds, _OFTEN)
        reading = [n for n, kind in numbers if n is not None and kind == _READ]
        writing = [n for n, kind in numbers if n is not None and kind == _WRITE]
        if not reading and not writing:
            time.sleep(_OFTEN if seconds is None else seconds)
            return
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile: to look at it will tell
            wait_for(reading, writing, seconds)
