"""Generated programs: the text of a module, and the calls to make of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import differential.rules  # noqa: F401  registers the rules
from differential.body import Body
from differential.constants import FOLD, bits_for
from differential.digest import digest_functions
from differential.draw import Draw
from differential.families import DEFAULT, chosen
from differential.plan import Function, FuncType, Plan, Table
from differential.planner import make_plan
from differential.types import Type, declared, is_number, text

__all__ = ["FUEL", "Call", "Program", "generate"]

#: Entries of guarded functions in one call from the host: the exported global `fuel` is set to it.
FUEL = 20

_OPEN = ("$t3", "$t4")  # an open function type and its subtype


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an export; numbers are given as their bits."""

    name: str
    args: tuple[int, ...]

    def __str__(self) -> str:
        return " ".join([self.name, *map(hex, self.args)])


@dataclass(frozen=True, slots=True)
class Program:
    """A module and the calls to make, in order, on one instance."""

    seed: int
    text: str
    calls: tuple[Call, ...]


def generate(seed: int, families: Iterable[str] = DEFAULT) -> Program:
    """The program of a seed: always the same one, as long as the rules are the same."""
    draw = Draw(seed)
    plan = make_plan(draw, chosen(draw, frozenset(families)))
    for function in plan.functions:
        function.body = Body(draw, plan, function).make()
    fields = [*_fields(draw, plan)]
    for function in plan.functions:
        fields += _function(plan, function)
    fields += digest_functions(plan)
    if "v128" in plan.numbers:
        fields.append(FOLD)
    calls = _calls(draw, plan)
    if plan.has("exhaustion"):
        fields.append(_ENDLESS)
        if draw.chance(0.5):
            calls.insert(draw.below(len(calls)), Call("endless", (draw.bits(32),)))
    if digest_functions(plan):
        calls.append(Call("digest", ()))
    newline = "\n  "
    return Program(seed, f"(module\n  {newline.join(fields)})\n", tuple(calls))


_ENDLESS = (
    '(func $endless (export "endless") (param $n i32) (result i32)'
    " (i32.add (call $endless (i32.mul (local.get $n) (i32.const 3))) (i32.const 1)))"
)


def _calls(draw: Draw, plan: Plan) -> list[Call]:
    """Each public function with two or three tuples of corner values, in some order."""
    calls = []
    for function in plan.functions:
        if function.public:
            for _ in range(draw.between(1, 3)):
                args = tuple(
                    part
                    for t in function.type.params
                    if isinstance(t, str)
                    for part in _halves(t, bits_for(draw, t))
                )
                calls.append(Call(function.name[1:], args))
    return draw.shuffled(calls)


# ------------------------------------------------------------------ text


def _fields(draw: Draw, plan: Plan) -> list[str]:
    """The module's fields before the functions."""
    types = [*_aggregates(plan), *map(_functype, plan.functypes.values())]
    fields = ["(rec", *(f"  {t}" for t in types), ")"] if plan.grouped else types
    if plan.has("host"):
        fields.append("(type $note (func (param i64) (result i64)))")
        fields.append('(import "host" "note" (func $note (type $note)))')
    for memory in plan.memories:
        export = f'(export "{memory.name[1:]}")'
        fields.append(f"(memory {memory.name} {export} {memory.limits})")
    fields += map(_table, plan.tables)
    fields.append(f'(global $fuel (export "fuel") (mut i32) (i32.const {FUEL}))')
    fields.append('(global $seen (export "seen") (mut i64) (i64.const 0))')
    for g in plan.globals:
        export = f'(export "{g.name[1:]}") ' if crosses(g.type) else ""
        t = f"(mut {text(g.type)})" if g.mutable else text(g.type)
        fields.append(f"(global {g.name} {export}{t} {g.init})")
    fields += (f"(tag {tag.name}{declared('param', tag.params)})" for tag in plan.tags)
    fields += _segments(draw, plan)
    starts = [f for f in plan.functions if not f.type.params and not f.type.results]
    if starts and plan.has("start"):
        fields.append(f"(start {draw.pick(starts).name})")
    return fields


def _aggregates(plan: Plan) -> list[str]:
    lines = []
    for struct in plan.structs.values():
        inner = " ".join(f"(field {field})" for field in struct.fields)
        sup = f"{struct.sup} " if struct.sup else ""
        lines.append(f"(type {struct.name} (sub {sup}(struct {inner})))")
    lines += [f"(type {array.name} (array {array.field}))" for array in plan.arrays.values()]
    return lines


def _functype(t: FuncType) -> str:
    inner = f"(func{declared('param', t.params)}{declared('result', t.results)})"
    if t.name in _OPEN:
        inner = f"(sub {t.sup} {inner})" if t.sup else f"(sub {inner})"
    return f"(type {t.name} {inner})"


