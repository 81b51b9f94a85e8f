"""Vector instructions: corners that are easy to get wrong, and both executors' agreement."""

import math
import struct
from pathlib import Path

import pytest

import watloom
from commandline import CommandLine, cli
from watloom.interp.core.errors import Trap

__all__ = ["cli"]

TIERS = ("reference", "fast")


def evaluate(expression: str, tier: str, *, fields: str = "", result: str = "v128") -> object:
    """What a folded instruction gives in one executor."""
    text = f'(module {fields} (func (export "f") (result {result}) {expression}))'
    store = watloom.Store(tier=tier)  # type: ignore[arg-type]
    return watloom.Linker(store).instantiate(watloom.Module(text)).exports.f()


def f32x4(*lanes: float) -> bytes:
    return struct.pack("<4f", *lanes)


def i32x4(*lanes: int) -> bytes:
    return struct.pack("<4I", *lanes)


SIGNALLING = "(v128.const f32x4 nan:0x200001 -nan:0x200001 1 -0)"


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # arithmetic makes NaNs canonical; what moves bits leaves them alone
        (
            f"(f32x4.add {SIGNALLING} (v128.const f32x4 1 1 1 1))",
            i32x4(0x7FC00000, 0x7FC00000, 0x40000000, 0x3F800000),
        ),
        (f"(f32x4.neg {SIGNALLING})", i32x4(0xFFA00001, 0x7FA00001, 0xBF800000, 0)),
        (f"(f32x4.abs {SIGNALLING})", i32x4(0x7FA00001, 0x7FA00001, 0x3F800000, 0)),
        (
            f"(f32x4.pmin (v128.const f32x4 1 1 1 0) {SIGNALLING})",
            i32x4(0x3F800000, 0x3F800000, 0x3F800000, 0),
        ),
        (
            f"(f32x4.pmax {SIGNALLING} (v128.const f32x4 1 1 2 0))",
            i32x4(0x7FA00001, 0xFFA00001, 0x40000000, 0x80000000),
        ),
        (f"(f32x4.min {SIGNALLING} (v128.const f32x4 1 1 1 0))",
         i32x4(0x7FC00000, 0x7FC00000, 0x3F800000, 0x80000000)),
        # too large for f32
        (
            "(f32x4.mul (v128.const f32x4 3e38 -3e38 1 inf) (v128.const f32x4 2 2 2 0))",
            i32x4(0x7F800000, 0xFF800000, 0x40000000, 0x7FC00000),
        ),
        # shifts are modulo the width of a lane
        ("(i8x16.shr_s (i8x16.splat (i32.const 0x80)) (i32.const 9))", b"\xc0" * 16),
        ("(i64x2.shl (i64x2.splat (i64.const 1)) (i32.const 64))", struct.pack("<2Q", 1, 1)),
        ("(i32x4.abs (i32x4.splat (i32.const 0x80000000)))", i32x4(*[0x80000000] * 4)),
        ("(i8x16.avgr_u (i8x16.splat (i32.const -1)) (i8x16.splat (i32.const -2)))", b"\xff" * 16),
        (
            "(i16x8.q15mulr_sat_s"
            " (i16x8.splat (i32.const 0x8000)) (i16x8.splat (i32.const 0x8000)))",
            b"\xff\x7f" * 8,
        ),
        (
            "(i16x8.relaxed_dot_i8x16_i7x16_s"
            " (i8x16.splat (i32.const -128)) (i8x16.splat (i32.const -128)))",
            b"\xff\x7f" * 8,
        ),
        (
            "(i32x4.trunc_sat_f32x4_u (v128.const f32x4 nan -1 5e9 3.9))",
            i32x4(0, 0, 0xFFFFFFFF, 3),
        ),
        (
            "(f32x4.convert_i32x4_u (i32x4.splat (i32.const -1)))",
            f32x4(*[4294967296.0] * 4),
        ),
        (
            "(i8x16.swizzle (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)"
            " (v128.const i8x16 15 16 255 0 0 0 0 0 0 0 0 0 0 0 0 0))",
            b"\x10\0\0" + b"\x01" * 13,
        ),
    ],
)  # fmt: skip
def test_corner(expression: str, expected: bytes, tier: str) -> None:
    assert evaluate(expression, tier) == expected


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(
    ("expression", "result", "expected"),
    [
        ("(i8x16.extract_lane_s 1 (v128.const i32x4 0xff00 0 0 0))", "i32", -1),
        ("(i8x16.extract_lane_u 1 (v128.const i32x4 0xff00 0 0 0))", "i32", 255),
        ("(i64x2.extract_lane 1 (v128.const i64x2 0 -2))", "i64", -2),
        ("(f64x2.extract_lane 0 (v128.const f64x2 -0.0 1))", "f64", -0.0),
        ("(i16x8.bitmask (v128.const i16x8 -1 0 0 0 0 0 0 -1))", "i32", 0x81),
        ("(i32x4.all_true (v128.const i32x4 1 2 0 3))", "i32", 0),
        ("(v128.any_true (v128.const i32x4 0 0 0 3))", "i32", 1),
    ],
)  # fmt: skip
def test_scalar_results(expression: str, result: str, expected: float, tier: str) -> None:
    found = evaluate(expression, tier, result=result)
    assert isinstance(found, int | float)
    assert (found, math.copysign(1, found)) == (expected, math.copysign(1, expected))


