"""Forms of values in the compiled tier: the Python that code becomes, and the same results."""

import math
from itertools import product

import pytest

import watloom
from watloom import Store
from watloom.interp.compile.emit import compile_function

INT = (0, 1, 2, 7, 13, 1 << 29, (1 << 30) - 1, 1 << 30, (1 << 31) - 2, (1 << 31) - 1, 1 << 31)
CORNERS = [*INT, (1 << 31) + 1, (1 << 32) - 13, (1 << 32) - 7, (1 << 32) - 2, (1 << 32) - 1]

# Code of a function with parameters $x and $y and a local $i, and its Python.
FORMS = [
    # compared with a constant: between which unsigned numbers is it?
    ("(i32.lt_s (local.get $x) (i32.const 7))", "return not 7 <= x_ <= 0x7fffffff"),
    ("(i32.ge_s (local.get $x) (i32.const 7))", "return 7 <= x_ <= 0x7fffffff"),
    ("(i32.gt_s (local.get $x) (i32.const -7))", "return not 0x80000000 <= x_ <= 0xfffffff9"),
    ("(i32.le_s (local.get $x) (i32.const -7))", "return 0x80000000 <= x_ <= 0xfffffff9"),
    ("(i32.lt_s (i32.const 7) (local.get $x))", "return 8 <= x_ <= 0x7fffffff"),
    (
        "(i32.ge_s (local.get $x) (i32.const 0x80000000))",
        "return not 0x80000000 <= x_ <= 0x7fffffff",
    ),
    ("(i32.gt_s (local.get $x) (i32.const 0x7fffffff))", "return 0x80000000 <= x_ <= 0x7fffffff"),
    # compared with each other, unsigned: the sign bit turned over
    ("(i32.lt_s (local.get $x) (local.get $y))", "return x_ ^ 0x80000000 < y_ ^ 0x80000000"),
    # a local that is compared signed again and again is kept signed, and wrapped by a test
    (
        """(loop $l
             (local.set $i (i32.add (local.get $i) (i32.const 0x10000001)))
             (br_if $l (i32.lt_s (local.get $i) (local.get $x))))
           (local.get $i)""",
        """i_ = 0
           x_ = (x_ ^ 0x80000000) - 0x80000000
           while True:
           i_ += 0x10000001
           if i_ > 0x7fffffff: i_ -= 0x100000000
           if i_ >= x_:
           break
           return i_ & 0xffffffff""",
    ),
    (
        "(local.set $i (i32.sub (local.get $x) (i32.const 8))) (local.get $i)",
        """i_ = 0
           i_ = x_ - 8
           if i_ < 0: i_ += 0x100000000
           return i_""",
    ),
    (
        "(local.set $i (i32.sub (local.get $x) (local.get $y))) (local.get $i)",
        """i_ = 0
           i_ = x_ - y_
           if i_ < 0: i_ += 0x100000000
           return i_""",
    ),
    # quotients and rests by constants
    (
        "(i32.div_s (local.get $x) (i32.const 13))",
        """return (q // 13 if (q := (x_ ^ 0x80000000) - 0x80000000) >= 0 else -(-q // 13))
           & 0xffffffff""",
    ),
    (
        "(i32.rem_s (local.get $x) (i32.const 13))",
        """return (q % 13 if (q := (x_ ^ 0x80000000) - 0x80000000) >= 0 else -(-q % 13))
           & 0xffffffff""",
    ),
    (
        "(i32.rem_s (i32.shr_u (local.get $x) (i32.const 9)) (i32.const 10))",
        "return (x_ >> 9) % 10",
    ),
    # rotations, masked once
    ("(i32.rotl (local.get $x) (i32.const 7))", "return (x_ << 7 | x_ >> 25) & 0xffffffff"),
    (
        "(i32.and (i32.rotr (local.get $x) (i32.const 8)) (i32.const 0xff00ff))",
        "return (x_ << 24 | x_ >> 8) & 0xff00ff",
    ),
    (
        "(i32.xor (i32.rotl (local.get $x) (i32.const 3)) (i32.rotl (local.get $y) (i32.const 4)))",
        "return ((x_ << 3 | x_ >> 29) ^ (y_ << 4 | y_ >> 28)) & 0xffffffff",
    ),
    # aligned addresses are indices of a view
    ("(i32.load (i32.shl (local.get $x) (i32.const 2)))", "return m0_I[x_ & 0x3fffffff]"),
    (
        "(i32.load offset=8 (i32.shl (i32.and (local.get $x) (i32.const 15)) (i32.const 3)))",
        "return m0_I[((x_ & 15) << 1) + 2]",
    ),
    ("(i32.load offset=8 (i32.const 16))", "return m0_I[6]"),
    (
        "(i32.load (i32.and (local.get $x) (i32.const 0xfffc)))",
        "return m0_I[(x_ & 65532) >> 2]",
    ),
    (
        "(i32.load (i32.add (i32.mul (local.get $x) (i32.const 12)) (i32.const 4)))",
        "return m0_I[x_ * 3 + 1 & 0x3fffffff]",
    ),
    # a local that is a multiple of 8 whatever happens
    (
        """(loop $l
             (i32.store (local.get $i) (local.get $x))
             (local.set $i (i32.add (local.get $i) (i32.const 8)))
             (br_if $l (i32.lt_u (local.get $i) (i32.const 64))))
           (i32.load offset=4 (local.get $i))""",
        """i_ = 0
           while True:
           m0_I[i_ >> 2] = x_
           i_ += 8
           if i_ > 0xffffffff: i_ -= 0x100000000
           if i_ >= 64:
           break
           return m0_I[i_ + 4 >> 2]""",
    ),
    # the signed form of fewer bits is another number
    (
        "(i32.shr_u (i8x16.extract_lane_s 0 (i8x16.splat (local.get $x))) (i32.const 1))",
        "return (((x_ & 255) * 0x1010101010101010101010101010101 & 255 ^ 0x80) - 0x80 & 0xffffffff)"
        " >> 1",
    ),
    # a load gives the form that is wanted
    (
        "(i32.lt_s (i32.load (i32.const 0)) (i32.load (i32.const 4)))",
        "return m0_i[0] < m0_i[1]",
    ),
    (
        "(i32.lt_u (i32.load (i32.const 0)) (i32.load (i32.const 4)))",
        "return m0_I[0] < m0_I[1]",
    ),
]


