"""What running test scripts gives: counts, what failed and where, what waits for which feature.

Naming: a directive is *passed*, *failed*, or *skipped*; one that is skipped *waits* for a feature
that the front end itself reported as not built or not on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from watloom.interp.core.dataclass import dataclass, field

__all__ = ["Failure", "FileReport", "Report", "Wait"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A directive that did not hold, or could not be run."""

    line: int
    directive: str
    message: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A directive that waits for a feature."""

    line: int
    feature: str


@dataclass(slots=True)
class FileReport:
    """One script."""

    file: str
    passed: int = 0
    seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    """The modules that `(output …)` wrote."""

    @property
    def failed(self) -> int:
        """The number of directives that failed."""
        return len(self.failures)

    @property
    def skipped(self) -> int:
        """The number of directives that wait."""
        return len(self.waits)

    def to_json(self) -> dict[str, Any]:
        """The file's entry in what `wast --json` prints."""
        return {
            "file": self.file,
            "passed": self.passed,
            "failed": self.failed,
            "skipped": self.skipped,
            "seconds": round(self.seconds, 3),
            "failures": [asdict(failure) for failure in self.failures],
        }

    def __str__(self) -> str:
        """One line, and one more for each failure.

        >>> failures, waits = [Failure(3, "assert_return", "got …")], [Wait(9, "simd")]
        >>> print(FileReport("a.wast", 7, 0.25, failures, waits))
        a.wast: 7 passed, 1 failed, 1 skipped (simd 1), 0.25 s
        a.wast:3: assert_return: got …
        """
        counts = _counts(self.passed, self.failed, self.waits)
        lines = [f"{self.file}: {counts}, {self.seconds:.2f} s"]
        lines += [f"{self.file}:{f.line}: {f.directive}: {f.message}" for f in self.failures]
        return "\n".join(lines)


@dataclass(slots=True)
class Report:
    """Any number of scripts; reports are added together with `merged`."""

    files: list[FileReport] = field(default_factory=list)

    @classmethod
    def merged(cls, reports: Iterable[Report]) -> Report:
        """All the files of several reports, in order."""
        return cls([file for report in reports for file in report.files])

    @property
    def passed(self) -> int:
        """Directives that held."""
        return sum(file.passed for file in self.files)

    @property
    def failed(self) -> int:
        """Directives that did not."""
        return sum(file.failed for file in self.files)

    @property
    def skipped(self) -> int:
        """Directives that wait for a feature."""
        return sum(file.skipped for file in self.files)

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return self.failed == 0

    @property
    def seconds(self) -> float:
        """The time that all of it took."""
        return sum(file.seconds for file in self.files)

    @property
    def failures(self) -> list[Failure]:
        """All failures, file after file."""
        return [failure for file in self.files for failure in file.failures]

    @property
    def waits(self) -> list[Wait]:
        """All waits, file after file."""
        return [wait for file in self.files for wait in file.waits]

    def to_json(self) -> dict[str, Any]:
        """The object that `wast --json` prints, ready for `json.dumps`."""
        return {
            "passed": self.passed,
            "failed": self.failed,
            "skipped": self.skipped,
            "files": [file.to_json() for file in self.files],
        }

    def __str__(self) -> str:
        """One line a file, its failures below it, and a total."""
        total = f"total: {_counts(self.passed, self.failed, self.waits)}, {self.seconds:.2f} s"
        return "\n".join([*map(str, self.files), total])


def _counts(passed: int, failed: int, waits: list[Wait]) -> str:
    by_feature = Counter(wait.feature for wait in waits)
    features = ", ".join(f"{name} {count}" for name, count in sorted(by_feature.items()))
    detail = f" ({features})" if features else ""
    return f"{passed} passed, {failed} failed, {len(waits)} skipped{detail}"
