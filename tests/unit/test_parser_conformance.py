"""The front end on test scripts that others wrote: all is read, rejected, or reported unbuilt."""

import pytest

import conformance as data
from watloom.interp.core.errors import MalformedError, UnbuiltError
from watloom.interp.core.features import WASM3
from watloom.interp.core.source import Source
from watloom.parser.printer import print_module
from watloom.parser.text import parse_module
from watloom.parser.wast import (
    AssertMalformed,
    AssertTrap,
    BinaryModule,
    BrokenCommand,
    ModuleCmd,
    parse_script,
)

FEATURES = {
    "testsuite": WASM3,
    "module-linking": WASM3.with_(["+module-linking"]),
    "func-refs": WASM3.with_(["+func-bind"], "legacy"),
}

#: What the scripts of the threads proposal call malformed and 3.0 calls invalid.
ALLOWED_IN_3 = {"i32 constant out of range"}


def text_module(command):
    """The module of a command that is written as text, in place or quoted."""
    module = command.action if isinstance(command, AssertTrap) else getattr(command, "module", None)
    module = module.module if isinstance(module, ModuleCmd) else module
    return module if hasattr(module, "resolve") and not isinstance(module, BinaryModule) else None


def check_malformed(command, module):
    try:
        module.resolve()
    except UnbuiltError:
        pass
    except MalformedError as error:
        assert error.message.startswith(command.message)
    else:
        assert command.message in ALLOWED_IN_3


def check_printing(module, features):
    text = print_module(module)
    assert print_module(parse_module(Source("printed", text), features)) == text


@pytest.mark.parametrize("path", [p for folder in FEATURES for p in data.scripts(folder)])
def test_script(path):
    folder = next(f for f in FEATURES if f in path.parts)
    features = FEATURES[folder]
    source = Source(path.name, path.read_text(encoding="utf-8"))
    for command in parse_script(source, features):
        if isinstance(command, BrokenCommand):
            assert isinstance(command.error, UnbuiltError), command.error.render()
            continue
        module = text_module(command)
        if module is None:
            continue
        if isinstance(command, AssertMalformed):
            check_malformed(command, module)
            continue
        try:
            found = module.resolve()
        except UnbuiltError:
            continue
        check_printing(found, features)
