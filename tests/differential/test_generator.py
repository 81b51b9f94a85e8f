"""What the generator makes: always the same, all of the instruction set, seldom a trap at once."""

import re
from collections import Counter

import pytest

from differential.constants import CORNERS, const
from differential.drills import DRILLS, drill
from differential.families import ALWAYS, DEFAULT, FAMILIES, ONLY_WATLOOM, PROPOSED, PURE
from differential.forms import FEATURES
from differential.outcome import Ended, Returned
from differential.program import generate
from differential.voices.watloom_tier import Tier
from watloom.interp.isa import op_table
from watloom.interp.isa.threads import PROPOSAL


def test_a_seed_is_a_program() -> None:
    assert generate(3) == generate(3)
    assert generate(3).text != generate(4).text


def test_programs_of_the_first_seeds_use_every_instruction() -> None:
    used: set[str] = set()
    for seed in range(600):
        families = DEFAULT | ONLY_WATLOOM | PROPOSED
        used |= set(re.findall(r"[(]([a-z0-9_.]+)", generate(seed, families).text))
    missing = op_table(FEATURES).by_mnemonic.keys() - used - {"else", "end"}
    assert not missing


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_family_alone_makes_programs(family: str) -> None:
    """With what it needs: nothing but integers."""
    for seed in range(5):
        program = generate(seed, {family})
        outcome = Tier("reference").run(program)
        assert outcome.worst is None, f"{outcome.worst}\n{program.text}"


@pytest.mark.parametrize("family", sorted(PURE.keys() - ALWAYS))
def test_a_family_that_is_off_does_not_occur(family: str) -> None:
    mnemonics = {op.mnemonic for op in PURE[family]}
    used: set[str] = set()
    for seed in range(30):
        used |= set(re.findall(r"[(]([a-z0-9_.]+)", generate(seed, DEFAULT - {family}).text))
    digest_needs = {"i64.extend_i32_u", "i64.extend_i32_s"}
    digest_needs |= {"i32.reinterpret_f32", "i64.reinterpret_f64"}
    # idioms and addresses are written with a few conversions of their own
    assert not used & mnemonics - digest_needs - {"f32.convert_i32_u", "f64.convert_i32_u"}


def test_most_calls_return() -> None:
    ends: Counter[str] = Counter()
    for seed in range(100):
        for label, event in Tier("reference").run(generate(seed)).events:
            if label.startswith("f") and isinstance(event, Ended | Returned):
                ends[type(event).__name__] += 1
    assert ends["Returned"] > 3 * ends["Ended"] > 0


@pytest.mark.parametrize("t", CORNERS)
def test_constants_are_what_their_bits_say(t: str) -> None:
    import watloom
    from differential.voices.watloom_tier import to_bits

    for bits in CORNERS[t]:
        module = f'(module (func (export "f") (result {t}) {const(t, bits)}))'
        assert to_bits(t, watloom.instantiate(module).exports.f()) == bits


def test_drills_take_every_instruction_in_turn() -> None:
    used: set[str] = set()
    for seed in range(9 * len(DRILLS)):
        used |= set(re.findall(r"[(]([a-z0-9_.]+)", drill(seed).text))
    wanted = {op.mnemonic for family in ("integer", "simd") for op in PURE[family]}
    wanted |= {op.mnemonic for op in PROPOSAL.ops if "access" in op.data}
    assert {name for name in wanted - used if not name.startswith("memory.")} == set()
