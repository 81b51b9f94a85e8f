"""References of every kind, branched on by what they are and used as what they then must be."""

from __future__ import annotations

from differential.draw import Draw
from differential.drills.parts import Function, see

__all__ = ["functions"]

_HEAD = (
    "(param $x i32) (param $y i32) (result i64) (local $n i32) (local $w i64)"
    " (local $a anyref) (local $b (ref null $base)) (local $h (ref null $unary))"
    " (local.set $a (call $pick (local.get $x)))"
)
#: Heap types, and how a reference of each becomes a number.
_USES = {
    "$base": "(struct.get $base 0)",
    "$more": "(struct.get $more 1)",
    "$row": "(array.len)",
    "i31": "(i31.get_s)",
    "eq": "(ref.is_null)",
    "struct": "(ref.test (ref $more))",
    "any": "(ref.is_null)",
}


def functions(draw: Draw, number: int) -> list[Function]:
    """Eight."""
    made = []
    for _ in range(8):
        lines = " ".join(_statement(draw) for _ in range(draw.between(3, 6)))
        calls = tuple((x, draw.below(6)) for x in range(6))
        made.append(Function(f"{_HEAD} {lines} (global.get $seen)", calls))
    return made


def _any(draw: Draw) -> str:
    return draw.pick((
        "(local.get $a)", "(call $pick (local.get $y))", "(call $pick (local.get $x))",
        "(ref.null none)", "(local.get $b)", "(ref.i31 (local.get $y))",
        "(any.convert_extern (extern.convert_any (local.get $a)))",
    ))  # fmt: skip


def _base(draw: Draw) -> str:
    """A `(ref null $base)`."""
    made = "(call $base (local.get $y))"
    return draw.pick(
        ("(local.get $b)", made, "(ref.null $base)", "(call $base (local.get $x))", made)
    )


def _looked(draw: Draw, number: str) -> str:
    return f"{number} (local.set $n) {see(draw, 'i32', '(local.get $n)')}"


def _statement(draw: Draw) -> str:
    heap = draw.pick(tuple(_USES))
    use, asked = _USES[heap], f"(ref {heap})"
    nullable = draw.chance(0.3)
    rest = "(ref any)" if nullable else "anyref"
    wanted = f"(ref null {heap})" if nullable else asked
    careful = f"(ref.as_non_null) {use}" if nullable and draw.chance(0.3) else use
    if nullable and use == careful and "test" not in use:
        careful = "(ref.is_null)"
    waiting = draw.pick(("(i32.const 5)", "(local.get $n)", "(i32.load8_u (local.get $n))"))
    match draw.below(13):
        case 0:  # the label takes what was asked for
            inner = f"(br_on_cast 0 anyref {wanted} {_any(draw)}) (ref.is_null) (drop)"
            other = "(unreachable)" if draw.chance(0.1) else "(br 1)"
            taken = f"(block (result {wanted}) {inner} {other}) {careful}"
            return f"(block {_looked(draw, taken)})"
        case 1:  # what goes on is the rest
            inner = f"(br_on_cast 0 anyref {wanted} {_any(draw)})"
            firm = "(i32.const 2) (array.new $firm) (array.len)"
            looked = _looked(draw, f"{inner} {firm if nullable else '(ref.is_null)'}")
            return f"(block (block (result {wanted}) {looked} (br 1)) (drop))"
        case 2:  # the label takes the rest
            failed = f"(br_on_cast_fail 0 anyref {wanted} {_any(draw)})"
            looked = _looked(draw, f"{failed} {careful}")
            last = "(ref.i31 (i32.const 1))" if nullable else "(local.get $a)"
            return f"(block (result {rest}) {looked} {last}) (drop)"
        case 3:
            failed = f"(br_on_cast_fail 0 anyref {wanted} {_any(draw)}) (drop) (br 1)"
            return f"(block {_looked(draw, f'(block (result {rest}) {failed}) (ref.is_null)')})"
        case 4 if draw.chance(0.5):  # what must not be null where it goes
            held = "(i32.const 2) (array.new $firm) (array.len)"
            null = f"(br_on_null 0 {_base(draw)})"
            held = f"{draw.pick((null, f'(ref.as_non_null {_base(draw)})'))} {held}"
            return f"(block {_looked(draw, held)})"
        case 4:
            return f"(block (br_on_null 0 {_base(draw)}) {_looked(draw, '(struct.get $base 0)')})"
        case 5:
            inner = f"(br_on_non_null 0 {_base(draw)}) (br 1)"
            taken = f"(block (result (ref $base)) {inner}) (struct.get $base 0)"
            return f"(block {_looked(draw, taken)})"
        case 6:  # a number is carried along
            inner = f"{waiting} {_base(draw)} (br_on_non_null 0) (local.set $n) (br 1)"
            taken = f"(block (result i32 (ref $base)) {inner}) (struct.get $base 0) (i32.sub)"
            return f"(block {_looked(draw, taken)}) {see(draw, 'i32', '(local.get $n)')}"
        case 7:
            inner = f"{waiting} (br_on_null 0 {_base(draw)}) (struct.get $base 0) (i32.sub)"
            return _looked(draw, f"(block (result i32) {inner})")
        case 8:  # out of the function
            return f"(i64.const 7) (br_on_null 0 {_base(draw)}) (drop) (drop)"
        case 9:
            called = "(ref.func $inc) (local.get $h) (i32.and (local.get $x) (i32.const 1))"
            held = f"{called} (select (result (ref null $unary)))"
            inner = f"(block (result i32) (i32.const 4) {held} (br_on_null 0) (call_ref $unary))"
            return _looked(draw, inner)
        case 10:
            test = f"(ref.test {draw.pick((asked, wanted))} {_any(draw)})"
            cast = f"(ref.cast {wanted} {_any(draw)}) (ref.is_null)"
            return _looked(draw, f"{test} (if (result i32) (then {cast}) (else (i32.const 8)))")
        case 11:
            return f"(local.set $b {_base(draw)}) (local.set $a {_any(draw)})"
    equal = f"(ref.eq {_base(draw)} {_base(draw)})"
    return _looked(draw, draw.pick((equal, f"(ref.is_null {_any(draw)})")))
