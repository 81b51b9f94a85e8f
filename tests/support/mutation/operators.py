"""The mistakes that are made, each as a replacement of one node of a module's tree.

a < b      →  a <= b, a >= b               exact(e)   →  e, signed(e)
1 << bits  →  2 << bits, 1 >> bits, …      b.effect() →  pass
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from copy import copy

__all__ = ["mistakes"]

Mistake = tuple[str, ast.AST]

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mod,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
_ORDERED = (ast.Sub, ast.FloorDiv, ast.Mod, ast.LShift, ast.RShift)

#: Names that are easily mistaken for one another.
_NAMES = {
    "exact": "signed", "signed": "exact", "min": "max", "max": "min", "any": "all", "all": "any",
    "I32": "I64", "I64": "I32", "F32": "F64", "F64": "F32",
}  # fmt: skip
_ATTRIBUTES = {
    "low": "high", "high": "low", "yes": "no", "no": "yes", "again": "behind", "behind": "again",
    "params": "results", "results": "params",
}  # fmt: skip
#: Whole strings: operators, the kinds of barriers, signedness, forms of memory views.
_STRINGS = {
    "+": "-", "-": "+", "*": "+", "&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<",
    "//": "%", "%": "//", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "effect": "traps", "all": "effect", "local": "traps", "traps": "local",
    "I": "i", "i": "I", "H": "h", "h": "H", "Q": "q", "b": "B", "B": "b", "d": "f", "f": "d",
    "is": "is not", "is not": "is", "break": "continue", "continue": "break",
    "lt": "le", "gt": "ge", "le": "lt", "ge": "gt", "eq": "ne", "ne": "eq",
}  # fmt: skip
#: Parts of the Python that is written.
_PIECES = (
    (" & ", " | "), (" ^ ", " | "), (" >> ", " << "), (" - ", " + "), (" + ", " - "),
    (" is not ", " is "), (" is ", " is not "), ("not ", ""), (" < ", " <= "), (" == ", " != "),
    (" != ", " == "), (" or ", " and "), ("[0]", "[1]"), (" else -1", " else 0"),
)  # fmt: skip
#: Facts about an expression that are easily forgotten.
_FACTS = {"traps", "state", "bounds", "at"}
#: Calls of one argument that may be forgotten, besides those of the package's own functions.
_FORGOTTEN = {"reversed", "sorted"}
#: What is passed along to most functions.
_OWNERS = {"b", "w", "out", "writer", "self"}


def mistakes(node: ast.AST, own: frozenset[str], bound: frozenset[str]) -> Iterator[Mistake]:
    """What may stand in the place of a node, each with the name of the mistake.

    `own` are the functions of the package; `bound` the names that are set already where it stands.
    """
    match node:
        case ast.Compare(ops=[op]):
            for other in _COMPARISONS[type(op)]:
                yield "comparison", _with(node, ops=[other()])
        case ast.BoolOp(values=[first, second]):
            yield "and/or", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            yield "part of a condition dropped", first
            yield "part of a condition dropped", second
        case ast.BoolOp():
            for i in range(len(node.values)):
                fewer = node.values[:i] + node.values[i + 1 :]
                yield "part of a condition dropped", _with(node, values=fewer)
        case ast.BinOp():
            yield from _arithmetic(node)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield "sign or not dropped", node.operand
        case ast.IfExp():
            yield "condition negated", _with(node, test=_negated(node.test))
        case ast.If():
            yield "condition negated", _with(node, test=_negated(node.test))
            if not node.orelse:
                yield "statement removed", ast.Pass()
        case ast.While() if not isinstance(node.test, ast.Constant):
            yield "condition negated", _with(node, test=_negated(node.test))
        case ast.comprehension() if node.ifs:
            yield "filter dropped", _with(node, ifs=[])
        case ast.Constant():
            yield from _constants(node)
        case ast.Tuple(ctx=ast.Load()) | ast.List(ctx=ast.Load()):
            for i in range(len(node.elts) - 1):
                if not _alike(node.elts[i], node.elts[i + 1]):
                    yield "operands swapped", _with(node, elts=_swapped(node.elts, i))
        case ast.Call():
            yield from _calls(node, own)
        case ast.Name(ctx=ast.Load()) if node.id in _NAMES:
            yield "name mistaken", _with(node, id=_NAMES[node.id])
        case ast.Attribute(ctx=ast.Load()) if node.attr in _ATTRIBUTES:
            yield "attribute mistaken", _with(node, attr=_ATTRIBUTES[node.attr])
        case _ if _removable(node, bound):
            yield "statement removed", ast.Pass()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _negated(test: ast.expr) -> ast.expr:
    return test.operand if isinstance(test, ast.UnaryOp) else ast.UnaryOp(ast.Not(), test)


def _swapped(nodes: list[ast.expr], i: int) -> list[ast.expr]:
    return [*nodes[:i], nodes[i + 1], nodes[i], *nodes[i + 2 :]]


def _exchangeable(func: ast.expr, a: ast.expr, b: ast.expr) -> bool:
    """Whether two arguments could be given the wrong way round without anyone's seeing it."""
    if isinstance(func, ast.Name) and func.id in ("isinstance", "min", "max"):
        return False
    plain = ast.Name | ast.Attribute | ast.Subscript
    if isinstance(a, plain) and isinstance(b, plain):
        return not _alike(a, b) and not {ast.unparse(a), ast.unparse(b)} & _OWNERS
    return isinstance(a, ast.Call) and isinstance(b, ast.Call) and not _alike(a, b)


