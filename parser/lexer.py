"""Tokens of the text format (https://webassembly.github.io/spec/core/text/lexical.html#tokens).

One regular expression finds a token; a table says its terminal; what is not in the table is looked
at by `Lexer.classify`, once per different word. "(" is fused with the keyword that it opens.

Naming: a *word* is the text of a token, a *kind* its terminal in `wat.lark`.
"""

from __future__ import annotations

import re
from typing import Any

from watloom.interp.core.features import UNBUILT, Features
from watloom.interp.core.messages import nearest
from watloom.interp.core.source import Source, Span
from watloom.parser import messages
from watloom.parser.comments import (
    ID_CHARS,
    STRING,
    Annotation,
    blank,
    broken_string,
    illegal_character,
)
from watloom.parser.keywords import (
    LINKING,
    OBSOLETE_TYPES,
    PROPOSED,
    SCRIPT,
    STRUCTURE,
    obsolete_mnemonics,
    proposal_of,
    unbuilt_feature,
    vocabulary,
)
from watloom.parser.strings import decode_name

__all__ = ["TOKEN", "Lexer"]

_SKIP = r"(?:[ \t\n\r]++|;;[^\n\r]*+)*+"
_OPENERS = "|".join(sorted([*STRUCTURE, *LINKING, *PROPOSED, *SCRIPT], key=len, reverse=True))

#: The next token behind white space, as group 1, empty at the end of the text. Possessive, or
#: `0$"l"` would be split in two.
TOKEN = re.compile(
    rf'{_SKIP}(\)|\((?:{_SKIP}(?:{_OPENERS})(?![{ID_CHARS}"]))?+|(?:[{ID_CHARS}]++|{STRING})++|.|\Z)',
    re.DOTALL,
)

_NAT = r"(?:0x[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|[0-9]+(?:_[0-9]+)*)"
_NUM = r"[0-9]+(?:_[0-9]+)*"
_HEX = r"[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*"
_NUMBER = re.compile(
    rf"(?P<NAT>{_NAT})|(?P<INT>[+-]{_NAT})"
    rf"|(?P<FLOAT>[+-]?(?:inf|nan(?::0x{_HEX})?"
    rf"|0x{_HEX}(?:\.(?:{_HEX})?)?(?:[pP][+-]?{_NUM})?|{_NUM}(?:\.(?:{_NUM})?)?(?:[eE][+-]?{_NUM})?))"
    rf"|(?P<OFFSET_EQ>offset={_NAT})|(?P<ALIGN_EQ>align={_NAT})"
)
_ONE_STRING = re.compile(STRING)
_STRING_ID = re.compile(rf"\${STRING}")


class Lexer:
    """The tokens of one text.

    `text` is the source without block comments and annotations, `annotations` are those that mean
    something, `kinds` the terminals of the words met so far. Making one raises MalformedError where
    comments or annotations are malformed.
    """

    def __init__(self, source: Source, features: Features, script: bool = False) -> None:
        self.source = source
        self.features = features
        self.script = script
        self.annotations: list[Annotation] = []
        self.text = blank(source, source.text or "", self.annotations)
        self.kinds = dict(vocabulary(features, script))

    def classify(self, word: str, at: int) -> tuple[str, str]:
        """The terminal of a word that is not in `kinds`, and the word as it shall be read.

        Raises MalformedError for what is not a token, UnbuiltError for words of unbuilt features.
        """
        first = word[0]
        if first == '"':
            if not _ONE_STRING.fullmatch(word):
                raise self._not_a_token(word, at)
            return "STRING", word
        if first == "$":
            return self._identifier(word, at)
        if first == "(":  # white space or a comment stands between "(" and the keyword
            opener = "(" + re.split(r"[\s(]", word)[-1]
            if opener in self.kinds:
                return self.kinds[opener], opener
            if opener[1:] in LINKING:
                what = "aliases" if opener == "(alias" else "instances"
                extra: dict[str, Any] = {"feature": "module-linking"}
                span = Span(at, at + len(word))
                raise messages.linking_off(span, self.source, what=what, extra=extra)
            if opener[1:] in PROPOSED:
                raise self._not_a_token(opener[1:], at + len(word) - len(opener) + 1)
            return "KEYWORD", opener
        number = _NUMBER.fullmatch(word)
        if number is None:
            raise self._not_a_token(word, at)
        kind = number.lastgroup
        assert kind is not None
        self.kinds[word] = kind
        return kind, word

    def _identifier(self, word: str, at: int) -> tuple[str, str]:
        if '"' not in word:
            if word == "$":
                raise messages.empty_identifier(at, self.source)
            self.kinds[word] = "ID"
            return "ID", word
        if not _STRING_ID.fullmatch(word):
            raise self._not_a_token(word, at)
        name = decode_name(word[1:], at + 1, self.source)
        if not name:
            raise messages.empty_identifier(Span(at, at + len(word)), self.source)
        return "ID", f"${name}"

    def _not_a_token(self, word: str, at: int) -> Exception:
        source, span = self.source, Span(at, at + len(word))
        if len(word) == 1 and not re.match(rf"[{ID_CHARS},;\[\]{{}}]", word):
            if word == '"':
                return broken_string(source, self.text, at)
            return illegal_character(source, at, word)
        if '"' in word:
            return messages.unseparated(span, source, word=word)
        feature = unbuilt_feature(word, self.features)
        if feature is not None:
            what = UNBUILT[feature]
            return messages.unbuilt(span, source, word=word, what=what, extra={"feature": feature})
        proposal = proposal_of(word)
        if proposal is not None:
            extra: dict[str, Any] = {"feature": proposal}
            return messages.proposal_off(span, source, word=word, proposal=proposal, extra=extra)
        return messages.unknown_operator(span, source, word=word, help=self._advice(word))

    def _advice(self, word: str) -> str | None:
        """What the writer of an unknown word most likely wanted."""
        today = obsolete_mnemonics().get(word) or OBSOLETE_TYPES.get(word)
        if today:
            return f"{word} is an old spelling: write {today} (--dialect legacy takes both)"
        if set(word) == {"."}:
            return f"`{word}` is a placeholder: write out what stands here"
        if word in ",;[]{}":
            return "spaces alone separate what stands side by side; only ( and ) enclose"
        if word[0].isdigit():
            return "no number looks like this; hexadecimal ones begin with 0x"
        if not word[0].isalpha():
            return None
        known = [w for w in vocabulary(self.features, self.script) if w[0] != "("]
        longer = [w for w in known if w.startswith(word)]
        found = min(longer, key=len) if longer else nearest(word, known)
        return f"did you mean {found}?" if found else None
