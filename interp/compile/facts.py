"""What one building of a function tells the next about its locals, whatever way is taken.

    loop: i = i + 1, signed i < n, load at i << 2       $i is kept signed
    p = 0, p = p + 56                                   $p is a multiple of 8
    loop: v = f32x4_add(v as bytes, …) from bytes       $v is kept as bytes

A function is built twice: first with every local unsigned and nothing known, then with these facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from watloom.interp.compile.index import MANY, zeros
from watloom.interp.compile.ir import (
    Assign,
    Branch,
    Call,
    Do,
    Expr,
    Graph,
    Return,
    Switch,
    TailCall,
    Throw,
    bits_of,
)
from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.types import F32, F64, I32, I64, V128

__all__ = ["NOTHING", "Facts", "any_nans", "facts_of"]

#: Python makes some NaN of these; Wasm has the canonical one.
ARITHMETIC = frozenset(("fadd", "fsub", "fmul", "rounded", "fdiv", "fsqrt", "promote"))

# Operators that take an integer in either form.
_EITHER = frozenset(("add", "sub", "mul", "shl", "mask", "==", "!=", "not"))


@dataclass(frozen=True)
class Facts:
    """Locals kept in signed form, low bits that are always zero, vectors that are kept as bytes."""

    signed: frozenset[str] = frozenset()
    zeros: Mapping[str, int] = field(default_factory=dict)
    bytes: frozenset[str] = frozenset()


NOTHING = Facts()


def facts_of(graph: Graph) -> Facts:
    """The facts about the locals of a function that was built without any."""
    integers = {name for name, t in graph.locals if t in (I32, I64)}
    vectors = {name for name, t in graph.locals if t is V128}
    if not integers and not vectors:
        return NOTHING
    return Facts(
        _signed(graph, integers) if integers else frozenset(),
        _zeros(graph, integers) if integers else {},
        _bytes(graph, vectors) if vectors else frozenset(),
    )


def expressions(graph: Graph) -> Iterator[tuple[int, Expr]]:
    """Every expression of the blocks' statements and ends, and how many loops it is in."""
    for block in graph.blocks:
        for s in block.statements:
            match s:
                case Assign(_, exprs) | Do(_, exprs):
                    for e in exprs:
                        yield block.loops, e
                case Call(_, call):
                    yield block.loops, call
        match block.end:
            case Branch(condition):
                yield block.loops, condition
            case Switch(index):
                yield block.loops, index
            case Return(exprs) | Throw(_, exprs):
                for e in exprs:
                    yield block.loops, e
            case TailCall(call):
                yield block.loops, call


def assignments(graph: Graph) -> Iterator[tuple[int, str, Expr | None]]:
    """Every setting of a variable: in how many loops, its name, to what (None: to anything)."""
    for block in graph.blocks:
        for s in block.statements:
            match s:
                case Assign(names, exprs):
                    for name, e in zip(names, exprs, strict=True):
                        yield block.loops, name, e
                case Call(names):
                    for name in names:
                        yield block.loops, name, None


def _reads(graph: Graph) -> Iterator[tuple[int, Expr | None, Expr]]:
    """Every reading of a variable: its weight, the expression that it is read for, itself."""
    for loops, whole in expressions(graph):
        pending: list[tuple[Expr | None, Expr]] = [(None, whole)]
        while pending:
            above, e = pending.pop()
            if e.op == "var":
                yield _weight(loops), above, e
            elif e.locals:
                pending.extend((e, arg) for arg in e.args)


def _weight(loops: int) -> int:
    """What counts for how much: code in so many loops."""
    return 1 << 3 * min(loops, 4)


# ------------------------------------------------------------------ the signed form


def _signed(graph: Graph, integers: set[str]) -> frozenset[str]:
    """The locals whose signed form is asked for more often, loops counting more."""
    gain: dict[str, int] = defaultdict(int)
    for name in graph.params:
        gain[name] -= 2
    for weight, above, read in _reads(graph):
        gain[str(read.value)] += weight * _wish(above)
    for loops, name, value in assignments(graph):
        gain[name] -= _weight(loops) * _cost(value)
    return frozenset(name for name in integers if gain[name] > 0)


