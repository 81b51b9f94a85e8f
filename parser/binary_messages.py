"""The diagnostics of the binary format, one entry per kind of mistake.

Each text begins with the words that the official scripts expect
(https://github.com/WebAssembly/spec/blob/main/interpreter/binary/decode.ml has the full set).
"""

from __future__ import annotations

from watloom.interp.core.errors import MalformedError, UnbuiltError
from watloom.interp.core.messages import Message

__all__: list[str] = []  # used as `binary_messages.illegal_opcode(…)`


def _malformed(slug: str, text: str, help: str | None = None) -> Message[MalformedError]:
    return Message(MalformedError, f"binary-{slug}", text, help)


# ------------------------------------------------------------------ bytes and integers

unexpected_end = _malformed(
    "unexpected-end",
    "unexpected end of section or function: {wanted} should follow, but {left}",
)
length_out_of_bounds = _malformed(
    "length-out-of-bounds",
    "length out of bounds: {count} {things} where {left} bytes are left",
)
integer_too_long = _malformed(
    "integer-too-long",
    "integer representation too long: an integer of {bits} bits takes {limit} at most",
)
integer_too_large = _malformed(
    "integer-too-large",
    "integer too large: it does not fit in {bits} bits",
)
malformed_utf8 = _malformed(
    "malformed-utf8",
    "malformed UTF-8 encoding: {reason} in the name {name}",
)
zero_byte_after = _malformed(
    "zero-byte-after", "zero byte expected: another one follows {mnemonic}"
)
zero_byte_expected = _malformed(
    "zero-byte-expected", "zero byte expected: {found} stands for {meaning}, which is always 00"
)

# ------------------------------------------------------------------ modules and sections

magic_not_detected = _malformed(
    "magic-header",
    "magic header not detected: a binary module begins with 00 61 73 6d, this with {found}",
)
unknown_version = _malformed(
    "binary-version", "unknown binary version: {found}, where 01 00 00 00 is version 1"
)
malformed_section_id = _malformed(
    "section-id", "malformed section id: {found} is the number of no section"
)
content_after_last = _malformed(
    "content-after-last-section",
    "unexpected content after last section: the {section} section stands behind the {last} section",
    help="sections come at most once each, in the order {order}",
)
section_size_mismatch = _malformed(
    "section-size",
    "section size mismatch: {what} is said to take {size} bytes and takes {taken}",
)
function_count_mismatch = _malformed(
    "function-count",
    "function and code section have inconsistent lengths: {funcs} announced, {codes} given",
)
data_count_mismatch = _malformed(
    "data-count",
    "data count and data section have inconsistent lengths: {count} announced, {datas} given",
)
data_count_required = _malformed(
    "data-count-required",
    "data count section required: {mnemonic} refers to a data segment",
    help="a data count section (12) before the code says how many data segments will follow",
)
nested_too_deep = _malformed(
    "nested-too-deep", "nested too deep: modules and their types nest at most {limit} levels"
)

# ------------------------------------------------------------------ types and descriptions

malformed_value_type = _malformed(
    "value-type", "malformed value type: {found} is no number or reference type"
)
malformed_reference_type = _malformed(
    "reference-type", "malformed reference type: {found} is no reference type"
)
malformed_heap_type = _malformed("heap-type", "malformed heap type: {found} is no heap type")
malformed_storage_type = _malformed(
    "storage-type", "malformed storage type: {found} is no type of a field"
)
malformed_definition_type = _malformed(
    "definition-type", "malformed definition type: {found} begins no type"
)
malformed_block_type = _malformed("block-type", "malformed block type: {found} is no block type")
malformed_mutability = _malformed(
    "mutability", "malformed mutability: {found}, where 00 is constant and 01 mutable"
)
malformed_limits_flags = _malformed(
    "limits-flags",
    "malformed limits flags: {found} has others than 01 (a maximum) and 04 (64-bit addresses)",
)
malformed_page_size = _malformed(
    "page-size", "invalid custom page size: 2 to the power of {bits} does not fit in 64 bits"
)
malformed_import_kind = _malformed(
    "import-kind", "malformed import kind: {found} is the number of no kind"
)
malformed_export_kind = _malformed(
    "export-kind", "malformed export kind: {found} is the number of no kind"
)

