"""Where mistakes can be made in the compiled tier: a walk over the trees of all its modules."""

from __future__ import annotations

import ast
import importlib.util
import pkgutil
from collections import Counter
from collections.abc import Iterator
from copy import copy, deepcopy
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from mutation.operators import mistakes
from mutation.ranges import is_range, only_wider, whole

__all__ = ["AROUND", "PACKAGE", "Mutation", "all_mutations", "sample", "trees"]

PACKAGE = "watloom.interp.compile"
#: Modules of it that are neither rules nor passes: what calls compiled code, and shows it.
AROUND = ("compiled", "depth", "invoke", "link", "listing", "wrappers")

#: Fields of nodes that say nothing of what the code does.
_SILENT = {"annotation", "returns", "decorator_list", "type_params"}
#: Arguments that check, or shape classes: not what the tier makes of a program.
_KEYWORDS = {"strict", "init", "default_factory", "slots", "eq", "frozen"}

#: Statements whose texts only people read, or that the tier does without.
_SKIPPED = (ast.Raise, ast.Assert, ast.Import, ast.ImportFrom)


@dataclass(slots=True, eq=False)
class Mutation:
    """One mistake: in which function, what kind, and the statement before and after."""

    module: str
    scope: str
    line: int
    rule: str
    before: str
    after: str
    holder: ast.AST
    field: str
    index: int | None
    """Where the node stands: a field of its holder, and the place in it if it is a list."""
    node: ast.AST
    other: ast.AST
    """What stands there instead."""
    wider: bool = False
    """Whether it makes the range of a value wider and does nothing else."""

    def put(self) -> None:
        """Make the mistake in the tree of `trees`."""
        _put(self.holder, self.field, self.index, self.other)

    def take_back(self) -> None:
        """Unmake it."""
        _put(self.holder, self.field, self.index, self.node)

    def __str__(self) -> str:
        where = f"{self.module.removeprefix(PACKAGE + '.')}:{self.line} {self.scope or 'module'}"
        return f"{where}: {self.rule}\n  - {self.before}\n  + {self.after}"


@cache
def trees() -> dict[str, ast.Module]:
    """The trees of the package's modules."""
    found = importlib.util.find_spec(PACKAGE)
    assert found is not None and found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0])
    names = sorted(m.name for m in pkgutil.iter_modules([str(folder)]))
    return {f"{PACKAGE}.{n}": ast.parse((folder / f"{n}.py").read_bytes()) for n in names}


@cache
def all_mutations() -> list[Mutation]:
    """Every mistake in a rule or a pass, in the order of the files."""
    own = frozenset(
        node.name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    )
    return [
        m
        for name, tree in trees().items()
        if name.removeprefix(f"{PACKAGE}.") not in AROUND
        for m in _Walk(name, own).module(tree)
    ]


def sample(mutations: list[Mutation], seed: int, count: int) -> list[Mutation]:
    """Some of them, by a hash of what they are: a change elsewhere chooses no others."""
    seen: Counter[tuple[str, ...]] = Counter()

    def key(m: Mutation) -> bytes:
        what = (m.scope, m.rule, m.before, m.after)
        seen[what] += 1
        return sha256(repr((seed, what, seen[what])).encode()).digest()

    return sorted(mutations, key=key)[:count]


