"""Running out of fuel: some programs are run a second time with little of it.

Both tiers must stop at the same instruction with the same state.
"""

from __future__ import annotations

from differential.draw import Draw

__all__ = ["fuel_of"]


def fuel_of(seed: int) -> int | None:
    """The fuel for a second run of the program of this seed; None for most of them."""
    draw = Draw(seed ^ 0x5EED)
    if not draw.chance(0.2):
        return None
    return draw.pick((draw.between(1, 40), draw.between(40, 600), draw.between(600, 4000)))
