"""watloom's two tiers as voices."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import watloom
from differential.constants import WIDTH
from differential.deadline import OutOfTime, deadline
from differential.forms import FEATURES, Form, as_form
from differential.outcome import (
    Ended,
    Event,
    Outcome,
    Returned,
    State,
    host_log,
    kind_of_trap,
    memory_state,
)
from differential.program import FUEL, Program
from watloom.interp.core.numerics.bits import (
    f32_from_bits,
    f32_to_bits,
    f64_from_bits,
    f64_to_bits,
)

__all__ = ["SECONDS", "Tier", "run_module"]

#: How long a program may take; what a tier makes of a small program should take milliseconds.
SECONDS = 30.0

_MASKS = {"i32": 0xFFFF_FFFF, "i64": 0xFFFF_FFFF_FFFF_FFFF}


def from_bits(t: str, bits: int) -> Any:
    """A number as Python hands it in."""
    if t == "f32":
        return f32_from_bits(bits)
    if t == "v128":
        return bits.to_bytes(16, "little")
    return f64_from_bits(bits) if t == "f64" else bits


def to_bits(t: str, value: Any) -> int:
    """The bits of a number that came out."""
    if t == "f32":
        return f32_to_bits(value)
    if t == "f64":
        return f64_to_bits(value)
    if t == "v128":
        return int.from_bytes(value, "little")
    if not -1 <= value >> (WIDTH[t] - 1) <= 0:
        raise ValueError(f"{value} is not an {t}")
    return int(value) & _MASKS[t]


@lru_cache(maxsize=4)
def _module(text: str, form: Form) -> watloom.Module:
    return watloom.Module(as_form(text, form), features=FEATURES)


class Tier:
    """A tier of watloom. Messages, places and call stacks of traps are compared between tiers."""

    def __init__(self, tier: Literal["reference", "fast"], form: Form = "text") -> None:
        self.name: str = tier if form == "text" else f"{tier}:{form}"
        self._tier: Literal["reference", "fast"] = tier
        self._form = form

    def run(self, program: Program, fuel: int | None = None) -> Outcome:
        """Instantiate, make the calls, look at what is left."""
        try:
            module = _module(program.text, self._form)
        except watloom.WatloomError as error:
            return Outcome((("module", Ended("rejected", error.render())),))
        return run_module(module, program, self._tier, fuel, placed=self._form == "text")


def run_module(
    module: watloom.Module,
    program: Program,
    tier: Literal["reference", "fast"],
    fuel: int | None = None,
    *,
    placed: bool = True,
    seconds: float = SECONDS,
) -> Outcome:
    """What a tier says of a program whose module is at hand, with its places in the text or not."""
    store = watloom.Store(features=FEATURES, tier=tier, limits=watloom.Limits(fuel=fuel))
    run = _Run(store, placed)
    try:
        with deadline(seconds):
            run.all(module, program)
    except OutOfTime:
        run.events.append(("program", Ended("hang", f"after {seconds} seconds")))
    return Outcome(tuple(run.events))


class _Run:
    def __init__(self, store: watloom.Store, placed: bool) -> None:
        self.store = store
        self.placed = placed
        self.events: list[tuple[str, Event]] = []
        self.notes: list[int] = []

    def all(self, module: watloom.Module, program: Program) -> None:
        instance: Any = None

        def instantiate() -> Returned:
            nonlocal instance
            imports = {"host": {"note": self.note}} if module.imports else {}
            instance = watloom.instantiate(module, imports, store=self.store)
            return Returned(())

        self.say("instantiate", instantiate)
        if instance is None:
            return
        exports = instance.exports
        for call in program.calls:
            if call.name in exports:
                self.call(exports, str(call), exports[call.name], call.args)
        self.leave(exports)

    def call(self, exports: Any, label: str, func: Any, args: tuple[int, ...]) -> None:
        types = [str(t) for t in func.type.func.params]
        results = [str(t) for t in func.type.func.results]
        if len(types) != len(args):
            return  # a program being shrunk has lost parameters
        values = [from_bits(t, bits) for t, bits in zip(types, args, strict=True)]

        def run() -> Returned:
            if "fuel" in exports:
                exports["fuel"].value = FUEL
            given = func(*values)
            several = given if isinstance(given, tuple) else () if given is None else (given,)
            return Returned(
                tuple((t, to_bits(t, v)) for t, v in zip(results, several, strict=True))
            )

        self.say(label, run)

    def say(self, label: str, run: Any) -> None:
        """Note what running something leads to."""
        event: Event
        try:
            event = run()
        except watloom.ExhaustionError:
            event = Ended("exhaustion")
        except watloom.LimitError as error:
            event = Ended("limit", error.message)
        except watloom.WasmException as error:
            event = Ended("exception", error.message, self.where(error))
        except watloom.Trap as error:
            event = Ended(kind_of_trap(error.message), error.message, self.where(error))
        except Exception as error:
            event = Ended("crash", f"{type(error).__name__}: {error}")
        self.events.append((label, event))

    def where(self, error: watloom.GuestError) -> tuple[tuple[str, int | None], ...] | None:
        """The call stack: places in other forms are other places."""
        if not self.placed:
            return None
        return tuple((f.name, f.span.start if f.span else None) for f in error.stack)

    def note(self, value: int) -> int:
        """The imported function."""
        self.notes.append(value)
        return (value * 3 + 1) & _MASKS["i64"]

    def leave(self, exports: Any) -> None:
        """What is left: fuel, globals, memories, tables, and what the host heard."""
        if self.store.fuel is not None:
            self.say("fuel left", lambda: Returned((("i64", self.store.fuel or 0),)))
        for name, value in exports.items():
            if isinstance(value, watloom.Global):
                t = str(value.type.type)
                if t in _MASKS and not 0 <= value.raw <= _MASKS[t]:
                    self.events.append((f"global {name}", Ended("crash", f"holds {value.raw}")))
                    continue
                self.events.append((f"global {name}", Returned(((t, to_bits(t, value.value)),))))
            elif isinstance(value, watloom.Memory):
                self.events.append((f"memory {name}", memory_state(value.view(), value.size)))
            elif isinstance(value, watloom.Table):
                self.events.append((f"table {name}", State(f"{len(value)} entries")))
        self.events.append(("host", host_log(self.notes)))
