"""`watloom unbundle`: a file for each module that is nested in a module."""

from __future__ import annotations

from pathlib import Path

import click

from watloom.cli.options import shared_options
from watloom.cli.output import write
from watloom.cli.program import read
from watloom.cli.settings import Settings


@click.command("unbundle", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options()
@click.argument("file", metavar="BUNDLE")
@click.option(
    "-d", "folder", metavar="DIR", required=True, help="The folder of the files; made if missing."
)
def command(settings: Settings, file: str, folder: str) -> None:
    """Write BUNDLE and each module nested in it as files that import one another."""
    from watloom.interp.link.unbundle import unbundle
    from watloom.stdlib import library

    name = "main.wat" if file == "-" else f"{Path(file).stem}.wat"
    files = unbundle(read(file), settings.features, name, library())
    Path(folder).mkdir(parents=True, exist_ok=True)
    for each, text in files.items():
        write(text.encode(), str(Path(folder) / each))
