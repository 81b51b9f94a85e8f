"""Each integer instruction in turn, on operands of every form, watched in every way.

An operand's form is what a tier may know of it: a constant, a sum that has not been wrapped, a load
with a sign, a comparison. What watches is what needs the exact number, or one sign of it, or
relies on a range: `(x * E + y) >> 1` shows a range that is too narrow by one.
"""

from __future__ import annotations

from differential.constants import WIDTH, bits_for, const, corner
from differential.draw import Draw
from differential.drills.parts import Function, see
from differential.families import PURE, PureOp

__all__ = ["functions", "value"]

_PARAMS = ("i32", "i32", "i64", "i64", "f64")
_NAMES = {"i32": ("$x", "$y"), "i64": ("$u", "$v")}
_HEAD = (
    "(param $x i32) (param $y i32) (param $u i64) (param $v i64) (param $z f64) (result i64)"
    " (local $s i32) (local $w i64) (local $p v128) (local $o (ref null $pair))"
    " (local.set $o (struct.new_default $pair))"
)
#: With comparisons like these a tier may keep a local in signed form.
_SIGNED = (
    "(local.set $s (i32.sub (local.get $x) (i32.const 1)))"
    " (if (i32.lt_s (local.get $s) (local.get $y)) (then (nop)))"
    " (if (i32.gt_s (local.get $s) (i32.const -9)) (then (global.set $g (i32.const 2))))"
    " (local.set $w (i64.add (local.get $u) (i64.const 5)))"
    " (if (i64.lt_s (local.get $w) (local.get $v)) (then (global.set $g (i32.const 3))))"
)
_OPS = [op for op in PURE["integer"] if set(op.params) <= {"i32", "i64"}]
_RANGED = (
    "add", "sub", "mul", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rem_u", "rem_s",
    "div_s", "div_u", "rotl", "select", "select", "lt_s", "ge_s", "lt_u", "eq", "ne",
)  # fmt: skip
_SMALL = (1, 2, 3, 7, 31, 63, 127, 255, 65535)


def functions(draw: Draw, number: int) -> list[Function]:
    """Eight functions: eight instructions in turn, and eight that know ranges."""
    made = []
    for i in range(8):
        first = (number * 8 + i) * 8
        lines = [_watched(draw, _OPS[(first + j) % len(_OPS)]) for j in range(8)]
        lines += [_ranged(draw) for _ in range(8)]
        preface = _SIGNED if draw.chance(0.5) else ""
        text = f"{_HEAD} {preface} {' '.join(lines)} (global.get $seen)"
        calls = tuple(tuple(_argument(draw, t) for t in _PARAMS) for _ in range(6))
        made.append(Function(text, calls))
    return made


def _argument(draw: Draw, t: str) -> int:
    return corner(draw, t) if draw.chance(0.7) else bits_for(draw, t)


def _watched(draw: Draw, op: PureOp) -> str:
    made = _apply(draw, op, [value(draw, t, draw.below(3)) for t in op.params])
    t = op.result
    for _ in range(draw.below(3)):
        t, made = _through(draw, t, made)
    return _watch(draw, t, made)


def _ranged(draw: Draw) -> str:
    """An instruction whose range follows from its operands', which are of some form each."""
    t = draw.pick(("i32", "i32", "i64"))
    name = draw.pick(_RANGED)
    x, y = (_small(draw, t) if draw.chance(0.5) else _start(draw, t) for _ in range(2))
    if name[:3] in ("div", "rem"):
        y = const(t, draw.pick((1, 2, 3, 7, 10, 64, 255)))
    elif name[:2] == "sh" and draw.chance(0.5):
        y = const(t, draw.pick((1, 3, 8, 24, 31, 32, 40, 63)))
    made = f"({t}.{name} {x} {y})"
    if name == "select":
        made = f"(select {x} {y} (i32.and (local.get $y) (i32.const 1)))"
    if name[:2] in ("lt", "ge", "eq", "ne"):
        t = "i32"
    if draw.chance(0.5):
        t, made = _through(draw, t, made)
    return _watch(draw, t, made)


def _apply(draw: Draw, op: PureOp, operands: list[str]) -> str:
    name, t = op.mnemonic.split(".")[1], op.params[0]
    if len(operands) == 2 and draw.chance(0.3):
        operands[1] = const(t, corner(draw, t))
        if draw.chance(0.4):
            operands[1] = const(t, draw.pick((1, 2, 5, 8, 31, 32, 33, 63)))
    elif len(operands) == 2 and draw.chance(0.1):
        operands[0] = const(t, corner(draw, t))
    if name[:3] in ("div", "rem"):
        low = draw.pick((1, 1, 2, 3, 10, 255, (1 << WIDTH[t]) - 1, 1 << (WIDTH[t] - 1)))
        other = f"({t}.or {operands[1]} ({t}.const 1))" if "_u" in name else const(t, low)
        if name.endswith("_s") and draw.chance(0.5):
            other = f"({t}.or ({t}.and {operands[1]} ({t}.const 15)) ({t}.const 1))"
        operands[1] = const(t, low) if draw.chance(0.3) else other
    return f"({op.mnemonic} {' '.join(operands)})"


