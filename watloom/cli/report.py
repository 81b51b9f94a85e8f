"""Diagnostics: on stderr, with colour where a person reads them, and the exit status they mean."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from watloom.interp.core.errors import Bug, GuestError, Note, WasiExit, WatloomError
from watloom.interp.core.source import Source

if TYPE_CHECKING:
    import click

__all__ = [
    "BUG", "FAILED", "TRAPPED", "USAGE", "failure", "is_usage", "show", "usage", "warn",
]  # fmt: skip

FAILED, USAGE, BUG, TRAPPED = 1, 2, 70, 134

#: Beginnings of lines, and how they are shown to a person.
_STYLES = (
    (r"(?:error|trap|exhaustion|limit|uncaught exception|bug in watloom):", "bold red"),
    (r"warning:", "bold yellow"),
    (r"(?:note|hint):", "bold cyan"),
    (r"help:", "bold green"),
)
_LINE = re.compile(
    rf"^(?P<place>\S.*?: )??(?:{'|'.join(f'(?P<s{i}>{p})' for i, (p, _) in enumerate(_STYLES))})"
)
_CARETS = re.compile(r"^( *\| *)(\^+)(.*)$")


def show(text: str) -> None:
    """Write a diagnostic to stderr."""
    from watloom.interp.debug.format import printable

    text = printable(text)
    stream = sys.stderr
    if stream is None:
        return
    if stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        _show_coloured(text)
    else:
        stream.write(text + "\n")
        stream.flush()


def _show_coloured(text: str) -> None:
    from rich.console import Console
    from rich.text import Text

    shown = Text()
    for line in text.split("\n"):
        part = Text(line + "\n")
        if found := _LINE.match(line):
            if found["place"]:
                part.stylize("bold", *found.span("place"))
            for i, (_, style) in enumerate(_STYLES):
                part.stylize(style, *found.span(f"s{i}"))
        elif carets := _CARETS.match(line):
            part.stylize("bold red", *carets.span(2))
        shown.append_text(part)
    Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(shown, end="")


def failure(error: BaseException) -> int:
    """Tell what went wrong; gives the exit status."""
    if isinstance(error, WasiExit):
        return error.code
    if isinstance(error, WatloomError) and not isinstance(error, Bug):
        show(error.render())
        return TRAPPED if isinstance(error, GuestError) else FAILED
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        show(f"error: {name}{error.strerror or error}")
        return FAILED
    if isinstance(error, MemoryError):
        show("error: out of memory")
        return TRAPPED
    return _bug(error)


def _bug(error: BaseException) -> int:
    text = str(error).partition("\n")[0]
    show(
        f"bug in watloom: {type(error).__name__}: {text}\n"
        "help: please report it with the file and the command; "
        "WATLOOM_DEBUG=1 shows where it happened"
    )
    if os.environ.get("WATLOOM_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return BUG


def is_usage(error: BaseException) -> bool:
    """Whether an error is a mistake in the command line (where click was not imported, none is)."""
    click = sys.modules.get("click")
    return click is not None and isinstance(error, click.ClickException)


def usage(error: click.ClickException) -> int:
    """Tell a mistake in the command line; gives the exit status."""
    context = getattr(error, "ctx", None)
    lines = [f"error: {error.format_message()}"]
    if context is not None:
        lines.append(context.get_usage().replace("Usage:", "usage:"))
        lines.append(f"help: {context.command_path} --help lists the options")
    show("\n".join(lines))
    return USAGE


def warn(warnings: list[Note], source: Source) -> None:
    """Tell the warnings of a module that was read."""
    for note in warnings:
        place = f"{source.where(note.span)}: " if note.span else ""
        excerpt = "\n" + source.excerpt(note.span) if note.span else ""
        show(f"{place}warning: {note.text}{excerpt}")