# ------------------------------------------------------------------ code and segments

illegal_opcode = _malformed("illegal-opcode", "illegal opcode {found}")
end_expected = _malformed(
    "end-expected", "END opcode expected: `else` (05) stands where no `if` is open"
)
malformed_memop_flags = _malformed(
    "memop-flags", "malformed memop flags: the alignment of {mnemonic} has bits beyond the seventh"
)
malformed_cast_flags = _malformed(
    "cast-flags", "malformed br_on_cast flags: {mnemonic} knows the bits 1 and 2 only"
)
malformed_catch = _malformed(
    "catch-clause", "malformed catch clause: {mnemonic} has clauses of the kinds 0 to 3 only"
)
too_many_locals = _malformed(
    "too-many-locals", "too many locals: {count} are declared in {where}, and {limit} is the limit"
)
too_many_let_locals = _malformed(
    "let-locals", "too many locals: {mnemonic} declares more than the 50000 of a function"
)
malformed_element_kind = _malformed(
    "element-kind", "malformed element kind: {found}, where 00 (functions) is the only one"
)
malformed_segment_kind = _malformed(
    "element-segment-kind", "malformed elements segment kind: {found}, where they go from 0 to 7"
)
malformed_data_kind = _malformed(
    "data-segment-kind", "malformed data segment kind: {found}, where they go from 0 to 2"
)

# ------------------------------------------------------------------ module linking

malformed_alias_kind = _malformed(
    "alias-kind", "malformed alias kind: {found} is no kind of alias here"
)
malformed_instance_kind = _malformed(
    "instance-kind", "malformed instance kind: {found}, where 00 (instantiate) is the only one"
)
malformed_declaration_kind = _malformed(
    "declaration-kind", "malformed declaration kind: {found} declares nothing in {where}"
)

# ------------------------------------------------------------------ not built

unbuilt = Message(
    UnbuiltError,
    "binary-unbuilt",
    "{words}: {found} belongs to the feature {feature}, which is not built",
)


def not_built(feature: str, at: int, words: str, found: str) -> UnbuiltError:
    """The error of a construct of an unbuilt feature, in the words of the malformed one.

    >>> print(not_built("simd", 9, "malformed value type", "7b"))
    malformed value type: 7b belongs to the feature simd, which is not built
    """
    return unbuilt(at, words=words, found=found, feature=feature, extra={"feature": feature})


proposal_off = Message(
    UnbuiltError,
    "binary-proposal-off",
    "{words}: {found} belongs to the proposal {feature}, which is off",
    "switch it on with --proposal +{feature}",
)


def off(feature: str, at: int, words: str, found: str) -> UnbuiltError:
    """The error of a construct of a proposal that is off, in the words of the malformed one."""
    return proposal_off(at, words=words, found=found, feature=feature, extra={"feature": feature})


opcode_off = Message(
    UnbuiltError,
    "binary-opcode-off",
    "illegal opcode {found}: it is {op} of the proposal {proposal}, which is off",
    "switch it on with --proposal +{proposal}",
)

#: Of the encoder: the text has forms that the binary format lacks.
text_only = Message(
    UnbuiltError,
    "binary-text-only",
    "{form} has no binary form",
)


def no_binary_form(
    at: int, form: str, help: str = "write out the exports that it stands for"
) -> UnbuiltError:
    """The error of what can be said in text only."""
    return text_only(at, form=form, help=help, extra={"feature": "binary"})


#: What the immediates of `interp.isa` complain of (`Reader.fail`), by the first words.
BY_WORDS = {
    "zero byte expected": zero_byte_after,
    "too many locals": too_many_let_locals,
    "malformed memop flags": malformed_memop_flags,
    "malformed br_on_cast flags": malformed_cast_flags,
    "malformed catch clause": malformed_catch,
}