# ------------------------------------------------------------------ operands


def value(draw: Draw, t: str, depth: int) -> str:
    """An integer, by so many instructions on something of a known form."""
    if depth == 0:
        return _start(draw, t)
    op = draw.pick([op for op in _OPS if op.result == t])
    if draw.chance(0.6):
        op = draw.pick([o for o in _OPS if o.params == (t, t) and o.result == t])
    return _apply(draw, op, [value(draw, p, depth - 1 - draw.below(depth)) for p in op.params])


def _start(draw: Draw, t: str) -> str:
    x, y = (f"(local.get {name})" for name in draw.shuffled(_NAMES[t]))
    compare = draw.pick(("lt_s", "lt_u", "eq", "ge_u", "gt_s", "ne"))
    asked = f"({t}.{compare} {x} {draw.pick((y, const(t, corner(draw, t))))})"
    loads = ("8_s", "8_u", "16_s", "16_u", "", *(("32_s", "32_u") * (t == "i64")))
    match draw.below(14):
        case 0:
            return const(t, corner(draw, t))
        case 1:
            return f"({t}.load{draw.pick(loads)} (i32.const {draw.below(40)}))"
        case 2:
            return f"({t}.load{draw.pick(loads)} (i32.and (local.get $x) (i32.const 31)))"
        case 3:
            return asked if t == "i32" else f"(i64.extend_i32_u {asked})"
        case 4:
            return f"({t}.and {x} ({t}.const {draw.pick(_SMALL)}))"
        case 5:
            return f"({t}.{draw.pick(('add', 'sub', 'mul'))} {x} {y})"
        case 6:
            return f"({t}.sub ({t}.const {draw.pick((0, 1, -1))}) {draw.pick((x, y))})"
        case 7:
            return f"({t}.shr_{draw.pick('su')} {x} ({t}.const {draw.below(WIDTH[t])}))"
        case 8:
            return f"(local.get {'$s' if t == 'i32' else '$w'})"
        case 9:
            test = f"(f64.{draw.pick(('lt', 'eq', 'ne', 'ge'))} (local.get $z) (f64.const 1))"
            return test if t == "i32" else f"(i64.extend_i32_s {test})"
        case 10:
            return f"(select {x} {const(t, corner(draw, t))} {_start(draw, 'i32')})"
        case 11 if t == "i32" and draw.chance(0.4):
            test = draw.pick(("v128.any_true", "i8x16.all_true", "i16x8.bitmask", "i8x16.bitmask"))
            return f"({test} (v128.load (i32.const {draw.below(30)})))"
        case 11:
            lane = draw.below(2) if t == "i64" else draw.below(4)
            return f"({t}x{4 if t == 'i32' else 2}.extract_lane {lane} (v128.load (i32.const 3)))"
    return x


def _small(draw: Draw, t: str) -> str:
    """A number of a small range, with a sign or not."""
    x = f"(local.get {draw.pick(_NAMES[t])})"
    byte = f"(i32.const {draw.below(40)})"
    shift = draw.between(WIDTH[t] - 10, WIDTH[t] - 1)
    lane = f"(i8x16.extract_lane_{draw.pick('su')} {draw.below(16)} (v128.load (i32.const 0)))"
    compared = f"({t}.{draw.pick(('lt_u', 'ge_s', 'ne'))} {x} {_start(draw, t)})"
    return draw.pick((
        f"({t}.load8_s {byte})", f"({t}.load16_s {byte})", f"({t}.load8_u {byte})",
        f"({t}.and {x} ({t}.const {draw.pick(_SMALL)}))",
        f"({t}.shr_s {x} ({t}.const {shift}))", f"({t}.shr_u {x} ({t}.const {shift}))",
        f"({t}.rem_s {x} ({t}.const 10))", f"({t}.rem_u {x} ({t}.const 9))",
        compared if t == "i32" else f"(i64.extend_i32_u {compared})",
        lane if t == "i32" else f"(i64.extend_i32_s {lane})",
        f"({t}.or ({t}.and {x} ({t}.const 3)) ({t}.and {x} ({t}.const 12)))",
    ))  # fmt: skip


# ------------------------------------------------------------------ ways on, and ways to watch


def _through(draw: Draw, t: str, made: str) -> tuple[str, str]:
    """Another instruction on it, which may rely on its range."""
    x = f"(local.get {draw.pick(_NAMES[t])})"
    known = value(draw, t, draw.below(2))
    match draw.below(11):
        case 8 | 9:
            return t, f"({t}.{draw.pick(('add', 'sub'))} {made} ({t}.const {draw.pick((1, -1))}))"
        case 0 | 1:
            return t, f"({t}.add ({t}.mul {made} {x}) {known})"
        case 2:
            return t, f"({t}.sub {known} {made})"
        case 3:
            return t, f"({t}.shl {made} ({t}.const {draw.below(WIDTH[t])}))"
        case 4:
            return t, f"({t}.shl {x} {made})"
        case 5:
            return t, f"({t}.{draw.pick(('or', 'xor', 'and'))} {made} {known})"
        case 6:
            return t, f"(select {made} {known} (local.get $y))"
        case 7 if t == "i32":
            return "i64", f"(i64.extend_i32_{draw.pick('su')} {made})"
        case 7:
            return "i32", f"(i32.wrap_i64 {made})"
    return t, f"({t}.add {made} {known})"


