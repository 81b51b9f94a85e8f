"""Text modules of others' scripts go to binary and come back as the same module."""

import re
from collections.abc import Iterator

import pytest

from binary_samples import plain
from watloom.interp.core.errors import MalformedError, UnbuiltError
from watloom.interp.core.features import DEFAULT, WASM3
from watloom.interp.core.source import Source
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.text import parse_module

_TOKEN = re.compile(r';;[^\n]*|\(;|;\)|"(?:[^"\\]|\\.)*"|[()]', re.DOTALL)
_TEXT_MODULE = re.compile(r"\(module\b(?!\s+(definition\s+)?(\$\S+\s+)?(binary|quote|instance)\b)")


def modules(script: str) -> Iterator[tuple[int, str]]:
    """The text modules of a script that stand alone or in an assertion, with their offsets."""
    opened: list[int] = []
    comments = 0
    for m in _TOKEN.finditer(script):
        token = m.group()
        if token in ("(;", ";)"):
            comments += 1 if token == "(;" else -1
        elif comments or token[0] in ';"':
            continue
        elif token == "(":
            opened.append(m.start())
        else:
            start = opened.pop()
            alone = not opened or (len(opened) == 1 and script.startswith("(assert", opened[0]))
            if alone and _TEXT_MODULE.match(script, start):
                yield start, script[start : m.end()].replace("(module definition", "(module")


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
