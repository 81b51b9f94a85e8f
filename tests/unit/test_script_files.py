"""The commands of scripts about files: `(input …)` and `(output …)`."""

from pathlib import Path

import pytest

from watloom.interp.core.features import WASM3
from watloom.interp.script.report import FileReport
from watloom.interp.script.runner import run_file, run_text
from watloom.stdlib import library

pytestmark = pytest.mark.usefixtures("in_both_tiers")


@pytest.fixture
def script(tmp_path: Path):
    """`script(text)` runs it as a file beside which others lie."""
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "one.wat").write_text('(func (export "f") (result i32) i32.const 1)')
    (tmp_path / "empty.wasm").write_bytes(b"\0asm\1\0\0\0")
    (tmp_path / "more.wast").write_text(
        '\n(assert_return (invoke "f") (i32.const 1))\n(assert_return (invoke "f") (i32.const 2))'
    )
    (tmp_path / "loop.wast").write_text('(input "loop.wast")')
    (tmp_path / "broken.wat").write_text("(func")

    def run(text: str) -> FileReport:
        path = tmp_path / "script.wast"
        path.write_text(text)
        (report,) = run_file(path, WASM3, library()).files
        return report

    return run


def said(report: FileReport) -> list[tuple[int, str, str]]:
    return [(f.line, f.directive, f.message) for f in report.failures]


def test_a_module_in_a_file(script):
    report = script('(input $m "below/one.wat") (assert_return (invoke $m "f") (i32.const 1))')
    assert (report.passed, said(report)) == (2, [])
    assert script('(input "empty.wasm") (register "empty")').passed == 2


def test_a_script_in_a_file_runs_in_its_place(script):
    report = script('(input "below/one.wat")\n(input "more.wast")\n(invoke "f")')
    assert report.passed == 4
    ((line, directive, message),) = said(report)
    assert (line, directive) == (2, "assert_return")
    assert message.endswith("more.wast:3:1: expected (i32.const 2), got (i32.const 1)")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.wat", "there is no file 'none.wat' in the folder of the script"),
        ("../../etc/passwd", "there is no file"),
        ("/etc/hostname", "unlinkable: "),
        ("broken.wat", "malformed: unexpected token: the text ends here"),
        ("empty.wast", "there is no file"),
        ("loop.wast", "loop.wast:1:1: more than 20 files put in one another"),
    ],
)
def test_what_cannot_be_put_in(script, path, message):
    report = script(f'(input "{path}")')
    assert [m[m.find(message) :][: len(message)] for _, _, m in said(report)] == [message]


def test_a_script_that_is_no_file_puts_in_none():
    (report,) = run_text('(input "setup.py")', "<text>", WASM3, library()).files
    assert [m for *_, m in said(report)] == [
        "there is no file 'setup.py' in the folder of the script"
    ]


def test_output(script):
    report = script('(module $m (func $f)) (module) (output $m) (output) (output "m.wat")')
    assert report.outputs == ["(module $m\n  (type (func))\n  (func $f (type 0)))\n", "(module)\n"]
    assert [m for *_, m in said(report)] == [
        "a script writes no files: use `watloom print` or `watloom parse`"
    ]
