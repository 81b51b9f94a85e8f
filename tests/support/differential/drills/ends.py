"""Numbers of a known range, moved so that one end of it lies just beyond what an instruction takes.

    (i32.store8 (i32.add (i32.load8_s $p) (i32.const 129)))     127 + 129 is no byte any more

A tier that believes a range to be smaller than it is, by one even, leaves a wrap out there.
"""

from __future__ import annotations

from dataclasses import dataclass

from differential.constants import WIDTH, const
from differential.draw import Draw
from differential.drills.parts import Function, see

__all__ = ["functions"]

_HEAD = (
    "(param $x i32) (param $u i64) (param $z f64) (param $p i32) (param $k i32) (result i64)"
    " (local $s i32) (local $w i64) (local $v v128)"
    " (local.set $s (local.get $x)) (local.set $w (local.get $u))"
    " (local.set $v (v128.load (local.get $p)))"
)
#: What makes it likely that a tier keeps a local in signed form.
_SIGNED = " ".join(
    f"(if ({t}.{compare}_s (local.get {name}) ({t}.const {limit}))"
    f" (then (global.set $g (i32.const {limit}))))"
    for t, name in (("i32", "$s"), ("i64", "$w"))
    for compare in ("lt", "gt")
    for limit in (5, -5, 900)
)
#: Where the smallest and largest numbers of each size are in the memory.
_PLACES = (2, 3, 22, 38, 20, 36, 32, 24, 4, 0, 7, 16, 40, 6)
_CALLS = tuple(
    (x & 0xFFFF_FFFF, u & (1 << 64) - 1, z, p, k)
    for k in (0, 7)
    for x, u, z, p in zip(
        (0, 1, -1, 1 << 31, (1 << 31) - 1, 255, 128, 127, 32767, 32768, 65535, -128, 9, -9),
        (0, 1, -1, 1 << 63, (1 << 63) - 1, 255, 128, 127, 1 << 31, 65535, -(1 << 31), 9, -9, 63),
        (0, 0x3FF0 << 48, 0x7FF8 << 48, 0xBFF0 << 48) * 3 + (0, 1),
        _PLACES,
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class _Form:
    """A number: its type, the text that makes it, and the range it has."""

    t: str
    text: str
    low: int
    high: int


def _forms() -> list[_Form]:
    made = []
    for t, x in (("i32", "(local.get $x)"), ("i64", "(local.get $u)")):
        width = WIDTH[t]
        half = 1 << (width - 1)
        count = (
            f"({t}.and {'(local.get $k)' if t == 'i32' else '(i64.extend_i32_u (local.get $k))'}"
        )
        count = f"{count} ({t}.const 7))"
        late = f"({t}.add {count} ({t}.const {width - 8}))"
        loads = {
            (size, sign): f"({t}.load{size}_{sign} (local.get $p))"
            for size in (8, 16, 32)[: 2 + (t == "i64")]
            for sign in "su"
        }
        for (size, sign), text in loads.items():
            least = -(1 << size - 1) if sign == "s" else 0
            made.append(_Form(t, text, least, least + (1 << size) - 1))
        byte, word = loads[8, "s"], loads[16, "u"]
        made += [
            _Form(t, f"(local.get {'$s' if t == 'i32' else '$w'})", -half, half - 1),
            _Form(t, f"({t}.div_u {x} ({t}.const 1))", 0, 2 * half - 1),
            _Form(t, f"({t}.load (local.get $p))", 0, 2 * half - 1),
            _Form(t, x, 0, 2 * half - 1),
            _Form(t, f"({t}.shr_s {x} {late})", -128, 127),
            _Form(t, f"({t}.shr_u {x} {late})", 0, 255),
            _Form(t, f"({t}.shr_s {x} ({t}.const {width - 8}))", -128, 127),
            _Form(t, f"({t}.shr_u {x} ({t}.const {width - 5}))", 0, 31),
            _Form(t, f"({t}.shr_s {byte} {count})", -128, 127),
            _Form(t, f"({t}.rem_s {x} ({t}.const 10))", -9, 9),
            _Form(t, f"({t}.rem_u {x} ({t}.const 9))", 0, 8),
            _Form(t, f"({t}.div_s {x} {const(t, 1 << (width - 8))})", -128, 127),
            _Form(t, f"({t}.div_u {x} {const(t, 1 << (width - 8))})", 0, 255),
            _Form(t, f"({t}.div_s {byte} ({t}.const 4))", -32, 31),
            _Form(t, f"({t}.and {x} ({t}.const 255))", 0, 255),
            _Form(t, f"({t}.and {loads[8, 'u']} {word})", 0, 255),
            _Form(t, f"({t}.or ({t}.and {x} ({t}.const 3)) ({t}.and {x} ({t}.const 12)))", 0, 15),
            _Form(t, f"({t}.xor ({t}.and {x} ({t}.const 63)) {count})", 0, 63),
            _Form(t, f"({t}.mul {byte} {byte})", 0, 16384),
            _Form(t, f"({t}.mul {byte} ({t}.const -3))", -381, 384),
            _Form(t, f"({t}.add {loads[8, 'u']} {loads[8, 'u']})", 0, 510),
            _Form(t, f"({t}.sub ({t}.const 0) {byte})", -127, 128),
            _Form(t, f"({t}.shl {loads[8, 'u']} ({t}.const 3))", 0, 2040),
            _Form(t, f"(select {byte} {loads[8, 'u']} (local.get $k))", -128, 255),
            _Form(t, f"({t}.rotl {loads[8, 'u']} ({t}.const 2))", 0, 1020),
            _Form(t, f"({t}.extend8_s {x})", -128, 127),
            _Form(t, f"({t}.popcnt {x})", 0, width),
        ]
    made += [_Form("i32", text, 0, 1) for text in _truths()]
    made += [
        _Form("i64", f"(i64.extend_i32_{sign} {form.text})", form.low, form.high)
        for form in made
        if form.t == "i32" and form.low >= -128
        for sign in "su"[: 1 + (form.low == 0)]
    ]
    for shape, low, high in (("8x16_s", -128, 127), ("8x16_u", 0, 255), ("16x8_s", -32768, 32767)):
        lane = f"i{shape.replace('_', '.extract_lane_')} 0"
        made.append(_Form("i32", f"({lane} (local.get $v))", low, high))
    for shape, high in (("i8x16", 0xFFFF), ("i16x8", 0xFF), ("i32x4", 15)):
        mask = f"({shape}.bitmask (i8x16.splat (local.get $x)))"
        made.append(_Form("i32", mask, 0, high))
    return made


def _truths() -> list[str]:
    """Conditions, as numbers."""
    x, u = "(local.get $x)", "(local.get $u)"
    compared = [
        f"({t}.{compare} {value} {other})"
        for t, value in (("i32", x), ("i64", u))
        for compare in ("lt_s", "ge_s", "gt_s", "le_s", "lt_u", "ge_u", "eq", "ne")
        for other in (f"({t}.const 7)", f"({t}.const -7)", f"({t}.sub {value} ({t}.const 9))")
    ]
    return [
        *compared, f"(i32.eqz {x})", f"(i64.eqz {u})", "(f64.lt (local.get $z) (f64.const 1))",
        "(f64.ne (local.get $z) (local.get $z))", "(v128.any_true (i32x4.splat (local.get $x)))",
        "(i8x16.all_true (i8x16.splat (local.get $x)))",
        "(ref.is_null (table.get $t (i32.and (local.get $k) (i32.const 1))))",
        "(i64x2.all_true (i64x2.splat (local.get $u)))",
    ]  # fmt: skip


_FORMS = _forms()


def functions(draw: Draw, number: int) -> list[Function]:
    """Six functions of ten forms each, in turn; each is watched at its ends in six ways."""
    made = []
    for i in range(6):
        first = (number * 6 + i) * 10
        lines = []
        for j in range(10):
            form = _FORMS[(first + j) % len(_FORMS)]
            lines += draw.shuffled([*_below(draw, form), *_above(draw, form)])[:6]
        made.append(Function(f"{_HEAD} {_SIGNED} {' '.join(lines)} (global.get $seen)", _CALLS))
    return made


def _plus(form: _Form, by: int) -> str:
    return f"({form.t}.add {form.text} {const(form.t, by & (1 << WIDTH[form.t]) - 1)})"


def _below(draw: Draw, form: _Form) -> list[str]:
    """Watched where the lower end becomes -1, or less than any signed number."""
    t, width = form.t, WIDTH[form.t]
    least = _plus(form, -form.low - 1)
    x = f"(local.get ${'x' if t == 'i32' else 'u'})"
    wide = least if t == "i64" else f"(i64.extend_i32_u {least})"
    return [
        *_stores(draw, form, least, form.high - form.low - 1),
        see(draw, "i64", f"(i64.div_u {wide} (i64.const 3))"),
        see(draw, t, f"({t}.{draw.pick(('div_s', 'rem_s'))} {least} ({t}.const 2))"),
        see(draw, "i32", f"({t}.lt_u {x} {least})"),
        see(draw, t, f"({t}.shr_{draw.pick('su')} {x} {least})"),
        *_signed(draw, t, _plus(form, -(1 << (width - 1)) - form.low - 1)),
    ]


def _above(draw: Draw, form: _Form) -> list[str]:
    """Watched where the upper end is one more than what is taken."""
    t, width = form.t, WIDTH[form.t]
    x = f"(local.get ${'x' if t == 'i32' else 'u'})"
    made = _signed(draw, t, _plus(form, (1 << (width - 1)) - form.high))
    for size in (8, 16, 32)[: 2 + (t == "i64")]:
        if form.high - form.low <= 1 << size:
            made += _stores(draw, form, _plus(form, (1 << size) - form.high), 1 << size)
    if form.high == (1 << width) - 1:
        next_ = _plus(form, 1)
        made.append(see(draw, "i32", f"({t}.eqz {next_})"))
        made.append(see(draw, t, f"({t}.div_u {next_} ({t}.const 3))"))
    if form.high - form.low <= width:
        count = _plus(form, width - form.high)
        made.append(see(draw, t, f"({t}.shr_{draw.pick('su')} {x} {count})"))
    return made


def _signed(draw: Draw, t: str, value: str) -> list[str]:
    """Watched by what wants the signed form."""
    return [
        see(draw, "f64", f"(f64.convert_{t}_s {value})"),
        see(draw, t, f"({t}.shr_s {value} ({t}.const 1))"),
        see(draw, "i32", f"({t}.{draw.pick(('lt', 'ge'))}_s {value} ({t}.const 5))"),
    ]


def _stores(draw: Draw, form: _Form, value: str, most: int) -> list[str]:
    """Stores that such a number fits, but for its end."""
    made = []
    for size in (8, 16, 32, 64):
        if size > WIDTH[form.t] or most > 1 << size:
            continue
        name = "" if size == WIDTH[form.t] else str(size)
        at = f"(i32.const {draw.between(300, 308)})"
        load = see(draw, form.t, f"({form.t}.load (i32.const 300))")
        made.append(f"({form.t}.store{name} {at} {value}) {load}")
    return made[:2]
