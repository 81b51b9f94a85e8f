"""wasmtime (from PyPI) as a voice.

Its NaNs are made canonical, as watloom's are, so that results compare bit by bit: both then follow
the spec's deterministic profile (https://webassembly.github.io/spec/core/appendix/profiles.html).
Python's float conversions would change the bits of f32 NaNs; so floats cross as integers, through a
small module that reinterprets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from differential.forms import Form, as_form
from differential.outcome import Ended, Event, Outcome, Returned, State, host_log, memory_state
from differential.program import FUEL, Program

__all__ = ["WasmtimeVoice", "wasmtime_voice"]

_ON = (
    "wasm_gc", "wasm_function_references", "wasm_tail_call", "wasm_multi_memory", "wasm_memory64",
    "wasm_wide_arithmetic", "wasm_custom_page_sizes", "wasm_threads", "wasm_exceptions",
    "wasm_simd", "wasm_relaxed_simd", "wasm_relaxed_simd_deterministic",
    "cranelift_nan_canonicalization",
)  # fmt: skip

#: wasmtime's trap codes → the kinds of `differential.outcome`.
_KINDS = {
    "STACK_OVERFLOW": "exhaustion",
    "MEMORY_OUT_OF_BOUNDS": "out of bounds memory access",
    "TABLE_OUT_OF_BOUNDS": "out of bounds table access",
    "INDIRECT_CALL_TO_NULL": "uninitialized element",
    "BAD_SIGNATURE": "indirect call type mismatch",
    "INTEGER_OVERFLOW": "integer overflow",
    "INTEGER_DIVISION_BY_ZERO": "integer divide by zero",
    "BAD_CONVERSION_TO_INTEGER": "invalid conversion to integer",
    "UNREACHABLE": "unreachable",
    "NULL_REFERENCE": "null reference",
    "ARRAY_OUT_OF_BOUNDS": "out of bounds array access",
    "ALLOCATION_TOO_LARGE": "allocation size too large",
    "CAST_FAILURE": "cast failure",
    "HEAP_MISALIGNED": "unaligned atomic",
    "ATOMIC_WAIT_NON_SHARED_MEMORY": "expected shared memory",
    "OUT_OF_FUEL": "hang",
}

#: What wasmtime does not know: programs with it are for watloom's tiers alone.
_FOREIGN = ("func.bind", "(let", "(try ", "relaxed_madd", "relaxed_nmadd")

#: More than any program needs that ends.
_MOST_INSTRUCTIONS = 100_000_000

_UNCAUGHT = "thrown Wasm exception"

_AS_INT = {"i32": "i32", "i64": "i64", "f32": "i32", "f64": "i64"}
_WIDTH = {"i32": 32, "i64": 64, "f32": 32, "f64": 64}


def wasmtime_voice(form: Form) -> WasmtimeVoice | None:
    """The voice; None where wasmtime is not installed."""
    return WasmtimeVoice(form) if find_spec("wasmtime") else None


def _signed(t: str, bits: int) -> int:
    width = _WIDTH[t]
    return bits - (bits >> (width - 1) << width)


class WasmtimeVoice:
    """wasmtime, with everything on that programs use."""

    def __init__(self, form: Form) -> None:
        self.name = "wasmtime" if form == "text" else f"wasmtime:{form}"
        self._form = form
        self.wasmtime: Any = import_module("wasmtime")
        config = self.wasmtime.Config()
        for option in _ON:
            setattr(config, option, True)
        config.cranelift_opt_level = "none"  # the quickest to compile
        config.parallel_compilation = False
        config.consume_fuel = True  # so that no program runs for ever
        self.engine = self.wasmtime.Engine(config)
        self.shim = cache(self._shim)
        self.global_shim = cache(self._global_shim)

    def run(self, program: Program, fuel: int | None = None) -> Outcome | None:
        """Instantiate, make the calls, look at what is left."""
        if fuel is not None or any(word in program.text for word in _FOREIGN):
            return None
        try:
            module = self.wasmtime.Module(self.engine, as_form(program.text, self._form))
        except self.wasmtime.WasmtimeError as error:
            return Outcome((("module", Ended("rejected", str(error))),))
        run = _Run(self)
        try:
            return Outcome(tuple(run.all(module, program)))
        finally:
            run.store.close()  # at once: each memory reserves gigabytes of addresses
            module.close()

    def _shim(self, params: tuple[str, ...], results: tuple[str, ...]) -> Any:
        """A module that calls a function with floats as integers."""

        def cast(to: str, source: str, value: str) -> str:
            return value if to == source else f"({to}.reinterpret_{source} {value})"

        taken = " ".join(_AS_INT[t] for t in params)
        given = " ".join(_AS_INT[t] for t in results)
        args = " ".join(cast(t, _AS_INT[t], f"(local.get {i})") for i, t in enumerate(params))
        first = len(params)
        kept = " ".join(f"(local.set {first + i})" for i in reversed(range(len(results))))
        back = " ".join(
            cast(_AS_INT[t], t, f"(local.get {first + i})") for i, t in enumerate(results)
        )
        text = (
            f'(module (import "" "f" (func $f (param {" ".join(params)})'
            f" (result {' '.join(results)})))"
            f' (func (export "f") (param {taken}) (result {given}) (local {" ".join(results)})'
            f" (call $f {args}) {kept} {back}))"
        )
        return self.wasmtime.Module(self.engine, text)

    def _global_shim(self, t: str, mutable: bool) -> Any:
        """A module that reads a float global as an integer."""
        type_ = f"(mut {t})" if mutable else t
        read = f"({_AS_INT[t]}.reinterpret_{t} (global.get 0))"
        text = (
            f'(module (import "" "g" (global {type_}))'
            f' (func (export "f") (result {_AS_INT[t]}) {read}))'
        )
        return self.wasmtime.Module(self.engine, text)


class _Run:
    def __init__(self, voice: WasmtimeVoice) -> None:
        self.voice = voice
        self.wasmtime = voice.wasmtime
        self.store = self.wasmtime.Store(voice.engine)
        self.store.set_fuel(_MOST_INSTRUCTIONS)
        self.events: list[tuple[str, Event]] = []
        self.notes: list[int] = []

    def all(self, module: Any, program: Program) -> list[tuple[str, Event]]:
        instance: Any = None

        def instantiate() -> Returned:
            nonlocal instance
            imports = [self.host_function()] if module.imports else []
            instance = self.wasmtime.Instance(self.store, module, imports)
            return Returned(())

        self.say("instantiate", instantiate)
        if instance is not None:
            exports = instance.exports(self.store)
            for call in program.calls:
                func = exports.get(call.name)
                if func is not None:
                    self.call(exports, str(call), func, call.args)
            self.leave(exports)
        return self.events

    def host_function(self) -> Any:
        i64 = self.wasmtime.ValType.i64()

        def note(value: int) -> int:
            self.notes.append(value)
            return _signed("i64", (value * 3 + 1) & ((1 << 64) - 1))

        return self.wasmtime.Func(self.store, self.wasmtime.FuncType([i64], [i64]), note)

    def call(self, exports: Any, label: str, func: Any, args: Sequence[int]) -> None:
        t = func.type(self.store)
        params = tuple(str(p) for p in t.params)
        results = tuple(str(r) for r in t.results)
        if len(params) != len(args):
            return  # a program being shrunk has lost parameters
        values = [_signed(p, bits) for p, bits in zip(params, args, strict=True)]

        def run() -> Returned:
            if "fuel" in exports:
                exports["fuel"].set_value(self.store, FUEL)
            called = func
            if {"f32", "f64"} & {*params, *results}:
                shim = self.voice.shim(params, results)
                called = self.wasmtime.Instance(self.store, shim, [func]).exports(self.store)["f"]
            given = called(self.store, *values)
            several = given if isinstance(given, list) else [] if given is None else [given]
            return Returned(
                tuple(
                    (r, value & ((1 << _WIDTH[r]) - 1))
                    for r, value in zip(results, several, strict=True)
                )
            )

        self.say(label, run)

    def say(self, label: str, run: Any) -> None:
        """Note what running something leads to."""
        event: Event
        try:
            event = run()
        except self.wasmtime.Trap as trap:
            event = self.ended(trap)
        except self.wasmtime.WasmtimeError as error:
            event = self.ended(error)
        self.events.append((label, event))

    def ended(self, error: Any) -> Ended:
        """What an error of wasmtime is; at instantiation an exception is no Trap."""
        if _UNCAUGHT in str(error):
            return Ended("exception")
        code = getattr(error, "trap_code", None)
        return Ended(_KINDS.get(code.name, code.name)) if code else Ended("crash", str(error))

    def leave(self, exports: Any) -> None:
        """What is left: globals, memories, tables, and what the host heard."""
        for name, value in exports.items():
            if isinstance(value, self.wasmtime.Global):
                t = str(value.type(self.store).content)
                self.events.append((f"global {name}", Returned(((t, self.global_bits(value, t)),))))
            elif isinstance(value, self.wasmtime.Memory):
                data = value.read(self.store)
                self.events.append((f"memory {name}", memory_state(data, value.size(self.store))))
            elif isinstance(value, self.wasmtime.Table):
                self.events.append((f"table {name}", State(f"{value.size(self.store)} entries")))
        self.events.append(("host", host_log(self.notes)))

    def global_bits(self, value: Any, t: str) -> int:
        if t in ("i32", "i64"):
            return int(value.value(self.store)) & ((1 << _WIDTH[t]) - 1)
        shim = self.voice.global_shim(t, value.type(self.store).mutable)
        read = self.wasmtime.Instance(self.store, shim, [value]).exports(self.store)["f"]
        return int(read(self.store)) & ((1 << _WIDTH[t]) - 1)
