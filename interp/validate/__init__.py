"""Validation: a `Module` in, a `ValidModule` out, or an InvalidError.

The algorithm is that of https://webassembly.github.io/spec/core/appendix/algorithm.html.

Here are the validator's two ways in, which import it when they are called: a module that comes from
the cache is valid already.
"""

from __future__ import annotations

from functools import lru_cache

from watloom.interp.core.features import Features
from watloom.interp.core.module import Module
from watloom.interp.core.source import Source
from watloom.interp.validate.valid import ValidExpr, ValidFunc, ValidModule

__all__ = ["ValidExpr", "ValidFunc", "ValidModule", "revalidated", "validate"]


def validate(module: Module) -> ValidModule:
    """Check a module and all modules nested in it.

    Raises InvalidError for the first rule that is broken. The module itself is not changed,
    save that a legacy `call_ref` gets the type that it leaves out.
    """
    from watloom.interp.validate.module import validate

    return validate(module)


@lru_cache(maxsize=64)
def revalidated(source: Source, features: Features, position: tuple[int, ...]) -> ValidModule:
    """The module that a source holds, read and validated again (how a snapshot finds its code)."""
    from watloom.parser.decode import decode_module
    from watloom.parser.text import parse_module

    read = decode_module if source.text is None else parse_module
    valid = validate(read(source, features))
    for i in position:
        valid = valid.nested[i]
    return valid
