"""Which mistakes in the range of a value make it wider and do nothing else.

A range says between which numbers a value lies. One that is wider than need be costs a wrap; the
value is the same. So such a mistake is none, and that is tried out: the range is computed with and
without it, for many operands.

    bounds=(0, min(a.high, b.high))  →  bounds=(0, max(a.high, b.high))     only wider
    bounds=(0, min(a.high, b.high))  →  bounds=(0, min(a.high, b.low))      not
"""

from __future__ import annotations

import ast
from copy import deepcopy
from random import Random
from types import SimpleNamespace
from typing import Any

__all__ = ["is_range", "only_wider", "whole"]

#: Variables, by function, that hold a range or one end of it ("both", "low", "high", "corners").
_ENDS = {
    ("mul", "corners"): "corners", ("_multiply.rule", "corners"): "corners",
    ("_bitwise.rule", "top"): "high", ("_rotate.rule", "top"): "high",
    ("shr_u", "high"): "high", ("shr_s", "high"): "high", ("shr_s", "low"): "low",
    ("_division.rule", "high"): "high", ("_by_constant.rule", "high"): "high",
    ("_by_constant.rule", "most"): "high",
}  # fmt: skip
#: Here the low end also says through which view memory is read.
_NOT = {"loaded"}

_TRIALS = 80


def is_range(node: ast.AST, scope: str) -> str:
    """Which ends of a range a node says, as in `_ENDS`; "" for none."""
    match node:
        case ast.keyword(arg="bounds") if scope not in _NOT:
            return "both"
        case ast.Assign(targets=[ast.Name("bounds")]) if scope not in _NOT:
            return "both"
        case ast.Assign(targets=[ast.Name(name)]):
            return _ENDS.get((scope, name), "")
        case ast.Assign(targets=[ast.Tuple([ast.Attribute(attr="low"), ast.Attribute()])]):
            return "both"
    return ""


def only_wider(before: ast.expr, after: ast.expr, ends: str) -> bool:
    """Whether what `after` gives contains what `before` gives, whatever the operands."""
    trees = [ast.Expression(_Careful().visit(deepcopy(e))) for e in (before, after)]
    codes = [compile(ast.fix_missing_locations(tree), "range", "eval") for tree in trees]
    random = Random(1)
    for _ in range(_TRIALS):
        names = _operands(random)
        try:
            old, new = (_interval(eval(code, dict(names)), ends) for code in codes)
        except (ArithmeticError, AttributeError, NameError, TypeError, ValueError):
            return False
        if new[0] > old[0] or new[1] < old[1]:
            return False
    return True


class _Careful(ast.NodeTransformer):
    """Shifts to the left fail where they would fill the memory."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.LShift):
            return ast.Call(ast.Name("shl", ast.Load()), [node.left, node.right], [])
        return node


def _shl(a: int, by: int) -> int:
    if by > 4096:
        raise OverflowError
    return a << by


def whole(type: ast.expr) -> ast.expr:
    """The range of a type that holds where none is said."""
    widths = {"I32": "32", "I64": "64"}
    width = widths.get(type.id, "bits") if isinstance(type, ast.Name) else "bits"
    return ast.parse(f"(0, (1 << {width}) - 1)", mode="eval").body


def _interval(value: Any, ends: str) -> tuple[float, float]:
    if value is None:  # of a float: nothing is known
        return float("-inf"), float("inf")
    if ends == "corners":
        return min(value), max(value)
    if ends == "both":
        low, high = value
        return low, high
    return (value, float("inf")) if ends == "low" else (float("-inf"), value)


def _operands(random: Random) -> dict[str, Any]:
    """Values for every name that ranges are made of."""
    bits = random.choice((32, 64))
    names: dict[str, Any] = {
        "I32": "i32", "I64": "i64", "bits_of": lambda t: bits, "shl": _shl,
        "bits": bits, "half": 1 << (bits - 1), "mask": (1 << random.randrange(1, bits + 1)) - 1,
        "by": random.randrange(bits), "shift": random.randrange(4),
        "n": random.choice((8, 16, 32)), "op": random.choice(("//", "%", "add", "sub")),
        "k": _count(random, bits), "by_": _count(random, bits),
        "memarg": SimpleNamespace(offset=random.getrandbits(32)),
    }  # fmt: skip
    for name in ("low", "high", "top", "most", "value", "offset"):
        names[name] = random.getrandbits(bits)
    names["corners"] = [random.randint(-(1 << bits), 1 << bits) for _ in range(4)]
    for name in ("a", "b", "e", "x", "y", "first", "second", "address", "whole", "kept", "local"):
        names[name] = _range(random, bits)
    return names


def _range(random: Random, bits: int) -> SimpleNamespace:
    corners = (0, 0, 1, -1, 255, (1 << bits) - 1, -(1 << (bits - 1)), (1 << 2 * bits) - 3)
    any_ = (random.getrandbits(bits), -random.getrandbits(2 * bits))
    low, high = sorted(random.choice(corners + any_) for _ in range(2))
    return SimpleNamespace(low=low, high=high, type=random.choice(("i32", "i64")), value=3)


def _count(random: Random, bits: int) -> SimpleNamespace:
    """A number of places to shift by."""
    low, high = sorted(random.randrange(bits) for _ in range(2))
    return SimpleNamespace(low=low, high=high, type="i32", value=low)
