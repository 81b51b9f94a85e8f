"""The intermediate form: typed expressions in basic blocks.

    local.get 0                      Assign(x, add(x, 1))
    i32.const 1              →       Branch(lt_s(x, n), block 2, block 3)
    i32.add
    local.tee 0 …

An integer expression evaluates to *some* Python int that is congruent to the Wasm value modulo
2^bits, within `low..high`; so a wrap is made only where somebody needs the exact value. `unsigned`
and `signed` are the two exact forms. Variables hold the unsigned form, but for locals that `facts`
has found to be better kept signed.

Naming: an *expression* has no effect but may trap; a *statement* has effects; a *terminator* ends a
block. `state` says whether an expression looks at state, `at` where in the source it may trap.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from watloom.interp.core.dataclass import dataclass, field
from watloom.interp.core.types import I32, I64, NumType, RefType, ValType

__all__ = [
    "Assign", "Block", "Branch", "Call", "Clause", "Do", "Expr", "Goto", "Graph", "Region",
    "Return", "Statement", "Switch", "TailCall", "Terminator", "Throw", "Trapping", "Try", "const",
    "is_exact", "var",
]  # fmt: skip

STATE = "state"  # what a call or a store may change: memories, tables, globals, the heap


@dataclass(slots=True, eq=False)
class Expr:
    """An operator on expressions.

    `op` names a rule of `render`; `value` is its constant, name or other payload. `locals` are the
    variables that it reads, `state` whether it reads what a store or a call could change. `zeros`
    is the number of low bits of a variable that are known to be zero.
    """

    op: str
    args: tuple[Expr, ...]
    type: ValType
    low: int = 0
    high: int = 0
    value: Any = None
    traps: bool = False
    state: bool = False
    locals: frozenset[str] = frozenset()
    depth: int = 1
    at: int = 0
    zeros: int = 0


def node(
    op: str,
    args: tuple[Expr, ...],
    type: ValType,
    *,
    bounds: tuple[int, int] | None = None,
    value: Any = None,
    traps: bool = False,
    state: bool = False,
    at: int = 0,
) -> Expr:
    """An expression whose facts follow from its arguments'."""
    low, high = bounds if bounds is not None else full(type)
    names: frozenset[str] = frozenset()
    for arg in args:
        if arg.locals:
            names = names | arg.locals if names else arg.locals
    return Expr(
        op,
        args,
        type,
        low,
        high,
        value,
        traps or any(a.traps for a in args),
        state or any(a.state for a in args),
        names,
        1 + max((a.depth for a in args), default=0),
        at,
    )


def full(type: ValType) -> tuple[int, int]:
    """The bounds of the unsigned form of a type."""
    return (0, (1 << bits_of(type)) - 1) if type in (I32, I64) else (0, 0)


def bits_of(type: ValType) -> int:
    """The width of an integer type."""
    return 32 if type is I32 else 64


def const(type: ValType, value: Any) -> Expr:
    """A constant; integers in unsigned form."""
    bounds = (value, value) if type in (I32, I64) else (0, 0)
    return Expr("const", (), type, bounds[0], bounds[1], value)


def var(name: str, type: ValType) -> Expr:
    """A variable."""
    return Expr("var", (), type, *full(type), name, locals=frozenset((name,)))


def is_exact(e: Expr) -> bool:
    """Whether an integer expression is in unsigned form as it stands."""
    return e.low >= 0 and e.high < 1 << bits_of(e.type)


# ------------------------------------------------------------------ statements


@dataclass(slots=True)
class Assign:
    """`names = exprs`, all evaluated before any is set."""

    names: tuple[str, ...]
    exprs: tuple[Expr, ...]
    at: int = 0


@dataclass(slots=True)
class Call:
    """`names = call(args)`: a call with none, one or several results."""

    names: tuple[str, ...]
    call: Expr
    at: int = 0


@dataclass(slots=True)
class Do:
    """An effect: `op` names a rule of `render`."""

    op: str
    args: tuple[Expr, ...]
    value: Any = None
    at: int = 0


Statement: TypeAlias = Assign | Call | Do


# ------------------------------------------------------------------ terminators


@dataclass(slots=True)
class Goto:
    """Go on in another block."""

    target: int


@dataclass(slots=True)
class Branch:
    """One of two blocks, by an i32."""

    condition: Expr
    yes: int
    no: int
    at: int = 0


@dataclass(slots=True)
class Switch:
    """`br_table`: the last target is for every larger index."""

    index: Expr
    targets: tuple[int, ...]
    at: int = 0


@dataclass(slots=True)
class Return:
    """Leave the function."""

    exprs: tuple[Expr, ...]
    at: int = 0


@dataclass(slots=True)
class TailCall:
    """Leave the function for another one."""

    call: Expr
    at: int = 0


@dataclass(slots=True)
class Trapping:
    """What is here always traps."""

    text: str
    at: int = 0


@dataclass(slots=True)
class Throw:
    """Throw a new exception of a tag, or (`tag` None) the one that the operand refers to."""

    tag: int | None
    args: tuple[Expr, ...]
    at: int = 0


@dataclass(slots=True)
class Clause:
    """Where an exception of a tag (None: of any) goes on."""

    tag: int | None
    target: int


@dataclass(slots=True)
class Try:
    """Go on in `body`, the entry of a region; what is thrown there goes to a clause, or on.

    The exception is in the variable `name` then. Without clauses it goes on as if thrown in the
    region `delegate`, past those between. `exits` are the blocks outside of the region that
    ways out of it lead to: they count as successors, so that none is taken for a part of it.
    """

    name: str
    body: int
    clauses: tuple[Clause, ...]
    exits: tuple[int, ...] = ()
    delegate: int | None = None
    at: int = 0


Terminator: TypeAlias = Goto | Branch | Switch | Return | TailCall | Trapping | Throw | Try


@dataclass(slots=True)
class Block:
    """Statements and a terminator."""

    region: int
    """The innermost region that it lies in."""
    loops: int
    """The number of loops around it."""
    statements: list[Statement] = field(default_factory=list)
    end: Terminator | None = None


@dataclass(slots=True)
class Region:
    """What lies inside a `try_table`, and the region around it; region 0 is the whole function."""

    outer: int = 0
    handler: Try | None = None
    passed: bool = False
    """Whether exceptions of a region inside pass it by."""


@dataclass(slots=True)
class Graph:
    """A function's blocks; the first is the entry."""

    name: str
    params: list[str]
    locals: list[tuple[str, ValType]]
    blocks: list[Block]
    results: int
    regions: list[Region] = field(default_factory=lambda: [Region()])
    any_nan: frozenset[str] = frozenset()
    """The float variables whose NaNs need not be the canonical one."""


def successors(end: Terminator | None) -> tuple[int, ...]:
    """The blocks that may come next."""
    match end:
        case Goto(target):
            return (target,)
        case Branch():
            return (end.yes, end.no)
        case Switch():
            return end.targets
        case Try():
            return (end.body, *(clause.target for clause in end.clauses), *end.exits)
    return ()


def default_of(t: ValType) -> Expr:
    """What a local starts with."""
    if isinstance(t, RefType):
        return Expr("const", (), t, value=None)
    return const(t, 0.0 if t in (NumType.F32, NumType.F64) else 0)
