"""Calls in all forms, tail calls above all, with none to three arguments, some of which trap."""

from __future__ import annotations

from differential.constants import corner
from differential.draw import Draw
from differential.drills.parts import Function, see

__all__ = ["functions"]

_TYPES = ("$nullary", "$unary", "$binary", "$ternary")
#: Functions of the module by the number of their parameters, and where in `$calls` they are.
_KNOWN = {
    0: (("$nine", 4),),
    1: (("$inc", 0), ("$change", 2)),
    2: (("$add", 1),),
    3: (("$mix3", 5),),
}


def functions(draw: Draw, number: int) -> list[Function]:
    """Twelve, each of which may call those before it, and itself with a smaller first argument."""
    made: list[Function] = []
    counts: list[int] = []
    for i in range(12):
        count = i % 4
        body = " ".join(_statement(draw, counts, count) for _ in range(draw.between(2, 4)))
        last = _call(draw, counts, count, tail=draw.chance(0.6))
        params = "".join(f" (param $p{j} i32)" for j in range(count))
        text = f"{params} (result i32) (local $r i32) (local $w i64) {body} {last}"
        calls = tuple(
            tuple(draw.pick((0, 1, 2, 3, 6, corner(draw, "i32"))) for _ in range(count))
            for _ in range(6)
        )
        made.append(Function(text, calls))
        counts.append(count)
    return made


def _statement(draw: Draw, counts: list[int], own: int) -> str:
    roll = draw.below(5)
    if roll == 0:
        return f"(if {_number(draw, own, 0)} (then {_call(draw, counts, own, tail=True)}))"
    if roll == 1 and own:
        down = "(i32.and (i32.sub (local.get $p0) (i32.const 1)) (i32.const 7))"
        args = " ".join([down, *(_number(draw, own, 0) for _ in range(own - 1))])
        test = "(i32.and (local.get $p0) (i32.const 7))"
        return f"(if {test} (then (return_call $f{len(counts)} {args})))"
    if roll == 2:
        return f"(global.set $g {_number(draw, own, 1)})"
    call = _call(draw, counts, own, tail=False)
    return f"(local.set $r {call}) {see(draw, 'i32', '(local.get $r)')}"


def _call(draw: Draw, counts: list[int], own: int, *, tail: bool) -> str:
    """A call of something that gives an i32."""
    keyword = "return_call" if tail else "call"
    count = draw.below(4)
    args = " ".join(_number(draw, own, 2) for _ in range(count))
    name, slot = draw.pick(_KNOWN[count])
    earlier = [i for i, have in enumerate(counts) if have == count and i >= len(counts) - 6]
    match draw.below(6):
        case 5:  # an entry that is null, mostly
            entry = draw.pick(("(i32.const 2)", _number(draw, own, 0)))
            call = f"({keyword}_indirect $t (type {_TYPES[count]}) {args} {entry})"
            last = "" if tail else " (local.set $r)"
            inner = f"(if {_number(draw, own, 0)} (then {call}{last}))"
            return f"{inner} (return (i32.const 6))" if tail else f"{inner} (i32.const 6)"
        case 0 | 1:
            if earlier and draw.chance(0.5):
                name = f"$f{draw.pick(earlier)}"
            return f"({keyword} {name} {args})"
        case 2:
            index = f"(i32.const {slot})"
            if own and draw.chance(0.5):
                bit = "(i32.and (local.get $p0) (i32.const 2))"
                far = f"(i32.mul {bit} (i32.const {draw.pick((1, 2, 50))}))"
                index = f"(i32.add {far} {index})"
            return f"({keyword}_indirect $calls (type {_TYPES[count]}) {args} {index})"
        case 3:
            held = f"(ref.func {name})"
            if own:
                null, bit = f"(ref.null {_TYPES[count]})", "(i32.and (local.get $p0) (i32.const 4))"
                held = f"(select (result (ref null {_TYPES[count]})) {null} {held} {bit})"
            return f"({keyword}_ref {_TYPES[count]} {args} {held})"
    return f"({keyword} {name} {args})"


def _number(draw: Draw, own: int, depth: int) -> str:
    x = f"(local.get $p{draw.below(own)})" if own else "(local.get $r)"
    match draw.below(9 if depth else 3):
        case 0:
            return "(i32.const 3)"
        case 1:
            return "(global.get $g)"
        case 3:
            return f"(i32.add {x} (i32.const {draw.pick((-1, 1, 7))}))"
        case 4:
            return f"(i32.div_u (i32.const 8) {x})"
        case 5:
            return f"(i32.load (i32.mul (i32.and {x} (i32.const 1)) (i32.const -3)))"
        case 6:
            return f"(call $inc {x})"
        case 7:
            return f"(call $change {x})"
        case 8:
            return "(i32.load (i32.const 4))"
    return x
