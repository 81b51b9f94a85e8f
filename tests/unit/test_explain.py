"""`watloom explain`: every instruction, and each example does what it says, in both executors."""

from typing import Any

import pytest

import watloom
from commandline import CommandLine, cli
from watloom.interp.core.numerics import simd
from watloom.interp.isa import ALL
from watloom.interp.isa.explain import Explanation, explain, mnemonics
from watloom.interp.isa.proposal import Proposal

__all__ = ["cli"]

_BITS = {"i32": 32, "i64": 64}


def shown(t: str, value: Any) -> str:
    """A result as examples have it."""
    if t == "v128":
        return f"v128 {simd.shown(int.from_bytes(value, 'little'))}"
    if t in _BITS:
        return f"{t} {value - (value >> (_BITS[t] - 1) << _BITS[t]) if value >= 0 else value}"
    return f"{t} {value!r}"


def outcome(e: Explanation, tier: str) -> str:
    store = watloom.Store(features=e.features, tier=tier)
    module = watloom.Module(e.module, features=e.features)
    example = watloom.instantiate(module, store=store).exports.example
    try:
        given = example()
    except watloom.Trap as trap:
        return f"trap {trap.message}"
    except watloom.WasmException:
        return "exception"
    values = given if isinstance(given, tuple) else () if given is None else (given,)
    types = map(str, example.type.func.results)
    return ", ".join(shown(t, v) for t, v in zip(types, values, strict=True)) or "nothing"


@pytest.mark.parametrize("mnemonic", mnemonics())
def test_the_example_gives_what_it_says(mnemonic: str) -> None:
    e = explain(mnemonic)
    assert mnemonic in e.code
    assert [outcome(e, tier) for tier in ("reference", "fast")] == [e.gives, e.gives]


@pytest.mark.parametrize("mnemonic", mnemonics())
def test_all_is_said(mnemonic: str) -> None:
    e = explain(mnemonic)
    assert e.syntax[0].split()[0] == mnemonic
    assert all(e.meaning)
    assert "->" in e.typing
    assert e.rule.url.startswith("https://")
    ops = [op for p in ALL for op in p.ops if op.mnemonic == mnemonic]
    assert [code[0] for code in e.opcodes] == [op.opcode[0] for op in ops]


def test_a_declaration_without_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match=r"i32\.odd has no docstring"):
        Proposal("odd").pure("i32.odd", 0xFF, "i32 -> i32")(lambda x: x & 1)
    with pytest.raises(ValueError, match=r"odd has no instruction i32\.even"):
        Proposal("odd").explain({"i32.even": ("[] -> []", "nop => nothing")})


@pytest.mark.parametrize(
    "name",
    ["i32.add", "i32.load8_s", "local.get", "ref.test", "br_table", "i32.atomic.rmw8.add_u",
     "table.copy", "delegate"],
)  # fmt: skip
def test_explain(name: str, golden: Any, cli: CommandLine) -> None:
    done = cli("explain", name)
    assert done.status == 0
    golden(done.out, f"explain/{name}.txt")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("i32.ad", "did you mean i32.add"),
        ("get_local", "an old spelling of local.get"),
        ("popcnt", "did you mean i32.popcnt, i64.popcnt, i8x16.popcnt?"),
        ("xyzzy", "there is no instruction 'xyzzy'"),
        ("then", "'then' is no instruction, but a part of some, such as if"),
        ("catch_all_ref", "a part of some, such as try_table"),
        ("I32.ADD", "names are lower case; did you mean i32.add?"),
        ("funcref", "'funcref' is a word of the text format, and no instruction"),
        ("", "name an instruction, such as i32.add"),
    ],
)
def test_unknown_names_have_near_matches(name: str, told: str, cli: CommandLine) -> None:
    done = cli("explain", name)
    assert done.status == 2
    assert told in done.err


def test_the_example_alone_runs(cli: CommandLine) -> None:
    example = cli("explain", "--example", "i64.add128").out
    done = cli("run", "--proposal", "+wide-arithmetic", "--invoke", "example", "-", stdin=example)
    assert (done.status, done.out) == (0, "9\n4\n")
