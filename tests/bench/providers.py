"""What each layer costs: a guest copies a file into a folder and out of it again.

    python tests/bench/providers.py [--megabytes 8] [NAME…]

The file is Python sources, over and over, the buffer 64 KiB; the fast tier. Everything is compiled
before it is timed. `cost` is the time above the folder below, in nanoseconds a byte.
"""

import argparse
import hashlib
import importlib
import importlib.util
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

import watloom
from watloom.interp.runtime.store import Store
from watloom.stdlib import confine
from watloom.stdlib.native import HostFolder
from watloom.stdlib.providers.blocks import struct_for
from watloom.stdlib.providers.compress import compress
from watloom.stdlib.providers.encrypt import encrypt
from watloom.stdlib.vnode import OpenFlags, Vnode

ROOT = Path(__file__).resolve().parents[2]
CREATE, WRITE = OpenFlags.CREATE, OpenFlags.WRITE

COPY = """(module
  (rec
    (type $open (func (param i32 i32 i32) (result i32 (ref null $fd))))
    (type $read (func (param i32 i32) (result i32)))
    (type $write (func (param i32 i32) (result i32)))
    (type $close (func (result i32)))
    (type $fd (sub (struct
      (field $open (ref $open)) (field $read (ref $read))
      (field $write (ref $write)) (field $close (ref $close))))))
  (memory 1)
  ;; Copies all there is; how many bytes that was. Traps on an error.
  (func (export "copy") (param $from (ref $fd)) (param $to (ref $fd)) (result i64)
    (local $count i32) (local $all i64)
    (loop $next
      (local.set $count (call_ref $read (i32.const 0) (i32.const 0x10000)
        (struct.get $fd $read (local.get $from))))
      (if (i32.gt_s (local.get $count) (i32.const 0))
        (then
          (if (i32.ne (local.get $count)
                (call_ref $write (i32.const 0) (local.get $count)
                  (struct.get $fd $write (local.get $to))))
            (then (unreachable)))
          (local.set $all (i64.add (local.get $all) (i64.extend_i32_u (local.get $count))))
          (br $next))))
    (if (local.get $count) (then (unreachable)))
    (local.get $all)))"""

Layer = Callable[[Vnode, Store], Vnode]
KEY = bytes(range(32))


def layers() -> dict[str, tuple[str, Layer]]:
    """By name: what it stands on, and the layer itself."""
    found: dict[str, tuple[str, Layer]] = {
        "encrypt": ("native", lambda inner, store: encrypt(inner, KEY, store)),
        "compress": ("native", compress),
        "compress over encrypt": ("encrypt", compress),
        "encrypt over compress": ("compress", lambda inner, store: encrypt(inner, KEY, store)),
    }
    if importlib.util.find_spec("watloom.stdlib.providers.logged"):
        logged = importlib.import_module("watloom.stdlib.providers.logged").logged
        found["logged"] = "native", lambda inner, store: logged(inner, str)
    return found


def made(name: str, native: Vnode, store: Store) -> Vnode:
    """A stack by the name of its uppermost layer."""
    if name == "native":
        return native
    below, layer = layers()[name]
    return layer(made(below, native, store), store)


def text(size: int) -> bytes:
    """Sources, not the same ones twice in a row."""
    sources = b"".join(path.read_bytes() for path in sorted(ROOT.glob("interp/*/*.py")))
    parts = (hashlib.sha256(b"%d" % i).hexdigest().encode() + sources for i in range(size))
    whole = b""
    while len(whole) < size:
        whole += next(parts)
    return whole[:size]


def seconds(name: str, source: bytes) -> tuple[float, float, int]:
    """Of copying a file in and out, and how large it is below."""
    store = Store()
    copy = watloom.instantiate(COPY, store=store).exports.copy
    with tempfile.TemporaryDirectory() as place:
        native = HostFolder(confine.open_root(place))
        Path(place, "source").write_bytes(source)
        Path(place, "short").write_bytes(source[:100_000])
        folder = made(name, native, store)

        def run(given: Vnode, taken: str, into: Vnode, new: str) -> float:
            files = (
                given.open(taken.encode(), OpenFlags(0)),
                into.open(new.encode(), CREATE | WRITE),
            )
            structs = [struct_for(file, store) for file in files]
            began = time.process_time()
            copy(*structs)
            taken_time = time.process_time() - began
            for file in files:
                file.shut()
            return taken_time

        run(native, "short", folder, "short copy")
        run(folder, "short copy", native, "short again")
        times = (
            run(native, "source", folder, "copy"),
            run(folder, "copy", native, "again"),
        )
        assert Path(place, "again").read_bytes() == source
        return *times, Path(place, "copy").stat().st_size


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--megabytes", type=float, default=8)
    options.add_argument("names", nargs="*")
    given = options.parse_args()
    source = text(int(given.megabytes * 1e6))
    names = ["native", *(given.names or layers())]
    table = Table("", "write, s", "MB/s", "cost", "read, s", "MB/s", "cost", "size below")
    done: dict[str, tuple[float, float, int]] = {}

    def measured(name: str) -> tuple[float, float, int]:
        if name not in done:
            done[name] = seconds(name, source)
        return done[name]

    for name in names:
        below = measured(layers()[name][0]) if name != "native" else (0.0, 0.0, 0)
        write, read, size = measured(name)
        cells = []
        for now, before in ((write, below[0]), (read, below[1])):
            cost = (now - before) / len(source) * 1e9
            cells += [f"{now:.3f}", f"{len(source) / now / 1e6:.2f}", f"{cost:.2f}"]
        table.add_row(name, *cells, f"{size / len(source):.3f}")
    Console().print(table)
    print(f"{platform.python_implementation()} {platform.python_version()}, {len(source)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
