"""The suites of proposals, each with its proposal on, in both tiers: everything holds.

Save what a suite says of WebAssembly as it was when it was written, and 3.0 says otherwise.
"""

from pathlib import Path

import pytest

import conformance as data
from outdated import OUTDATED
from watloom.interp.core.features import WASM3
from watloom.interp.runtime.store import Tier
from watloom.interp.script.runner import run_file
from watloom.stdlib import library

FOLDERS = ("custom-page-sizes", "threads", "wide-arithmetic")

#: Another folder of the suite, and its proposal.
OTHERS = {"legacy": "legacy-exceptions"}


def scripts() -> list[object]:
    proposed = [p for f in FOLDERS for p in data.scripts("testsuite", f"proposals/{f}/*.wast")]
    return proposed + [p for f in OTHERS for p in data.scripts("testsuite", f"{f}/*.wast")]


@pytest.mark.parametrize("tier", ["reference", "fast"])
@pytest.mark.parametrize("path", scripts())
def test_script(path: Path, tier: Tier) -> None:
    folder = path.parent.name
    features = WASM3.with_([f"+{OTHERS.get(folder, folder)}"])
    report = run_file(path, features, library(), tier=tier)
    outdated = OUTDATED.get(f"{folder}/{path.name}", {})
    failed = [failure.line for file in report.files for failure in file.failures]
    assert report.passed > 0
    assert (failed, report.skipped) == (list(outdated), 0), str(report)
