"""The other commands: wast, validate, parse, print, and what all of them have in common."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commandline import CommandLine, cli

__all__ = ["cli"]

SCRIPT = """(module (func (export "one") (result i32) (i32.const 1)))
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke "one") (i32.const 2))
"""


def watloom(*words: object, **options: object) -> "subprocess.CompletedProcess[str]":
    """The command line in a process of its own."""
    command = [sys.executable, "-m", "watloom", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


def test_help(cli: CommandLine) -> None:
    for words in ([], ["--help"], ["-h"]):
        done = cli(*words)
        assert done.status == (0 if words else 2) and done.err == ""
        for name in ("run", "step", "trace", "wast", "validate", "parse", "print"):
            assert f"\n  {name} " in done.out
            assert cli(name, "--help").out.startswith(f"Usage: watloom {name} ")
    assert cli("--version").out.startswith("watloom, version ")


def test_wast(cli: CommandLine, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.wast", tmp_path / "good.wast"
    bad.write_text(SCRIPT, encoding="utf-8")
    good.write_text(SCRIPT.replace("const 2", "const 1"), encoding="utf-8")
    done = cli("wast", good)
    assert done.status == 0 and "\ntotal: 3 passed, 0 failed, 0 skipped" in done.out
    done = cli("wast", good, bad)
    assert done.status == 1 and f"{bad}:3: assert_return: " in done.out
    done = cli("wast", "--json", good, bad)
    report = json.loads(done.out)
    assert done.status == 1
    assert (report["passed"], report["failed"], report["skipped"]) == (5, 1, 0)
    assert [set(file) for file in report["files"]] == [
        {"file", "passed", "failed", "skipped", "seconds", "failures"}
    ] * 2
    (failure,) = report["files"][1]["failures"]
    assert failure["line"] == 3 and failure["directive"] == "assert_return"
    assert cli("wast", "-", stdin=SCRIPT).status == 1
    missing = cli("wast", tmp_path / "none.wast", good)
    assert missing.status == 1 and "none.wast: No such file" in missing.err
    assert "total: 3 passed, 1 failed" in missing.out
    listed = json.loads(cli("wast", "--json", tmp_path / "none.wast", good).out)
    assert (listed["passed"], listed["failed"]) == (3, 1)
    (unread,) = listed["files"][0]["failures"]
    assert unread == {"line": 1, "directive": "script", "message": "No such file or directory"}


def test_wast_is_plain_webassembly_unless_told(cli: CommandLine) -> None:
    nested = "(module (module $m))"
    assert cli("wast", "-", stdin=nested).status == 0  # a feature that is not on: it waits
    assert " 1 skipped" in cli("wast", "-", stdin=nested).out
    assert " 1 passed" in cli("wast", "--proposal", "+module-linking", "-", stdin=nested).out


def test_validate(cli: CommandLine, tmp_path: Path) -> None:
    good, bad, worse = tmp_path / "good.wat", tmp_path / "bad.wat", tmp_path / "worse.wat"
    good.write_text('(module (import "any" "thing" (func)))', encoding="utf-8")
    bad.write_text("(module (func (result i32)))", encoding="utf-8")
    worse.write_text("(module", encoding="utf-8")
    done = cli("validate", good)
    assert (done.status, done.out, done.err) == (0, "", "")
    done = cli("validate", bad, tmp_path / "none.wat", good, worse)
    assert done.status == 1 and done.out == ""
    for said in (f"{bad}:1:", "none.wat: No such file", f"{worse}:1:"):
        assert said in done.err
    assert cli("validate").status == 2


def test_parse_and_print(cli: CommandLine, tmp_path: Path) -> None:
    text, binary = tmp_path / "m.wat", tmp_path / "m.wasm"
    text.write_text('(func $f (export "f") (param $x i32))', encoding="utf-8")
    assert cli("parse", text, "-o", binary).status == 0
    assert cli("parse", text, "-o", "-").raw == binary.read_bytes()
    assert cli("parse", "-o", binary, "-", stdin="(module)").status == 0
    assert binary.read_bytes() == b"\0asm\x01\0\0\0"
    assert cli("parse", text).status == 2
    printed = cli("print", text)
    assert printed.status == 0 and "(param $x i32)" in printed.out
    assert cli("print", text, "-o", tmp_path / "again.wat").out == ""
    assert (tmp_path / "again.wat").read_text(encoding="utf-8") == printed.out
    assert cli("parse", text, "-o", tmp_path / "no" / "where").status == 1
    text.write_text("(module (func (result i32)))", encoding="utf-8")
    kept = binary.read_bytes()
    assert cli("parse", text, "-o", binary).status == 1 and binary.read_bytes() == kept


def test_parse_writes_what_whole_instances_export(cli: CommandLine, tmp_path: Path) -> None:
    text, binary = tmp_path / "m.wat", tmp_path / "m.wasm"
    text.write_text(
        """(module
             (module $m (func (export "seven") (result i32) (i32.const 7)))
             (instance $i (instantiate $m))
             (export $i))""",
        encoding="utf-8",
    )
    assert cli("--invoke", "seven", text).out == "7\n"
    assert cli("parse", text, "-o", binary).status == 0
    assert cli("--invoke", "seven", binary).out == "7\n"


# ------------------------------------------------------------------ in a process of its own


def test_start_up_stays_cheap() -> None:
    code = (
        "import sys; from watloom.cli import main\n"
        "assert main(['--invoke', 'f', '-']) == 0\n"
        "print([m for m in ('rich', 'numpy', 'pytest', 'readline') if m in sys.modules])"
    )
    text = '(module (func (export "f")))'
    done = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "forever.wat"
    path.write_text('(module (func (export "_start") (loop (br 0))))', encoding="utf-8")
    command = [sys.executable, "-m", "watloom", "--tier", "reference", str(path)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a child inherits "ignored"
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
def test_nobody_reads(tmp_path: Path) -> None:
    path = tmp_path / "long.wat"
    path.write_text('(module (func (export "_start") (loop (br 0))))', encoding="utf-8")
    command = [sys.executable, "-m", "watloom", "trace", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_colour_only_where_a_person_reads() -> None:
    import pty

    def told(**environment: str) -> bytes:
        main, terminal = pty.openpty()
        env = {**os.environ, "TERM": "xterm", "COLUMNS": "40", **environment}
        command = [sys.executable, "-m", "watloom", "-"]
        text = b'(module (func (export "f") (result i32) (i64.const 1)) (; long enough to wrap ;))'
        subprocess.run(command, input=text, stderr=terminal, env=env, timeout=60)
        os.close(terminal)
        found = b""
        try:
            while data := os.read(main, 4096):
                found += data
        except OSError:  # the terminal's end
            pass
        os.close(main)
        return found.replace(b"\r\n", b"\n")

    plain, coloured = told(NO_COLOR="1"), told(NO_COLOR="")
    assert b"\x1b[" not in plain and b"error: type mismatch" in plain
    assert b"\x1b[1;31merror:\x1b[0m" in coloured
    stripped = b"".join(part.partition(b"m")[2] for part in (b"m" + coloured).split(b"\x1b["))
    assert stripped == plain
    assert b"\x1b[" not in watloom("-", input="(module").stderr.encode()


def test_control_characters_do_not_reach_the_terminal(cli: CommandLine) -> None:
    done = cli("-", stdin='(module (func $"\\1b[31m" unreachable) (start 0) (; \x1b ;))')
    assert done.status == 134 and "\x1b" not in done.err and "\\x1b[31m" in done.err
