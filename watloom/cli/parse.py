"""`watloom parse`: assemble a text into a binary."""

from __future__ import annotations

from collections.abc import Callable

import click

from watloom.cli.options import shared_options
from watloom.cli.output import write
from watloom.cli.program import load
from watloom.cli.settings import Settings
from watloom.interp.core.module import Kind, Module
from watloom.interp.validate import ValidModule
from watloom.interp.validate.definitions import kind_of

__all__ = ["command", "instance_exports"]


@click.command("parse", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options()
@click.argument("file", metavar="IN")
@click.option(
    "-o", "out", metavar="OUT", required=True, help="The file to write; - for the standard output."
)
def command(settings: Settings, file: str, out: str) -> None:
    """Assemble the module in IN, checked, into the binary OUT."""
    from watloom.parser.encode import encode_module

    valid = load(file, settings).valid
    write(encode_module(valid.module, instance_exports(valid)), out)


def instance_exports(valid: ValidModule) -> Callable[[Module, int], dict[str, Kind]]:
    """What the instances that modules export whole consist of, as validation found out."""
    known: dict[int, ValidModule] = {}
    todo = [valid]
    while todo:
        each = todo.pop()
        known[id(each.module)] = each
        todo += each.nested

    def exports(module: Module, instance: int) -> dict[str, Kind]:
        each = known[id(module)]
        return {
            name: kind_of(each.type.exports[name])
            for name, (source, _) in each.exports.items()
            if source == instance
        }

    return exports
