"""`watloom bundle`: one file of a module and those that it imports."""

from __future__ import annotations

import click

from watloom.cli.options import shared_options
from watloom.cli.output import write
from watloom.cli.program import read
from watloom.cli.settings import Settings


@click.command("bundle", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options()
@click.argument("file", metavar="PARENT")
@click.option(
    "-o", "out", metavar="OUT", default="-", help="The file to write; the standard output if none."
)
def command(settings: Settings, file: str, out: str) -> None:
    """Put the modules that PARENT imports, and that are files, into it: one text."""
    from watloom.interp.link.bundle import bundle
    from watloom.interp.link.linker import Linker

    text = bundle(read(file), Linker(settings.store(), settings.search))
    write(text.encode(), out)
