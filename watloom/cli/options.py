"""The options that commands share, and what they say, as a value."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar

import click

from watloom.cli.settings import Settings
from watloom.interp.core.dataclass import replace
from watloom.interp.core.features import DEFAULT, PROPOSALS, WASM3, Features

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]  # not generic at run time before click 8.4
else:
    ParamType = click.ParamType

__all__ = ["Size", "program_command", "shared_options"]

F = TypeVar("F", bound=Callable[..., Any])

_SIZE = re.compile(r"(\d+)\s*(?:([kmg])(?:i?b)?|b)?", re.IGNORECASE)


# ------------------------------------------------------------------ kinds of values


class _Proposal(ParamType):
    name = "±NAME"

    def convert(self, value: str, param: Any, ctx: click.Context | None) -> str:
        if value[:1] not in ("+", "-"):
            self.fail(f"{value!r} must begin with + (on) or - (off)", param, ctx)
        try:
            WASM3.with_([value])
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return value


class Size(ParamType):
    name = "SIZE"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> int:
        found = _SIZE.fullmatch(value.strip())
        if not found:
            self.fail(f"{value!r} is not a size; write it like 65536, 64k or 16MiB", param, ctx)
        unit = (found[2] or "").lower()
        return int(found[1]) << {"": 0, "k": 10, "m": 20, "g": 30}[unit]


class _Setting(ParamType):
    name = "K=V"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> tuple[str, str]:
        name, equals, setting = value.partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not of the form NAME=VALUE", param, ctx)
        return name, setting


class _Folder(ParamType):
    name = "HOST[::GUEST]"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> tuple[str, str]:
        host, _, guest = value.partition("::")
        if not os.path.isdir(host):
            self.fail(f"{host!r} is not a folder", param, ctx)
        return host, guest or host


class _Mount(ParamType):
    name = "GUEST=WHAT"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> tuple[str, Any]:
        from watloom.stdlib.mounts import MountError, mount

        try:
            return mount(value)
        except MountError as error:
            self.fail(f"{error}" + (f"; {error.help}" if error.help else ""), param, ctx)


class _Denied(ParamType):
    name = "NAME,..."

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> tuple[str, ...]:
        from watloom.stdlib.wasi import Wasi

        names = tuple(name.strip() for name in value.split(","))
        try:
            Wasi(deny=names)
        except ValueError as error:
            self.fail(f"{error}; such as clock, random, path, poll_oneoff", param, ctx)
        return names


# ------------------------------------------------------------------ the options

_SHARED = (
    click.option(
        "--proposal",
        "proposals",
        type=_Proposal(),
        multiple=True,
        help=f"Switch a proposal on or off: {', '.join(sorted(PROPOSALS))}. Repeatable.",
    ),
    click.option(
        "--dialect",
        type=click.Choice(["strict", "legacy"]),
        default="strict",
        help="legacy takes old spellings of the text format, with a warning for each.",
    ),
    click.option(
        "-L",
        "search",
        metavar="DIR",
        multiple=True,
        type=click.Path(exists=True, file_okay=False),
        help="Look for imported files in this folder, too. Repeatable.",
    ),
    click.option(
        "--tier",
        type=click.Choice(["fast", "reference"]),
        default="fast",
        help="What executes. What `fast`, the default, does not compile runs as `reference`.",
    ),
    click.option(
        "--fuel", type=click.IntRange(0), metavar="N", help="Stop after so many instructions."
    ),
    click.option(
        "--max-memory",
        "memory",
        type=Size(),
        help="What all memories together may take, such as 64k or 16MiB.",
    ),
    click.option(
        "--timeout",
        "seconds",
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="Stop after so much time.",
    ),
)

_PROGRAM = (
    click.option(
        "--dir",
        "folders",
        type=_Folder(),
        multiple=True,
        help="Grant a folder to the program. Repeatable; what is not granted is not there.",
    ),
    click.option(
        "--env",
        "variables",
        type=_Setting(),
        multiple=True,
        help="Set an environment variable of the program. Repeatable.",
    ),
    click.option(
        "--mount",
        "mounts",
        type=_Mount(),
        multiple=True,
        help="Grant what stands below a name: /=DIR:ro, /tmp=mem, /home=encrypt(DIR,KEYVAR), and "
        "compress, log, overlay, quota, readonly on top of each other. Repeatable.",
    ),
    click.option(
        "--deny",
        type=_Denied(),
        multiple=True,
        help="Refuse functions of WASI, by name or by its first word: clock,random. Repeatable.",
    ),
    click.option(
        "--no-cache", is_flag=True, help="Neither keep compiled code on disk nor use what is there."
    ),
)


def shared_options(base: Features = DEFAULT) -> Callable[[F], F]:
    """Give a command the shared options: its first argument is the Settings."""

    def decorate(command: F) -> F:
        def with_settings(
            *args: Any,
            proposals: tuple[str, ...],
            dialect: Any,
            search: tuple[str, ...],
            tier: Any,
            fuel: int | None,
            memory: int | None,
            seconds: float | None,
            **rest: Any,
        ) -> Any:
            features = base.with_(proposals, dialect)
            settings = Settings(features, search, tier, fuel, memory, seconds)
            return command(settings, *args, **rest)

        wrapped: Any = update_wrapper(with_settings, command)
        for option in reversed(_SHARED):
            wrapped = option(wrapped)
        found: F = wrapped
        return found

    return decorate


def _program_options(command: F) -> F:
    """Give a command the options of those that run a program: its `grants` are their values."""

    def with_grants(
        settings: Settings,
        *args: Any,
        folders: tuple[tuple[str, str], ...],
        variables: tuple[tuple[str, str], ...],
        mounts: tuple[tuple[str, Any], ...],
        deny: tuple[tuple[str, ...], ...],
        no_cache: bool,
        **rest: Any,
    ) -> Any:
        names = [guest for _, guest in folders] + [guest for guest, _ in mounts]
        for i, name in enumerate(names):
            if name in names[:i]:
                raise click.UsageError(f"two folders are granted by the name {name!r}")
        grants: Mapping[str, Any] = {
            "preopens": folders,
            "env": dict(variables),
            "mounts": mounts,
            "deny": [name for names in deny for name in names],
        }
        return command(replace(settings, cached=not no_cache), *args, grants=grants, **rest)

    wrapped: Any = update_wrapper(with_grants, command)
    for option in reversed(_PROGRAM):
        wrapped = option(wrapped)
    found: F = wrapped
    return found


def program_command(name: str) -> Callable[[F], click.Command]:
    """A command that takes FILE and VALUES, --invoke, and the options of programs."""

    def decorate(command: F) -> click.Command:
        wrapped: Any = click.argument(
            "words", nargs=-1, type=click.UNPROCESSED, metavar="[ARGS]..."
        )(command)
        wrapped = click.argument("file")(wrapped)
        wrapped = click.option(
            "--invoke", metavar="NAME", help="Call this export with the values that follow FILE."
        )(wrapped)
        wrapped = shared_options()(_program_options(wrapped))
        settings = {"allow_interspersed_args": False, "help_option_names": ["-h", "--help"]}
        made: click.Command = click.command(name, context_settings=settings)(wrapped)
        return made

    return decorate
