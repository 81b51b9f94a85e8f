"""Traces: what each kind of step is shown to have changed. The texts are in tests/golden/trace."""

import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import watloom
from goldens import Golden
from watloom import Linker, Module, Store
from watloom.interp.core.numerics.bits import f32_from_bits, f64_from_bits
from watloom.interp.core.types import F32, F64, I64
from watloom.interp.debug.format import printable, show_number
from watloom.interp.debug.steps import Step
from watloom.interp.debug.trace import LimitReached, Tracer
from watloom.stdlib import granted

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

PROGRAMS = {
    "numbers": """(module
  (func (export "_start") (local $i i32) (local $f f32) (local i64)
    (local.set $i (i32.const -1))
    (drop (local.tee 2 (i64.extend_i32_s (local.get $i))))
    (local.set $f (f32.div (f32.const 0) (f32.const 0)))
    (drop (i32.reinterpret_f32 (f32.const nan:0x200000)))
    (drop (select (f64.const 0x1p-3) (f64.const -inf) (i32.const 0)))))""",
    "control": """(module
  (func $sum (export "_start") (local $i i32)
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $i) (i32.const 2)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again)))
    (block $two (result i32)
      (block $one (block $zero (br_table $zero $one (i32.const 1))))
      (if (result i32) (i32.const 0) (then (i32.const 7)) (else (i32.const 8))))
    (drop)
    (return)))""",
    "state": """(module
  (memory $m 1) (memory $other 1)
  (table $t 3 funcref)
  (global $g (mut f64) (f64.const 0))
  (data $d "some\\00bytes, and more of them")
  (elem $e func $f $f)
  (func $f)
  (func (export "_start")
    (global.set $g (f64.const 0.5))
    (i32.store $m offset=4 (i32.const 8) (i32.const 0x6f6c6c68))
    (i64.store8 $other (i32.const 0) (i64.const 255))
    (drop (i64.load32_s $m (i32.const 12)))
    (memory.init $m $d (i32.const 100) (i32.const 0) (i32.const 27))
    (memory.copy $other $m (i32.const 0) (i32.const 100) (i32.const 4))
    (memory.fill $m (i32.const 0) (i32.const 42) (i32.const 3))
    (drop (memory.grow $m (i32.const 1)))
    (table.set $t (i32.const 2) (ref.func $f))
    (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 2))
    (drop (table.get $t (i32.const 1)))
    (data.drop $d)))""",
    "structs": """(module
  (rec
    (type $node (struct (field $value (mut i32)) (field $next (mut (ref null $node)))))
    (type $bytes (array (mut i8))))
  (func (export "_start") (local $n (ref null $node)) (local $b (ref null $bytes))
    (local.set $n (struct.new $node (i32.const 1) (ref.null $node)))
    (local.set $n (struct.new $node (i32.const 2) (local.get $n)))
    (struct.set $node $value (local.get $n) (i32.const 3))
    (struct.set $node $next (local.get $n) (local.get $n))
    (drop (ref.eq (local.get $n) (struct.get $node $next (local.get $n))))
    (local.set $b (array.new $bytes (i32.const 200) (i32.const 2)))
    (array.set $bytes (local.get $b) (i32.const 1) (i32.const 7))
    (drop (ref.test (ref $bytes) (local.get $b)))
    (drop (ref.cast (ref null $node) (local.get $n)))
    (drop (ref.i31 (i32.const -1)))
    (drop (block $l (result (ref $node)) (br_on_non_null $l (local.get $n)) (unreachable)))))""",
    "calls": """(module
  (type $unary (func (param i32) (result i32)))
  (import "env" "back" (func $back (param i32) (result i32)))
  (import "env" "two" (func $two (param f32) (result i64 externref)))
  (table $t 1 funcref)
  (elem (i32.const 0) $double)
  (func $double (export "double") (param $x i32) (result i32)
    (i32.add (local.get $x) (local.get $x)))
  (func $tail (param $x i32) (result i32) (return_call $double (local.get $x)))
  (func $swap (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
  (type $bound (func (result i32)))
  (func (export "_start")
    (drop (call $double (i32.const 3)))
    (drop (call $tail (i32.const 4)))
    (drop (call_indirect $t (type $unary) (i32.const 5) (i32.const 0)))
    (drop (call_ref $unary (i32.const 6) (ref.func $double)))
    (drop (call_ref $bound (func.bind $bound (i32.const 7) (ref.func $double))))
    (drop (call $back (i32.const 8)))
    (drop (call $two (f32.const 1.5))) (drop)
    (drop (call $swap (i32.const 1) (i64.const 2))) (drop)
    (drop (i32.div_s (i32.const 1) (i32.const 0)))))""",
}


