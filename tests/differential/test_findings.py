"""How a difference is found, made small, written down and run again: with a voice that errs."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from differential.compare import judge
from differential.findings import load, save
from differential.outcome import Ended, Event, Outcome, Returned
from differential.program import Call, Program, generate
from differential.shrink import shrink, terminates
from differential.voices import Voice
from differential.voices.watloom_tier import Tier

SUPPORT = Path(__file__).parents[1] / "support"


class Liar:
    """A voice that is right but where the program contains a word: there results are one more."""

    name = "liar"

    def __init__(self, word: str) -> None:
        self.word = word

    def run(self, program: Program, fuel: int | None = None) -> Outcome | None:
        said = Tier("reference").run(program, fuel)
        if self.word not in program.text:
            return said
        return Outcome(tuple((label, self.turn(event)) for label, event in said.events))

    def turn(self, event: Event) -> Event:
        if not isinstance(event, Returned):
            return event
        return Returned(tuple((t, bits + 1) for t, bits in event.results))


def erring_program(word: str) -> Program:
    choir: list[Voice] = [Tier("reference"), Liar(word)]
    programs = (generate(seed) for seed in range(100))
    return next(p for p in programs if judge(p, choir) is not None)


def test_a_finding_becomes_small() -> None:
    choir: list[Voice] = [Tier("reference"), Liar("i64.rotr")]
    program = erring_program("i64.rotr")

    def fails(candidate: Program) -> bool:
        return judge(candidate, choir) is not None

    small = shrink(program, fails, seconds=20)
    assert fails(small)
    assert "i64.rotr" in small.text and len(small.calls) <= 1
    assert len(small.text) < len(program.text) / 10


def test_a_finding_is_a_file_that_runs_again(tmp_path: Path) -> None:
    choir: list[Voice] = [Tier("reference"), Liar("i64.rotr")]
    program = erring_program("i64.rotr")
    difference = judge(program, choir)
    assert difference is not None
    path = save(tmp_path, program, difference)
    again = load(path)
    assert again.calls == program.calls and again.seed == program.seed
    found = judge(again, choir)
    assert found is not None and found.kind == difference.kind
    assert "reference" in path.read_text() and "liar" in path.read_text()


def test_traps_of_different_kinds_differ() -> None:
    trap = '(module (func (export "f") (param i32) (result i32) {}))'
    divide = trap.format("(i32.div_u (i32.const 1) (local.get 0))")
    convert = trap.format("(unreachable)")
    calls = (Call("f", (0,)),)
    ones, others = (
        Tier("reference").run(Program(0, text, calls)).events for text in (divide, convert)
    )
    kinds = [event.kind for _, event in (*ones, *others) if isinstance(event, Ended)]
    assert kinds == ["integer divide by zero", "unreachable"]


def test_what_all_reject_is_a_finding() -> None:
    program = Program(0, "(module (func (result i32)))", ())
    difference = judge(program, [Tier("reference"), Tier("fast")])
    assert difference is not None and "rejected" in difference.kind


def test_endless_programs_are_told_from_others() -> None:
    endless = Program(0, '(module (func (export "f") (loop $l (br $l))))', (Call("f", ()),))
    assert not terminates(endless, steps=1000)
    assert terminates(replace(endless, calls=()))


def test_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "differential", "--count", "3", "--voices", "reference,fast"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 programs" in done.stdout and "0 findings" in done.stdout
