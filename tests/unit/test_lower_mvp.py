"""Lowering to the first release: what a program with references does, numbers do.

Each program runs seven times: as it is and lowered to mvp, in both tiers; lowered to 3.0 in the
compiled tier and in wasmtime; lowered to mvp in wasmtime with every proposal off.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import mvp_engine
import watloom
from commandline import CommandLine, cli
from linked_programs import PROGRAMS as ALL_LINKED
from mvp_programs import LOG, PROGRAMS, TRAPS
from watloom.interp.core.features import WASM3
from watloom.interp.core.types import Limits
from watloom.interp.link.linker import Linker
from watloom.interp.link.load import read_source
from watloom.interp.link.lower import Target, lower
from watloom.parser.encode import encode_module
from watloom.parser.printer import print_module

__all__ = ["cli"]

ROOT = Path(__file__).resolve().parents[2]
SAMPLE, SUPPORT = ROOT / "samples" / "encrypted_editor", ROOT / "tests" / "support"
TIERS = ["reference", "fast"]

#: Those that mvp has a form of; the polyfill's program stands in `mvp_programs`.
LINKED = [
    name
    for name in ALL_LINKED
    if name
    not in (
        "memories side by side",
        "exceptions between instances",
        "structs of functions, for engines without that import",
    )
]


def lowered(text: str, target: Target = "mvp", **options: Any) -> bytes:
    return encode_module(lower(watloom.Module(text), Linker(), target, **options))


def logged(program: str | bytes, tier: Any) -> list[int]:
    log: list[int] = []
    store = watloom.Store(tier=tier)
    imports = {"host": {"log": log.append, "base": 5}}
    features = watloom.Store().features if isinstance(program, str) else WASM3
    module = watloom.Module(program, features=features)
    watloom.instantiate(module, imports, store=store).exports.run()
    return log


def logged_in_wasmtime(data: bytes, proposals: bool = False) -> list[int]:
    log: list[int] = []
    mvp_engine.instance(data, log.append, proposals=proposals)("run")
    return log


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    text, log = PROGRAMS[name]
    text = f"(module {LOG} {text})"
    for tier in TIERS:
        assert logged(text, tier) == log
    standard = lowered(text, "3.0")
    assert logged(standard, "fast") == log
    assert logged_in_wasmtime(standard, proposals=True) == log
    flat = lower(watloom.Module(text), target="mvp")
    data = encode_module(flat)
    for tier in TIERS:
        assert logged(data, tier) == log
    assert logged_in_wasmtime(data) == log
    again = watloom.Module(print_module(flat), features=WASM3)
    assert encode_module(again.valid.module) == data


def exports() -> list[str]:
    return [e.name for e in watloom.Module(f"(module {TRAPS})").valid.module.exports]


@pytest.fixture(scope="module")
def trapping() -> bytes:
    return lowered(f"(module {TRAPS})")


@pytest.mark.parametrize("name", exports())
def test_trap(name, trapping):
    """What traps, traps; the words are others, as a lowered module has other reasons."""
    for program in (watloom.Module(f"(module {TRAPS})"), watloom.Module(trapping)):
        for tier in TIERS:
            guest = watloom.instantiate(program, store=watloom.Store(tier=tier))
            with pytest.raises(watloom.Trap):
                guest.exports[name]()


@pytest.mark.parametrize("name", exports())
def test_trap_in_wasmtime(name, trapping):
    wasmtime = pytest.importorskip("wasmtime")
    with pytest.raises(wasmtime.Trap):
        mvp_engine.instance(trapping, print)(name)


def test_editor():
    """The editor's folder encrypts: three files, closures over closures, one shared memory."""
    source = read_source(SUPPORT / "mvp_story.wat")
    linker = watloom.Linker(search=[SAMPLE])
    transcripts = []
    for tier in TIERS:
        log: list[int] = []
        linker = watloom.Linker(watloom.Store(tier=tier), search=[SAMPLE])
        linker.define("host", "log", log.append)
        linker.instantiate(watloom.Module(source.text)).exports.run()
        transcripts.append(log)
    for target in ("3.0", "mvp"):
        linker = watloom.Linker(search=[SAMPLE])
        data = encode_module(lower(watloom.Module(source.text), linker, target))
        transcripts += [logged(data, tier) for tier in TIERS]
        transcripts.append(logged_in_wasmtime(data, proposals=target == "3.0"))
    assert all(log == transcripts[0] for log in transcripts)
    shown, _, stored = bytes(transcripts[0]).partition(b"\0")
    assert shown.decode().splitlines() == [
        "Dear Ada,",
        "I write to you in plain words, as I always do.",
        "What becomes of them below is not my business.",
    ]
    assert stored[:12] == b"Z" * 12
    assert len(stored) == 12 + 8 + len(shown)
    assert b"Ada" not in stored


@pytest.mark.parametrize("name", LINKED)
def test_linked_program(name):
    """The programs of nested modules, their results logged instead."""
    text, results, log = ALL_LINKED[name]
    count = len(results)
    inner = re.sub(r"^\(module( \$\w+)?", "(module $P", text.strip())
    given = '(import "host" (instance $host))' if '"host"' in text else ""
    host = '(import "host" (instance $host (export "log" (func (param i32)))))'
    parent = f"""(module {host} {inner} (instance $p (instantiate $P {given}))
      (func (export "run") (call (func $p "run")) {'(call (func $host "log"))' * count}))"""
    data = lowered(parent)
    for tier in TIERS:
        assert logged(data, tier) == [*log, *reversed(results)]
    assert logged_in_wasmtime(data) == [*log, *reversed(results)]


