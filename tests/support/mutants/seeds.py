"""Sound programs to be damaged."""

from functools import cache
from pathlib import Path

import conformance
from binary_samples import everything, linked
from watloom.interp.core.errors import MalformedError
from watloom.interp.core.features import DEFAULT, PROPOSALS, WASM3, Features
from watloom.interp.core.source import Source
from watloom.parser.encode import encode_module
from watloom.parser.text import parse_module
from watloom.parser.wast import ModuleCmd, TextModule, parse_script

__all__ = ["EVERYTHING", "FEATURES", "binaries", "suite", "texts"]

_ROOT = Path(__file__).resolve().parents[3]

#: All that can be switched on.
EVERYTHING = DEFAULT.with_([f"+{proposal}" for proposal in PROPOSALS])
FEATURES: tuple[Features, ...] = (EVERYTHING, DEFAULT, WASM3)


@cache
def texts() -> list[str]:
    """The samples, and programs that use everything."""
    here = sorted(Path(__file__).with_name("seeds").glob("*.wat"))
    samples = sorted((_ROOT / "samples").rglob("*.wat"))
    return [path.read_text(encoding="utf-8") for path in [*here, *samples]]


@cache
def binaries() -> list[bytes]:
    """The same as binaries, and two that have every construct of the format."""
    made = [parse_module(Source("seed.wat", text), EVERYTHING) for text in texts()]
    return [encode_module(module) for module in (everything(), linked(), *made)]


@cache
def suite() -> list[bytes]:
    """The modules of the official suite as binaries; none where it is not there."""
    folder = conformance.find("testsuite")
    found: list[bytes] = []
    for path in sorted(folder.glob("*.wast")) if folder else ():
        source = Source(path.name, path.read_text(encoding="utf-8"))
        for command in parse_script(source, WASM3):
            if isinstance(command, ModuleCmd) and isinstance(command.module, TextModule):
                try:
                    found.append(encode_module(command.module.resolve()))
                except MalformedError:
                    continue
    return [data for data in found if len(data) < 20_000]
