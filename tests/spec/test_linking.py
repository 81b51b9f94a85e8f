"""Our own scripts of module linking: the proposal's examples, in three forms and both tiers."""

import re
from pathlib import Path

import pytest

import conformance as data
from script_modules import rewritten
from watloom.interp.core.features import WASM3, Features
from watloom.interp.runtime.store import Tier
from watloom.interp.script.runner import run_text
from watloom.stdlib import library

HOME = Path(__file__).parent / "linking"
SCRIPTS = sorted(HOME.glob("*.wast"))
_PROPOSAL = re.compile(r";; proposal: (.*)")


def features_of(script: str) -> Features:
    """Module linking, and what the script's first line asks for."""
    asked = _PROPOSAL.match(script)
    return WASM3.with_(["+module-linking", *(asked[1].split() if asked else ())])


def holds(script: str, name: str, tier: Tier) -> None:
    report = run_text(script, name, features_of(script), library(), tier=tier)
    assert report.passed > 0
    assert (report.failed, report.skipped) == (0, 0), str(report)


@pytest.mark.parametrize("tier", ["reference", "fast"])
@pytest.mark.parametrize("path", SCRIPTS, ids=[p.stem for p in SCRIPTS])
def test_script(path: Path, tier: Tier) -> None:
    holds(path.read_text(encoding="utf-8"), path.name, tier)


@pytest.mark.parametrize("form", ["binary", "printed"])
@pytest.mark.parametrize("path", SCRIPTS, ids=[p.stem for p in SCRIPTS])
def test_script_in_another_form(path: Path, form: str) -> None:
    """Text → binary, and text → binary → text: everything still holds."""
    script = path.read_text(encoding="utf-8")
    other, count = rewritten(script, features_of(script), form)
    assert count > 0
    holds(other, path.name, "fast")


@pytest.mark.parametrize("form", ["binary", "printed"])
@pytest.mark.parametrize("path", data.scripts("module-linking"))
def test_others_scripts_in_another_form(path: Path, form: str) -> None:
    script = path.read_text(encoding="utf-8")
    other, _ = rewritten(script, features_of(script), form)
    holds(other, path.name, "fast")
