"""What holds in a test script, what fails, and what waits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from watloom.interp.core.features import WASM3, Features
from watloom.interp.runtime.store import Store
from watloom.interp.script.accepted import ACCEPTED, Accepted, says
from watloom.interp.script.report import Report
from watloom.interp.script.runner import run_file, run_text
from watloom.stdlib import library

pytestmark = pytest.mark.usefixtures("in_both_tiers")

LINKING = WASM3.with_(["+module-linking"])


def run(text: str, features: Features = WASM3) -> Report:
    return run_text(text, "t.wast", features, library())


def failures(text: str, features: Features = WASM3) -> list[str]:
    return [f"{f.line}: {f.directive}: {f.message}" for f in run(text, features).failures]


def waits(text: str, features: Features = WASM3) -> list[tuple[int, str]]:
    return [(wait.line, wait.feature) for wait in run(text, features).waits]


HOLDS = """
(module $calc
  (memory (export "memory") 1)
  (global (export "answer") i64 (i64.const 42))
  (func (export "div") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (export "pair") (result f32 f64) (f32.const -0) (f64.const nan:0x4))
  (func $deep (export "deep") (call $deep))
  (func (export "echo") (param externref) (result externref) (local.get 0)))
(invoke "pair")
(assert_return (invoke "div" (i32.const -6) (i32.const 3)) (i32.const 0xffff_fffe))
(assert_return (invoke "pair") (f32.const -0) (f64.const nan:0x4))
(assert_return (get "answer") (i64.const 42))
(assert_return (get $calc "answer") (i64.const 42))
(assert_return (invoke "echo" (ref.extern 3)) (ref.extern 3))
(assert_return (invoke "echo" (ref.null extern)) (ref.null))
(assert_trap (invoke "div" (i32.const 1) (i32.const 0)) "integer divide by zero")
(assert_exhaustion (invoke "deep") "call stack exhausted")
(register "calc" $calc)
(module (import "calc" "div" (func (param i32 i32) (result i32))))
(module (import "spectest" "print_i32" (func (param i32))))
(assert_unlinkable (module (import "calc" "mul" (func))) "unknown import")
(assert_unlinkable (module (import "calc" "div" (func))) "incompatible import type")
(assert_trap (module (func $f unreachable) (start $f)) "unreachable")
(assert_trap (module (memory 0) (data (i32.const 0) "x")) "out of bounds memory access")
(assert_invalid (module (func i32.const 1)) "type mismatch")
(assert_malformed (module quote "(func (i32.foo))") "unknown operator")
(assert_malformed (module binary "\\00asm") "unexpected end")
(module binary "\\00asm\\01\\00\\00\\00")
(module quote "(func)")
(module definition $d (global (export "g") (mut i32) (i32.const 5)))
(module instance $d1 $d)
(module instance)
(assert_return (get $d1 "g") (i32.const 5))
"""


def test_every_kind_of_directive_can_hold() -> None:
    report = run(HOLDS)
    assert str(report).startswith("t.wast: 26 passed, 0 failed, 0 skipped"), str(report)
    assert report.ok


MODULE = """(module
  (func (export "one") (result i32) (i32.const 1))
  (func (export "nan") (result f32) (f32.const nan:0x200000))
  (func (export "trap") (unreachable))
  (func (export "take") (param i32))
  (memory (export "memory") 1))
