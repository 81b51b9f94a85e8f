"""watloom runs WebAssembly text in pure Python.

    import watloom

    instance = watloom.instantiate('(module (func (export "one") (result i32) (i32.const 1)))')
    instance.exports.one()      # 1

Names are imported when they are first used, so that starting up stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watloom.api import Linker as Linker
    from watloom.api import Module as Module
    from watloom.api import instantiate as instantiate
    from watloom.api import run_script as run_script
    from watloom.interp.cache.cache import Cache as Cache
    from watloom.interp.core.errors import Bug as Bug
    from watloom.interp.core.errors import DefinitionError as DefinitionError
    from watloom.interp.core.errors import ExhaustionError as ExhaustionError
    from watloom.interp.core.errors import GuestError as GuestError
    from watloom.interp.core.errors import HostValueError as HostValueError
    from watloom.interp.core.errors import InvalidError as InvalidError
    from watloom.interp.core.errors import LimitError as LimitError
    from watloom.interp.core.errors import LinkError as LinkError
    from watloom.interp.core.errors import MalformedError as MalformedError
    from watloom.interp.core.errors import Trap as Trap
    from watloom.interp.core.errors import UnbuiltError as UnbuiltError
    from watloom.interp.core.errors import WasiExit as WasiExit
    from watloom.interp.core.errors import WasmException as WasmException
    from watloom.interp.core.errors import WatloomError as WatloomError
    from watloom.interp.core.features import Features as Features
    from watloom.interp.core.types import FuncType as FuncType
    from watloom.interp.core.types import GlobalType as GlobalType
    from watloom.interp.core.types import MemType as MemType
    from watloom.interp.core.types import TableType as TableType
    from watloom.interp.debug.probes import Probe as Probe
    from watloom.interp.machine import Machine as Machine
    from watloom.interp.runtime.convert import Struct as Struct
    from watloom.interp.runtime.instance import ModuleInst as Instance  # noqa: F401
    from watloom.interp.runtime.limits import Limits as Limits
    from watloom.interp.runtime.memory import Memory as Memory
    from watloom.interp.runtime.store import Store as Store
    from watloom.interp.runtime.table import Table as Table
    from watloom.interp.runtime.values import Caller as Caller
    from watloom.interp.runtime.values import Global as Global
    from watloom.interp.runtime.values import HostFunc as Func  # noqa: F401
    from watloom.interp.runtime.values import Tag as Tag

__version__ = "0.1.0"

_ERRORS = "watloom.interp.core.errors"
_TYPES = "watloom.interp.core.types"
_VALUES = "watloom.interp.runtime.values"

#: Where each public name lives, and under which name there.
_HOME: dict[str, tuple[str, str]] = {
    "Linker": ("watloom.api", "Linker"),
    "Module": ("watloom.api", "Module"),
    "instantiate": ("watloom.api", "instantiate"),
    "run_script": ("watloom.api", "run_script"),
    "Cache": ("watloom.interp.cache.cache", "Cache"),
    "Features": ("watloom.interp.core.features", "Features"),
    "Probe": ("watloom.interp.debug.probes", "Probe"),
    "Machine": ("watloom.interp.machine", "Machine"),
    "Instance": ("watloom.interp.runtime.instance", "ModuleInst"),
    "Memory": ("watloom.interp.runtime.memory", "Memory"),
    "Table": ("watloom.interp.runtime.table", "Table"),
    "Limits": ("watloom.interp.runtime.limits", "Limits"),
    "Store": ("watloom.interp.runtime.store", "Store"),
    "Caller": (_VALUES, "Caller"),
    "Func": (_VALUES, "HostFunc"),
    "Global": (_VALUES, "Global"),
    "Struct": ("watloom.interp.runtime.convert", "Struct"),
    "Tag": (_VALUES, "Tag"),
    **{name: (_TYPES, name) for name in ("FuncType", "GlobalType", "MemType", "TableType")},
    **{
        name: (_ERRORS, name)
        for name in (
            "Bug", "DefinitionError", "ExhaustionError", "GuestError", "HostValueError",
            "InvalidError", "LimitError", "LinkError",
            "MalformedError", "Trap", "UnbuiltError", "WasiExit", "WasmException", "WatloomError",
        )
    },
}  # fmt: skip

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'watloom' has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOME[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