def _role(e: Expr | None) -> str:
    """An operator, as far as the form of its operands matters."""
    if e is None:
        return ""
    constants = [arg.value for arg in e.args if arg.op == "const"]
    if e.op == "and" and constants:
        return "mask"
    if e.op == "xor" and constants == [1 << (bits_of(e.type) - 1)]:
        return "sign"  # for a signed comparison
    return e.op


def _wish(above: Expr | None) -> int:
    """What the expression that a variable is read for gains if that is signed."""
    role = _role(above)
    if role == "sign":
        return 2
    if role == "within":
        return 1
    return 0 if role in _EITHER else -1


def _cost(e: Expr | None) -> int:
    """What the signed form of an assigned value costs."""
    if e is None:
        return 1
    inner = e.args[0] if e.op == "mask" else e
    if inner.op in ("add", "sub", "var", "load", "load_at"):
        return 0
    return 0 if e.high < 1 << 31 else 1


# ------------------------------------------------------------------ vectors as bytes


def _bytes(graph: Graph, vectors: set[str]) -> frozenset[str]:
    """The locals that are made of bytes and wanted as bytes more often, loops counting more."""
    gain: dict[str, int] = defaultdict(int)
    for name in graph.params:
        gain[name] -= 1
    for weight, above, read in _reads(graph):
        if read.type is V128:
            wanted = above is not None and above.op == "to_bytes"
            gain[str(read.value)] += weight if wanted else -weight
    for loops, name, value in assignments(graph):
        if value is not None and value.op in ("from_bytes", "const", "var"):
            gain[name] += _weight(loops) * (value.op == "from_bytes")
        else:
            gain[name] -= _weight(loops)
    return frozenset(name for name in vectors if gain[name] > 0)


# ------------------------------------------------------------------ low bits


def _zeros(graph: Graph, integers: set[str]) -> dict[str, int]:
    """The greatest solution of: each local has the zeros of whatever it is set to."""
    known = dict.fromkeys(integers.difference(graph.params), MANY)
    readers: dict[str, list[tuple[str, Expr]]] = defaultdict(list)
    pending: list[tuple[str, Expr]] = []
    for _, name, value in assignments(graph):
        if value is None:
            known.pop(name, None)
        elif value.type in (I32, I64):
            known.setdefault(name, 0 if name in integers else MANY)
            pending.append((name, value))
            for read in value.locals:
                readers[read].append((name, value))
    while pending:
        name, value = pending.pop()
        found = _zeros_in(value, known)
        if found < known.get(name, 0):
            known[name] = found
            pending.extend(readers[name])
    return {name: known.get(name, 0) for name in integers}


def _zeros_in(e: Expr, known: Mapping[str, int]) -> int:
    """`zeros`, with what is believed of the variables."""
    for node in _variables(e):
        node.zeros = known.get(str(node.value), 0)
    return zeros(e)


def _variables(e: Expr) -> Iterator[Expr]:
    pending = [e]
    while pending:
        e = pending.pop()
        if e.op == "var":
            yield e
        elif e.locals:
            pending.extend(e.args)


# ------------------------------------------------------------------ NaNs


def any_nans(graph: Graph) -> frozenset[str]:
    """The float variables that hold nothing but constants and results of arithmetic.

    Their NaN may be any of the machine's, and is made the canonical one when it is looked at.
    Other variables may hold NaNs whose bits count: they are never given another one.
    """
    given = {name for name, t in graph.locals[: len(graph.params)] if t in (F32, F64)}
    copies: dict[str, list[str]] = defaultdict(list)
    arithmetic: set[str] = set()
    for _, name, value in assignments(graph):
        if value is None:
            given.add(name)
        elif value.type in (F32, F64):
            if value.op == "var":
                copies[str(value.value)].append(name)
            elif value.op in ARITHMETIC:
                arithmetic.add(name)
            elif value.op != "const" or value.value != value.value:
                given.add(name)
    return frozenset(_closure(arithmetic, copies) - _closure(given, copies))


def _closure(names: set[str], copies: Mapping[str, list[str]]) -> set[str]:
    """The variables with those that they are copied to."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(copies.get(name, ()))
    return found
