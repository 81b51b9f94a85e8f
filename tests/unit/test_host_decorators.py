"""What is put around host functions: logs, times, counts, refusals."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

import numpy as np
import pytest

from watloom import DefinitionError, Linker, Store, Trap, WasmException
from watloom.host import (
    F64,
    I32,
    I64,
    U8,
    Array,
    Bool,
    Bytes,
    Caller,
    Decorator,
    Duration,
    Errno,
    Function,
    HostModule,
    List,
    Ptr,
    String,
    counted,
    denied,
    export,
    logged,
    timed,
    utf8,
    wasm_struct,
)  # fmt: skip
from watloom.host.testing import Guest

pytestmark = pytest.mark.usefixtures("in_both_tiers")


@wasm_struct
class Point:
    x: I32
    y: I32


class Geometry(HostModule, name="geometry"):
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    @export
    def area(self, points: Array[Point]) -> I32:
        return int(points["x"].sum())

    @export
    def open(self, name: String, at: Ptr[Point], more: List[Point]) -> I64 | Errno:
        if self.error:
            raise self.error
        return 7

    @export("close")
    def close_(self, caller: Caller, quick: Bool, after: Duration, data: Bytes) -> Errno:
        if self.error:
            raise self.error
        return Errno.SUCCESS

    @export
    def both(self, xs: Array[F64], p: Ptr[I32] | None) -> tuple[I32, F64]:
        return 1, 0.5

    @export(raw="i32 f64 -> i64")
    def raw(self, caller: Caller, n: int, x: float) -> int:
        return n

    @export
    def nothing(self) -> None: ...


def test_a_log_shows_arguments_read_from_memory() -> None:
    lines: list[str] = []
    guest, module = Guest(), logged(lines.append)(Geometry())
    guest.call(module, "area", [Point(1, 2)])
    guest.call(module, "area", [Point(n, n) for n in range(10)])
    guest.call(module, "open", 'a "b"\n', Point(1, 2), [Point(3, 4)])
    guest.call(module, "close", True, timedelta(seconds=1), b"x" * 70)
    guest.call(module, "both", [0.5, 1], None)
    guest.call(module, "raw", -1, 0.25)
    guest.call(module, "nothing")
    more = "".join(f"{{x:{n}, y:{n}}}, " for n in range(8))
    assert lines == [
        "geometry::area([{x:1, y:2}]) → 1",
        f"geometry::area([{more}… 2 more]) → 45",
        r'geometry::open("a \"b\"\n", &{x:1, y:2}, [{x:3, y:4}]) → 7',
        f"geometry::close(True, 0:00:01, b'{'x' * 60}…') → SUCCESS",
        "geometry::both([0.5, 1.0], null) → (1, 0.5)",
        "geometry::raw(-1, 0.25) → 4294967295",
        "geometry::nothing() → nothing",
    ]


def test_a_log_shows_what_went_wrong() -> None:
    lines: list[str] = []
    guest = Guest()
    call = (Point(1, 2), [])
    guest.call(logged(lines.append)(Geometry(FileNotFoundError(2, "x"))), "open", "a", *call)
    with pytest.raises(ValueError):
        guest.call(logged(lines.append)(Geometry(ValueError("no"))), "open", "a", *call)
    assert lines == [
        'geometry::open("a", &{x:1, y:2}, []) → NOENT',
        'geometry::open("a", &{x:1, y:2}, []) → ValueError: no',
    ]


@pytest.mark.parametrize("tier", ["fast", "reference"])
def test_a_log_is_safe_where_the_call_is_not(tier: Any) -> None:
    """What lies outside of memory is said, and then the call itself traps."""
    lines: list[str] = []
    linker = Linker(Store(tier=tier))
    linker.add(logged(lines.append)(Geometry()))
    instance = linker.instantiate("""(module
      (import "geometry" "area" (func $area (param i32 i32) (result i32)))
      (memory 1) (data (i32.const 0) "\\01\\00\\00\\00\\02\\00\\00\\00")
      (func (export "run") (param i32 i32) (result i32)
        (call $area (local.get 0) (local.get 1))))""")
    assert instance.exports.run(0, 1) == 1
    with pytest.raises(Trap):
        instance.exports.run(-8, 2)
    where = "Array[Point]: 16 bytes at 0xfffffff8, in a memory of 0x10000"
    assert lines == [
        "geometry::area([{x:1, y:2}]) → 1",
        f"geometry::area(<{where}>) → Trap: out of bounds memory access",
    ]


def test_a_log_may_be_a_logger(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Guest().call(logged(logging.getLogger("hosts"))(Geometry()), "nothing")
    assert caplog.messages == ["geometry::nothing() → nothing"]


def test_counts_and_times() -> None:
    counts, reported = counted(), list[tuple[str, float]]()
    times = timed(lambda name, seconds: reported.append((name, seconds)))
    module, guest = counts(times(Geometry(ValueError()))), Guest()
    guest.call(module, "nothing")
    guest.call(module, "nothing")
    with pytest.raises(ValueError):
        guest.call(module, "close", False, timedelta(0), b"")
    assert counts.calls == {"geometry.nothing": 2, "geometry.close": 1}
    assert [name for name, _ in reported] == ["geometry.nothing"] * 2 + ["geometry.close"]
    assert times.seconds["geometry.nothing"] == sum(s for _, s in reported[:2]) > 0


def test_denied_with_an_errno_or_a_trap() -> None:
    class Closed(HostModule, name="closed"):
        @export
        @denied(Errno.PERM)
        def errno(self) -> Errno:
            raise AssertionError

        @denied(Errno.PERM)
        @export
        def both(self, n: I32) -> I64 | Errno:
            raise AssertionError

        @export
        @denied("trap")
        def trap(self) -> I32:
            raise AssertionError

    guest = Guest()
    assert guest.call(Closed(), "errno") is Errno.PERM is guest.call(Closed(), "both", 1)
    with pytest.raises(Trap, match=r"denied: closed\.trap"):
        guest.call(Closed(), "trap")


def test_what_cannot_be_denied_with_an_errno() -> None:
    with pytest.raises(DefinitionError, match=r"Geometry\.area gives back no Errno") as caught:
        denied(Errno.ACCES)(Geometry())
    assert caught.value.help == (
        'deny it with a trap, denied("trap"), or let it give back an Errno'
    )
    with pytest.raises(DefinitionError, match=r"Bad\.f gives back no Errno"):

        class Bad(HostModule):
            @export
            @denied()
            def f(self) -> I32:
                return 1


def test_they_compose_and_the_topmost_is_the_outermost() -> None:
    lines: list[str] = []
    inner, outer = counted(), counted()

    @outer
    @logged(lambda line: lines.append(f"outer {line}"))
    @denied("trap")
    @inner
    class Both(HostModule):
        @export
        @logged(lambda line: lines.append(f"inner {line}"))
        def f(self) -> I32:
            return 1

    with pytest.raises(Trap):
        Guest().call(logged(lambda line: lines.append(f"object {line}"))(Both()), "f")
    assert (outer.calls["both.f"], inner.calls["both.f"]) == (1, 0)
    assert lines == [
        "outer both::f() → Trap: denied: both.f",
        "object both::f() → Trap: denied: both.f",
    ]


def test_one_object_is_decorated_and_the_class_is_not() -> None:
    counts = counted()
    Guest().call(counts(Geometry()), "nothing")
    Guest().call(Geometry(), "nothing")
    assert counts.calls.total() == 1 and Geometry.decorators == ()


def test_a_thrown_exception_is_logged_as_itself() -> None:
    from watloom import FuncType, Tag

    lines: list[str] = []
    linker = Linker()
    linker.add(logged(lines.append)(Geometry(WasmException(Tag(FuncType()), []))))
    instance = linker.instantiate("""(module
      (import "geometry" "close" (func $f (param i32 i64 i32 i32) (result i32))) (memory 1)
      (func (export "run") (result i32)
        (block $caught
          (try_table (catch_all $caught)
            (return (call $f (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))))
        (i32.const -1)))""")
    assert instance.exports.run() == -1
    assert lines[0].endswith("→ WasmException: a tag without a name")


def test_one_of_your_own() -> None:
    class doubled(Decorator):
        """Calls twice, and gives back the second result."""

        def wrap(self, function: Function, call: Any, caller: Any) -> Any:
            def both(*slots: Any) -> Any:
                call(*slots)
                return call(*slots)

            return both

    counts = counted()
    assert Guest().call(doubled()(counts(Geometry())), "both", [1], 3) == (1, 0.5)
    assert counts.calls["geometry.both"] == 2


# ------------------------------------------------------------------ the test kit


class Kit(HostModule):
    @export
    def fill(self, out: memoryview, n: Ptr[I32], words: List[String]) -> Errno:
        out[:] = b"x" * len(out)
        n.value += len(words)
        return Errno.SUCCESS

    @export
    def total(self, xs: Array[U8], name: str) -> float:
        return float(xs.sum()) + len(name)

    @export
    async def later(self, n: I32) -> I32:
        return n + 1


def test_out_parameters_are_read_back() -> None:
    guest = Guest()
    n, out = guest.new(I32, 40), guest.new(U8, *range(4))
    assert guest.call(Kit(), "fill", out[0:4], n, ["a", "bc"]) is Errno.SUCCESS
    assert n.value == 42 and list(out[0:4]) == list(b"xxxx")


@pytest.mark.parametrize("xs", [[1, 2], np.uint8([1, 2]), range(1, 3)])
def test_arrays_are_given_as_any_sequence(xs: Sequence[int]) -> None:
    assert Guest().call(Kit(), "total", xs, "é") == 4.0


def test_a_large_argument_makes_room() -> None:
    assert Guest().call(Kit(), "total", bytes(200_000), "") == 0.0


def test_an_async_export_is_run_to_its_end() -> None:
    assert Guest().call(Kit(), "later", 1) == 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (([256], ""), "kit.total: `xs`: a value in memory: 256 does not fit in U8, 0 to 255"),
        (([1],), r"kit.total takes 2 arguments \(xs, name\), 1 given"),
    ],
)
def test_arguments_that_do_not_fit(args: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Guest().call(Kit(), "total", *args)


def test_a_log_is_one_line_in_its_own_order() -> None:
    class Shop(HostModule):
        @export
        def sell(self, name: Annotated[str, utf8("surrogateescape")]) -> I32:
            raise ValueError(name)

    lines: list[str] = []
    with pytest.raises(ValueError, match="a"):
        Guest().call(logged(lines.append)(Shop()), "sell", "a\n\x1b[31mé\u202e".encode() + b"\xff")
    shown = r"a\n\x1b[31mé\u202e\udcff"
    assert lines == [f'shop::sell("{shown}") → ValueError: {shown}']


def test_arrays_of_pointers_are_given_too() -> None:
    class Trees(HostModule):
        @export
        def sum(self, ps: List[Ptr[Ptr[I32]]], addresses: Array[Ptr[I32]]) -> I32:
            assert len(set(addresses)) == 2
            return sum(p.value.value for p in ps)

    assert Guest().call(Trees(), "sum", [20, 22], [1, 2]) == 42
