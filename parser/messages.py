"""Every diagnostic of the text front end: what is malformed, in the spec's words first.

Test scripts compare by prefix, so a text begins as the official suite has it.
"""

from __future__ import annotations

from watloom.interp.core.errors import MalformedError, UnbuiltError
from watloom.interp.core.messages import Message

__all__: list[str] = []  # used as `messages.unknown_operator(…)`


def _m(slug: str, text: str, help: str | None = None) -> Message[MalformedError]:
    return Message(MalformedError, slug, text, help)


# ------------------------------------------------------------------ characters and tokens

malformed_utf8 = _m(
    "malformed-utf8",
    "malformed UTF-8 encoding: {detail}",
    "write the character itself, or \\u{{…}} with its number",
)
illegal_character = _m("illegal-character", "illegal character {character}")
unclosed_string = _m("unclosed-string", "unclosed string", 'a string ends with " on the same line')
illegal_escape = _m(
    "illegal-escape",
    "illegal escape {escape} in a string",
    "an escape is \\t \\n \\r \\\" \\' \\\\, two hexadecimal digits as in \\0a, or \\u{{…}}",
)
control_character = _m(
    "control-character",
    "illegal control character {character} in a string",
    "write it as an escape, such as \\t or \\0a",
)
unclosed_comment = _m("unclosed-comment", "unclosed comment", 'a block comment ends with ";)"')
unclosed_annotation = _m(
    "unclosed-annotation",
    "unclosed annotation",
    'an annotation ends with the ")" that belongs to its "(@"',
)
empty_annotation = _m(
    "empty-annotation-id", "empty annotation id", 'a name follows "(@" at once, as in (@custom …)'
)
empty_identifier = _m("empty-identifier", "empty identifier", "a name follows $ at once, as in $x")
unknown_operator = _m("unknown-operator", "unknown operator {word}")
unseparated = _m(
    "unseparated-tokens",
    "unknown operator {word}",
    "put a space between a string and what is next to it",
)

# ------------------------------------------------------------------ syntax

unexpected_token = _m("unexpected-token", "unexpected token {word}, expected {expected}")
unclosed_parenthesis = _m(
    "unclosed-parenthesis",
    "unexpected token: the text ends here, but {opened} is not closed",
)
surplus_parenthesis = _m(
    "surplus-parenthesis",
    'unexpected token ")": there is no open "(" that it could close',
    "leave it out, or look for another that is too many before it",
)
nesting_too_deep = _m(
    "nesting-too-deep", "nesting too deep: more than {limit} modules inside one another"
)

# ------------------------------------------------------------------ annotations

annotation_token = _m("annotation-token", "@{kind} annotation: unexpected token {word}")
annotation_utf8 = _m(
    "annotation-utf8",
    "@{kind} annotation: malformed UTF-8 encoding of its name",
    "write the character itself, or \\u{{…}} with its number",
)
name_string = _m(
    "name-annotation-string", "@name annotation: string expected", 'as in (@name "a function")'
)
multiple_names = _m("multiple-names", "@name annotation: multiple {kind} names")
misplaced_name = _m(
    "misplaced-name",
    "misplaced @name annotation",
    "it stands where $x may stand, or behind that; of several parameters, locals or fields each "
    "needs parentheses of its own",
)
custom_name = _m(
    "custom-annotation-name",
    "@custom annotation: missing section name",
    'as in (@custom "my section" "data")',
)
custom_placement = _m(
    "custom-placement",
    "@custom annotation: malformed placement",
    "a custom section stands before or after another, as in (after func)",
)
custom_section = _m(
    "custom-section",
    "@custom annotation: malformed section kind",
    "there are (before first), (after last), and before and after {known}",
)
misplaced_custom = _m(
    "misplaced-custom",
    "misplaced @custom annotation",
    "it stands between the fields of a module, in none of them",
)
hint_outside = _m("branch-hint-outside", "@metadata.code.branch_hint annotation: not in a function")
hint_placement = _m(
    "branch-hint-placement",
    "@metadata.code.branch_hint annotation: invalid placement: no instruction follows it",
)
hint_duplicate = _m(
    "branch-hint-duplicate",
    "@metadata.code.branch_hint annotation: duplicate annotation of the instruction that follows",
)
hint_value = _m(
    "branch-hint-value",
    "@metadata.code.branch_hint annotation: invalid hint value",
    'it is "\\00" where the branch is unlikely to be taken, "\\01" where it is likely',
)

