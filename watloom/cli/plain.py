"""Plain command lines, read without click: importing it takes as long as all of a run besides.

watloom [run] [--invoke NAME] FILE [ARGS]...
"""

from __future__ import annotations

from collections.abc import Sequence

from watloom.cli.names import COMMANDS

__all__ = ["plain_run"]


def plain_run(words: Sequence[str]) -> tuple[str, tuple[str, ...], str | None] | None:
    """FILE, ARGS and NAME; None for every other command line, right or wrong.

    >>> plain_run(["--invoke", "gcd", "gcd.wat", "12", "-8"])
    ('gcd.wat', ('12', '-8'), 'gcd')
    >>> plain_run(["validate", "gcd.wat"]), plain_run(["--fuel", "9", "gcd.wat"])
    (None, None)
    """
    rest, invoke = list(words), None
    if rest and rest[0] in COMMANDS and rest.pop(0) != "run":
        return None
    if len(rest) > 1 and rest[0] == "--invoke" and rest[1][:1] != "-":
        invoke = rest[1]
        del rest[:2]
    if not rest or rest[0][:1] in ("", "-"):
        return None
    return rest[0], tuple(rest[1:]), invoke
