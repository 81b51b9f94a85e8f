"""Float arithmetic on lanes, and conversions
(https://webassembly.github.io/spec/core/syntax/instructions.html#vector-instructions).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from watloom.interp.core.numerics import floats, simd_float
from watloom.interp.core.numerics.simd_float import comparison, lanewise, rounding
from watloom.interp.isa.proposal import Proposal
from watloom.interp.isa.simd import FLOAT_SHAPES, PREFIX

__all__ = ["PROPOSAL"]

PROPOSAL = Proposal("simd")

Meaning = Callable[..., float]

#: Without rounding: mnemonic, meaning, opcodes for f32x4 and f64x2, number of operands.
_EXACT: tuple[tuple[str, Meaning, int, int, int], ...] = (
    ("ceil", floats.ceil, 103, 116, 1),
    ("floor", floats.floor, 104, 117, 1),
    ("trunc", floats.trunc, 105, 122, 1),
    ("nearest", floats.nearest, 106, 148, 1),
    ("abs", floats.fabs, 224, 236, 1),
    ("neg", floats.neg, 225, 237, 1),
    ("min", floats.minimum, 232, 244, 2),
    ("max", floats.maximum, 233, 245, 2),
    ("pmin", simd_float.pmin, 234, 246, 2),
    ("pmax", simd_float.pmax, 235, 247, 2),
)

#: Whose results are rounded to the width.
_ROUNDED: tuple[tuple[str, Meaning, int, int, int], ...] = (
    ("sqrt", floats.sqrt, 227, 239, 1),
    ("add", floats.add, 228, 240, 2),
    ("sub", floats.sub, 229, 241, 2),
    ("mul", floats.mul, 230, 242, 2),
    ("div", floats.div, 231, 243, 2),
)


def _declare(mnemonic: str, opcode: int, arity: int, meaning: Callable[..., int], doc: str) -> None:
    signature = f"{' '.join(['v128'] * arity)} -> v128"
    PROPOSAL.pure(mnemonic, (PREFIX, opcode), signature, doc=doc)(meaning)


for _table in (_EXACT, _ROUNDED):
    for _name, _meaning, _opcode32, _opcode64, _arity in _table:
        for _n, _opcode in ((32, _opcode32), (64, _opcode64)):
            _made = _meaning if _table is _EXACT else partial(_meaning, rounding(_n))
            _doc = f"{_meaning.__doc__} Lane by lane, N = {_n}."
            _declare(f"{FLOAT_SHAPES[_n]}.{_name}", _opcode, _arity, lanewise(_n, _made), _doc)


# ------------------------------------------------------------------ comparisons

_COMPARISONS: tuple[tuple[str, str, Callable[[float, float], bool]], ...] = (
    ("eq", "both are equal", lambda a, b: a == b),
    ("ne", "they differ or are NaNs", lambda a, b: a != b),
    ("lt", "the first is less", lambda a, b: a < b),
    ("gt", "the first is greater", lambda a, b: a > b),
    ("le", "the first is less or equal", lambda a, b: a <= b),
    ("ge", "the first is greater or equal", lambda a, b: a >= b),
)

for _n, _first in ((32, 65), (64, 71)):
    for _i, (_name, _where, _test) in enumerate(_COMPARISONS):
        _doc = f"A lane of ones where {_where}, of zeros where not."
        _declare(f"{FLOAT_SHAPES[_n]}.{_name}", _first + _i, 2, comparison(_n, _test), _doc)


# ------------------------------------------------------------------ conversions

for _sign, _word in ((True, "s"), (False, "u")):
    _as = "signed" if _sign else "unsigned"
    _last = 0 if _sign else 1
    _declare(
        f"i32x4.trunc_sat_f32x4_{_word}",
        248 + _last,
        1,
        partial(simd_float.trunc_sat, _sign),
        f"The integer parts of an f32x4, clamped to {_as} 32 bits; 0 for a NaN.",
    )
    _declare(
        f"i32x4.trunc_sat_f64x2_{_word}_zero",
        252 + _last,
        1,
        partial(simd_float.trunc_sat_zero, _sign),
        f"The integer parts of an f64x2 in the lower lanes, clamped to {_as} 32 bits; zeros above.",
    )
    _declare(
        f"f32x4.convert_i32x4_{_word}",
        250 + _last,
        1,
        partial(simd_float.convert, _sign),
        f"The {_as} 32-bit integers as floats, rounded.",
    )
    _declare(
        f"f64x2.convert_low_i32x4_{_word}",
        254 + _last,
        1,
        partial(simd_float.convert_low, _sign),
        f"The lower two {_as} 32-bit integers as f64.",
    )

_declare(
    "f32x4.demote_f64x2_zero",
    94,
    1,
    simd_float.demote_zero,
    "An f64x2 rounded to f32 in the lower lanes, zeros above.",
)
_declare(
    "f64x2.promote_low_f32x4", 95, 1, simd_float.promote_low, "The lower two f32 lanes as f64."
)
