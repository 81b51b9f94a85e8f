"""Exceptions: throws under a condition, and try_table with clauses of all kinds.

(block $out (result R)
  (block $h1 (result i32 exnref)                      ;; what the clause carries
    (try_table (result R) (catch_ref $e0 $h1) … )
    (br $out))
  …                                                   ;; the handler makes an R
)
"""

from __future__ import annotations

from collections.abc import Sequence

from differential.body import Body, Label
from differential.plan import Tag
from differential.rule import expression, statement
from differential.rules.blocks import extra, sequence
from differential.rules.corners import see
from differential.types import Ref, Type, declared

__all__ = ["throwing"]

_EXN = Ref(True, "exn")


# ------------------------------------------------------------------ throwing


def throwing(b: Body) -> str:
    """Instructions that throw."""
    if b.draw.chance(0.25):
        return f"(throw_ref {b.expr(Ref(b.risky(), 'exn'))})"
    tag = b.draw.pick(b.plan.tags)
    return f"(throw {tag.name} {b.exprs(tag.params)})"


@statement("exceptions", 2.5)
def _throw(b: Body) -> str | None:
    """Under a condition; seldom where nothing in the function can catch it."""
    if not b.trying and b.draw.chance(0.7):
        return None
    condition = b.expr("i32")
    if not b.trying:
        condition = f"(i32.eq {condition} (i32.const {b.draw.pick((0, 1, 7, -1))}))"
    with b.hidden():
        made = throwing(b)
    return f"(if {condition} (then {made}))"


# ------------------------------------------------------------------ catching


def _clause(b: Body) -> tuple[str, tuple[Type, ...]]:
    """A clause without its label, and what it carries."""
    tag = b.draw.pick(b.plan.tags) if b.draw.chance(0.7) else None
    word = f"catch {tag.name}" if tag else "catch_all"
    carried: tuple[Type, ...] = tag.params if tag else ()
    if b.draw.chance(0.4):
        word = f"catch_ref {tag.name}" if tag else "catch_all_ref"
        carried = (*carried, Ref(b.draw.chance(0.5), "exn"))
    return word, carried


def _try(b: Body, results: Sequence[Type]) -> str:
    """A try_table whose clauses each have a handler, or branch to where labels fit anyway."""
    out, results = b.fresh("o"), tuple(results)
    params = extra(b, 1)
    with b.label(Label(out, results)):
        made: list[tuple[str, str, tuple[Type, ...]]] = []
        clauses: list[str] = []
        for _ in range(b.draw.pick((0, 1, 1, 1, 2, 2, 3))):
            word, carried = _clause(b)
            clauses.append(word)
            made.append((word, b.fresh("h"), carried))
        opened = [Label(name, carried) for _, name, carried in made]
        # handlers inside out: a clause's block lies in those of the clauses before it
        handlers = []
        for i, label in enumerate(opened):
            b.labels += opened[:i]
            taken = b.consume(label.types)
            with b.label(Label(b.fresh("k"), results)) as own:
                handler = sequence(b, results, 0.25)
            kind = declared("result", results)
            handlers.append(f"{taken} (block {own.name}{kind} {handler})")
            del b.labels[len(b.labels) - i :]
        b.labels += opened
        given = b.exprs(params)
        shown = [f"({word} {_goal(b, name, carried)})" for word, name, carried in made]
        with b.label(Label(b.fresh("t"), results)) as inner, b.within_try(bool(made)):
            body = f"{b.consume(params)} {_body(b, results)}"
        del b.labels[len(b.labels) - len(opened) :]
    kind = b.block_type(params, results)
    text = f"{given} (try_table {inner.name}{kind} {' '.join(shown)} {body})"
    for label, handler in zip(reversed(opened), reversed(handlers), strict=True):
        text = f"(block {label.name}{declared('result', label.types)} {text} (br {out})) {handler}"
    return f"(block {out}{declared('result', results)} {text})"


def _goal(b: Body, own: str, carried: tuple[Type, ...]) -> str:
    """The label of a clause: mostly its own, else any that takes the same."""
    others = [label.name for label in b.targets() if label.types == carried]
    return b.draw.pick(others) if others and b.draw.chance(0.2) else own


