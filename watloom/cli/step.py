"""`watloom step`: a debugger's prompt over `interp.debug.debugger`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from watloom.cli import report
from watloom.cli.options import program_command
from watloom.cli.program import nothing_to_run, opened
from watloom.cli.settings import Settings


@program_command("step")
def command(
    settings: Settings,
    file: str,
    words: tuple[str, ...],
    invoke: str | None,
    grants: Mapping[str, Any],
) -> int:
    """Step through the program in FILE, forwards and back; `help` lists the commands.

    Commands come from the standard input: from a pipe they are run one after the other. The
    program's own standard input is empty, and --timeout does not count here.

    A start function has run before the first step, unless it is all there is to run.
    """
    from watloom.cli.prompt import Prompt
    from watloom.interp.debug.debugger import Session
    from watloom.interp.machine import Machine

    with opened(settings, grants, file, words, invoke, stdin=b"", keep_start=True) as program:
        call = program.call
        if call is None:
            report.show(nothing_to_run(program.instance, words))
            return 0
        machine = Machine.for_call(program.instance.store, call.func, call.values)
        session = Session(machine)
        return Prompt(session, call.results, sys.stdin, sys.stdout).run()
