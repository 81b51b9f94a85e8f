"""Lowering: an instance graph becomes one standard module that any engine runs.

The instances that instantiation would make are made on paper (`plan`), each with its functions,
memories, tables, globals and tags; these are written side by side into one module (`emit`), whose
start function does what their instantiation would do, in its order. What the target lacks is then
written in what it has: the `struct` polyfill as arrays (`polyfill`), bound functions as structs
(`closures`), or, for the first release, all of it in numbers (`mvp`); `target` says what cannot be.
"""

from __future__ import annotations

from watloom.interp.core.module import Module
from watloom.interp.link.linker import Linker
from watloom.interp.link.lower.closures import bind_functions
from watloom.interp.link.lower.emit import emit
from watloom.interp.link.lower.mvp import HEAP_ROOM, to_mvp
from watloom.interp.link.lower.plan import plan
from watloom.interp.link.lower.polyfill import define_structs
from watloom.interp.link.lower.target import Target, check_target
from watloom.interp.runtime.values import ModuleValue

__all__ = ["HEAP_ROOM", "Target", "lower"]


def lower(
    module: ModuleValue,
    linker: Linker | None = None,
    target: Target = "3.0",
    room: int = HEAP_ROOM,
) -> Module:
    """One standard module that does what the module and the modules in it do together.

    Modules that it imports are found by the linker, as files. `room` is how many bytes of structs a
    module for mvp with a memory of its own may make. Raises LinkError for what has no such form:
    exported modules or instances, imports with one name, what the target lacks.
    """
    planned = plan(module, linker or Linker())
    flat, origins = emit(planned, target)
    flat = define_structs(flat)
    if target == "mvp":
        return to_mvp(flat, origins, room)
    flat = bind_functions(flat)
    check_target(flat, origins)
    return flat
