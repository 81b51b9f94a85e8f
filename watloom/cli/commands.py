"""The list of commands."""

from __future__ import annotations

from importlib import import_module

import click

import watloom
from watloom.cli.names import COMMANDS

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Run a command line; `run` may be left out. Raises what the command raises."""
    if not words:
        click.echo(_watloom.get_help(_watloom.make_context("watloom", [], resilient_parsing=True)))
        return 2
    if words[0] not in COMMANDS and words[0] not in ("-h", "--help", "--version"):
        words = ["run", *words]
    # Not click's own `main`: it has its own ways with interrupts and broken pipes.
    with _watloom.make_context("watloom", list(words)) as context:
        result = _watloom.invoke(context)
    return result if isinstance(result, int) else 0


class _Commands(click.Group):
    """The commands, imported one by one when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"watloom.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("watloom", "[OPTIONS] FILE [ARGS]...")
        formatter.write_usage("watloom", "COMMAND [OPTIONS] FILE...", "       ")


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(watloom.__version__, prog_name="watloom")
def _watloom() -> None:
    """Run, watch and check WebAssembly, text (.wat) or binary (.wasm).

    `watloom FILE` is `watloom run FILE`. FILE may be - for the standard input.
    """