ENDLESS = """
  (type $pair (struct (field i64 i64)))
  (func (export "make") (param i32) (result i32) (local $n i32)
    (loop $more
      (drop (struct.new $pair (i64.const 1) (i64.const 2)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $n) (local.get 0))))
    (local.get $n))"""


@pytest.mark.parametrize("tier", TIERS)
def test_there_is_so_much_room(tier):
    """Nothing is freed: 24 bytes a struct, and the heap's pages are all there is."""
    data = lowered(f"(module (memory 1 1) {ENDLESS})", room=0x10000)
    guest = watloom.instantiate(watloom.Module(data), store=watloom.Store(tier=tier))
    room = 2 * 0x10000 - 8
    assert guest.exports.make(room // 24) == room // 24
    with pytest.raises(watloom.Trap):
        guest.exports.make(1)


@pytest.mark.parametrize("tier", TIERS)
def test_without_a_memory_the_heap_grows(tier):
    limits = watloom.Limits(memory=1 << 20)
    data = lowered(f"(module {ENDLESS})")
    store = watloom.Store(tier=tier, limits=limits)
    guest = watloom.instantiate(watloom.Module(data), store=store)
    assert guest.exports.make(40_000) == 40_000
    with pytest.raises(watloom.WatloomError):
        guest.exports.make(4_000)


def test_a_memory_keeps_its_limits():
    text = "(module (memory 2 3) (type $s (struct)) (func (drop (struct.new $s))))"
    (memory,) = lower(watloom.Module(text), target="mvp", room=1).memories
    assert memory.type.limits == Limits(3, 4)
    (memory,) = lower(watloom.Module(text.replace(" 3", "")), target="mvp", room=1).memories
    assert memory.type.limits == Limits(3, None)


PARTS = """(module
  (import "host" "base" (global $base i32))
  (memory (export "memory") 1)
  (data $text "hello, world")
  (data $once "0123456789")
  (data (i32.add (global.get $base) (i32.const 11)) "late")
  (func $start (memory.init $once (i32.const 0) (i32.const 0) (i32.const 10)) {drop})
  (start $start)
  (func (export "put") (param i32)
    (memory.init $text (local.get 0) (i32.const 2) (i32.const 10))))"""


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("drop", ["", "(data.drop $once)"])
def test_known_parts_of_segments_need_no_heap(tier, drop):
    """So a memory may be seen from outside; what would be cut off traps, and writes nothing."""
    module = watloom.Module(lowered(PARTS.format(drop=drop)))
    store = watloom.Store(tier=tier)
    guest = watloom.instantiate(module, {"host": {"base": 5}}, store=store).exports
    memory = guest.memory
    assert (memory.size, memory[0:10], memory[16:20]) == (1, b"0123456789", b"late")
    guest.put(65526)
    assert memory[65526:65536] == b"llo, world"
    for at in (65527, -1):
        with pytest.raises(watloom.Trap):
            guest.put(at)
    assert memory[65526:65536] == b"llo, world"


@pytest.mark.parametrize(
    "again",
    [
        '(func (export "again") (call $start))',
        '(export "again" (func $start))',
        "(elem declare func $start) (func (drop (ref.func $start)))",
        "(table 1 funcref) (elem (i32.const 0) $start)",
    ],
)
def test_what_is_dropped_needs_a_heap(again):
    """Where it may be copied a second time, somebody has to remember that it is gone."""
    text = PARTS.format(drop="(data.drop $once)").rstrip()[:-1] + again + ")"
    with pytest.raises(watloom.LinkError, match="the export `memory` shows that memory"):
        lowered(text)


def test_what_is_mvp_stays():
    """Nothing is added to a module that needs nothing."""
    text = """(module
      (import "host" "log" (func $log (param i32)))
      (import "host" "memory" (memory 1))
      (table (export "table") 2 funcref)
      (elem (i32.const 0) $log)
      (global $g (export "g") (mut i32) (i32.const 3))
      (data (i32.const 3) "x")
      (func (export "f") (param i32) (result i32)
        (call_indirect (param i32) (local.get 0) (i32.const 0))
        (if (result i32) (local.get 0)
          (then (i32.load8_u (local.get 0))) (else (global.get $g)))))"""
    assert lowered(text) == lowered(text, "3.0")


MANY = {"types": "(field i32) " * 1001, "values": "(i32.const 0) " * 1001}


@pytest.mark.parametrize(
    "text",
    [
        "(type $a (array i8)) (func (drop (array.new_fixed $a 1001 {values})))",
        "(type $s (struct {types})) (func (drop (struct.new $s {values})))",
    ],
)
def test_what_is_too_wide_is_refused(text):
    with pytest.raises(watloom.LinkError, match="1000 parameters at most"):
        lowered(f"(module {text.format(**MANY)})")


def test_text_of_the_result(golden):
    """Read it to see what lowering does."""
    text, _ = PROGRAMS["counters: closures over a struct that changes"]
    flat = lower(watloom.Module(f"(module {LOG} {text})"), target="mvp")
    golden(print_module(flat), "lower/counters-mvp.wat")


def test_command_line(cli: CommandLine, tmp_path: Path) -> None:
    program = tmp_path / "program.wat"
    program.write_text(f"(module (memory 1) {ENDLESS})")
    out = tmp_path / "out.wasm"
    done = cli("lower", "--target", "mvp", "--heap", "64k", str(program), "-o", str(out))
    assert (done.status, done.err) == (0, "")
    assert cli("run", "--invoke", "make", str(out), "5000").out == "5000\n"
    assert cli("run", "--invoke", "make", str(out), "6000").status == 134
    assert cli("validate", "--proposal", "-func-bind", str(out)).status == 0
