"""`watloom step` and `watloom trace` on the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commandline import CommandLine, cli
from goldens import Golden

__all__ = ["cli"]

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
HELLO = SAMPLES / "hello" / "hello.wat"

STARTS = """(module
  (import "spectest" "print_i32" (func $print (param i32)))
  (func $begin (call $print (i32.const 1)))
  (start $begin))"""

TOUR = """\
help
list 2
step 3
stack
s 6

break factorial
break 5
b
continue
where
locals
locals 1
print n
memory 0
print nothing
delete 2
delete
back 4
out
until 14
over
c
stack
back
globals
nonsense
step many
until
until nowhere
quit
"""


def test_a_session(cli: CommandLine, golden: Golden) -> None:
    done = cli("step", "--invoke", "factorial", HELLO, 3, stdin=TOUR)
    assert done.status == 0 and done.err == ""
    golden(done.out, "trace/step_hello.txt")


def test_a_trap(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "f.wat"
    path.write_text(
        """(module (func $f (export "f") (param $x i32) (result i32)
             (i32.div_u (i32.const 1) (local.get $x))))""",
        encoding="utf-8",
    )
    done = cli("step", "--invoke", "f", path, 0, stdin="c\nwhere\nlocals\nback\nquit\n")
    assert done.status == 0  # `back` had taken the trap away
    assert f"{path}:2:15: trap: integer divide by zero" in done.out
    assert "#0 f at f.wat:2:15" in done.out and "step 2: in f at f.wat:2:15" in done.out


def test_the_start_function(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "starts.wat"
    path.write_text(STARTS, encoding="utf-8")
    done = cli("step", path, stdin="s\nlist\nc\n")
    assert done.status == 0 and "step 0: in begin at starts.wat:3:30" in done.out
    done = cli("trace", path)
    assert done.status == 0 and "host spectest.print_i32(1)" in done.out
    assert len(done.out.splitlines()) == 4
    done = cli("step", "-", stdin="(module)")
    assert done.status == 0 and done.err.startswith("hint: nothing to run")


def test_exit_status_of_a_session(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "trap.wat"
    path.write_text('(module (func (export "_start") unreachable))', encoding="utf-8")
    assert cli("step", path, stdin="c\n").status == 134
    assert cli("step", path, stdin="").status == 0
    path.write_text('(module (func $f (export "_start") (call $f)))', encoding="utf-8")
    done = cli("step", path, stdin="c\nwhere\nback 5\nwhere\n")
    assert done.status == 0 and "call stack exhausted" in done.out


def test_files_of_several_modules(cli: CommandLine) -> None:
    path = SAMPLES / "link_time_virtualization" / "parent.wat"
    done = cli("step", path, stdin="break child.wat:1\nbreak other.wat:1\nc\nwhere\n")
    assert "breakpoint 1 at child.wat:" in done.out
    assert "no code from a file 'other.wat' here" in done.out
    assert "#1 " in done.out


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_a_person_at_a_terminal() -> None:
    import pty

    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "watloom", "step", "--invoke", "factorial", str(HELLO), "1"]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        os.write(main, b"step\n\nwhere\nback\nquit\n")
        said = b""
        try:
            while data := os.read(main, 4096):
                said += data
        except OSError:  # the terminal's end
            pass
    os.close(main)
    assert process.returncode == 0
    assert b"`help` lists the commands." in said and b"(watloom) " in said
    assert b"step 2: in factorial" in said and said.count(b"step 1: in factorial") == 2


# ------------------------------------------------------------------ trace


def test_trace(cli: CommandLine) -> None:
    done = cli("trace", "--invoke", "factorial", HELLO, 1)
    lines = done.out.splitlines()
    assert done.status == 0 and done.err == ""
    assert lines[0].split() == ["0", "0", "(the", "host", "calls)", "call", "factorial($n=1)"]
    assert lines[-1].split() == ["7", "0", "factorial", "hello.wat:14:70", "end", "return", "1"]
    limited = cli("trace", "--limit", 3, "--invoke", "factorial", HELLO, 1)
    assert limited.out.splitlines() == lines[:4] and limited.status == 0
    assert limited.err == "note: stopped after 3 steps\n"
    rows = [
        json.loads(row)
        for row in cli("trace", "--json", "--invoke", "factorial", HELLO, 1).out.splitlines()
    ]
    assert [row["step"] for row in rows] == list(range(8))
    assert rows[3] == {
        "step": 3,
        "depth": 0,
        "function": "factorial",
        "at": "hello.wat:9:23",
        "instr": "i64.le_u",
        "pops": ["1", "1"],
        "pushes": ["1"],
        "changes": [],
    }


def test_trace_of_a_trap(cli: CommandLine) -> None:
    text = '(module (func (export "_start") (drop (i32.div_u (i32.const 1) (i32.const 0)))))'
    done = cli("trace", "-", stdin=text)
    assert done.status == 134
    assert done.out.splitlines()[-1].endswith("1 0; trap: integer divide by zero")
    assert done.err.startswith("<stdin>:1:40: trap: integer divide by zero")


def test_trace_and_the_program_write_to_different_places(cli: CommandLine, tmp_path: Path) -> None:
    sample = SAMPLES / "encrypted_editor" / "parent.wat"
    (tmp_path / "letters").mkdir()
    out = tmp_path / "trace.txt"
    done = cli("trace", "--dir", tmp_path / "letters", "-o", out, sample)
    assert done.status == 0 and done.out.startswith("Dear Ada,")
    assert out.read_text(encoding="utf-8").count("\n") > 1000
    done = cli("trace", "--json", "--dir", tmp_path / "letters", sample)
    assert done.err.startswith("Dear Ada,")
    assert all(json.loads(row)["instr"] for row in done.out.splitlines())
