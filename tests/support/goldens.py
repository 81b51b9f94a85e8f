"""Golden files: what was printed once, read by a person, and kept."""

import difflib
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1] / "golden"


class Golden:
    """`golden(text, path)` holds text against a file; a relative path starts in tests/golden."""

    def __init__(self, refresh: bool) -> None:
        self.refresh = refresh

    def __call__(self, text: str, path: Path | str) -> None:
        path = HOME / path
        if self.refresh:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        if not path.exists():
            pytest.fail(f"no golden file {path}: `make golden` writes it\n{text}", pytrace=False)
        kept = path.read_text(encoding="utf-8")
        if kept != text:
            pytest.fail(_difference(kept, text, path), pytrace=False)


def _difference(kept: str, text: str, path: Path) -> str:
    lines = difflib.unified_diff(
        kept.splitlines(), text.splitlines(), str(path), "printed now", lineterm="", n=2
    )
    shown = "\n".join(lines) or "they differ in line ends only"
    return f"{shown}\n\nIf the new text is right: `make golden`, then read `git diff`."
