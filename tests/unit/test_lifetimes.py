"""What is dropped gives its memory back."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys, watloom
module = watloom.Module('''(module (memory (export "m") 1024)
  (global $g (mut funcref) (ref.null func)) (elem declare func $f)
  (func $f (export "f") (global.set $g (ref.func $f))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x400000))))''')
for _ in range(1000):
    watloom.instantiate(module, store=watloom.Store(tier=sys.argv[1])).exports.f()
status = open("/proc/self/status").read()  # not ru_maxrss: that begins with the parent's
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is asked of /proc")
@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_a_thousand_instances_with_big_memories_leave_no_trace(tier: str) -> None:
    """Each has 64 MiB, of which it touches 4: kept, they would come to 4 GiB."""
    command = [sys.executable, "-c", PROGRAM, tier]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 256, f"the peak was {done.stdout.strip()} MiB"
