"""A module's compiled functions to be read: their source, with the lines that they come from.

# gcd.wat:2  (func $gcd …
def f0_gcd(a_, b_):
    if not b_:                                     # gcd.wat:3
"""

from __future__ import annotations

from watloom.interp.compile.compiled import Compiled
from watloom.interp.compile.emit import compile_function
from watloom.interp.core.source import Span
from watloom.interp.runtime.limits import UNMETERED, Metering
from watloom.interp.validate import ValidModule

__all__ = ["listing"]

_COLUMN = 60


def listing(valid: ValidModule, metering: Metering = UNMETERED) -> str:
    """The source of all functions, nested modules' included, in order."""
    parts = [_module(valid, metering)]
    pending = list(valid.nested)
    while pending:
        inner = pending.pop(0)
        parts.append(
            f"# ---- nested module {inner.name or inner.position}\n\n{_module(inner, metering)}"
        )
        pending = [*inner.nested, *pending]
    return "\n".join(part for part in parts if part.strip()) or "# no functions\n"


def _module(valid: ValidModule, metering: Metering) -> str:
    compiled = (compile_function(valid, func, metering) for func in valid.funcs)
    return "\n".join(map(_annotated, compiled))


def _annotated(compiled: Compiled) -> str:
    """A function with a comment wherever its source goes on to another line."""
    source = compiled.func.source
    if source.text is None:
        return (
            f"# {compiled.func.name} at {source.where(Span(compiled.func.at))}\n{compiled.source}"
        )
    number, _ = source.position(compiled.func.at)
    out = [f"# {source.name}:{number}  {source.line(number).strip()}"]
    shown = number
    for i, line in enumerate(compiled.source.splitlines(), 1):
        at = compiled.ats.get(i, 0)
        number = source.position(at)[0] if at else shown
        if number != shown:
            line = f"{line:<{_COLUMN}}  # {number}: {source.line(number).strip()}"
            shown = number
        out.append(line.rstrip())
    return "\n".join(out) + "\n"
