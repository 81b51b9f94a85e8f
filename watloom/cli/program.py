"""From FILE to an instance and the function that is to be called in it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from watloom.cli import report
from watloom.cli.settings import Settings
from watloom.cli.values import ValueFormError, read_values
from watloom.interp.core.dataclass import dataclass, replace
from watloom.interp.core.errors import WatloomError
from watloom.interp.core.messages import nearest
from watloom.interp.core.source import Source
from watloom.interp.core.types import ValType

if TYPE_CHECKING:
    from watloom.interp.cache.cache import Cache
    from watloom.interp.core.module import Module
    from watloom.interp.runtime.instance import ModuleInst
    from watloom.interp.runtime.store import Store
    from watloom.interp.runtime.values import FuncInst, ModuleValue

__all__ = ["Call", "Program", "load", "opened", "parse", "read"]


def read(file: str) -> Source:
    """The source in a file, or on stdin for "-". Raises OSError, UsageError for a test script."""
    from watloom.interp.link.load import read_source, source_of

    if file == "-":
        if sys.stdin is None:
            raise OSError("the standard input is closed")
        return source_of(sys.stdin.buffer.read(), "<stdin>")
    if file.endswith(".wast"):
        raise _usage_error(
            f"{file} is a test script, not a module: run it with `watloom wast {file}`"
        )
    try:
        return read_source(file)
    except FileNotFoundError as error:
        raise _no_such_file(file, error) from None


def _usage_error(text: str) -> Exception:
    """A mistake in the command line."""
    import click

    return click.UsageError(text)


def _no_such_file(file: str, error: OSError) -> WatloomError:
    from watloom.cli.names import COMMANDS

    close = None if "." in file or "/" in file else nearest(file, list(COMMANDS))
    advice = f"did you mean `watloom {close}`?" if close else None
    return WatloomError(f"{file}: {error.strerror}", help=advice)


def parse(source: Source, settings: Settings) -> Module:
    """A source as module IR, its warnings told."""
    from watloom.interp.link.load import parse as parse_source

    module = parse_source(source, settings.features)
    report.warn(module.warnings, source)
    return module


def load(file: str, settings: Settings, cache: Cache | None = None) -> ModuleValue:
    """The validated module in a file, its warnings told."""
    from watloom.interp.link.load import load_source

    return load_source(read(file), settings.features, cache, report.warn)


# ------------------------------------------------------------------ what is to be called


@dataclass(frozen=True)
class Call:
    """A function with its arguments, as the machine holds them."""

    func: FuncInst
    values: list[Any]

    @property
    def results(self) -> tuple[ValType, ...]:
        """The types of its results."""
        return self.func.type.func.results


@dataclass(frozen=True)
class Program:
    """An instance, and what is to be called in it: None where there is nothing."""

    instance: ModuleInst
    call: Call | None
    invoked: bool
    """Whether --invoke said what; only then the results are printed."""


@contextmanager
def opened(
    settings: Settings,
    grants: Mapping[str, Any],
    file: str,
    words: Sequence[str],
    invoke: str | None,
    *,
    stdin: Any = None,
    stdout: Any = None,
    prepare: Callable[[Store], None] | None = None,
    keep_start: bool = False,
    cache: Cache | None = None,
) -> Iterator[Program]:
    """The instance of the module in a file, closed in the end; files come from the cache, if any.

    The start function has run, unless `keep_start` is set and nothing else is there to be called:
    then it is the call. `stdin` and `stdout` are the program's instead of ours. `prepare` gets the
    store first.
    """
    from watloom.interp.link.linker import Linker
    from watloom.stdlib import granted

    module = load(file, settings, cache)
    store = settings.store()
    if prepare is not None:
        prepare(store)
    streams = {
        "stdin": _binary(sys.stdin) if stdin is None else stdin,
        "stdout": _binary(sys.stdout) if stdout is None else stdout,
        "stderr": _binary(sys.stderr),
    }
    args = [os.path.basename(file), *(() if invoke is not None else words)]
    library = granted(**grants, args=args, **streams)
    linker = Linker(store, settings.search, library, cache)
    start = module.valid.module.start
    if keep_start and start is not None and invoke is None and "_start" not in module.type.exports:
        module.valid = replace(module.valid, module=replace(module.valid.module, start=None))
    else:
        start = None
    # A mistake in the call is told before anything runs.
    planned = _planned(module, words, invoke)
    with linker.instantiate(module) as instance:
        if start is not None:
            call: Call | None = Call(instance.funcs[start.func], [])
        elif planned is None:
            call = None
        else:
            name, values = planned
            call = Call(instance.exports[name], values)
        yield Program(instance, call, invoke is not None)


def _planned(
    module: ModuleValue, words: Sequence[str], invoke: str | None
) -> tuple[str, list[Any]] | None:
    """The name and arguments of the function to call. Raises LinkError, UsageError."""
    from watloom.interp.core.types import DefType

    exports = module.type.exports
    name = "_start" if invoke is None else invoke
    if name not in exports:
        if invoke is None:
            return None
        close = nearest(name, list(exports))
        advice = f"did you mean {close}?" if close else None
        raise WatloomError(f"no export {name!r}; {_listed(module)}", help=advice)
    t = exports[name]
    if not isinstance(t, DefType):
        raise WatloomError(f"the export {name!r} is not a function but {t}", help=_listed(module))
    if invoke is None:
        if t.func.params or t.func.results:
            raise WatloomError(
                f"_start must take and give nothing; here it is {t}",
                help="call it with --invoke _start",
            )
        return name, []
    try:
        return name, read_values(words, t.func, name)
    except ValueFormError as error:
        raise _usage_error(str(error)) from None


def _listed(module: ModuleValue) -> str:
    names = list(module.type.exports)
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"exports are {', '.join(names[:20])}{more}" if names else "nothing is exported"


def nothing_to_run(module: ModuleInst, words: Sequence[str]) -> str:
    """The hint where there is nothing to run."""
    from watloom.interp.runtime.values import ModuleValue

    advice = "--invoke NAME calls a function"
    if "--invoke" in words:
        advice = "--invoke NAME comes before FILE"
    return f"hint: nothing to run: {_listed(ModuleValue(module.valid))}; {advice}"


def _binary(stream: Any) -> Any:
    if stream is None:
        return None
    return getattr(stream, "buffer", None)
