"""Vector operations on sixteen bytes: lanes by `struct`, bytes by `bytes.translate`.

The same results as `simd`, `simd_int` and `simd_float` have, for what needs each lane by itself. A
vector is 16 bytes here, lane 0 first. The functions are made from what happens to one lane, written
out for all of them; `i32x4_mul` is

    x0, x1, x2, x3 = take(a)
    y0, y1, y2, y3 = take(b)
    return put(x0 * y0 & m, x1 * y1 & m, x2 * y2 & m, x3 * y3 & m)

Float arithmetic does this in the ordinary case, and leaves to the plain definitions what Python
refuses (a division by zero, an f32 too large for `struct`) and what could be a NaN: then the sum of
all lanes is one.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from watloom.interp.core.numerics import floats, simd_float, simd_int
from watloom.interp.core.numerics.bits import f32_from_bits, f32_to_bits
from watloom.interp.core.numerics.simd import lanewise

__all__ = ["BYTES", "MASKS", "SCALARS"]

Operation = Callable[..., Any]

#: From bytes to bytes, by instruction with "_" for ".".
BYTES: dict[str, Operation] = {}

#: From bytes to an int: comparisons, whose results are masks.
MASKS: dict[str, Operation] = {}


def _unrolled(
    take: str, put: str, lane: str, arity: int = 2, *, careful: bool = False, **names: Any
) -> Operation:
    """The operation that does `lane`, an expression in x and y, to each lane.

    `take` and `put` are forms of `struct`. A careful one asks `slow`, one of `names`, where a lane
    may be a NaN or Python refuses.
    """
    unpack, pack = struct.Struct("<" + take), struct.Struct("<" + put)
    count = len(unpack.unpack(bytes(16)))
    lines = [f"def operation({', '.join('abc'[:arity])}):"]
    for variable, vector in zip("xyz"[:arity], "abc", strict=False):
        lines.append(f"    {', '.join(f'{variable}{i}' for i in range(count))}, = take({vector})")
    each = [_numbered(lane, i) for i in range(count)]
    if careful:
        results = [f"r{i}" for i in range(count)]
        lines += ["    try:", *(f"        r{i} = {text}" for i, text in enumerate(each))]
        lines += [f"        total = {' + '.join(results)}", "        if total == total:"]
        lines += [f"            return put({', '.join(results)})"]
        lines += ["    except (ArithmeticError, ValueError): pass"]
        lines += [f"    return slow({', '.join('abc'[:arity])})"]
    else:
        lines.append(f"    return put({', '.join(each)})")
    scope = {"take": unpack.unpack, "put": pack.pack, **names}
    exec("\n".join(lines), scope)
    made: Operation = scope["operation"]
    return made


def _numbered(lane: str, i: int) -> str:
    """The expression of one lane: its variables with their number."""
    for variable in "xyz":
        lane = lane.replace(f"{{{variable}}}", f"{variable}{i}")
    return f"({lane})"


def _plain(meaning: Callable[..., int]) -> Operation:
    """A definition on ints as one on bytes."""

    def operation(*vectors: bytes) -> bytes:
        return meaning(*[int.from_bytes(v, "little") for v in vectors]).to_bytes(16, "little")

    return operation


# ------------------------------------------------------------------ single bytes

_ONES = bytes(i.bit_count() for i in range(256))

BYTES["i8x16_popcnt"] = lambda a: a.translate(_ONES)
BYTES["i8x16_swizzle"] = lambda a, s: s.translate(a.ljust(256, b"\0"))
BYTES["i8x16_relaxed_swizzle"] = BYTES["i8x16_swizzle"]


# ------------------------------------------------------------------ integers

BYTES["i16x8_mul"] = _unrolled("8H", "8H", "{x} * {y} & 0xffff")
BYTES["i32x4_mul"] = _unrolled("4I", "4I", "{x} * {y} & 0xffffffff")


def _dot(form: str, put: str, mask: str = "") -> Operation:
    """Sums of the products of neighbours."""
    take = struct.Struct("<" + form).unpack
    count = len(take(bytes(16)))
    sums = [f"x{i} * y{i} + x{i + 1} * y{i + 1}{mask}" for i in range(0, count, 2)]
    source = (
        "def operation(a, b):\n"
        f"    {', '.join(f'x{i}' for i in range(count))} = take(a)\n"
        f"    {', '.join(f'y{i}' for i in range(count))} = take(b)\n"
        f"    return put({', '.join(sums)})\n"
    )
    scope: dict[str, Any] = {"take": take, "put": struct.Struct("<" + put).pack}
    exec(source, scope)
    made: Operation = scope["operation"]
    return made


def _fitting(fast: Operation, plain: Callable[..., int]) -> Operation:
    """The operation, or its definition where a result does not fit in a lane."""
    slow = _plain(plain)

    def operation(a: bytes, b: bytes) -> bytes:
        try:
            made: bytes = fast(a, b)
        except struct.error:
            made = slow(a, b)
        return made

    return operation


BYTES["i32x4_dot_i16x8_s"] = _dot("8h", "4I", " & 0xffffffff")
# too large are only the sum of two products of -2^7, and one product of -2^15
BYTES["i16x8_relaxed_dot_i8x16_i7x16_s"] = _fitting(_dot("16b", "8h"), simd_int.relaxed_dot)
BYTES["i16x8_q15mulr_sat_s"] = BYTES["i16x8_relaxed_q15mulr_s"] = _fitting(
    _unrolled("8h", "8h", "{x} * {y} + 0x4000 >> 15"), lanewise(16, simd_int.q15mulr_sat_s)
)


def _declare_halves(n: int, high: bool, sign: bool) -> None:
    """extend and extmul of half of the lanes."""
    narrow, wide = {8: ("b", "h"), 16: ("h", "i"), 32: ("i", "q")}[n]
    if not sign:
        narrow, wide = narrow.upper(), wide.upper()
    count = 64 // n
    take = f"8x{count}{narrow}" if high else f"{count}{narrow}8x"
    where = f"{'high' if high else 'low'}_i{n}x{128 // n}_{'s' if sign else 'u'}"
    shape = f"i{2 * n}x{count}"
    BYTES[f"{shape}_extend_{where}"] = _unrolled(take, f"{count}{wide}", "{x}", 1)
    BYTES[f"{shape}_extmul_{where}"] = _unrolled(take, f"{count}{wide}", "{x} * {y}")


for _n in (8, 16, 32):
    for _is_high in (False, True):
        _declare_halves(_n, _is_high, False)
        _declare_halves(_n, _is_high, True)


# ------------------------------------------------------------------ floats


def f32x4_splat(x: float) -> bytes:
    """An f32 in all lanes."""
    return _f32_bytes(x) * 4


def f64x2_splat(x: float) -> bytes:
    """An f64 in both lanes."""
    return struct.pack("<2d", x, x)


def _f32_bytes(x: float) -> bytes:
    """The bytes of an f32: of a NaN by its bits, since C's conversion would make it a quiet one."""
    return struct.pack("<f", x) if x == x else f32_to_bits(x).to_bytes(4, "little")


