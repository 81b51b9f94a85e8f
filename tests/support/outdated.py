"""What the suites of proposals say of WebAssembly as it was then, and 3.0 says otherwise.

Each directive of theirs that contradicts 3.0 stands here by script and line, with the rule of the
3.0 specification (its SpecTec sources, `specification/wasm-3.0`) that it contradicts. None can be
made to pass: 3.0, and its official suite, demand the opposite of the very same module.

The README beside the scripts counts ten in `proposals/threads`, and names no lines. There are
eleven: eight modules that are valid now (three with two tables, five with two memories), and three
that are invalid and no longer malformed, of which the official suite has the same text
(memory.wast: `assert_invalid … "memory size"`).
"""

from typing import NamedTuple


class Outdated(NamedTuple):
    """What 3.0 says instead: the module is valid, or invalid with a message; and by which rule."""

    invalid: str | None
    why: str


TABLES = Outdated(None, "Module_ok: (Table_ok: C' |- table : tt)*, so any number of tables")
MEMORIES = Outdated(None, "Module_ok: (Mem_ok: C' |- mem : mt)*, so any number of memories")
LIMITS = Outdated(
    "memory size",
    "Tlimits: n:Tu64, so 2^32 is well-formed; Memtype_ok: Limits_ok within 2^(32 - 16), so invalid",
)

#: The directives that contradict 3.0, by script and line, and what it says. They go on failing.
OUTDATED = {
    "threads/imports.wast": {
        309: TABLES, 313: TABLES, 317: TABLES, 404: MEMORIES, 408: MEMORIES, 412: MEMORIES,
    },
    "threads/memory.wast": {14: MEMORIES, 15: MEMORIES, 83: LIMITS, 87: LIMITS, 91: LIMITS},
}  # fmt: skip
