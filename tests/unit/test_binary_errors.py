"""Each diagnostic of the binary format, shown once (tests/golden/binary)."""

import pytest

from watloom.interp.core.errors import MalformedError
from watloom.interp.core.features import DEFAULT, WASM3
from watloom.interp.core.instr import Instr
from watloom.interp.core.messages import Message
from watloom.interp.core.module import (
    ExportAll,
    Func,
    InstanceDef,
    InstanceDesc,
    Module,
    ModuleTypeDef,
    NestedModule,
    RecGroup,
    TypeExport,
)
from watloom.interp.core.source import Source
from watloom.interp.core.types import FuncType, SubType
from watloom.interp.isa import op_table
from watloom.parser import binary_messages
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.leb128 import unsigned

HEADER = "00 61 73 6d 01 00 00 00"


def section(number: int, content: str) -> str:
    """A section whose size is right."""
    return f"{number:02x} {unsigned(len(bytes.fromhex(content))).hex()} {content}"


TYPE = section(1, "01 60 00 00")
FUNC = section(3, "01 00")


def body(content: str) -> str:
    """A module with one function, whose body (from the locals on) is the content."""
    size = unsigned(len(bytes.fromhex(content))).hex()
    return f"{HEADER} {TYPE} {FUNC} {section(10, f'01 {size} {content}')}"


def nested(levels: int) -> str:
    """A module in a module …"""
    data = bytes.fromhex(HEADER)
    for _ in range(levels):
        content = b"\1" + unsigned(len(data)) + data
        data = bytes.fromhex(HEADER) + b"\x0e" + unsigned(len(content)) + content
    return data.hex(" ")


# The entry, the bytes, and whether module linking is on.
#: What the cases marked with True need.
MORE = DEFAULT.with_(["+custom-page-sizes", "+let", "+threads"])

CASES = [
    ("unexpected_end", f"{HEADER} {section(1, '01 60')}", False),
    ("unexpected_end", f"{HEADER} {TYPE} {FUNC} 0a 06 01 04 00 02 40 01", False),
    ("length_out_of_bounds", f"{HEADER} 01 05 ff ff ff ff 0f", False),
    ("integer_too_long", f"{HEADER} {section(1, '80 80 80 80 80 00')}", False),
    ("integer_too_large", f"{HEADER} {section(1, '80 80 80 80 10')}", False),
    ("malformed_utf8", f"{HEADER} {section(7, '01 02 c3 28 00 00')}", False),
    ("zero_byte_expected", f"{HEADER} {section(13, '01 01 00')}", False),
    ("magic_not_detected", "7f 45 4c 46 01 00 00 00", False),
    ("unknown_version", "00 61 73 6d 0d 00 01 00", False),
    ("malformed_section_id", f"{HEADER} 11 00", False),
    ("malformed_section_id", f"{HEADER} 0e 01 00", False),
    ("content_after_last", f"{HEADER} {section(3, '00')} {section(1, '00')}", False),
    ("section_size_mismatch", f"{HEADER} 01 05 01 60 00 00 00", False),
    ("function_count_mismatch", f"{HEADER} {TYPE} {FUNC}", False),
    ("data_count_mismatch", f"{HEADER} {section(12, '03')} {section(11, '01 01 00')}", False),
    ("data_count_required", body("00 fc 09 00 0b") + section(11, "01 01 00"), False),
    ("nested_too_deep", nested(251), True),
    ("malformed_value_type", f"{HEADER} {section(1, '01 60 01 40 00')}", False),
    ("malformed_reference_type", f"{HEADER} {section(4, '01 7f 00 00')}", False),
    ("malformed_heap_type", f"{HEADER} {section(4, '01 64 7f 00 00')}", False),
    ("malformed_storage_type", f"{HEADER} {section(1, '01 5f 01 76 00')}", False),
    ("malformed_definition_type", f"{HEADER} {section(1, '01 5d 00')}", False),
    ("malformed_definition_type", f"{HEADER} {section(1, '01 61 00')}", False),
    ("malformed_block_type", body("00 02 41 0b 0b"), False),
    ("malformed_mutability", f"{HEADER} {section(6, '01 7f 02 41 00 0b')}", False),
    ("malformed_limits_flags", f"{HEADER} {section(4, '01 70 08 00')}", False),
    ("malformed_import_kind", f"{HEADER} {section(2, '01 01 61 01 62 07 00')}", False),
    ("malformed_import_kind", f"{HEADER} {section(2, '01 01 61 00 ff 00 00')}", False),
    ("malformed_export_kind", f"{HEADER} {section(7, '01 01 61 09 00')}", False),
    ("malformed_export_kind", f"{HEADER} {section(7, '01 01 61 06 00')}", False),
    ("illegal_opcode", body("00 27 0b"), False),
    ("opcode_off", body("00 16 00 0b"), False),
    ("illegal_opcode", body("00 fb 7f 0b"), False),
    ("end_expected", body("00 02 40 05 0b 0b"), False),
    ("malformed_memop_flags", body("00 41 00 28 80 01 00 1a 0b"), False),
    ("malformed_cast_flags", body("00 fb 18 04 00 6e 6b 0b"), False),
    ("malformed_catch", body("00 1f 40 01 04 00 0b 0b"), False),
    ("too_many_locals", body("01 d1 86 03 7f 0b"), False),
    ("malformed_element_kind", f"{HEADER} {section(9, '01 01 70 00')}", False),
    ("malformed_segment_kind", f"{HEADER} {section(9, '01 08 00')}", False),
    ("malformed_data_kind", f"{HEADER} {section(11, '01 03 00')}", False),
    ("malformed_alias_kind", f"{HEADER} {section(16, '01 00 00 07 01 61')}", True),
    ("malformed_instance_kind", f"{HEADER} {section(15, '01 01 00 00')}", True),
    ("too_many_let_locals", body("00 17 40 01 ff ff ff ff 0f 7f 0b 0b"), True),
    ("malformed_page_size", f"{HEADER} {section(5, '01 08 00 41')}", True),
    ("malformed_declaration_kind", f"{HEADER} {section(1, '01 62 01 02 01 61 00 ff 00')}", True),
    ("unbuilt", f"{HEADER} {section(1, '01 60 01 64 62 00 00')}", False),
    ("opcode_off", body("00 fe 03 00 0b"), False),
    ("zero_byte_after", body("00 fe 03 01 0b"), True),
    ("proposal_off", f"{HEADER} {section(5, '01 08 00 00')}", False),
]


