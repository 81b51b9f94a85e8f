"""Vectors: instructions with numbers of lanes, loads and stores of lanes, relaxed ones with bounds.

Other vector instructions are pure and join by themselves, or are loads and stores like others.
"""

from __future__ import annotations

from differential.body import Body
from differential.constants import const, corner
from differential.families import FUSED
from differential.plan import Plan
from differential.rule import expression, of, statement
from differential.rules.corners import see
from differential.rules.memory import address, memarg, memory_for
from differential.types import Type

__all__: list[str] = []

#: Shape, width of a lane, type of a lane that is taken out.
_SHAPES = (
    ("i8x16", 8, "i32"), ("i16x8", 16, "i32"), ("i32x4", 32, "i32"), ("i64x2", 64, "i64"),
    ("f32x4", 32, "f32"), ("f64x2", 64, "f64"),
)  # fmt: skip


def _usable(b: Body, t: str | None = None) -> list[tuple[str, int, str]]:
    """The shapes whose lanes this program has types for, or only those of one type."""
    return [s for s in _SHAPES if s[2] in b.plan.numbers and t in (None, s[2])]


def _operand(b: Body) -> str:
    """A vector: any, or one with corners in its lanes."""
    return b.expr("v128") if b.draw.chance(0.5) else const("v128", corner(b.draw, "v128"))


@expression("simd", 4, of("i32", "i64", "f32", "f64"))
def _extract(b: Body, t: Type) -> str | None:
    assert isinstance(t, str)
    shapes = _usable(b, t)
    if not shapes:
        return None
    shape, n, _ = b.draw.pick(shapes)
    sign = b.draw.pick(("_s", "_u")) if n < 32 else ""
    return f"({shape}.extract_lane{sign} {b.draw.below(128 // n)} {_operand(b)})"


@expression("simd", 3, of("v128"))
def _replace(b: Body, t: Type) -> str:
    shape, n, lane = b.draw.pick(_usable(b))
    return f"({shape}.replace_lane {b.draw.below(128 // n)} {_operand(b)} {b.expr(lane)})"


@expression("simd", 3, of("v128"))
def _shuffle(b: Body, t: Type) -> str:
    first, step = b.draw.below(32), b.draw.pick((0, 1, 1, 2, 31))
    lanes = [(first + i * step) % 32 for i in range(16)]
    if b.draw.chance(0.5):
        lanes = [b.draw.below(32) for _ in range(16)]
    return f"(i8x16.shuffle {' '.join(map(str, lanes))} {_operand(b)} {_operand(b)})"


@statement("simd", 10)
def _corners(b: Body) -> str | None:
    """Pure instructions on vectors with corners in their lanes, each result looked at."""
    if b.times > 3:
        return None
    count = b.draw.between(2, 6)
    b.size += count
    b.spend(count * 6)
    results = ["v128", "v128", "v128", *b.plan.numbers]
    made = []
    for _ in range(count):
        ops = [op for op in b.plan.pure_ops(b.draw.pick(results)) if "v128" in op.params]
        if ops:
            op = b.draw.pick(ops)
            operands = [_corner(b, t) for t in op.params]
            made.append(see(b, op.result, f"({op.mnemonic} {' '.join(operands)})"))
    return " ".join(made)


def _corner(b: Body, t: str) -> str:
    known = b.readable_as(t)
    if known and b.draw.chance(0.4):
        return f"(local.get {b.draw.pick(known)})"
    return const(t, corner(b.draw, t))


# ------------------------------------------------------------------ memory


def _memories(plan: Plan, t: Type = "v128") -> bool:
    return t == "v128" and bool(plan.memories)


@expression("simd", 2, _memories)
def _load_lane(b: Body, t: Type) -> str:
    n, memory = b.draw.pick((8, 16, 32, 64)), memory_for(b)
    offset, where = address(b, memory, n // 8)
    immediates = f"{memarg(b, memory, offset, n // 8)} {b.draw.below(128 // n)}"
    return f"(v128.load{n}_lane{immediates} {where} {b.expr('v128')})"


@statement("simd", 2, _memories)
def _store_lane(b: Body) -> str:
    n, memory = b.draw.pick((8, 16, 32, 64)), memory_for(b)
    offset, where = address(b, memory, n // 8)
    immediates = f"{memarg(b, memory, offset, n // 8)} {b.draw.below(128 // n)}"
    return f"(v128.store{n}_lane{immediates} {where} {b.expr('v128')})"


# ------------------------------------------------------------------ relaxed

_SMALL = "(v128.and {} (v128.const i32x4 0x7f7f7f7f 0x7f7f7f7f 0x7f7f7f7f 0x7f7f7f7f))"


@expression("relaxed-simd", 1, of("v128"))
def _dot(b: Body, t: Type) -> str:
    """With a second operand of seven bits, as its name says, all engines agree."""
    operands = f"{_operand(b)} {_SMALL.format(_operand(b))}"
    if b.draw.chance(0.5):
        return f"(i16x8.relaxed_dot_i8x16_i7x16_s {operands})"
    return f"(i32x4.relaxed_dot_i8x16_i7x16_add_s {operands} {_operand(b)})"


@expression("relaxed-fused", 3, of("v128"))
def _fused(b: Body, t: Type) -> str:
    op = b.draw.pick(FUSED)
    return f"({op.mnemonic} {' '.join(_operand(b) for _ in op.params)})"