def f32x4_extract(v: bytes, lane: int) -> float:
    """One lane; a NaN by its bits."""
    x: float = struct.unpack_from("<f", v, 4 * lane)[0]
    if x != x:
        return f32_from_bits(int.from_bytes(v[4 * lane : 4 * lane + 4], "little"))
    return x


def f64x2_extract(v: bytes, lane: int) -> float:
    """One lane."""
    x: float = struct.unpack_from("<d", v, 8 * lane)[0]
    return x


def f32x4_replace(v: bytes, x: float, lane: int) -> bytes:
    """The vector with one lane set."""
    return v[: 4 * lane] + _f32_bytes(x) + v[4 * lane + 4 :]


def f64x2_replace(v: bytes, x: float, lane: int) -> bytes:
    """The vector with one lane set."""
    return v[: 8 * lane] + struct.pack("<d", x) + v[8 * lane + 8 :]


#: Between floats and the lanes of vectors.
SCALARS: dict[str, Operation] = {
    f.__name__: f
    for f in (
        f32x4_splat,
        f64x2_splat,
        f32x4_extract,
        f64x2_extract,
        f32x4_replace,
        f64x2_replace,
    )
}

_FLOAT_FORMS = {32: ("f32x4", "4f"), 64: ("f64x2", "2d")}

#: What Python has an operator or a function for.
_ARITHMETIC: tuple[tuple[str, str, Callable[..., float], int], ...] = (
    ("add", "{x} + {y}", floats.add, 2),
    ("sub", "{x} - {y}", floats.sub, 2),
    ("mul", "{x} * {y}", floats.mul, 2),
    ("div", "{x} / {y}", floats.div, 2),
    ("sqrt", "math.sqrt({x})", floats.sqrt, 1),
)

