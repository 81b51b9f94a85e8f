"""The commands `thread` and `wait` of test scripts (proposal threads)."""

import pytest

from watloom.interp.core.features import WASM3
from watloom.interp.runtime.store import Tier
from watloom.interp.script.report import Report
from watloom.interp.script.runner import run_text
from watloom.stdlib import library

MEMORY = """
(module $Mem (memory (export "shared") 1 1 shared)
  (func (export "plain")))
(register "mem" $Mem)
"""

# One thread waits for a message, the other one writes it and wakes the first.
PASSING = f"""{MEMORY}
(thread $reader (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "shared") 1 1 shared)
    (func (export "run") (result i32)
      (loop $again
        (if (i32.eqz (i32.atomic.load (i32.const 4)))
          (then (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))
                (br $again))))
      (i32.atomic.load (i32.const 0))))
  (assert_return (invoke "run") (i32.const 42)))
(thread $writer (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "shared") 1 1 shared)
    (func (export "run")
      (i32.atomic.store (i32.const 0) (i32.const 42))
      (i32.atomic.store (i32.const 4) (i32.const 1))
      (drop (memory.atomic.notify (i32.const 4) (i32.const 1)))))
  (invoke "run")
  (thread $inner (invoke "nothing"))
  (wait $inner))
(wait $reader)
(wait $writer)
"""


def run(text: str, tier: Tier) -> Report:
    return run_text(text, "threads.wast", WASM3.with_(["+threads"]), library(), tier=tier)


@pytest.mark.parametrize("tier", ["reference", "fast"])
def test_a_message_is_passed(tier: Tier) -> None:
    report = run(PASSING, tier)
    failures = [(f.line, f.message) for file in report.files for f in file.failures]
    assert failures == [(26, "there is no instance yet")]  # of $inner, which has none
    assert report.passed == 14


@pytest.mark.parametrize("tier", ["reference", "fast"])
def test_what_fails_in_a_thread_is_reported_though_nobody_waits(tier: Tier) -> None:
    text = f"""{MEMORY}
(thread $T (shared (module $Mem))
  (assert_return (invoke $Mem "plain") (i32.const 1)))"""
    (file,) = run(text, tier).files
    assert [(f.line, f.directive) for f in file.failures] == [(7, "assert_return")]


def test_only_what_is_shared_can_be_imported() -> None:
    text = f"""{MEMORY}
(thread $T (shared (module $Mem))
  (register "mem" $Mem)
  (assert_unlinkable (module (import "mem" "plain" (func))) "another store"))
(wait $T)
(wait $T)"""
    (file,) = run(text, "reference").files
    assert [f.message for f in file.failures] == [
        "expected 'another store', got '`mem` `plain` belongs to another store'",
        "there is no thread $T",
    ]


def test_threads_need_their_proposal() -> None:
    report = run_text(PASSING, "threads.wast", WASM3, library())
    assert report.skipped > 0
