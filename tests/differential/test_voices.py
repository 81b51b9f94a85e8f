"""Generated programs: both tiers of watloom, and wasmtime where it is installed, must agree.

A failure names the seed and both outcomes; `tests/differential/README.md` says how to go on.
"""

import pytest

from differential.compare import judge
from differential.drills import DRILLS, drill
from differential.families import ALWAYS, DEFAULT, ONLY_WATLOOM, PROPOSED
from differential.findings import text_of
from differential.fuel import fuel_of
from differential.program import generate
from differential.voices import Voice, voices

CHUNKS = 12
PROGRAMS = 120  # in a chunk


@pytest.fixture(scope="module")
def choir() -> list[Voice]:
    return voices()


def check(seed: int, choir: list[Voice], families: frozenset[str] = DEFAULT) -> None:
    program = generate(seed, families)
    for fuel in (None, fuel_of(seed)):
        difference = judge(program, choir, fuel)
        if difference is not None:
            command = f"python -m differential --seed {seed} --count 1"
            pytest.fail(f"{command}\n{difference}\n\n{text_of(program, difference)}")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_all_voices_agree(chunk: int, choir: list[Voice]) -> None:
    for seed in range(chunk * 1_000_000, chunk * 1_000_000 + PROGRAMS):
        check(seed, choir)


def test_the_tiers_agree_on_what_only_watloom_has(choir: list[Voice]) -> None:
    for seed in range(100):
        check(seed, choir, DEFAULT | ONLY_WATLOOM)


def test_the_tiers_agree_on_control_that_python_cannot_nest(
    choir: list[Voice], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every function as a loop over numbered blocks."""
    monkeypatch.setattr("watloom.interp.compile.structure._LOOPS", -1)
    for seed in range(500, 600):
        check(seed, choir[:2], DEFAULT | {"legacy-exceptions"})
    for seed in range(24):
        assert judge(drill(seed), choir[:2]) is None


@pytest.mark.parametrize("kind", range(len(DRILLS)))
def test_all_voices_agree_on_drills(kind: int, choir: list[Voice]) -> None:
    """Those that other engines lack the proposals for: the tiers do."""
    for round_ in range(8):
        program = drill(round_ * len(DRILLS) + kind)
        difference = judge(program, choir)
        assert difference is None, text_of(program, difference)


@pytest.mark.parametrize("family", sorted(PROPOSED))
def test_all_voices_agree_on_a_proposal(family: str, choir: list[Voice]) -> None:
    """Dense in the proposal, then among everything else."""
    for seed in range(60):
        check(seed, choir, ALWAYS | {family, "memory", "traps"})
        check(seed, choir, DEFAULT | {family})


def test_wasmtime_is_heard() -> None:
    pytest.importorskip("wasmtime")
    assert [voice.name for voice in voices()] == ["reference", "fast", "wasmtime"]
