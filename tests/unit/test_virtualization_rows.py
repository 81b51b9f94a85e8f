"""Virtualization: programs that cannot tell whose files they write, before and while they run."""

import io
import shutil
from pathlib import Path

import pytest

import watloom
from rfc8439 import keystream
from watloom.interp.core.features import DEFAULT
from watloom.interp.core.module import FuncDesc
from watloom.interp.link.linker import Linker
from watloom.interp.link.load import load_file
from watloom.parser.encode import encode_module
from watloom.stdlib import confine, granted
from watloom.stdlib.fd import FdModule

HOME = Path(__file__).resolve().parents[2] / "samples" / "encrypted_editor"
KEY = b"demonstration key: not a secret!"
DAYS = [b"Day 1. Nobody knows what I write.\n", b"Day 2. Nobody knows what I write.\n"]

in_both_tiers = pytest.mark.usefixtures("in_both_tiers")
needs_files = pytest.mark.skipif(not confine.SUPPORTED, reason="no openat here: all is refused")


def linked(path: Path, folder: Path, out: io.BytesIO | None = None) -> watloom.Instance:
    linker = Linker(watloom.Store(), library=granted([(folder, "/")], stdout=out))
    return linker.instantiate(load_file(path))  # type: ignore[return-value]


def decrypted(stored: bytes) -> bytes:
    stream = keystream(KEY, stored[:12], len(stored) - 12, first=0)
    return bytes(a ^ b for a, b in zip(stored[12:], stream, strict=True))


