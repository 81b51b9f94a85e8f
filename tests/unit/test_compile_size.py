"""What is compiled grows as its source does; `make bench` prints the times."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "bench"))

from compile_times import SHAPES, measured


@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_size_is_four_times_the_python(shape: str) -> None:
    make, size = SHAPES[shape]
    small = max(size // 50, 40)
    (_, once), (_, twice), (_, four) = (measured(make, small * k) for k in (1, 2, 4))
    assert once < twice < four < 6 * once
