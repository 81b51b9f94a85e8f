"""`watloom compile`: the Python source of the compiled tier."""

from __future__ import annotations

import click

from watloom.cli.options import shared_options
from watloom.cli.output import write
from watloom.cli.program import load
from watloom.cli.settings import Settings


@click.command("compile", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options()
@click.argument("file", metavar="FILE")
@click.option(
    "--to", "target", type=click.Choice(["python"]), required=True, help="What to compile to."
)
@click.option(
    "-o",
    "out",
    metavar="OUT",
    default="-",
    help="The file to write; the standard output if absent.",
)
def command(settings: Settings, file: str, target: str, out: str) -> None:
    """Show the functions of FILE as the Python source that the compiled tier runs.

    With --fuel or --timeout, the source that counts them.
    """
    from watloom.interp.compile.listing import listing
    from watloom.interp.runtime.limits import Metering

    write(listing(load(file, settings).valid, Metering.of(settings.limits)).encode(), out)
