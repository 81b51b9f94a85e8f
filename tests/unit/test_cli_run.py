"""`watloom run`: values, results, streams, and what each kind of end has for an exit status."""

from pathlib import Path

import pytest

from commandline import CommandLine, cli

pytestmark = pytest.mark.usefixtures("in_both_tiers")

__all__ = ["cli"]

MODULE = """(module
  (memory (export "memory") 1)
  (global (export "answer") i32 (i32.const 42))
  (type $pair (struct (field i32)))
  (func $add (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "ref") (param externref) (result externref) (local.get 0))
  (func (export "bits") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
  (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
  (func (export "refs") (result funcref anyref anyref)
    (ref.func $add) (struct.new $pair (i32.const 1)) (ref.i31 (i32.const -5)))
  (func (export "divide") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func $forever (export "forever") (loop (br 0)))
  (func $deeper (export "deeper") (call $deeper))
  (func (export "grow") (result i32) (memory.grow (i32.const 100)))
  (func (export "strict") (param (ref func))))
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A file with a function for each kind of value and of end."""
    path = tmp_path / "m.wat"
    path.write_text(MODULE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("call", "printed"),
    [
        ("add -1 2", "1"),
        ("add 4294967295 0", "-1"),
        ("add 0xffff_ffff +0x7", "6"),
        ("i64 -9223372036854775808", "-9223372036854775808"),
        ("i64 18446744073709551615", "-1"),
        ("f64 -1e3", "-1000.0"),
        ("f64 0x1.8p1", "3.0"),
        ("f64 -inf", "-inf"),
        ("f64 1_000.5", "1000.5"),
        ("f32 0.1", "0.10000000149011612"),
        ("f32 nan", "nan"),
        ("f32 -nan:0x200000", "nan"),
        ("bits nan:0x200000", "2141192192"),
        ("ref null", "(ref null)"),
        ("swap 1 -2", "-2\n1"),
        ("refs", "(ref func $add)\n(ref struct #1)\n(ref i31 -5)"),
    ],
)
def test_values_and_results(cli: CommandLine, module: Path, call: str, printed: str) -> None:
    name, *values = call.split()
    done = cli("run", "--invoke", name, module, *values)
    assert (done.status, done.out, done.err) == (0, printed + "\n", "")
    assert cli("--invoke", name, module, *values).out == done.out  # `run` may be left out


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("add 1", "add takes i32 i32; 1 value given"),
        ("add 1 2 3", "add takes i32 i32; 3 values given"),
        ("add 1 x", "'x' is not an i32; add takes i32 i32"),
        ("add 1 1.5", "'1.5' is not an i32"),
        ("add 1 4294967296", "4294967296"),
        ("f64 NaN", "'NaN' is not an f64"),
        ("f64 infinity", "'infinity' is not an f64"),
        ("f32 1e40", "1e40"),
        ("ref 1", "'1' is not a externref: only null can be written"),
        ("strict null", "it can't be written here"),
        ("refs 1", "refs takes nothing; 1 value given"),
    ],
)
def test_values_that_do_not_fit(cli: CommandLine, module: Path, call: str, said: str) -> None:
    name, *values = call.split()
    done = cli("run", "--invoke", name, module, *values)
    assert done.status == 2 and done.out == ""
    assert said in done.err and "Traceback" not in done.err


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--invoke", "divide", "FILE", "1", "0"], 134, "m.wat:16:6: trap: integer divide by zero"),
        (["--invoke", "deeper", "FILE"], 134, "exhaustion: call stack exhausted"),
        (["--fuel", "1000", "--invoke", "forever", "FILE"], 134, "limit: out of fuel"),
        (["--timeout", "0.05", "--invoke", "forever", "FILE"], 134, "limit: out of time"),
        (["--max-memory", "1k", "FILE"], 134, "limit: "),
        (["--invoke", "ad", "FILE"], 1, "help: did you mean add?"),
        (["--invoke", "ad", "FILE"], 1, "exports are memory, answer, add,"),
        (["--invoke", "answer", "FILE"], 1, "is not a function but (global i32)"),
        (["FILE"], 0, "hint: nothing to run: exports are memory,"),
        (["FILE", "--invoke", "add"], 0, "--invoke NAME comes before FILE"),
        (["--fuel", "x", "FILE"], 2, "error: Invalid value for '--fuel'"),
        (["--max-memory", "3q", "FILE"], 2, "write it like 65536, 64k or 16MiB"),
        (["--proposal", "+gc", "FILE"], 2, "unknown proposal 'gc'"),
        (["--proposal", "func-bind", "FILE"], 2, "must begin with + (on) or - (off)"),
        (["--dir", "nowhere", "FILE"], 2, "'nowhere' is not a folder"),
        (["--env", "x", "FILE"], 2, "not of the form NAME=VALUE"),
        (["--nope", "FILE"], 2, "No such option"),
        (["nope.wat"], 1, "error: nope.wat: No such file or directory"),
        (["validat"], 1, "did you mean `watloom validate`?"),
        (["test.wast"], 2, "run it with `watloom wast test.wast`"),
    ],
)
def test_ends(cli: CommandLine, module: Path, words: list[str], status: int, said: str) -> None:
    done = cli(*(str(module) if word == "FILE" else word for word in words))
    assert done.status == status, done.err
    assert said in done.err and done.out == "" and "Traceback" not in done.err


