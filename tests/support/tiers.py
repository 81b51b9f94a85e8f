"""Tests in both tiers: every store that they make is of the one or the other.

`in_both_tiers` (tests/conftest.py) runs a test twice. What it starts as a process of its own is
told by the environment: `forced_tier/sitecustomize.py` is imported when Python starts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import watloom
from watloom.interp.core.features import DEFAULT
from watloom.interp.runtime.store import Store, Tier

__all__ = ["ENVIRONMENT", "TIERS", "all_stores", "both", "environment"]

TIERS: list[Tier] = ["fast", "reference"]

#: The variable that names the tier.
ENVIRONMENT = "WATLOOM_TEST_TIER"

_SUPPORT = Path(__file__).parent


@contextmanager
def all_stores(tier: Tier) -> Iterator[None]:
    """Meanwhile every store is of a tier, whatever it is asked to be."""
    make: Any = Store.__init__

    def init(self: Store, *args: Any, **named: Any) -> None:
        given: dict[str, Any] = {"features": DEFAULT, "limits": None}
        given.update(zip(("features", "tier", "limits"), args, strict=False))
        given.update(named)
        make(self, given["features"], tier, given["limits"])

    with mock.patch.object(Store, "__init__", init):
        yield


def both(text: str) -> tuple[watloom.Instance, watloom.Instance]:
    """Two instances of a module: compiled, and in the reference machine."""
    fast = watloom.instantiate(text, store=Store(tier="fast"))
    return fast, watloom.instantiate(text, store=Store(tier="reference"))


def environment() -> dict[str, str]:
    """What to add to the environment of a process, so that it does the same."""
    tier = os.environ.get(ENVIRONMENT)
    path = os.pathsep.join((str(_SUPPORT / "forced_tier"), str(_SUPPORT)))
    return {ENVIRONMENT: tier, "PYTHONPATH": path} if tier else {}
