"""The forms in which a voice gets a program: the text as it is, or what watloom made of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeAlias

import watloom
from differential.families import ONLY_WATLOOM, PROPOSED
from watloom.interp.core.features import DEFAULT, PROPOSALS
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module

__all__ = ["FEATURES", "Form", "as_form"]

#: What programs are read with: everything that a family may use.
FEATURES = DEFAULT.with_(
    f"+{name}" for name in sorted(PROPOSALS.keys() & (PROPOSED | ONLY_WATLOOM))
)

#: "binary": assembled; "printed": assembled, decoded and printed again.
Form: TypeAlias = Literal["text", "binary", "printed"]


@lru_cache(maxsize=8)
def as_form(text: str, form: Form) -> str | bytes:
    """A program's text in a form; raises what watloom raises."""
    if form == "text":
        return text
    if form == "binary":
        return encode_module(watloom.Module(text, features=FEATURES).valid.module)
    return print_module(watloom.Module(as_form(text, "binary"), features=FEATURES).valid.module)
