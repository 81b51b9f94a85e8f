"""Lowering: what a module and its nested modules do, one standard module does in any engine.

Each program runs four times: linked (in both tiers), lowered, and lowered in wasmtime. `log` is a
host function, so that the order of start functions shows.
"""

from __future__ import annotations

import pytest

import watloom
from linked_programs import PROGRAMS, as_list, linked
from watloom.interp.core.features import WASM3
from watloom.interp.core.module import Kind
from watloom.interp.link.linker import Linker
from watloom.interp.link.lower import lower
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module


def lowered(text: str, target: str = "3.0") -> bytes:
    return encode_module(lower(watloom.Module(text), Linker(), target))


def in_wasmtime(data: bytes) -> tuple[object, list[int]]:
    wasmtime = pytest.importorskip("wasmtime")
    config = wasmtime.Config()
    config.wasm_function_references = True
    config.wasm_gc = True
    config.wasm_exceptions = True
    config.wasm_multi_memory = True
    store = wasmtime.Store(wasmtime.Engine(config))
    linker = wasmtime.Linker(store.engine)
    log: list[int] = []
    linker.define_func("host", "log", wasmtime.FuncType([wasmtime.ValType.i32()], []), log.append)
    instance = linker.instantiate(store, wasmtime.Module(store.engine, data))
    return as_list(instance.exports(store)["run"](store)), log


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    text, results, log = PROGRAMS[name]
    assert linked(text, "fast") == (results, log)
    assert linked(text, "reference") == (results, log)
    data = lowered(text)
    standard = watloom.Module(data, features=WASM3)
    seen: list[int] = []
    instance = watloom.instantiate(standard, {"host": {"log": seen.append}})
    assert (as_list(instance.exports.run()), seen) == (results, log)
    assert in_wasmtime(data) == (results, log)


@pytest.mark.parametrize("name", PROGRAMS)
def test_text_of_the_result(name):
    """Lowered to text it is the same module; lowered once more it can only lose unused types."""
    flat = lower(watloom.Module(PROGRAMS[name][0]))
    again = watloom.Module(print_module(flat), features=WASM3)
    assert encode_module(again.valid.module) == encode_module(flat)
    assert len(encode_module(lower(again))) <= len(encode_module(flat))


def test_mvp():
    """One memory and numbers: the first release can run it."""
    text = """(module
      (module $M (memory (export "m") 1) (data (i32.const 3) "A"))
      (instance $m (instantiate $M))
      (module $A
        (import "m" (memory 1))
        (global $at i32 (i32.const 3))
        (func (export "get") (result i32) (i32.load8_u (global.get $at))))
      (instance $a (instantiate $A (import "m" (memory $m "m"))))
      (func (export "run") (result i32) (call (func $a "get"))))"""
    data = lowered(text, "mvp")
    assert in_wasmtime(data) == ([65], [])
    assert data == lowered(text)


def test_names_say_which_instance():
    flat = lower(watloom.Module(PROGRAMS["state of its own for each instance"][0]))
    assert list(flat.names.spaces[Kind.FUNC].values()) == ["a.next", "b.next", "run"]
