"""Untyped host functions give back all kinds of things: both tiers take and refuse the same."""

from typing import Any

import pytest

import watloom
from watloom.interp.core.types import FUNCREF
from watloom.interp.runtime.store import Tier

VALUES: list[Any] = [
    None, 0, 1, -1, True, 0x7FFF_FFFF, 0x8000_0000, -0x8000_0000, -0x8000_0001, 0xFFFF_FFFF,
    1 << 32, -(1 << 63), -(1 << 63) - 1, (1 << 64) - 1, 1 << 64, 1.5, 0.1, -0.0, float("inf"),
    "text", b"", bytes(range(16)), (), (3,), [4], (1, 2), [1, 2.5], (1, 2, 3), object,
]  # fmt: skip

RESULTS = ["", "i32", "i64", "f32", "f64", "v128", "externref", "i32 i32", "i32 f64"]


def answers(tier: Tier, results: str) -> list[str]:
    given: list[Any] = []
    result = f"(result {results})" if results else ""
    instance = watloom.instantiate(
        f"""(module (import "h" "f" (func $f {result}))
          (func (export "f") {result} (call $f)))""",
        {"h": {"f": lambda: given[-1]}},
        store=watloom.Store(tier=tier),
    )
    found = []
    for value in VALUES:
        given.append(value)
        try:
            found.append(repr(instance.exports.f()))
        except watloom.HostValueError as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize("results", RESULTS)
def test_results(results: str) -> None:
    fast, reference = answers("fast", results), answers("reference", results)
    assert fast == reference
    assert len(set(fast)) > 2


@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_arguments(tier: Tier) -> None:
    seen: list[Any] = []
    instance = watloom.instantiate(
        """(module
          (import "h" "f" (func $f (param i32 i64 f32 f64 v128 externref funcref i31ref)))
          (elem declare func $run)
          (func $run (export "run") (param externref)
            (call $f (i32.const -1) (i64.const 0x8000000000000000) (f32.const 0.1) (f64.const -0)
              (v128.const i64x2 1 2) (local.get 0) (ref.func $run) (ref.i31 (i32.const -5)))))""",
        {"h": {"f": lambda *given: seen.extend(given)}},
        store=watloom.Store(tier=tier),
    )
    instance.exports.run(seen)
    *numbers, vector, extern, func, small = seen
    assert repr(numbers) == "[-1, -9223372036854775808, 0.10000000149011612, -0.0]"
    assert vector == (1).to_bytes(8, "little") + (2).to_bytes(8, "little")
    assert extern is seen and func is instance.exports.run and small == -5
    assert str(func.type) == "(func (param externref))" and FUNCREF.nullable


@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_what_it_raises(tier: Tier) -> None:
    tag = watloom.Tag(watloom.FuncType())
    raised: list[BaseException] = [watloom.WasmException(tag), IndexError("own"), TypeError("own")]
    raised += [ZeroDivisionError("own"), KeyboardInterrupt()]

    def fails() -> None:
        raise raised[0]

    instance = watloom.instantiate(
        '(module (import "h" "f" (func $f)) (func (export "f") (call $f)))',
        {"h": {"f": fails}},
        store=watloom.Store(tier=tier),
    )
    while raised:
        with pytest.raises(type(raised[0])) as caught:
            instance.exports.f()
        assert caught.value is raised.pop(0)
