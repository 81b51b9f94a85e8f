"""Validation: a `Module` in, a `ValidModule` out, or an InvalidError.

The algorithm is that of https://webassembly.github.io/spec/core/appendix/algorithm.html.
"""

from watloom.interp.validate.module import revalidated, validate
from watloom.interp.validate.valid import ValidExpr, ValidFunc, ValidModule

__all__ = ["ValidExpr", "ValidFunc", "ValidModule", "revalidated", "validate"]
