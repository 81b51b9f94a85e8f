"""What the validator can say of a module as a whole, each text once.

What one instruction can say stands with the instruction's rule in `interp.isa`.
"""

from __future__ import annotations

from watloom.interp.core.errors import InvalidError
from watloom.interp.core.messages import Message

unknown = Message(InvalidError, "unknown", "unknown {kind} {index}", "{known}")
unknown_label = Message(
    InvalidError,
    "unknown-label",
    "unknown label {index}",
    "labels count outwards from 0, the innermost block; here they go up to {last}, the function",
)
not_a_functype = Message(
    InvalidError, "not-a-functype", "type mismatch: type {name} is not a function type: {type}"
)
not_the_kind = Message(
    InvalidError,
    "not-the-kind",
    "type mismatch: type {name} is not {wanted}: {type}",
    "declare it as (type ({kind} …))",
)
forward_type = Message(
    InvalidError,
    "forward-type",
    "unknown type {name}: it is not defined before this one",
    "types that refer to one another stand in one group: (rec (type …) (type …))",
)
deep_sub_type = Message(
    InvalidError,
    "sub-type-depth",
    "sub type hierarchy too deep: above type {index} there are more than {most} others",
)
unknown_super = Message(
    InvalidError, "sub-type", "sub type {index} does not match super type {super}{why}"
)
mismatch = Message(
    InvalidError, "type-mismatch", "type mismatch: {op} wants {want}, but got {have}"
)
missing = Message(
    InvalidError,
    "operand-missing",
    "type mismatch: {op} wants {want}, but nothing is left on the stack",
)
left_over = Message(
    InvalidError,
    "values-left",
    "type mismatch: {count} on the stack than {block} gives back ({types})",
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
    "uninitialized local {name}: {type} has no default, so it must be set first",
    "set it in the same block or an enclosing one, or make it nullable: (ref null …)",
)
undeclared_ref = Message(
    InvalidError,
    "undeclared-ref",
    "undeclared function reference: function {name} is taken by ref.func in code only",
    "declare it with (elem declare func {name}), or export it",
)
constant_required = Message(
    InvalidError,
    "constant-required",
    "constant expression required: {op} cannot stand here",
    "constants, ref.func, ref.null, global.get of an immutable global and allocations can",
)
constant_mutable = Message(
    InvalidError,
    "constant-mutable",
    "constant expression required: global {name} is mutable",
    "what a mutable global holds is known only when the program runs; make it immutable",
)
limits_order = Message(
    InvalidError, "limits-order", "size minimum must not be greater than maximum: {min} > {max}"
)
memory_size = Message(
    InvalidError,
    "memory-size",
    "memory size must be at most {most} pages ({bytes}), not {size}",
    "a page is {page}",
)
shared_max = Message(
    InvalidError,
    "shared-maximum",
    "shared memory must have maximum",
    "its maximum is reserved from the start: (memory 1 16 shared)",
)
page_size = Message(
    InvalidError,
    "page-size",
    "invalid custom page size: {size}",
    "a page has 1 or 65536 bytes",
)
table_size = Message(InvalidError, "table-size", "table size must be at most {most}, not {size}")
table_needs_init = Message(
    InvalidError,
    "table-needs-init",
    "type mismatch: a table of {type} needs an initial value",
    "write it behind the type: (table 1 (ref func) (ref.func $f))",
)
duplicate_export = Message(
    InvalidError,
    "duplicate-export",
    "duplicate export name {name!r}",
    "one thing may have several names, but a name stands for one thing",
)
duplicate_import = Message(
    InvalidError,
    "duplicate-import",
    "duplicate import name {name!r}",
    "unique-imports is on; import it once and use it twice",
)
start_type = Message(
    InvalidError,
    "start-type",
    "start function must take and give nothing, but it is {type}",
    "start a function without parameters and results that calls this one",
)
tag_results = Message(
    InvalidError, "tag-results", "non-empty tag result type: {type}", "a tag has parameters only"
)
segment_type = Message(
    InvalidError,
    "segment-type",
    "type mismatch: the segment holds {have}, but table {table} wants {want}",
    "the type of a segment stands in front of its elements: (elem (i32.const 0) {want} …)",
)
too_many_locals = Message(
    InvalidError,
    "too-many-locals",
    "too many locals: {count}, where this implementation takes {most} at most",
    "keep them in a memory or an array",
)
too_many_operands = Message(
    InvalidError,
    "too-many-operands",
    "too many operands on the stack: this implementation takes {most} at most",
    "keep them in locals, a memory or an array",
)
too_many_values = Message(
    InvalidError,
    "too-many-values",
    "too many {what}, {count}: this implementation takes {most} at most",
    "pass them in a memory or an array",
)
branch_hint_target = Message(
    InvalidError,
    "branch-hint-target",
    "@metadata.code.branch_hint annotation: invalid target: {mnemonic} is no conditional branch",
    "a hint stands before an `if` or a `br_if`",
)
# ------------------------------------------------------------------ module linking
unknown_outer = Message(
    InvalidError,
    "unknown-outer",
    "unknown outer {kind} {index}: {known}",
    "only what is defined before this module can be reached",
)
outer_depth = Message(
    InvalidError,
    "outer-depth",
    "unknown outer module {index}: this one is inside of {depth}",
    "0 is the module around it, 1 the next one",
)
no_such_export = Message(
    InvalidError, "no-such-export", "unknown export {name!r}: the instance exports {exports}"
)
export_kind = Message(
    InvalidError,
    "export-kind",
    "type mismatch: export {name!r} is a {have}, not a {want}",
    "write ({word} …) to say that",
)
argument_missing = Message(
    InvalidError,
    "argument-missing",
    "missing argument {name!r} of the instantiation; it must be {type}",
    'add (import "{name}" ({word} …))',
)
argument_duplicate = Message(
    InvalidError,
    "argument-duplicate",
    "duplicate argument {name!r} of the instantiation",
    "each import of the module is given once",
)
argument_type = Message(
    InvalidError,
    "argument-type",
    "incompatible argument {name!r} of the instantiation{where}\n{types}",
)
