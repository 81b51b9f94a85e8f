"""Where the test scripts lie that others wrote. The project commits none of them."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_HOW = (
    "no conformance data ({}): `make conformance` fetches them, "
    "or name a folder that has them in WATLOOM_CONFORMANCE"
)


def find(folder: str) -> Path | None:
    """The folder `testsuite`, `module-linking` or `func-refs`, in the first place that has it."""
    named = os.environ.get("WATLOOM_CONFORMANCE")
    places = [_ROOT.parent / "shared" / "conformance", _ROOT / "tests" / "spec" / "conformance"]
    if named:
        places.insert(0, Path(named))
    return next((place / folder for place in places if (place / folder).is_dir()), None)


def required() -> bool:
    """Whether missing data fail rather than skip."""
    return os.environ.get("WATLOOM_REQUIRE_CONFORMANCE") == "1"


def need(folder: str) -> Path:
    """The folder, or else the running test skips or fails."""
    found = find(folder)
    if found is None:
        (pytest.fail if required() else pytest.skip)(_HOW.format(folder))
    return found


def scripts(folder: str, pattern: str = "**/*.wast") -> list[object]:
    """The folder's scripts as values for `pytest.mark.parametrize`, each with its path as its id.

    Without data one value stands for all; it skips, or if data are required the module fails.
    """
    found = find(folder)
    if found is None and required():
        raise FileNotFoundError(_HOW.format(folder))
    if found is None:
        return [pytest.param(None, id=folder, marks=pytest.mark.skip(_HOW.format(folder)))]
    paths = sorted(found.glob(pattern))
    return [pytest.param(p, id=p.relative_to(found.parent).as_posix()) for p in paths]