def test_memory_limit(cli: CommandLine, module: Path) -> None:
    assert cli("--invoke", "grow", module).out == "1\n"
    assert cli("--max-memory", "1MiB", "--invoke", "grow", module).out == "-1\n"
    assert cli("--max-memory", "64k", "--invoke", "add", module, 1, 2).out == "3\n"


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("(module (func (i32.ad)))", 1, "i32.add"),
        ("(module (func (result i32)))", 1, "type mismatch"),
        ('(module (import "nowhere" "f" (func)))', 1, "unknown import"),
        ("(module (func $f unreachable) (start $f))", 134, "trap: unreachable"),
    ],
)
def test_a_module_on_stdin(cli: CommandLine, text: str, status: int, said: str) -> None:
    done = cli("-", stdin=text)
    assert done.status == status
    assert said in done.err and done.err.startswith("<stdin>:1:") and "\n  1 | (module" in done.err


def test_start_runs_and_start_export_runs(cli: CommandLine) -> None:
    log = '(import "spectest" "print_i32" (func $log (param i32)))'
    begin = "(func $begin (call $log (i32.const 1)))"
    start = f"(module {log} {begin} (start $begin))"
    both = (
        f'(module {log} {begin} (start $begin) (func (export "_start") (call $log (i32.const 2))))'
    )
    wrong = '(module (func (export "_start") (param i32)))'
    assert cli("-", stdin=start).status == cli("-", "an", "argument", stdin=both).status == 0
    done = cli("-", stdin=wrong)
    assert done.status == 1 and "_start must take and give nothing" in done.err


def test_text_and_binary_are_told_apart_by_content(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "text.wasm"
    path.write_text('(module (func (export "one") (result i32) (i32.const 1)))', encoding="utf-8")
    assert cli("--invoke", "one", path).out == "1\n"
    assert cli("parse", path, "-o", tmp_path / "binary.wat").status == 0
    assert (tmp_path / "binary.wat").read_bytes().startswith(b"\0asm")
    assert cli("--invoke", "one", tmp_path / "binary.wat").out == "1\n"
    path.write_bytes(b"\xff\xfe")
    assert "malformed UTF-8" in cli(path).err


def test_imported_files(cli: CommandLine, tmp_path: Path) -> None:
    """Beside the importing file, and with -L elsewhere."""
    (tmp_path / "lib").mkdir()
    library = tmp_path / "lib" / "one.wat"
    library.write_text('(module (func (export "one") (result i32) (i32.const 1)))', "utf-8")
    user = tmp_path / "user.wat"
    text = '(module (import "one" "one" (func $one (result i32))) (export "two" (func $one)))'
    user.write_text(text, "utf-8")
    done = cli("--invoke", "two", user)
    assert done.status == 1 and f"one.wasm in {tmp_path}" in done.err
    assert cli("-L", tmp_path / "lib", "--invoke", "two", user).out == "1\n"
    assert cli("-L", tmp_path / "lib", "--invoke", "two", "-", stdin=text).out == "1\n"


def test_proposals(cli: CommandLine) -> None:
    nested = '(module (module $m) (instance (instantiate $m)) (func (export "f")))'
    assert cli("--invoke", "f", "-", stdin=nested).status == 0
    assert cli("--proposal", "-module-linking", "--invoke", "f", "-", stdin=nested).status == 1


def test_legacy_spellings_are_warned_of(cli: CommandLine) -> None:
    text = '(module (func (export "f") (param i32) (result i32) (get_local 0)))'
    assert cli("--invoke", "f", "-", 7, stdin=text).status == 1
    done = cli("--dialect", "legacy", "--invoke", "f", "-", 7, stdin=text)
    assert (done.status, done.out) == (0, "7\n")
    assert done.err.startswith("<stdin>:1:54: warning: ") and "^^^^^^^^^" in done.err


def test_a_bug_is_told_in_one_line(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("watloom.interp.link.load.validate", fails)
    done = cli("--no-cache", "-", stdin="(module)")
    assert done.status == 70
    assert done.err.startswith("bug in watloom: ZeroDivisionError: oh\nhelp: please report it")
    assert "Traceback" not in done.err
    monkeypatch.setenv("WATLOOM_DEBUG", "1")
    assert "Traceback" in cli("--no-cache", "-", stdin="(module)").err
