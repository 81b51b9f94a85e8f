"""Python's own tools see compiled functions: tracebacks, linecache, pdb."""

import linecache
import subprocess
import sys
import traceback

import pytest

import watloom

TEXT = """(module $shop
  (import "host" "price" (func $price (param i32) (result i32)))
  (func $total (export "total") (param $count i32) (result i32)
    (i32.mul (local.get $count)
      (call $price (local.get $count)))))"""


def fail(_: int) -> int:
    raise LookupError("no price")


def test_a_traceback_shows_the_source_also_after_caches_are_checked() -> None:
    store = watloom.Store(tier="fast")
    instance = watloom.instantiate(TEXT, {"host": {"price": fail}}, store=store)
    with pytest.raises(LookupError) as caught:
        instance.exports.total(3)
    linecache.checkcache()
    text = "".join(traceback.format_exception(caught.value))
    assert "shop total>" in text
    assert "in f1_total" in text and "f0_price(count_)" in text


def test_a_trap_s_traceback_goes_through_the_compiled_function() -> None:
    store = watloom.Store(tier="fast")
    text = """(module (func $divide (export "f") (param $n i32) (result i32)
      (i32.div_u (i32.const 1) (local.get $n))))"""
    with pytest.raises(watloom.Trap) as caught:
        watloom.instantiate(text, store=store).exports.f(0)
    shown = "".join(traceback.format_exception(caught.value))
    assert "in f0_divide" in shown and "return 1 // n_" in shown


PROGRAM = """
import pdb, watloom
def price(n):
    pdb.set_trace()
    return n
store = watloom.Store(tier="fast")
instance = watloom.instantiate({text!r}, {{"host": {{"price": price}}}}, store=store)
print(instance.exports.total(6))
"""


def test_pdb_lists_a_compiled_function_and_its_variables() -> None:
    up = "\n".join(["up\nlist\np count_"] * 6)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(text=TEXT)],
        input=f"where\n{up}\ncontinue\n",
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert "f1_total()" in done.stdout
    assert "def f1_total(count_):" in done.stdout
    assert "(Pdb) 6" in done.stdout.splitlines()
    assert done.stdout.splitlines()[-1].endswith("36"), done.stdout
