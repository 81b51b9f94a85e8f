"""Recursion without end is an exhaustion error: in every shape, from everywhere, in both tiers."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "support" / "runaway.py"

#: One Wasm call is one Python frame in these: the tiers stop at the same depth.
EQUAL = ["direct", "not in tail position", "call_ref", "in a loop", "in a dispatch loop"]


@pytest.mark.parametrize("place", ["main", "thread", "deep"])
@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_every_runaway_recursion_is_exhaustion(tier: str, place: str) -> None:
    """And leaves everything as it was: `runaway.py` says so for each shape by a number alone."""
    command = [sys.executable, str(PROGRAM), tier, place]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    said = {shape: rest for shape, *rest in (x.split("\t") for x in done.stdout.splitlines())}
    assert len(said) >= 23
    wrong = {shape: rest for shape, rest in said.items() if not all(n.isdecimal() for n in rest)}
    assert not wrong
    assert {shape: said[shape] for shape in EQUAL} == {shape: ["20000"] for shape in EQUAL}
