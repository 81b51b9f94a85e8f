"""What the two providers in WAT have in common: how they are made in a store, over any vnode."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from watloom.interp.core.features import DEFAULT
from watloom.interp.host.errnos import Errno, Refused
from watloom.interp.link.linker import Linker
from watloom.interp.link.load import load_file
from watloom.interp.runtime.store import Store
from watloom.interp.runtime.values import ModuleValue
from watloom.stdlib.foreign import ForeignVnode, vnode
from watloom.stdlib.scope import Scope
from watloom.stdlib.vnode import Vnode
from watloom.stdlib.vnode_struct import struct_of

__all__ = ["instance_of", "struct_for", "wrapped"]

#: Files that one provider may have open below at once.
MAX_OPEN = 256

_WAT = Path(__file__).resolve().parents[1] / "wat"


def instance_of(name: str, store: Store) -> Any:
    """A new instance of a module in `stdlib/wat`, with what the standard library gives it.

    Which features the store's own programs have makes no difference.
    """
    from watloom.stdlib import library

    linker = Linker(store, library=library())
    module = _module(f"./{name}.wat")
    for imported in module.valid.module.imports:
        if imported.module.startswith("./"):
            linker.define(imported.module, _module(imported.module))
    return linker.instantiate(module)


@cache
def _module(name: str) -> ModuleValue:
    """A module, kept with what is compiled of it: there may be an instance for every folder."""
    return load_file(_WAT / name, DEFAULT)


def struct_for(node: Vnode, store: Store) -> Any:
    """A vnode as a module in WAT gets it: its own struct where it is one."""
    if isinstance(node, ForeignVnode):
        return node.fd
    return struct_of(node, node.scope or Scope(store, MAX_OPEN), store)


def wrapped(answer: tuple[int, Any], store: Store) -> Vnode:
    """The folder that a provider's `wrap` gave. Raises OSError."""
    errno, folder = answer
    if errno:
        raise Refused(Errno(errno))
    return vnode(folder, store)
