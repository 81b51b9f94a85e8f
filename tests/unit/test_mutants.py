"""Damaged samples: whatever is done to a program, only the project's own errors come out.

20,000 mutants of all `.wat` files under samples, seeded, in two kinds: the text damaged character
by character, and its structure damaged (an expression or a word dropped, doubled, swapped or
replaced). What still validates is instantiated and every export called, with little fuel.
"""

import random
import re
import time
from pathlib import Path

import pytest

import watloom
from watloom import Limits, Store, WatloomError
from watloom.interp.core.types import (
    DefType,
    ExternType,
    GlobalType,
    InstanceType,
    MemType,
    RefType,
    TableType,
)

SAMPLES = sorted((Path(__file__).parents[2] / "samples").rglob("*.wat"))
BATCHES, PER_BATCH = 20, 1000
SECONDS_EACH = 10.0

LIMITS = Limits(fuel=2_000, memory=1 << 22, table=10_000, depth=100, seconds=2.0)
TOKEN = re.compile(r';;.*|"(?:[^"\\]|\\.)*"|[()]|[^\s()";]+')


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


def stand_in(t: ExternType, store: Store) -> object:
    """Something of a type, to be imported."""
    match t:
        case DefType():
            results = tuple(None if isinstance(r, RefType) else 0 for r in t.func.results)
            return lambda *_: results[0] if len(results) == 1 else (results or None)
        case MemType():
            return watloom.Memory(t, store=store)
        case TableType():
            return watloom.Table(t, store=store)
        case GlobalType():
            value = None if isinstance(t.type, RefType) else 0
            return watloom.Global(t, value, store=store)
        case InstanceType():
            return {name: stand_in(inner, store) for name, inner in t.exports.items()}
    return watloom.Module("(module)")


def run(text: str) -> str:
    """How far a mutant gets."""
    stage = "front end"
    try:
        module = watloom.Module(text, name="mutant.wat")
        stage = "valid"
        store = Store(limits=LIMITS)
        imports = {name: stand_in(t, store) for name, t in module.imports.items()}
        instance = watloom.instantiate(module, imports, store=store)
        stage = "ran"
        for name, export in instance.exports.items():
            if callable(export):
                arguments = [None if "ref" in str(t) else 1 for t in export.type.func.params]
                try:
                    instance.start(name, *arguments).run_to_end()
                except WatloomError as error:
                    error.render()
    except WatloomError as error:
        error.render()
    return stage


@pytest.mark.parametrize("seed", range(BATCHES))
def test_only_our_own_errors(seed: int) -> None:
    texts = [path.read_text() for path in SAMPLES]
    words = sorted({t[a:b] for t in texts for a, b in token_spans(t)})
    rng = random.Random(seed)
    damage = damage_characters if seed % 2 else damage_structure
    reached: dict[str, int] = {}
    for i in range(PER_BATCH):
        mutant = damage(rng.choice(texts), rng, words)
        began = time.monotonic()
        try:
            stage = run(mutant)
        except Exception as error:
            raise AssertionError(f"seed {seed}, mutant {i}: {error!r}\n{mutant}") from error
        assert time.monotonic() - began < SECONDS_EACH, f"seed {seed}, mutant {i} took too long"
        reached[stage] = reached.get(stage, 0) + 1
    assert reached["front end"] > PER_BATCH // 10  # the damage does damage
    assert reached["ran"] > PER_BATCH // 50  # and does not always
