"""`watloom run`: run a program, or call one of its functions."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from watloom.cli import report
from watloom.cli.options import Settings
from watloom.cli.program import nothing_to_run, opened, program_command
from watloom.cli.values import show_result


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
    from watloom.interp.runtime.invoke import invoke as call_function

    with opened(settings, grants, file, words, invoke) as program:
        call = program.call
        if call is None:
            if program.instance.valid.module.start is None:
                report.show(nothing_to_run(program.instance, words))
            return 0
        results = call_function(call.func, call.values)
        for value, t in zip(results, call.results, strict=True):
            sys.stdout.write(show_result(value, t) + "\n")
    return 0
