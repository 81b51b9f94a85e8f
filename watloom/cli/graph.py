"""`watloom graph`: the modules of a program, or its instances, as a picture."""

from __future__ import annotations

import io
from pathlib import Path

import click

from watloom.cli.options import shared_options
from watloom.cli.output import write
from watloom.cli.program import load
from watloom.cli.settings import Settings


@click.command("graph", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options()
@click.argument("file")
@click.option(
    "-o",
    "out",
    metavar="OUT",
    default="-",
    help="The file to write: .svg, .dot or .mmd (Mermaid). DOT on the standard output if none.",
)
@click.option(
    "--instances",
    is_flag=True,
    help="Draw the instances that it becomes, rather than modules; start functions run for that.",
)
def command(settings: Settings, file: str, out: str, instances: bool) -> None:
    """Draw the modules in FILE and their imports, or the instances that they become."""
    from watloom.interp.link.graph import (
        instance_graph,
        module_graph,
        to_dot,
        to_mermaid,
        to_svg,
    )  # fmt: skip
    from watloom.interp.link.linker import Linker
    from watloom.stdlib import granted

    ending = ".dot" if out == "-" else Path(out).suffix
    if ending not in (".svg", ".dot", ".mmd"):
        raise click.UsageError(f"OUT ends in .svg, .dot or .mmd, not in {ending or 'nothing'}")
    library = granted(stdin=b"", stdout=io.BytesIO(), stderr=io.BytesIO())
    linker = Linker(settings.store(), settings.search, library)
    module = load(file, settings)
    if instances:
        with linker.instantiate(module) as instance:
            graph = instance_graph(instance)
    else:
        graph = module_graph(module, linker)
    title = f"{'instances' if instances else 'modules'} of {Path(file).name}"
    text = {
        ".svg": lambda: to_svg(graph, title), ".dot": lambda: to_dot(graph),
        ".mmd": lambda: to_mermaid(graph),
    }[ending]()  # fmt: skip
    write(text.encode(), out)
