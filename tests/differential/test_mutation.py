"""Do generated programs notice small mistakes in the compiled tier? A few are tried here.

`python -m mutation` tries more of them; `tests/differential/README.md` says how.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mutation.equivalent import EQUIVALENT, Equivalent, reason, split
from mutation.ranges import only_wider
from mutation.sites import all_mutations, sample, trees

SUPPORT = Path(__file__).parents[1] / "support"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs an operating system with fork()")
def test_programs_notice_mistakes() -> None:
    """Nine of ten: which ones are drawn stays the same where the code does."""
    arguments = ["--count", "40", "--seed", "1", "--programs", "80", "--least", "90"]
    done = _run(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) of (\d+) noticed", done.stdout)
    assert found is not None and int(found[2]) >= 36, done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs an operating system with fork()")
def test_nobody_notices_what_is_said_to_change_nothing() -> None:
    """A few of them: what stands there must not hide a mistake that counts."""
    done = _run("--excluded", "--count", "5", "--seed", "1", "--programs", "30")
    assert done.returncode == 0, done.stdout + done.stderr


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mutation", *arguments],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        capture_output=True,
        text=True,
    )


def test_the_same_seed_makes_the_same_mistakes() -> None:
    everything = all_mutations()
    assert len(everything) > 2000
    assert sample(everything, 1, 50) == sample(everything, 1, 50) != sample(everything, 2, 50)


def test_a_mistake_is_one_change() -> None:
    """Making it and taking it back leaves the tree as it was."""
    for mutation in sample(all_mutations(), 3, 50):
        tree = trees()[mutation.module]
        before = ast.dump(tree)
        mutation.put()
        assert ast.dump(tree) != before
        mutation.take_back()
        assert ast.dump(tree) == before


def test_what_is_left_out_is_a_small_part() -> None:
    counted, excluded = split(all_mutations())
    assert 3 * len(excluded) < len(counted)
    assert {reason(m) for m in excluded} == {entry.why for entry in EQUIVALENT}


@pytest.mark.parametrize("entry", EQUIVALENT, ids=lambda e: f"{e.scope}: {e.before}"[:60])
def test_what_is_left_out_is_about_code_that_is_there(entry: Equivalent) -> None:
    assert any(entry.covers(m) for m in all_mutations()), entry


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        ("(0, min(a.high, b.high))", "(0, max(a.high, b.high))", True),
        ("(0, min(a.high, b.high))", "(0, a.high)", True),
        ("(0, min(a.high, b.high))", "(0, min(a.high, b.low))", False),
        ("(0, 1)", "(-1, 1)", True),
        ("(0, 1)", "(0, 0)", False),
        ("(0, 1)", "(1, 0)", False),
        ("(a.low - b.high, a.high - b.low)", "(a.low - b.high, a.high - b.high)", False),
        ("(a.low - b.high, a.high - b.low)", "(a.low - b.high, a.high + b.low)", False),
        ("(-half, half - 1)", "(-half, half)", True),
    ],
)
def test_a_range_that_is_only_wider(before: str, after: str, wider: bool) -> None:
    old, new = (ast.parse(text, mode="eval").body for text in (before, after))
    assert only_wider(old, new, "both") == wider