def _table(table: Table) -> str:
    addr = "i64 " if table.addr == "i64" else ""
    if table.calls:
        return f"(table {table.name} {addr}funcref (elem {' '.join(table.calls)}))"
    init = f" {table.init}" if table.init else ""
    limits = f"{table.size} {table.most}"
    return (
        f'(table {table.name} (export "{table.name[1:]}") {addr}{limits} {text(table.elem)}{init})'
    )


def _segments(draw: Draw, plan: Plan) -> list[str]:
    fields = []
    for data in plan.datas:
        escaped = "".join(f"\\{byte:02x}" for byte in data.data)
        fields.append(f'(data {data.name} "{escaped}")')
    if plan.memories and plan.memories[0].pages:
        addr = plan.memories[0].addr
        content = "".join(f"\\{draw.bits(8):02x}" for _ in range(draw.between(8, 64)))
        where = draw.pick((0, 0, 0, 8, 1024, 65536 - 64))
        if draw.chance(0.01):
            where = 65536 * plan.memories[0].pages - 1  # what does not fit traps at instantiation
        fields.append(f'(data ({addr}.const {where}) "{content}")')
    for elem in plan.elems:
        fields.append(f"(elem {elem.name} {text(elem.elem)} {' '.join(elem.items)})")
    for table in plan.tables:
        if not table.calls and table.elem.heap == "func" and draw.chance(0.6):
            names = " ".join(draw.pick(plan.functions).name for _ in range(draw.between(1, 4)))
            offset = f"(offset ({table.addr}.const {draw.below(2)}))"
            fields.append(f"(elem (table {table.name}) {offset} func {names})")
    fields.append(f"(elem declare func {' '.join(f.name for f in plan.functions)})")
    return fields


def _function(plan: Plan, f: Function) -> list[str]:
    """A function; a public one of a type in a group or hierarchy is exported through another one.

    So exports have plain types, and a host can import them by writing the same type down. Vectors
    cross as two i64, since not every host knows them.
    """
    plain = not plan.grouped and f.type.name not in _OPEN
    plain = plain and all(map(crosses, (*f.type.params, *f.type.results)))
    export = f' (export "{f.name[1:]}")'
    params = "".join(f" (param $p{i} {text(t)})" for i, t in enumerate(f.type.params))
    results = declared("result", f.type.results)
    inner = export if f.public and plain else ""
    lines = [f"(func {f.name}{inner} (type {f.type.name}){params}{results} {f.body})"]
    if f.public and not plain:
        lines += _exported(f)
    return lines


def crosses(t: Type) -> bool:
    """Whether every host can take a value of the type."""
    return is_number(t) and t != "v128"


def _halves(t: str, bits: int) -> tuple[int, ...]:
    """The bits of a number as it crosses."""
    return (bits & (1 << 64) - 1, bits >> 64) if t == "v128" else (bits,)


def _exported(f: Function) -> list[str]:
    """A function that calls another, with vectors as two i64, and the type that it has."""
    params: list[Type] = []
    args = []
    for t in f.type.params:
        first = f"(local.get $p{len(params)})"
        if t == "v128":
            args.append(
                f"(i64x2.replace_lane 1 (i64x2.splat {first}) (local.get $p{len(params) + 1}))"
            )
        else:
            args.append(first)
        params += ["i64", "i64"] if t == "v128" else [t]
    results: list[Type] = []
    back = []
    for i, t in enumerate(f.type.results):
        back.append(
            f"(i64x2.extract_lane 0 (local.get $r{i}))" if t == "v128" else f"(local.get $r{i})"
        )
        if t == "v128":
            back.append(f"(i64x2.extract_lane 1 (local.get $r{i}))")
        results += ["i64", "i64"] if t == "v128" else [t]
    call = f"(call {f.name} {' '.join(args)})"
    locals_ = ""
    if results != list(f.type.results):
        locals_ = "".join(f" (local $r{i} {text(t)})" for i, t in enumerate(f.type.results))
        kept = " ".join(f"(local.set $r{i})" for i in reversed(range(len(f.type.results))))
        call = f"{call} {kept} {' '.join(back)}"
    # the type has a name: wasmtime's parser would take a `sub` type that looks the same
    own = f"$t_{f.name[1:]}"
    named = "".join(f" (param $p{i} {text(t)})" for i, t in enumerate(params))
    given = declared("result", results)
    head = f'(func (export "{f.name[1:]}") (type {own})'
    return [f"(type {own} (func{named}{given}))", f"{head}{named}{given}{locals_} {call})"]
