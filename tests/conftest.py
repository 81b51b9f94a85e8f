"""What every test may ask for: `golden` files and `conformance` data. See tests/support."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import conformance as data
import tiers
from goldens import Golden
from suite_summary import pytest_terminal_summary as pytest_terminal_summary


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --refresh-golden."""
    parser.addoption(
        "--refresh-golden",
        action="store_true",
        help="write golden files anew; runs only the tests that have some",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --refresh-golden, leave out the tests that compare with no golden file."""
    if not config.getoption("--refresh-golden"):
        return
    chosen = [item for item in items if "golden" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def pytest_configure(config: pytest.Config) -> None:
    """What runs of the command line keep on disk stays out of the user's own cache."""
    os.environ.setdefault("WATLOOM_CACHE_DIR", str(config.rootpath / ".pytest_cache" / "watloom"))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden(text, path)` compares text with tests/golden/PATH, or writes that file."""
    return Golden(refresh=request.config.getoption("--refresh-golden"))


@pytest.fixture
def conformance() -> Callable[[str], Path]:
    """`conformance(folder)` is that folder of others' test scripts; the test skips without it."""
    return data.need


@pytest.fixture(params=tiers.TIERS)
def in_both_tiers(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tiers.Tier]:
    """Runs a test twice: all stores, also those of processes that it starts, are of one tier."""
    monkeypatch.setenv(tiers.ENVIRONMENT, request.param)
    for name, value in tiers.environment().items():
        monkeypatch.setenv(name, value)
    with tiers.all_stores(request.param):
        yield request.param
