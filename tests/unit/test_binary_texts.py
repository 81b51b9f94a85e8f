"""Text modules of others' scripts go to binary and come back as the same module."""

import pytest

from binary_samples import plain
from script_modules import modules
from watloom.interp.core.errors import MalformedError, UnbuiltError
from watloom.interp.core.features import DEFAULT, WASM3
from watloom.interp.core.source import Source
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.text import parse_module


@pytest.mark.parametrize(
    ("folder", "features", "least"),
    [
        ("testsuite", WASM3, 3_900),
        ("module-linking", DEFAULT, 140),
        ("func-refs", DEFAULT.with_(dialect="legacy"), 1),
    ],
)
def test_text_modules(conformance, folder, features, least):
    """A module from text, written and read, is the same, and its bytes don't change any more."""
    same = 0
    for path in sorted(conformance(folder).glob("*.wast")):
        script = path.read_text(encoding="utf-8")
        for at, text in modules(script):
            where = f"{path.name}:{script.count(chr(10), 0, at) + 1}"
            try:
                module = parse_module(Source(where, text), features)
                data = encode_module(module)
            except UnbuiltError:
                continue  # not built, or `(export $instance)`
            except MalformedError:
                continue  # asserted to be
            read = decode_module(Source(where, data=data), features)
            assert encode_module(read) == data, where
            assert sorted_preamble(read) == sorted_preamble(module), where
            same += 1
    assert same >= least


def sorted_preamble(module):
    """A module to be compared; types may have been put before imports."""
    module.definitions.sort(key=lambda d: type(d).__name__)
    return plain(module)
