"""What Python has no memory for is a limit, or a trap where the guest asked: no MemoryError."""

from types import SimpleNamespace
from typing import Any

import pytest

import watloom

ENORMOUS = 1 << 60  # entries: more bytes than any list may have, so nothing is tried


@pytest.mark.parametrize("entries", [ENORMOUS, (1 << 64) - 1])
def test_a_table_that_is_too_large_for_the_machine(entries: int) -> None:
    store = watloom.Store(limits=watloom.Limits(table=1 << 64))
    with pytest.raises(watloom.LimitError, match=f"a table of {entries} entries cannot be had"):
        watloom.instantiate(f"(module (table i64 {entries} funcref))", store=store)


@pytest.mark.parametrize("tier", ["reference", "fast"])
@pytest.mark.parametrize("entries", [ENORMOUS, (1 << 63)])
def test_a_table_that_cannot_grow_here(tier: Any, entries: int) -> None:
    store = watloom.Store(tier=tier, limits=watloom.Limits(table=1 << 65))
    text = """(module (table $t i64 1 funcref)
      (func (export "grow") (param i64) (result i64)
        (table.grow $t (ref.null func) (local.get 0))))"""
    assert watloom.instantiate(text, store=store).exports.grow(entries) == -1


def test_an_array_that_is_too_large_for_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watloom.interp.machine.operations.MAX_ELEMENTS", ENORMOUS)
    machine: Any = SimpleNamespace(store=watloom.Store())
    with pytest.raises(watloom.Trap, match="allocation size too large"):
        watloom.Machine.array(machine, None, ENORMOUS)  # type: ignore[arg-type]
