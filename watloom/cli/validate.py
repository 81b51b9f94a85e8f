"""`watloom validate`: check modules."""

from __future__ import annotations

import click

from watloom.cli import report
from watloom.cli.options import shared_options
from watloom.cli.program import load
from watloom.cli.settings import Settings
from watloom.interp.core.errors import WatloomError


@click.command("validate", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
def command(settings: Settings, files: tuple[str, ...]) -> int:
    """Check the module in each FILE: diagnostics for what is malformed or invalid, or nothing.

    Files that they import are not looked at.
    """
    status = 0
    for file in files:
        try:
            load(file, settings)
        except (WatloomError, OSError) as error:
            status = max(status, report.failure(error))
    return status
