"""The text modules of test scripts: found, and replaced by their binaries or by printed text."""

import re
from collections.abc import Iterator

from watloom.cli.parse import instance_exports
from watloom.interp.core.errors import WatloomError
from watloom.interp.core.features import Features
from watloom.interp.core.source import Source
from watloom.interp.validate import validate
from watloom.parser.decode import decode_module
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module
from watloom.parser.strings import quote_bytes
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


_HEAD = re.compile(r"\(module\b\s*(definition\b)?\s*(\$[^\s()]+)?")


def rewritten(script: str, features: Features, form: str) -> tuple[str, int]:
    """A script whose valid text modules are in another form, and how many of them there are.

    `form` is "binary", or "printed": the text that the binary is disassembled to.
    """
    parts: list[str] = []
    kept = count = 0
    for at, end, head, text in _whole(script):
        try:
            valid = validate(parse_module(Source("module", text), features))
        except WatloomError:
            continue  # asserted to be malformed or invalid
        data = encode_module(valid.module, instance_exports(valid))
        found = _HEAD.match(head)
        assert found
        opened = " ".join(filter(None, ["(module", found[1], found[2]]))
        if form == "binary":
            new = f"{opened} binary {quote_bytes(data)})"
        else:
            shown = print_module(decode_module(Source("module", data=data), features))
            body = shown[len("(module") :].lstrip(" ")
            own = re.match(r"\$[^\s()]+", body)  # the name from the name section
            new = f"{opened} {body[own.end() if own else 0 :].rstrip()}"
        parts += [script[kept:at], new]
        kept, count = end, count + 1
    return "".join([*parts, script[kept:]]), count


def _whole(script: str) -> Iterator[tuple[int, int, str, str]]:
    for at, text in modules(script):
        raw = len(text)
        if script.startswith("(module definition", at):
            raw += len(" definition")
        whole = script[at : at + raw]
        yield at, at + raw, whole, text