class _Walk:
    """The walk over one module; each mistake is made for a moment, to be written down."""

    def __init__(self, name: str, own: frozenset[str]) -> None:
        self.name = name
        self.own = own
        self.scope: list[str] = []
        self.bound: set[str] = set()
        self.line = 0
        """The names that the function at hand has set so far."""
        self.range: tuple[str, ast.AST] | None = None
        """The range that is being said at this place: which ends of it, and where."""

    def module(self, tree: ast.Module) -> Iterator[Mutation]:
        yield from self.children(tree, tree)

    def children(self, node: ast.AST, statement: ast.AST) -> Iterator[Mutation]:
        """What can go wrong in the parts of a node, which is part of a statement."""
        for field, value in ast.iter_fields(node):
            if field in _SILENT:
                continue
            for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
                if (
                    isinstance(child, ast.AST)
                    and not _silent(child)
                    and not _unordered(node, child)
                ):
                    inner = child if isinstance(child, ast.stmt | ast.match_case) else statement
                    yield from self.place(node, field, index, child, inner)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            self.bound.add(node.id)

    def place(
        self, holder: ast.AST, field: str, index: int | None, child: ast.AST, statement: ast.AST
    ) -> Iterator[Mutation]:
        """What can stand in one place, and what can go wrong within it."""
        for rule, other in mistakes(child, self.own, frozenset(self.bound)):
            if isinstance(holder, ast.Subscript) and _last_for_first(child, other):
                continue
            if rule == "operands swapped" and _commutes(holder, child):
                continue
            before = _shown(statement)
            known = deepcopy(self.range)
            _put(holder, field, index, other)
            after = _shown(other if child is statement else statement)
            wider = _forgotten(child, other)
            if known is not None and self.range is not None:
                wider = _wider(known, self.range)
            _put(holder, field, index, child)
            scope, line = ".".join(self.scope), getattr(statement, "lineno", self.line)
            self.line = line
            yield Mutation(
                self.name, scope, line, rule, before, after, holder, field, index, child, other,
                wider,
            )  # fmt: skip
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            yield from self.definition(child)
        else:
            outside = self.range
            if ends := is_range(child, ".".join(self.scope)):
                self.range = ends, child
            yield from self.children(child, statement)
            self.range = outside

    def definition(self, node: ast.FunctionDef | ast.ClassDef) -> Iterator[Mutation]:
        outside, self.bound = self.bound, set()
        if isinstance(node, ast.FunctionDef):
            self.bound = {a.arg for a in (*node.args.args, *node.args.kwonlyargs)}
        self.scope.append(node.name)
        yield from self.children(node, node)
        self.scope.pop()
        self.bound = outside


def _put(holder: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[index] = node


def _silent(node: ast.AST) -> bool:
    """What does nothing, by its looks: documentation, checks, names for types."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name("__all__")]) | ast.If(test=ast.Name("TYPE_CHECKING")):
            return True
        case ast.Assign(value=ast.Subscript(value=ast.Name("Callable" | "tuple" | "dict"))):
            return True
        case ast.keyword():
            return node.arg in _KEYWORDS
    return isinstance(node, _SKIPPED)


def _unordered(holder: ast.AST, node: ast.AST) -> bool:
    """Words in a tuple that stands for a set: `op in ("var", "const")`."""
    match holder:
        case ast.Compare(ops=[ast.In() | ast.NotIn()]) | ast.For() | ast.comprehension():
            return isinstance(node, ast.Tuple) and all(
                isinstance(e, ast.Constant | ast.Name) for e in node.elts
            )
    return False


def _wider(known: tuple[str, ast.AST], now: tuple[str, ast.AST]) -> bool:
    return only_wider(known[1].value, now[1].value, known[0])  # type: ignore[attr-defined]


def _forgotten(node: ast.AST, other: ast.AST) -> bool:
    """Whether `bounds=` was left out of a call, and that makes the range wider."""
    if not isinstance(node, ast.Call) or not isinstance(other, ast.Call) or len(node.args) < 3:
        return False
    left = [k.value for k in node.keywords if k not in other.keywords and k.arg == "bounds"]
    return bool(left) and only_wider(left[0], whole(node.args[2]), "both")


#: Operators whose operands may stand either way round.
_COMMUTATIVE = {"add", "mul", "and", "or", "xor", "==", "!="}


def _commutes(holder: ast.AST, node: ast.AST) -> bool:
    """`operator("and", x, y)`, or the operands of `node("add", (x, y), …)`."""
    for call in (node, holder):
        match call:
            case ast.Call(func=ast.Name("node" | "operator"), args=[ast.Constant(str(op)), *_]):
                return op in _COMMUTATIVE
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult)


def _last_for_first(node: ast.AST, other: ast.AST) -> bool:
    """`x[-1]` in the place of `x[0]`: mostly the same, and `x[1]` is tried."""
    places = [n.value for n in (node, other) if isinstance(n, ast.Constant)]
    return places == [0, -1]


def _shown(node: ast.AST) -> str:
    """A statement as one line; of one with a body the head only."""
    bare = copy(node)
    for field in ("body", "orelse", "cases", "handlers", "finalbody"):
        if isinstance(getattr(bare, field, None), list):
            setattr(bare, field, [])
    return " ".join(ast.unparse(bare).split())