DATA = "".join(f"\\{byte:02x}" for byte in [0x80, *range(1, 16)])
MEMORY = f'(memory 1) (data (i32.const 0) "{DATA}")'


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(v128.load (i32.const 0))", b"\x80" + bytes(range(1, 16))),
        ("(v128.load offset=3 (i32.const 1))", bytes(range(4, 16)) + bytes(4)),
        ("(v128.load8x8_s (i32.const 0))", struct.pack("<8h", -128, *range(1, 8))),
        ("(v128.load8x8_u (i32.const 0))", struct.pack("<8h", 128, *range(1, 8))),
        ("(v128.load16_splat (i32.const 3))", b"\x03\x04" * 8),
        ("(v128.load32_zero (i32.const 5))", b"\x05\x06\x07\x08" + bytes(12)),
        ("(v128.load8_lane 15 (i32.const 7) (i8x16.splat (i32.const -1)))", b"\xff" * 15 + b"\x07"),
    ],
)
def test_loads(expression: str, expected: bytes, tier: str) -> None:
    assert evaluate(expression, tier, fields=MEMORY) == expected


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(
    "name", ["store", "store8_lane", "store16_lane", "store32_lane", "store64_lane"]
)
@pytest.mark.parametrize("past", [0, 1])
def test_stores_end_where_the_memory_ends(name: str, past: int, tier: str) -> None:
    size = 16 if name == "store" else int(name[5:-5]) // 8
    lane = "" if name == "store" else "1"
    text = f"""(module (memory (export "m") 1) (func (export "f") (param i32)
      (v128.{name} {lane} (local.get 0)
        (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))))"""
    store = watloom.Store(tier=tier)  # type: ignore[arg-type]
    exports = watloom.Linker(store).instantiate(watloom.Module(text)).exports
    if past:
        with pytest.raises(Trap, match="out of bounds memory access"):
            exports.f(65536 - size + 1)
        assert exports.m[65536 - 16 :] == bytes(16)
    else:
        exports.f(65536 - size)
        first = 0 if name == "store" else size
        assert exports.m[65536 - size :] == bytes(range(first, first + size))


def test_the_command_line_reads_and_writes_vectors(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "v.wat"
    path.write_text('(module (func (export "id") (param v128) (result v128) (local.get 0)))')
    done = cli("run", "--invoke", "id", path, "f32x4 1 nan -inf 0x1p-1")
    assert done.out == "i32x4 0x3f800000 0x7fc00000 0xff800000 0x3f000000\n"
    for wrong in ("f32x4 1 2 3", "i32x4 1 2 3 x", "7", "", "i8x16"):
        refused = cli("run", "--invoke", "id", path, wrong)
        assert refused.status == 2
        assert "Traceback" not in refused.err


@pytest.mark.parametrize("tier", TIERS)
def test_elements_of_an_array_from_a_data_segment_are_sixteen_bytes(tier: str) -> None:
    fields = f'(type $a (array v128)) (data $d "{DATA}{DATA}\\07")'
    made = "(array.new_data $a $d (i32.const 1) (i32.const 2))"
    expression = f"(array.get $a {made} (i32.const 1))"
    assert evaluate(expression, tier, fields=fields) == bytes([*range(1, 16), 7])


@pytest.mark.parametrize("tier", TIERS)
def test_the_first_of_two_traps_is_the_one_that_is_told(tier: str) -> None:
    load = "(v128.load (i32.const {}))"
    text = f"""(module (memory 1) (func (export "f") (param i32) (result v128)
      (v128.load8_lane 0 (i32.div_u (i32.const 1) (local.get 0)) {load.format(-1)}))
      (func (export "g") (result v128)
      (i8x16.add {load.format(-1)} (i8x16.splat (i32.div_u (i32.const 1) (i32.const 0))))))"""
    store = watloom.Store(tier=tier)  # type: ignore[arg-type]
    exports = watloom.Linker(store).instantiate(watloom.Module(text)).exports
    with pytest.raises(Trap, match="integer divide by zero"):
        exports.f(0)
    with pytest.raises(Trap, match="out of bounds memory access"):
        exports.g()


LOOP = """(module (func (export "f") (param $n i32) (param $a v128) (result v128 v128 i64)
  (local $sum v128) (local $mixed v128)
  (loop $again
    (local.set $sum (f32x4.add (local.get $sum) (local.get $a)))
    (local.set $a (f32x4.mul (local.get $a) (v128.const f32x4 2 2 2 2)))
    (local.set $mixed (v128.xor (local.get $mixed) (f32x4.sqrt (local.get $sum))))
    (if (i32.eq (local.get $n) (i32.const 2)) (then (local.set $sum (local.get $a))))
    (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  (local.get $sum) (local.get $mixed) (i64x2.extract_lane 1 (local.get $a))))"""


def test_locals_that_are_kept_as_bytes() -> None:
    found = []
    for tier in TIERS:
        store = watloom.Store(tier=tier)  # type: ignore[arg-type]
        exports = watloom.Linker(store).instantiate(watloom.Module(LOOP)).exports
        found.append([exports.f(n, f32x4(1, 1e38, -3, float("nan"))) for n in (1, 2, 3, 7)])
    assert found[0] == found[1]
