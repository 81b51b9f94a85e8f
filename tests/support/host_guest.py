"""A guest around one method of a host module, and structs for it to point to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watloom import Linker, Memory, Store
from watloom.host import F64, I8, I32, U16, Bool, HostModule, export, wasm_struct

__all__ = ["TOP", "Call", "Mixed", "Point", "called", "memory_of"]

TOP = 0xFFFF_FFFF

Call = Callable[..., Any]


def called(store: Store, method: Call, type: str, data: bytes = b"", pages: int = 1) -> Call:
    """The method as an export of a guest that has `data` at 16, and imports it with a type."""
    method.__name__ = "f"
    Made = __import__("types").new_class(
        "Made", (HostModule,), {"name": "made"}, lambda ns: ns.update(f=export(method))
    )
    params = type.split("->")[0].split()
    text = "".join(f"\\{byte:02x}" for byte in data)
    results = type.split("->")[1]
    instance = Linker(store).instantiate(
        f"""(module
          (import "made" "f" (func $f (param {" ".join(params)}) (result {results})))
          (memory (export "memory") {pages}) (data (i32.const 16) "{text}")
          (func (export "f") (param {" ".join(params)}) (result {results})
            {" ".join(f"(local.get {i})" for i in range(len(params)))} (call $f)))""",
        {"made": Made()},
    )
    call: Call = instance.exports.f
    return call


def memory_of(call: Any) -> Memory:
    """The memory of such a guest."""
    found: Memory = call.module.memories[0]
    return found


@wasm_struct
class Point:
    x: I32
    y: I32


@wasm_struct
class Mixed:
    """Offsets 0, 8, 16, 18; size 24."""

    flag: Bool
    big: F64
    small: U16
    last: I8
