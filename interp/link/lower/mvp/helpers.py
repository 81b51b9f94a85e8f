"""The functions that lowered modules are given, written in WAT beside this file.

Each file is a module with two memories: `$heap`, and `$user` for what works on a memory of the
program. A lowered module takes from them the functions that it calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from watloom.interp.core.features import WASM3
from watloom.interp.core.instr import Expr
from watloom.interp.core.module import Kind, RecGroup
from watloom.interp.core.source import Source
from watloom.interp.core.types import FuncType, NumType, ValType
from watloom.parser.text import parse_module

__all__ = ["FILES", "HEAP", "HELPERS", "Helper", "Home"]

FILES = ("heap.wat", "tables.wat", "bulk.wat", "numbers.wat")

#: The memidx of `$heap` in them.
HEAP = 0


@dataclass
class Home:
    """The names of what is in one of the files, by index."""

    functions: list[str] = field(default_factory=list)
    globals: list[tuple[str, NumType]] = field(default_factory=list)


@dataclass
class Helper:
    """A function of one of the files."""

    type: FuncType
    locals: list[ValType]
    body: Expr
    home: Home


@cache
def HELPERS() -> dict[str, Helper]:
    """All of them, by name."""
    found: dict[str, Helper] = {}
    for file in FILES:
        text = (Path(__file__).parent / file).read_text(encoding="utf-8")
        module = parse_module(Source(file, text=text), WASM3)
        types = [s.comp for d in module.definitions if isinstance(d, RecGroup) for s in d.types]
        names, home = module.names.spaces, Home()
        for number, global_ in enumerate(module.globals):
            assert isinstance(global_.type.type, NumType)
            home.globals.append((names[Kind.GLOBAL][number], global_.type.type))
        for imported in module.imports:  # what another of the files defines
            home.functions.append(str(imported.name))
        for number, func in enumerate(module.funcs, len(module.imports)):
            t, name = types[func.typeidx], names[Kind.FUNC][number]
            assert isinstance(t, FuncType)
            home.functions.append(name)
            found[name] = Helper(t, [local.type for local in func.locals], func.body, home)
    return found
