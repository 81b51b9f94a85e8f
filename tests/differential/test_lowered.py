"""Generated programs, lowered to the first release: they do what they did.

What cannot pass the boundary there (memories, tables, references, several results) is not exported;
traps are compared as such, their kinds being others.
"""

from __future__ import annotations

import re

import pytest

import watloom
from differential.families import DEFAULT
from differential.forms import FEATURES
from differential.outcome import Ended, Outcome
from differential.program import Program, generate
from differential.voices.watloom_tier import run_module
from watloom.interp.core.errors import LinkError
from watloom.interp.core.module import Export, Kind
from watloom.interp.core.source import Source
from watloom.interp.link.lower import lower
from watloom.parser.encode import encode_module
from watloom.parser.text import parse_module

#: Without what mvp has no form of, and without recursion that ends in an exhausted stack.
FAMILIES = {*DEFAULT, "func-bind"} - {
    "simd", "relaxed-simd", "memory64", "table64", "exceptions", "tail-call", "multi-memory",
    "exhaustion",
}  # fmt: skip

OTHERS = ("exhaustion", "limit", "hang", "crash", "exception", "rejected")


def without(program: Program, names: set[str]) -> watloom.Module:
    """The program without some of its exports."""
    module = parse_module(Source("program", text=program.text), FEATURES)
    module.exports = [e for e in module.exports if isinstance(e, Export) and e.name not in names]
    module.exports = [e for e in module.exports if e.kind not in (Kind.MEMORY, Kind.TABLE)]
    return watloom.Module(encode_module(module), features=FEATURES)


def both(program: Program) -> tuple[watloom.Module, watloom.Module]:
    """The program with what mvp can export, and the same lowered."""
    left_out: set[str] = set()
    while True:
        try:
            flat = lower(without(program, left_out), target="mvp", room=1 << 22)
            break
        except LinkError as error:
            found = re.search(r"the (?:export|global) `([^`]*)`", error.message)
            assert found is not None, error.message
            left_out.add(found[1])
    return without(program, left_out), watloom.Module(encode_module(flat), features=FEATURES)


def said(outcome: Outcome) -> list[tuple[str, object]]:
    """What came of it, all traps being one."""
    return [
        (label, "trap" if isinstance(event, Ended) and event.kind not in OTHERS else event)
        for label, event in outcome.events
    ]


@pytest.mark.parametrize("seed", range(40))
def test_program(seed):
    program = generate(seed, FAMILIES)
    plain, lowered = both(program)
    assert said(run_module(lowered, program, "fast", placed=False)) == said(
        run_module(plain, program, "fast", placed=False)
    )
