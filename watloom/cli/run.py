"""`watloom run`: run a program, or call one of its functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watloom.cli.options import program_command
from watloom.cli.running import run_program
from watloom.cli.settings import Settings


@program_command("run")
def command(
    settings: Settings,
    file: str,
    words: tuple[str, ...],
    invoke: str | None,
    grants: Mapping[str, Any],
) -> int:
    """Run the program in FILE: its _start, else just its start function.

    With --invoke the export NAME is called with the values that follow FILE, and its results are
    printed, one a line. Options come before FILE; what follows it belongs to the program.
    """
    return run_program(settings, file, words, invoke, grants)
