"""What the validator can say of a module as a whole, each text once.

What one instruction can say stands with the instruction's rule in `interp.isa`.
"""

from __future__ import annotations

from watloom.interp.core.errors import InvalidError
from watloom.interp.core.messages import Message

unknown = Message(
    InvalidError, "unknown", "unknown {kind} {index}", "there are {count} here, counted from 0"
)
unknown_label = Message(
    InvalidError,
    "unknown-label",
    "unknown label {index}",
    "{count} blocks are open here, the function counting as one",
)
not_a_functype = Message(
    InvalidError, "not-a-functype", "type mismatch: type {index} is not a function type: {type}"
)
not_the_kind = Message(
    InvalidError,
    "not-the-kind",
    "type mismatch: type {index} is not {wanted}",
    "declare it as (type ({kind} …))",
)
forward_type = Message(
    InvalidError,
    "forward-type",
    "unknown type {index}",
    "a type may refer to earlier types and its own rec group; {count} come before this one",
)
unknown_super = Message(
    InvalidError, "sub-type", "sub type {index} does not match super type {super}: {why}"
)
mismatch = Message(
    InvalidError, "type-mismatch", "type mismatch: {op} wants {want}, but got {have}"
)
missing = Message(
    InvalidError, "operand-missing", "type mismatch: {op} wants {want}, but the stack is empty",
    "push a value before it; operands of an enclosing block cannot be reached from inside",
)  # fmt: skip
left_over = Message(
    InvalidError,
    "values-left",
    "type mismatch: {count} more value{s} on the stack than the {block} gives back ({types})",
    "drop what is not needed, or declare it as a result",
)
else_missing = Message(
    InvalidError,
    "else-missing",
    "type mismatch: an `if` without `else` must give back what it takes: {params}, not {results}",
    "add an `else`, or make the results equal to the parameters",
)
uninitialized = Message(
    InvalidError,
    "uninitialized-local",
    "uninitialized local {index}: {type} has no default, so it must be set first",
)
undeclared_ref = Message(
    InvalidError,
    "undeclared-ref",
    "undeclared function reference: function {index} is taken by ref.func only here",
    "declare it with (elem declare func {index}), or export it",
)  # fmt: skip
constant_required = Message(
    InvalidError,
    "constant-required",
    "constant expression required: {op} cannot stand here",
    "constants, ref.func, ref.null, global.get of an immutable global and allocations can",
)
constant_mutable = Message(
    InvalidError, "constant-mutable", "constant expression required: global {index} is mutable"
)
limits_order = Message(
    InvalidError, "limits-order", "size minimum must not be greater than maximum: {min} and {max}"
)
memory_size = Message(
    InvalidError,
    "memory-size",
    "memory size must be at most {most} pages: {size}",
    "a page is 64 KiB",
)
table_size = Message(InvalidError, "table-size", "table size must be at most {most}: {size}")
table_needs_init = Message(
    InvalidError,
    "table-needs-init",
    "type mismatch: a table of {type} needs an initial value",
    "write it behind the type: (table 1 (ref func) (ref.func $f))",
)
duplicate_export = Message(InvalidError, "duplicate-export", "duplicate export name {name!r}")
duplicate_import = Message(
    InvalidError,
    "duplicate-import",
    "duplicate import name {name!r}",
    "unique-imports is on; import it once and use it twice",
)
start_type = Message(
    InvalidError, "start-type", "start function must take and give nothing, but it is {type}"
)
tag_results = Message(InvalidError, "tag-results", "non-empty tag result type: {type}")
segment_type = Message(
    InvalidError,
    "segment-type",
    "type mismatch: the segment holds {have}, table {table} wants {want}",
)
too_many_locals = Message(
    InvalidError,
    "too-many-locals",
    "too many locals: {count}; the most that this implementation takes is {most}",
)
# ------------------------------------------------------------------ module linking
unknown_outer = Message(
    InvalidError,
    "unknown-outer",
    "unknown outer {kind} {index} of the module {count} out",
    "only what is defined before this module can be reached",
)
outer_depth = Message(
    InvalidError,
    "outer-depth",
    "unknown outer module: {count} levels out, but only {depth} enclose this one",
)
no_such_export = Message(
    InvalidError, "no-such-export", "unknown export {name!r}: the instance exports {exports}"
)
export_kind = Message(
    InvalidError, "export-kind", "type mismatch: export {name!r} is a {have}, not a {want}"
)
argument_missing = Message(
    InvalidError,
    "argument-missing",
    "missing argument {name!r} of the instantiation; it must be {type}",
    'add (import "{name}" …)',
)
argument_duplicate = Message(
    InvalidError, "argument-duplicate", "duplicate argument {name!r} of the instantiation"
)
argument_type = Message(
    InvalidError,
    "argument-type",
    "incompatible argument {name!r} of the instantiation\n  wanted {want}\n  given  {have}",
)
