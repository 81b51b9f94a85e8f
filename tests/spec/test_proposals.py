"""The suites of proposals, each with its proposal on, in both tiers: everything holds.

Save what a suite says of WebAssembly as it was when it was written, and 3.0 says otherwise: that
holds as 3.0 says it.
"""

from pathlib import Path

import pytest

import conformance as data
from outdated import OUTDATED, Outdated
from watloom.interp.core.errors import InvalidError
from watloom.interp.core.features import WASM3
from watloom.interp.core.source import Source
from watloom.interp.runtime.store import Tier
from watloom.interp.script.runner import run_file
from watloom.interp.validate import validate
from watloom.parser import wast
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


@pytest.mark.parametrize(
    ("script", "line", "told"),
    [(script, line, told) for script, lines in OUTDATED.items() for line, told in lines.items()],
)
def test_what_is_outdated_is_as_3_0_says(script: str, line: int, told: Outdated) -> None:
    path = data.need("testsuite") / "proposals" / script
    source = Source(path.name, path.read_text("utf-8"))
    [command] = [c for c in wast.parse_script(source, WASM3) if source.position(c.at)[0] == line]
    assert isinstance(command, wast.AssertInvalid | wast.AssertMalformed)
    module = command.module.resolve()  # well-formed, whatever the script says
    if told.invalid is None:
        validate(module)
    else:
        with pytest.raises(InvalidError, match=told.invalid):
            validate(module)
