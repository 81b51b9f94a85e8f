"""What compiled functions call for vectors, which few have: imported with the first that does."""

from __future__ import annotations

from typing import Any

from watloom.interp.core.numerics.simd_bytes import BYTES, MASKS, SCALARS
from watloom.interp.core.numerics.simd_fast import WORDS

__all__ = ["VECTOR_NAMES"]

VECTOR_NAMES: dict[str, Any] = {**WORDS, **BYTES, **MASKS, **SCALARS}
