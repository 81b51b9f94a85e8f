"""A function in the module that boils references in tables and globals down to a number.

Hosts see references each in their own way, or not at all; instructions are the common language.
"""

from __future__ import annotations

from differential.constants import as_i64
from differential.plan import Plan, Table
from differential.types import Ref, Type

__all__ = ["digest_functions"]


def digest_functions(plan: Plan) -> list[str]:
    """The text of the exported `digest`, and of what it needs; nothing where nothing is to see."""
    tables = [_table(plan, table) for table in plan.tables]
    refs = [g for g in plan.globals if isinstance(g.type, Ref) or g.type == "v128"]
    values = [_measure(plan, g.type, f"(global.get {g.name})") for g in refs]
    objects = [_object(plan)] if plan.below("any") else []
    if not tables and not values and not objects:
        return []
    body = " ".join(tables + values)
    return [
        '(global $digested (export "digested") (mut i64) (i64.const 0))',
        "(func $mix (param $x i64) (global.set $digested"
        " (i64.add (i64.mul (global.get $digested) (i64.const 31)) (local.get $x))))",
        '(func $digest (export "digest") (result i64) (local $i i32)'
        f" {body} (global.get $digested))",
        *objects,
    ]


def _mix(value: str) -> str:
    return f"(call $mix {value})"


def _measure(plan: Plan, t: Type, value: str) -> str:
    """Instructions that mix in what can be told of a value."""
    if not isinstance(t, Ref):
        return _mix(as_i64(t, value))
    top = plan.top(t.heap)
    if top == "func":
        return _mix(f"(i64.extend_i32_u (ref.test (ref $t0) {value}))")
    if not plan.below("any"):
        return _mix(f"(i64.extend_i32_u (ref.is_null {value}))")
    if top == "extern":
        value = f"(any.convert_extern {value})"
    return f"(call $measure {value})"


def _table(plan: Plan, table: Table) -> str:
    i = "(local.get $i)" if table.addr == "i32" else "(i64.extend_i32_u (local.get $i))"
    entry = _measure(plan, table.elem, f"(table.get {table.name} {i})")
    end = f"({table.addr}.ge_u {i} (table.size {table.name}))"
    return (
        f"(local.set $i (i32.const 0)) (block $out{table.name[1:]} (loop $l{table.name[1:]}"
        f" (br_if $out{table.name[1:]} {end}) {entry}"
        f" (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l{table.name[1:]})))"
    )


def _object(plan: Plan) -> str:
    """What an object is, and the numbers in it."""
    parts = [_mix("(i64.extend_i32_u (ref.is_null (local.get $x)))")]
    if plan.has("i31"):
        value = "(i31.get_s (ref.cast (ref i31) (local.get $x)))"
        parts.append(_if("i31", _mix(f"(i64.extend_i32_s {value})")))
    for name, struct in plan.structs.items():
        fields = []
        for i, field in enumerate(struct.fields):
            suffix = "_s" if field.packed else ""
            got = f"(struct.get{suffix} {name} {i} (local.get {name}))"
            if isinstance(field.type, Ref):
                got = f"(ref.is_null {got})"
            as_number = "i32" if isinstance(field.type, Ref) else field.type
            fields.append(_mix(as_i64(as_number, got)))
        parts.append(_if(name, " ".join(fields) or "(nop)"))
    for name, array in plan.arrays.items():
        cast = f"(local.get {name})"
        mixed = [_mix(f"(i64.extend_i32_u (array.len {cast}))")]
        suffix = "_u" if array.field.packed else ""
        got = f"(array.get{suffix} {name} {cast} (local.get $i))"
        if isinstance(array.field.type, Ref):
            got = f"(ref.is_null {got})"
        as_number = "i32" if isinstance(array.field.type, Ref) else array.field.type
        mixed.append(
            f"(local.set $i (i32.const 0)) (block $o{name[1:]} (loop $l{name[1:]}"
            f" (br_if $o{name[1:]} (i32.ge_u (local.get $i) (array.len {cast})))"
            f" {_mix(as_i64(as_number, got))}"
            f" (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l{name[1:]})))"
        )
        parts.append(_if(name, " ".join(mixed)))
    known = " ".join(f"(local {name} (ref null {name}))" for name in [*plan.structs, *plan.arrays])
    return f"(func $measure (param $x anyref) (local $i i32) {known} {' '.join(parts)})"


def _if(heap: str, then: str) -> str:
    if heap != "i31":
        then = f"(local.set {heap} (ref.cast (ref {heap}) (local.get $x))) {then}"
    return f"(if (ref.test (ref {heap}) (local.get $x)) (then {then}))"