def _watch(draw: Draw, t: str, made: str) -> str:
    other = value(draw, t, draw.below(2))
    local = "$s" if t == "i32" else "$w"
    place = f"(i32.const {draw.below(60)})"
    match draw.below(21):
        case 19:
            compare = draw.pick(("lt_u", "ge_u", "gt_u", "le_u", "ge_s", "lt_s", "eq"))
            pair = f"{made} {draw.pick((made, other))}"
            test = f"(i32.eqz ({t}.{compare} {pair}))"
            return f"(if {test} (then {see(draw, 'i32', '(i32.const 13)')}))"
        case 18 if t == "i32":  # one that may be 2^32
            one = f"(i32.add {made} (i32.const 1))"
            last = draw.pick((f"(i32.sub (local.get $x) {made})", one))
            if draw.chance(0.5):
                turned = "(i32.add (local.get $x) (i32.const 1))"
                return see(draw, "i32", f"(i32.eqz {draw.pick((one, last, turned, turned))})")
            return f"(block (br_if 0 {last}) {see(draw, 'i32', '(i32.const 9)')})"
        case 0:
            return see(draw, t, f"({t}.shr_u {made} ({t}.const {draw.pick((1, 8, 31))}))")
        case 1:
            return see(draw, t, f"({t}.shr_s {made} {draw.pick((f'({t}.const 1)', other))})")
        case 2:
            return see(draw, t, f"({t}.shr_u {other} {made})")
        case 3 | 4 | 5:
            compare = f"{draw.pick(('lt', 'gt', 'le', 'ge'))}_{draw.pick('ssu')}"
            limit = draw.pick((other, const(t, corner(draw, t)), const(t, draw.below(9))))
            pair = f"{made} {limit}" if draw.chance(0.7) else f"{limit} {made}"
            return see(draw, "i32", f"({t}.{compare} {pair})")
        case 6:
            return see(draw, "i32", f"({t}.{draw.pick(('eq', 'ne'))} {made} {other})")
        case 7:
            form = draw.pick(("8", "16", "", *(("32",) * (t == "i64"))))
            return f"({t}.store{form} {place} {made}) {see(draw, t, f'({t}.load {place})')}"
        case 8:
            return see(draw, "f64", f"(f64.convert_{t}_{draw.pick('su')} {made})")
        case 9 | 10:
            looked = (
                f"({t}.{draw.pick(('shr_u', 'div_s', 'add'))} (local.get {local}) {const(t, 3)})"
            )
            return f"(local.set {local} {made}) {see(draw, t, looked)}"
        case 11:
            where = f"({t}.and {made} ({t}.const 1023))"
            where = where if t == "i32" else f"(i32.wrap_i64 {where})"
            return see(draw, "i32", f"(i32.load offset={draw.below(3)} {where})")
        case 12:
            shape, lanes = ("i32x4", 4) if t == "i32" else ("i64x2", 2)
            if t == "i32" and draw.chance(0.7):
                shape, lanes = draw.pick((("i8x16", 16), ("i16x8", 8)))
            lane = f"({shape}.replace_lane {draw.below(lanes)} (v128.load (i32.const 0)) {made})"
            return see(draw, "v128", draw.pick((f"({shape}.splat {made})", lane)))
        case 13:
            field = 1 if t == "i64" else draw.pick((0, 2))
            get = f"(struct.get{'_s' * (field == 2)} $pair {field} (local.get $o))"
            return f"(struct.set $pair {field} (local.get $o) {made}) {see(draw, t, get)}"
        case 14:
            test = made if t == "i32" else f"(i32.eqz (i64.eqz {made}))"
            if draw.chance(0.5):
                return see(draw, "i32", f"(select (i32.const 3) (i32.const 4) {test})")
            return f"(if {test} (then {see(draw, 'i32', '(i32.const 11)')}))"
        case 15 if t == "i32":
            return _switch(draw, made)
        case 16 if t == "i32":
            return see(draw, "i32", f"(call $half {made})")
        case 17:
            moved = f"({t}.add (local.get {local}) {made})"
            return f"(local.set {local} {moved}) {see(draw, t, f'(local.get {local})')}"
    return see(draw, t, made)


def _switch(draw: Draw, index: str) -> str:
    inner = f"(br_table 0 1 2 0 3 (i32.and {index} (i32.const {draw.pick((3, 7, -1))})))"
    for i in range(4):
        inner = f"(block {inner}) {see(draw, 'i32', f'(i32.const {i})')}"
    return inner