def traced(text: str, limit: int | None = None) -> list[str]:
    """The trace of a program, with a host function that calls back into it."""
    lines: list[str] = []
    store = Store()
    tracer = Tracer(lambda step: lines.append(str(step)), limit)
    imports = {
        "env": {
            "back": lambda x: instance.exports.double(x),
            "two": lambda x: (int(x), object()),
        }
    }
    instance = watloom.instantiate(Module(text, name="t.wat"), imports, store=store)
    store.probes.append(tracer)
    with suppress(LimitReached, watloom.Trap):
        instance.exports._start()
    return lines


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(golden: Golden, name: str) -> None:
    text = PROGRAMS[name]
    steps = "\n".join(traced(text))
    golden(f"{text}\n\n{steps}\n", f"trace/{name}.txt")
    assert "\n".join(traced(text)) == steps


def sample(path: Path, limit: int | None, **grants: Any) -> str:
    """The trace of a sample, start functions included."""
    lines: list[str] = []
    store = Store()
    store.probes.append(Tracer(lambda step: lines.append(str(step)), limit))
    linker = Linker(store)
    linker.library = granted(**grants)
    module = Module.from_file(path)
    with suppress(LimitReached), linker.instantiate(module) as instance:
        if "_start" in instance.exports:
            instance.exports._start()
        else:
            instance.exports.factorial(3)
    return "\n".join(lines) + "\n"


def test_hello(golden: Golden) -> None:
    golden(sample(SAMPLES / "hello" / "hello.wat", None), "trace/hello.txt")


def test_encrypted_editor(golden: Golden, tmp_path: Path) -> None:
    """Its beginning: all modules are linked, the folder is wrapped, a file is opened in it."""
    random = io.BytesIO(bytes(range(256)))
    text = sample(
        SAMPLES / "encrypted_editor" / "parent.wat", 250, preopens=[(tmp_path, "/")], random=random
    )
    golden(text, "trace/encrypted_editor.txt")


@pytest.mark.parametrize("name", ["parent", "bundle"])
def test_link_time_virtualization(golden: Golden, name: str) -> None:
    path = SAMPLES / "link_time_virtualization" / f"{name}.wat"
    golden(sample(path, 250, stdout=io.BytesIO()), f"trace/link_time_virtualization_{name}.txt")


def test_a_limit_ends_the_run() -> None:
    lines = traced(PROGRAMS["calls"], 5)
    assert len(lines) == 6 and lines == traced(PROGRAMS["calls"])[:6]  # with the entry, step 0


def test_a_host_function_that_raises() -> None:
    def fails(x: int) -> int:
        raise KeyError(x)

    lines: list[str] = []
    text = """(module (import "env" "f" (func $f (param i32) (result i32)))
      (func (export "g") (result i32) (call $f (i32.const 1))))"""
    instance = watloom.instantiate(text, {"env": {"f": fails}})
    tracer = Tracer(lambda step: lines.append(" ".join(str(step).split()[-4:])))
    instance.store.probes.append(tracer)
    for _ in range(2):
        with pytest.raises(KeyError):
            instance.exports.g()
    tracer.finish()
    assert lines == ["host calls) call g()", "i32.const 1 → 1", "$f 1; broken off"] * 2


def test_json_has_the_same_facts() -> None:
    steps: list[Step] = []
    instance = watloom.instantiate(Module(PROGRAMS["state"], name="t.wat"))
    instance.store.probes.append(Tracer(steps.append))
    instance.exports._start()
    stores = [s.as_json() for s in steps if s.instr.startswith("i32.store")]
    assert stores == [
        {
            "step": 5,
            "depth": 0,
            "function": "_start",
            "at": "t.wat:10:6",
            "instr": "i32.store offset=4",
            "pops": ["8", "1869376616"],
            "pushes": [],
            "changes": [
                {"what": "memory", "memory": "memory $m", "start": 12, "bytes": "686c6c6f"}
            ],
        }
    ]


def test_numbers() -> None:
    assert show_number(1 << 63, I64) == "-9223372036854775808"
    assert show_number(f32_from_bits(0x7FC00000), F32) == "nan"
    assert show_number(f32_from_bits(0xFFC00000), F32) == "-nan"
    assert show_number(f32_from_bits(0x7FA00001), F32) == "nan:0x200001"
    assert show_number(f64_from_bits(0xFFF0000000000001), F64) == "-nan:0x1"
    assert show_number(-0.0, F64) == "-0.0"


def test_control_characters_are_shown() -> None:
    step = Step(1, 0, "a\x1b[31mb", "f.wat:1:1", "nop")
    assert "\x1b" not in str(step) and "a\\x1b[31mb" in str(step)
    assert printable("tab\tline\n") == "tab\tline\n"
