"""The script of `func.bind`, as it was when `call_ref` had no immediate: the legacy dialect."""

from collections.abc import Callable
from pathlib import Path

import pytest

from watloom.interp.core.features import WASM3
from watloom.interp.runtime.store import Tier
from watloom.interp.script.runner import run_file
from watloom.stdlib import library


@pytest.mark.parametrize("tier", ["reference", "fast"])
def test_func_bind(conformance: Callable[[str], Path], tier: Tier) -> None:
    features = WASM3.with_(["+func-bind"], dialect="legacy")
    report = run_file(conformance("func-refs") / "func_bind.wast", features, library(), tier=tier)
    assert report.passed == 68
    assert (report.failed, report.skipped) == (0, 0), str(report)
