"""What `watloom run` does, once its command line is read."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from watloom.cli import report
from watloom.cli.program import nothing_to_run, opened
from watloom.cli.settings import Settings
from watloom.cli.values import show_result

if TYPE_CHECKING:
    from watloom.interp.cache.cache import Cache

__all__ = ["run_program"]


def run_program(
    settings: Settings,
    file: str,
    words: tuple[str, ...],
    invoke: str | None,
    grants: Mapping[str, Any],
) -> int:
    """Run the program in a file, or call one of its functions and print what it gives.

    Gives the exit status; raises what goes wrong.
    """
    from watloom.interp.runtime.invoke import invoke as call_function

    with (
        _cache(settings) as cache,
        opened(settings, grants, file, words, invoke, cache=cache) as program,
    ):
        call = program.call
        if call is None:
            if program.instance.valid.module.start is None:
                report.show(nothing_to_run(program.instance, words))
            return 0
        results = call_function(call.func, call.values)
        for value, t in zip(results, call.results, strict=True):
            sys.stdout.write(show_result(value, t) + "\n")
    return 0


def _cache(settings: Settings) -> AbstractContextManager[Cache | None]:
    """The cache, where there is to be one: only compiled functions gain by it."""
    if not settings.cached or settings.tier != "fast":
        return nullcontext()
    from watloom.interp.cache.cache import Cache

    return Cache()