def function(code: str) -> str:
    return f"""(module (memory 1)
      (data (i32.const 0) "\\01\\00\\00\\80\\ff\\ff\\ff\\7f\\fe\\ff\\ff\\ff")
      (func (export "f") (param $x i32) (param $y i32) (result i32) (local $i i32) {code}))"""


def python(text: str) -> list[str]:
    """The lines of the first function, without their indentation and what is unused."""
    module = watloom.Module(text)
    lines = compile_function(module.valid, module.valid.funcs[0]).source.splitlines()[1:]
    used = {name for line in lines[1:] for name in ("i_",) if name in line}
    return [line.strip() for line in lines if used or line.strip() != "i_ = 0"]


@pytest.mark.parametrize(("code", "wanted"), FORMS)
def test_the_form(code: str, wanted: str) -> None:
    got = " ".join(python(function(code)))
    assert got == " ".join(wanted.split())


@pytest.mark.parametrize("code", [code for code, _ in FORMS])
def test_both_tiers_agree_at_the_corners(code: str) -> None:
    module = watloom.Module(function(code))
    fast, reference = (
        watloom.instantiate(module, store=Store(tier=tier)).exports.f
        for tier in ("fast", "reference")
    )
    low = [x for x in CORNERS if x <= 1 << 30]  # what a loop counts up to
    for x, y in product(low, [0]) if "loop" in code else product(CORNERS, CORNERS):
        assert outcome(fast, x, y) == outcome(reference, x, y), (x, y)


def outcome(f: object, *args: int) -> object:
    try:
        return f(*args)  # type: ignore[operator]
    except watloom.Trap as trap:
        return str(trap)


PAYLOAD = "(f64.reinterpret_i64 (i64.const 0x7ff8000000001234))"
NANS = {
    # what is given keeps its bits, in whatever variable
    "given": f"(local.set $v {PAYLOAD}) (local.get $v)",
    "given or computed": f"""(local.set $v (f64.mul (local.get $z) (f64.const inf)))
        (if (i32.eqz (i32.const 0)) (then (local.set $v {PAYLOAD}))) (local.get $v)""",
    "computed or given": f"""(local.set $v {PAYLOAD})
        (if (i32.eqz (i32.const 0)) (then (local.set $v (f64.mul (local.get $z) (f64.const inf)))))
        (local.get $v)""",
    "a copy": """(local.set $v (f64.mul (local.get $z) (f64.const inf)))
        (local.set $w (local.get $v)) (local.get $w)""",
    "a copy of either": f"""(local.set $w {PAYLOAD})
        (local.set $v (f64.mul (local.get $z) (f64.const inf)))
        (if (i32.eqz (i32.const 0)) (then (local.set $w (local.get $v)))) (local.get $w)""",
    "chosen": f"(select {PAYLOAD} (f64.sub (f64.const inf) (f64.const inf)) (i32.const 1))",
    "the other one": f"(select {PAYLOAD} (f64.sub (f64.const inf) (f64.const inf)) (i32.const 0))",
    "negated": "(local.set $v (f64.div (local.get $z) (local.get $z))) (f64.neg (local.get $v))",
    "stored": """(local.set $v (f64.sqrt (f64.const -1)))
        (f64.store (i32.const 8) (local.get $v)) (f64.load (i32.const 8))""",
    "kept": """(local.set $v (f64.add (f64.const 0) (f64.div (local.get $z) (local.get $z))))
        (global.set $g (local.get $v)) (global.get $g)""",
}


