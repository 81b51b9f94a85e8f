"""Stacks of the providers in WAT, by name, over any folder."""

from collections.abc import Callable

from watloom.interp.runtime.store import Store
from watloom.stdlib.providers.compress import compress
from watloom.stdlib.providers.encrypt import encrypt
from watloom.stdlib.vnode import Vnode

__all__ = ["STACKS"]

KEY, SECOND = bytes(range(32)), bytes(range(1, 33))

#: From a folder and a store to a folder.
STACKS: dict[str, Callable[[Vnode, Store], Vnode]] = {
    "encrypt": lambda inner, store: encrypt(inner, KEY, store),
    "compress": compress,
    "encrypt over compress": lambda inner, store: encrypt(compress(inner, store), KEY, store),
    "compress over encrypt": lambda inner, store: compress(encrypt(inner, KEY, store), store),
    "encrypt over compress over encrypt": lambda inner, store: encrypt(
        compress(encrypt(inner, KEY, store), store), SECOND, store
    ),
}
