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

from mutation.equivalent import EQUIVALENT, split
from mutation.sites import all_mutations, sample, trees

SUPPORT = Path(__file__).parents[1] / "support"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs an operating system with fork()")
def test_programs_notice_mistakes() -> None:
    """Most of a dozen: which ones are drawn changes with the tier, and some are hard to see."""
    arguments = ["--count", "12", "--seed", "1", "--programs", "80", "--least", "70"]
    done = subprocess.run(
        [sys.executable, "-m", "mutation", *arguments],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) of (\d+) noticed", done.stdout)
    assert found is not None and int(found[2]) >= 10, done.stdout


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
    assert 4 * len(excluded) < len(counted)
    assert all(entry.why for entry in EQUIVALENT)
