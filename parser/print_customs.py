"""Custom sections as annotations: `(@custom "name" (after func) "data")`."""

from __future__ import annotations

from collections.abc import Iterator

from watloom.interp.core.module import Module
from watloom.parser.hints import is_marker
from watloom.parser.sections import SECTIONS, TEXT_NAMES, section_numbers
from watloom.parser.strings import quote_bytes, quote_name

__all__ = ["show_customs"]

_WORDS = {number: name for name, number in TEXT_NAMES.items()}
assert _WORDS.keys() == SECTIONS.keys()


def show_customs(module: Module) -> Iterator[str]:
    """A line for each custom section.

    Branch hints stand in the code, where their section is always the first before the code section.
    What follows it there is therefore put before the code section too.
    """
    if not module.customs:
        return
    sections = section_numbers(module)
    last = sections[-1] if sections else 0
    behind_hints = None
    for custom in module.customs:
        if is_marker(custom, module):
            behind_hints = custom.after
            continue
        place = ""
        if custom.after == behind_hints:
            place = " (before code)"
        elif custom.after != last:
            place = f" (after {_WORDS[custom.after]})" if custom.after else " (before first)"
        data = f" {quote_bytes(custom.data)}" if custom.data else ""
        yield f"(@custom {quote_name(custom.name)}{place}{data})"