@pytest.mark.parametrize("case", NANS)
def test_nan_bits(case: str) -> None:
    text = f"""(module (memory 1) (global $g (mut f64) (f64.const 0))
      (func $f (param $z f64) (result f64) (local $v f64) (local $w f64) {NANS[case]})
      (func (export "bits") (result i64) (i64.reinterpret_f64 (call $f (f64.const 0)))))"""
    module = watloom.Module(text)
    fast, reference = (
        watloom.instantiate(module, store=Store(tier=tier)).exports.bits()
        for tier in ("fast", "reference")
    )
    assert hex(fast) == hex(reference)


def test_nans_of_arithmetic_are_cleaned_where_they_are_seen() -> None:
    text = """(module (memory 1) (func (param $x f64) (local $sum f64)
      (loop $l
        (local.set $sum (f64.add (local.get $sum) (local.get $x)))
        (br_if $l (f64.lt (local.get $sum) (f64.const 9))))
      (f64.store (i32.const 0) (local.get $sum))))"""
    assert python(text)[1:] == [
        "while True:",
        "sum_ += x_",
        "if not sum_ < 9.0:",
        "break",
        "m0_d[0] = sum_ if sum_ == sum_ else NAN",
        "return",
    ]


def test_floats_at_aligned_addresses() -> None:
    text = """(module (memory 1)
      (func (export "f") (param $i i32) (param $x f32) (result f32)
        (f32.store offset=4 (i32.shl (local.get $i) (i32.const 2)) (local.get $x))
        (f32.load offset=4 (i32.shl (local.get $i) (i32.const 2))))
      (func (export "bits") (param $i i32) (param $x i32) (result i32)
        (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $x))
        (f32.store offset=8 (i32.shl (local.get $i) (i32.const 2))
          (f32.load (i32.shl (local.get $i) (i32.const 2))))
        (i32.load offset=8 (i32.shl (local.get $i) (i32.const 2)))))"""
    exports = watloom.instantiate(text).exports
    assert exports.f(3, 0.5) == 0.5 and math.isnan(exports.f(3, math.nan))
    for bits in (0x7FA0_0001, 0x7FC0_0000, 0xFFFF_FFFF - (1 << 32), 0x3F80_0000):  # signalling too
        assert exports.bits(5, bits) == bits
    with pytest.raises(watloom.Trap, match="out of bounds memory access"):
        exports.f(0x3FFF_FFFF, 0.5)
    with pytest.raises(watloom.Trap, match="out of bounds memory access"):
        exports.f(16383, 0.5)  # the offset takes it out


def test_bulk_operations_are_slices() -> None:
    text = """(module (memory 1) (memory $other 1)
      (func (export "fill") (param i32 i32 i32)
        (memory.fill (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i32 i32 i32)
        (memory.copy $other 0 (local.get 0) (local.get 1) (local.get 2)))
      (func (export "back") (param i32 i32 i32)
        (memory.copy 0 $other (local.get 0) (local.get 1) (local.get 2)))
      (func (export "get") (param i32) (result i32) (i32.load (local.get 0))))"""
    exports = watloom.instantiate(text).exports
    exports.fill(0, 0x1FF, 3)
    exports.copy(65533, 0, 3)
    exports.back(8, 65532, 4)
    assert exports.get(0) == 0xFF_FFFF and exports.get(8) & (1 << 32) - 1 == 0xFFFF_FF00
    exports.fill(65536, 1, 0)
    for call in (exports.fill, exports.copy, exports.back):
        with pytest.raises(watloom.Trap, match="out of bounds memory access"):
            call(65535, 0, 2)
    with pytest.raises(watloom.Trap, match="out of bounds memory access"):
        exports.copy(0, 65536, 1)
