"""Printing and parsing change nothing: scripts run with every module printed and read again.

A module is printed flat and folded, as it was read and as it was written and decoded; each text is
read back to the same module and printed to the same text. The script then runs with one of them,
in turn, and gives the same results.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import conformance as data
from meaning import meaning
from outdated import OUTDATED
from watloom.interp.core.errors import UnbuiltError
from watloom.interp.core.features import WASM3, Features
from watloom.interp.core.module import Module
from watloom.interp.core.source import Source
from watloom.interp.script import runner
from watloom.interp.script.report import Report
from watloom.interp.validate import ValidModule, validate
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module
from watloom.stdlib import library

_WAITS = tomllib.loads(Path(__file__).with_name("waits.toml").read_text(encoding="utf-8"))

#: Scripts without a module that could be printed.
_ALL_MALFORMED = {
    "binary-gc.wast", "obsolete-keywords.wast", "utf8-custom-section-id.wast",
    "utf8-import-field.wast", "utf8-import-module.wast", "utf8-invalid-encoding.wast",
}  # fmt: skip


class Reprinted:
    """Stands for `validate`: compares what printing and parsing make of a module, and goes on.

    `unstable` are the modules that something changed in.
    """

    def __init__(self) -> None:
        self.count = 0
        self.unstable: list[str] = []

    def __call__(self, module: Module) -> ValidModule:
        self.count += 1
        again = [self.again(read, folded) for read in versions(module) for folded in (False, True)]
        return validate(again[self.count % len(again)])

    def again(self, module: Module, folded: bool) -> Module:
        """The module, printed and parsed."""
        text = print_module(module, folded)
        made = parse_module(Source(module.source.name, text), module.features)
        if print_module(made, folded) != text or meaning(made) != meaning(module):
            self.unstable.append(text)
        return made


def versions(module: Module) -> Iterator[Module]:
    """The module as it is and, where it has a binary form, as it comes out of that."""
    yield module
    try:
        written = encode_module(module)
    except UnbuiltError:  # `(export $instance)`
        return
    read = decode_module(Source(module.source.name, data=written), module.features)
    if read.hints == module.hints:  # else they are invalid, which is no error in a binary
        yield read


def run(path: Path, features: Features, monkeypatch: pytest.MonkeyPatch) -> Report:
    reprinted = Reprinted()
    monkeypatch.setattr(runner, "validate", reprinted)
    report = runner.run_file(path, features, library(), tier="fast")
    assert reprinted.unstable == []
    assert reprinted.count > 0 or path.name in _ALL_MALFORMED
    outdated = OUTDATED.get(f"{path.parent.name}/{path.name}", {})
    assert [f.line for file in report.files for f in file.failures] == list(outdated), str(report)
    return report


@pytest.mark.parametrize(
    "path", data.scripts("testsuite", "*.wast") + data.scripts("testsuite", "custom/*.wast")
)
def test_script(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run(path, WASM3, monkeypatch)
    assert Counter(wait.feature for wait in report.waits) == _WAITS.get(path.name, {})


@pytest.mark.parametrize("path", data.scripts("module-linking"))
def test_module_linking(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not run(path, WASM3.with_(["+module-linking"]), monkeypatch).waits


@pytest.mark.parametrize("path", data.scripts("func-refs"))
def test_func_refs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    features = WASM3.with_(["+func-bind", "+let"], dialect="legacy")
    assert not run(path, features, monkeypatch).waits


_PROPOSED = {
    "proposals/custom-page-sizes": "custom-page-sizes",
    "proposals/threads": "threads",
    "proposals/wide-arithmetic": "wide-arithmetic",
    "legacy": "legacy-exceptions",
}


@pytest.mark.parametrize(
    "path", [p for folder in _PROPOSED for p in data.scripts("testsuite", f"{folder}/*.wast")]
)
def test_proposal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (proposal,) = [_PROPOSED[f] for f in _PROPOSED if path.parent.match(f"testsuite/{f}")]
    assert not run(path, WASM3.with_([f"+{proposal}"]), monkeypatch).waits