def _body(b: Body, results: Sequence[Type]) -> str:
    """What is tried: something that may throw, among other things."""
    from differential.rules.calls import any_call

    parts = [b.statements(2)]
    parts.append((any_call(b) if b.draw.chance(0.5) else None) or _throw(b) or "")
    return " ".join([*parts, sequence(b, results, 0.15)])


@expression("exceptions", 2.5)
def _try_expression(b: Body, t: Type) -> str:
    more = extra(b)
    return f"{_try(b, (t, *more))} {b.consume(more)}"


@statement("exceptions", 4)
def _try_statement(b: Body) -> str:
    more = extra(b)
    return f"{_try(b, more)} {b.consume(more)}"


@expression("exceptions", 4, lambda plan, t: isinstance(t, Ref) and t.heap == "exn")
def _caught(b: Body, t: Type) -> str:
    """An exception as a value."""
    name = b.fresh("x")
    with b.label(Label(name, (t,))), b.hidden(), b.within_try(True):
        thrown = f"{b.statements(1)} {throwing(b)}"
    tried = f"(try_table (catch_all_ref {name}) {thrown}) (unreachable)"
    return f"(block {name}{declared('result', (t,))} {tried})"


# ------------------------------------------------------------------ legacy


@expression("legacy-exceptions", 3)
def _legacy_expression(b: Body, t: Type) -> str:
    return _legacy(b, (t,))


@statement("legacy-exceptions", 4)
def _legacy_statement(b: Body) -> str:
    return _legacy(b, ())


def _legacy(b: Body, results: tuple[Type, ...]) -> str:
    """A `try` with handlers, or one that delegates."""
    name = b.fresh("y")
    head = f"(try {name}{declared('result', results)}"
    delegates = b.draw.chance(0.3)
    with b.label(Label(name, results)), b.within_try(not delegates):
        body = f"(do {_body(b, results)})"
    if delegates:  # any label, the function's own too
        goal = b.draw.pick([str(len(b.labels)), *(x.name for x in b.labels if x.name)])
        return f"{head} {body} (delegate {goal}))"
    handlers = []
    tags: list[Tag | None] = list(b.draw.some(b.plan.tags, 0.5))
    for tag in [*tags, *([None] if b.draw.chance(0.5) else [])]:
        with b.label(Label(name, results)), b.catching(name):
            taken = b.consume(tag.params) if tag else ""
            again = _rethrow(b) if b.draw.chance(0.4) else ""
            handlers.append(
                f"({f'catch {tag.name}' if tag else 'catch_all'}"
                f" {taken} {again} {sequence(b, results, 0.2)})"
            )
    return f"{head} {body} {' '.join(handlers)})"


def _rethrow(b: Body) -> str:
    """Under a condition, one of the exceptions that have been caught."""
    return f"(if {b.expr('i32')} (then (rethrow {b.draw.pick(b.caught)})))"


@statement("legacy-exceptions", 2)
def _delegated(b: Body) -> str:
    """Handlers in one another; what is thrown inmost is handed to one of the outer ones."""
    b.size += 4
    tries = [b.fresh("y") for _ in range(b.draw.between(2, 4))]
    text = f"(try (do {_thrown(b)}) (delegate {b.draw.pick(tries)}))"
    for name in reversed(tries):
        mark = see(b, "i32", f"(i32.const {b.draw.below(99)})")
        tag = b.draw.pick(b.plan.tags)
        dropped = "(drop) " * len(tag.params)
        clause = b.draw.pick((f"(catch {tag.name} {dropped} {mark})", f"(catch_all {mark})"))
        text = f"(try {name} (do {text} {_thrown(b)}) {clause})"
        if b.draw.chance(0.4):
            text = f"(if {b.leaf('i32')} (then {text}) (else {mark}))"
    return f"(try (do {text}) (catch_all))"


def _thrown(b: Body) -> str:
    """Now and then."""
    tag = b.draw.pick(b.plan.tags)
    values = " ".join(map(b.leaf, tag.params))
    return f"(if {b.leaf('i32')} (then (throw {tag.name} {values})))"
