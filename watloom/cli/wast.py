"""`watloom wast`: run test scripts."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from watloom.cli import report
from watloom.cli.options import shared_options
from watloom.cli.settings import Settings
from watloom.interp.core.errors import MalformedError
from watloom.interp.core.features import WASM3

if TYPE_CHECKING:
    from watloom.interp.script.report import Report


@click.command("wast", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options(WASM3)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one object.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
def command(settings: Settings, files: tuple[str, ...], as_json: bool) -> int:
    """Run the test scripts in FILE…; the status is 1 if anything failed.

    They are run with exactly WebAssembly 3.0 unless --proposal adds to it.
    """
    from watloom.interp.script.report import Failure, FileReport, Report

    reports = []
    for file in files:
        try:
            found = _run(file, settings)
        except (MalformedError, OSError) as error:
            report.failure(error)
            text = error.strerror if isinstance(error, OSError) else str(error)
            unread = Failure(1, "script", text or str(error))
            reports.append(Report([FileReport(file, failures=[unread])]))
            continue
        reports.append(found)
        if not as_json:
            written = [text for file_report in found.files for text in file_report.outputs]
            sys.stdout.write("".join(written) + "\n".join(map(str, found.files)) + "\n")
            sys.stdout.flush()
    total = Report.merged(reports)
    if as_json:
        sys.stdout.write(json.dumps(total.to_json(), indent=2) + "\n")
    else:
        sys.stdout.write(str(total).splitlines()[-1] + "\n")
    return 0 if total.ok else report.FAILED


def _run(file: str, settings: Settings) -> Report:
    from watloom.interp.link.load import source_of
    from watloom.interp.script.runner import run_file, run_text
    from watloom.stdlib import library

    if file == "-":
        text = source_of(sys.stdin.buffer.read(), "<stdin>").text or ""
        return run_text(
            text, "<stdin>", settings.features, library(), settings.tier, limits=settings.limits
        )
    limits, search = settings.limits, settings.search
    return run_file(file, settings.features, library(), settings.tier, search=search, limits=limits)
