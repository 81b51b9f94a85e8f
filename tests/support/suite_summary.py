"""What the scripts of tests/spec came to, printed below the tests' own summary."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Passed, failed and waiting directives of all scripts that ran, the waiting by feature."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    results = [
        value
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "script"
    ]
    if not results:
        return
    waits: Counter[str] = Counter()
    for _, _, by_feature in results:
        waits.update(by_feature)
    passed, failed = (sum(result[i] for result in results) for i in (0, 1))
    terminalreporter.section("directives of test scripts")
    terminalreporter.line(f"{len(results)} scripts of the official suite")
    terminalreporter.line(f"{passed:8} passed")
    terminalreporter.line(f"{failed:8} failed")
    terminalreporter.line(f"{waits.total():8} waiting")
    for feature, count in sorted(waits.items()):
        terminalreporter.line(f"{count:12} for {feature}")
