"""`watloom print`: write a module as text."""

from __future__ import annotations

import click

from watloom.cli.options import shared_options
from watloom.cli.output import write
from watloom.cli.program import parse, read
from watloom.cli.settings import Settings


@click.command("print", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options()
@click.argument("file", metavar="IN")
@click.option(
    "-o", "out", metavar="OUT", default="-", help="The file to write; the standard output if none."
)
@click.option("--folded", is_flag=True, help="Write operands inside of their instructions.")
def command(settings: Settings, file: str, out: str, folded: bool) -> None:
    """Write the module in IN, text or binary, as normalised text."""
    from watloom.parser.printer import print_module

    write(print_module(parse(read(file), settings), folded).encode(), out)
