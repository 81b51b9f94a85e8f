"""The module-linking scripts, with module-linking on: everything holds and nothing waits."""

from pathlib import Path

import pytest

import conformance as data
from watloom.interp.core.features import WASM3
from watloom.interp.runtime.store import Tier
from watloom.interp.script.runner import run_file
from watloom.stdlib import library


@pytest.mark.parametrize("tier", ["reference", "fast"])
@pytest.mark.parametrize("path", data.scripts("module-linking"))
def test_script(path: Path, tier: Tier) -> None:
    report = run_file(path, WASM3.with_(["+module-linking"]), library(), tier=tier)
    assert report.passed > 0
    assert (report.failed, report.skipped) == (0, 0), str(report)
