"""What to say about text that does not parse."""

from __future__ import annotations

from typing import Any

from watloom.interp.core.errors import MalformedError, Note
from watloom.interp.core.source import Span
from watloom.parser import ast, messages
from watloom.parser.lexer import TOKEN, Lexer
from watloom.parser.tables import END, Reduction, Row

__all__ = ["accepts", "advise", "syntax_error"]


def accepts(rows: list[Row]) -> set[str]:
    """The terminals that can really come next: those that survive the reductions they cause."""
    return {kind for kind in rows[-1] if kind.isupper() or kind == END if _is_accepted(rows, kind)}


def _is_accepted(rows: list[Row], kind: str) -> bool:
    base = len(rows)  # rows[:base] with `above` on top is the stack while trying
    above: list[Row] = []
    while True:
        row = above[-1] if above else rows[base - 1]
        action = row.get(kind)
        if action is None:
            return False
        if not isinstance(action, Reduction):
            return True
        keep = max(0, len(above) - action.size)
        base -= action.size - (len(above) - keep)
        del above[keep:]
        goto = (above[-1] if above else rows[base - 1])[action.left]
        assert not isinstance(goto, Reduction)
        above.append(goto)


def advise(error: MalformedError, word: str, row: Row) -> MalformedError:
    """Add what only the place of an unknown word tells."""
    if error.slug == "unknown-operator" and error.help is None and word[0].isalpha():
        if "STRING" in row:
            error.help = f'a string stands between quotes: write "{word}"'
        elif "ID" in row:
            error.help = f"names begin with $: write ${word}"
    return error


# ------------------------------------------------------------------ expected, in words

_WORDS = {
    "RPAR": '")"', "STRING": "a string", "ID": "a name", END: "the end of the text",
    **dict.fromkeys(("NAT", "INT", "FLOAT"), "a number"),
    **dict.fromkeys(("ITYPE", "FTYPE", "VTYPE", "LP_REF"), "a type"),
    **dict.fromkeys(("LPAR", "BLOCK", "TRY_TABLE", "TRY", "IF"), "an instruction"),
    **dict.fromkeys(("REFPAT", "REFVALUE"), "a reference"),
    **{word.upper(): word for word in ("func", "struct", "array", "null", "final", "declare")},
    **{word.upper(): word for word in ("outer", "else", "end", "definition", "instance")},
    **{word.upper(): word for word in ("catch", "catch_all", "delegate")},
    "HEAPWORD": "a heap type", "REFWORD": "a reference type", "PACKTYPE": "a type",
    "OFFSET_EQ": "offset=…", "ALIGN_EQ": "align=…", "BINARY": "binary", "QUOTE": "quote",
    "NANPAT": "nan:canonical", "SHAPE": "a shape such as i32x4",
}  # fmt: skip

_FIELDS = {
    "LP_TYPE", "LP_REC", "LP_IMPORT", "LP_FUNC", "LP_TABLE", "LP_MEMORY", "LP_GLOBAL", "LP_EXPORT",
    "LP_START", "LP_ELEM", "LP_DATA", "LP_TAG", "LP_ALIAS", "LP_INSTANCE", "LP_MODULE",
}  # fmt: skip


def in_words(kinds: set[str]) -> str:
    """What is expected, for people.

    >>> in_words({"RPAR", "ID", "LPAR", "OP", "OP_IDX"})
    'a name, an instruction or ")"'
    """
    words = set()
    kinds = set(kinds)
    if "ITYPE" in kinds and "FTYPE" in kinds:
        kinds -= {"REFWORD", "LP_REF", "PACKTYPE"}  # "a type" says it all
    if "LP_EITHER" in kinds:
        words.add("a result")
        kinds -= {"LP_EITHER", "LP_REF", "LPAR"}
    if len(kinds & _FIELDS) > 7:
        words.add("a field of the module")
        kinds -= _FIELDS
    if any(kind.startswith("LP_ASSERT") for kind in kinds):
        words.add("a command")
        kinds = {kind for kind in kinds if not kind.startswith("LP_")}
    for kind in kinds:
        if kind.startswith("LP_"):
            words.add(_WORDS.get(kind) or f'"({kind[3:].lower()}"')
        else:
            words.add(_WORDS.get(kind, "an instruction"))
    *most, last = sorted(words, key=lambda w: (w[0] in '"', w))
    return f"{', '.join(most)} or {last}" if most else last


# ------------------------------------------------------------------ the error


