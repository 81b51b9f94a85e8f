"""What is dropped gives its memory back."""

import gc
import linecache
import subprocess
import sys
import weakref

import pytest

import watloom
from watloom.interp.compile.compiled import SOURCES

#: Each makes an instance with 64 MiB, touches 4 of them, and drops it; kept, 1,000 are 4 GiB.
PROGRAM = """
import sys, watloom
store = watloom.Store(tier=sys.argv[1])
module = watloom.Module('''(module (memory (export "m") 1024) (table (export "t") 2 funcref)
  (global $g (export "g") (mut funcref) (ref.null func)) (elem declare func $f $trap)
  (func $f (export "f") (global.set $g (ref.func $f))
    (table.set (i32.const 0) (ref.func $trap))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x400000)))
  (func $trap (export "trap") (drop (i32.load (i32.const -1)))))''')

def plainly():
    watloom.instantiate(module, store=store).exports.f()

def in_a_cycle_of_two():
    one, two = (watloom.instantiate(module, store=store) for _ in range(2))
    one.exports.f(); two.exports.f()
    one.exports.t[1] = two.exports.f
    two.exports.t[1] = one.exports.f

def closed():
    with watloom.instantiate(module, store=store) as instance:
        instance.exports.f()

def after_a_trap():
    global kept
    instance = watloom.instantiate(module, store=store)
    instance.exports.f()
    try:
        instance.exports.trap()
    except watloom.Trap as trap:
        kept = trap  # until the next one

for _ in range(int(sys.argv[3])):
    globals()[sys.argv[2]]()
status = open("/proc/self/status").read()  # not ru_maxrss: that begins with the parent's
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is asked of /proc")
@pytest.mark.parametrize("tier", ["fast", "reference"])
@pytest.mark.parametrize(
    ("how", "times"),
    [("plainly", 1000), ("in_a_cycle_of_two", 300), ("closed", 300), ("after_a_trap", 300)],
)
def test_instances_with_big_memories_leave_no_trace(tier: str, how: str, times: int) -> None:
    command = [sys.executable, "-c", PROGRAM, tier, how, str(times)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 256, f"the peak was {done.stdout.strip()} MiB"


def test_a_trap_holds_its_instance_only_as_long_as_it_lives() -> None:
    instance = watloom.instantiate('(module (func (export "f") (unreachable)))')
    with pytest.raises(watloom.Trap) as caught:
        instance.exports.f()
    gone = weakref.ref(instance)
    del instance, caught
    gc.collect()
    assert gone() is None


def test_compiled_sources_go_with_their_module() -> None:
    gc.collect()
    before = len(SOURCES)
    for _ in range(20):
        assert watloom.instantiate('(module (func (export "f") nop))').exports.f() is None
    gc.collect()
    assert len(SOURCES) <= before + 1
    shown = [name for name in linecache.cache if name.startswith("<watloom ")]
    assert sum(linecache.getlines(name) != [] for name in shown) <= len(SOURCES) + 1


def test_sources_do_not_go_while_linecache_looks_through_them() -> None:
    """Its `checkcache` (doctest and pdb call it) looks up each name that was there at first."""
    instance = watloom.instantiate('(module (func (export "f") nop))')
    instance.exports.f()
    names = list(linecache.cache)
    [own] = [name for name in names[-1:] if name.startswith("<watloom ")]
    assert linecache.getline(own, 1).startswith("def f0")
    del instance
    gc.collect()
    assert all(name in linecache.cache for name in names)
    assert linecache.getlines(own) == []
    watloom.instantiate('(module (func (export "f") nop))').exports.f()
    assert own not in linecache.cache
