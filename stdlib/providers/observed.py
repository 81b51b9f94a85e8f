"""`Observed`: a vnode whose calls all go by one place, for providers that look on or step in.

class Slow(Observed):
    def around(self, call: Call) -> Any:
        time.sleep(0.1)
        return call.make()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom.interp.core.dataclass import dataclass
from watloom.stdlib.fd_types import FIELDS
from watloom.stdlib.providers.through import Through
from watloom.stdlib.vnode import Vnode

__all__ = ["Call", "Observed"]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a vnode: which operation, with what. `make()` makes it, and gives what it gives."""

    node: Observed
    operation: str
    arguments: tuple[Any, ...]
    make: Callable[[], Any]

    @property
    def path(self) -> bytes | None:
        """The path that it is about; None for what is open already."""
        paths = [given for given in self.arguments if isinstance(given, bytes)]
        return paths[-1 if self.operation == "symlink" else 0] if self._has_path else None

    @property
    def _has_path(self) -> bool:
        return self.operation in _WITH_PATH


_WITH_PATH = frozenset((
    "open", "stat_at", "set_times_at", "mkdir", "rmdir", "unlink", "rename", "link", "symlink",
    "readlink",
))  # fmt: skip


class Observed(Through):
    """A vnode whose calls all go through `around`; reading a folder is one call."""

    def around(self, call: Call) -> Any:
        """Make a call, or do something else."""
        return call.make()


def _passing(operation: str) -> Callable[..., Any]:
    below = getattr(Through, operation)

    def method(self: Observed, *arguments: Any) -> Any:
        def make() -> Any:
            found = below(self, *arguments)
            return list(found) if operation == "readdir" else found

        return self.around(Call(self, operation, arguments, make))

    method.__name__ = operation
    method.__doc__ = getattr(Vnode, operation).__doc__
    return method


for _operation in FIELDS:
    setattr(Observed, _operation, _passing(_operation))