#: What is asked for, and the tests that show it: of this file, or of another (file::test).
ROWS = {
    "V1 one unmodified consumer, static and dynamic": [
        "test_one_diary_both_ways",
        "test_the_same_diary_on_the_host_alone",
        "test_stdlib_foreign::test_a_provider_in_wat",
    ],
    "V2 immutable fields; another rec group does not link": [
        "test_an_fd_cannot_be_pointed_elsewhere",
        "test_another_rec_group_does_not_link",
        "test_stdlib_fd::test_another_rec_group_does_not_link",
    ],
    "V3 func.bind": [
        "test_func_bind_binds_leading_parameters",
        "test_func_bind_types_are_equal_in_legacy_and_match_in_strict",
        "test_parser_text::test_func_bind",
        "test_corners::test_binding_null_traps",
        "test_samples_round_trip::test_programs_run_again",
        "../spec/test_func_refs::test_script",
    ],
    "V4 let; call_ref without a type": [
        "test_let::test_locals_are_prepended",
        "test_corners::test_a_legacy_call_ref_gets_its_type",
        "test_parser_legacy::test_call_ref_without_a_type",
        "../spec/test_func_refs::test_script",
    ],
    "V5 struct.create, set and get": [
        "test_stdlib_struct::test_each_struct_has_its_own_fields",
        "test_stdlib_struct::test_other_references_trap",
        "test_stdlib_struct::test_fields_out_of_range_trap",
    ],
    "V6 struct_table, bind_table, lowering": [
        "test_stdlib_tables::test_a_stale_handle_stays_stale",
        "test_stdlib_tables::test_a_live_handle_can_be_guessed",
        "test_stdlib_tables::test_the_pool_ends",
        "test_stdlib_tables::test_both_forms_in_another_engine",
        "test_lower_mvp::test_editor",
        "test_sample_editor::test_in_another_engine",
    ],
    "V7 an encrypting folder; wrappers nest": [
        "test_provider_encrypt::test_what_is_on_the_disk_decrypts_by_another_implementation",
        "test_provider_compress::test_in_another_order_they_fail_cleanly",
        "test_provider_crash::test_a_crash_leaves_the_old_or_the_new",
        "test_sample_editor::test_three_wrappers_unwrap_only_in_order",
        "test_sample_editor::test_a_wrong_key",
    ],
    "V8 four forms, one transcript": [
        "test_sample_editor::test_four_forms_have_one_transcript",
        "test_sample_editor_fds::test_the_providers_answer_alike",
    ],
    "V9 only types are shared": ["test_only_types_are_shared", "test_who_reaches_whom"],
    "V10 the documents' spellings": [
        "test_parser_legacy::test_old_spellings",
        "test_parser_legacy::test_what_stays_wrong_says_what_to_write",
    ],
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_has_its_tests(row: str) -> None:
    for test in ROWS[row]:
        file, _, name = test.rpartition("::")
        path = Path(__file__).parent / f"{file}.py" if file else Path(__file__)
        text = path.read_text(encoding="utf-8")
        assert f"\ndef {name}(" in text, test


# ------------------------------------------------------------------ V1: static, dynamic


@needs_files
@in_both_tiers
@pytest.mark.parametrize(("how", "plain_days"), [("static", 0), ("dynamic", 1)])
def test_one_diary_both_ways(how: str, plain_days: int, tmp_path: Path) -> None:
    """The same file: linked to the keeper of the key, or handed its folder after the first day."""
    out = io.BytesIO()
    with linked(HOME / f"{how}.wat", tmp_path, out) as program:
        program.exports["_start"]()
    assert out.getvalue() == b"".join(DAYS)
    stored = [(tmp_path / f"day-{n}.txt").read_bytes() for n in (1, 2)]
    assert stored[:plain_days] == DAYS[:plain_days]
    for day, data in list(zip(DAYS, stored, strict=True))[plain_days:]:
        assert b"Nobody" not in data
        assert decrypted(data) == b"SEALED1\n" + day


@needs_files
@in_both_tiers
def test_the_same_diary_on_the_host_alone(tmp_path: Path) -> None:
    out = io.BytesIO()
    linker = watloom.Linker()
    linker.define("fd", FdModule([tmp_path], stdout=out))
    linker.define("memory", linker.instantiate('(module (memory (export "memory") 1))'))
    with linker.instantiate(HOME / "diary" / "diary.wat") as diary:
        assert diary.exports["begin"]() == 0
        assert diary.exports["write"]() == 0
    assert out.getvalue() == (tmp_path / "day-1.txt").read_bytes() == DAYS[0]


# ------------------------------------------------------------------ V2: nobody is re-pointed

REPOINT = """(func (export "repoint") (param $fd (ref $fd)) (param $other (ref $fd))
    (struct.set $fd $read (local.get $fd) (struct.get $fd $read (local.get $other)))))"""


def test_an_fd_cannot_be_pointed_elsewhere() -> None:
    text = (HOME / "diary" / "diary.wat").read_text().rstrip().removesuffix(")") + REPOINT
    with pytest.raises(watloom.InvalidError) as raised:
        watloom.Module(text)
    assert str(raised.value).startswith(
        "immutable field: field $read of type $fd is not declared mut"
    )


@needs_files
def test_another_rec_group_does_not_link(tmp_path: Path) -> None:
    """Who declares the field mutable may write to it, and gets no fd to do it to."""
    shutil.copytree(HOME, tmp_path / "sample")
    diary = tmp_path / "sample" / "diary" / "diary.wat"
    text = diary.read_text().rstrip().removesuffix(")") + REPOINT
    text = text.replace("(field $read (ref $read))", "(field $read (mut (ref $read)))")
    watloom.Module(text)
    diary.write_text(text)
    for parent in ("static", "dynamic"):
        with pytest.raises(watloom.LinkError) as raised:
            linked(tmp_path / "sample" / f"{parent}.wat", tmp_path)
        message, *types = str(raised.value).splitlines()
        assert message.startswith("incompatible import type")
        both = [line for line in types[:2] if "(field (ref" in line]
        mutable = [line for line in both if "(field (mut (ref" in line]
        assert (len(both), len(mutable)) == (2, 1)


# ------------------------------------------------------------------ V3: func.bind

BIND = """(module
  (type $three (func (param i32 i32 i32) (result i32)))
  (type $two (func (param i32 i32) (result i32)))
  (type $one (func (param i32) (result i32)))
  (type $box (struct (field $f (ref $one))))
  (elem declare func $digits)
  (table $t 1 funcref)
  (func $digits (type $three)
    (i32.add (i32.mul (local.get 0) (i32.const 100))
      (i32.add (i32.mul (local.get 1) (i32.const 10)) (local.get 2))))
  (func (export "run") (result i32 i32) (local $box (ref $box))
    (local.set $box
      (struct.new $box
        (func.bind $one (i32.const 2)
          (func.bind (type $two) (i32.const 1) (ref.func $digits)))))
    (table.set $t (i32.const 0)
      (func.bind $one (i32.const 4) (i32.const 5) (ref.func $digits)))
    (call_ref $one (i32.const 3) (struct.get $box $f (local.get $box)))
    (call_indirect $t (type $one) (i32.const 6) (i32.const 0))))"""


@in_both_tiers
def test_func_bind_binds_leading_parameters() -> None:
    """One after the other or at once; what is bound lies in structs and tables as others do."""
    binary = encode_module(watloom.Module(BIND).valid.module)
    assert binary.count(b"\x16\x02") == 2 and b"\x16\x01" in binary  # the type that is made
    assert b"\x14\x02" in binary  # call_ref has its immediate
    for form in (BIND, binary):
        assert watloom.instantiate(watloom.Module(form)).exports["run"]() == (123, 456)


def test_func_bind_types_are_equal_in_legacy_and_match_in_strict() -> None:
    text = """(module
      (type $of (func (param i32 anyref) (result eqref)))
      (type $to (func (param eqref) (result anyref)))
      (func (export "f") (param $f (ref $of)) (result (ref $to))
        (func.bind $to (i32.const 1) (local.get $f))))"""
    watloom.Module(text)
    with pytest.raises(watloom.InvalidError, match=r"^type mismatch: func.bind cannot make"):
        watloom.Module(text, features=DEFAULT.with_(dialect="legacy"))


# ------------------------------------------------------------------ V9: only types


def imported_functions(name: str) -> set[str]:
    """The modules that a file imports functions from."""
    module = load_file(HOME / name).valid.module
    return {i.module for i in module.imports if isinstance(i.desc, FuncDesc)}


def test_only_types_are_shared() -> None:
    """Consumer and provider repeat a rec group, and import no function from each other."""
    assert imported_functions("editor.wat") == imported_functions("structs/editor.wat") == set()
    assert imported_functions("encrypt.wat") == {"chacha20"}
    assert imported_functions("structs/encrypt.wat") == {"chacha20"}


@needs_files
def test_who_reaches_whom(tmp_path: Path) -> None:
    """Handed over while running, nothing leads from the diary to the keeper, nor back."""
    graph = linked(HOME / "dynamic.wat", tmp_path).graph
    assert not graph.reaches("diary", "keeper") and not graph.reaches("keeper", "diary")
    assert graph.reaches("diary", "host fd")
    graph = linked(HOME / "static.wat", tmp_path).graph
    assert graph.reaches("diary", "keeper")
    assert not graph.reaches("keeper", "diary")
