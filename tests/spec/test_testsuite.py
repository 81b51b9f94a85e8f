"""The official suite: every script is run, nothing fails, and only what is expected to waits."""

import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import conformance as data
from goldens import Golden
from watloom.interp.core.features import WASM3
from watloom.interp.runtime.store import Tier
from watloom.interp.script.report import Report
from watloom.interp.script.runner import run_file
from watloom.stdlib import library

#: How many directives of each script wait for which feature.
WAITS = Path(__file__).with_name("waits.toml")

HEADER = """\
# How many directives of each official script wait, by the feature that the front end reports as
# not built. A wait that no longer happens fails the tests, as a new one does. `make golden` writes
# this file.
"""


def run(path: Path, tier: Tier = "reference") -> Report:
    return run_file(path, WASM3, library(), tier=tier)


def waits_of(report: Report) -> dict[str, int]:
    return dict(sorted(Counter(wait.feature for wait in report.waits).items()))


def scripts() -> list[object]:
    """The scripts, the biggest first: so that no worker is left alone with one at the end."""
    found = data.scripts("testsuite", "*.wast") + data.scripts("testsuite", "custom/*.wast")
    return sorted(found, key=lambda p: -p.values[0].stat().st_size if p.values[0] else 0)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def expected() -> dict[str, dict[str, int]]:
    """The waits that are expected, by script and feature."""
    return tomllib.loads(WAITS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", scripts())
def test_script(
    path: Path,
    expected: dict[str, dict[str, int]],
    record_property: Callable[[str, object], None],
) -> None:
    report = run(path)
    record_property("script", [report.passed, report.failed, waits_of(report)])
    assert report.passed + report.skipped > 0
    assert report.ok, str(report)
    assert waits_of(report) == expected.get(path.name, {})


@pytest.mark.parametrize("path", scripts())
def test_script_compiled(path: Path, expected: dict[str, dict[str, int]]) -> None:
    report = run(path, "fast")
    assert report.ok, str(report)
    assert waits_of(report) == expected.get(path.name, {})


def test_all_are_here(conformance: Callable[[str], Path]) -> None:
    """The suite at the commit that tests/spec/fetch.sh names."""
    assert len(list(conformance("testsuite").glob("*.wast"))) == 257


def test_waits_are_of_known_scripts(
    golden: Golden, conformance: Callable[[str], Path], expected: dict[str, dict[str, int]]
) -> None:
    """With --refresh-golden: run everything and write the expected waits anew."""
    folder = conformance("testsuite")
    paths = sorted([*folder.glob("*.wast"), *folder.glob("custom/*.wast")])
    if golden.refresh:
        waiting = {path.name: waits_of(run(path)) for path in paths}
        lines = [f"{_quoted(name)} = {_table(w)}\n" for name, w in waiting.items() if w]
        golden(HEADER + "".join(lines), WAITS)
    assert expected.keys() <= {path.name for path in paths}


def _quoted(text: str) -> str:
    return f'"{text}"'


def _table(counts: dict[str, int]) -> str:
    return "{ " + ", ".join(f"{feature} = {count}" for feature, count in counts.items()) + " }"
