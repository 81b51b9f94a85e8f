"""`watloom stub`: imports for a host module, or a host module for imports."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from watloom.cli.options import shared_options
from watloom.cli.output import write
from watloom.cli.program import load
from watloom.cli.settings import Settings
from watloom.interp.core.errors import WatloomError
from watloom.interp.core.messages import nearest

if TYPE_CHECKING:
    from watloom.host import HostModule


@click.command("stub", context_settings={"help_option_names": ["-h", "--help"]})
@shared_options()
@click.argument("what", metavar="WHAT")
@click.option(
    "-o", "out", metavar="OUT", default="-", help="The file to write; the standard output if none."
)
def command(settings: Settings, what: str, out: str) -> None:
    """Write the other side of an interface down.

    For a host module's class, the imports that a guest declares, as WAT: WHAT is FILE.py,
    FILE.py:CLASS, package.module:CLASS, or the name of a CLASS in one of the .py files here.
    (Python that is named is run.)

    For a module, text or binary, a skeleton of the Python classes that it imports.
    """
    if _is_module(what):
        from watloom.interp.host.stub import host_stub

        write(host_stub(load(what, settings)).encode(), out)
        return
    from watloom.interp.host.stub import imports_stub

    write(imports_stub(*_classes(what)).encode(), out)


def _is_module(what: str) -> bool:
    path = what.partition(":")[0]
    if what == "-" or Path(what).suffix in (".wat", ".wasm"):
        return True
    return Path(what).is_file() and not path.endswith(".py")


def _classes(what: str) -> list[type[HostModule]]:
    """The host modules that are meant. Raises UsageError, OSError, WatloomError."""
    from watloom.host import HostModule

    place, _, name = what.rpartition(":")
    if not place and what.endswith(".py"):
        place, name = what, ""
    elif not place:
        place = str(_file_with(name))
    module = _imported(place)
    found = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, HostModule) and value is not HostModule
    }
    own = {key: c for key, c in found.items() if c.__module__ == module.__name__}
    if name:
        if name not in found:
            near = nearest(name, list(found))
            known = ", ".join(own) or "none"
            raise WatloomError(
                f"{place} has no host module `{name}`",
                help=f"did you mean `{near}`?" if near else f"its host modules: {known}",
            )
        return [found[name]]
    if not own:
        raise WatloomError(
            f"{place} has no host module", help="a host module is a class with the base HostModule"
        )
    return list(own.values())


def _file_with(name: str) -> Path:
    """The one .py file of this folder that defines a class."""
    head = re.compile(rf"^class {re.escape(name)}\b", re.MULTILINE)
    found = [
        path
        for path in sorted(Path().glob("*.py"))
        if head.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    if len(found) == 1:
        return found[0]
    where = ", ".join(map(str, found)) or "no .py file here"
    raise WatloomError(
        f"`class {name}` is in {where}", help=f"say which: watloom stub FILE.py:{name}"
    )


def _imported(place: str) -> ModuleType:
    """A Python file or module, run. What it raises becomes an error that names the line."""
    sys.path.insert(0, str(Path(place).resolve().parent) if place.endswith(".py") else "")
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        spec: Any = importlib.util.spec_from_file_location(f"stub of {place}", place)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module
    except (WatloomError, FileNotFoundError) as error:
        if isinstance(error, FileNotFoundError) and error.filename != str(Path(place).resolve()):
            raise _failed(place, error) from None
        raise
    except (Exception, SystemExit) as error:
        raise _failed(place, error) from None
    finally:
        del sys.path[0]


def _failed(place: str, error: Exception | SystemExit) -> WatloomError:
    """What went wrong in a file of the user's."""
    own = place if place.endswith(".py") else "\0"
    lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(own)]
    line = lines[-1].lineno if lines else getattr(error, "lineno", None)
    where = f"{place}:{line}" if line else place
    return WatloomError(f"{where} cannot be imported: {type(error).__name__}: {error}")
