"""Bigger shapes: a state machine by br_table, a linked list, recursion without end."""

from __future__ import annotations

from differential.body import Body, Label
from differential.rule import statement
from differential.types import Ref

__all__: list[str] = []


@statement("idioms", 1)
def _state_machine(b: Body) -> str | None:
    """`while (n--) switch (state) { … }`: cases fall through, go on, or leave."""
    steps, cases = b.draw.between(2, 8), b.draw.between(2, 6)
    if b.times > 4 or not b.affords(steps * 20):
        return None
    b.size += 15
    state, counter = b.declare("i32", prefix="s"), b.declare("i32", prefix="c")
    out, loop, other = b.fresh("o"), b.fresh("l"), b.fresh("k")
    names = [b.fresh("k") for _ in range(cases)]
    targets = " ".join(b.draw.pick(names) for _ in range(b.draw.between(cases, 2 * cases)))
    selector = f"(i32.rem_u (local.get {state}) (i32.const {b.draw.between(1, cases + 3)}))"
    text = f"(br_table {targets} {other} {selector})"
    open_before = len(b.labels)
    b.labels += [Label(name, ()) for name in (out, loop, other, *names)]
    with b.repeated(steps):
        for name in reversed(names):
            del b.labels[-1]  # the case stands behind its block
            text = f"(block {name} {text}) {_case(b, state)}"
            roll = b.draw.below(4)
            if roll == 0:
                text += f" (br {loop})"
            elif roll == 1:
                text += f" (br_if {out} {b.expr('i32')})"
    del b.labels[open_before:]
    return (
        f"(local.set {counter} (i32.const {steps})) (local.set {state} {b.expr('i32')})"
        f" (block {out} (loop {loop} (br_if {out} (i32.eqz {b.tick(counter)}))"
        f" (block {other} {text}) (br {loop})))"
    )


def _case(b: Body, state: str) -> str:
    step = f"(i32.add (local.get {state}) (i32.const {b.draw.between(1, 9)}))"
    if b.draw.chance(0.5):
        step = f"(i32.xor {step} {b.expr('i32')})"
    return f"(local.set {state} {step})"


@statement("idioms", 1.5, lambda plan: bool(plan.structs))
def _list(b: Body) -> str | None:
    """A list of structs, built and walked; the type needs a field for the next one."""
    chained = [
        (struct, i)
        for struct in b.plan.structs.values()
        for i, field in enumerate(struct.fields)
        if field.type == Ref(True, struct.name) and field.mutable
    ]
    if not chained or b.times > 4 or not b.affords(80):
        return None
    b.spend(80)
    b.size += 12
    struct, link = b.draw.pick(chained)
    head, counter = b.declare(Ref(True, struct.name), prefix="r"), b.declare("i32", prefix="c")
    node = b.declare(Ref(True, struct.name), prefix="r")
    build, walk = b.fresh("l"), b.fresh("l")
    places = b.writable_of("i32")
    count = f"(local.set {b.draw.pick(places)} (local.get {counter}))" if places else ""
    down = f"(local.tee {counter} (i32.sub (local.get {counter}) (i32.const 1)))"
    up = f"(local.set {counter} (i32.add (local.get {counter}) (i32.const 1)))"
    get = f"(struct.get {struct.name} {link} (local.get {head}))"
    with b.repeated(4), b.hidden():
        made = " ".join(
            f"(local.get {head})" if i == link else b.expr(field.type)
            for i, field in enumerate(struct.fields)
        )
    return (
        f"(local.set {counter} (i32.const {b.draw.between(1, 6)}))"
        f" (loop {build} (local.set {head} (struct.new {struct.name} {made}))"
        f" (local.set {node} (local.get {head})) (br_if {build} {down}))"
        f" (loop {walk} {up} (local.set {head} {get})"
        f" (br_if {walk} (i32.and (i32.lt_u (local.get {counter}) (i32.const 9))"
        f" (i32.eqz (ref.is_null (local.get {head})))))) {count}"
    )


@statement("exhaustion", 1)
def _endless(b: Body) -> str | None:
    """Call a function that never returns (`differential.program` adds it)."""
    if b.times > 1:
        return None
    return (
        f"(if (i32.eq {b.expr('i32')} (i32.const 7)) (then (drop (call $endless (i32.const 1)))))"
    )