"""


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        # another result
        (
            '(assert_return (invoke "one") (i32.const 2))',
            "expected (i32.const 2), got (i32.const 1)",
        ),
        ('(assert_return (invoke "one"))', "expected nothing, got (i32.const 1)"),
        (
            '(assert_return (invoke "one") (i64.const 1))',
            "expected (i64.const 1), got (i32.const 1)",
        ),
        (
            '(assert_return (invoke "nan") (f32.const nan:arithmetic))',
            "expected (f32.const nan:arithmetic), got (f32.const nan:0x200000)",
        ),
        ('(assert_return (invoke "trap"))', "trap: unreachable (t.wast:4:26)"),
        # no error, another error, another message
        ('(assert_trap (invoke "one") "x")', "expected trap: x, got (i32.const 1)"),
        ('(assert_trap (invoke "trap") "x")', "expected 'x', got 'unreachable'"),
        (
            '(assert_exhaustion (invoke "trap") "call")',
            "expected exhaustion: call; got trap: unreachable (t.wast:4:26)",
        ),
        (
            '(assert_exception (invoke "trap"))',
            "expected exception; got trap: unreachable (t.wast:4:26)",
        ),
        (
            '(assert_invalid (module) "type mismatch")',
            "expected invalid: type mismatch, but nothing is wrong with it",
        ),
        (
            '(assert_malformed (module quote "") "unexpected token")',
            "expected malformed: unexpected token, but nothing is wrong with it",
        ),
        (
            '(assert_malformed (module quote "(func drop)") "type mismatch")',
            "expected malformed: type mismatch, but nothing is wrong with it",
        ),
        (
            '(assert_unlinkable (module) "unknown import")',
            "expected unlinkable: unknown import, but nothing is wrong with it",
        ),
        # what cannot be done at all
        ('(invoke "two")', "there is no export 'two'"),
        ('(invoke "memory")', "export 'memory' is not a function, but <(memory 1)>"),
        ('(invoke $m "one")', "there is no instance $m"),
        ('(invoke "take")', "0 arguments for a function that takes 1"),
        ('(invoke "take" (i64.const 1))', "an argument of type i64 where i32 is wanted"),
        ('(register "m" $m)', "there is no instance $m"),
        ("(module instance $i $m)", "there is no module $m"),
    ],
)
def test_what_does_not_hold_fails(directive: str, message: str) -> None:
    word = directive[1:].split()[0]
    assert failures(MODULE + directive) == [f"7: {word}: {message}"]


def test_what_is_no_directive_at_all() -> None:
    [failure] = failures("\ufeff(module)")
    assert failure.startswith("1: script: malformed: illegal character U+FEFF")


def test_the_class_of_an_error_counts() -> None:
    wrong = """
(assert_invalid (module quote "(func (i32.foo))") "unknown operator")
(assert_unlinkable (module (func drop)) "type mismatch")
(assert_trap (module (import "a" "b" (func))) "unknown import")
"""
    expected = [
        "2: assert_invalid: expected invalid: unknown operator; got malformed: unknown operator",
        "3: assert_unlinkable: expected unlinkable: type mismatch; got invalid: type mismatch",
        "4: assert_trap: expected trap: unknown import; got unlinkable: unknown import",
    ]
    for failure, beginning in zip(failures(wrong), expected, strict=True):
        assert failure.startswith(beginning)


def test_one_failure_does_not_stop_the_next_directive() -> None:
    report = run('(invoke "f")\n(module (func (export "f")))\n(invoke "f")')
    assert (report.passed, [f.line for f in report.failures]) == (2, [1])


def test_a_command_that_does_not_parse_fails_alone() -> None:
    script = (
        '(module (func (export "f")))\n(assert_return (invoke "f") (i32.const x))\n(invoke "f")'
    )
    report = run(script)
    assert (report.passed, [f.line for f in report.failures]) == (2, [2])
    assert report.failures[0].directive == "assert_return"


def test_a_module_that_fails_is_not_replaced_by_an_older_one() -> None:
    script = '(module (func (export "f")))\n(module (func drop))\n(invoke "f")\n(register "m")'
    assert failures(script)[1:] == [
        "3: invoke: the instance that it needs failed",
        "4: register: the instance that it needs failed",
    ]


def test_a_definition_leaves_the_instance_as_it_is() -> None:
    assert run('(module (func (export "f")))\n(module definition)\n(invoke "f")').ok


def test_a_script_that_cannot_be_cut_is_one_failure() -> None:
    assert failures("(module)\n(; and so on") == ["2: script: unclosed comment"]


def test_a_binary_module_is_no_script(tmp_path: Path) -> None:
    path = tmp_path / "m.wast"
    path.write_bytes(b"\0asm\1\0\0\0")
    report = run_file(path, WASM3, library())
    assert [f.message for f in report.failures] == ["this is a binary module, not a test script"]


def test_other_exceptions_are_failures() -> None:
    def broken(store: Store) -> Any:
        raise ZeroDivisionError("of all things")

    report = run_text('(module (import "b" "f" (func)))', "t.wast", WASM3, {"b": broken})
    assert [f.message for f in report.failures] == ["ZeroDivisionError: of all things"]


# ------------------------------------------------------------------ waiting

UNBUILT = "(func (atomic.fence))"


def test_what_depends_on_an_unbuilt_feature_waits() -> None:
    script = f"""(module $m {UNBUILT})