# ------------------------------------------------------------------ literals

int_out_of_range = _m(
    "integer-out-of-range",
    "constant out of range: {word} is not an {type}",
    "an {type} is written from {low} to {high}",
)
float_out_of_range = _m(
    "float-out-of-range",
    "constant out of range: {word} is too large for an {type}",
    "write inf for infinity",
)
nan_out_of_range = _m(
    "nan-out-of-range",
    "constant out of range: {word}: a payload of an {type} is from 1 to {limit:#x}",
)
u32_out_of_range = _m(
    "u32-out-of-range", "i32 constant out of range: {word} does not fit in 32 bits"
)
u64_out_of_range = _m(
    "u64-out-of-range", "i64 constant out of range: {word} does not fit in 64 bits"
)
lane_out_of_range = _m(
    "lane-out-of-range",
    "i8 constant out of range: {word} is not the number of a lane",
    "the number of a lane is a byte, from 0 on",
)
lane_count = _m(
    "lane-count",
    "wrong number of lane literals: an {shape} has {wanted} lanes, and {count} are written",
)
shuffle_count = _m(
    "shuffle-count",
    "invalid lane length: i8x16.shuffle chooses 16 lanes, and {count} are written",
    "0 to 15 are the lanes of the first operand, 16 to 31 those of the second",
)
bad_alignment = _m(
    "alignment",
    "alignment must be a power of two, not {align}",
    "write the alignment in bytes, as in align=4",
)

# ------------------------------------------------------------------ names

duplicate_name = _m("duplicate-name", "duplicate {kind} {name}")
unknown_name = _m("unknown-name", "unknown {kind} {name}")
unknown_index = _m("unknown-index", "unknown {kind} {index}", "{kind}s are counted from 0")
not_functype = _m("non-function-type", "non-function type {index}: a function type is needed here")
inline_functype = _m(
    "inline-function-type",
    "inline function type {inline} does not match the explicit one, {explicit}",
    "leave out the parameters and results, or write the same ones",
)
mismatching_label = _m("mismatching-label", "mismatching label {label}: the block {block}")

# ------------------------------------------------------------------ fields of modules

import_after = _m("import-after-definition", "import after {kind} definition", "put imports first")
multiple_starts = _m(
    "multiple-starts",
    "multiple start sections: a module has one start function",
    "start one function that calls both",
)

bodyless_type = _m(
    "bodyless-type",
    "unexpected token: the type {name} has no body",
    "write (func) for a function without parameters and results (--dialect legacy takes this)",
)
missing_typeuse = _m(
    "missing-type-use",
    "unexpected token: {word} needs the type of what results",
    "write {word} $t or {word} (type $t)",
)

page_size = _m(
    "page-size",
    "invalid custom page size: {size} is not a power of two",
    "a page has 1 or 65536 bytes",
)

# ------------------------------------------------------------------ module linking

linking_off = Message(
    UnbuiltError,
    "module-linking-off",
    "unexpected token: {what} need the module-linking proposal, which is off",
    "switch it on with --proposal +module-linking",
)
unknown_outer = _m("unknown-outer-module", "unknown outer module {module}", "{known}")
parent_type = _m(
    "parent-type",
    "unknown type {name}: the body of a module or instance type has types of its own",
    "to use a type of an enclosing module, write {outer}; --dialect legacy accepts the name alone",
)
outer_later = _m(
    "outer-not-yet-defined",
    "unknown {kind} {name}: it is defined after the module that uses it",
    "only what stands before a nested module can be used in it",
)

type_of_instance = _m(
    "alias-of-type",
    "unexpected token: an instance exports no types",
    "use (alias outer …) for types",
)
outer_kind = _m(
    "outer-kind",
    "unexpected token: a {kind} of an outer module cannot be used",
    "only its types and modules can",
)
import_in_instance = _m(
    "import-in-instance-type",
    "unexpected token: an instance type has no imports",
    "module types have some: (type (module …))",
)

# ------------------------------------------------------------------ what is not built

unbuilt = Message(
    UnbuiltError, "unbuilt", "unknown operator {word}, which is not built yet: {what}"
)
proposal_off = Message(
    UnbuiltError,
    "proposal-off",
    "unknown operator {word}: it belongs to the proposal {proposal}, which is off",
    "switch it on with --proposal +{proposal}",
)
