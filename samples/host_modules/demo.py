"""Geometry and a counter in Python, used by WebAssembly; every result is asserted.

python samples/host_modules/demo.py
"""

from pathlib import Path

from hosts import Counter, Geometry, Point

import watloom
from watloom.host import Errno, HostModule, counted, denied, logged
from watloom.host.testing import Guest

GUEST = watloom.Module.from_file(Path(__file__).resolve().parent / "guest.wat")


def guest(*modules: HostModule) -> watloom.Instance:
    """An instance of guest.wat, linked to these."""
    linker = watloom.Linker()
    for module in modules:
        linker.add(module)
    return linker.instantiate(GUEST)


def geometry() -> None:
    """Structs and arrays; every call is logged."""
    print("== geometry, logged")
    calls = counted()
    exports = guest(calls(logged(print)(Geometry(scale=2))), Counter()).exports
    assert exports.triangle() == 24
    assert exports.square() == 400
    assert exports.length() == 10.0
    exports.move()
    assert exports.memory[0:8] == (100).to_bytes(4, "little") + b"\xff\xff\xff\xff"
    assert exports.triangle() == 24
    assert exports.largest(2) == (1, 0)
    assert exports.memory[128:136] == exports.memory[32:40]
    assert exports.largest(0) == (0, Errno.INVAL)
    try:
        exports.outside()
    except watloom.Trap as trap:
        assert trap.code == "out of bounds memory access"
    else:
        raise AssertionError
    assert calls.calls["geometry.area"] == 4


def counters() -> None:
    """Two objects of one class are two counters; one object is one, whoever calls."""
    print("== two bindings of one class")
    shared = Counter()
    a, b, c = (guest(Geometry(), m) for m in (shared, shared, Counter(step=10)))
    numbers = [g.exports.next() for g in (a, b, c, a, c)]
    assert numbers == [1, 2, 10, 3, 20]
    print(*numbers)


def refused() -> None:
    """The same guest, with a function denied to it."""
    print("== denied")
    exports = guest(logged(print)(denied("trap")(Geometry())), Counter()).exports
    try:
        exports.square()
    except watloom.Trap as trap:
        assert trap.code == "denied: geometry.area"
    else:
        raise AssertionError


def tested() -> None:
    """A host module by itself, without a guest."""
    print("== tested without a guest")
    corners = [Point(0, 0), Point(4, 0), Point(4, 3)]
    area = Guest().call(Geometry(scale=10), "area", corners)
    assert area == 600
    print(area)


if __name__ == "__main__":
    geometry()
    counters()
    refused()
    tested()