(invoke "f")
(assert_return (invoke $m "f") (i32.const 1))
(register "m" $m)
(module $n (import "m" "f" (func)))
(assert_trap (invoke $n "f") "unreachable")
(assert_unlinkable (module (import "m" "f" (func))) "unknown import")
(assert_invalid (module {UNBUILT}) "type mismatch")
(module (func (export "f")))
(invoke "f")
"""
    assert waits(script) == [(line, "threads") for line in range(1, 9)]
    report = run(script)
    assert (report.passed, report.failed, report.skipped) == (2, 0, 8)


def test_a_name_waits_until_it_is_registered_anew() -> None:
    script = f"""(module {UNBUILT})
(register "m")
(module (func (export "f")))
(register "m")
(module (import "m" "f" (func)))
"""
    assert waits(script) == [(1, "threads"), (2, "threads")]
    assert run(script).passed == 3


def test_what_is_malformed_in_this_version_need_not_wait() -> None:
    malformed = '(assert_malformed (module quote "(func ({}))") "unknown operator")'
    assert run(malformed.format("atomic.fence")).passed == 1  # threads are not of 3.0


def test_a_proposal_that_is_off_is_malformed_or_waits() -> None:
    assert (
        run('(assert_malformed (module quote "(module (module))") "unexpected token")').passed == 1
    )
    assert waits("(module (module))") == [(1, "module-linking")]


# ------------------------------------------------------------------ module linking

NAMED = '(module $a (func (export "f")))\n(module (import "a" "f" (func)))'


def test_with_module_linking_a_named_module_can_be_imported() -> None:
    assert run(NAMED, LINKING).passed == 2
    assert [f[:2] for f in failures(NAMED)] == ["2:"]


@pytest.mark.parametrize(("features", "passed"), [(LINKING, 1), (WASM3, 0)])
def test_with_module_linking_files_can_be_imported(
    tmp_path: Path, features: Features, passed: int
) -> None:
    (tmp_path / "lib.wat").write_text('(module (func (export "f")))')
    script = tmp_path / "s.wast"
    script.write_text('(module (import "lib" "f" (func)))')
    assert run_file(script, features, library()).passed == passed


# ------------------------------------------------------------------ messages


def test_a_message_must_begin_with_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    assert says("type mismatch: …", "type mismatch")
    assert not says("a type mismatch", "type mismatch")
    assert not says("type", "type mismatch")
    monkeypatch.setitem(ACCEPTED, "type mismatch", (Accepted("types differ", "it is the same"),))
    assert says("types differ: …", "type mismatch")


# ------------------------------------------------------------------ the report


def test_json() -> None:
    made = run('(module)\n(invoke "f")').to_json()
    assert made["files"][0].pop("seconds") >= 0
    assert made == {
        "passed": 1,
        "failed": 1,
        "skipped": 0,
        "files": [
            {
                "file": "t.wast",
                "passed": 1,
                "failed": 1,
                "skipped": 0,
                "failures": [
                    {"line": 2, "directive": "invoke", "message": "there is no export 'f'"}
                ],
            }
        ],
    }


def test_reports_are_added_together() -> None:
    both = Report.merged([run("(module)"), run(f"(module {UNBUILT})"), run('(invoke "f")')])
    assert (both.passed, both.failed, both.skipped) == (1, 1, 1)
    assert [file.file for file in both.files] == ["t.wast"] * 3
    assert "total: 1 passed, 1 failed, 1 skipped (threads 1), " in str(both)


def test_spectest_prints_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    run('(module (import "spectest" "print" (func $p)) (start $p))')
    assert capsys.readouterr() == ("", "")


def test_spectest_has_what_the_suite_imports(
    printed: Callable[[str], list[tuple[Any, ...]]],
) -> None:
    assert printed("""
(module
  (import "spectest" "global_i32" (global $i i32)) (import "spectest" "global_f32" (global $f f32))
  (import "spectest" "global_i64" (global i64)) (import "spectest" "global_f64" (global f64))
  (import "spectest" "memory" (memory 1 2))
  (import "spectest" "table" (table 10 20 funcref))
  (import "spectest" "table64" (table i64 10 20 funcref))
  (import "spectest" "print_i32_f32" (func $p (param i32 f32)))
  (func $main (call $p (global.get $i) (global.get $f)))
  (start $main))
""") == [(666, pytest.approx(666.6))]


@pytest.fixture
def printed() -> Callable[[str], list[tuple[Any, ...]]]:
    """Run a script; what it printed through spectest."""
    from watloom.stdlib.spectest import spectest

    def run_printing(text: str) -> list[tuple[Any, ...]]:
        seen: list[tuple[Any, ...]] = []
        report = run_text(text, "t.wast", WASM3, {"spectest": lambda store: spectest(store, seen)})
        assert report.ok, str(report)
        return seen

    return run_printing
