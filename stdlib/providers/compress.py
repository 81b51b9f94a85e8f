"""A folder whose files lie compressed in another one.

    from watloom.stdlib.providers.compress import compress

    folder = compress(HostFolder(confine.open_root("letters")), store)

Each block of 16 KiB is compressed for itself (LZ4's block format), so a file can be read and
written anywhere. The work is done in WAT, `stdlib/wat/compress.wat`; what lies on the disk is
described in `block_log.wat` and `pack.wat` beside it. What is damaged gives EIO, when those bytes
are read, and a header that is damaged twice when the file is opened. A write of up to 1 MiB, a
change of size or a truncation is done as a whole or not at all.

It saves room over an encrypted folder. Below one it saves nothing: what is encrypted is random.
"""

from __future__ import annotations

from watloom.interp.runtime.store import Store
from watloom.stdlib.providers.blocks import instance_of, struct_for, wrapped
from watloom.stdlib.vnode import Vnode

__all__ = ["compress"]


def compress(folder: Vnode, store: Store) -> Vnode:
    """The folder `folder` with all files in it compressed."""
    answer = instance_of("compress", store).exports["wrap"](struct_for(folder, store))
    return wrapped(answer, store)
