"""A finding as a file: a .wat that can be read, and run again.

;; seed 17
;; call f0 0x1 0xffffffff
;; f0 0x1 0xffffffff:
;;   reference  i32:0x0
;;   wasmtime   i32:0x1
(module …
"""

from __future__ import annotations

from pathlib import Path

from differential.compare import Difference
from differential.program import Call, Program
from differential.sexpr import parse, pretty

__all__ = ["load", "save", "text_of"]


def text_of(program: Program, difference: Difference) -> str:
    """The text of the file."""
    lines = [f"seed {program.seed}", *(f"call {call}" for call in program.calls)]
    lines += ["", *str(difference).splitlines()]
    for name, outcome in difference.outcomes:
        lines += ["", f"{name}:", *(f"  {label}: {event}" for label, event in outcome.events)]
    comments = "\n".join(f";; {part}".rstrip() for line in lines for part in line.split("\n"))
    return f"{comments}\n{pretty(parse(program.text))}\n"


def save(folder: Path, program: Program, difference: Difference) -> Path:
    """Write the file; its name tells the seed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"seed-{program.seed}.wat"
    path.write_text(text_of(program, difference), encoding="utf-8")
    return path


def load(path: Path) -> Program:
    """The program of a file, to run it again."""
    text = path.read_text(encoding="utf-8")
    seed, calls = 0, []
    for line in text.splitlines():
        match line.split():
            case [";;", "seed", number]:
                seed = int(number)
            case [";;", "call", name, *args]:
                calls.append(Call(name, tuple(int(arg, 16) for arg in args)))
    return Program(seed, text, tuple(calls))