#: Rounding to integers: the sign, which Python's functions lose with -0, is put back.
_WHOLE: tuple[tuple[str, str, Callable[..., float]], ...] = (
    ("ceil", "math.ceil", floats.ceil),
    ("floor", "math.floor", floats.floor),
    ("trunc", "math.trunc", floats.trunc),
    ("nearest", "round", floats.nearest),
)


def _declare_floats(n: int, shape: str, form: str) -> None:
    for name, lane, meaning, arity in _ARITHMETIC:
        slow = _plain(simd_float.lanewise(n, partial(meaning, simd_float.rounding(n))))
        BYTES[f"{shape}_{name}"] = _unrolled(
            form, form, lane, arity, careful=True, slow=slow, math=math
        )
    for name, function, meaning in _WHOLE:
        lane = f"math.copysign({function}({{x}}), {{x}})"
        slow = _plain(simd_float.lanewise(n, meaning))
        BYTES[f"{shape}_{name}"] = _unrolled(
            form, form, lane, 1, careful=True, slow=slow, math=math
        )
    for name, sign, meaning in (("min", "<", floats.minimum), ("max", ">", floats.maximum)):
        other = f"{{y}} if {{y}} {sign} {{x}} else same({{x}}, {{y}})"  # equal, or a NaN
        made = _unrolled(form, form, f"{{x}} if {{x}} {sign} {{y}} else {other}", same=meaning)
        BYTES[f"{shape}_{name}"] = BYTES[f"{shape}_relaxed_{name}"] = made


for _n, (_shape, _form) in _FLOAT_FORMS.items():
    _declare_floats(_n, _shape, _form)

_COMPARISONS = (("eq", "=="), ("ne", "!="), ("lt", "<"), ("gt", ">"), ("le", "<="), ("ge", ">="))


def _comparison(n: int, sign: str) -> Operation:
    """The mask of the lanes where a comparison holds, from a table of all of them."""
    count, form = 128 // n, _FLOAT_FORMS[n][1]
    table = [
        sum(((1 << n) - 1) << n * i for i in range(count) if chosen >> i & 1)
        for chosen in range(1 << count)
    ]
    bits = " | ".join(f"(x{i} {sign} y{i}) << {i}" for i in range(count))
    source = (
        "def operation(a, b):\n"
        f"    {', '.join(f'x{i}' for i in range(count))} = take(a)\n"
        f"    {', '.join(f'y{i}' for i in range(count))} = take(b)\n"
        f"    return table[{bits}]\n"
    )
    scope: dict[str, Any] = {"take": struct.Struct("<" + form).unpack, "table": table}
    exec(source, scope)
    made: Operation = scope["operation"]
    return made


for _n, (_shape, _form) in _FLOAT_FORMS.items():
    for _name, _symbol in _COMPARISONS:
        MASKS[f"{_shape}_{_name}"] = _comparison(_n, _symbol)


# ------------------------------------------------------------------ conversions

BYTES["f32x4_convert_i32x4_s"] = _unrolled("4i", "4f", "{x}", 1)
BYTES["f32x4_convert_i32x4_u"] = _unrolled("4I", "4f", "{x}", 1)
BYTES["f64x2_convert_low_i32x4_s"] = _unrolled("2i8x", "2d", "{x}", 1)
BYTES["f64x2_convert_low_i32x4_u"] = _unrolled("2I8x", "2d", "{x}", 1)
BYTES["f64x2_promote_low_f32x4"] = _unrolled(
    "2f8x", "2d", "{x}", 1, careful=True, slow=_plain(simd_float.promote_low)
)
BYTES["f32x4_demote_f64x2_zero"] = _unrolled(
    "2d", "2f8x", "{x}", 1, careful=True, slow=_plain(simd_float.demote_zero)
)

for _word, _low, _high, _code in (
    ("s", -(1 << 31), (1 << 31) - 1, "i"),
    ("u", 0, (1 << 32) - 1, "I"),
):
    _lane = f"int({{x}}) if {_low - 1}.0 < {{x}} < {_high + 1}.0 else clamp({{x}})"
    _clamp = partial(floats.trunc_sat, _low, _high)
    _made = _unrolled("4f", f"4{_code}", _lane, 1, clamp=_clamp)
    BYTES[f"i32x4_trunc_sat_f32x4_{_word}"] = BYTES[f"i32x4_relaxed_trunc_f32x4_{_word}"] = _made
    _made = _unrolled("2d", f"2{_code}8x", _lane, 1, clamp=_clamp)
    BYTES[f"i32x4_trunc_sat_f64x2_{_word}_zero"] = _made
    BYTES[f"i32x4_relaxed_trunc_f64x2_{_word}_zero"] = _made