def _alike(a: ast.AST, b: ast.AST) -> bool:
    return ast.dump(a) == ast.dump(b) or isinstance(a, ast.Starred) or isinstance(b, ast.Starred)


def _arithmetic(node: ast.BinOp) -> Iterator[Mistake]:
    if type(node.op) in _OPERATORS:
        yield "arithmetic", _with(node, op=_OPERATORS[type(node.op)]())
    if isinstance(node.op, _ORDERED) and not _alike(node.left, node.right):
        yield "operands swapped", _with(node, left=node.right, right=node.left)


def _constants(node: ast.Constant) -> Iterator[Mistake]:
    value = node.value
    if isinstance(value, bool):
        yield "fact inverted", ast.Constant(not value)
    elif isinstance(value, int):
        yield "off by one", ast.Constant(value + 1)
        yield "off by one", ast.Constant(value - 1)
    elif isinstance(value, str) and value in _STRINGS:
        yield "word mistaken", ast.Constant(_STRINGS[value])
    elif isinstance(value, str):
        for piece, other in _PIECES:
            for found in re.finditer(re.escape(piece), value):
                changed = value[: found.start()] + other + value[found.end() :]
                yield "written text", ast.Constant(changed)


def _calls(node: ast.Call, own: frozenset[str]) -> Iterator[Mistake]:
    args = node.args
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name in own | _FORGOTTEN and len(args) == 1 and not node.keywords:
        yield "call dropped", args[0]
    for i in range(len(args) - 1):
        if _exchangeable(node.func, args[i], args[i + 1]):
            yield "operands swapped", _with(node, args=_swapped(args, i))
    for keyword in node.keywords:
        if keyword.arg in _FACTS:
            others = [k for k in node.keywords if k is not keyword]
            yield "fact dropped", _with(node, keywords=others)


def _removable(node: ast.AST, bound: frozenset[str]) -> bool:
    """Whether a statement can go without leaving a name unset (which the linter would see)."""
    match node:
        case ast.Expr() | ast.AugAssign() | ast.Delete() | ast.Continue():
            return True
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            return True
        case ast.Assign(targets=[ast.Name(name)]):
            return name in bound
        case ast.Assign(targets=[ast.Tuple(elts)]):
            return all(isinstance(e, ast.Name) and e.id in bound for e in elts)
    return False
