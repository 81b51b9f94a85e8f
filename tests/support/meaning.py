"""What a module means, without the places where things stand.

Whether there is a data count section is not a difference: the text cannot say it.
"""

import dataclasses
from typing import Any

from watloom.interp.core.instr import Op
from watloom.interp.core.numerics.bits import f64_to_bits

_PLACES = {"at", "ats", "end", "source", "features", "warnings", "data_count"}


def meaning(x: Any) -> Any:
    """A module, or a part of it, as plain values that can be compared."""
    if isinstance(x, Op):
        return x.mnemonic, x.opcode
    if isinstance(x, float):
        return f64_to_bits(x)
    if dataclasses.is_dataclass(x):
        fields = (f.name for f in dataclasses.fields(x) if f.name not in _PLACES)
        return type(x).__name__, {name: meaning(getattr(x, name)) for name in fields}
    if isinstance(x, list | tuple):
        return [meaning(item) for item in x]
    if isinstance(x, dict):
        return {key: meaning(value) for key, value in x.items()}
    return x
