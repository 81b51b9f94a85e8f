"""Where `parse` and `print` write to."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["write"]


def write(data: bytes, out: str) -> None:
    """Write to a file, or to stdout for "-". Raises OSError."""
    if out != "-":
        Path(out).write_bytes(data)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
