"""Damage to texts."""

import random
import re

__all__ = ["damage_characters", "damage_structure", "words_of"]

TOKEN = re.compile(r';;.*|"(?:[^"\\]|\\.)*"|[()]|[^\s()";]+')


def words_of(texts: list[str]) -> list[str]:
    """All words that occur."""
    return sorted({text[a:b] for text in texts for a, b in token_spans(text)})


def token_spans(text: str) -> list[tuple[int, int]]:
    return [m.span() for m in TOKEN.finditer(text) if not m.group().startswith(";;")]


def expression_at(text: str, spans: list[tuple[int, int]], i: int) -> tuple[int, int]:
    """The parenthesised expression that begins at token i, or the token alone."""
    if text[spans[i][0]] != "(":
        return spans[i]
    depth = 0
    for start, end in spans[i:]:
        depth += {"(": 1, ")": -1}.get(text[start:end], 0)
        if depth == 0:
            return spans[i][0], end
    return spans[i]


def damage_characters(text: str, rng: random.Random, _: list[str]) -> str:
    chars = list(text)
    for _i in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(chars))
        match rng.randrange(4):
            case 0:
                del chars[at]
            case 1:
                chars.insert(at, rng.choice('()"$;\\0x9az\0\u00e9\n.=_-@ '))
            case 2:
                chars[at] = chr(rng.choice((rng.randrange(32, 127), rng.randrange(0x3000))))
            case _:
                other = rng.randrange(len(chars))
                chars[at], chars[other] = chars[other], chars[at]
    return "".join(chars)


def kind_of(token: str) -> str:
    """Words of one kind can take each other's place and still be syntax."""
    if token[0] in '$"':
        return token[0]
    if token[0].isdigit() or token[0] in "+-":
        return "number"
    instruction = token.split(".")
    return instruction[-1] if len(instruction) > 1 else "keyword " + token


def damage_structure(text: str, rng: random.Random, words: list[str]) -> str:
    by_kind: dict[str, list[str]] = {}
    for word in words:
        by_kind.setdefault(kind_of(word), []).append(word)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        spans = token_spans(text)
        if not spans:
            return text
        a, b = expression_at(text, spans, rng.randrange(len(spans)))
        token = text[a:b]
        if token[0] != "(":
            numbers = ["0", "1", "-1", "4294967295", "0x10000000000000000", "nan", "65537"]
            choices = numbers if kind_of(token) == "number" else by_kind[kind_of(token)]
            text = text[:a] + rng.choice(choices if rng.random() < 0.9 else words) + text[b:]
            continue
        alike = [i for i, (c, _) in enumerate(spans) if text[c] == "("]
        c, d = expression_at(text, spans, rng.choice(alike))
        match rng.randrange(4):
            case 0:
                text = text[:a] + text[b:]
            case 1:
                text = text[:b] + " " + token + text[b:]
            case 2 if b <= c:
                text = text[:a] + text[c:d] + text[b:c] + token + text[d:]
            case _:
                text = text[:a] + text[c:d] + text[b:]
    return text