def entries() -> set[str]:
    """The names of all entries of the catalogue."""
    return {name for name, value in vars(binary_messages).items() if isinstance(value, Message)}


def described(number: int) -> str:
    name = CASES[number][0]
    before = sum(case[0] == name for case in CASES[:number])
    return f"{name}_{before + 1}" if before else name


@pytest.mark.parametrize("number", range(len(CASES)), ids=described)
def test_diagnostic(number, golden):
    name, text, linking = CASES[number]
    data = bytes.fromhex(text)
    with pytest.raises(MalformedError) as caught:
        decode_module(Source("broken.wasm", data=data), MORE if linking else WASM3)
    assert caught.value.slug == getattr(binary_messages, name).slug
    shown = text if len(data) < 100 else f"{text[:95]} …"
    golden(f"{shown}\n{caught.value.render()}\n", f"binary/{described(number)}.txt")


def text_only() -> list[Module]:
    """Modules that have no binary form."""
    source = Source("zero.wat", "(module (type (module (type (func)) (export 0))) (export 0))")
    legacy = Source("legacy.wat", "(module (func call_ref))")
    (call_ref,) = op_table(DEFAULT).by_mnemonic["call_ref"]
    group = RecGroup((SubType(FuncType()),))
    zero_level = ModuleTypeDef([group, TypeExport(None, InstanceDesc(0), 36)])
    inner = NestedModule(Module(source))
    return [
        Module(source, definitions=[zero_level]),
        Module(source, definitions=[inner, InstanceDef(0, [])], exports=[ExportAll(0, 49)]),
        Module(legacy, funcs=[Func(0, [], [Instr(call_ref, (None,), 14)])]),
    ]


@pytest.mark.parametrize("number", (0, 1, 2))
def test_text_only(number, golden):
    with pytest.raises(MalformedError) as caught:
        encode_module(text_only()[number])
    assert caught.value.slug == "binary-text-only"
    golden(caught.value.render() + "\n", f"binary/text_only_{number + 1}.txt")


def test_every_entry_is_shown():
    assert entries() == {case[0] for case in CASES} | {"text_only"}


def test_every_entry_has_a_name_of_its_own():
    slugs = [getattr(binary_messages, name).slug for name in entries()]
    assert len(slugs) == len(set(slugs))
