"""The binary modules of the official suite: malformed ones are refused in the expected words,
the others are read, and written and read again as the same."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from watloom.interp.core.errors import MalformedError, UnbuiltError
from watloom.interp.core.features import WASM3
from watloom.interp.core.source import Source
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module

_STRING = r'"(?:[^"\\]|\\.)*"'
_COMMENT = r";;[^\n]*|\(;.*?;\)"
_TOKEN = re.compile(rf"(?P<comment>{_COMMENT})|{_STRING}|[()]|[^\s()\";]+", re.DOTALL)
_ESCAPE = re.compile(rb"""\\(?:([0-9a-fA-F]{2})|(["'\\]))""")


class Case(NamedTuple):
    """A binary module of a script: the command that it stands in and the words expected."""

    line: int
    command: str
    data: bytes
    words: str


def _bytes(string: str) -> bytes:
    raw = string[1:-1].encode()
    return _ESCAPE.sub(lambda m: bytes.fromhex(m[1].decode()) if m[1] else m[2], raw)


def cases(script: str) -> Iterator[Case]:
    """The binary modules of a script, told by `module … binary "…" "…")`."""
    tokens = [(m.group(), m.start()) for m in _TOKEN.finditer(script) if not m["comment"]]
    words = [text for text, _ in tokens]
    for i, word in enumerate(words):
        if word != "binary" or "module" not in words[max(0, i - 3) : i]:
            continue
        module = max(j for j in range(max(0, i - 3), i) if words[j] == "module")
        end = words.index(")", i)
        data = b"".join(map(_bytes, words[i + 1 : end]))
        asserted = words[module - 2].startswith("assert_")
        command = words[module - 2] if asserted else "module"
        expected = _bytes(words[end + 1]).decode() if asserted else ""
        line = script.count("\n", 0, tokens[module][1]) + 1
        yield Case(line, command, data, expected)


def judge(path: Path, case: Case) -> str | None:
    """What is wrong with how a module is taken."""
    try:
        module = decode_module(Source(f"{path.name}:{case.line}", data=case.data), WASM3)
    except UnbuiltError as error:
        built = case.command == "assert_malformed" and not error.message.startswith(case.words)
        return error.render() if built else None
    except MalformedError as error:
        right = case.command == "assert_malformed" and error.message.startswith(case.words)
        return None if right else f"expected {case.words!r}, found {error.render()}"
    if case.command == "assert_malformed":
        return f"{path.name}:{case.line}: expected {case.words!r}, but it was read"
    written = encode_module(module)
    again = encode_module(decode_module(Source("written.wasm", data=written), WASM3))
    return None if again == written else f"{path.name}:{case.line}: written twice, it differs"


def test_binary_modules_of_the_suite(conformance):
    wrong, seen = [], 0
    for path in sorted(conformance("testsuite").glob("*.wast")):
        for case in cases(path.read_text(encoding="utf-8")):
            seen += 1
            wrong.append(judge(path, case))
    assert [each for each in wrong if each] == []
    assert seen >= 810  # of 3.0's 257 scripts


def test_a_case_is_found():
    script = """(module binary)
        (assert_malformed (module definition $m binary ;; here
          "\\00a" (; there ;) "s\\"") "unexpected end")
        (module binary)"""
    assert list(cases(script)) == [
        Case(1, "module", b"", ""),
        Case(2, "assert_malformed", b'\0as"', "unexpected end"),
        Case(4, "module", b"", ""),
    ]


@pytest.mark.parametrize("name", ["binary.wast", "custom.wast"])
def test_scripts_have_cases(conformance, name):
    script = (conformance("testsuite") / name).read_text(encoding="utf-8")
    assert len(list(cases(script))) > 10
