"""`struct_table` and `bind_table`: handles, for modules that have no references."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mvp_engine
import watloom
from table_forms import REFERENCES, TABLES
from watloom.interp.core.features import WASM3
from watloom.interp.link.lower import lower
from watloom.parser.encode import encode_module
from watloom.stdlib.bind_table import bind_table

WAT = Path(watloom.__file__).parent / "stdlib" / "wat"

STRUCTS = """(module
  (import "struct_table" "create" (func (param i32) (result i32)))
  (import "struct_table" "set" (func (param i32 i32 i32)))
  (import "struct_table" "get" (func (param i32 i32) (result i32)))
  (import "struct_table" "length" (func (param i32) (result i32)))
  (import "struct_table" "free" (func (param i32)))
  (export "create" (func 0)) (export "set" (func 1)) (export "get" (func 2))
  (export "length" (func 3)) (export "free" (func 4)))"""

BINDS = """(module
  (import "bind_table" "table" (table 320 funcref))
  (import "bind_table" "bind" (func (param i32 i32) (result i32)))
  (import "bind_table" "call" (func (param i32 i32 i32) (result i32)))
  (import "bind_table" "index" (func (param i32) (result i32)))
  (import "bind_table" "free" (func (param i32)))
  (type $bound (func (param i32 i32) (result i32)))
  (elem (i32.const 64) $sum $wrong)
  (func $sum (param i32 i32 i32) (result i32)
    (i32.add (i32.mul (local.get 0) (i32.const 100))
      (i32.sub (local.get 1) (local.get 2))))
  (func $wrong)
  (func (export "at") (param i32 i32 i32) (result i32)
    (call_indirect (type $bound) (local.get 0) (local.get 1) (local.get 2)))
  (export "bind" (func 0)) (export "call" (func 1)) (export "index" (func 2))
  (export "free" (func 3)))"""

in_both_tiers = pytest.mark.usefixtures("in_both_tiers")


@pytest.fixture
def structs() -> Any:
    return watloom.instantiate(STRUCTS).exports


@pytest.fixture
def binds() -> Any:
    return watloom.instantiate(BINDS).exports


# ------------------------------------------------------------------ structs


@in_both_tiers
def test_structs_have_fields(structs):
    a, b = structs.create(3), structs.create(1)
    structs.set(a, 0, 7)
    structs.set(a, 2, -1)
    structs.set(b, 0, a)
    assert [structs.get(a, i) for i in range(3)] == [7, 0, -1]
    assert structs.get(structs.get(b, 0), 0) == 7
    assert (structs.length(a), structs.length(b), structs.length(structs.create(0))) == (3, 1, 0)


@in_both_tiers
@pytest.mark.parametrize(
    ("handle", "field"),
    [
        (4096, 2),  # a field behind the last
        (4096, -1),
        (0, 0),  # null
        (4097, 0),  # a slot that was never used
        (8191, 0),  # the last slot
        (8192, 0),  # a generation that is not there yet
        (-4096, 0),  # the last generation
        (1, 0),
    ],
)
def test_other_handles_and_fields_trap(structs, handle, field):
    assert structs.create(2) == 4096
    for call in (lambda: structs.get(handle, field), lambda: structs.set(handle, field, 1)):
        with pytest.raises(watloom.Trap, match="unreachable"):
            call()
    assert [structs.get(4096, i) for i in range(2)] == [0, 0]


@in_both_tiers
def test_a_stale_handle_stays_stale(structs):
    old = structs.create(2)
    structs.set(old, 1, 5)
    structs.free(old)
    new = structs.create(2)
    assert new & 0xFFF == old & 0xFFF
    assert new != old
    assert structs.get(new, 1) == 0
    for call in (structs.length, structs.free):
        with pytest.raises(watloom.Trap):
            call(old)
    with pytest.raises(watloom.Trap):
        structs.get(old, 0)
    structs.free(new)
    with pytest.raises(watloom.Trap):
        structs.free(new)


@in_both_tiers
def test_a_live_handle_can_be_guessed(structs):
    """Said in its head, and so: whoever tries a few thousand numbers finds every struct."""
    secret = structs.create(1)
    structs.set(secret, 0, 1234)
    guest = watloom.instantiate(
        """(module (import "t" "get" (func $get (param i32 i32) (result i32)))
          (func (export "guess") (result i32) (call $get (i32.const 4096) (i32.const 0))))""",
        {"t": {"get": structs.get}},
    )
    assert guest.exports.guess() == 1234


@in_both_tiers
def test_slots_and_sizes_end(structs):
    with pytest.raises(watloom.Trap):
        structs.create(10_001)
    handles = [structs.create(1) for _ in range(4096)]
    assert len(set(handles)) == 4096
    with pytest.raises(watloom.Trap):
        structs.create(1)
    structs.free(handles[17])
    assert structs.create(1) == handles[17] + 4096


@in_both_tiers
def test_memory_is_used_again():
    store = watloom.Store(limits=watloom.Limits(memory=2 << 16))
    structs = watloom.instantiate(STRUCTS, store=store).exports
    for count in (10_000, 9_000, 10_000):
        handle = structs.create(count)
        structs.set(handle, count - 1, 1)
        structs.free(handle)
    large = [structs.create(10_000)]
    with pytest.raises(watloom.Trap):
        large.append(structs.create(10_000))
    assert structs.get(large[0], 9_999) == 0


# ------------------------------------------------------------------ bound functions


@in_both_tiers
def test_bound_functions_are_called(binds):
    a, b = binds.bind(64, 1), binds.bind(64, 2)
    assert binds.call(a, 9, 4) == 105
    assert binds.call(b, 9, 4) == 205
    assert binds.at(9, 4, binds.index(a)) == 105


@in_both_tiers
def test_a_stale_binding_stays_stale(binds):
    old = binds.bind(64, 1)
    index = binds.index(old)
    binds.free(old)
    with pytest.raises(watloom.Trap):
        binds.at(0, 0, index)  # the trampoline is free
    new = binds.bind(64, 2)
    assert binds.index(new) == index
    for call in (lambda: binds.call(old, 0, 0), lambda: binds.index(old), lambda: binds.free(old)):
        with pytest.raises(watloom.Trap):
            call()
    assert binds.at(0, 0, index) == 200  # an index has no generation


@in_both_tiers
@pytest.mark.parametrize("handle", [0, 1, 4097, 4096 + 64, 8191, -1, 8192])
def test_other_bindings_trap(binds, handle):
    assert binds.bind(64, 1) == 4096
    with pytest.raises(watloom.Trap):
        binds.call(handle, 0, 0)
    assert binds.call(4096, 0, 0) == 100  # and that could be guessed


@in_both_tiers
def test_the_pool_ends(binds):
    handles = [binds.bind(64, n) for n in range(64)]
    assert [binds.call(h, 0, 0) for h in handles] == [100 * n for n in range(64)]
    with pytest.raises(watloom.Trap):
        binds.bind(64, 64)
    binds.free(handles[5])
    assert binds.call(binds.bind(64, 7), 1, 0) == 701


@in_both_tiers
@pytest.mark.parametrize("index", [65, 66, 1000])
def test_what_is_bound_is_checked_when_it_is_called(binds, index):
    handle = binds.bind(index, 0)  # of another type, null, behind the end
    with pytest.raises(watloom.Trap):
        binds.call(handle, 0, 0)


@in_both_tiers
def test_another_signature():
    linker = watloom.Linker()
    text = bind_table(("i64", "f32", "f64"), ("f64",), bound=2, count=2)
    linker.define("bind", linker.instantiate(watloom.Module(text)))
    guest = linker.instantiate(
        watloom.Module(
            """(module
              (import "bind" "table" (table 3 funcref))
              (import "bind" "bind" (func $bind (param i32 i64 f32) (result i32)))
              (import "bind" "call" (func $call (param i32 f64) (result f64)))
              (elem (i32.const 2) $f)
              (func $f (param i64 f32 f64) (result f64)
                (f64.add (f64.convert_i64_s (local.get 0))
                  (f64.mul (f64.promote_f32 (local.get 1)) (local.get 2))))
              (func (export "run") (param i64 f32 f64) (result f64)
                (call $call
                  (call $bind (i32.const 2) (local.get 0) (local.get 1))
                  (local.get 2))))"""
        )
    ).exports
    assert guest.run(-3, 0.5, 8.0) == 1.0
    assert guest.run(1 << 40, 2.0, 1.0) == (1 << 40) + 2
    with pytest.raises(watloom.Trap):
        guest.run(0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("params", "options"),
    [
        ((), {}),
        (("i32",), {"bound": 2}),
        (("i32",), {"bound": 0}),
        (("i32",), {"count": 5000}),
        (("funcref",), {}),
        (("i32",), {"results": ("i32", "i32")}),
    ],
)
def test_signatures_that_cannot_be(params, options):
    with pytest.raises(ValueError):
        bind_table(params, **options)


# ------------------------------------------------------------------ both, and elsewhere


def binary(name: str) -> bytes:
    module = watloom.Module.from_file(WAT / f"{name}.wat", features=WASM3)
    return encode_module(module.valid.module)


def test_the_file_is_what_is_written():
    written = bind_table(("i32", "i32", "i32"), ("i32",))
    assert (WAT / "bind_table.wat").read_text(encoding="utf-8") == written


EXPECTED = [1, 8, 111, 9]


@pytest.mark.parametrize("tier", ["fast", "reference"])
@pytest.mark.parametrize("program", [REFERENCES, TABLES], ids=["references", "tables"])
def test_both_forms_say_the_same(program, tier):
    log: list[int] = []
    store = watloom.Store(tier=tier)
    guest = watloom.instantiate(program, {"host": {"log": log.append}}, store=store)
    guest.exports.run()
    assert log == EXPECTED


@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_the_lowered_form_says_the_same(tier):
    log: list[int] = []
    data = encode_module(lower(watloom.Module(REFERENCES), target="mvp"))
    store = watloom.Store(tier=tier)
    module = watloom.Module(data, features=WASM3)
    watloom.instantiate(module, {"host": {"log": log.append}}, store=store).exports.run()
    assert log == EXPECTED


def test_both_forms_in_another_engine():
    """Every proposal is off: the two files and what uses them are of WebAssembly 1.0."""
    wasmtime = pytest.importorskip("wasmtime")
    log: list[int] = []
    lowered = encode_module(lower(watloom.Module(REFERENCES), target="mvp"))
    mvp_engine.instance(lowered, log.append)("run")
    assert log == EXPECTED
    others = {name: binary(name) for name in ("struct_table", "bind_table")}
    program = encode_module(watloom.Module(TABLES, features=WASM3).valid.module)
    call = mvp_engine.instance(program, log.append, others=others)
    call("run")
    assert log == EXPECTED * 2
    for name in ("stale_struct", "stale_binding"):
        with pytest.raises(wasmtime.Trap):
            call(name)
    call = mvp_engine.instance(program, log.append, others=others)
    assert call("generations") == 4096 + 1, "the first slot is used up, the second begins"
