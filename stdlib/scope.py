"""What one guest has open."""

from __future__ import annotations

import contextlib
import weakref

from watloom.interp.core.errors import WatloomError
from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.runtime.store import Store
from watloom.stdlib.vnode import Vnode

__all__ = ["Scope"]


class Scope:
    """Closes what is left, the newest first, each once. What nobody has any more it forgets."""

    def __init__(self, store: Store, most: int) -> None:
        self.store = store
        self.most = most
        self.closed = False
        self._roots: list[Vnode] = []
        self._opened: weakref.WeakValueDictionary[int, Vnode] = weakref.WeakValueDictionary()
        self._serial = 0

    def add_root(self, node: Vnode) -> Vnode:
        """What was granted: open as long as this is, and closed last."""
        self._roots.append(node)
        node.scope = self
        return node

    def add(self, node: Vnode) -> Vnode:
        """What a guest has opened."""
        self._serial += 1
        self._opened[self._serial] = node
        node.scope = self
        return node

    def check_room(self) -> None:
        """Raises Refused (EMFILE) where no more may be opened."""
        if sum(not node.closed for node in self._opened.values()) >= self.most:
            raise Refused(Errno.MFILE)

    def close(self) -> None:
        """Close all; one that fails to close keeps no other from it."""
        if self.closed:
            return
        opened = dict(self._opened)
        oldest_first = [*self._roots, *(opened[serial] for serial in sorted(opened))]
        with contextlib.ExitStack() as stack:
            stack.callback(setattr, self, "closed", True)
            for node in oldest_first:
                stack.callback(_shut, node)

    def __reduce__(self) -> tuple[object, ...]:
        """In a copy or a snapshot nothing is open: it stays the original's to use and to close."""
        return (_none_open, (self.most,))


def _shut(node: Vnode) -> None:
    """Close one; errors of files and traps of providers end here, a host's mistakes do not."""
    with contextlib.suppress(OSError, WatloomError):
        node.shut()


def _none_open(most: int) -> Scope:
    scope = Scope(Store(), most)
    scope.closed = True
    return scope
