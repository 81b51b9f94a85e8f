"""The command line: `watloom COMMAND …`, and `watloom FILE …` for `run`.

Here is what surrounds every command: streams, errors, interrupts. The commands are listed in
`commands`, and each is a file of this package, imported when it is used, so that starting up stays
cheap.

Exit status: 0 done, 1 malformed, invalid, unlinkable or a failed assertion, 2 usage, 134 trap,
exhaustion, limit or uncaught exception, a program's own code; besides, as shells have it, 130 when
interrupted and 141 when nobody reads the output; 70 for a bug in watloom.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> int:
    """Run a command line; gives the exit status and raises nothing."""
    words = list(sys.argv[1:] if args is None else args)
    try:
        status = _run(words)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _forget_stdout()
        return 141


def _run(words: list[str]) -> int:
    """One command line, with every error told."""
    from watloom.cli import report
    from watloom.cli.plain import plain_run

    for stream in (sys.stdout, sys.stderr):  # a name or a dash that the terminal can't show
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    plain = plain_run(words)
    try:
        if plain is not None:
            from watloom.cli.running import run_program
            from watloom.cli.settings import Settings

            return run_program(Settings(), *plain, {"preopens": (), "env": {}})
    except BrokenPipeError:
        raise
    except Exception as error:
        if not report.is_usage(error):  # which click tells better
            return report.failure(error)
    return _with_click(words)


def _with_click(words: list[str]) -> int:
    """The same, whatever the command."""
    import click

    from watloom.cli import report
    from watloom.cli.commands import run

    try:
        return run(words)
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.ClickException as error:
        return report.usage(error)
    except click.Abort:
        raise KeyboardInterrupt from None
    except BrokenPipeError:
        raise
    except Exception as error:
        return report.failure(error)


def _forget_stdout() -> None:
    """Nobody reads it any more; without this Python would complain when it flushes at its end."""
    import os
    from contextlib import suppress

    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
