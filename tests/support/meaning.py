"""What a module means, without the places where things stand.

Whether there is a data count section is not a difference, nor where types stand among other
definitions: the text cannot say it.
"""

import dataclasses
from typing import Any

from watloom.interp.core.instr import Op
from watloom.interp.core.module import InstanceTypeDef, Module, ModuleTypeDef
from watloom.interp.core.numerics.bits import f64_to_bits
from watloom.parser.sections import types_first

_PLACES = {"at", "ats", "end", "source", "features", "warnings", "data_count"}


def meaning(x: Any) -> Any:
    """A module, or a part of it, as plain values that can be compared."""
    if isinstance(x, Op):
        return x.mnemonic, x.opcode
    if isinstance(x, float):
        return f64_to_bits(x)
    if dataclasses.is_dataclass(x):
        fields = (f.name for f in dataclasses.fields(x) if f.name not in _PLACES)
        found = {name: meaning(getattr(x, name)) for name in fields}
        if isinstance(x, Module):
            found["definitions"] = [meaning(d) for d in types_first(x.definitions)]
        if isinstance(x, ModuleTypeDef | InstanceTypeDef):
            found["decls"] = [meaning(d) for d in types_first(x.decls)]
        return type(x).__name__, found
    if isinstance(x, list | tuple):
        return [meaning(item) for item in x]
    if isinstance(x, dict):
        return {key: meaning(value) for key, value in x.items()}
    return x
