"""Do generated programs notice small mistakes in the compiled tier? A few are tried here.

`python -m mutation` tries more of them; `tests/differential/README.md` says how.
"""

import ast

from mutation.equivalent import EQUIVALENT, split
from mutation.sites import all_mutations, sample, trees


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