def syntax_error(
    lexer: Lexer,
    rows: list[Row],
    values: list[Any],
    kind: str,
    token: tuple[str, int],
) -> MalformedError:
    """The error for a token that cannot stand where it does."""
    source, (word, at) = lexer.source, token
    if kind == "LPAR":
        word = f"({_look_behind(lexer, at)}"
    known = set(lexer.kinds.values())  # a proposal that is off has no words
    expected = in_words({k for k in accepts(rows) if k[:3] != "LP_" or k in known})
    opened = _innermost(rows, values)
    if kind == END:
        assert opened is not None  # what is balanced is complete
        here = Span(max(len(lexer.text.rstrip()) - 1, 0))
        note = Note("opened here", Span(opened[1]), source)
        help = '")" is missing in it or behind it' if opened[0][0] == "(" else "`end` is missing"
        shown = f'"{opened[0]}"'
        return messages.unclosed_parenthesis(here, source, opened=shown, notes=[note], help=help)
    span = Span(at, at + len(word))
    if kind == "RPAR" and opened is None:
        return messages.surplus_parenthesis(span, source)
    shown = f'"{word}"' if not word.startswith('"') else word
    notes = (
        [Note(f'in the "{opened[0]}" that is opened here', Span(opened[1]), source)]
        if opened
        else []
    )
    help_ = _advice(kind, word, opened, rows)
    return messages.unexpected_token(
        span, source, word=shown, expected=expected, notes=notes, help=help_
    )


#: What leaves a "(" open, besides the terminals that begin with it.
_OPENING = {
    "LPAR", "fold_block", "fold_if", "fold_then", "fold_else", "fold_do", "fold_handled",
    "open_block", "open_if", "open_handled", "handled",
}  # fmt: skip


def _look_behind(lexer: Lexer, at: int) -> str:
    """The word behind a "(" that cannot stand where it does.

    It may tell why: where it is unknown, or not built, that is raised.
    """
    found = TOKEN.match(lexer.text, at + 1)
    if not found or not found[1]:
        return ""
    if found[1] not in lexer.kinds:
        lexer.classify(found[1], found.start(1))
    return found[1] if found.start(1) == at + 1 and found[1] not in "()" else ""


def _innermost(rows: list[Row], values: list[Any]) -> tuple[str, int] | None:
    """The last "(" or flat block that is still open: its word and its offset."""
    closed = 0  # what is closed already may still wait for its rule
    above: Any = None
    for row, value in zip(reversed(rows), reversed(values), strict=False):
        symbol = row.symbol
        if symbol in ("RPAR", "END"):
            closed += 1
        elif symbol in _OPENING or symbol.startswith("LP_"):
            if not closed:
                word, at = value
                return (f"({above.word}" if isinstance(above, ast.PlainNode) else word), at
            closed -= 1
        above = value
    return None


def _advice(kind: str, word: str, opened: tuple[str, int] | None, rows: list[Row]) -> str | None:
    within = opened[0] if opened else ""
    expected = accepts(rows)
    if kind == "LP_RESULT" and within == "(param":
        return 'close the "(param" first: results stand behind the parameters, not inside them'
    if within in ("", "(module") and (
        kind.startswith("OP") or kind in ("LPAR", "BLOCK", "TRY_TABLE", "IF", "ELSE", "END")
    ):
        return "an instruction stands outside of any function: is a function closed too early?"
    if kind == "LP_PARAM" and "LP_RESULT" in expected:
        return "parameters come before results"
    if kind == "LP_IMPORT" and "LP_RESULT" in expected:
        return "an inline import comes before the parameters and results"
    if kind == "LP_LOCAL" and within == "(func":
        return "locals come before the first instruction"
    if kind == "RPAR" and "END" in expected and within[:1] != "(":
        return f"`end` is missing: a flat `{within}` ends with it"
    if kind in ("END", "ELSE") and within[:1] == "(":
        return f'"{within}" ends with its ")"; `{word}` belongs to blocks without parentheses'
    if "LP_THEN" in expected:
        return 'behind its condition, "(if" has "(then …)" and perhaps "(else …)"'
    if word == "mut" and "LP_MUT" in expected:
        return "what is mutable stands in parentheses, as in (mut i32)"
    if kind == "ID" and within in ("(param", "(local", "(field"):
        return f'a name stands in a "{within}" of its own, as in {within} $x i32)'
    if kind in _FIELDS and kind != "LP_TYPE" and opened and within != "(module":
        return f'is a ")" missing before it? The "{within}" is still open'
    if kind == "LP_MODULE" and not within:
        return "a .wat file holds one module; several make a test script, a .wast file"
    return None
