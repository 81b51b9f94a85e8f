"""What the suites of proposals say of WebAssembly as it was then, and 3.0 says otherwise."""

TABLES = "several tables are valid since reference types"
MEMORIES = "several memories are valid since multi-memory"
LIMITS = "limits are u64 since memory64: a memory that is too large is invalid, not malformed"

#: The directives that contradict 3.0, by script and line, and why. They must go on failing.
OUTDATED = {
    "threads/imports.wast": {
        309: TABLES, 313: TABLES, 317: TABLES, 404: MEMORIES, 408: MEMORIES, 412: MEMORIES,
    },
    "threads/memory.wast": {14: MEMORIES, 15: MEMORIES, 83: LIMITS, 87: LIMITS, 91: LIMITS},
}  # fmt: skip
