"""`watloom trace`: each step of a program, written down."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, TextIO

import click

from watloom.cli import report
from watloom.cli.options import program_command
from watloom.cli.program import nothing_to_run, opened
from watloom.cli.settings import Settings


@program_command("trace")
@click.option("--json", "as_json", is_flag=True, help="Write an object for each step.")
@click.option("--limit", type=click.IntRange(0), metavar="N", help="Stop after so many steps.")
@click.option(
    "-o", "out", metavar="OUT", help="Write the trace to this file instead of the standard output."
)
def command(
    settings: Settings,
    file: str,
    words: tuple[str, ...],
    invoke: str | None,
    grants: Mapping[str, Any],
    as_json: bool,
    limit: int | None,
    out: str | None,
) -> int:
    """Write a line for each step of the program in FILE, start functions included.

    A line has the step's number, the depth of calls, the function, the place, the instruction, and
    what it changed: operands popped → pushed, locals, globals, memory, calls and returns.

    What the program writes to its standard output goes to stderr, so that the two don't mix; with
    -o it stays where it was.
    """
    from watloom.interp.debug.steps import Step
    from watloom.interp.debug.trace import LimitReached, Tracer
    from watloom.interp.runtime.invoke import invoke as call_function

    to_stdout = out in (None, "-")
    with ExitStack() as stack:
        to: TextIO = sys.stdout
        if not to_stdout:
            to = stack.enter_context(open(out or "", "w", encoding="utf-8"))

        def emit(step: Step) -> None:
            line = json.dumps(step.as_json(), ensure_ascii=False) if as_json else str(step)
            to.write(line + "\n")

        tracer = Tracer(emit, limit)
        stdout = sys.stderr.buffer if to_stdout else None
        try:
            with opened(
                settings, grants, file, words, invoke,
                stdout=stdout, prepare=lambda store: store.probes.append(tracer),
            ) as program:  # fmt: skip
                if program.call is not None:
                    call_function(program.call.func, program.call.values)
                elif program.instance.valid.module.start is None:
                    report.show(nothing_to_run(program.instance, words))
        except LimitReached:
            report.show(f"note: stopped after {limit} steps")
        finally:
            tracer.finish()
            to.flush()
    return 0
