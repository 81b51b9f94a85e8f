"""`watloom lower`: flatten an instance graph to one standard module."""

from __future__ import annotations

from typing import Literal

import click

from watloom.cli.options import Size, shared_options
from watloom.cli.output import write
from watloom.cli.program import load
from watloom.cli.settings import Settings


@click.command("lower", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options()
@click.argument("file", metavar="IN")
@click.option(
    "-o",
    "out",
    metavar="OUT",
    required=True,
    help="The file to write: text for .wat, binary otherwise; - for binary on the standard output.",
)
@click.option(
    "--target",
    type=click.Choice(["3.0", "mvp"]),
    default="3.0",
    help="What the engines that shall run it know: WebAssembly 3.0, or 1.0, which is called mvp. "
    "For mvp, references, structs and closures become numbers; what has no such form is refused.",
)
@click.option(
    "--heap",
    type=Size(),
    default="1m",
    show_default=True,
    help="For mvp, where the program has a memory of its own: what its structs and closures may "
    "take of it. None is ever freed; when they have it all, making another one traps.",
)
def command(
    settings: Settings, file: str, out: str, target: Literal["3.0", "mvp"], heap: int
) -> None:
    """Make one standard module of the module in IN and the modules that it instantiates."""
    from watloom.interp.link.linker import Linker
    from watloom.interp.link.lower import lower
    from watloom.parser.encode import encode_module
    from watloom.parser.printer import print_module

    linker = Linker(settings.store(), settings.search)
    flat = lower(load(file, settings), linker, target, heap)
    text = out.endswith(".wat")
    write(print_module(flat).encode() if text else encode_module(flat), out)
