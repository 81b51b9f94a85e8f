"""Strings and names of the text format (https://webassembly.github.io/spec/core/text/values.html#strings)."""

from __future__ import annotations

import re

from watloom.interp.core.source import Source, Span
from watloom.parser import messages

__all__ = ["decode_name", "decode_string", "quote_bytes", "quote_name"]

_SIMPLE = {"t": b"\t", "n": b"\n", "r": b"\r", '"': b'"', "'": b"'", "\\": b"\\"}
_ESCAPE = re.compile(
    r"""\\(?:([tnr"'\\])|([0-9a-fA-F]{2})|u\{([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)\})"""
)


def decode_string(word: str, at: int, source: Source | None = None) -> bytes:
    r"""The bytes of a string token, quotes included in `word`.

    >>> decode_string(r'"a\n\ff\u{e9}"', 0)
    b'a\n\xff\xc3\xa9'

    Raises MalformedError for an escape that does not exist.
    """
    if "\\" not in word:
        return word[1:-1].encode("utf-8", "surrogatepass")
    parts: list[bytes] = []
    here, stop = 1, len(word) - 1
    while True:
        slash = word.find("\\", here, stop)
        if slash < 0:
            parts.append(word[here:stop].encode("utf-8", "surrogatepass"))
            return b"".join(parts)
        parts.append(word[here:slash].encode("utf-8", "surrogatepass"))
        found = _ESCAPE.match(word, slash, stop)
        if found is None:
            raise _bad_escape(word, slash, at, source)
        simple, byte, scalar = found.groups()
        if simple:
            parts.append(_SIMPLE[simple])
        elif byte:
            parts.append(bytes([int(byte, 16)]))
        else:
            code = int(scalar.replace("_", ""), 16) if len(scalar) < 100 else 1 << 32
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                raise _bad_escape(word, slash, at, source)
            parts.append(chr(code).encode())
        here = found.end()


def _bad_escape(word: str, slash: int, at: int, source: Source | None) -> Exception:
    shown = re.match(r"\\(?:u\{[^}\"]*\}?|.[0-9a-fA-F]?)", word[slash:-1])
    text = shown[0] if shown else "\\"
    return messages.illegal_escape(Span(at + slash, at + slash + len(text)), source, escape=text)


def decode_name(word: str, at: int, source: Source | None = None) -> str:
    r"""The name that a string token stands for: its bytes as UTF-8.

    >>> decode_name(r'"\c3\a9"', 0)
    'é'

    Raises MalformedError where the bytes are not UTF-8, and as `decode_string` does.
    """
    data = decode_string(word, at, source)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"byte 0x{data[error.start]:02x} at position {error.start} of the name"
        raise messages.malformed_utf8(at, source, detail=detail) from None


#: Controls, marks of direction among them: a text must not read in another order than it says.
_ESCAPED = r'"\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff'
_PLAIN = re.compile(f"[^{_ESCAPED}]*")


def quote_name(name: str) -> str:
    r"""A name as a string token.

    >>> print(quote_name('say "é"\n'))
    "say \"é\"\0a"
    >>> print(quote_name("a\u202eb"))
    "a\u{202e}b"
    """
    if _PLAIN.fullmatch(name):
        return f'"{name}"'
    return '"' + re.sub(f"[{_ESCAPED}]", _escape, name) + '"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if ord(character) >= 0x80:
        return f"\\u{{{ord(character):x}}}"
    return f"\\{character}" if character in '"\\' else f"\\{ord(character):02x}"


_BYTES = [chr(b) if 0x20 <= b < 0x7F and chr(b) not in '"\\' else f"\\{b:02x}" for b in range(256)]


def quote_bytes(data: bytes) -> str:
    r"""Bytes as a string token, all but plain ASCII escaped.

    >>> print(quote_bytes(b'a"\x00'))
    "a\22\00"
    """
    return '"' + "".join([_BYTES[b] for b in data]) + '"'
