"""Lowering to the first release of WebAssembly (1.0): one table, one memory, numbers.

Each pass takes away what the passes behind it need not know:

    refuse      what none of them takes away: a LinkError
    handles     references, structs, arrays, closures (layout, records, casts, tables)
    constants   computed initial values and offsets
    bulk        bulk memory instructions, passive segments
    numbers     sign extension and saturating conversion
    memories    the heap as a second memory
    results     functions and blocks with several results
"""

from __future__ import annotations

from collections.abc import Mapping

from watloom.interp.core.module import Module
from watloom.interp.core.source import Source
from watloom.interp.link.lower.mvp.build import Build
from watloom.interp.link.lower.mvp.bulk import lower_bulk
from watloom.interp.link.lower.mvp.constants import lower_constants
from watloom.interp.link.lower.mvp.handles import Handles
from watloom.interp.link.lower.mvp.memories import merge_memories
from watloom.interp.link.lower.mvp.numbers import lower_numbers
from watloom.interp.link.lower.mvp.refuse import refuse, refuse_shared_memory, uses_references
from watloom.interp.link.lower.mvp.results import lower_results
from watloom.interp.link.lower.mvp.standard import check_standard
from watloom.interp.validate import validate

__all__ = ["HEAP_ROOM", "to_mvp"]

#: The bytes that lowered programs with a memory of their own may allocate, where nothing is said.
HEAP_ROOM = 1 << 20


def to_mvp(module: Module, origins: Mapping[int, Source], room: int = HEAP_ROOM) -> Module:
    """A module that does the same with what the first release has.

    `room` is how many bytes may be allocated for structs; where the module has no memory, the heap
    grows without such a limit. Raises LinkError for what cannot be lowered; `origins` are the
    sources of the module's definitions, by their `id`. The module given is used up.
    """
    references = uses_references(module)
    refuse(module, origins, references)
    build = Build(module)
    Handles(build, validate(module), references).run()
    lower_constants(build)
    lower_bulk(build)
    lower_numbers(build)
    if build.has_heap:
        refuse_shared_memory(module, origins)
    build.finish()
    if build.has_heap:
        merge_memories(build, origins, room)
    lower_results(build)
    check_standard(module)
    return module
