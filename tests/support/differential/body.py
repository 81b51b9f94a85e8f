"""The body of a function in the making: its locals, open labels, and what it may still cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from differential.constants import FLOATS, const, constant
from differential.draw import Draw
from differential.plan import Function, Plan
from differential.types import BOTTOM, Ref, Type, declared, is_number, text

__all__ = ["INDIRECT_COST", "Body", "Label"]

_LEAF_BUDGET = 300  # steps of a function that is entered without fuel
_BUDGET = 1500
_MAX_SIZE = 36  # expressions and statements in one body
INDIRECT_COST = _LEAF_BUDGET


@dataclass(frozen=True, slots=True)
class Label:
    """An open label. One with a `tick` begins a loop: each branch to it counts that local down."""

    name: str
    types: tuple[Type, ...]
    tick: str | None = None


class Body:
    """Makes expressions and statements by the plan's rules, bounded in size and running time."""

    def __init__(self, draw: Draw, plan: Plan, function: Function) -> None:
        self.draw = draw
        self.plan = plan
        self.function = function
        self.results = function.type.results
        self.locals: list[tuple[str, Type]] = []
        """What is declared, behind the parameters."""
        self.readable = [(f"$p{i}", t) for i, t in enumerate(function.type.params)]
        self.writable = list(self.readable)
        self.labels: list[Label] = []
        self.trying = 0
        """How many blocks are open that catch exceptions."""
        self.caught: list[str] = []
        """The labels of the legacy `try`s in whose handlers this stands."""
        self.level = 0
        self.size = 0
        self.times = 1
        self.cost = 0
        self.budget = _BUDGET if function.guarded else _LEAF_BUDGET
        self.max_level = draw.between(4, 8)
        self._counter = 0
        self._matching: dict[Type, list[str]] = {}

    # ------------------------------------------------------------------ names

    def fresh(self, prefix: str) -> str:
        """A name that is not used in this function."""
        self._counter += 1
        return f"${prefix}{self._counter}"

    def declare(self, t: Type, *, writable: bool = False, prefix: str = "x") -> str:
        """A new local; others read it, and write it only if that was said."""
        name = self.fresh(prefix)
        self.locals.append((name, t))
        self.readable.append((name, t))
        if writable:
            self.writable.append((name, t))
        self._matching.clear()
        return name

    def readable_as(self, t: Type) -> list[str]:
        """The locals that can be read as a value of the type."""
        found = self._matching.get(t)
        if found is None:
            found = [name for name, have in self.readable if self.plan.matches(have, t)]
            self._matching[t] = found
        return found

    def writable_of(self, t: Type) -> list[str]:
        """The locals that a value of the type can be written to."""
        return [name for name, have in self.writable if self.plan.matches(t, have)]

    @contextmanager
    def scope(self, names: list[tuple[str, Type]]) -> Iterator[None]:
        """Within it, these locals are there too."""
        self.readable += names
        self.writable += names
        self._matching.clear()
        try:
            yield
        finally:
            self.readable = [local for local in self.readable if local not in names]
            self.writable = [local for local in self.writable if local not in names]
            self._matching.clear()

    @contextmanager
    def label(self, label: Label) -> Iterator[Label]:
        """Within it, the label is open."""
        self.labels.append(label)
        try:
            yield label
        finally:
            self.labels.pop()

    @contextmanager
    def hidden(self, levels: int = 1) -> Iterator[None]:
        """Within it, so many blocks are open that no branch may go to."""
        self.labels += [Label("", (), tick="")] * levels
        try:
            yield
        finally:
            del self.labels[len(self.labels) - levels :]

    @contextmanager
    def within_try(self, catches: bool) -> Iterator[None]:
        """Within it, exceptions may be caught."""
        self.trying += catches
        try:
            yield
        finally:
            self.trying -= catches

    @contextmanager
    def catching(self, name: str) -> Iterator[None]:
        """Within it, the exception that a legacy `try` has caught can be thrown again."""
        self.caught.append(name)
        try:
            yield
        finally:
            self.caught.pop()

    @contextmanager
    def repeated(self, times: int) -> Iterator[None]:
        """What is made within it runs so many times."""
        self.times *= times
        try:
            yield
        finally:
            self.times //= times

    def targets(self) -> list[Label]:
        """The labels that a branch may go to freely; the function's own has no name."""
        own = Label(str(len(self.labels)), self.results)
        return [own, *(label for label in self.labels if label.tick is None)]

    # ------------------------------------------------------------------ choices

    def risky(self) -> bool:
        """Whether to do now what may trap."""
        return self.draw.chance(self.plan.risk)

    def daring(self) -> bool:
        """Whether to do what may trap, but only if something rare came before."""
        return self.plan.risk > 0 and self.draw.chance(0.35)

    def full(self) -> bool:
        """Whether the body has become large."""
        return self.size > _MAX_SIZE or self.cost > self.budget

    def affords(self, cost: int) -> bool:
        """Whether something that costs so much may run here."""
        return self.cost + self.times * cost <= self.budget

    def spend(self, cost: int) -> None:
        """Count what runs here."""
        self.cost += self.times * cost

    # ------------------------------------------------------------------ expressions

    def expr(self, t: Type) -> str:
        """Instructions that push one value of the type."""
        self.size += 1
        self.cost += self.times
        if self.level >= self.max_level or self.full():
            return self.leaf(t)
        self.level += 1
        rules = self.plan.expressions(t)
        try:
            for _ in range(3 if rules.items else 0):
                made = self.draw.weighted(rules).make(self, t)
                if made is not None:
                    return made
            return self.leaf(t)
        finally:
            self.level -= 1

    def object(self, heap: str) -> str:
        """A reference to an object: mostly one that is held elsewhere too, so that changes show."""
        known = self.readable_as(Ref(False, heap))
        if known and self.draw.chance(0.7):
            return f"(local.get {self.draw.pick(known)})"
        return self.expr(Ref(self.risky(), heap))

    def exprs(self, types: Sequence[Type]) -> str:
        """Instructions that push several values."""
        return " ".join(map(self.expr, types))

    def leaf(self, t: Type) -> str:
        """A short expression: a local, a constant, a new object without operands."""
        known = self.readable_as(t)
        if known and self.draw.chance(0.6):
            return f"(local.get {self.draw.pick(known)})"
        if is_number(t):
            assert isinstance(t, str)
            return constant(self.draw, t)
        assert isinstance(t, Ref)
        return self._reference_leaf(t)

    def _reference_leaf(self, t: Ref) -> str:
        plan, draw = self.plan, self.draw
        top = plan.top(t.heap)
        if t.null and draw.chance(0.3):
            return f"(ref.null {draw.pick((t.heap, BOTTOM[top]))})"
        if top == "func":
            functions = plan.functions_of(t.heap)
            return f"(ref.func {draw.pick(functions).name})" if functions else "(ref.null nofunc)"
        if top == "exn":
            tag = next((t for t in plan.tags if not t.params), plan.tags[0])
            return (
                f"(block (result (ref exn)) (try_table (catch_all_ref 0)"
                f" (throw {tag.name} {self.exprs_flat(tag.params)})) (unreachable))"
            )
        if top == "extern":
            return f"(extern.convert_any {self._reference_leaf(Ref(False, 'any'))})"
        heap = draw.pick(plan.below(t.heap))
        if heap == "i31":
            return f"(ref.i31 {constant(draw, 'i32')})"
        if heap in plan.structs:
            return f"(struct.new_default {heap})"
        return f"(array.new_default {heap} (i32.const {draw.between(4, 7)}))"

    def exprs_flat(self, types: Sequence[Type]) -> str:
        """Short expressions that push several values."""
        return " ".join(map(self.leaf, types))

    # ------------------------------------------------------------------ statements

    def statement(self) -> str:
        """Instructions that leave the stack as it was."""
        self.size += 1
        self.cost += self.times
        self.level += 1
        rules = self.plan.statements()
        try:
            for _ in range(4):
                made = self.draw.weighted(rules).make(self)
                if made is not None:
                    return made
            return "(nop)"
        finally:
            self.level -= 1

    def statements(self, most: int) -> str:
        """A few statements; none where the body is large already."""
        made = []
        for _ in range(self.draw.between(0, most)):
            if self.full() or self.level >= self.max_level:
                break
            made.append(self.statement())
        return " ".join(made)

    def consume(self, types: Sequence[Type]) -> str:
        """Instructions that take values of these types off the stack, and mostly keep them."""
        return " ".join(self._consume(t) for t in reversed(types))

    def _consume(self, t: Type) -> str:
        places = self.writable_of(t)
        if places and self.draw.chance(0.7):
            return f"(local.set {self.draw.pick(places)})"
        return "(drop)"

    # ------------------------------------------------------------------ the whole

    def make(self) -> str:
        """The text of the function's body, with its locals declared."""
        draw, plan = self.draw, self.plan
        for _ in range(draw.between(1, 5)):
            self.declare(draw.pick(plan.numbers), writable=True)
        for name in draw.some([*plan.structs, *plan.arrays], 0.6):  # objects that are used again
            self.declare(Ref(False, name), writable=True, prefix="r")
        for t in draw.some(plan.refs, min(0.4, 3 / (1 + len(plan.refs)))):
            self.declare(t, writable=True, prefix="r")
        if plan.tags:
            self.declare(Ref(True, "exn"), writable=True, prefix="n")
        parts = [self._guard(), *self._set_references(), self.statements(6)]
        while self.size < 15 and not self.full():
            parts.append(self.statements(4))
        parts += self._measured()
        parts += map(self._result, self.results)
        self.function.cost = self.cost
        declarations = " ".join(f"(local {name} {text(t)})" for name, t in self.locals)
        return f"{declarations} {' '.join(part for part in parts if part)}"

    def _result(self, t: Type) -> str:
        """A result: often a number that some arithmetic made last."""
        from differential.rules.chains import chain
        from differential.rules.nans import nan

        if t in ("i32", "i64") and self.plan.has("chains") and self.draw.chance(0.4):
            return chain(self, str(t), 2)
        nans = self.plan.has("nans") and self.plan.has("conversion")
        if t in FLOATS and nans and self.draw.chance(0.3):
            return nan(self, str(t))
        return self.expr(t)

    def _measured(self) -> Iterator[str]:
        """At the end, the objects that were held are looked at (`differential.digest`)."""
        for name in self.readable_as(Ref(True, "any")) if self.plan.below("any") else ():
            if self.draw.chance(0.6) and self.affords(30):
                self.spend(30)
                yield f"(call $measure (local.get {name}))"

    def _guard(self) -> str:
        """Take fuel; without any, return at once."""
        if not self.function.guarded:
            return ""
        defaults = " ".join(self._default(t) for t in self.results)
        return (
            "(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))"
            f" (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (return {defaults})))"
        )

    def _default(self, t: Type) -> str:
        if isinstance(t, Ref):
            return f"(ref.null {t.heap})" if t.null else self._reference_leaf(t)
        return const(t, 0)

    def _set_references(self) -> Iterator[str]:
        """References start with a value: those without null have to, others mostly do."""
        for name, t in self.locals:
            if isinstance(t, Ref) and (not t.null or self.draw.chance(0.8)):
                yield f"(local.set {name} {self._reference_leaf(t)})"

    def tick(self, counter: str) -> str:
        """Count a local down; 1 as long as it is positive."""
        down = f"(i32.sub (local.get {counter}) (i32.const 1))"
        return f"(i32.gt_s (local.tee {counter} {down}) (i32.const 0))"

    def block_type(self, params: Sequence[Type], results: Sequence[Type]) -> str:
        """The type of a block, with a space before it."""
        return declared("param", params) + declared("result", results)
