"""Each atomic instruction in turn, at addresses aligned or not, within the memory or not."""

from __future__ import annotations

from differential.constants import corner
from differential.draw import Draw
from differential.drills.parts import Function, see
from watloom.interp.isa.threads import PROPOSAL

__all__ = ["functions"]

_HEAD = (
    "(param $p i32) (param $x i32) (param $y i32) (param $u i64) (param $v i64) (result i64)"
    " (local $s i32) (local $w i64)"
)
_OPS = [op for op in PROPOSAL.ops if "access" in op.data and "memory." not in op.mnemonic]
_PLACES = (0, 8, 4, 1, 2, 3, 16, 65528, 65532, 65535, 65536, 0xFFFFFFF8)


def functions(draw: Draw, number: int) -> list[Function]:
    """Six functions with five accesses each."""
    made = []
    for i in range(6):
        first = (number * 6 + i) * 5
        lines = " ".join(_access(draw, _OPS[(first + j) % len(_OPS)].mnemonic) for j in range(5))
        calls = tuple(
            (place, *(corner(draw, t) for t in ("i32", "i32", "i64", "i64")))
            for place in draw.shuffled(_PLACES)[:8]
        )
        made.append(Function(f"{_HEAD} {lines} (global.get $seen)", calls))
    return made


def _access(draw: Draw, name: str) -> str:
    t = name[:3]
    values = [_value(draw, t) for _ in range(2 if "cmpxchg" in name else 1)]
    if "cmpxchg" in name and draw.chance(0.7):  # what is there, and some bits above it
        form = {"rmw8": "load8_u", "rmw16": "load16_u", "rmw32": "load32_u"}
        load = form.get(name.split(".")[2], "load")
        values[0] = (
            f"({t}.or ({t}.{load} (i32.const 8)) {draw.pick((values[0], f'({t}.const 0)'))})"
        )
    where = draw.pick(("(i32.const 8)", "(i32.const 8)", "(local.get $p)"))
    at = draw.pick(("", "", "offset=8 "))
    if where == "(i32.const 8)":
        at = ""
    if ".atomic.store" in name:
        again = f"({t}.load (i32.const 8))"
        return f"({name} {at}{where} {values[0]}) {see(draw, t, again)}"
    operands = "" if ".atomic.load" in name else f" {' '.join(values)}"
    return see(draw, t, f"({name} {at}{where}{operands})")


def _value(draw: Draw, t: str) -> str:
    """An operand whose sum may not have been wrapped yet."""
    x, y = ("$x", "$y") if t == "i32" else ("$u", "$v")
    plain = f"(local.get {draw.pick((x, y))})"
    return draw.pick((plain, f"({t}.add (local.get {x}) (local.get {y}))", f"({t}.const 1)"))
