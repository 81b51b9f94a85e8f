"""The scripts of `func.bind` and `let`, when `call_ref` had no immediate: the legacy dialect."""

from collections.abc import Callable
from pathlib import Path

import pytest

from watloom.interp.core.features import WASM3
from watloom.interp.runtime.store import Tier
from watloom.interp.script.runner import run_file
from watloom.stdlib import library


@pytest.mark.parametrize("tier", ["reference", "fast"])
@pytest.mark.parametrize(("script", "passed"), [("func_bind.wast", 68), ("let.wast", 29)])
def test_script(conformance: Callable[[str], Path], script: str, passed: int, tier: Tier) -> None:
    features = WASM3.with_(["+func-bind", "+let"], dialect="legacy")
    report = run_file(conformance("func-refs") / script, features, library(), tier=tier)
    assert report.passed == passed
    assert (report.failed, report.skipped) == (0, 0), str(report)
