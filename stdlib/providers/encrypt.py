"""A folder whose files lie encrypted in another one.

    from watloom.stdlib.native import HostFolder
    from watloom.stdlib.providers.encrypt import encrypt

    folder = encrypt(HostFolder(confine.open_root("letters")), key, store)

Each block of 4 KiB is encrypted and authenticated for itself (ChaCha20-Poly1305, RFC 8439), so a
file can be read and written anywhere. The work is done in WAT, `stdlib/wat/encrypt.wat`; what lies
on the disk is described in `block_log.wat` and `seal.wat` beside it.

    wrong key                         EACCES when a file is opened; nothing is changed
    blocks or headers that were       EIO (EACCES where both headers are), no later than when those
    changed, swapped, put back,       bytes are read
    cut off
    a crash, or an error below        a write of up to 1 MiB, a change of size or a truncation is
                                      done as a whole or not at all; making a file is not: it may be
                                      left as one that gives EIO, until it is truncated or removed

Against a loss of power that holds only for files opened with the flags DSYNC or SYNC. One provider
at a time may write to a file; its fds may be many.

Not hidden: names, sizes (up to a few bytes), times, and what is written when. Not noticed: a whole
file that is replaced by an older state of itself, or removed.
"""

from __future__ import annotations

import os
import struct

from watloom.interp.runtime.store import Store
from watloom.stdlib.providers.blocks import instance_of, struct_for, wrapped
from watloom.stdlib.scope import Scope
from watloom.stdlib.stream_nodes import InputStream
from watloom.stdlib.streams import Input, Readable
from watloom.stdlib.vnode import Vnode
from watloom.stdlib.vnode_struct import struct_of

__all__ = ["encrypt"]


def encrypt(folder: Vnode, key: bytes, store: Store, *, random: Readable | None = None) -> Vnode:
    """The folder `folder` with all files in it encrypted under a key of 32 bytes.

    Nonces and file ids are read from `random`, by default the system's. Whoever gives another
    source answers for its bytes never coming again.
    """
    if len(key) != 32:
        raise ValueError(f"a key has 32 bytes, and not {len(key)}")
    source = InputStream(Input(_SystemRandom() if random is None else random))
    instance = instance_of("encrypt", store)
    answer = instance.exports["wrap"](
        struct_for(folder, store),
        struct_of(source, Scope(store, 0), store),
        *struct.unpack("<4q", key),
    )
    return wrapped(answer, store)


class _SystemRandom:
    def read(self, n: int, /) -> bytes:
        return os.urandom(n)
